"""Certificates and forms: chosen, previewed, printed, registered."""

from app.ui.kit.page import Page


class PapersPage(Page):
    """Certificates and forms: chosen, previewed, printed, registered."""

    name = "papers"
    title = "开证明"
    help = "开证明"
