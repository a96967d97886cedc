"""The card of one person: what is known, what was done, what has changed."""

from app.ui.kit.page import Page


class PersonPage(Page):
    """The card of one person: what is known, what was done, what has changed."""

    name = "person"
    title = "服务对象"
    help = "服务对象"
