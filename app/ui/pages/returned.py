"""Acts a superior has sent back: put right and sent again, or dropped."""

from app.ui.kit.page import Page


class ReturnedPage(Page):
    """Acts a superior has sent back: put right and sent again, or dropped."""

    name = "returned"
    title = "退回修改"
    help = "退回修改"
