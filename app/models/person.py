"""The register: persons with their identities, service, family, accounts and households."""

from typing import ClassVar

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Synced
from app.models.fields import Field, RecordId, SortedText, column


def _part_of_person() -> Mapped[str]:
    return mapped_column(
        RecordId,
        ForeignKey("person.id", deferrable=True, initially="DEFERRED"),
        nullable=True,
        index=True,
        info={"field": Field("人员", "record", target="person", internal=True)},
    )


class Person(Synced, Base):
    """A veteran or other entitled person (信息采集表 A, B); the id stays when a wrong ID number is corrected."""

    __tablename__ = "person"
    noun: ClassVar[str] = "服务对象"
    second: ClassVar[str] = "residence_division"

    name: Mapped[str] = column("姓名", "name", required=True, merge="ask")
    id_number: Mapped[str | None] = column("身份证号", "id_number", sensitive=True, merge="ask", index=True)
    no_id_reason: Mapped[str | None] = column("无号原因", "code", codes="no_id_reason")
    former_name: Mapped[str | None] = column("曾用名", "name")
    sex: Mapped[str | None] = column("性别", "code", codes="sex")
    birth_date: Mapped[str | None] = column("出生日期", "partial_date")
    ethnicity: Mapped[str | None] = column("民族", "code", codes="ethnicity")
    division: Mapped[str] = column("户籍地", "division", required=True)
    village_group: Mapped[str | None] = column("村民组")
    address: Mapped[str | None] = column("户籍地址")
    residence_division: Mapped[str | None] = column("常住地", "division")
    residence_address: Mapped[str | None] = column("现居住地址")
    phone: Mapped[str | None] = column("手机", "phone", sensitive=True)
    phone2: Mapped[str | None] = column("其他电话", "phone", sensitive=True)
    political: Mapped[str | None] = column("政治面貌", "code", codes="political")
    education: Mapped[str | None] = column("学历", "code", codes="education")
    marital: Mapped[str | None] = column("婚姻状况", "code", codes="marital")
    health: Mapped[str | None] = column("健康状况", "code", codes="health", sensitive=True, stop="county")
    household: Mapped[str | None] = column("所在户", "record", target="household")
    head_relation: Mapped[str | None] = column("与户主关系", "code", codes="relation")
    household_number: Mapped[str | None] = column("户号")
    head_name: Mapped[str | None] = column("户主姓名", "name")
    work_place: Mapped[str | None] = column("工作(务工)地址")
    income: Mapped[int | None] = column("个人年收入", "money", sensitive=True, stop="county")
    key_contact: Mapped[bool | None] = column("重点联系对象", "flag")
    plaque: Mapped[str | None] = column("光荣牌")
    status: Mapped[str | None] = column("人员状态", "code", codes="person_status")
    death_date: Mapped[str | None] = column("去世日期", "partial_date")
    death_cause: Mapped[str | None] = column("去世原因", "code", codes="death_cause")
    merged_into: Mapped[str | None] = column("并入", "record", target="person", internal=True, signed=True)
    note: Mapped[str | None] = column("备注", "long")


class PersonIdentity(Synced, Base):
    """One identity of a person (domain: 12 collection classes and benefit codes); several are normal."""

    __tablename__ = "person_identity"
    noun: ClassVar[str] = "身份类别"
    part_of: ClassVar[str] = "person"

    person: Mapped[str] = _part_of_person()
    class12: Mapped[str | None] = column("人员类别", "code", codes="class12")
    benefit_code: Mapped[str | None] = column("优抚类别", "code", codes="benefit_code")
    disability_level: Mapped[str | None] = column("伤残等级", "code", codes="disability_level")
    disability_nature: Mapped[str | None] = column("伤残性质", "code", codes="disability_nature")
    benefit_state: Mapped[str | None] = column("优抚状态", "code", codes="benefit_state")
    certificate: Mapped[str | None] = column("证件编号")
    starts: Mapped[str | None] = column("起始日期", "partial_date")
    ends: Mapped[str | None] = column("停止日期", "partial_date")
    main: Mapped[bool | None] = column("按此身份发放", "flag")


class PersonService(Synced, Base):
    """One period of service (信息采集表 H)."""

    __tablename__ = "person_service"
    noun: ClassVar[str] = "服役情况"
    part_of: ClassVar[str] = "person"

    person: Mapped[str] = _part_of_person()
    enlisted: Mapped[str | None] = column("入伍时间", "partial_date")
    discharged: Mapped[str | None] = column("退役时间", "partial_date")
    branch: Mapped[str | None] = column("军种")
    rank: Mapped[str | None] = column("军衔")
    unit_number: Mapped[str | None] = column("部队番号", sensitive=True)
    unit_code: Mapped[str | None] = column("部队代号", sensitive=True)
    discharge_cert: Mapped[str | None] = column("退役证编号")
    merits: Mapped[str | None] = column("立功受奖")


class FamilyMember(Synced, Base):
    """A relative named on the form (信息采集表 C)."""

    __tablename__ = "family_member"
    noun: ClassVar[str] = "家庭成员"
    part_of: ClassVar[str] = "person"

    person: Mapped[str] = _part_of_person()
    name: Mapped[str | None] = column("姓名", "name")
    relation: Mapped[str | None] = column("关系", "code", codes="relation")
    id_number: Mapped[str | None] = column("身份证号", "id_number", sensitive=True)
    birth_date: Mapped[str | None] = column("出生日期", "partial_date")
    phone: Mapped[str | None] = column("电话", "phone", sensitive=True)
    work_place: Mapped[str | None] = column("工作单位")


class PersonAccount(Synced, Base):
    """A bank account money is paid to; while it has two values nothing is paid."""

    __tablename__ = "person_account"
    noun: ClassVar[str] = "银行账户"
    part_of: ClassVar[str] = "person"

    person: Mapped[str] = _part_of_person()
    bank: Mapped[str | None] = column("开户银行", merge="ask")
    account_holder: Mapped[str | None] = column("户名", "name", merge="ask")
    account_number: Mapped[str | None] = column("银行账号", "account", sensitive=True, merge="ask")


class Household(Synced, Base):
    """A household; one 光荣牌 each."""

    __tablename__ = "household"
    noun: ClassVar[str] = "户"

    number: Mapped[str | None] = column("户号")
    head: Mapped[str | None] = column("户主", "record", target="person", stays=True)
    division: Mapped[str] = column("户籍地", "division", required=True)
    address: Mapped[str | None] = column("地址")


class PendingRow(Synced, Base):
    """A row of an Excel file that waits for a person (待核), with its cells as they were."""

    __tablename__ = "pending_row"
    noun: ClassVar[str] = "待核行"

    file: Mapped[str] = column("文件")
    sheet: Mapped[str] = column("工作表")
    row: Mapped[int] = column("行号", "integer")
    headings: Mapped[str] = column("表头", "long", help="JSON")
    cells: Mapped[str] = column("原内容", "long", help="JSON", sensitive=True)
    problem: Mapped[str] = column("问题", "long")
    fate: Mapped[str] = column("处理", "code", codes="pending_fate")
    person: Mapped[str | None] = column("已入库为", "record", target="person", stays=True)


class PersonKey(Base):
    """Search keys of a person: name, 拼音, initials, number endings, phone. Derived, local."""

    __tablename__ = "person_key"
    __table_args__ = (Index("ix_person_key_person", "person"), {"sqlite_with_rowid": False})

    key: Mapped[str] = mapped_column(SortedText, primary_key=True)
    person: Mapped[str] = mapped_column(RecordId, primary_key=True)
