"""F14 证明 with its stub: A4 portrait, the number printed across the perforation, the text after GB/T 9704."""

import datetime as dt
from dataclasses import dataclass

from app.documents.lettering import MM, width, wrap
from app.documents.mark import Foot
from app.documents.paper import GB_BODY, GB_LEFT, GB_LINE, GB_TITLE, GB_WIDTH, PORTRAIT, SAMPLE, Document, Writer
from app.errors import BadInput
from app.rules import chinese_date, id_number

FORM = "F14"
PERFORATION = 86.0
_STUB_TOP, _STUB_ROW = 25.0, 9.0
_RIGHT = GB_LEFT + GB_WIDTH
_TITLE_Y = 110.0
_FIRST_LINE = 134.0
_LAST_LINE = 253.0
_BOTTOM_BLOCK = 265.0
# A long text is set smaller before it goes on a second page: (size in points, distance of lines in mm).
_SETTINGS = ((GB_BODY, GB_LINE), (14.0, 8.4), (12.0, 7.2))
# 署名 and date with the blank line before them, in lines of text.
_CLOSING = 3


@dataclass(frozen=True)
class Certificate:
    """What a certificate says.

    `title` is 证明 or a kind of it; `body` its text, paragraphs parted by line ends; `basis` the papers it rests on;
    `purpose` completes 仅用于…; `valid_until` is the last day; `signer` approves, `handler` wrote it. The ID number
    appears in full only where the body says it; the stub has it masked. `reprint` counts printings after the first.
    `sample` is for looking at before there is a number: it is marked as no certificate.
    """

    station: str
    phone: str
    number: str
    version: int
    person: str
    id_number: str
    body: str
    basis: str
    purpose: str
    issued_on: dt.date
    valid_until: dt.date
    handler: str
    signer: str
    printed_at: dt.datetime
    printed_by: str
    title: str = "证明"
    reprint: int = 0
    sample: bool = False


def certificate(paper: Certificate, *, invariant: bool = False) -> Document:
    """Print a certificate. Raises BadInput naming every part that is missing or a validity that ends before it begins."""
    return certificate_writer(paper, invariant=invariant).finish()


def certificate_writer(paper: Certificate, *, invariant: bool = False) -> Writer:
    """The pages of a certificate before they become a PDF (see `certificate`)."""
    _check(paper)
    foot = Foot(FORM, paper.station, paper.phone, paper.number, paper.version, paper.printed_at, paper.printed_by)
    watermark = SAMPLE if paper.sample else ""
    writer = Writer(PORTRAIT, f"{FORM} {paper.title} {paper.number}", foot, watermark=watermark, invariant=invariant)
    writer.foot_place = (GB_LEFT, _RIGHT, PORTRAIT[1] - 10.0)
    writer.page()
    _stub(writer, paper)
    _perforation(writer, paper)
    writer.text(PORTRAIT[0] / 2, _TITLE_Y, _spread(paper.title), GB_TITLE, face="bold", align="centre")
    # Half of the number across the perforation leaves with either part; the body also bears it whole.
    writer.text(_RIGHT, _TITLE_Y + 10.5, paper.number, 12, align="right")
    _body(writer, paper)
    return writer


def _check(paper: Certificate) -> None:
    needed = {
        "number": (paper.number, "没有编号。"),
        "person": (paper.person, "没有填姓名。"),
        "body": (paper.body, "没有填证明内容。"),
        "basis": (paper.basis, "没有填依据的材料。"),
        "purpose": (paper.purpose, "没有填“仅用于”什么。"),
        "handler": (paper.handler, "没有填经办人。"),
        "phone": (paper.phone, "没有填核验电话。"),
    }
    wrong = {field: words for field, (value, words) in needed.items() if not value.strip()}
    if paper.valid_until < paper.issued_on:
        wrong["valid_until"] = "有效期早于开具日期。"
    if wrong:
        raise BadInput("证明还不能打印: " + "".join(wrong.values()), wrong)


def _spread(title: str) -> str:
    """A title of two characters is set apart, as 证　明."""
    return "\u3000".join(title) if len(title) == 2 else title


