"""Village rosters of made-up people as they really look, with what must become of every row."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from app.rules import benefits, headings, names
from app.rules.cell_values import NO_ID_REASONS, Cell
from app.rules.made_up import Chance
from app.rules.person_rows import Fate

COLUMNS = (
    "serial",
    "village_group",
    "household_number",
    "head_name",
    "name",
    "sex",
    "id_number",
    "age",
    "class12",
    "enlisted",
    "discharged",
    "branch",
    "political",
    "merits",
    "benefit_code",
    "phone",
    "bank",
    "account_number",
    "note",
)
_PLACE = {name: place for place, name in enumerate(COLUMNS)}
# Words people write for a class and benefit code; all of them must be read back as these codes.
_CLASS_WORDS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("01", ""): ("转业干部", "军转干部"),
    ("02", ""): ("退役士兵", "退伍军人", "复退军人", "退役军人"),
    ("02", "81"): ("60岁", "60周岁农村籍退役士兵", "六十岁"),
    ("02", "51"): ("参战", "参战退役人员", "退伍军人、参战"),
    ("02", "42"): ("带病回乡", "带病回乡退伍军人"),
    ("02", "61"): ("参试", "参试人员"),
    ("05", "41"): ("在乡复员军人", "在乡老复员军人"),
    ("07", "11"): ("残疾军人", "伤残军人"),
    ("09", "21"): ("烈属", "烈士遗属", "烈士家属"),
    ("12", ""): ("军属", "现役军人家属"),
}


@dataclass(frozen=True, slots=True)
class Expected:
    """What must become of a row. `hazard` names what was done to it; `values` are those a ready row must give."""

    number: int
    fate: Fate
    hazard: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class MessySheet:
    """A sheet to be written: rows from row 1, merged areas (top, left, bottom, right; from 1), hidden rows, fates."""

    name: str
    rows: tuple[tuple[Cell, ...], ...]
    merged: tuple[tuple[int, int, int, int], ...]
    hidden_rows: tuple[int, ...]
    expected: tuple[Expected, ...]


def messy_sheet(people: Sequence[Mapping[str, str]], rng: Chance, *, village: str, today: dt.date) -> MessySheet:
    """One village's roster, the same for a fresh `random.Random(seed)`. `village` is the name that stands in title and tab."""
    return _Messy(rng, village, today).build(people)


