"""The card of a person: what is known, what was done, what can be done next."""

from app.ui.pages.person.page import PersonPage

__all__ = ["PersonPage"]
