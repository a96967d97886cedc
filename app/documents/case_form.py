"""F07 困难帮扶申请审批表: the applicant's side and the opinions' side of one A4 sheet, long texts going on in an annex."""

import datetime as dt
from dataclasses import dataclass, field

from app.documents.annex import Note, print_annex
from app.documents.mark import Foot
from app.documents.paper import PORTRAIT, SAMPLE, Document, Writer
from app.errors import BadInput
from app.rules import chinese_date, money

FORM = "F07"
TITLE = "退役军人困难帮扶援助申请审批表"
LEFT, WIDTH = 20.0, 170.0
RIGHT = LEFT + WIDTH
TOP, BOTTOM = 28.0, 281.0
MEMBER_ROWS = 5
MEMBER_COLUMNS: tuple[tuple[str, float], ...] = (
    ("姓名", 24.0),
    ("与申请人关系", 22.0),
    ("年龄", 12.0),
    ("身份证号", 42.0),
    ("职业", 24.0),
    ("健康状况", 22.0),
    ("年收入（元）", 24.0),
)
_LABEL = 24.0
_SIDE = 16.0
_BLANK_DAY = "        年      月      日"
PROMISE = "本人承诺：以上所填内容和提供的材料真实、完整，同意核查家庭经济状况；如有虚假，愿承担相应责任并退回已领款物。"


@dataclass(frozen=True)
class Applicant:
    """Who applies. Dates are text and may be partial (1979, 1979-12); accounts are printed whole."""

    name: str
    sex: str
    birth: str
    ethnic: str
    id_number: str
    phone: str
    registered_address: str
    home_address: str
    category: str
    enlisted: str
    discharged: str
    certificate: str
    bank: str
    account_name: str
    account: str


@dataclass(frozen=True)
class Member:
    """One member of the household; `income` is fen a year, None when unknown."""

    name: str
    relation: str
    age: str
    id_number: str
    occupation: str
    health: str
    income: int | None


@dataclass(frozen=True)
class Need:
    """What is asked for and why; amounts in fen, None when unknown."""

    kind: str
    cause: str
    asked: int
    own_cost: int | None = None
    household_size: int = 1
    income: int | None = None
    income_sources: str = ""
    other_help: str = ""
    last_help: str = ""
    year_count: int = 0
    year_amount: int = 0


@dataclass(frozen=True)
class Package:
    """The sealed package an opinion came in: whose and which; printed as 据×县局第n号数据包."""

    unit: str
    number: int


@dataclass(frozen=True)
class Opinion:
    """One opinion; blank parts are left to be written by hand. `amount` in fen."""

    text: str = ""
    signer: str = ""
    day: dt.date | None = None
    amount: int | None = None
    package: Package | None = None


@dataclass(frozen=True)
class Notice:
    """The public notice in the village: first and last day and what came of it."""

    first: dt.date | None = None
    last: dt.date | None = None
    result: str = ""


@dataclass(frozen=True)
class CaseForm:
    """Everything the form shows. `approved` in fen; `papers` is the list of papers handed in.

    `sample` is for looking at before there is a number: it is marked so.
    """

    station: str
    phone: str
    number: str
    version: int
    printed_at: dt.datetime
    printed_by: str
    applicant: Applicant
    need: Need
    members: tuple[Member, ...] = ()
    applied_on: dt.date | None = None
    investigation: Opinion = field(default_factory=Opinion)
    investigators: tuple[str, ...] = ()
    village: Opinion = field(default_factory=Opinion)
    notice: Notice = field(default_factory=Notice)
    township: Opinion = field(default_factory=Opinion)
    county_office: Opinion = field(default_factory=Opinion)
    county_deputy: Opinion = field(default_factory=Opinion)
    county_head: Opinion = field(default_factory=Opinion)
    approved: int | None = None
    approval_number: str = ""
    paid_on: dt.date | None = None
    papers: str = ""
    reprint: int = 0
    sample: bool = False


def case_form(form: CaseForm, *, invariant: bool = False) -> Document:
    """Print the form. Raises BadInput without a name or a number, or with a negative amount."""
    return case_form_writer(form, invariant=invariant).finish()


