"""Rosters from Excel: dropped, mapped, rehearsed, taken in."""

from app.ui.kit.page import Page


class RosterImportPage(Page):
    """Rosters from Excel: dropped, mapped, rehearsed, taken in."""

    name = "roster_import"
    title = "导入 Excel 名单"
    help = "导入 Excel 名单"
