"""What two sides answered differently, one question at a time."""

from app.ui.kit.page import Page


class DifferencesPage(Page):
    """What two sides answered differently, one question at a time."""

    name = "differences"
    title = "两边填的不一样"
    help = "两边填的不一样"