def case_form_writer(form: CaseForm, *, invariant: bool = False) -> Writer:
    """The pages of the form before they become a PDF (see `case_form`)."""
    _check(form)
    foot = Foot(FORM, form.station, form.phone, form.number, form.version, form.printed_at, form.printed_by)
    watermark = SAMPLE if form.sample else ""
    writer = Writer(PORTRAIT, f"{FORM} {TITLE} {form.number}", foot, watermark=watermark, invariant=invariant)
    writer.foot_place = (LEFT, RIGHT, PORTRAIT[1] - 10.0)
    sheet = _Sheet(writer)
    _front(sheet, form)
    _back(sheet, form)
    print_annex(writer, f"{TITLE}（附页）", sheet.notes, LEFT, RIGHT)
    return writer


def _check(form: CaseForm) -> None:
    wrong = {}
    if not form.applicant.name.strip():
        wrong["name"] = "没有填申请人姓名。"
    if not form.number.strip():
        wrong["number"] = "没有编号。"
    amounts = [form.need.asked, form.need.own_cost, form.need.income, form.need.year_amount, form.approved]
    amounts += [m.income for m in form.members]
    amounts += [o.amount for o in (form.village, form.township, form.county_head)]
    if any(a is not None and a < 0 for a in amounts):
        wrong["amount"] = "金额不能是负数。"
    if wrong:
        raise BadInput("审批表还不能打印：" + "".join(wrong.values()), wrong)


class _Sheet:
    """The grid being drawn: the height reached and the texts that found no room."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self.notes: list[Note] = []
        self.y = TOP

    def put(self, x: float, wide: float, high: float, text: str, label: str, *, top: bool = False) -> None:
        """A value at the present height, its rest noted for the annex under `label`."""
        # Flowing text is read by people of all ages: rather the annex than small print.
        smallest = 9.0 if top else 7.0
        rest = self.writer.cell(x, self.y, wide, high, text, 10.5, smallest=smallest, align="left", top=top, pad=1.5)
        if rest:
            self.notes.append(Note(label.replace("\n", ""), text))

    def row(self, high: float, *pairs: tuple[str, str, float]) -> None:
        """A row of (label, value, width of both)."""
        x = LEFT
        for label, value, wide in pairs:
            self.writer.cell(x, self.y, _LABEL, high, label, 10.5, face="bold", smallest=7.5)
            self.writer.rule(x + _LABEL, self.y, x + _LABEL, self.y + high)
            self.put(x + _LABEL, wide - _LABEL, high, value, label)
            x += wide
            if x < RIGHT - 0.1:
                self.writer.rule(x, self.y, x, self.y + high)
        self.down(high)

    def down(self, high: float) -> None:
        """Close a row."""
        self.y += high
        self.writer.rule(LEFT, self.y, RIGHT, self.y)

    def end(self) -> None:
        """Close the page's grid."""
        self.writer.box(LEFT, TOP, WIDTH, self.y - TOP, 0.9)


def _begin(sheet: _Sheet, form: CaseForm, side: str) -> None:
    writer = sheet.writer
    writer.page()
    writer.code(RIGHT - 16.0, 9.0)
    writer.text(PORTRAIT[0] / 2, 18.0, TITLE, 18, face="bold", align="centre")
    head = f"编号：{form.number}    {side}"
    if form.reprint:
        head += f"    重印第{form.reprint}次"
    writer.text(LEFT, 25.5, head, 10.5)
    sheet.y = TOP


