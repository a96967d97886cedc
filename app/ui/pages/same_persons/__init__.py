"""疑似同一人: pairs that may be one person, looked at side by side, told apart."""

from app.ui.pages.same_persons.page import SamePersonsPage

__all__ = ["SamePersonsPage"]
