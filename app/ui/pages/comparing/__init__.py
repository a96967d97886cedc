"""名单比对: a list of any office against the register; nothing is written, each row starts the right act."""

from app.ui.pages.comparing.page import ComparingPage

__all__ = ["ComparingPage"]
