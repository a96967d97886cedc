"""The register: persons with their identities, service, family, accounts and households; further parts in person_file."""

from typing import ClassVar

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Synced
from app.models.fields import Field, RecordId, SortedText, column


def part_of_person() -> Mapped[str]:
    """The field that names the person a part belongs to."""
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

    # A
    id_issuer: Mapped[str | None] = column("签发机关")
    id_starts: Mapped[str | None] = column("证件有效期起", "partial_date")
    id_ends: Mapped[str | None] = column("证件有效期止", help="日期或“长期”")
    household_kind: Mapped[str | None] = column("户籍类别", "code", codes="household_kind")
    household_type: Mapped[str | None] = column("户别", "code", codes="household_type")
    photo: Mapped[str | None] = column("近照", "record", target="attachment", internal=True)
    # B
    native_place: Mapped[str | None] = column("籍贯")
    height: Mapped[int | None] = column("身高(厘米)", "integer")
    family_address: Mapped[str | None] = column("家庭地址")
    home_phone: Mapped[str | None] = column("家庭电话", "phone", sensitive=True)
    office_phone: Mapped[str | None] = column("办公电话", "phone", sensitive=True)
    emergency_name: Mapped[str | None] = column("紧急联系人", "name")
    emergency_phone: Mapped[str | None] = column("紧急联系人电话", "phone", sensitive=True)
    wechat: Mapped[str | None] = column("微信", sensitive=True)
    qq: Mapped[str | None] = column("QQ号", sensitive=True)
    email: Mapped[str | None] = column("邮箱", sensitive=True)
    postcode: Mapped[str | None] = column("邮编")
    work_since: Mapped[str | None] = column("参加工作时间", "partial_date")
    occupation: Mapped[str | None] = column("从业状况", "code", codes="occupation")
    joined_party: Mapped[str | None] = column("入党时间", "partial_date")
    party_branch: Mapped[str | None] = column("所在党支部")
    party_dues: Mapped[bool | None] = column("按时缴纳党费", "flag")
    party_active: Mapped[bool | None] = column("正常参加组织生活", "flag")
    delegate: Mapped[str | None] = column("人大代表、政协委员")
    delegate_since: Mapped[str | None] = column("任职时间", "partial_date")
    # E
    illness: Mapped[str | None] = column("疾病种类", sensitive=True, stop="county")
    health_more: Mapped[str | None] = column("身体状况说明", "long", sensitive=True, stop="county")
    aids: Mapped[str | None] = column("辅助器具", sensitive=True, stop="county")
    disabled_card: Mapped[str | None] = column("残疾人证号", sensitive=True)
    disabled_card_ends: Mapped[str | None] = column("残疾人证有效期止", "partial_date")
    disabled_allowances: Mapped[bool | None] = column("享受残疾人两项补贴", "flag", sensitive=True, stop="county")
    nursed: Mapped[bool | None] = column("享受护理", "flag", sensitive=True, stop="county")
    work_ability: Mapped[str | None] = column("劳动能力", "code", codes="work_ability", sensitive=True, stop="county")
    self_care: Mapped[str | None] = column("生活能力", "code", codes="self_care", sensitive=True, stop="county")
    # F
    support: Mapped[str | None] = column("供养方式", "code", codes="support")
    housing: Mapped[str | None] = column("住房状况")
    family_income: Mapped[int | None] = column("上年度家庭收入", "money", sensitive=True, stop="county")
    family_size: Mapped[int | None] = column("家庭人口数", "integer")
    relief: Mapped[str | None] = column("享受社会救助", sensitive=True, stop="county")
    case_help: Mapped[str | None] = column("个案帮扶", "long", sensitive=True, stop="county")
    lone_elder: Mapped[bool | None] = column("孤老", "flag")
    orphan: Mapped[bool | None] = column("孤儿", "flag")
    # G
    hardship: Mapped[str | None] = column("主要困难", "long", sensitive=True, stop="county")
    demand: Mapped[str | None] = column("主要诉求", "code", codes="demand")
    demand_text: Mapped[str | None] = column("具体诉求", "long", sensitive=True)
    # N
    collected_by: Mapped[str | None] = column("采集人")
    collected_phone: Mapped[str | None] = column("采集人电话", "phone")
    collected_unit: Mapped[str | None] = column("采集单位")
    collected_on: Mapped[str | None] = column("采集时间", "day")
    checked_by: Mapped[str | None] = column("审核人")
    checked_phone: Mapped[str | None] = column("审核人电话", "phone")
    checked_unit: Mapped[str | None] = column("审核单位")
    checked_on: Mapped[str | None] = column("审核时间", "day")
    signature: Mapped[str | None] = column("本人确认签字", "record", target="attachment", internal=True)
    # What stands about the person in the national systems; a service has its own.
    national_state: Mapped[str | None] = column("国网状态", "code", codes="national_state")
    national_number: Mapped[str | None] = column("国网编号")
    national_day: Mapped[str | None] = column("国网核对日期", "day")
    national_by: Mapped[str | None] = column("国网核对人")


