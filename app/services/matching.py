"""Who on the register a row means, and what the row would change: nothing is written here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Person, PersonKey, bulk, fields_of, table_of
from app.rules import divisions, duplicates, names
from app.rules.partial_date import PartialDate
from app.services.people import FLAT

_CHUNK: Final = 500
_DATES: Final = frozenset({"birth_date", "enlisted", "discharged", "joined_party", "work_since"})
_PERSON: Final = frozenset(fields_of("person")) - {
    "home", "deleted", "household", "merged_into", "photo", "signature",
}  # fmt: skip


@dataclass
class KnownPart:
    """An identity, service or account; `id` is empty while it is only planned."""

    id: str
    values: dict[str, Any]


@dataclass
class Known:
    """Somebody on the register, or about to be: a later row of the same files is held against it as well."""

    id: str
    home: str
    values: dict[str, Any]
    parts: dict[str, list[KnownPart]] = field(default_factory=dict)
    new: bool = False


@dataclass(frozen=True)
class Difference:
    """A field where the row says something else."""

    kind: str
    field: str
    present: Any
    given: Any


@dataclass
class Comparison:
    """What a row adds to a person: `fills` are empty so far, `differences` would overwrite, `more` are new parts."""

    fills: dict[str, Any] = field(default_factory=dict)
    part_fills: list[tuple[str, KnownPart, dict[str, Any]]] = field(default_factory=list)
    more: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Whether the row says nothing new."""
        return not (self.fills or self.part_fills or self.more or self.differences)


class Register:
    """The persons that some rows may mean, fetched in few queries."""

    def __init__(self, session: Session, rows: Iterable[Mapping[str, Any]], also: Iterable[str] = ()) -> None:
        """`also`: persons somebody has named, whether a row would find them or not."""
        self._by_number: dict[str, list[Known]] = {}
        self._by_name: dict[str, list[Known]] = {}
        wanted = list(rows)
        self._by_id: dict[str, Known] = {}
        ids: dict[str, None] = dict.fromkeys(also)
        for some in bulk.chunks(sorted({row["id_number"] for row in wanted if row.get("id_number")}), _CHUNK):
            ids.update(dict.fromkeys(session.scalars(select(Person.id).where(Person.id_number.in_(some)))))
        for some in bulk.chunks(sorted({names.folded(row["name"]) for row in wanted if row.get("name")}), _CHUNK):
            ids.update(dict.fromkeys(session.scalars(select(PersonKey.person).where(PersonKey.key.in_(some)))))
        self._fetch(session, list(ids))

    def _fetch(self, session: Session, ids: Sequence[str]) -> None:
        person = table_of("person")
        columns = [person.c[name] for name in ("id", "home", *sorted(_PERSON))]
        by_id: dict[str, Known] = {}
        for some in bulk.chunks(ids, _CHUNK):
            query = select(*columns).where(
                person.c.id.in_(some), person.c.deleted.is_(False), person.c.merged_into.is_(None)
            )
            for row in session.execute(query):
                by_id[row[0]] = Known(row[0], row[1], dict(zip(sorted(_PERSON), row[2:], strict=True)))
            for kind, flat in FLAT.items():
                table = table_of(kind)
                parts = select(table.c.id, table.c.person, *(table.c[name] for name in flat))
                for row in session.execute(parts.where(table.c.person.in_(some), table.c.deleted.is_(False))):
                    if (owner := by_id.get(row[1])) is not None:
                        owner.parts.setdefault(kind, []).append(
                            KnownPart(row[0], dict(zip(flat, row[2:], strict=True)))
                        )
        for known in by_id.values():
            self.enter(known)

    def known(self, person: str) -> Known | None:
        """Somebody on the register by id."""
        return self._by_id.get(person)

    def enter(self, known: Known) -> None:
        """Hold later rows against this one as well."""
        self._by_id[known.id] = known
        if number := known.values.get("id_number"):
            self._by_number.setdefault(number, []).append(known)
        self._by_name.setdefault(names.folded(known.values.get("name") or ""), []).append(known)

    def find(self, row: Mapping[str, Any]) -> tuple[Known | None, str]:
        """(the one person meant, "") or (None, why a person must look); (None, "") if nobody is meant.

        The ID number decides; without it the name together with birth date and place.
        """
        by_number = self.with_number(row)
        if len(by_number) > 1:
            return None, f"登记了 {len(by_number)} 个相同身份证号的人: {_listed(by_number)}。请先核对。"
        if by_number:
            return by_number[0], ""
        near = self.alike(row)
        same = [known for known in near if known.values.get("birth_date") == row.get("birth_date")]
        if len(same) == 1:
            return same[0], ""
        if near:
            return None, f"可能是已登记的 {_listed(same or near, row)}, 请核对是不是同一人。"
        if likely := self._likely(row):
            return None, f"可能是已登记的 {_listed(likely, row)}, 请核对是不是同一人。"
        return None, ""

    def _likely(self, row: Mapping[str, Any]) -> list[Known]:
        """Those of the same name whom a wrong digit keeps apart, the surest first."""
        same_name = self._by_name.get(names.folded(row.get("name") or ""), [])
        found = [(_verdict(known, row), known) for known in same_name]
        return [known for verdict, known in sorted(found, key=lambda one: -one[0].points) if verdict.likely]

    def with_number(self, row: Mapping[str, Any]) -> list[Known]:
        """Those who have the row's ID number; two only while two sides have registered somebody."""
        return self._by_number.get(row.get("id_number") or "", [])

    def alike(self, row: Mapping[str, Any]) -> list[Known]:
        """Those the row may mean by its name, birth and place, though not by the number."""
        same_name = self._by_name.get(names.folded(row.get("name") or ""), [])
        return [known for known in same_name if _may_be(known, row)]


