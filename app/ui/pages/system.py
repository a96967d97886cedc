"""Staff, backups, divisions, policies, journal, settings of this machine."""

from app.ui.kit.page import Page


class SystemPage(Page):
    """Staff, backups, divisions, policies, journal, settings of this machine."""

    name = "system"
    title = "系统"
    help = "系统"
