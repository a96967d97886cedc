"""Stores to measure in: one alone, and a parent with a child that have already met."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.cli.benching import made_up_rows
from app.models.database import Database, Work
from app.services import stores
from app.services.station import Station
from app.sync import enrolment, incoming, outgoing
from app.sync.exchange import Exchange
from app.sync.incoming import Taken

_PASSWORD: Final = "demo"  # noqa: S105 (stores of made-up people, removed after the measurement)
_SEVERAL: Final = 25_000


def alone(folder: Path) -> stores.Opened:
    """A county's store without neighbours."""
    founding = stores.Founding("county", "示例县局", (made_up_rows.COUNTY,), "赵明", _PASSWORD, practice=True)
    return stores.init(folder, founding)[0]


def reopened(folder: Path) -> stores.Opened:
    """The same store, opened again as a person would."""
    return stores.open_store(folder, user=None, password=_PASSWORD)


def fill(database: Database, kind: str, rows: made_up_rows.Rows) -> list[str]:
    """Many records in a few acts; gives their ids."""
    ids: list[str] = []
    for start in range(0, len(rows), _SEVERAL):
        with database.work("登记") as work:
            ids += work.add_many(kind, rows[start : start + _SEVERAL])
    return ids


@dataclass
class Pair:
    """A county and one of its townships: keys and the first load are exchanged."""

    folder: Path
    parent: stores.Opened
    child: stores.Opened

    @classmethod
    def founded(cls, folder: Path, at_parent: made_up_rows.Rows | None = None) -> "Pair":
        """Both stores, `at_parent` of persons already known above when the child joins (outside its scope)."""
        parent = alone(folder / "parent")
        if at_parent:
            fill(parent.station.db, "person", at_parent)
        invited = enrolment.enrol(
            _exchange(parent.station),
            level="township",
            name="示例镇站",
            scopes=(made_up_rows.TOWNSHIP,),
            out=folder / "station.rge",
        )
        offer = enrolment.read(invited.file, invited.code)

        def prepare(station: Station, work: Work) -> None:
            enrolment.begin(station.db, work, offer)

        founding = stores.Founding(
            offer.level,
            offer.name,
            offer.scopes,
            "李四",
            _PASSWORD,
            practice=True,
            node=offer.node,
            prepare=prepare,
        )
        pair = cls(folder, parent, stores.init(folder / "child", founding)[0])
        pair.taken_above(pair.sent_up())
        pair.answered()
        return pair

    def sent_up(self) -> Path:
        """A package from the child to its parent."""
        return Path(outgoing.export(_exchange(self.child.station), "parent", self.folder).parts[0])

    def taken_above(self, package: Path) -> Taken:
        """The parent takes it; anything but all of it taken is an error of the measurement."""
        return self._took(incoming.take_all(_exchange(self.parent.station), [package]))

    def answered(self) -> None:
        """The parent's answer with its receipts goes down and is taken."""
        sent = outgoing.export(_exchange(self.parent.station), self.child.station.place.node, self.folder)
        self._took(incoming.take_all(_exchange(self.child.station), [Path(sent.parts[0])]))

    @staticmethod
    def _took(taken: list[Taken]) -> Taken:
        (one,) = taken
        if one.error or one.counts.refused or one.counts.held:
            raise RuntimeError(f"the measurement's own package was not taken: {one.document}")
        return one

    def close(self) -> None:
        """Let go of both."""
        self.child.close()
        self.parent.close()


def _exchange(station: Station) -> Exchange:
    return Exchange(station.db, station.folder)
