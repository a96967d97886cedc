"""The parts of a person's file of which there may be several (信息采集表 D, F, H to K, M), beside those in person."""

from typing import ClassVar

from sqlalchemy.orm import Mapped

from app.models.base import Base, Synced
from app.models.fields import column
from app.models.person import part_of_person


class PersonEducation(Synced, Base):
    """A course of study (D)."""

    __tablename__ = "person_education"
    noun: ClassVar[str] = "教育经历"
    part_of: ClassVar[str] = "person"

    person: Mapped[str] = part_of_person()
    starts: Mapped[str | None] = column("入学时间", "partial_date")
    ends: Mapped[str | None] = column("毕业时间", "partial_date")
    school: Mapped[str | None] = column("教学机构")
    subject: Mapped[str | None] = column("专业")
    education: Mapped[str | None] = column("学历", "code", codes="education")
    degree: Mapped[str | None] = column("学位")
    way: Mapped[str | None] = column("学习形式", "code", codes="study_way")
    certificate: Mapped[str | None] = column("证书编号")


class PersonInsurance(Synced, Base):
    """An insurance of one kind: for old age, for illness or another (F)."""

    __tablename__ = "person_insurance"
    noun: ClassVar[str] = "参保情况"
    part_of: ClassVar[str] = "person"

    person: Mapped[str] = part_of_person()
    pension: Mapped[str | None] = column("养老保险", "code", codes="pension")
    medical: Mapped[str | None] = column("医疗保险", "code", codes="medical")
    other: Mapped[str | None] = column("其他保险")
    number: Mapped[str | None] = column("参保号", sensitive=True)
    place: Mapped[str | None] = column("参保地")
    starts: Mapped[str | None] = column("参保时间", "partial_date")
    months: Mapped[int | None] = column("缴费月数", "integer")
    interrupted: Mapped[bool | None] = column("是否中断", "flag")
    gap: Mapped[str | None] = column("中断时段")


class PersonAction(Synced, Base):
    """Having taken part in a war or in nuclear tests, and how that was established (H)."""

    __tablename__ = "person_action"
    noun: ClassVar[str] = "参战参试"
    part_of: ClassVar[str] = "person"

    person: Mapped[str] = part_of_person()
    war_service: Mapped[str | None] = column("参战类别", "code", codes="war_service")
    nuclear_service: Mapped[str | None] = column("参试类别", "code", codes="nuclear_service")
    starts: Mapped[str | None] = column("参加时间起", "partial_date")
    ends: Mapped[str | None] = column("参加时间止", "partial_date")
    unit: Mapped[str | None] = column("参加时所在部队", sensitive=True, withheld=True)
    war_benefit: Mapped[str | None] = column("享受待遇", "code", codes="war_benefit")
    proof: Mapped[str | None] = column("身份认定依据", "code", codes="proof")
    approved: Mapped[str | None] = column("认定时间", "partial_date")
    approved_by: Mapped[str | None] = column("认定机关")
    note: Mapped[str | None] = column("说明", "long")


class PersonAward(Synced, Base):
    """An honour, or a punishment by party or forces (H)."""

    __tablename__ = "person_award"
    noun: ClassVar[str] = "奖励处分"
    part_of: ClassVar[str] = "person"

    person: Mapped[str] = part_of_person()
    honour: Mapped[str | None] = column("奖励", "code", codes="honour")
    punishment: Mapped[str | None] = column("党纪、军纪处分", sensitive=True, stop="county")
    awarded: Mapped[str | None] = column("时间", "partial_date")
    awarded_by: Mapped[str | None] = column("批准机关")
    certificate: Mapped[str | None] = column("证书编号")
    deeds: Mapped[str | None] = column("事迹", "long")