class _Messy:
    """Builds one sheet row by row, so that every row's number and fate are known as it is written."""

    def __init__(self, rng: Chance, village: str, today: dt.date) -> None:
        self.rng = rng
        self.village = village
        self.today = today
        self.rows: list[tuple[Cell, ...]] = []
        self.expected: list[Expected] = []
        self.merged: list[tuple[int, int, int, int]] = []
        self.hidden: list[int] = []
        self.labels = tuple(self._label(name) for name in COLUMNS)

    def build(self, people: Sequence[Mapping[str, str]]) -> MessySheet:
        wide = len(COLUMNS)
        self.add([f"{self.village}退役军人和其他优抚对象花名册"], "dropped", "title")
        self.merged.append((1, 1, 1, wide))
        self.add([f"填报单位: {self.village}", None, None, None, None, f"日期: {self.today}"], "dropped", "title")
        self.heading()
        ordered = sorted(people, key=lambda person: person["village_group"])
        group, group_start = "", 0
        for place, person in enumerate(ordered):
            if person["village_group"] != group:
                self.merge_group(group_start)
                group, group_start = person["village_group"], len(self.rows) + 1
            self.person(place + 1, person, shown=group_start == len(self.rows) + 1)
            if place == len(ordered) // 2:
                self.merge_group(group_start)
                self.add([None] * wide, "dropped", "blank")
                self.add(list(self.labels), "dropped", "heading again")
                group, group_start = "", 0
            if self.rng.random() < 0.03:
                self.hidden.append(len(self.rows))
        self.merge_group(group_start)
        self.add(["合  计", None, None, None, f"{len(ordered)}人"], "dropped", "total")
        self.add([None] * wide, "dropped", "blank")
        self.add(["制表人: 甲某", None, None, None, None, None, "审核人: 乙某"], "dropped", "foot")
        return MessySheet(self.village, tuple(self.rows), tuple(self.merged), tuple(self.hidden), tuple(self.expected))

    def add(self, cells: Sequence[Cell], fate: Fate, hazard: str, values: Mapping[str, str] | None = None) -> None:
        self.rows.append(tuple(cells) + (None,) * (len(COLUMNS) - len(cells)))
        self.expected.append(Expected(len(self.rows), fate, hazard, values or {}))

    def heading(self) -> None:
        """One row, or two merged ones with the service dates below a common heading."""
        if self.rng.random() < 0.5:
            self.add(list(self.labels), "dropped", "heading")
            return
        upper: list[Cell] = list(self.labels)
        lower: list[Cell] = [None] * len(COLUMNS)
        start = _PLACE["enlisted"]
        upper[start], upper[start + 1] = "服役情况", None
        lower[start], lower[start + 1] = self.labels[start], self.labels[start + 1]
        self.add(upper, "dropped", "heading")
        self.add(lower, "dropped", "heading")
        top = len(self.rows) - 1
        self.merged.append((top, start + 1, top, start + 2))
        for column in range(len(COLUMNS)):
            if column not in {start, start + 1}:
                self.merged.append((top, column + 1, top + 1, column + 1))

    def merge_group(self, start: int) -> None:
        """Join the cells of one 村民组, which stands in its first row only."""
        if start and len(self.rows) > start:
            column = _PLACE["village_group"] + 1
            self.merged.append((start, column, len(self.rows), column))

    def person(self, serial: int, person: Mapping[str, str], *, shown: bool) -> None:
        cells, values = self.cells(serial, person)
        if not shown:
            cells["village_group"] = None
        hazards: list[tuple[str, Fate, Callable[[dict[str, Cell], dict[str, str]], bool]]] = [
            ("padded name", "ready", self._padded_name),
            ("number with spaces", "ready", _spaced_number),
            ("number in wide digits", "ready", _wide_number),
            ("old number of 15 digits", "ready", _old_number),
            ("number as a number", "pending", _numeric_number),
            ("wrong check digit", "pending", _wrong_check_digit),
            ("no name", "pending", _no_name),
            ("no number", "pending", _no_number),
            ("no number, with a reason", "ready", _no_number_reason),
            ("two phones", "ready", _two_phones),
            ("phone as a number", "ready", _numeric_phone),
            ("phone too short", "pending", _short_phone),
            ("account as a number", "pending", _numeric_account),
            ("two readings of a date", "pending", _ambiguous_date),
            ("unreadable date", "pending", _unreadable_date),
            ("unknown class", "pending", _unknown_class),
        ]
        hazard, fate = "none", "ready"
        if "id_number" in person and self.rng.random() < 0.35:
            name, planned, spoil = self.rng.choice(hazards)
            if spoil(cells, values):
                hazard, fate = name, planned
        if fate == "pending":
            values = {}
        self.add([cells[name] for name in COLUMNS], "pending" if fate == "pending" else "ready", hazard, values)
        if hazard == "none" and "id_number" in person and self.rng.random() < 0.03:
            again = dict(cells) | {"serial": serial, "village_group": None, "note": "补登"}
            self.add([again[name] for name in COLUMNS], "pending", "twice")

    def cells(self, serial: int, person: Mapping[str, str]) -> tuple[dict[str, Cell], dict[str, str]]:
        """The cells of a person as somebody would write them, and the values they must be read as."""
        taken = ("village_group", "household_number", "head_name", "name", "branch", "merits", "bank", "account_number")
        values = {name: person[name] for name in taken if name in person}
        values |= {name: person[name] for name in ("sex", "birth_date", "id_number", "no_id_reason") if name in person}
        cells: dict[str, Cell] = dict.fromkeys(COLUMNS)
        cells |= {name: person.get(name) for name in taken}
        cells["serial"] = serial
        cells["sex"] = benefits.label("sex", person["sex"])
        cells["age"] = self.today.year - int(person["birth_date"][:4])
        cells["political"] = benefits.label("politics", person["political"])
        values["political"] = person["political"]
        cells["id_number"] = person.get("id_number") or NO_ID_REASONS[person["no_id_reason"]]
        if "id_number" not in person:
            # Without a number nothing tells the day of birth: the roster has no column for it.
            del values["birth_date"]
        code = person.get("benefit_code", "")
        cells["class12"] = self.rng.choice(_CLASS_WORDS[person["class12"], code])
        values["class12"] = person["class12"]
        if code:
            values["benefit_code"] = code
            cells["benefit_code"] = self.rng.choice((benefits.label("benefit", code), None))
        for name in ("enlisted", "discharged"):
            if name in person:
                cells[name], values[name] = self._date(person[name])
        cells["phone"] = values["phone"] = person["phone"]
        return cells, values

    def _date(self, day: str) -> tuple[Cell, str]:
        """A date in one of the ways people write it; no way says more than the date does."""
        year, month, date = [*day.split("-"), "", ""][:3]
        ways: list[Cell]
        if not month:
            ways = [year, int(year), f"{year}年"]
        elif not date:
            ways = [f"{year}.{month}", f"{year[2:]}.{month}", f"{year}年{int(month)}月", f"{year}/{int(month)}", day]
            ways.append(f"{year}{month}")
        else:
            ways = [
                f"{year}.{month}.{date}",
                f"{year}年{int(month)}月{int(date)}日",
                f"{year}/{int(month)}/{int(date)}",
            ]
            ways += [f"{year}{month}{date}", int(f"{year}{month}{date}"), dt.date.fromisoformat(day)]
        return self.rng.choice(ways), day

    def _label(self, name: str) -> str:
        label = self.rng.choice(headings.LABELS[name][:4])
        decorated = [label, " ".join(label), label.replace("号", "号\n", 1), f"{label}(必填)", f"*{label}"]
        return self.rng.choice([label, label, label, *decorated])

    def _padded_name(self, cells: dict[str, Cell], values: dict[str, str]) -> bool:
        name = values["name"]
        wide = "\u3000".join(name) if len(name) == 2 and all(map(names.is_han, name)) else f" {name}\u3000"
        cells["name"] = wide.replace("·", self.rng.choice("•・.·"))
        return True