class PersonIdentity(Synced, Base):
    """One identity of a person (domain: 12 collection classes and benefit codes); several are normal."""

    __tablename__ = "person_identity"
    noun: ClassVar[str] = "身份类别"
    part_of: ClassVar[str] = "person"

    person: Mapped[str] = part_of_person()
    class12: Mapped[str | None] = column("人员类别", "code", codes="class12")
    benefit_code: Mapped[str | None] = column("优抚类别", "code", codes="benefit_code")
    disability_level: Mapped[str | None] = column("伤残等级", "code", codes="disability_level")
    disability_nature: Mapped[str | None] = column("伤残性质", "code", codes="disability_nature")
    benefit_state: Mapped[str | None] = column("优抚状态", "code", codes="benefit_state")
    certificate: Mapped[str | None] = column("证件编号")
    starts: Mapped[str | None] = column("起始日期", "partial_date")
    ends: Mapped[str | None] = column("停止日期", "partial_date")
    main: Mapped[bool | None] = column("按此身份发放", "flag")
    subclass: Mapped[str | None] = column("细分类别", help="计划分配、自主择业、逐月领取退役金等")
    other_holder: Mapped[str | None] = column("地方优抚对象", "code", codes="other_holder")
    entitled_state: Mapped[str | None] = column("优抚对象状态", "code", codes="entitled_state")
    approved: Mapped[str | None] = column("批准日期", "partial_date")
    approved_by: Mapped[str | None] = column("批准机关")
    certificate_ends: Mapped[str | None] = column("证件有效期止", "partial_date")
    relation: Mapped[str | None] = column("与牺牲、病故军人关系", "code", codes="martyr_relation")
    holder: Mapped[bool | None] = column("持证人", "flag")
    graded: Mapped[str | None] = column("评残(调级)时间", "partial_date")
    disability_kind: Mapped[str | None] = column("伤残属别", "code", codes="disability_kind")
    period: Mapped[str | None] = column("伤残时期", "code", codes="period")
    wounded: Mapped[str | None] = column("致残时间", "partial_date")
    wounded_place: Mapped[str | None] = column("致残地点")
    wounded_unit: Mapped[str | None] = column("致残时所在单位", sensitive=True, withheld=True)
    wounded_cause: Mapped[str | None] = column("致残原因", sensitive=True, stop="county")
    wounded_part: Mapped[str | None] = column("残疾部位", sensitive=True, stop="county")
    occupational: Mapped[bool | None] = column("职业病评残", "flag", sensitive=True, stop="county")
    mental: Mapped[bool | None] = column("精神病评残", "flag", sensitive=True, stop="county")