class PersonSettlement(Synced, Base):
    """How somebody was settled after a service (I)."""

    __tablename__ = "person_settlement"
    noun: ClassVar[str] = "安置情况"
    part_of: ClassVar[str] = "person"

    person: Mapped[str] = part_of_person()
    way: Mapped[str | None] = column("安置方式", "code", codes="settlement_way")
    ground: Mapped[str | None] = column("安排工作条件", "code", codes="work_ground")
    place: Mapped[str | None] = column("安置地")
    elsewhere: Mapped[bool | None] = column("异地安置", "flag")
    elsewhere_reason: Mapped[str | None] = column("异地安置原因")
    approved: Mapped[str | None] = column("批准退役日期", "partial_date")
    reported: Mapped[str | None] = column("报到时间", "partial_date")
    letter: Mapped[str | None] = column("介绍信时间", "partial_date")
    unit: Mapped[str | None] = column("安置单位")
    unit_kind: Mapped[str | None] = column("安置单位性质")
    on_post: Mapped[bool | None] = column("是否上岗", "flag")
    waiting_months: Mapped[int | None] = column("待安置时间(月)", "integer")
    waiting_pay: Mapped[int | None] = column("待安置期生活费", "money", merge="ask")
    archive_keeper: Mapped[str | None] = column("档案管理单位")
    archive_false: Mapped[bool | None] = column("档案有弄虚作假", "flag", sensitive=True, stop="county")
    lump_sum: Mapped[int | None] = column("一次性补助金额", "money", merge="ask")
    lump_sum_paid: Mapped[bool | None] = column("一次性补助已领取", "flag", merge="ask")
    wounded_class: Mapped[str | None] = column("伤病残类别", sensitive=True, stop="county")
    accepted: Mapped[bool | None] = column("已接收", "flag")
    agreement: Mapped[bool | None] = column("三方协议", "flag")
    house: Mapped[str | None] = column("购(建)房待遇")
    pay_starts: Mapped[str | None] = column("退役金起发时间", "partial_date")
    pay: Mapped[int | None] = column("退役金金额", "money", merge="ask", sensitive=True)
    pay_changed: Mapped[str | None] = column("退役金调整时间", "partial_date")
    pay_reason: Mapped[str | None] = column("调整原因和机关")
    family_moved: Mapped[str | None] = column("随调随迁家属")


class PersonTraining(Synced, Base):
    """A training somebody had or wishes for (J)."""

    __tablename__ = "person_training"
    noun: ClassVar[str] = "培训情况"
    part_of: ClassVar[str] = "person"

    person: Mapped[str] = part_of_person()
    wanted: Mapped[str | None] = column("培训意向")
    kind: Mapped[str | None] = column("培训类型", "code", codes="training_kind")
    course: Mapped[str | None] = column("培训项目")
    starts: Mapped[str | None] = column("开始时间", "partial_date")
    ends: Mapped[str | None] = column("结束时间", "partial_date")
    hours: Mapped[int | None] = column("学时", "integer")
    way: Mapped[str | None] = column("培训形式")
    school: Mapped[str | None] = column("培训机构")
    certificate: Mapped[str | None] = column("取得证书")


class PersonJob(Synced, Base):
    """A job, or the wish for another one (J)."""

    __tablename__ = "person_job"
    noun: ClassVar[str] = "就业情况"
    part_of: ClassVar[str] = "person"

    person: Mapped[str] = part_of_person()
    job_state: Mapped[str | None] = column("就业状态", "code", codes="job_state")
    unit: Mapped[str | None] = column("就业单位")
    position: Mapped[str | None] = column("职务岗位")
    industry: Mapped[str | None] = column("行业")
    starts: Mapped[str | None] = column("就业时间", "partial_date")
    ends: Mapped[str | None] = column("离职时间", "partial_date")
    address: Mapped[str | None] = column("单位地址")
    wage: Mapped[int | None] = column("月工资", "money", sensitive=True, stop="county")
    insured: Mapped[bool | None] = column("缴纳社保", "flag")
    content: Mapped[str | None] = column("满意度")
    again: Mapped[bool | None] = column("再就业意愿", "flag")
    wished_city: Mapped[str | None] = column("期望城市")
    wished_industry: Mapped[str | None] = column("期望行业")
    wished_wage: Mapped[int | None] = column("期望月薪", "money")
    strength: Mapped[str | None] = column("专长")


