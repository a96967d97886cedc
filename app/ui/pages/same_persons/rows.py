"""The rows of the list: pairs that wait, pairs told apart, records merged; and its columns."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from app.rules import id_number
from app.services.duplicates import Candidate, DuplicatePair
from app.services.register_jobs import Found
from app.services.same_person_views import Merged
from app.ui.kit.table import Column
from app.ui.pages.same_persons.beside import how_sure

WAITING, APART, MERGED = "waiting", "apart", "merged"
STATES: Final = ((WAITING, "还要核对的"), (APART, "核过不是同一人的"), (MERGED, "已合并的"))


@dataclass(frozen=True)
class Row:
    """A pair. Of a merged one the left stands for both."""

    pair: DuplicatePair
    places: Mapping[str, str]
    state: str

    @property
    def key(self) -> str:
        """The same while the pair is the same."""
        return " ".join(person.id for person in self.pair.persons)

    @property
    def ids(self) -> frozenset[str]:
        """Of both."""
        return ids(self.pair)


@dataclass(frozen=True)
class Decided:
    """What people have decided: records of pairs told apart, by the pair; records merged."""

    apart: Mapping[frozenset[str], str]
    merged: Sequence[Merged]


def ids(pair: DuplicatePair) -> frozenset[str]:
    """Of both persons."""
    return frozenset(person.id for person in pair.persons)


def rows(found: Found, decided: Decided) -> list[Row]:
    """All of them; a record that has been merged since the search waits no more."""
    lost = {one.lost.id for one in decided.merged}
    out = [
        Row(pair, found.places, APART if ids(pair) in decided.apart else WAITING)
        for pair in found.search.pairs
        if not ids(pair) & lost
    ]
    return out + [
        Row(DuplicatePair((one.kept, one.lost), 100, ("同一人, 已并入左边",), ()), found.places, MERGED)
        for one in decided.merged
    ]


def count(some: Iterable[Row], state: str) -> int:
    """How many are in a state."""
    return sum(row.state == state for row in some)


def columns() -> Sequence[Column]:
    """What stands in the list."""

    def number(place: int) -> Callable[[Row], str]:
        return lambda row: _number(row.pair.persons[place])

    return (
        Column("points", "把握", lambda row: f"{row.pair.points} {how_sure(row.pair.points)}", 6, sorts=True),
        Column("left", "左边", lambda row: row.pair.persons[0].name, 6, sorts=True),
        Column("left_number", "号码或出生日期", number(0), 10, sorts=True),
        Column("right", "右边", lambda row: row.pair.persons[1].name, 6, sorts=True),
        Column("right_number", "号码或出生日期", number(1), 10, sorts=True),
        Column("why", "相同之处", lambda row: "、".join(row.pair.why), 18, sorts=True),
        Column("against", "不同之处", lambda row: "、".join(row.pair.against), 10, sorts=True),
        Column("places", "村(社区)", _places, 10, sorts=True),
    )


def _number(one: Candidate) -> str:
    return id_number.mask(one.id_number) if one.id_number else one.birth_date or ""


def _places(row: Row) -> str:
    return "、".join(dict.fromkeys(row.places.get(one.division, one.division) for one in row.pair.persons))
