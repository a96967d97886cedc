"""Reads single spreadsheet cells as the values of a person's fields: texts, codes, dates, numbers, classes."""

import datetime as dt
import functools
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from app.rules import account, benefits, names, partial_date, phone, register_codes
from app.rules import text as texts
from app.rules.surnames import COMPOUND_SURNAMES
from app.rules.text import half_width

Cell = str | int | float | bool | dt.date | dt.datetime | dt.time | dt.timedelta | None

_TABLES: Mapping[str, str] = {
    "sex": "sex",
    "ethnicity": "ethnicity",
    "political": "politics",
    "education": "education",
    "marital": "marriage",
    "health": "health",
    "head_relation": "relation",
    "disability_level": "disability_level",
    "disability_nature": "disability_nature",
}
# Words of village files beside the labels and words of the code tables.
_WORDS: Mapping[str, Mapping[str, str]] = {
    "sex": {"男性": "1", "女性": "2"},
    "political": {"共产党员": "01", "共产党": "01", "中共预备": "02", "无党派人士": "12", "非党员": "13"},
    "education": {
        "硕士": "14",
        "博士": "11",
        "大学专科": "30",
        "职高": "44",
        "技校": "47",
        "文盲": "90",
        "未上学": "90",
    },
    "marital": {"有配偶": "20", "离异": "40", "丧妻": "30", "丧夫": "30", "未婚娶": "10"},
    "health": {"好": "10", "健康良好": "10", "体弱": "20", "患慢性病": "30"},
    "head_relation": {
        "长子": "20",
        "次子": "20",
        "三子": "20",
        "女儿": "30",
        "长女": "30",
        "次女": "30",
        "孙子": "40",
        "孙女": "40",
        "兄": "70",
        "弟": "70",
        "姐": "70",
        "妹": "70",
        "兄弟": "70",
    },
}
NO_ID_REASONS: Mapping[str, str] = {"uncollected": "未采集", "pending": "证件待核", "serving": "现役"}
_NO_ID_WORDS: Mapping[str, str] = {
    "未采集": "uncollected",
    "没采集": "uncollected",
    "未提供": "uncollected",
    "待核": "pending",
    "证件待核": "pending",
    "待核实": "pending",
    "核实中": "pending",
    "补办中": "pending",
    "现役": "serving",
    "服役中": "serving",
    "在服役": "serving",
    "现役军人": "serving",
}
_LEVEL_INSIDE = re.compile(r"([一二三四五六七八九十]|10|[1-9])\s*(?:级|等)")
_NATURE_INSIDE = re.compile(r"因[战公病]")
_DIGITS = "一二三四五六七八九十"
_LOST_FROM = 10**15
_BRACKETED = re.compile(r"[(\[【〔{<《].*?(?:[)\]】〕}>》]|$)|[)\]】〕}>》]")
_LONGEST_GIVEN = 2
ERROR = re.compile(r"#(?:REF!|N/A|NAME\?|VALUE!|DIV/0!|NULL!|NUM!)")
"""What a cell shows whose formula has failed."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a cell says. `problem` keeps a row back (待核); `warning` asks for a look; `note` names what was tidied."""

    value: str = ""
    problem: str = ""
    warning: str = ""
    note: str = ""


_NOTHING = Reading()


@dataclass(frozen=True, slots=True)
class ClassReading:
    """What a free text says about a person's class: one identity, and the words that would be further ones."""

    class12: str = ""
    benefit_code: str = ""
    level: str = ""
    nature: str = ""
    further: tuple[str, ...] = ()
    problem: str = ""


