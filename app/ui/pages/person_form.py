"""A person's form, new or to be changed."""

from app.ui.kit.page import Page


class PersonFormPage(Page):
    """A person's form, new or to be changed."""

    name = "person_form"
    title = "登记人员"
    help = "登记人员"
