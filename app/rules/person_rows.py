"""The fate of every row of a roster: ready for the register, kept back with its problems (待核), or not a person."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from app.rules import cell_values, cross_checks, divisions, headings, id_number, names
from app.rules.cell_values import Cell, Reading
from app.rules.partial_date import PartialDate, age_on
from app.rules.text import half_width

Fate = Literal["ready", "pending", "dropped"]

_PLAIN = (
    "village_group",
    "address",
    "residence_address",
    "household_number",
    "work_place",
    "branch",
    "rank",
    "unit_number",
    "unit_code",
    "discharge_cert",
    "merits",
    "bank",
    "plaque",
    "benefit_state",
    "native_place",
    "postcode",
    "party_branch",
    "national_number",
)
_NAMES = ("former_name", "head_name", "account_holder")
# A word nobody knows in these columns is kept in the note; it must not hold back a person.
_CODES = (
    "ethnicity", "political", "education", "marital", "health", "head_relation", "household_kind", "support",
    "work_ability", "self_care", "occupation",
)  # fmt: skip
_DATES = ("enlisted", "discharged", "joined_party", "work_since")
# Texts are compared in half width, without spaces.
_TOTALS = re.compile(
    r"^(?:合计|总计|小计|共计|累计|本页(?:小计|合计)|总数|总人数|共:?\d+[人户名]|\d+[人户名]$|男:?\d+|其中:?(?:男|女):?\d+)"
)
_FOOTERS = re.compile(
    r"^(?:制表|填表|审核(?:人|:|\()|复核(?:人|:)|负责人|经办|填报|分管领导|单位(?:负责人|\(?盖章)|以下空白|注:|备注:|说明:|"
    r"日期:|年月日|第.{1,4}页)|盖章|公章"
)
_TITLES = re.compile(r"花名册|登记表|统计表|汇总表|明细表|信息表|台账|名单|一览表|名册")
_MERGED = "取自合并单元格"
_FROM_ID = "由身份证号得出"
_MOST_AGE_GAP = 2
_FEWEST_DIGITS = 6
_CARD_FIELDS = {"enlisted_on": "enlisted", "discharged_on": "discharged", "identities": "class12"}


@dataclass(frozen=True, slots=True)
class Context:
    """Where and when a roster is read: the station's 12-digit division, the day, and the names of divisions in its area.

    A row without a village gets `division`; villages are looked up inside it.
    """

    division: str
    today: dt.date
    divisions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RowResult:
    """One row. All lists are of (heading of the column, sentence); the heading is empty for the row as a whole.

    `problems` say why a row is pending or dropped, `warnings` what should be looked at although it is taken,
    `notes` what was tidied or derived. `values` are clean texts and codes by field name; a pending row holds those
    that could be read. `cells` are all cells of the row as they were.
    """

    number: int
    fate: Fate
    values: dict[str, str]
    problems: tuple[tuple[str, str], ...]
    warnings: tuple[tuple[str, str], ...]
    notes: tuple[tuple[str, str], ...]
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows read and where they went; `read` is always the sum of the other three."""

    read: int
    ready: int
    pending: int
    dropped: int


def read(
    rows: Sequence[Sequence[Cell]],
    found: headings.Headings,
    context: Context,
    *,
    mapping: Mapping[int, str] | None = None,
    filled: frozenset[tuple[int, int]] = frozenset(),
    unvalued: frozenset[tuple[int, int]] = frozenset(),
    hidden: frozenset[int] = frozenset(),
) -> list[RowResult]:
    """One result for every row of the sheet, in order; `rows[0]` is row 1.

    `mapping` (field name by column from 0) replaces the guess in `found`; `filled` are the places whose value comes
    from a merged cell above, `unvalued` those of formulas without a value, `hidden` the rows nobody sees in the sheet.
    """
    reader = _Reader(found, mapping if mapping is not None else found.mapping, context, filled, unvalued, hidden)
    return [reader.row(number, list(row)) for number, row in enumerate(rows, start=1)]


def count(results: Sequence[RowResult]) -> Counts:
    """How many rows went where."""
    fates = Counter(result.fate for result in results)
    return Counts(len(results), fates["ready"], fates["pending"], fates["dropped"])


