"""待核: rows that wait, in the cells they came in, put right and taken in."""

from app.ui.pages.pending.page import PendingPage

__all__ = ["PendingPage"]
