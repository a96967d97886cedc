"""Hardship cases by the step they wait for."""

from app.ui.kit.page import Page


class CasesPage(Page):
    """Hardship cases by the step they wait for."""

    name = "cases"
    title = "帮扶"
    help = "帮扶"
