"""A hardship case opened."""

from app.ui.kit.page import Page


class CaseFormPage(Page):
    """A hardship case opened."""

    name = "case_form"
    title = "受理帮扶事项"
    help = "受理帮扶事项"
