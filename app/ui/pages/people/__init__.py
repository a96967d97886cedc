"""The register as a list: found, filtered, sorted, exported, printed."""

from app.ui.pages.people.page import PeoplePage

__all__ = ["PeoplePage"]
