"""A household with its members."""

from app.ui.kit.page import Page


class HouseholdPage(Page):
    """A household with its members."""

    name = "household"
    title = "户"
    help = "户"
