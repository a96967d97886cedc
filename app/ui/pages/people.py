"""The register as a list: found, filtered, sorted, exported."""

from app.ui.kit.page import Page


class PeoplePage(Page):
    """The register as a list: found, filtered, sorted, exported."""

    name = "people"
    title = "人员"
    help = "人员"
