"""Shares: what a superior gives a unit to spend on its own, off line."""

from typing import ClassVar

from sqlalchemy.orm import Mapped

from app.models.base import Base, Synced
from app.models.fields import column


class Share(Synced, Base):
    """A part of something limited (numbers of papers; later a budget, a stock) that one unit alone may use."""

    __tablename__ = "share"
    noun: ClassVar[str] = "份额"
    authority: ClassVar[bool] = True

    subject: Mapped[str] = column("内容", required=True, help="paper: 文书号段")
    node: Mapped[str] = column("使用单位", "record", target="node", required=True)
    first: Mapped[int | None] = column("起", "integer")
    last: Mapped[int | None] = column("止", "integer")
    note: Mapped[str | None] = column("说明")


class Erasure(Synced, Base):
    """The content of a record blanked by law, wherever it lies and whenever it comes; its place in the journal stays."""

    __tablename__ = "erasure"
    noun: ClassVar[str] = "依法删除"
    about: ClassVar[str] = "subject"
    authority: ClassVar[bool] = True

    subject_kind: Mapped[str] = column("记录类型", internal=True)
    subject: Mapped[str] = column("记录", "record", internal=True, index=True)
    basis: Mapped[str] = column("依据", required=True)
    reason: Mapped[str | None] = column("说明", "long")
