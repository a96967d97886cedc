"""Visits and consolation money: campaigns, frozen rosters, their lines, visits."""

from typing import ClassVar

from sqlalchemy.orm import Mapped

from app.models.base import Base, Synced
from app.models.fields import column


class Campaign(Synced, Base):
    """A round of visits with its money (慰问批次)."""

    __tablename__ = "campaign"
    noun: ClassVar[str] = "慰问批次"
    scope: ClassVar[str] = "downward"

    name: Mapped[str] = column("批次名称", required=True)
    year: Mapped[int] = column("年度", "integer", required=True)
    festival: Mapped[str] = column("节点", "code", codes="festival", required=True)
    source: Mapped[str] = column("资金来源", "code", codes="money_source", required=True)
    standard: Mapped[int | None] = column("慰问标准", "money", merge="ask")
    standards: Mapped[str | None] = column("各类标准", "long", help="JSON", merge="ask")
    way: Mapped[str | None] = column("发放方式", "code", codes="money_way")
    basis: Mapped[str | None] = column("依据文件")
    starts: Mapped[str | None] = column("开始日期", "day")
    ends: Mapped[str | None] = column("结束日期", "day")
    status: Mapped[str] = column("状态", "code", codes="campaign_status")
    node: Mapped[str] = column("办理单位", "record", target="node", internal=True)


class Roster(Synced, Base):
    """A printed signature sheet: its lines are frozen from the moment it has a number (会计法 §14)."""

    __tablename__ = "roster"
    noun: ClassVar[str] = "签领表"

    campaign: Mapped[str] = column("慰问批次", "record", target="campaign")
    number: Mapped[str] = column("单号")
    serial: Mapped[int | None] = column("表号", "integer")
    printed: Mapped[str] = column("定稿日期", "day")
    hash: Mapped[str] = column("内容指纹")
    status: Mapped[str] = column("状态", "code", codes="roster_status")


class RosterLine(Synced, Base):
    """What one person is to receive in a campaign; frozen once its roster is printed."""

    __tablename__ = "roster_line"
    noun: ClassVar[str] = "发放明细"

    campaign: Mapped[str] = column("慰问批次", "record", target="campaign", index=True)
    roster: Mapped[str | None] = column("签领表", "record", target="roster", index=True)
    number: Mapped[int | None] = column("序号", "integer")
    person: Mapped[str] = column("领取人", "record", target="person", index=True, stays=True)
    amount: Mapped[int] = column("金额", "money", merge="ask")
    why: Mapped[str | None] = column("列入原因")
    printed_name: Mapped[str | None] = column("定稿姓名", "name")
    printed_id: Mapped[str | None] = column("定稿身份证号", "id_number", sensitive=True)
    printed_class: Mapped[str | None] = column("定稿类别")
    printed_place: Mapped[str | None] = column("定稿村组")


class Payment(Synced, Base):
    """What became of a line: paid, returned, not found. Appended; taken back by a reversing row (冲销)."""

    __tablename__ = "payment"
    noun: ClassVar[str] = "发放结果"
    appended: ClassVar[bool] = True

    line: Mapped[str] = column("发放明细", "record", target="roster_line", index=True, merge="append")
    person: Mapped[str] = column("领取人", "record", target="person", merge="append", index=True, stays=True)
    campaign: Mapped[str] = column("慰问批次", "record", target="campaign", merge="append")
    result: Mapped[str] = column("结果", "code", codes="payment_result", merge="append")
    amount: Mapped[int] = column("金额", "money", merge="append")
    day: Mapped[str] = column("日期", "day", merge="append")
    reason: Mapped[str | None] = column("原因", merge="append")
    witness: Mapped[str | None] = column("见证人", "name", merge="append")
    follows: Mapped[str | None] = column("接在", "record", target="payment", merge="append")
    reverses: Mapped[str | None] = column("冲销", "record", target="payment", merge="append")


class Visit(Synced, Base):
    """One visit or contact (走访慰问登记表, F03)."""

    __tablename__ = "visit"
    noun: ClassVar[str] = "走访"
    guest: ClassVar[str] = "person"

    person: Mapped[str] = column("走访对象", "record", target="person", index=True, required=True)
    date: Mapped[str] = column("走访日期", "day", required=True)
    place: Mapped[str | None] = column("地点")
    companions: Mapped[str | None] = column("走访人员")
    level: Mapped[str | None] = column("走访级别", "code", codes="visit_level")
    trigger: Mapped[str | None] = column("事由", "code", codes="visit_trigger")
    campaign: Mapped[str | None] = column("慰问批次", "record", target="campaign")
    condition: Mapped[str | None] = column("身体和家庭情况", "long", sensitive=True, stop="county")
    wishes: Mapped[str | None] = column("困难诉求", "long")
    answer: Mapped[str | None] = column("现场答复", "long")
    note: Mapped[str | None] = column("走访情况", "long")