def _front(sheet: _Sheet, form: CaseForm) -> None:
    _begin(sheet, form, "（正面）")
    who, need = form.applicant, form.need
    third, half = WIDTH / 3, WIDTH / 2
    sheet.row(9.0, ("申请人", who.name, half), ("性别", who.sex, WIDTH / 4), ("民族", who.ethnic, WIDTH / 4))
    sheet.row(9.0, ("身份证号", who.id_number, half), ("出生日期", who.birth, half))
    sheet.row(9.0, ("联系电话", who.phone, half), ("人员类别", who.category, half))
    sheet.row(9.0, ("户籍地", who.registered_address, WIDTH))
    sheet.row(9.0, ("现居地", who.home_address, WIDTH))
    size = f"{need.household_size}人"
    sheet.row(9.0, ("入伍时间", who.enlisted, third), ("退役时间", who.discharged, third), ("家庭人口", size, third))
    sheet.row(9.0, ("优待（退役）证件号", who.certificate, half), ("家庭年收入", _yuan(need.income), half))
    _members(sheet, form.members)
    sheet.row(10.0, ("收入构成", need.income_sources, WIDTH))
    sheet.row(10.0, ("已享受低保、特困、医疗救助等", need.other_help, WIDTH))
    year = f"{need.year_count}次，共{_yuan(need.year_amount)}" if need.year_count else "0次"
    sheet.row(10.0, ("上次救助时间、金额", need.last_help or "无", half), ("本年累计救助", year, half))
    sheet.row(9.0, ("困难类型", need.kind, half), ("自付费用", _yuan(need.own_cost), half))
    used_below = 10.0 + 10.0 + 10.0 + 30.0
    high = BOTTOM - used_below - sheet.y
    sheet.writer.cell(LEFT, sheet.y, _LABEL, high, "致困原因\n（详述）", 10.5, face="bold")
    sheet.writer.rule(LEFT + _LABEL, sheet.y, LEFT + _LABEL, sheet.y + high)
    sheet.put(LEFT + _LABEL, WIDTH - _LABEL, high, need.cause, "致困原因", top=True)
    sheet.down(high)
    sheet.row(10.0, ("申请金额", _both(need.asked), WIDTH))
    sheet.row(10.0, ("开户行", who.bank, WIDTH))
    sheet.row(10.0, ("户名", who.account_name, half), ("账号", who.account, half))
    sheet.put(LEFT, WIDTH, 16.0, PROMISE, "承诺", top=True)
    day = chinese_date.arabic(form.applied_on) if form.applied_on else _BLANK_DAY
    sheet.writer.text(LEFT + 60.0, sheet.y + 25.0, "申请人签名（按手印）：", 10.5)
    sheet.writer.text(RIGHT - 4.0, sheet.y + 25.0, day, 10.5, align="right")
    sheet.down(30.0)
    sheet.end()


def _members(sheet: _Sheet, members: tuple[Member, ...]) -> None:
    writer = sheet.writer
    head, high = 8.0, 8.5
    edges = [LEFT]
    for _, wide in MEMBER_COLUMNS:
        edges.append(edges[-1] + wide)
    bottom = sheet.y + head + MEMBER_ROWS * high
    for x in edges[1:-1]:
        writer.rule(x, sheet.y, x, bottom)
    for x, (label, wide) in zip(edges, MEMBER_COLUMNS, strict=False):
        writer.cell(x, sheet.y, wide, head, label, 10, face="bold", smallest=7)
    sheet.down(head)
    # When there are more than the form has rows for, the last row says where they are.
    shown = members if len(members) <= MEMBER_ROWS else members[: MEMBER_ROWS - 1]
    for i in range(MEMBER_ROWS):
        if i < len(shown):
            for x, (label, wide), text in zip(edges, MEMBER_COLUMNS, _member_cells(shown[i]), strict=False):
                if writer.cell(x, sheet.y, wide, high, text, 10, smallest=6):
                    sheet.notes.append(Note(f"家庭成员 {shown[i].name} {label}", text))
        elif i == len(shown) and len(shown) < len(members):
            writer.cell(LEFT, sheet.y, MEMBER_COLUMNS[0][1], high, "（接附页）", 9)
        elif i == len(shown):
            writer.cell(LEFT, sheet.y, MEMBER_COLUMNS[0][1], high, "以下空白", 9)
            writer.rule(edges[1], sheet.y, RIGHT, bottom, 0.6)
        sheet.down(high)
    others = [
        f"{number}. " + "；".join(f"{label} {text}" for (label, _), text in zip(MEMBER_COLUMNS, cells, strict=True))
        for number, cells in enumerate(map(_member_cells, members[len(shown) :]), start=len(shown) + 1)
    ]
    if others:
        sheet.notes.append(Note("家庭成员（续）", "\n".join(others)))


