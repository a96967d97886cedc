"""F04 慰问金签领表: frozen lines in, A4 landscape out, drawn straight onto the sheet."""

import datetime as dt
from dataclasses import dataclass

from app.documents.annex import Note, print_annex
from app.documents.fonts import Face
from app.documents.lettering import MM, Fit, width
from app.documents.mark import Foot, fingerprint
from app.documents.paper import LANDSCAPE, SAMPLE, Align, Document, Writer
from app.errors import BadInput
from app.rules import chinese_date, id_number, money

FORM = "F04"
LEFT = 12.0
# Widths that can be written in: signature and thumb print side by side, proxy with relation and ID number.
COLUMNS: tuple[tuple[str, float], ...] = (
    ("序号", 9.0),
    ("姓名", 20.0),
    ("身份证号", 40.0),
    ("人员类别", 26.0),
    ("村（组）", 22.0),
    ("慰问标准/品名", 24.0),
    ("金额（元）", 20.0),
    ("领取人签名\n（按手印）", 40.0),
    ("代领人姓名、关系、身份证号", 52.0),
    ("备注", 20.0),
)
# The review copy cannot be mistaken for a receipt: there is nowhere to sign.
_REVIEW_HEADS = {7: "核对情况", 8: "审核意见"}
WIDTH = sum(w for _, w in COLUMNS)
ROWS = 11
ROW = 12.0
TOP = 27.0
HEAD = 10.0
SUM = 8.0
SIGN = 11.0
_SIGNERS = ("单位负责人", "审核", "经办人", "经办人", "监发人（见证人）")
_AMOUNT = 6
_SIGNED_FROM = 7


@dataclass(frozen=True)
class RosterLine:
    """One person's line. `amount` in fen; None for goods, which `standard` then names with quantity."""

    seq: int
    name: str
    id_number: str
    category: str
    village_group: str
    standard: str
    amount: int | None
    remark: str = ""


@dataclass(frozen=True)
class RosterSheet:
    """A numbered sheet: one source of money and one way of paying.

    `day` is the day of handing over, left blank to be written when None. `mother` is the number of the sheet a 补表
    belongs to. `reprint` counts printings after the first. `full_ids` is the finance copy; else ID numbers are masked.
    `review` prints the 送审名单, which freezes nothing and is no receipt; `sample` is the sheet as it would be, marked so.
    """

    station: str
    phone: str
    title: str
    number: str
    version: int
    source: str
    method: str
    day: dt.date | None
    printed_at: dt.datetime
    printed_by: str
    lines: tuple[RosterLine, ...]
    mother: str = ""
    reprint: int = 0
    full_ids: bool = False
    review: bool = False
    sample: bool = False


def roster_fingerprint(lines: tuple[RosterLine, ...]) -> str:
    """SHA-256 (64 hex digits) of the frozen lines, with full ID numbers: the same on the masked and the full copy."""
    return fingerprint(
        (
            str(line.seq),
            line.name,
            line.id_number,
            line.category,
            line.village_group,
            line.standard,
            "" if line.amount is None else money.format_yuan(line.amount),
            line.remark,
        )
        for line in lines
    )


def column_edges() -> list[float]:
    """The x of every vertical rule in mm, 11 of them."""
    edges = [LEFT]
    for _, wide in COLUMNS:
        edges.append(edges[-1] + wide)
    return edges


def roster(sheet: RosterSheet, *, invariant: bool = False) -> Document:
    """Print a sheet, 11 lines a page. Raises BadInput when it has no line or a negative amount."""
    return roster_writer(sheet, invariant=invariant).finish()