def cell_text(cell: Cell) -> str:
    """The cell as a person reads it: whole numbers without a point, midnight left out, None as the empty text."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float):
        if not math.isfinite(cell):
            return str(cell)
        # A spreadsheet keeps 15 digits; more of them would be an invention of the binary form.
        number = Decimal(f"{cell:.15g}")
        return f"{number:f}" if number == number.to_integral_value() else f"{number.normalize():f}"
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time(0) else cell.isoformat(" ")
    return str(cell)


def is_number(cell: Cell) -> bool:
    """Whether the cell is numeric, so that digits beyond the fifteenth are lost."""
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def plain(cell: Cell) -> Reading:
    """A one-line text: ends trimmed, line breaks inside made spaces; characters that cannot be kept are a problem."""
    if cell is None:
        return _NOTHING
    raw = cell_text(cell)
    value = re.sub(r"\s*[\n\t]+\s*", " ", texts.clean(raw))
    found = texts.problems(value, lines=False)
    if found:
        return Reading(problem="".join(found))
    return Reading(value, note="去掉了换行" if "\n" in texts.clean(raw) else "")


def long_text(cell: Cell) -> Reading:
    """A text of several lines."""
    value = texts.clean(cell_text(cell))
    found = texts.problems(value)
    return Reading(problem="".join(found)) if found else Reading(value)


def person_name(cell: Cell, *, alone: bool = True) -> Reading:
    """A name as the register keeps it; padding and foreign dots are tidied and noted.

    Digits, brackets and several names in one cell are a problem, unless a unit may stand there (`alone` false).
    """
    raw = cell_text(cell)
    value = _closed_up(names.clean(raw))
    found = names.check(value) or (_not_alone(value) if alone else ())
    if found:
        return Reading(problem="".join(found))
    return Reading(value, note=f"“{raw}”整理为“{value}”" if value != raw else "")


def _closed_up(value: str) -> str:
    """`张 建国` and `欧阳 建国` are one name: a surname apart from what is given."""
    pieces = value.split()
    if len(pieces) != 2 or not all(map(names.is_han, "".join(pieces))):
        return value
    surname = len(pieces[0]) == 1 or pieces[0] in COMPOUND_SURNAMES
    return "".join(pieces) if surname and len(pieces[1]) <= _LONGEST_GIVEN else value


def _not_alone(value: str) -> tuple[str, ...]:
    plain = half_width(value)
    if inside := _BRACKETED.search(plain):
        return (f"姓名里有括号“{inside[0][:20]}”, 请把说明移到备注, 只留姓名。",)
    if any(char.isdigit() for char in plain):
        return ("姓名里有数字。请照身份证核对姓名。",)
    pieces = [piece for piece in re.split(r"[\s、,,;;/]+", value) if piece]
    if len(pieces) > 1 and all(any(map(names.is_han, piece)) for piece in pieces):
        return (f"“{value[:20]}”像是 {len(pieces)} 个姓名写在一格里。一人一行, 请分开。",)
    return ()


@functools.lru_cache(maxsize=4096, typed=True)
def code(field: str, cell: Cell) -> Reading:
    """The code of a word in the table of this field; the empty value if the cell is empty, a problem if unknown."""
    raw = texts.clean(cell_text(cell))
    if not raw:
        return Reading()
    if field not in _TABLES:
        known = register_codes.TABLES[field].code_of(raw)
        return Reading(known) if known else Reading(problem=f"“{raw[:20]}”不在选项里。")
    found = benefits.code_of(_TABLES[field], raw) or _WORDS.get(field, {}).get("".join(half_width(raw).split()))
    return Reading(found) if found else Reading(problem=f"“{raw[:20]}”不在选项里。")


def no_id_reason(cell: Cell) -> str:
    """uncollected, pending or serving if the cell says why there is no ID number, else the empty text."""
    word = "".join(half_width(cell_text(cell)).split()).strip("()。.")
    return word if word in NO_ID_REASONS else _NO_ID_WORDS.get(word, "")


def disability_level(cell: Cell) -> Reading:
    """01 to 10 from 一级, 7, 07, 因战七级."""
    reading = code("disability_level", cell)
    inside = _LEVEL_INSIDE.search(half_width(cell_text(cell))) if reading.problem else None
    return Reading(_level_code(inside[1])) if inside else reading


def disability_nature(cell: Cell) -> Reading:
    """1 因战, 2 因公, 3 因病."""
    inside = _NATURE_INSIDE.search(cell_text(cell))
    return code("disability_nature", inside.group() if inside else cell)


def date(cell: Cell, *, latest_year: int) -> Reading:
    """A partial date in its stored form; two readings of one number (1979.1) are a problem, not a guess."""
    raw = texts.clean(cell_text(cell))
    if not raw or raw in {"无", "—", "-", "/", "不详", "不清楚"}:
        return Reading(note=f"“{raw}”按没有填处理" if raw else "")
    reading = partial_date.read(cell, latest_year=latest_year)
    if reading.value is None:
        return Reading(problem=reading.problem)
    if isinstance(cell, float) and raw.endswith(".1"):
        return Reading(problem=reading.doubt)
    value = str(reading.value)
    note = f"“{raw}”写作 {value}" if raw != value else ""
    return Reading(value, warning=reading.doubt, note=note)


def phones(cell: Cell) -> tuple[list[str], Reading]:
    """All numbers of a cell; the reading carries a problem if one of them cannot be dialled."""
    raw = texts.clean(cell_text(cell))
    if not raw or raw in {"无", "—", "-", "/"}:
        return [], Reading(note=f"“{raw}”按没有填处理" if raw else "")
    if is_number(cell) and isinstance(cell, float) and abs(cell) >= _LOST_FROM:
        return [], Reading(problem=f"“{raw}”不像电话号码。请核对。")
    found = list(phone.split(raw))
    wrong = [text for text in map(phone.problem, found) if text]
    if wrong:
        return [], Reading(problem="".join(wrong))
    note = f"“{raw}”写作 {'、'.join(found)}" if found != [raw] else ""
    return found, Reading(found[0] if found else "", note=note)


def account_number(cell: Cell) -> Reading:
    """Digits of an account; lost digits are a problem, a wrong check digit of a card a warning."""
    raw = cell_text(cell)
    if not texts.clean(raw):
        return Reading()
    number = is_number(cell)
    problem = account.problem(raw, number_cell=number)
    if problem:
        return Reading(problem=problem)
    value = account.normalise(raw)
    return Reading(value, warning=account.doubt(value), note="去掉了空格或符号" if value != raw and not number else "")


@functools.lru_cache(maxsize=4096, typed=True)
def person_class(cell: Cell) -> ClassReading:
    """What village files write for the class: 60岁, 参战, 因战七级残疾军人, 复退军人、军属, or a code.

    The first recognised word gives the identity, further ones are named.
    """
    raw = texts.clean(cell_text(cell))
    if not raw:
        return ClassReading()
    if all(len(piece) == 1 for piece in raw.split()):
        # 退 役 士 兵: spaced out to fill the column.
        raw = "".join(raw.split())
    if raw.isascii() and raw.isdigit() and benefits.code_of("collection_class", raw):
        return ClassReading(class12=benefits.code_of("collection_class", raw) or "")
    found: list[tuple[str, ClassReading]] = []
    for word in re.split(r"[、,,;;/+\n]+|\s+|和|兼", raw):
        if not word:
            continue
        reading = _class_word(word)
        if reading.problem:
            return ClassReading(problem=reading.problem)
        found.append((word, reading))
    if not found:
        return ClassReading(problem=f"“{raw[:20]}”不知道是哪一类。")
    first = found[0][1]
    # 退役军人、残疾军人: the word that brings a benefit says more than the plain one before it.
    chosen = next((reading for _, reading in found if _refines(first, reading)), first)
    further = tuple(word for word, reading in found if reading not in {chosen, first} and not _refines(reading, chosen))
    return ClassReading(chosen.class12, chosen.benefit_code, chosen.level, chosen.nature, further)


def _refines(plain_one: ClassReading, reading: ClassReading) -> bool:
    """Whether a veteran's own benefit makes the plain 退役士兵 beside it superfluous."""
    veteran = plain_one.class12 == "02" and not plain_one.benefit_code
    return veteran and bool(reading.benefit_code) and reading.class12 in {"01", "02", "05", "07"}


