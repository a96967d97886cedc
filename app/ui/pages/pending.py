"""Rows of rosters that wait for a person, worked off in a grid."""

from app.ui.kit.page import Page


class PendingPage(Page):
    """Rows of rosters that wait for a person, worked off in a grid."""

    name = "pending"
    title = "待核"
    help = "待核"
