"""One hardship case: its file, its steps, what comes next."""

from app.ui.kit.page import Page


class CasePage(Page):
    """One hardship case: its file, its steps, what comes next."""

    name = "case"
    title = "帮扶事项"
    help = "帮扶事项"
