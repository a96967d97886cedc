"""What must be true, kept in plain dictionaries: every act ever made, and what its author knew when making it.

No vector, no state, no fold of the programme is used to say which writes are unsuperseded: only sets of acts.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

from app.models import recording
from app.models.base import kinds
from tests.exchange.chain import Desk

LIVE = 0


class Key(NamedTuple):
    """One act: its dot, and its hash, because after a fork two acts have the same dot."""

    node: str
    incarnation: int
    position: int
    hash: bytes


@dataclass
class Act:
    """One act: what it wrote, and for each record the acts its author had before."""

    stamp: int
    name: str
    wrote: dict[bytes, dict[str, Any]] = field(default_factory=dict)
    knew: dict[bytes, frozenset[Key]] = field(default_factory=dict)
    kind: dict[bytes, str] = field(default_factory=dict)
    stops: dict[bytes, dict[str, str]] = field(default_factory=dict)
    """How far up each field rises, where it does not rise to the top."""

    def says(self, record: bytes, sees: Callable[[str, str], bool]) -> dict[str, Any]:
        """What somebody gets of what it wrote in a record; `sees` tells by a field and where it stops."""
        stops = self.stops.get(record, {})
        return {name: value for name, value in self.wrote[record].items() if sees(name, stops.get(name, ""))}


Eyes = Callable[[Key, bytes, str, str], bool]
"""Whether somebody is given what an act wrote in a field of a record, which stops at a level."""


def all_seeing(_key: Key, _record: bytes, _name: str, _stop: str) -> bool:
    return True


class Row(NamedTuple):
    """A part as it lies in a desk's journal."""

    key: Key
    standing: int
    stamp: int
    name: str
    record: bytes
    part: recording.PartBody


def journal(desk: Desk) -> list[Row]:
    """A desk's journal, read with plain SQL."""
    sql = (
        "SELECT o.node, o.incarnation, g.position, g.hash, g.standing, g.stamp, g.name, p.record, p.body "
        "FROM journal_group g JOIN origin o ON o.id = g.origin LEFT JOIN journal_part p ON p.group_id = g.id "
        "ORDER BY g.id, p.number"
    )
    with desk.station.db.read() as session:
        rows = session.connection().exec_driver_sql(sql).all()
    return [
        Row(
            Key(node.hex(), inc, position, bytes(digest)),
            standing,
            stamp,
            name,
            bytes(record),
            recording.decode_part(bytes(body)),
        )
        for node, inc, position, digest, standing, stamp, name, record, body in rows
        if body is not None
    ]


def kept(desk: Desk) -> set[tuple[tuple[str, int, int], bytes, str]]:
    """(dot, record, field) of everything whose content is at a desk, in its journal or in a snapshot."""
    out = {(row.key[:3], row.record, name) for row in journal(desk) for name in row.part.fields}
    with desk.station.db.read() as session:
        rows = session.connection().exec_driver_sql("SELECT record, body FROM baseline").all()
    for record, body in rows:
        for (node, inc, position), _stamp, _context, fields, *_limits in recording.decode_plain(bytes(body))[2]:
            out.update(((node.hex(), inc, position), bytes(record), name) for name in fields)
    return out


def present(desk: Desk) -> set[Key]:
    """Every act of which anything is in a desk's journal, were it only its hash."""
    sql = "SELECT o.node, o.incarnation, g.position, g.hash FROM journal_group g JOIN origin o ON o.id = g.origin"
    with desk.station.db.read() as session:
        rows = session.connection().exec_driver_sql(sql).all()
    return {Key(node.hex(), inc, position, bytes(digest)) for node, inc, position, digest in rows}


