"""One round: its list, its sheets, what became of every line."""

from app.ui.kit.page import Page


class RoundPage(Page):
    """One round: its list, its sheets, what became of every line."""

    name = "round"
    title = "慰问批次"
    help = "慰问批次"
