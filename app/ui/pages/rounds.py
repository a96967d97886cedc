"""Rounds of consolation money and the record of visits."""

from app.ui.kit.page import Page


class RoundsPage(Page):
    """Rounds of consolation money and the record of visits."""

    name = "rounds"
    title = "走访慰问"
    help = "走访慰问"
