"""A visit recorded, for one person or several."""

from app.ui.kit.page import Page


class VisitFormPage(Page):
    """A visit recorded, for one person or several."""

    name = "visit_form"
    title = "登记走访"
    help = "登记走访"
