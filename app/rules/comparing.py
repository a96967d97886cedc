"""名单比对: any list held against the register, row by row: both have it, only one has it, or they say different things."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final, Literal

from app.rules import divisions, headings, likeness, names, phone
from app.rules.cell_values import cell_text
from app.rules.headings import Headings
from app.rules.person_rows import RowResult

Heap = Literal["both", "differing", "only_list", "unclear", "dropped"]
Act = Literal["", "add", "correct", "death"]

HEAPS: Final[Mapping[str, str]] = MappingProxyType({
    "both": "双方都有", "differing": "内容不同", "only_list": "只在名单", "only_here": "只在本库", "unclear": "说不准",
    "dropped": "不是人员",
})  # fmt: skip
ACTS: Final[Mapping[str, str]] = MappingProxyType({"add": "登记人员", "correct": "更正", "death": "登记去世"})
DEATH: Final = "death_date"
_DEATH_LABELS: Final = frozenset({
    "死亡日期", "死亡时间", "死亡年月", "去世日期", "去世时间", "逝世时间", "死亡注销时间", "死亡注销日期", "火化日期", "火化时间",
})  # fmt: skip
_SEARCHED: Final = 30
_FEWEST: Final = 2

# Compared where both sides say something, in the order in which they are told. Addresses are written too freely.
COMPARED: Final = (
    "name", "sex", "birth_date", "division", "phone", "class12", "benefit_code", "disability_level",
    "disability_nature", "benefit_state", "enlisted", "discharged", "account_number",
)  # fmt: skip
_DATES: Final = frozenset({"birth_date", "enlisted", "discharged"})


@dataclass(frozen=True)
class Entry:
    """A person of the register as the rules compare him; parts stand as all the values he has under a field."""

    id: str
    name: str
    former_name: str = ""
    id_number: str = ""
    birth_date: str = ""
    dead: bool = False
    values: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Values by field of COMPARED; a field that is not there is not known."""


@dataclass(frozen=True)
class Difference:
    """A field in which list and register disagree; `here` is empty where the register says nothing."""

    field: str
    listed: str
    here: str


@dataclass(frozen=True)
class Compared:
    """One row of a list and what became of it."""

    number: int
    heap: Heap
    person: str = ""
    """Id of the one person of the register it means."""
    matched_by: str = ""
    differences: tuple[Difference, ...] = ()
    gaps: tuple[Difference, ...] = ()
    """What the list knows and the register does not."""
    said: str = ""
    act: Act = ""
    """What a person would do next with this row; nothing is done here."""
    mentioned: tuple[str, ...] = ()
    """Ids of persons it may mean, where that is not clear."""


def locate(rows: Sequence[Sequence[object]]) -> Headings | None:
    """The headings of a list: as those of a roster, but a number, or a name with something beside it, is enough."""
    if (found := headings.locate(rows)) is not None:
        return found
    best: Headings | None = None
    for place, row in enumerate(rows[:_SEARCHED]):
        labels = tuple("" if value is None else str(value) for value in row)
        matches, unmatched = headings.match(labels)
        fields = {match.field for match in matches}
        told = len(fields) + any(is_death(label) for _, label in unmatched)
        if told >= _FEWEST and fields & {"id_number", "name"} and (best is None or len(matches) > len(best.matches)):
            best = Headings(place + 1, place + 1, labels, matches, unmatched)
    return best


def is_death(label: str) -> bool:
    """Whether a heading stands over days of death."""
    return "".join(label.split()) in _DEATH_LABELS