# (what the text must hold, class, benefit code); the first that fits wins, so the narrow ones stand first.
_CLASS_RULES: tuple[tuple[str, str, str], ...] = (
    (r"无军籍", "04", ""),
    (r"西路军", "06", "32"),
    (r"失散", "06", "33"),
    (r"红军|三红", "06", "31"),
    (r"平反|错杀", "09", "B1"),
    (r"烈(?:士)?(?:遗属|家属|属|父母|配偶|子女|老年子女)", "09", "21"),
    (r"因公牺牲", "10", "22"),
    (r"病故", "11", "23"),
    (r"(?:伤残|残疾)(?:预备役|民兵|民工)", "08", "14"),
    (r"(?:伤残|残疾)(?:人民)?警察", "", "13"),
    (r"(?:伤残|残疾)国家机关", "", "12"),
    (r"(?:残疾|伤残|残废)(?:军人|退役军人)|[因战公病]+.{0,3}级", "07", "11"),
    (r"在乡(?:老)?复员|老复员", "05", "41"),
    (r"带病(?:回乡)?", "02", "42"),
    (r"参战", "02", "51"),
    (r"参试|涉核|核试验", "02", "61"),
    (r"(?:60|六十)(?:周)?岁|农村籍(?:退役|退伍)", "02", "81"),
    (r"军属|(?:现役)?军人家属|现役家属", "12", ""),
    (r"军休|离休|退休(?:干部|军官|军士|士官)", "03", ""),
    (r"转业|军转|自主择业", "01", ""),
    (r"复退|退役|退伍|复员退伍|义务兵|士官|军士|自主就业", "02", ""),
    (r"复员", "05", ""),
)