def roster_writer(sheet: RosterSheet, *, invariant: bool = False) -> Writer:
    """The pages of a sheet before they become a PDF (see `roster`)."""
    if not sheet.lines:
        raise BadInput("签领表里一个人也没有, 不能打印。")
    wrong = {
        f"第{line.seq}行": "金额不能是负数。" for line in sheet.lines if line.amount is not None and line.amount < 0
    }
    if wrong:
        raise BadInput("签领表里有负数金额, 不能打印。", wrong)
    printed = Foot(
        FORM,
        sheet.station,
        sheet.phone,
        sheet.number,
        sheet.version,
        sheet.printed_at,
        sheet.printed_by,
        roster_fingerprint(sheet.lines),
    )
    kind = "送审名单" if sheet.review else "签领表"
    writer = Writer(
        LANDSCAPE,
        f"{FORM} {kind} {sheet.number}".rstrip(),
        printed,
        watermark="不作发放凭证" if sheet.review else SAMPLE if sheet.sample else "",
        invariant=invariant,
    )
    writer.foot_place = (LEFT, LEFT + WIDTH, TOP + HEAD + ROWS * ROW + 2 * SUM + SIGN + 4.6)
    notes: list[Note] = []
    for start in range(0, len(sheet.lines), ROWS):
        _page(writer, sheet, sheet.lines[start : start + ROWS], notes)
    print_annex(writer, f"{sheet.title}（附页）", notes, LEFT, LEFT + WIDTH)
    return writer


def _page(writer: Writer, sheet: RosterSheet, lines: tuple[RosterLine, ...], notes: list[Note]) -> None:
    writer.page()
    _head(writer, sheet)
    edges = column_edges()
    _grid(writer, edges)
    for i, (label, wide) in enumerate(COLUMNS):
        shown = _REVIEW_HEADS.get(i, label) if sheet.review else label
        writer.cell(edges[i], TOP, wide, HEAD, shown, 10, face="bold", smallest=7)
    for i, line in enumerate(lines):
        _line(writer, sheet, line, edges, TOP + HEAD + i * ROW, notes)
    if len(lines) < ROWS:
        y = TOP + HEAD + len(lines) * ROW
        writer.cell(edges[1], y, COLUMNS[1][1], ROW, "以下空白", 10.5)
        # From the words to the far corner, so that no row below them can be filled in.
        writer.rule(edges[2], y, edges[-1], TOP + HEAD + ROWS * ROW, 0.8)
    _sums(writer, sheet, lines, edges)
    _signatures(writer, sheet, edges)


def _head(writer: Writer, sheet: RosterSheet) -> None:
    right = LEFT + WIDTH
    writer.code(right - 16.0, 8.0)
    title = f"{sheet.title}（送审名单）" if sheet.review else sheet.title
    writer.cell(LEFT + 45, 7.0, WIDTH - 90, 9.0, title, 18, smallest=11, face="bold")
    copy = "财务联（身份证号完整）" if sheet.full_ids else "签领联"
    if sheet.review:
        copy = "校对稿 不作发放凭证"
    used = writer.text(LEFT, 12.0, copy, 9)
    if sheet.reprint:
        writer.text(LEFT + used + 3.0, 12.0, f"重印第{sheet.reprint}次", 9, face="bold")
    day = chinese_date.arabic(sheet.day) if sheet.day else "      年    月    日"
    first = f"单位：{sheet.station}    单号：{sheet.number or '（未编号）'}    领取日期：{day}"
    if sheet.mother:
        first += f"    （本表为 {sheet.mother} 的补表）"
    second = f"资金来源：{sheet.source}    发放方式：{sheet.method}    全表 {len(sheet.lines)} 人"
    writer.cell(LEFT, 15.8, WIDTH - 20, 5.4, first, 10.5, align="left", pad=0.0)
    writer.cell(LEFT, 21.0, WIDTH - 20, 5.4, second, 10.5, align="left", pad=0.0)


def _grid(writer: Writer, edges: list[float]) -> None:
    left, right = edges[0], edges[-1]
    body = TOP + HEAD
    bottom = body + ROWS * ROW
    for i in range(ROWS + 1):
        writer.rule(left, body + i * ROW, right, body + i * ROW)
    for x in edges[1:-1]:
        writer.rule(x, TOP, x, bottom)
    end = bottom + 2 * SUM + SIGN
    writer.rule(left, bottom + SUM, edges[_SIGNED_FROM], bottom + SUM)
    writer.rule(left, bottom + 2 * SUM, edges[_SIGNED_FROM], bottom + 2 * SUM)
    writer.rule(edges[_AMOUNT], bottom, edges[_AMOUNT], bottom + 2 * SUM)
    writer.rule(edges[_SIGNED_FROM], bottom, edges[_SIGNED_FROM], end)
    writer.box(left, TOP, right - left, end - TOP, 0.9)


