"""A history: acts on the stores of a chain, each chosen by three numbers, and what must hold after every one."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select

from app.errors import UserError
from app.models import Person, owning, receipts, stops
from app.models.base import fields_of, kinds, table_of
from app.models.causality import State
from app.services import checking
from app.services.undoing import Undo
from app.sync.incoming import Taken
from tests.exchange.chain import CITY, COUNTY, EAST, LEVELS, SCOPES, TOWNSHIP, WEST, Chain, Desk, Parcel
from tests.exchange.model import LIVE, Eyes, Key, Model, Row, journal, kept, present

RECEIVED: Final = {CITY: "city", COUNTY: "county", TOWNSHIP: "township"}


PLACES: Final = (SCOPES[EAST], SCOPES[WEST], "361002101201")
"""Villages; the last is kept by the second township, or by the county where there is none."""


class History:
    """The chain, the model beside it, and the counts that are printed at the end."""

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self.model = Model()
        self.model.begin(chain.desks.values())
        self.figures: Counter[str] = Counter()
        self.log: list[str] = []
        self.outside: set[bytes] = set()
        """Records an unruly programme made outside its scope: theirs alone to keep."""
        self.ever: dict[str, set[Key]] = {name: present(d) for name, d in chain.desks.items()}
        self.size = {name: len(keys) for name, keys in self.ever.items()}

    # -- what an act needs -------------------------------------------------------------------------------------------

    def note(self, text: str) -> None:
        self.log.append(text)

    def desk(self, n: int) -> Desk:
        return self.chain[self.chain.members[n % len(self.chain.members)]]

    def village(self, n: int) -> Desk:
        return self.chain[(EAST, WEST)[n % 2]]

    def places(self, desk: Desk) -> list[str]:
        """Divisions a desk may write for."""
        return [code for code in PLACES if code.startswith(desk.scopes)]

    def records(self, desk: Desk, kind: str, *, deleted: bool = False) -> list[str]:
        table = table_of(kind)
        with desk.station.db.read() as session:
            rows = session.execute(select(table.c.id, table.c.home, table.c.deleted).order_by(table.c.id)).all()
        return [r.id for r in rows if r.deleted == deleted and r.home is not None and r.home.startswith(desk.scopes)]

    def guests(self, desk: Desk) -> list[tuple[str, str]]:
        """(person, home) of those who live in the desk's scope and belong elsewhere."""
        with desk.station.db.read() as session:
            query = select(Person.id, Person.home, Person.residence_division).where(~Person.deleted)
            rows = session.execute(query.order_by(Person.id)).all()
        return [
            (row.id, row.home)
            for row in rows
            if (row.residence_division or "").startswith(desk.scopes) and not row.home.startswith(desk.scopes)
        ]

    def parcels(self) -> list[Parcel]:
        return self.chain.mail

    # -- what must hold after every act -------------------------------------------------------------------------------

    def learn(self, desk: Desk) -> None:
        """Tell the model what a desk has just done, and look at the desk."""
        self.model.learn(desk)
        self.look(desk)

    def look(self, desk: Desk) -> None:
        """The store is whole, its words are true, and nothing outside its scope is in it."""
        problems = checking.check(desk.station)
        assert problems == [], f"{desk.name}: {problems}"
        rows = journal(desk)
        keys = present(desk)
        assert len(keys) >= self.size[desk.name], f"{desk.name}: groups have gone from the journal"
        self.size[desk.name] = len(keys)
        self.ever[desk.name] |= keys
        self._in_scope(desk)
        self._statuses(desk, rows)

    def _in_scope(self, desk: Desk) -> None:
        sql = " UNION ALL ".join(f"SELECT '{kind}', id, home FROM \"{kind}\"" for kind in kinds())
        with desk.station.db.read() as session:
            rows = session.connection().exec_driver_sql(sql).all()
        for kind, record, home in rows:
            inside = home is not None and home.startswith(desk.scopes)
            above = kinds()[kind].scope == "downward" and any(s.startswith(home.rstrip("0")) for s in desk.scopes)
            if inside or above or bytes(record) in self.outside:
                continue
            # A trace of somebody who lived here, or lives here besides, or what this desk wrote or was offered itself.
            assert self._was_theirs(desk, bytes(record)), f"{desk.name} holds a {kind} of {home}"

    def _was_theirs(self, desk: Desk, record: bytes) -> bool:
        acts = [self.model.acts[key] for key in self.model.on[record]]
        mine = any(key.node == desk.node for key in self.model.on[record])
        wrote = [act.wrote[record] for act in acts]
        links = {name for cls in kinds().values() for name in (cls.part_of, cls.about) if name}
        waiting, seen = list(wrote), {record}
        while waiting:  # a part of somebody, an erasure of such a part
            fields = waiting.pop()
            owners = {owner for name in links if isinstance(owner := fields.get(name), bytes)} - seen
            seen |= owners
            found = [self.model.acts[key].wrote[owner] for owner in owners for key in self.model.on[owner]]
            wrote += found
            waiting += found
        places = [fields.get(name) for fields in wrote for name in ("home", "residence_division", "to_division")]
        nodes = [fields.get("to_node") for fields in wrote]
        lived = any(isinstance(place, str) and place.startswith(desk.scopes) for place in places)
        below = {other.node for other in self.chain.desks.values() if other.scopes[0].startswith(desk.scopes)}
        return mine or lived or any(isinstance(node, bytes) and node.hex() in below for node in nodes)

    def _statuses(self, desk: Desk, rows: Sequence[Row]) -> None:
        """已收 by a level only where that level has held every act the record is made of."""
        above = []
        name = desk.name
        while name in self.chain.up:
            name = self.chain.up[name]
            above.append(name)
        live: dict[bytes, set[Key]] = defaultdict(set)
        for row in rows:
            if row.standing == LIVE and row.part.kind == "person":
                live[row.record].add(row.key)
        with desk.station.db.read() as session:
            for record, keys in live.items():
                word = receipts.status(session, "person", record.hex())
                for level in above:
                    if word == RECEIVED[level]:
                        missing = keys - self.ever[level]
                        assert not missing, f"{desk.name} shows {word}, but {level} never had {missing}"

    def taken(self, parcel: Parcel, taken: Taken) -> None:
        """The counts of a package add up."""
        counts = taken.counts
        assert counts.groups == parcel.groups, f"{parcel.path.name}: {counts} of {parcel.groups}"
        self.figures["conflicts"] += counts.conflicts
        self.figures["refusals"] += counts.refused
        self.figures["held"] += counts.held
        self.figures["taken"] += 1

    # -- what must hold at the end --------------------------------------------------------------------------------------

    def end(self) -> None:
        """Everybody exchanges until nobody has anything new; then all agree with each other and with the model."""
        chain = self.chain
        for desk in chain.desks.values():
            desk.skew = 0
        silent = 0
        for _ in range(12):
            groups = 0
            for sender, to in chain.ways:
                parcel = chain.export(sender, to)
                groups += parcel.groups
                taken = chain.take(parcel)
                self.taken(parcel, taken)
                self.model.learn(chain.desks[to])
            silent = 0 if groups else silent + 1
            if silent == 2:  # in the first silent round everybody has only heard what the others lack
                break
        else:
            raise AssertionError("they never fall silent")
        for desk in chain.desks.values():
            self.look(desk)
        self.agree()

    def agree(self) -> None:
        """Digests and conflicts of each scope are the same at every desk that has it; all are as the model says."""
        chain = self.chain
        for name in chain.up:
            desk = chain.desks[name]
            up = name
            while up in chain.up:
                up = chain.up[up]
                level = LEVELS[up]
                if desk.digest(level=level) != chain.desks[up].digest(desk.scopes, level):
                    raise AssertionError(f"{name} and {up} differ:\n{self.difference(desk, chain.desks[up])}")
                hidden = self._withheld(level)
                mine, theirs = (self.questions(one, desk.scopes) for one in (desk, chain.desks[up]))
                assert [q for q in mine if q[0] not in hidden] == [q for q in theirs if q[0] not in hidden]
        everywhere = {key for desk in chain.desks.values() for key in present(desk)}
        self.figures["forks"] += len(everywhere) - len({key[:3] for key in everywhere})
        counted = self.model.counted(everywhere)
        somewhere = {fact for desk in chain.desks.values() for fact in kept(desk)}
        moves = (act.wrote.values() for key, act in self.model.acts.items() if key in counted)
        self.figures["moved"] += sum(any("moved" in fields for fields in wrote) for wrote in moves)
        for desk in chain.desks.values():
            self._as_model(desk, counted, somewhere)

    def _withheld(self, level: str) -> set[str]:
        """Questions of which a level may not have all answers."""
        return {
            f"{act.kind[record]}:{record.hex()}:{name}"
            for act in self.model.acts.values()
            for record, some in act.stops.items()
            for name, stop in some.items()
            if stops.stopped(stop, level)
        }

    def difference(self, one: Desk, other: Desk) -> str:
        """What differs between two desks, for the message of a failure."""
        out = []
        for kind in kinds():
            table = table_of(kind)
            rows = []
            for desk in (one, other):
                with desk.station.db.read() as session:
                    found = session.execute(select(table)).mappings()
                    rows.append({r["id"]: self._plain(desk, dict(r)) for r in found})
            for record in sorted({*rows[0], *rows[1]}):
                a, b = rows[0].get(record), rows[1].get(record)
                home = (a or b or {}).get("home") or ""
                if a != b and home.startswith(one.scopes):
                    out.append(f"{kind} {record}:\n  {one.name}: {a}\n  {other.name}: {b}")
                    out += [
                        f"    {d.name}: {r.key.node[-4:]} {r.key.incarnation} {r.key.position} {r.name} "
                        f"standing {r.standing} {r.part.fields}"
                        for d in (one, other)
                        for r in journal(d)
                        if r.record.hex() == record
                    ]
        return "\n".join(out)

    def _plain(self, desk: Desk, row: dict[str, Any]) -> dict[str, Any]:
        row.pop("version")
        state = State.decoded(bytes(row.pop("state")))
        with desk.station.db.read() as session:
            key = {o: desk.station.db.origin_key(session.connection(), o) for o in state.vector}
        vector = {(key[o][0][-4:], key[o][1], p) for o, p in state.vector.items()}
        return {n: v for n, v in row.items() if v is not None} | {"_vector": sorted(vector)}

    def questions(self, desk: Desk, scopes: Sequence[str]) -> list[Any]:
        """The open questions of a scope, as a desk lists them."""
        out = []
        for one in desk.conflicts():
            if one["kind"] not in kinds():
                continue
            table = table_of(one["kind"] if one["field"] != "follows" else "case_step")
            with desk.station.db.read() as session:
                key = table.c.id if one["field"] != "follows" else table.c.case
                home = session.execute(select(table.c.home).where(key == one["record"])).scalar()
            if home is not None and home.startswith(tuple(scopes)):
                out.append((one["id"], [(h["value"], h["node"], h["when"]) for h in one["heads"]]))
        return sorted(out, key=repr)

    def _eyes(self, desk: Desk, somewhere: set[Any]) -> Eyes:
        """What a desk is given: what was withheld on the way up does not come down again."""
        names = {other.node: name for name, other in self.chain.desks.items()}
        mine = [desk.name, *self._above(desk.name)]

        def sees(key: Key, record: bytes, name: str, stop: str) -> bool:
            if not stop:
                return True
            if (key[:3], record, name) not in somewhere:
                return False  # had left its author as a hash only when that one was put back
            author = names.get(key.node, "")
            way = [author, *self._above(author)]
            meeting = next((name for name in way if name in mine), author)
            return meeting == author or not stops.stopped(stop, LEVELS[meeting])

        return sees

    def _above(self, name: str) -> list[str]:
        out = []
        while name in self.chain.up:
            name = self.chain.up[name]
            out.append(name)
        return out

    def _as_model(self, desk: Desk, counted: set[Key], somewhere: set[Any]) -> None:
        eyes = self._eyes(desk, somewhere)
        with desk.station.db.read() as session:
            connection = session.connection()
            origins = {
                n: (node.hex(), inc)
                for n, node, inc in connection.exec_driver_sql("SELECT id, node, incarnation FROM origin")
            }
            for kind in kinds():
                rows = {r["id"]: r for r in session.execute(select(table_of(kind))).mappings()}
                expected = self._expected(desk, kind, counted)
                for record in expected | {r for r, row in rows.items() if self._inside(desk, kind, row)}:
                    key = bytes.fromhex(record)
                    shown = self.model.shown(key, counted, eyes)
                    row = rows.get(record)
                    if row is None:
                        raise AssertionError(f"{desk.name} lacks {kind} {record}")
                    where = f"{desk.name} {kind} {record}"
                    for name, facts in fields_of(kind).items():
                        value = row[name]
                        if facts.editor == "record" and isinstance(value, str):
                            value = bytes.fromhex(value)
                        wanted = shown.get(name)
                        if name == "deleted":
                            value, wanted = bool(value), bool(wanted)
                        assert value == wanted, f"{where}.{name}: {value!r}, not {wanted!r}"
                    heads = self.model.heads(key, counted, eyes)
                    self._heads(where, State.decoded(bytes(row["state"])), heads, origins)

    def _heads(self, where: str, state: State, heads: dict[str, set[Key]], origins: dict[int, tuple[str, int]]) -> None:
        for name, keys in heads.items():
            if (dots := state.heads.get(name)) is None:
                dots = (state.base,) if state.base is not None else ()
            found = {(*origins[d.origin], d.position) for d in dots}
            wanted = {k[:3] for k in keys}
            assert found == wanted, f"{where}.{name}: heads {found}, not {wanted}"

    def _inside(self, desk: Desk, kind: str, row: Any) -> bool:
        """Whether a row lives in the desk's scope, or is of a kind that comes from above; others are traces."""
        home = row["home"] or ""
        return home.startswith(desk.scopes) or kinds()[kind].scope == "downward"

    def _expected(self, desk: Desk, kind: str, counted: set[Key]) -> set[str]:
        """Records that must be at a desk: they live in its scope, there besides, or are addressed to it."""
        out = set()
        cls = kinds()[kind]
        for record, keys in self.model.on.items():
            if not any(k in counted and self.model.acts[k].kind[record] == kind for k in keys):
                continue
            shown = self.model.shown(record, counted)
            places = [shown.get("home"), shown.get(cls.second)]
            owner = shown.get(cls.part_of)
            if isinstance(owner, bytes) and (second := kinds()[owning.owner_of(kind)].second):
                places.append(self.model.shown(owner, counted).get(second))
            to = shown.get(cls.addressed)
            addressed = isinstance(to, bytes) and to.hex() == desk.node
            if addressed or any(isinstance(place, str) and place.startswith(desk.scopes) for place in places):
                out.add(record.hex())
        return out


def summary(figures: Counter[str]) -> str:
    """One line for the end of a run."""
    words = ("histories", "acts", "taken", "conflicts", "refusals", "held", "forks", "restores", "copies", "moved")
    return ", ".join(f"{figures[word]} {word}" for word in words)


__all__ = ["SCOPES", "History", "Path", "Undo", "UserError", "summary"]
