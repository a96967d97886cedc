"""Packages out and in, what waits, who has not reported."""

from app.ui.kit.page import Page


class ExchangePage(Page):
    """Packages out and in, what waits, who has not reported."""

    name = "exchange"
    title = "上报与接收"
    help = "上报与接收"