class _Reader:
    """Reads rows in order, because an ID number that came before makes a later row doubtful."""

    def __init__(
        self,
        found: headings.Headings,
        mapping: Mapping[int, str],
        context: Context,
        filled: frozenset[tuple[int, int]],
        unvalued: frozenset[tuple[int, int]],
        hidden: frozenset[int],
    ) -> None:
        self.found = found
        self.context = context
        self.filled = filled
        self.unvalued = unvalued
        self.with_formulas = {number for number, _ in unvalued}
        self.hidden = hidden
        self.column_of = {name: column for column, name in mapping.items()}
        self.seen: dict[str, int] = {}

    def label(self, name: str) -> str:
        column = self.column_of.get(name)
        labels = self.found.labels
        if column is None or column >= len(labels):
            return headings.LABELS[name][0] if name in headings.LABELS else ""
        return re.sub(r"\s+", "", labels[column])

    def row(self, number: int, row: list[Cell]) -> RowResult:
        cells = tuple(map(cell_values.cell_text, row))
        reason = self._why_dropped(number, row, cells)
        if reason:
            return RowResult(number, "dropped", {}, (("", reason),), (), (), cells)
        draft = _Draft(self, number, row)
        draft.look_at_cells()
        draft.read()
        duplicate = self.seen.get(draft.values.get("id_number", ""))
        if duplicate is not None:
            draft.problem("id_number", f"身份证号与第 {duplicate} 行相同。请确认是不是同一人。")
        elif "id_number" in draft.values:
            self.seen[draft.values["id_number"]] = number
        fate: Fate = "pending" if draft.problems else "ready"
        # Beside problems it may be the reason for them, so that it is kept with the row.
        (draft.problems or draft.warnings).extend(draft.of_cells)
        return RowResult(
            number, fate, draft.values, tuple(draft.problems), tuple(draft.warnings), tuple(draft.notes), cells
        )

    def _why_dropped(self, number: int, row: list[Cell], cells: tuple[str, ...]) -> str:
        if number < self.found.first_row:
            return "标题" if any(cell.strip() for cell in cells) else "空行"
        if number <= self.found.last_row:
            return "表头"
        serial = self.column_of.get("serial")
        own = [
            "".join(cell.split())
            for column, cell in enumerate(cells)
            if cell.strip()
            and (number, column) not in self.filled
            and not (column == serial and cell.strip().rstrip(".、").isdigit())
        ]
        if not own:
            return "" if number in self.with_formulas else "空行"
        if headings.is_repeated(row, self.found):
            return "重复的表头"
        if sum(char.isdigit() for char in self._at("id_number", cells)) >= _FEWEST_DIGITS:
            return ""
        first = next("".join(cell.split()) for cell in cells if cell.strip())
        return _no_person((first, own[0]), alone=len(own) == 1)

    def _at(self, name: str, cells: tuple[str, ...]) -> str:
        column = self.column_of.get(name)
        return cells[column].strip() if column is not None and column < len(cells) else ""


def _no_person(given: Sequence[str], *, alone: bool) -> str:
    """Why a row that begins with one of these texts is no person; empty if it may be one."""
    texts = [half_width(text) for text in given]
    if any(_TOTALS.match(text) for text in texts):
        return "合计行"
    if any(_FOOTERS.search(text) for text in texts):
        return "落款"
    return "标题" if alone and _TITLES.search(texts[-1]) else ""