def _spaced_number(cells: dict[str, Cell], values: dict[str, str]) -> bool:
    number = values["id_number"]
    cells["id_number"] = f"{number[:6]} {number[6:14]} {number[14:].lower()} "
    return True


def _wide_number(cells: dict[str, Cell], values: dict[str, str]) -> bool:
    cells["id_number"] = "".join(chr(ord(char) + 0xFEE0) for char in values["id_number"])
    return True


def _old_number(cells: dict[str, Cell], values: dict[str, str]) -> bool:
    number = values["id_number"]
    cells["id_number"] = number[:6] + number[8:17]
    return number[6:8] == "19"


def _numeric_number(cells: dict[str, Cell], values: dict[str, str]) -> bool:
    number = values["id_number"]
    if number.endswith("X"):
        return False
    cells["id_number"] = int(number)
    return True


def _wrong_check_digit(cells: dict[str, Cell], values: dict[str, str]) -> bool:
    number = values["id_number"]
    cells["id_number"] = number[:17] + ("1" if number[17] != "1" else "2")
    return True


def _no_name(cells: dict[str, Cell], values: dict[str, str]) -> bool:
    cells["name"] = None
    return bool(values)


def _no_number(cells: dict[str, Cell], values: dict[str, str]) -> bool:
    cells["id_number"] = None
    return bool(values)


def _no_number_reason(cells: dict[str, Cell], values: dict[str, str]) -> bool:
    cells["id_number"] = "现役"
    del values["id_number"], values["birth_date"]
    values["no_id_reason"] = "serving"
    return True


def _two_phones(cells: dict[str, Cell], values: dict[str, str]) -> bool:
    values["phone2"] = "0794-8123456"
    cells["phone"] = f"{values['phone']}/0794-8123456"
    return True


def _numeric_phone(cells: dict[str, Cell], values: dict[str, str]) -> bool:
    cells["phone"] = int(values["phone"])
    return True


def _short_phone(cells: dict[str, Cell], values: dict[str, str]) -> bool:
    cells["phone"] = values["phone"][:-2]
    return True


def _numeric_account(cells: dict[str, Cell], values: dict[str, str]) -> bool:
    cells["account_number"] = int(values["account_number"])
    return True


def _ambiguous_date(cells: dict[str, Cell], values: dict[str, str]) -> bool:
    if "enlisted" not in values:
        return False
    cells["enlisted"] = float(f"{values['enlisted'][:4]}.1")
    return True


def _unreadable_date(cells: dict[str, Cell], values: dict[str, str]) -> bool:
    cells["enlisted"] = "八几年冬季"
    return bool(values)


def _unknown_class(cells: dict[str, Cell], values: dict[str, str]) -> bool:
    cells["class12"] = "乡贤代表"
    return bool(values)
