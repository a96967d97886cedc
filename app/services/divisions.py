"""Names of places: the national list with the bureau's own villages; reading them and adding to them."""

import functools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock, folders
from app.errors import BadInput, Refused
from app.models import Division
from app.models.database import Work
from app.rules import divisions as rules
from app.rules import levels, text
from app.rules.partial_date import PartialDate
from app.services import lookup, rights
from app.services.station import Place, Station

_LISTS = ("divisions/townships.csv.xz", "divisions/demo-villages.csv")


@dataclass(frozen=True)
class DivisionRow:
    """One place; `id` is empty for those of the national list."""

    code: str
    name: str
    full_name: str
    level: str
    """province|city|county|township|village."""
    id: str = ""


class Divisions:
    """The places a station knows."""

    def __init__(self, station: Station) -> None:
        self.station = station

    def inside(self, under: str = "") -> list[DivisionRow]:
        """Places inside a code or prefix, by default the station's own area."""
        rights.demand(self.station, "read")
        scopes = (text.half_width(under).strip(),) if under else self.station.place.scopes
        if not all(scope.isascii() and scope.isdigit() and len(scope) <= rules.CODE_LENGTH for scope in scopes):
            raise BadInput(f"“{under[:20]}”不是区划代码。")
        with self.station.db.read() as session:
            names = all_names(session, ended=True)
            own = _own(session)
        return [_row(names, own, code) for code in sorted(names) if any(rules.within(code, scope) for scope in scopes)]

    def find(self, words: str) -> list[DivisionRow]:
        """Places of the station's area whose name, or whose full name's end, is this text."""
        rights.demand(self.station, "read")
        with self.station.db.read() as session:
            names = names_inside(session, self.station.place, ended=False)
            own = _own(session)
        found = {code for scope in self.station.place.scopes for code in rules.find(names, words, scope)}
        return [_row(names, own, code) for code in sorted(found)]

    def add(self, code: str, name: str, kind: str = "", *, starts: str = "", ends: str = "", alias_of: str = "") -> str:
        """A village or other place of the station's area that the national list lacks or names otherwise.

        `starts` and `ends` are the days of effect (partial dates), `alias_of` the code that stands for it today.
        Raises BadInput for a malformed code, name or day, Refused outside the area or when all of it is known.
        """
        rights.demand(self.station, "division")
        with self.station.db.work("登记区划") as work:
            return enter(
                work.session, self.station.place.scopes, code, name, kind, starts=starts, ends=ends, alias_of=alias_of
            )


def enter(session: Session, scopes: tuple[str, ...], code: str, name: str, kind: str = "", **days: str) -> str:
    """Name a place inside an act that is under way; takes and raises what `Divisions.add` does."""
    plain, called = text.half_width(code).strip(), text.clean(name)
    problems: dict[str, str] = {}
    given = lookup.read_into(problems, "division", {field: value for field, value in days.items() if value})
    if given.get("starts") and given.get("ends") and given["ends"] < given["starts"]:
        problems["ends"] = "停用日期早于启用日期"
    if given.get("alias_of") == plain:
        problems["alias_of"] = "现代码不能是它自己"
    if not rules.is_code(plain):
        problems["code"] = "区划代码要 12 位数字"
    if not called or text.problems(called, lines=False):
        problems["name"] = "".join(text.problems(called, lines=False)) or "没有填名称"
    if problems:
        raise BadInput("; ".join(f"{k}: {v}" for k, v in problems.items()) + "。没有改动任何数据。", problems)
    if not levels.covers(scopes, plain):
        raise Refused(f"区划 {plain} 不在本站管辖范围内。没有改动任何数据。")
    if not given and all_names(session, ended=True).get(plain) == called:
        raise Refused(f"区划 {plain} {called} 已经有了。没有改动任何数据。")
    record = session.scalars(select(Division).where(Division.code == plain, Division.deleted.is_(False))).first()
    if record is None:
        record = Division(id=clock.new_id(), home=plain, code=plain)
        session.add(record)
    record.name = called
    for field, value in (("kind", kind or None), *given.items()):
        if value is not None:
            setattr(record, field, value)
    return record.id


