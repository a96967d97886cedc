"""Divisions whose code or name changed: what an old code means on a day, and where a county of long ago lies today.

Codes were used again: 362302 was 鹰潭市 until 1983 and 德兴市 from 1990 to 2000. An old code is therefore read on the
day it was written.
"""

import csv
import datetime as dt
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from app.rules import divisions
from app.rules.partial_date import PartialDate

Kind = Literal["renamed", "moved", "merged", "split"]

KINDS: Final[Mapping[str, str]] = {"renamed": "更名", "moved": "换代码", "merged": "并入", "split": "拆分"}
FIRST_NUMBERS: Final = PartialDate(1984, 1)
"""Before 1984 nobody had an ID number: people born earlier were given one with the code of that time."""
_FIELDS: Final = ("old", "old_name", "new", "new_name", "since", "kind", "source")


@dataclass(frozen=True, slots=True)
class Change:
    """From `since` on `new` stands where `old` stood; codes of 6, 9 or 12 digits or whole ones of 12."""

    old: str
    old_name: str
    new: str
    new_name: str
    since: PartialDate
    kind: Kind
    source: str = ""

    @property
    def words(self) -> str:
        """The change in words."""
        code = "" if self.old == self.new else f"({self.old} → {self.new})"
        return f"{self.since} {self.old_name}{KINDS[self.kind]}{self.new_name}{code}"


@dataclass(frozen=True)
class Resolved:
    """What a code means: `code` of 12 digits, the changes on the way, and whether all of it is known.

    `exact` is False where only the division above it can be told (a county was cut up, or the townships of a county
    were numbered anew); `said` is the remark for the clerk, empty where nothing changed.
    """

    code: str
    path: tuple[Change, ...]
    exact: bool
    said: str = ""


def parse(text: str) -> list[Change]:
    """Changes of a CSV with a heading; lines that begin with # are remarks. Raises ValueError for a line that is none."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    rows = csv.DictReader(io.StringIO("\n".join(lines)))
    if tuple(rows.fieldnames or ()) != _FIELDS:
        raise ValueError(f"headings {rows.fieldnames}")
    return [_change(row) for row in rows]


def _change(row: Mapping[str, str]) -> Change:
    kind = row["kind"]
    if kind not in KINDS or not all(row[name].isdigit() for name in ("old", "new")):
        raise ValueError(f"line {row}")
    return Change(
        row["old"], row["old_name"], row["new"], row["new_name"], PartialDate.parse(row["since"]),
        kind, row["source"],  # type: ignore[arg-type]  # looked up in KINDS above
    )  # fmt: skip


class Changes:
    """All known changes: the shipped ones and those a bureau has entered."""

    def __init__(self, changes: Iterable[Change]) -> None:
        self._from: dict[str, list[Change]] = {}
        self.all = sorted(changes, key=lambda change: (change.since, change.old))
        for change in self.all:
            self._from.setdefault(_short(change.old), []).append(change)

    def resolve(
        self, code: str, names: Mapping[str, str], *, written: PartialDate | None = None, day: dt.date | None = None
    ) -> Resolved:
        """What a code that was written on some day means on another (today's list where none is given).

        `names` are the divisions in force, by 12-digit code. A code of 2 to 12 digits is taken; one that is in force
        and was not changed since it was written stays what it is.
        """
        whole, path, exact = divisions.pad(code), [], True
        now = written
        while (change := self._next(whole, now, day)) is not None:
            moved, certain = _moved(whole, change, names)
            exact = exact and certain
            path.append(change)
            whole, now = moved, change.since
            if len(path) > len(self.all):
                break
        if not path:
            known = whole in names or _short(whole) in self._from
            return Resolved(whole, (), known, "" if known else f"区划 {code} 不在现行的表里。请核对。")
        said = "; ".join(change.words for change in path)
        if not exact:
            said += f"。只能认到{names.get(whole) or whole}, 请核对现在的区划"
        return Resolved(whole, tuple(path), exact, f"{said}。")

    def _next(self, whole: str, now: PartialDate | None, day: dt.date | None) -> Change | None:
        """The first change of this code, or of one it lies in, after the moment it was written and not after the day."""
        found = [
            change
            for length in sorted(divisions.LENGTHS.values(), reverse=True)
            for change in self._from.get(whole[:length], ())
            if _after(change, now) and (day is None or change.since.earliest() <= day)
        ]
        return min(found, key=lambda change: change.since, default=None)

    def name_when(self, code: str, names: Mapping[str, str], when: PartialDate) -> str:
        """What a county or place was called when a code was written; today's name if it has not changed since."""
        short = _short(code)
        later = [change for change in self._from.get(short, ()) if _after(change, when)]
        if later:
            return later[0].old_name
        return names.get(divisions.pad(code), "")

    def county_of_number(self, number: str, birth: dt.date, names: Mapping[str, str]) -> tuple[str, Resolved]:
        """The county that gave an ID number, as it was called then, and what it is today."""
        given = max(PartialDate.of(birth), FIRST_NUMBERS)
        return self.name_when(number[:6], names, given), self.resolve(number[:6], names, written=given)


def _after(change: Change, now: PartialDate | None) -> bool:
    """Whether a change still lay ahead; of a year in which both fall it is taken to, as lists are yearly."""
    if now is None or now < change.since:
        return True
    return now != change.since and now.overlaps(change.since)


def _moved(whole: str, change: Change, names: Mapping[str, str]) -> tuple[str, bool]:
    """The code with its beginning changed, if there is such a place; else the place that took over."""
    old, new = _short(change.old), _short(change.new)
    target = divisions.pad(new)
    if change.kind == "split" or whole == divisions.pad(old):
        return target, change.kind != "split"
    kept = new + whole[len(old) :] if len(old) == len(new) else target
    township = divisions.pad(kept[: divisions.LENGTHS["township"]])
    return (kept, True) if kept in names or (township != target and township in names) else (target, False)


def _short(code: str) -> str:
    """The prefix that all places inside share: a region written 362600 holds all that begins with 3626."""
    return divisions.scope(divisions.pad(code))
