"""Rosters from Excel: files, what their columns mean, a check that changes nothing, then one act."""

from app.ui.pages.roster_import.page import RosterImportPage

__all__ = ["RosterImportPage"]