class _Draft:
    """One person's row while it is read."""

    def __init__(self, reader: _Reader, number: int, row: list[Cell]) -> None:
        self.reader = reader
        self.context = reader.context
        self.number = number
        self.cells = row
        self.values: dict[str, str] = {}
        self.problems: list[tuple[str, str]] = []
        self.warnings: list[tuple[str, str]] = []
        self.notes: list[tuple[str, str]] = []
        self.of_cells: list[tuple[str, str]] = []
        """What is wrong with cells as such, whatever the field."""
        self.remarks: list[str] = []

    def cell(self, name: str) -> Cell:
        column = self.reader.column_of.get(name)
        return self.cells[column] if column is not None and column < len(self.cells) else None

    def look_at_cells(self) -> None:
        """What is wrong with cells as such: it is said, the cell counts as empty, and the row keeps it as it was."""
        if self.number in self.reader.hidden:
            self.of_cells.append(("", "这一行在表里是隐藏的。"))
        for name, column in self.reader.column_of.items():
            cell = self.cells[column] if column < len(self.cells) else None
            if isinstance(cell, str) and cell.startswith("#") and cell_values.ERROR.fullmatch(cell.strip()):
                self.cells = [*self.cells[:column], None, *self.cells[column + 1 :]]
                self.of_cells.append(
                    (self.reader.label(name), f"这一格是公式错误“{cell.strip()}”, 按没有填处理。请照原件核对。")
                )
            elif cell is None and (self.number, column) in self.reader.unvalued:
                text = "这一格是公式, 文件里没有存下结果, 按没有填处理。请用 Excel 或 WPS 打开保存一次后再导入。"
                self.of_cells.append((self.reader.label(name), text))

    def problem(self, name: str, text: str) -> None:
        self.problems.append((self.reader.label(name), text))

    def warn(self, name: str, text: str) -> None:
        self.warnings.append((self.reader.label(name), text))

    def tidied(self, name: str, text: str) -> None:
        self.notes.append((self.reader.label(name), text))

    def take(self, name: str, reading: Reading) -> str:
        """Put a reading where it belongs; the value taken."""
        if reading.problem:
            self.problem(name, reading.problem)
            return ""
        if reading.warning:
            self.warn(name, reading.warning)
        if reading.note:
            self.tidied(name, reading.note)
        if reading.value:
            self.values[name] = reading.value
            column = self.reader.column_of.get(name)
            if column is not None and (self.number, column) in self.reader.filled:
                self.tidied(name, _MERGED)
        return reading.value

    def read(self) -> None:
        self.take("name", cell_values.person_name(self.cell("name")))
        self.take_number()
        self.take_division()
        for name in _PLAIN:
            self.take(name, cell_values.plain(self.cell(name)))
        for name in _NAMES:
            if self.cell(name) is not None:
                self.take(name, cell_values.person_name(self.cell(name), alone=name != "account_holder"))
        self.take_codes()
        self.take_phones()
        for name in _DATES:
            self.take(name, cell_values.date(self.cell(name), latest_year=self.context.today.year))
        self.take_classes()
        self.take("account_number", cell_values.account_number(self.cell("account_number")))
        self.take_note()
        self.check_across()

    def take_number(self) -> None:
        """The ID number with what it tells; a typed birth date or sex that differs is named and the number wins."""
        cell = self.cell("id_number")
        today = self.context.today
        birth = cell_values.date(self.cell("birth_date"), latest_year=today.year)
        sex = cell_values.code("sex", self.cell("sex"))
        reason = cell_values.no_id_reason(cell) or cell_values.no_id_reason(self.cell("no_id_reason"))
        text = cell_values.cell_text(cell)
        checked = id_number.check(text, today=today, number_cell=cell_values.is_number(cell))
        if isinstance(checked, id_number.IdProblem):
            self.take("birth_date", birth)
            self.take("sex", sex)
            if reason and (checked.code == "empty" or cell_values.no_id_reason(cell)):
                self.values["no_id_reason"] = reason
                self.tidied("id_number", f"没有身份证号: {cell_values.NO_ID_REASONS[reason]}")
            else:
                self.problem("id_number", checked.text)
            return
        self.values["id_number"] = checked.text
        if checked.doubt:
            self.warn("id_number", checked.doubt)
        if text != checked.text:
            self.tidied("id_number", f"“{text}”写作 {checked.text}")
        card = cross_checks.Card(
            birth=PartialDate.parse(birth.value) if birth.value else None,
            sex=sex.value,
            id_birth=checked.birth,
            id_sex=checked.sex,
        )
        for doubt in cross_checks.id_agrees(card):
            self.warn(doubt.fields[0], doubt.text)
        for name, typed, true in (("birth_date", birth, checked.birth.isoformat()), ("sex", sex, checked.sex)):
            self.values[name] = true
            if typed.problem:
                self.warn(name, f"{typed.problem}已按身份证号处理。")
            if typed.value != true:
                self.tidied(name, f"{_FROM_ID}: {'男' if true == '1' else '女' if true == '2' else true}")

    def take_division(self) -> None:
        raw = cell_values.cell_text(self.cell("division")).strip()
        home = self.context.division
        if not raw:
            self.values["division"] = home
            return
        if divisions.is_code(raw):
            if divisions.within(raw, home):
                self.values["division"] = raw
            else:
                self.problem("division", f"区划代码 {raw} 不在本站管辖范围内。")
            return
        known = divisions.find(self.context.divisions, raw, home)
        if len(known) == 1:
            self.values["division"] = known[0]
            self.tidied("division", f"“{raw}”写作 {known[0]}")
        elif known:
            self.problem("division", f"本地有 {len(known)} 个“{raw[:20]}”, 请选是哪一个。")
        else:
            self.problem("division", f"本站管辖范围内没有“{raw[:20]}”。")

    def take_codes(self) -> None:
        for name in _CODES:
            reading = cell_values.code(name, self.cell(name))
            if reading.problem:
                raw = cell_values.cell_text(self.cell(name)).strip()
                self.remarks.append(f"{self.reader.label(name)}: {raw}")
                self.warn(name, f"{reading.problem}原文已放到备注里。")
            else:
                self.take(name, reading)

    def take_phones(self) -> None:
        found: list[str] = []
        for name in ("phone", "phone2"):
            numbers, reading = cell_values.phones(self.cell(name))
            if reading.problem:
                self.problem(name, reading.problem)
            elif reading.note:
                self.tidied(name, reading.note)
            found += [number for number in numbers if number not in found]
        for name, number in zip(("phone", "phone2"), found, strict=False):
            self.values[name] = number
        if len(found) > len(("phone", "phone2")):
            more = "、".join(found[2:])
            self.remarks.append(f"其他电话: {more}")
            self.tidied("phone", f"第三个起的电话 {more} 放到备注里")

    def take_classes(self) -> None:
        person = cell_values.person_class(self.cell("class12"))
        benefit = cell_values.benefit(self.cell("benefit_code"))
        for name, reading in (("class12", person), ("benefit_code", benefit)):
            if reading.problem:
                self.problem(name, reading.problem)
            if reading.further:
                more = "、".join(reading.further)
                self.warn(name, f"还写了“{more}”, 请在人员页补上这个身份。")
                self.remarks.append(f"其他身份: {more}")
        class12 = person.class12 or benefit.class12
        code = benefit.benefit_code or person.benefit_code
        for name, value in (
            ("class12", class12),
            ("benefit_code", code),
            ("disability_level", person.level or benefit.level),
            ("disability_nature", person.nature or benefit.nature),
        ):
            if value:
                self.values[name] = value
        if code and not benefit.benefit_code:
            self.tidied("class12", f"按“{cell_values.cell_text(self.cell('class12')).strip()}”认作优抚类别 {code}")
        self.take("disability_level", cell_values.disability_level(self.cell("disability_level")))
        self.take("disability_nature", cell_values.disability_nature(self.cell("disability_nature")))

    def take_note(self) -> None:
        own = cell_values.long_text(self.cell("note"))
        if own.problem:
            self.problem("note", own.problem)
        kept: list[str] = []
        for name in headings.KEPT_IN_NOTE:
            reading = cell_values.plain(self.cell(name))
            if reading.problem:
                self.problem(name, reading.problem)
            elif reading.value:
                kept.append(f"{self.reader.label(name)}: {reading.value}")
                self.tidied(name, "放到备注里")
        note = "; ".join(part for part in (own.value, *kept, *self.remarks) if part)
        if note:
            self.values["note"] = note

    def check_across(self) -> None:
        """The checks between fields warn and never block: old papers are often wrong."""
        values = self.values
        dates = {
            name: PartialDate.parse(values[name]) if name in values else None
            for name in ("birth_date", "enlisted", "discharged")
        }
        card = cross_checks.Card(
            birth=dates["birth_date"],
            enlisted=dates["enlisted"],
            discharged=dates["discharged"],
            classes=frozenset({values["class12"]} if "class12" in values else ()),
            codes=frozenset({values["benefit_code"]} if "benefit_code" in values else ()),
            disability_level=values.get("disability_level", ""),
            disability_nature=values.get("disability_nature", ""),
        )
        for doubt in cross_checks.doubts(card, self.context.today):
            self.warn(_CARD_FIELDS.get(doubt.fields[0], doubt.fields[0]), doubt.text)
        birth, age = dates["birth_date"], cell_values.cell_text(self.cell("age")).strip().removesuffix("岁")
        if birth is not None and age.isascii() and age.isdigit():
            least, most = age_on(birth, self.context.today)
            if not least - _MOST_AGE_GAP <= int(age) <= most + _MOST_AGE_GAP:
                self.warn("age", f"表里写 {age} 岁, 按出生日期是 {most} 岁。请核对。")
        holder = values.get("account_holder")
        if holder and "name" in values and names.folded(holder) != names.folded(values["name"]):
            self.warn("account_holder", f"户名“{holder}”不是本人。请核对是不是监护人代领。")
