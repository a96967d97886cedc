"""Rows of records whose writes simply followed what was here: brought forward without a fold from the journal."""

import functools
from collections import defaultdict
from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from app.models import bulk, derived, fold, recording
from app.models.base import LOCAL_COLUMNS, fields_of, kinds
from app.models.recording import PartBody
from app.sync.known import Known


class Rows:
    """What a merge writes into the rows of records it has taken."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self._database, self._connection = known.database, known.connection
        self.values: dict[bytes, dict[str, recording.Value]] = {}
        """The fields that followed, by record."""
        self.new: set[bytes] = set()
        self.slow: set[bytes] = set()
        """Records that must be folded from the journal."""

    def follow(self, part: PartBody) -> None:
        """The fields of a part are the newest of their record."""
        before = self.values.get(part.record)
        self.values[part.record] = part.fields if before is None else {**before, **part.fields}

    def write(self, touched: dict[str, list[str]]) -> None:
        """Write them; those that turn out to need a fold join `slow`. `touched` is told of the rest."""
        all_kinds = kinds()
        by_shape: dict[tuple[str, tuple[str, ...], bool], list[bytes]] = defaultdict(list)
        # What covers both answers of a contest leaves no two heads, yet the record must come off the list.
        listed = self._listed([record for record in self.values if record not in self.new])
        for record, values in self.values.items():
            kind = self._known.kind[record]
            cls = all_kinds.get(kind)
            state = self._known.states[record]
            if record in self.slow:
                continue
            whole = cls is None or "deleted" in values or record in self._known.deleted
            if whole or record in listed or (state.heads and state.contested()):
                self.slow.add(record)
                continue
            by_shape[kind, tuple(values), record in self.new].append(record)
        for (kind, given, new), records in by_shape.items():
            names, rows = self._rows(kind, given, records)
            ids = [record.hex() for record in records]
            touched[kind] += ids
            with self._database.door(self._connection):
                for some in bulk.chunks(rows):
                    if new:
                        bulk.insert_many(self._connection, kind, ("id", *names, "state"), some)
                    else:
                        bulk.update_many(self._connection, kind, (*names, "state"), some)
            if new:
                derived.make(self._connection, kind, ("id", *names, "state"), rows)
            else:
                derived.refresh(self._connection, kind, ids)

    def _rows(
        self, kind: str, given: Sequence[str], records: Sequence[bytes]
    ) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Records of one shape as rows, made column by column: (id, the fields this version knows, state)."""
        editors = _editors(kind)
        names = sorted(name for name in given if name in editors)
        taken = [self.values[record] for record in records]
        turned = (
            zip(*map(itemgetter(*names), taken), strict=True)
            if len(names) > 1
            else ([v[n] for v in taken] for n in names)
        )
        columns = [fold.fitting_column(column, editors[name]) for name, column in zip(names, turned, strict=True)]
        states = [self._known.states[record].encoded() for record in records]
        return names, list(zip(records, *columns, states, strict=True))

    def _listed(self, records: Sequence[bytes]) -> set[bytes]:
        if self._connection.exec_driver_sql("SELECT 1 FROM contest LIMIT 1").first() is None:
            return set()
        sql = "SELECT record FROM contest WHERE record IN ({})"
        return {bytes(record) for (record,) in bulk.select_in(self._connection, sql, records)}

    def clashes_of(self, records: set[bytes]) -> int:
        """How many fields of these records have two answers."""
        contested = sorted(self._listed(list(records)))
        order = fold.Order(self._database, self._connection)
        return sum(
            len(one.clashes(order)) + one.revived(order)
            for _, one in fold.load(self._database, self._connection, contested)
        )


@functools.cache
def _editors(kind: str) -> dict[str, str]:
    return {name: facts.editor for name, facts in fields_of(kind).items() if name not in LOCAL_COLUMNS}
