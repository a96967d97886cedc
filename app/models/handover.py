"""Persons between stations: handed over (关系转接), looked at whether two records are one person."""

from typing import ClassVar

from sqlalchemy.orm import Mapped

from app.models.base import Base, Synced
from app.models.fields import column


class Handover(Synced, Base):
    """A person offered by one station to another; what it is about travels only once their common superior has moved it."""

    __tablename__ = "handover"
    noun: ClassVar[str] = "关系转接"
    second: ClassVar[str] = "to_division"
    addressed: ClassVar[str] = "to_node"
    authority: ClassVar[bool] = True
    vouched: ClassVar[bool] = True

    person: Mapped[str] = column("服务对象", "record", target="person", required=True, index=True, stays=True)
    name: Mapped[str] = column("姓名", "name")
    id_number: Mapped[str | None] = column("身份证号", "id_number", sensitive=True)
    to_division: Mapped[str | None] = column("转往地", "division")
    to_node: Mapped[str | None] = column("接收单位", "record", target="node")
    reason: Mapped[str | None] = column("原因", "long")
    offered: Mapped[str] = column("转出日期", "day")
    offered_by: Mapped[str | None] = column("转出经办人")
    withdrawn: Mapped[bool | None] = column("撤回", "flag")
    answer: Mapped[str | None] = column("答复", "code", codes="handover_answer", answered=True)
    answered: Mapped[str | None] = column("答复日期", "day", answered=True)
    answered_by: Mapped[str | None] = column("接收经办人", answered=True)
    answer_reason: Mapped[str | None] = column("答复说明", "long", answered=True)
    place: Mapped[str | None] = column("落户地", "division", answered=True)
    moved: Mapped[str | None] = column("办结日期", "day", internal=True)


class PersonPair(Synced, Base):
    """What was found about two records that may be one person, so that it is not asked again."""

    __tablename__ = "person_pair"
    noun: ClassVar[str] = "疑似同一人核对"

    first: Mapped[str] = column("服务对象一", "record", target="person", required=True, index=True, stays=True)
    other: Mapped[str] = column("服务对象二", "record", target="person", required=True, stays=True)
    verdict: Mapped[str] = column("结论", "code", codes="pair_verdict", required=True)
    note: Mapped[str | None] = column("说明", "long")