def _class_word(word: str) -> ClassReading:
    text = half_width(word)
    if re.search(r"参战参试", text):
        return ClassReading(problem=f"“{word[:20]}”要分清是参战还是参试。")
    for pattern, class12, benefit_code in _CLASS_RULES:
        if re.search(pattern, text):
            level, nature = _LEVEL_INSIDE.search(text), _NATURE_INSIDE.search(text)
            disabled = benefit_code in {"11", "12", "13", "14"}
            return ClassReading(
                class12,
                benefit_code,
                _level_code(level[1]) if disabled and level else "",
                benefits.code_of("disability_nature", nature.group()) or "" if disabled and nature else "",
            )
    class12 = benefits.code_of("collection_class", text) or ""
    known = benefits.code_of("benefit", text) or ""
    if class12 or known:
        return ClassReading(class12 or _class_of(known), known)
    return ClassReading(problem=f"“{word[:20]}”不知道是哪一类人员。")


@functools.lru_cache(maxsize=4096, typed=True)
def benefit(cell: Cell) -> ClassReading:
    """What a column of benefit classes (优抚类别) says: a code of §1.2 of the law's list, a label, or a free text."""
    raw = texts.clean(cell_text(cell))
    if raw in {"", "无", "否", "—", "-", "/"}:
        return ClassReading()
    known = benefits.code_of("benefit", raw)
    if known:
        return ClassReading(_class_of(known), known)
    reading = person_class(raw)
    if reading.problem or reading.benefit_code:
        return reading
    return ClassReading(problem=f"“{raw[:20]}”不是优抚类别。")


def _class_of(known: str) -> str:
    return next((class12 for _, class12, benefit_code in _CLASS_RULES if benefit_code == known), "")


def _level_code(text: str) -> str:
    return f"{_DIGITS.index(text) + 1:02d}" if text in _DIGITS else f"{int(text):02d}"
