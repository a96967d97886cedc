"""What can be chosen where a field takes a code or a place: the programme's lists with what a bureau has added."""

from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import select

from app import clock
from app.models import CodeList
from app.models.fields import Field
from app.rules import codes
from app.rules import divisions as division_rules
from app.services import divisions
from app.services.station import Station

FLAGS = (("true", "是"), ("false", "否"))


@dataclass(frozen=True)
class Choice:
    """One thing to choose: the code as it is stored and the words for it."""

    code: str
    label: str


class Choices:
    """The choices of a station's fields, as they were when the first was asked for."""

    def __init__(self, station: Station) -> None:
        self._station = station

    def of(self, field: Field) -> list[Choice]:
        """Everything a field may be; empty where anything may be typed."""
        if field.editor == "flag":
            return [Choice(code, label) for code, label in FLAGS]
        if field.editor == "code":
            return self.codes(field.codes)
        if field.editor == "division":
            return self.places()
        return []

    def codes(self, name: str) -> list[Choice]:
        """The codes of a list, a bureau's own words above the programme's, without those that have ended."""
        found = dict(codes.LISTS.get(name, {}))
        today = clock.today().isoformat()
        for row in self._own.get(name, []):
            if row.ends and row.ends < today:
                found.pop(row.code, None)
            elif not row.starts or row.starts <= today:
                found[row.code] = row.label
        return [Choice(code, label) for code, label in found.items()]

    @cached_property
    def _own(self) -> dict[str, list[CodeList]]:
        """A bureau's own words, by list: read once, for a form asks for many lists."""
        found: dict[str, list[CodeList]] = {}
        with self._station.db.read() as session:
            for row in session.scalars(select(CodeList).where(~CodeList.deleted).order_by(CodeList.id)):
                found.setdefault(row.list, []).append(row)
        return found

    def places(self) -> list[Choice]:
        """The villages and communities of the station's area; of a station that has none, the area itself."""
        place = self._station.place
        with self._station.db.read() as session:
            names = divisions.names_inside(session, place, ended=False)
        inside = {code: name for code, name in names.items() if any(code.startswith(scope) for scope in place.scopes)}
        lowest = [code for code in sorted(inside) if division_rules.level(code) == "village"]
        several = len({code[:9] for code in lowest}) > 1
        out = []
        for code in lowest or sorted(inside) or [place.home]:
            name = inside.get(code, place.name)
            above = names.get(f"{code[:9]}000", "") if several else ""
            out.append(Choice(code, f"{above}{name}"))
        return out