def _member_cells(member: Member) -> tuple[str, ...]:
    income = "" if member.income is None else money.format_grouped(member.income)
    return member.name, member.relation, member.age, member.id_number, member.occupation, member.health, income


def _back(sheet: _Sheet, form: CaseForm) -> None:
    _begin(sheet, form, "（背面）")
    investigators = "、".join(form.investigators)
    _opinion(sheet, 36.0, "调查\n情况", form.investigation, f"调查人（2人）：{investigators}", seal=False)
    notice = form.notice
    days = "      年    月    日至      年    月    日"
    if notice.first is not None and notice.last is not None:
        days = chinese_date.period(notice.first, notice.last)
    shown = f"公示时间：{days}    公示结果：{notice.result}"
    _opinion(sheet, 44.0, "村（居）\n评议意见", form.village, "负责人：", extra=shown)
    amount = "建议金额：" + (_both(form.township.amount) if form.township.amount is not None else "")
    _opinion(sheet, 44.0, "乡镇\n（街道）\n意见", form.township, "负责人：", extra=amount)
    _opinion(sheet, 28.0, "县局\n股室\n意见", form.county_office, "负责人：", seal=False)
    _opinion(sheet, 28.0, "县局分管\n领导意见", form.county_deputy, "签名：", seal=False)
    _opinion(sheet, 36.0, "县局领导\n意见", form.county_head, "签名：")
    sheet.row(10.0, ("批准金额", _both(form.approved) if form.approved is not None else "", WIDTH))
    paid = chinese_date.arabic(form.paid_on) if form.paid_on else _BLANK_DAY
    sheet.row(9.0, ("批复文号", form.approval_number, WIDTH / 2), ("发放日期", paid, WIDTH / 2))
    sheet.row(BOTTOM - sheet.y, ("备注\n（材料清单）", form.papers, WIDTH))
    sheet.end()


def _opinion(
    sheet: _Sheet, high: float, label: str, opinion: Opinion, signed: str, *, extra: str = "", seal: bool = True
) -> None:
    """A box of one opinion: its text, a line of its own, then signature, seal and date at the bottom."""
    writer = sheet.writer
    writer.cell(LEFT, sheet.y, _SIDE, high, label, 10, face="bold", smallest=8, pad=0.5)
    writer.rule(LEFT + _SIDE, sheet.y, LEFT + _SIDE, sheet.y + high)
    inside, wide = LEFT + _SIDE, WIDTH - _SIDE
    bottom = sheet.y + high
    closing, between = 9.0, 7.0
    below = [extra] if extra else []
    if opinion.package is not None:
        # The seal on paper decides; the package only brought the opinion here, and the form says which.
        below.append(f"（据{opinion.package.unit}第{opinion.package.number}号数据包）")
    plain = label.replace("\n", "")
    sheet.put(inside, wide, high - closing - between * len(below), opinion.text, plain, top=True)
    for i, words in enumerate(reversed(below), start=1):
        rest = writer.cell(inside, bottom - closing - i * between, wide, between, words, 10.5, align="left", pad=1.5)
        if rest:
            sheet.notes.append(Note(plain, words))
    y = bottom - 3.0
    room = WIDTH - _SIDE - (85.0 if seal else 45.0)
    rest = writer.cell(inside, bottom - closing, room, closing, signed + opinion.signer, 10.5, align="left", pad=1.5)
    if rest:
        sheet.notes.append(Note(plain, signed + opinion.signer))
    if seal:
        writer.seal(RIGHT - 62.0, y)
    day = chinese_date.arabic(opinion.day) if opinion.day else _BLANK_DAY
    writer.text(RIGHT - 3.0, y, day, 10.5, align="right")
    sheet.down(high)


def _yuan(fen: int | None) -> str:
    return "" if fen is None else f"{money.format_grouped(fen)}元"


def _both(fen: int) -> str:
    return f"¥{money.format_grouped(fen)}    （大写）人民币{money.capitals(fen)}"