class Model:
    """Every act of a history, whoever made it."""

    def __init__(self) -> None:
        self.acts: dict[Key, Act] = {}
        self.on: dict[bytes, list[Key]] = defaultdict(list)
        """Acts that touch a record, in the order in which they were made."""
        self._erased: tuple[set[Key], dict[bytes, dict[Key, str]]] = (set(), {})

    # -- learning ----------------------------------------------------------------------------------------------------

    def begin(self, desks: Iterable[Desk]) -> None:
        """What the chain holds before the history begins: trusted, its contexts read as they stand."""
        for row in sorted((row for desk in desks for row in journal(desk)), key=lambda row: row.stamp):
            known = _reach(row.part.context)
            self._learn(row, frozenset(k for k in self.on[row.record] if covered(known, k)))

    def learn(self, desk: Desk, *, all_origins: bool = False) -> list[Key]:
        """Take note of what was just done at a desk; gives the new acts, oldest first."""
        rows = journal(desk)
        new = [row for row in rows if row.key not in self.acts or row.record not in self.acts[row.key].wrote]
        live: dict[bytes, set[Key]] = defaultdict(set)
        for row in rows:
            if row.standing == LIVE:
                live[row.record].add(row.key)
        base = snapshots(desk) if new else {}
        out = dict.fromkeys(row.key for row in new)
        for row in new:
            if not all_origins and row.key.node != desk.node:
                raise AssertionError(f"{desk.name} holds an act nobody made: {row.key} {row.name}")
            known = {k for k in live[row.record] if k[:3] != row.key[:3]}
            known |= {k for k in self.on[row.record] if covered(base.get(row.record, {}), k)}
            self._learn(row, frozenset(known))
        return list(out)

    def _learn(self, row: Row, knew: frozenset[Key]) -> None:
        act = self.acts.setdefault(row.key, Act(row.stamp, row.name))
        if row.record not in act.knew:
            act.knew[row.record] = knew
            self.on[row.record].append(row.key)
        act.wrote.setdefault(row.record, {}).update(row.part.fields)
        act.kind[row.record] = row.part.kind
        if row.part.stop:
            act.stops.setdefault(row.record, {}).update(dict.fromkeys(row.part.fields, row.part.stop))

    # -- what follows from it ----------------------------------------------------------------------------------------

    def counted(self, present: Iterable[Key]) -> set[Key]:
        """Of the acts that still exist somewhere, those that count: not void, not forked, not behind one of those."""
        alive = {key for key in present if key in self.acts}
        dead: set[Key] = set()
        while True:
            void = self._void(alive - dead)
            forked = self._forked(alive - void)
            gone = void | forked
            gone |= self._behind(alive, gone)
            if gone == dead:
                return alive - dead
            dead = gone

    def _void(self, counting: set[Key]) -> set[Key]:
        out = set()
        for key in counting:
            act = self.acts[key]
            for record, kind in act.kind.items():
                if kind in ("refusal", "replacement"):
                    f = act.wrote[record]
                    out.add(Key(f["node"].hex(), f["incarnation"], f["position"], f["group_hash"]))
        return out

    def _forked(self, standing: set[Key]) -> set[Key]:
        twins: dict[tuple[str, int, int], set[Key]] = defaultdict(set)
        for key in standing:
            twins[key[:3]].add(key)
        return {key for keys in twins.values() if len(keys) > 1 for key in keys}

    def _behind(self, alive: set[Key], gone: set[Key]) -> set[Key]:
        out: set[Key] = set()
        while True:
            more = {k for k in alive - gone - out if self._held(k, alive, gone | out)}
            if not more:
                return out
            out |= more

    def _held(self, key: Key, alive: set[Key], gone: set[Key]) -> bool:
        act = self.acts[key]
        counting = alive - gone
        for record, knew in act.knew.items():
            # Of a settled fork the other side stands for the dot, where it wrote the record at all.
            standing = {other[:3] for other in self.on[record] if other in counting}
            if any(known in gone and known[:3] not in standing for known in knew):
                return True
        for record, kind in act.kind.items():
            owner = kinds()[kind].part_of
            parent = act.wrote[record].get(owner) if owner and not act.knew[record] else None
            if parent is not None and not any(k in alive and k not in gone for k in self.on[parent]):
                return True
        return False

    def erasures(self, record: bytes, counted: set[Key]) -> dict[Key, str]:
        """Acts that had the record deleted by law, with the home they name."""
        if self._erased[0] is not counted:
            found: dict[bytes, dict[Key, str]] = defaultdict(dict)
            for key in counted:
                for other, kind in self.acts[key].kind.items():
                    if kind == "erasure":
                        fields = self.acts[key].wrote[other]
                        found[fields["subject"]][key] = fields["home"]
            self._erased = (counted, found)
        return self._erased[1].get(record, {})

    def heads(self, record: bytes, counted: set[Key], eyes: Eyes = all_seeing) -> dict[str, set[Key]]:
        """The writes of each field that no counted write knew and overwrote, as somebody sees them."""
        if erased := self.erasures(record, counted):
            return {"deleted": set(erased), "home": set(erased)}
        writes = [k for k in self.on[record] if k in counted]
        says = {k: self.acts[k].says(record, partial(eyes, k, record)) for k in writes}
        out: dict[str, set[Key]] = {}
        for name in {name for k in writes for name in says[k]}:
            named = [k for k in writes if name in says[k]]
            known = {other[:3] for key in named for other in self.acts[key].knew[record] if other[:3] != key[:3]}
            out[name] = {k for k in named if k[:3] not in known}
        return out

    def shown(self, record: bytes, counted: set[Key], eyes: Eyes = all_seeing) -> dict[str, Any]:
        """The value each field shows to somebody; `deleted` by its own rule."""
        if erased := self.erasures(record, counted):
            return {"deleted": True, "home": next(iter(erased.values()))}
        out = {}
        heads = self.heads(record, counted, eyes)
        for name, keys in heads.items():
            best = max(keys, key=lambda k: (self.acts[k].stamp, k[:3]))
            out[name] = self.acts[best].wrote[record][name]
        if "deleted" in heads:
            out["deleted"] = self.is_deleted(record, counted)
        return out

    def is_deleted(self, record: bytes, counted: set[Key]) -> bool:
        """Some deletion knew everything ever written here, and no part of the record is left."""
        if self.erasures(record, counted):
            return True
        writes = {k for k in self.on[record] if k in counted}
        deletions = [
            k for k in self.heads(record, counted).get("deleted", ()) if self.acts[k].wrote[record]["deleted"] is True
        ]
        whole = any(writes <= self.acts[k].knew[record] | {k} for k in deletions)
        return whole and not any(not self.is_deleted(part, counted) for part in self.parts_of(record, counted))

    def parts_of(self, record: bytes, counted: set[Key]) -> set[bytes]:
        """The record's own parts that exist."""
        out = set()
        for key in counted:
            act = self.acts[key]
            for other, kind in act.kind.items():
                owner = kinds()[kind].part_of
                if owner and act.wrote[other].get(owner) == record:
                    out.add(other)
        return out


def covered(reach: Mapping[tuple[str, int], int], key: Key) -> bool:
    """Whether a vector covers an act."""
    return reach.get((key.node, key.incarnation), 0) >= key.position


def _reach(context: recording.Context) -> dict[tuple[str, int], int]:
    return {(node.hex(), inc): position for node, inc, position in context}


def snapshots(desk: Desk) -> dict[bytes, dict[tuple[str, int], int]]:
    """What stands for earlier groups at a desk: the vector of each record's snapshot."""
    with desk.station.db.read() as session:
        rows = session.connection().exec_driver_sql("SELECT record, body FROM baseline").all()
    return {bytes(record): _reach(recording.decode_plain(bytes(body))[1]) for record, body in rows}