def _stub(writer: Writer, paper: Certificate) -> None:
    writer.text(PORTRAIT[0] / 2, 19.0, f"{paper.title}存根", 16, face="bold", align="centre")
    if paper.reprint:
        writer.text(GB_LEFT, 19.0, f"重印第{paper.reprint}次", 10.5, face="bold")
    masked = id_number.mask(paper.id_number) if paper.id_number else "（无）"
    rows: tuple[tuple[tuple[str, str], ...], ...] = (
        (("编号", paper.number), ("开具日期", chinese_date.arabic(paper.issued_on))),
        (("姓名", paper.person), ("身份证号", masked)),
        (("用途", paper.purpose), ("有效期至", chinese_date.arabic(paper.valid_until))),
        (("依据", paper.basis),),
        (("经办人", paper.handler), ("签发人", paper.signer)),
        (("领取人签名", ""), ("领取日期", "      年    月    日")),
    )
    label_width = 24.0
    y = _STUB_TOP
    for row in rows:
        each = GB_WIDTH / len(row)
        x = GB_LEFT
        for label, value in row:
            writer.cell(x, y, label_width, _STUB_ROW, label, 10.5, face="bold")
            writer.rule(x + label_width, y, x + label_width, y + _STUB_ROW)
            rest = writer.cell(
                x + label_width, y, each - label_width, _STUB_ROW, value, 10.5, smallest=5.5, align="left", pad=1.6
            )
            if rest:
                # The stub only points at the body, which has the whole text.
                writer.text(x + each - 1.0, y + _STUB_ROW - 0.8, "全文见正文", 5.5, align="right", grey=0.4)
            x += each
            if x < _RIGHT - 1:
                writer.rule(x, y, x, y + _STUB_ROW)
        writer.rule(GB_LEFT, y, _RIGHT, y)
        y += _STUB_ROW
    writer.box(GB_LEFT, _STUB_TOP, GB_WIDTH, _STUB_ROW * len(rows), 0.9)


def _perforation(writer: Writer, paper: Certificate) -> None:
    size = 15.0
    middle = PORTRAIT[0] / 2
    half = width(paper.number, size) / 2 + 3.0
    # The baseline lies so that the line runs through the middle of the characters.
    writer.text(middle, PERFORATION + 0.38 * size / MM, paper.number, size, align="centre")
    writer.rule(8.0, PERFORATION, middle - half, PERFORATION, 0.6, 1.5)
    writer.rule(middle + half, PERFORATION, PORTRAIT[0] - 8.0, PERFORATION, 0.6, 1.5)
    writer.text(_RIGHT, PERFORATION - 1.5, "（骑缝章）", 9, align="right", grey=0.45)


def _paragraphs(paper: Certificate) -> list[str]:
    last = chinese_date.arabic(paper.valid_until)
    days = (paper.valid_until - paper.issued_on).days
    found = [part.strip() for part in paper.body.splitlines() if part.strip()]
    basis = paper.basis.rstrip("。.")
    found.append(f"依据：{basis}。")
    found.append(f"此证明仅用于{paper.purpose.rstrip('。.')}，有效期{days}日，至{last}止。")
    return found


def _set(paragraphs: list[str], size: float) -> list[tuple[float, str]]:
    """Lines with their indents in mm: the first of each paragraph two characters in."""
    indent = 2 * size / MM
    found: list[tuple[float, str]] = []
    for part in paragraphs:
        found += [(0.0 if i else indent, line) for i, line in enumerate(wrap(part, GB_WIDTH, size, first=indent))]
    return found


def _body(writer: Writer, paper: Certificate) -> None:
    paragraphs = _paragraphs(paper)
    room = _LAST_LINE - _FIRST_LINE
    for size, step in _SETTINGS:
        lines = _set(paragraphs, size)
        if (len(lines) + _CLOSING) * step <= room:
            break
    y = _FIRST_LINE
    for i, (indent, line) in enumerate(lines):
        # On the first page of a long text the last two lines go over too, so that the seal never stands alone.
        closing_here = len(lines) - i <= 2
        if y + (_CLOSING + len(lines) - i - 1) * step > _LAST_LINE and (y > _LAST_LINE or closing_here):
            _bottom(writer, paper)
            y = _next_page(writer, paper)
        writer.text(GB_LEFT + indent, y, line, size)
        y += step
    _closing(writer, paper, y + step, size, step)
    _bottom(writer, paper)


def _next_page(writer: Writer, paper: Certificate) -> float:
    writer.page()
    writer.text(_RIGHT, 30.0, f"{paper.number}（续页）", 12, align="right")
    return 44.0


def _closing(writer: Writer, paper: Certificate, y: float, size: float, step: float) -> None:
    """署名 centred over the date, the date four characters in from the right; the seal covers both."""
    day = chinese_date.numerals(paper.issued_on)
    right = _RIGHT - 4 * size / MM
    day_width = width(day, size)
    name_width = width(paper.station, size)
    if name_width > day_width:
        # A long name would run over the margin if centred over the date; then the date is centred under the name.
        right = min(right, _RIGHT - 2 * size / MM - (name_width - day_width) / 2)
    middle = right - day_width / 2
    writer.text(middle, y, paper.station, size, align="centre")
    writer.text(middle, y + step, day, size, align="centre")
    writer.seal(middle, y + step + 7.5)


def _bottom(writer: Writer, paper: Certificate) -> None:
    y = _BOTTOM_BLOCK - 3.0
    writer.code(GB_LEFT, y, 18.0)
    x = GB_LEFT + 22.0
    writer.text(x, y + 4.5, f"经办人：{paper.handler}", 10.5)
    writer.text(x, y + 10.5, f"核验电话：{paper.phone}", 10.5)
    writer.text(x, y + 16.5, f"核验时请报编号：{paper.number}", 10.5)
