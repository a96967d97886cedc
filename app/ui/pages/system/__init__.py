"""Staff, backups, places, policies, the journal, this machine, the check, the programme."""

from app.ui.pages.system.page import SystemPage

__all__ = ["SystemPage"]
