"""Old division codes read today: the shipped changes with those a bureau has entered for its own places."""

import datetime as dt
import functools
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import folders
from app.errors import BadInput
from app.models import Division
from app.rules import divisions as rules
from app.rules import id_number
from app.rules.division_changes import Change, Changes, Resolved, parse
from app.rules.partial_date import PartialDate
from app.rules.text import half_width
from app.services import divisions, rights
from app.services.station import Station

_LIST = "divisions/changes.csv"
_LONG_AGO = "1949"
"""Where a bureau says that a code is an old one and not since when."""


class DivisionHistory:
    """What codes of long ago mean."""

    def __init__(self, station: Station) -> None:
        self.station = station

    def resolve(self, code: str, *, written: PartialDate | None = None, day: dt.date | None = None) -> Resolved:
        """What a code of 6, 9 or 12 digits, written on some day, means today or on another day.

        Raises BadInput for what is no code.
        """
        rights.demand(self.station, "read")
        plain = half_width(code).strip()
        if not (plain.isascii() and plain.isdigit() and len(plain) in rules.LENGTHS.values() and plain[:2] != "00"):
            raise BadInput(f"“{code[:20]}”不是区划代码(6、9 或 12 位数字)。", {"code": "不是区划代码"})
        with self.station.db.read() as session:
            return changes(session).resolve(plain, divisions.all_names(session), written=written, day=day)

    def county_of_number(self, number: str) -> tuple[str, Resolved]:
        """The county that gave an ID number, as it was called then, and what it is today. Raises BadInput."""
        rights.demand(self.station, "read")
        checked = id_number.check(number)
        if isinstance(checked, id_number.IdProblem):
            raise BadInput(checked.text)
        with self.station.db.read() as session:
            return changes(session).county_of_number(checked.text, checked.birth, divisions.all_names(session))

    def known(self, under: str = "") -> Sequence[Change]:
        """All changes whose old or new code lies under a prefix, the oldest first."""
        rights.demand(self.station, "read")
        with self.station.db.read() as session:
            found = changes(session).all
        return [change for change in found if change.old.startswith(under) or change.new.startswith(under)]


@functools.cache
def _shipped() -> tuple[Change, ...]:
    return tuple(parse(folders.resource_text(_LIST)))


def changes(session: Session) -> Changes:
    """The shipped changes and those of the store: a place with 现代码 is an old one from the day it ended."""
    query = select(Division).where(Division.deleted.is_(False), Division.alias_of.is_not(None)).order_by(Division.id)
    own = [
        Change(
            row.code, row.name, row.alias_of or "", "", PartialDate.parse(row.ends or row.starts or _LONG_AGO), "moved",
            "本地登记",
        )
        for row in session.scalars(query)
    ]  # fmt: skip
    if not own:
        return Changes(_shipped())
    names = divisions.all_names(session, ended=True)
    named = [
        Change(one.old, one.old_name, one.new, names.get(one.new, one.new), one.since, one.kind, one.source)
        for one in own
    ]
    return Changes((*_shipped(), *named))
