"""Hardship cases (帮扶援助) with append-only steps; issued papers; attachments."""

from typing import ClassVar

from sqlalchemy.orm import Mapped

from app.models.base import Base, Synced
from app.models.fields import column


class HardshipCase(Synced, Base):
    """A hardship case (困难帮扶事项, F07); what has been decided stands in its steps."""

    __tablename__ = "hardship_case"
    noun: ClassVar[str] = "帮扶事项"

    person: Mapped[str] = column("申请人", "record", target="person", index=True, required=True)
    number: Mapped[str | None] = column("编号")
    kind: Mapped[str | None] = column("困难类型", "code", codes="hardship_kind")
    reason: Mapped[str] = column("致困原因", "long", required=True, sensitive=True)
    amount: Mapped[int | None] = column("申请金额", "money", merge="ask")
    opened: Mapped[str] = column("受理日期", "day")
    family_income: Mapped[int | None] = column("家庭年收入", "money", sensitive=True, stop="county")
    family_size: Mapped[int | None] = column("家庭人口", "integer")
    policy: Mapped[str | None] = column("办理程序", "record", target="policy", internal=True)
    decision_number: Mapped[str | None] = column("批复文号", merge="county")


class CaseStep(Synced, Base):
    """One step of a case: who gave which opinion. Appended; names the step it follows."""

    __tablename__ = "case_step"
    noun: ClassVar[str] = "办理步骤"
    appended: ClassVar[bool] = True
    authority: ClassVar[bool] = True

    case: Mapped[str] = column("帮扶事项", "record", target="hardship_case", index=True, merge="append")
    step: Mapped[str] = column("步骤", "code", codes="case_step", merge="append")
    result: Mapped[str] = column("结果", "code", codes="step_result", merge="append")
    opinion: Mapped[str | None] = column("意见", "long", merge="append")
    amount: Mapped[int | None] = column("金额", "money", merge="append")
    day: Mapped[str] = column("日期", "day", merge="append")
    by_node: Mapped[str] = column("办理单位", "record", target="node", merge="append")
    by_name: Mapped[str | None] = column("经办人", merge="append")
    follows: Mapped[str | None] = column("接在", "record", target="case_step", merge="append")
    reverses: Mapped[str | None] = column("冲销", "record", target="case_step", merge="append")


class IssuedDocument(Synced, Base):
    """A paper with a number that left the desk; the number is never used again."""

    __tablename__ = "issued_document"
    noun: ClassVar[str] = "已出具文书"

    form: Mapped[str] = column("表单", required=True)
    number: Mapped[str | None] = column("文号")
    serial: Mapped[int | None] = column("流水号", "integer")
    year: Mapped[int | None] = column("年度", "integer")
    person: Mapped[str | None] = column("本人", "record", target="person", index=True)
    subject: Mapped[str | None] = column("所依据记录", help="kind:ID")
    kind: Mapped[str | None] = column("证明种类", "code", codes="certificate_kind")
    purpose: Mapped[str | None] = column("用途")
    content: Mapped[str | None] = column("定稿内容", "long", help="JSON", sensitive=True)
    issued: Mapped[str] = column("出具日期", "day")
    copies: Mapped[int] = column("份数", "integer")
    status: Mapped[str] = column("状态", "code", codes="paper_status")
    sha256: Mapped[str | None] = column("文件指纹", internal=True)
    incarnation: Mapped[int | None] = column("期次", "integer", internal=True)
    node: Mapped[str] = column("出具单位", "record", target="node", internal=True)


class Attachment(Synced, Base):
    """A file that belongs to a record; its content travels beside the journal, named by its SHA-256."""

    __tablename__ = "attachment"
    noun: ClassVar[str] = "附件"

    subject_kind: Mapped[str] = column("所属类型", internal=True)
    subject: Mapped[str] = column("所属记录", "record", internal=True, index=True)
    name: Mapped[str] = column("文件名", sensitive=True)
    media_type: Mapped[str | None] = column("类型")
    size: Mapped[int] = column("大小", "integer")
    sha256: Mapped[bytes] = column("内容指纹", "bytes", internal=True)
    note: Mapped[str | None] = column("说明")