def entering(scopes: tuple[str, ...], places: Mapping[str, str]) -> Callable[[Station, Work], None]:
    """What names these places (by code) in the act that founds a store."""

    def enter_all(_station: Station, work: Work) -> None:
        for code, name in places.items():
            enter(work.session, scopes, code, name)

    return enter_all


@functools.cache
def national() -> Mapping[str, str]:
    """Names by code of the shipped lists (about 45,000 places down to townships, with the villages of the demonstration)."""
    names: dict[str, str] = {}
    for each in _LISTS:
        names |= rules.parse(folders.resource_text(each))
    return names


def all_names(session: Session, *, ended: bool = False) -> dict[str, str]:
    """Names by code, the store's own above the shipped ones; `ended` with those nobody is registered under any more."""
    own = _own(session)
    names = {**national(), **{code: row.name for code, row in own.items()}}
    return names if ended else _standing(names, own)


def names_inside(session: Session, place: Place, *, ended: bool = True) -> dict[str, str]:
    """Names of the places in a unit's area and of those above it; without `ended` only those that can be chosen."""
    own = {code: row for code, row in _own(session).items() if _near(place.scopes, code)}
    names = {**_national_inside(place.scopes), **{code: row.name for code, row in own.items()}}
    return names if ended else _standing(names, own)


def _standing(names: dict[str, str], own: Mapping[str, Division]) -> dict[str, str]:
    gone = {code for code, row in own.items() if _gone(row)}
    return {code: name for code, name in names.items() if code not in gone} if gone else names


def _gone(row: Division) -> bool:
    if row.ends:
        return PartialDate.parse(row.ends).latest() < clock.today()
    return bool(row.alias_of)


@functools.lru_cache(maxsize=8)
def _national_inside(scopes: tuple[str, ...]) -> Mapping[str, str]:
    # Only the provinces' lines are taken apart: all names stay in memory with 12 MB, of which a station needs a hundredth.
    names: dict[str, str] = {}
    near = re.compile(f"^(?:{'|'.join(sorted({scope[:2] for scope in scopes}))}).*$", re.MULTILINE)
    for each in reversed(_LISTS):
        for code, name in rules.entries(near.findall(folders.resource_text(each))):
            if _near(scopes, code):
                names.setdefault(code, name)
    return names


def called(session: Session, place: Place, word: str) -> tuple[str, ...]:
    """Places inside a unit's area whose name begins with a word, or is it but for 村, 社区 and the like."""
    short = rules.short_name(word)
    query = select(Division.code, Division.name).where(Division.deleted.is_(False))
    own = {code: name for code, name in session.execute(query) if any(code.startswith(s) for s in place.scopes)}
    found = {code for code, name, plain in _shortened(place.scopes) if name.startswith(word) or plain == short}
    found -= own.keys()
    found |= {code for code, name in own.items() if name.startswith(word) or rules.short_name(name) == short}
    return tuple(sorted(found))


@functools.lru_cache(maxsize=8)
def _shortened(scopes: tuple[str, ...]) -> tuple[tuple[str, str, str], ...]:
    """Code, name and short name of the shipped places inside some scopes: asked for with each key pressed."""
    inside = _national_inside(scopes).items()
    return tuple((code, name, rules.short_name(name)) for code, name in inside if any(map(code.startswith, scopes)))


def _near(scopes: tuple[str, ...], code: str) -> bool:
    return any(rules.within(code, scope) for scope in scopes) or levels.covers_above(scopes, code)


def full_name(session: Session, code: str) -> str:
    """The name with all names above it; the code itself if nobody has named it."""
    return rules.full_name(all_names(session, ended=True), code) or code


def spoken(session: Session, place: Place, code: str) -> str:
    """`full_name` of a place that as a rule lies in the unit's area."""
    return rules.full_name(names_inside(session, place), code) or full_name(session, code)


def _own(session: Session) -> dict[str, Division]:
    found = session.scalars(select(Division).where(Division.deleted.is_(False)).order_by(Division.id))
    return {row.code: row for row in found}


def _row(names: Mapping[str, str], own: Mapping[str, Division], code: str) -> DivisionRow:
    record = own[code].id if code in own else ""
    return DivisionRow(code, names[code], rules.full_name(names, code), rules.level(code), record)