def compare(known: Known, row: Mapping[str, Any]) -> Comparison:
    """Field by field; what the row leaves empty says nothing."""
    out = Comparison()
    phones = {known.values.get("phone"), known.values.get("phone2")}
    for name in sorted(_PERSON & row.keys()):
        given, present = row[name], known.values.get(name)
        if given is None or given == present or (name == "no_id_reason" and known.values.get("id_number")):
            continue
        if name in ("phone", "phone2") and given in phones:
            continue
        if _says_the_same(name, present, given):
            continue
        if present is None or _only_sharper(name, present, given):
            out.fills[name] = given
        else:
            out.differences.append(Difference("person", name, present, given))
    for kind, flat in FLAT.items():
        if some := {name: row[name] for name in flat if row.get(name) is not None}:
            _compare_part(out, kind, known.parts.get(kind, []), some)
    return out


def _compare_part(out: Comparison, kind: str, present: Sequence[KnownPart], given: dict[str, Any]) -> None:
    """The part that agrees best: all of it there, or with gaps to fill; else another identity, or a difference."""
    for part in present:
        if all(part.values.get(n) == v or _says_the_same(n, part.values.get(n), v) for n, v in given.items()):
            return
    for part in present:
        clash = [n for n, v in given.items() if part.values.get(n) is not None and not _fits(n, part.values[n], v)]
        if not clash:
            fills = {
                n: v for n, v in given.items() if part.values.get(n) is None or _only_sharper(n, part.values[n], v)
            }
            out.part_fills.append((kind, part, fills))
            return
    if not present or (kind == "person_identity" and not any(_same_identity(part.values, given) for part in present)):
        out.more.append((kind, given))
        return
    part = next((p for p in present if kind == "person_identity" and _same_identity(p.values, given)), present[0])
    for name, value in given.items():
        there = part.values.get(name)
        if there is not None and not _fits(name, there, value):
            out.differences.append(Difference(kind, name, there, value))


def _same_identity(present: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    """Whether both speak of one identity: several are normal, so another class or benefit is another identity."""
    return any(given.get(n) is not None and given[n] == present.get(n) for n in ("class12", "benefit_code")) or not any(
        given.get(n) for n in ("class12", "benefit_code")
    )


def _fits(name: str, present: Any, given: Any) -> bool:
    return present == given or _says_the_same(name, present, given) or _only_sharper(name, present, given)


def _says_the_same(name: str, present: Any, given: Any) -> bool:
    """What is no news though it is written otherwise: a wider place, a less exact date, a note already there."""
    if present is None:
        return False
    match name:
        case "division":
            return divisions.within(present, given)
        case "note":
            return given in present
        case name if name in _DATES:
            return str(present).startswith(f"{given}-")
        case _:
            return False


def _only_sharper(name: str, present: Any, given: Any) -> bool:
    """A date that says more than the one there and does not contradict it."""
    return name in _DATES and str(given).startswith(f"{present}-")


def _may_be(known: Known, row: Mapping[str, Any]) -> bool:
    """Same name already: not another number with another birthday, not another village."""
    there, here = known.values.get("division"), row.get("division")
    if there and here and not (divisions.within(there, here) or divisions.within(here, there)):
        return False
    births = [known.values.get("birth_date"), row.get("birth_date")]
    if all(births):
        first, second = (PartialDate.parse(str(birth)) for birth in births)
        return first.overlaps(second)
    numbers = {known.values.get("id_number"), row.get("id_number")} - {None}
    return len(numbers) < 2


def _verdict(known: Known, row: Mapping[str, Any]) -> duplicates.Verdict:
    """Both held against each other as 疑似同一人 are."""
    beside = {
        name: value for parts in known.parts.values() for part in parts[:1] for name, value in part.values.items()
    }
    return duplicates.compare(duplicates.traces(row), duplicates.traces(beside | known.values))


def _listed(some: Sequence[Known], row: Mapping[str, Any] | None = None) -> str:
    said = []
    for known in some[:3]:
        facts = [str(known.values.get("birth_date") or "出生日期不详")]
        if row is not None:
            verdict = _verdict(known, row)
            facts += [*verdict.why, *verdict.against]
        said.append(f"{known.values.get('name')}({', '.join(facts)})")
    return "、".join(said)
