"""What a record is called in a sentence beside its noun: whose it is, which round, which day."""

from typing import Any, Final

from sqlalchemy import Connection, select

from app.models.base import fields_of, kinds, table_of
from app.rules import codes

_OWN: Final = ("name", "label", "number")
_FOLLOWED: Final = ("person", "head", "line", "case", "roster", "campaign")
"""References that say whose a record is, the nearest first."""
_MORE: Final = ("date", "day", "step", "year")
_DEEPEST: Final = 4


class Namer:
    """Names records of one connection; what was asked before is remembered."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known: dict[tuple[str, str], tuple[str, ...]] = {}

    def of(self, kind: str, record: str) -> str:
        """The words for a record; empty where it is not here or has none."""
        return " ".join(self._pieces(kind, record, _DEEPEST))

    def person_of(self, kind: str, record: str) -> str:
        """The person a record is about, by id; empty where there is none."""
        if kind == "person":
            return record
        row = self._row(kind, record)
        if row.get("person"):
            return str(row["person"])
        for name in ("line", "case"):
            target = fields_of(kind)[name].target if name in row else ""
            if target and row.get(name):
                return self.person_of(target, str(row[name]))
        return ""

    def _row(self, kind: str, record: str) -> dict[str, Any]:
        if kind not in kinds():
            return {}
        table = table_of(kind)
        found = self._connection.execute(select(table).where(table.c.id == record)).mappings().one_or_none()
        return dict(found) if found is not None else {}

    def _pieces(self, kind: str, record: str, deep: int) -> tuple[str, ...]:
        key = (kind, record)
        if key not in self._known:
            self._known[key] = ()  # a record that leads back to itself ends here
            self._known[key] = self._made(kind, record, deep)
        return self._known[key]

    def _made(self, kind: str, record: str, deep: int) -> tuple[str, ...]:
        row = self._row(kind, record)
        known = fields_of(kind) if row else {}
        pieces: dict[str, None] = {}
        for name in _FOLLOWED:
            target = known[name].target if name in known else ""
            if target and row.get(name) and deep:
                pieces.update(dict.fromkeys(self._pieces(target, str(row[name]), deep - 1)))
        own = next((str(row[name]) for name in _OWN if name in known and row.get(name)), "")
        if own:
            # A person's own name comes first, that of a round after whoever is in it.
            pieces = {own: None, **pieces} if kind == "person" else {**pieces, own: None}
        for name in _MORE:
            if not own and name in known and row.get(name):
                pieces[codes.label(known[name].codes, str(row[name]))] = None
        return tuple(pieces)
