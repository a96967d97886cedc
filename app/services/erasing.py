"""依法删除: a person's content is blanked here and, by package, wherever it lies; the journal keeps its chain."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import BadInput, Refused
from app.models import Erasure, Person, blobs, erasing, kinds
from app.rules import levels, text
from app.services import hanging, lookup, rights
from app.services.station import Station

LEVELS: Final = ("county", "city")
KEEPS: Final = frozenset({"issued_document", "hardship_case", "case_step"})
"""Decisions and papers that left the desk: 档案法 and 会计法 say how long they are kept."""


@dataclass(frozen=True)
class Erased:
    """What was blanked: how many records of which kinds; `kept` what the law wants kept."""

    act: str
    records: dict[str, int]
    kept: dict[str, int]


class Erasing:
    """What can be done about the deletion of a person's data."""

    def __init__(self, station: Station) -> None:
        self._station = station

    def preview(self, person: str) -> tuple[dict[str, int], dict[str, int]]:
        """(what would be blanked, what is kept), by kind; nothing is changed."""
        rights.demand(self._station, "erase")
        with self._station.db.read() as session:
            return _counted(*_subjects(session, _person(session, self._station, person)))

    def erase(self, person: str, basis: str, reason: str = "") -> Erased:
        """Blank a person and everything of the person's but what is kept; only a county or city may.

        There is no way back. Backups made before keep it until they age out.
        """
        station = self._station
        rights.demand(station, "erase")
        if station.place.level not in LEVELS:
            raise Refused("依法删除只能由县局或市局办理。没有改动任何数据。")
        if not text.clean(basis):
            raise BadInput("没有填删除的依据。没有改动任何数据。", {"basis": "没有填"})
        with station.db.work("依法删除") as work:
            found, kept = _subjects(work.session, _person(work.session, station, person))
            for kind, some in sorted(found.items()):
                for record, home in sorted(some.items()):
                    work.session.add(
                        Erasure(
                            home=home,
                            subject_kind=kind,
                            subject=record,
                            basis=text.clean(basis),
                            reason=text.clean(reason) or None,
                        )
                    )
            work.session.flush()
            records = [bytes.fromhex(record) for some in found.values() for record in some]
            spent = erasing.blank(station.db, work.connection, records)
        for name in spent:
            blobs.discard_name(station.folder, name)
        return Erased(work.act, *_counted(found, kept))


def _person(session: Session, station: Station, id: str) -> Person:
    person = lookup.fetch(session, Person, id)
    if not levels.covers(station.place.scopes, person.home or ""):
        raise Refused(f"{person.name} 不在本单位管辖范围内。没有改动任何数据。")
    return person


def _subjects(session: Session, person: Person) -> tuple[dict[str, dict[str, str]], dict[str, dict[str, str]]]:
    """({kind: {record: home}} to be blanked, the same to be kept)."""
    found: dict[str, dict[str, str]] = {}
    kept: dict[str, dict[str, str]] = {}
    for kind, ids in hanging.of(session, "person", person.id, hanging.homes_of(session, person.id)).items():
        into = kept if kind in KEEPS else found
        model = kinds()[kind]
        for row in session.execute(select(model.id, model.home).where(model.id.in_(ids))):
            into.setdefault(kind, {})[row.id] = row.home
    return found, kept


def _counted(
    found: dict[str, dict[str, str]], kept: dict[str, dict[str, str]]
) -> tuple[dict[str, int], dict[str, int]]:
    return {kind: len(some) for kind, some in found.items()}, {kind: len(some) for kind, some in kept.items()}