class Register:
    """Entries by number and by name."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._by_number: dict[str, list[Entry]] = {}
        self._by_name: dict[str, list[Entry]] = {}
        for one in entries:
            if one.id_number:
                self._by_number.setdefault(one.id_number, []).append(one)
            for name in {names.folded(one.name), names.folded(one.former_name)} - {""}:
                self._by_name.setdefault(name, []).append(one)

    def numbered(self, number: str) -> list[Entry]:
        """Everybody with a number."""
        return self._by_number.get(number, [])

    def named(self, name: str) -> list[Entry]:
        """Everybody with a name, former names included."""
        return self._by_name.get(names.folded(name), [])


def compare(row: RowResult, register: Register, *, died: str = "", dead: bool = False, placed: bool = True) -> Compared:
    """One row of a list. `died` is the day of death it gives, `dead` says that the whole list is one of deaths.

    `placed` says whether the list has a column of villages: without one a row's division is only the station's own.
    """
    if row.fate == "dropped":
        return Compared(row.number, "dropped", said=row.problems[0][1])
    values = row.values if placed else {name: value for name, value in row.values.items() if name != "division"}
    found = _matched(values, register)
    problems = "; ".join(f"{column}: {text}" if column else text for column, text in row.problems)
    if isinstance(found, Compared):
        said = "; ".join(filter(None, (found.said, problems)))
        return replace(found, number=row.number, said=said)
    entry, by = found
    differences, gaps = _differences(values, entry)
    gone = bool(died) or dead
    if gone and not entry.dead:
        differences.insert(0, Difference(DEATH, died or "去世", ""))
    act: Act = "death" if gone and not entry.dead else "correct" if differences else ""
    heap: Heap = "differing" if differences else "both"
    return Compared(row.number, heap, entry.id, by, tuple(differences), tuple(gaps), problems, act)


def _matched(values: Mapping[str, str], register: Register) -> tuple[Entry, str] | Compared:
    number, name, birth = values.get("id_number", ""), values.get("name", ""), values.get("birth_date", "")
    if number and (numbered := register.numbered(number)):
        if len(numbered) == 1:
            return numbered[0], "身份证号"
        return _unclear(f"本库有 {len(numbered)} 人是这个身份证号", numbered)
    if not name:
        said = "本库没有这个身份证号" if number else "没有姓名和身份证号, 不能比对"
        return Compared(0, "only_list" if number else "unclear", said=said, act="add" if number else "")
    named = register.named(name)
    alike = [one for one in named if likeness.of_births(birth, one.birth_date) in ("day", "month", "year")]
    same = [one for one in alike if not (number and one.id_number)]
    if len(same) == 1:
        return same[0], "姓名和出生日期"
    if same:
        return _unclear(f"本库有 {len(same)} 个同名同出生日期的人", same)
    if alike:
        return _unclear("姓名和出生日期相同, 身份证号不同", alike)
    if named and (not birth or any(not one.birth_date for one in named)):
        return _unclear("只有姓名相同, 出生日期不全", named)
    return Compared(0, "only_list", act="add")


def _unclear(said: str, some: Sequence[Entry]) -> Compared:
    listed = "、".join(f"{one.name}({one.birth_date or '出生日期不详'})" for one in some[:3])
    return Compared(0, "unclear", said=f"{said}: {listed}。请核对。", mentioned=tuple(one.id for one in some))


def _differences(values: Mapping[str, str], entry: Entry) -> tuple[list[Difference], list[Difference]]:
    differences, gaps = [], []
    if (number := values.get("id_number", "")) and not entry.id_number:
        gaps.append(Difference("id_number", number, ""))
    for name in COMPARED:
        listed, here = values.get(name, ""), entry.values.get(name, frozenset())
        if not listed:
            continue
        if not here:
            gaps.append(Difference(name, listed, ""))
        elif not any(_agree(name, listed, one) for one in here) and not (
            name == "name" and names.folded(listed) == names.folded(entry.former_name)
        ):
            differences.append(Difference(name, listed, "、".join(sorted(here))))
    return differences, gaps


def _agree(name: str, listed: str, here: str) -> bool:
    if name == "name":
        return names.folded(listed) == names.folded(here)
    if name in _DATES:
        return listed.startswith(here) or here.startswith(listed)
    if name == "division":
        return divisions.within(here, listed) or divisions.within(listed, here)
    if name == "phone":
        return phone.normalise(listed) == phone.normalise(here)
    return listed == here


def death_column(found: Headings) -> int | None:
    """Column of the days of death, if a list has one."""
    return next((column for column, label in found.unmatched if is_death(label)), None)


def cell_at(row: Sequence[Any], column: int | None) -> str:
    """A cell as a person reads it; empty if the row is too short."""
    return cell_text(row[column]).strip() if column is not None and column < len(row) else ""