class PersonService(Synced, Base):
    """One period of service (信息采集表 H)."""

    __tablename__ = "person_service"
    noun: ClassVar[str] = "服役情况"
    part_of: ClassVar[str] = "person"

    person: Mapped[str] = part_of_person()
    enlisted: Mapped[str | None] = column("入伍时间", "partial_date")
    discharged: Mapped[str | None] = column("退役时间", "partial_date")
    branch: Mapped[str | None] = column("军种")
    rank: Mapped[str | None] = column("军衔")
    unit_number: Mapped[str | None] = column("部队番号", sensitive=True, withheld=True)
    unit_code: Mapped[str | None] = column("部队代号", sensitive=True, withheld=True)
    discharge_cert: Mapped[str | None] = column("退役证编号")
    merits: Mapped[str | None] = column("立功受奖")
    enlisted_place: Mapped[str | None] = column("入伍地")
    household_before: Mapped[str | None] = column("入伍前户籍", "code", codes="household_kind")
    conscript_starts: Mapped[str | None] = column("义务兵开始时间", "partial_date")
    conscript_ends: Mapped[str | None] = column("义务兵结束时间", "partial_date")
    conscript_years: Mapped[int | None] = column("核定义务兵役年限", "integer")
    former_unit: Mapped[str | None] = column("原部别", sensitive=True, withheld=True)
    arm: Mapped[str | None] = column("兵种")
    position: Mapped[str | None] = column("职务")
    rank_since: Mapped[str | None] = column("授衔时间", "partial_date")
    discharge_paper: Mapped[str | None] = column("退役证件", "code", codes="discharge_paper")
    skill: Mapped[str | None] = column("职业技能资格")
    talent: Mapped[str | None] = column("个人特长")
    hard_region: Mapped[bool | None] = column("艰苦边远地区服役", "flag")
    overseas: Mapped[bool | None] = column("驻海外基地", "flag")
    major_task: Mapped[str | None] = column("参与重大任务")
    special_post: Mapped[str | None] = column("特殊岗位")
    national_state: Mapped[str | None] = column("国网状态", "code", codes="national_state")
    national_day: Mapped[str | None] = column("国网核对日期", "day")
    national_by: Mapped[str | None] = column("国网核对人")


class FamilyMember(Synced, Base):
    """A relative named on the form (信息采集表 C)."""

    __tablename__ = "family_member"
    noun: ClassVar[str] = "家庭成员"
    part_of: ClassVar[str] = "person"

    person: Mapped[str] = part_of_person()
    name: Mapped[str | None] = column("姓名", "name")
    relation: Mapped[str | None] = column("关系", "code", codes="relation")
    id_number: Mapped[str | None] = column("身份证号", "id_number", sensitive=True)
    birth_date: Mapped[str | None] = column("出生日期", "partial_date")
    phone: Mapped[str | None] = column("电话", "phone", sensitive=True)
    work_place: Mapped[str | None] = column("工作单位")
    sex: Mapped[str | None] = column("性别", "code", codes="sex")
    ethnicity: Mapped[str | None] = column("民族", "code", codes="ethnicity")


class PersonAccount(Synced, Base):
    """A bank account money is paid to; while it has two values nothing is paid."""

    __tablename__ = "person_account"
    noun: ClassVar[str] = "银行账户"
    part_of: ClassVar[str] = "person"

    person: Mapped[str] = part_of_person()
    bank: Mapped[str | None] = column("开户银行", merge="ask")
    account_holder: Mapped[str | None] = column("户名", "name", merge="ask")
    account_number: Mapped[str | None] = column("银行账号", "account", sensitive=True, merge="ask", index=True)


class Household(Synced, Base):
    """A household; one 光荣牌 each."""

    __tablename__ = "household"
    noun: ClassVar[str] = "户"

    number: Mapped[str | None] = column("户号")
    head: Mapped[str | None] = column("户主", "record", target="person", stays=True)
    division: Mapped[str] = column("户籍地", "division", required=True)
    address: Mapped[str | None] = column("地址")
    plaque_applied: Mapped[str | None] = column("申请悬挂时间", "partial_date")
    plaque_hung: Mapped[str | None] = column("悬挂时间", "partial_date")
    plaque_address: Mapped[str | None] = column("悬挂地址")
    plaque_replaced: Mapped[str | None] = column("更换时间", "partial_date")
    plaque_ended: Mapped[str | None] = column("取消悬挂时间", "partial_date")


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
