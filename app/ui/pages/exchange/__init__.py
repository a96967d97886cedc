"""Packages out and in, what waits, who has not reported."""

from app.ui.pages.exchange.page import ExchangePage

__all__ = ["ExchangePage"]
