"""Which records have been deleted by law: looked up by the fold, which leaves a shell of them."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from app.models import bulk
from app.models.causality import Dot, State


class Erased(NamedTuple):
    """One erasure of a record: the act that ordered it, the kind of the record, where it lived."""

    dot: Dot
    kind: str
    home: str


def named(connection: Connection, records: Sequence[bytes]) -> dict[bytes, list[Erased]]:
    """The erasures of these records."""
    out: dict[bytes, list[Erased]] = {}
    sql = "SELECT subject, subject_kind, home, state FROM erasure WHERE NOT deleted AND subject IN ({})"
    for subject, kind, home, state in bulk.select_in(connection, sql, records):
        dot = State.decoded(bytes(state or b"")).base
        if dot is not None:
            out.setdefault(bytes(subject), []).append(Erased(dot, kind or "", home or ""))
    return out
