"""工作台: what is to be done, the most urgent first."""

from app.ui.kit.page import Page


class TodayPage(Page):
    """The first page."""

    name = "today"
    title = "工作台"
    help = "工作台"