def _line(
    writer: Writer, sheet: RosterSheet, line: RosterLine, edges: list[float], y: float, notes: list[Note]
) -> None:
    shown_id = line.id_number if sheet.full_ids else id_number.mask(line.id_number) if line.id_number else ""
    # The sign before and the dash for goods leave no room to write a digit in.
    amount = "—" if line.amount is None else f"¥{money.format_grouped(line.amount)}"
    cells: tuple[tuple[int, str, float, Align], ...] = (
        (0, str(line.seq), 10.5, "centre"),
        (1, line.name, 12, "centre"),
        (2, shown_id or "（无）", 10.5, "centre"),
        (3, line.category, 10.5, "centre"),
        (4, line.village_group, 10.5, "centre"),
        (5, line.standard, 10.5, "centre"),
        (9, line.remark, 9, "left"),
    )
    _amount(writer, edges, y, ROW, amount)
    for column, text, size, align in cells:
        label, wide = COLUMNS[column]
        if writer.cell(edges[column], y, wide, ROW, text, size, smallest=6.5, align=align):
            notes.append(Note(f"第{line.seq}行 {line.name} {label}", text))


def _sums(writer: Writer, sheet: RosterSheet, lines: tuple[RosterLine, ...], edges: list[float]) -> None:
    y = TOP + HEAD + ROWS * ROW
    for label, counted in ((f"本页小计（{len(lines)}人）", lines), (f"合计（{len(sheet.lines)}人）", sheet.lines)):
        amount = money.total(line.amount for line in counted if line.amount is not None)
        goods = sum(1 for line in counted if line.amount is None)
        words = f"{label}    人民币{money.capitals(amount)}"
        if goods:
            words += f"    另有实物 {goods} 份"
        writer.cell(edges[0], y, edges[_AMOUNT] - edges[0], SUM, words, 10.5, align="left", pad=2.0, face="bold")
        shown = f"¥{money.format_grouped(amount)}"
        _amount(writer, edges, y, SUM, shown, face="bold")
        y += SUM


def _amount(writer: Writer, edges: list[float], y: float, high: float, text: str, face: Face = "serif") -> None:
    """An amount in its column: made smaller where it must be, but never broken over two lines."""
    wide = COLUMNS[_AMOUNT][1]
    size = min(10.5, 10.5 * (wide - 1.6) / width(text, 10.5, face))
    writer.lines(edges[_AMOUNT], y, wide, high, Fit(size, (text,)), face=face, align="right")


def _signatures(writer: Writer, sheet: RosterSheet, edges: list[float]) -> None:
    y = TOP + HEAD + ROWS * ROW + 2 * SUM
    each = (edges[_SIGNED_FROM] - edges[0]) / len(_SIGNERS)
    for i, signer in enumerate(_SIGNERS):
        if i:
            writer.rule(edges[0] + i * each, y, edges[0] + i * each, y + SIGN)
        writer.text(edges[0] + i * each + 1.0, y + 8 / MM + 0.9, signer + "：", 8)
    middle = (edges[_SIGNED_FROM] + edges[-1]) / 2
    if sheet.review:
        writer.text(middle, y - 1.0, "送审名单，不签领、不盖章", 10.5, align="centre", grey=0.3)
    else:
        writer.text(edges[_SIGNED_FROM] + 2.0, y - 2 * SUM + 5.0, f"单位：{sheet.station}", 9)
        writer.seal(middle, y - 1.0)
        writer.text(edges[-1] - 3.0, y + SIGN - 2.5, "年      月      日", 10.5, align="right")