class PersonVenture(Synced, Base):
    """A firm of one's own (J)."""

    __tablename__ = "person_venture"
    noun: ClassVar[str] = "创业情况"
    part_of: ClassVar[str] = "person"

    person: Mapped[str] = part_of_person()
    project: Mapped[str | None] = column("创业项目")
    company: Mapped[str | None] = column("企业名称")
    legal_person: Mapped[str | None] = column("法定代表人", "name")
    industry: Mapped[str | None] = column("行业")
    kind: Mapped[str | None] = column("企业性质")
    starts: Mapped[str | None] = column("创办时间", "partial_date")
    size: Mapped[str | None] = column("规模")
    phone: Mapped[str | None] = column("企业电话", "phone")
    address: Mapped[str | None] = column("企业地址")
    jobs: Mapped[int | None] = column("带动就业人数", "integer")
    veterans: Mapped[int | None] = column("其中退役军人", "integer")
    profit: Mapped[int | None] = column("年效益", "money", sensitive=True, stop="county")
    tax: Mapped[int | None] = column("年纳税", "money", sensitive=True, stop="county")
    favours: Mapped[str | None] = column("享受优惠")


class PersonSoldier(Synced, Base):
    """The soldier through whom somebody is entitled: martyr, fallen, died in service or serving (K)."""

    __tablename__ = "person_soldier"
    noun: ClassVar[str] = "军人(烈士)情况"
    part_of: ClassVar[str] = "person"

    person: Mapped[str] = part_of_person()
    soldier_state: Mapped[str | None] = column("军人状态", "code", codes="soldier_state")
    relation: Mapped[str | None] = column("与军人(烈士)关系", "code", codes="martyr_relation")
    name: Mapped[str | None] = column("军人(烈士)姓名", "name")
    sex: Mapped[str | None] = column("性别", "code", codes="sex")
    ethnicity: Mapped[str | None] = column("民族", "code", codes="ethnicity")
    birth_date: Mapped[str | None] = column("出生日期", "partial_date")
    native_place: Mapped[str | None] = column("籍贯")
    enlisted: Mapped[str | None] = column("入伍(参加工作)时间", "partial_date")
    unit: Mapped[str | None] = column("部队", sensitive=True, withheld=True)
    position: Mapped[str | None] = column("职务")
    died: Mapped[str | None] = column("牺牲(病故)日期", "partial_date")
    died_place: Mapped[str | None] = column("牺牲(病故)地点")
    died_cause: Mapped[str | None] = column("牺牲(病故)原因")
    approved: Mapped[str | None] = column("批准时间", "partial_date")
    approved_by: Mapped[str | None] = column("批准机关")
    certificate: Mapped[str | None] = column("证书编号")
    buried: Mapped[str | None] = column("安葬地")
    deeds: Mapped[str | None] = column("事迹和立功受奖", "long")
    kin: Mapped[int | None] = column("直系亲属人口", "integer")
    with_forces: Mapped[bool | None] = column("是否随军", "flag")
    pay_kind: Mapped[str | None] = column("待遇发放类型")
    pay: Mapped[int | None] = column("待遇金额", "money", merge="ask")


class PersonChange(Synced, Base):
    """A change of standing as the form keeps it: moved in, moved out, died, suspended, resumed (M)."""

    __tablename__ = "person_change"
    noun: ClassVar[str] = "变动情况"
    part_of: ClassVar[str] = "person"

    person: Mapped[str] = part_of_person()
    change: Mapped[str | None] = column("变动种类", "code", codes="change")
    day: Mapped[str | None] = column("变动时间", "partial_date")
    died: Mapped[str | None] = column("死亡时间", "partial_date")
    struck: Mapped[str | None] = column("死亡注销时间", "partial_date")
    source: Mapped[str | None] = column("消息来源")
    told_by: Mapped[str | None] = column("告知人")
    proof: Mapped[str | None] = column("证明材料")
    reason: Mapped[str | None] = column("原因", "long")
