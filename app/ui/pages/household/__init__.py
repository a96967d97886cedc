"""Households: who belongs to one, the head, the address, the plaque; and the list of all."""

from app.ui.pages.household.page import HouseholdPage

__all__ = ["HouseholdPage"]
