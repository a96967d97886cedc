"""Opening the database, and the unit of work: the only place a session begins or commits."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, CursorResult, create_engine, event, insert, inspect, select, update
from sqlalchemy.orm import InstanceState, Session, UOWTransaction, sessionmaker
from sqlalchemy.orm.exc import StaleDataError

from app import clock, faults
from app.errors import Refused
from app.models import bulk, derived, owning, recording, shapes
from app.models.base import LOCAL_COLUMNS, SCHEMA, Base, Synced, fields_of, kinds, table_of
from app.models.causality import Dot, State, Vector
from app.models.engines import begin, guard, sqlite_engine
from app.models.fields import LEVEL_MERGES, RecordId
from app.models.journal import Group, Local, Origin, Part, Peer
from app.models.recording import Context, GroupHeader, Value

NOBODY: Final = "0" * 32
STAMP_UNITS: Final = 1024
"""Counter steps in one millisecond of a stamp; more acts than that spill into the next millisecond."""

BEGIN = faults.define("save.begin", "开始一次保存")
ROWS = faults.define("save.rows", "写入数据行")
JOURNAL = faults.define("save.journal", "写入日志")
COMMIT = faults.define("save.commit", "提交一次保存")


@dataclass(frozen=True)
class Actor:
    """Who is at the desk."""

    staff: str = NOBODY
    name: str = ""


@dataclass(frozen=True)
class Changed:
    """Which records an act touched; what views need to decide whether to refresh."""

    name: str
    records: frozenset[tuple[str, str]] = frozenset()
    act: str = ""
    """Id of the act in `journal list`; empty when nothing changed."""

    @property
    def kinds(self) -> frozenset[str]:
        """Kinds of the records."""
        return frozenset(kind for kind, _ in self.records)


@dataclass
class _Touch:
    before: State
    context: Context
    fields: dict[str, Value] = field(default_factory=dict)


@dataclass
class Work:
    """One act in progress: everything in it is saved together or not at all."""

    session: Session
    name: str
    actor: Actor
    local: Local
    dot: Dot
    stamp: int
    database: "Database"
    meta: dict[str, Any] = field(default_factory=dict)
    """Goes into the group's header: what the act undoes or replaces."""
    touched: dict[tuple[str, str], _Touch] = field(default_factory=dict)
    merged: set[tuple[str, str]] = field(default_factory=set)
    """Records changed by taking others' groups."""
    bulk_parts: list[tuple[str, bytes, bytes, str]] = field(default_factory=list)
    act: str = ""
    after: list[bytes] = field(default_factory=list)
    """Contested records this act settles: folded anew once its group is written."""
    owners: dict[str, set[bytes]] = field(default_factory=dict)
    """Records that were here before and were given parts through the bulk door."""

    @property
    def changed(self) -> Changed:
        """What the act touched; complete after the block has ended."""
        records = {*self.touched, *self.merged, *((kind, record.hex()) for kind, record, _, _ in self.bulk_parts)}
        return Changed(self.name, frozenset(records), self.act)

    @property
    def connection(self) -> Connection:
        """The connection of this unit of work."""
        return self.session.connection()

    def add_many(self, kind: str, rows: Sequence[Mapping[str, Any]]) -> list[str]:
        """The one bulk door: journal and insert new records of one kind. Gives their ids.

        Each row names its fields; `id` may be given; `home` must be. Values as the ORM would take them.
        """
        if not rows:
            return []
        with bulk.unhindered():
            return self._add_many(kind, rows)

    def _add_many(self, kind: str, rows: Sequence[Mapping[str, Any]]) -> list[str]:
        state = State({self.dot.origin: self.dot.position}, self.dot).encoded()
        made = shapes.make(kind, rows, state)
        self.bulk_parts += made.parts
        faults.step(ROWS)
        with self.database.door(self.connection):
            for some in bulk.chunks(made.rows):
                bulk.insert_many(self.connection, kind, made.columns, some)
        derived.make(self.connection, kind, made.columns, made.rows)
        if owner := kinds()[kind].part_of:
            given = {bytes.fromhex(row[owner]) for row in rows if row.get(owner)}
            given.difference_update(record for _, record, _, _ in self.bulk_parts)
            self.owners.setdefault(owning.owner_of(kind), set()).update(given)
        return made.ids

    def affirm(self, record: Synced, values: Mapping[str, Any]) -> None:
        """Write fields by this act even where the value stays the same: it then covers every other answer."""
        for name, value in values.items():
            setattr(record, name, value)
        self.session.flush()  # the state below must build on what the flush has written
        kind = str(type(record).__tablename__)  # type: ignore[attr-defined]  # every synced class maps a table
        table = table_of(kind)
        stored = {
            name: bytes.fromhex(value) if value is not None and isinstance(table.c[name].type, RecordId) else value
            for name, value in values.items()
        }
        _touch(self.session, self, record, kind, stored)

    def delete(self, record: Synced) -> None:
        """Mark a record deleted; it stays in the history and can be brought back."""
        record.deleted = True


class Database:
    """The store's tables: one writer, one separate reader, units of work."""

    def __init__(self, place: Path | str, key: bytes = b"") -> None:
        """`place`: the file of an SQLite store encrypted under a 32-byte key, or the URL of a PostgreSQL database."""
        if isinstance(place, str):
            self.engine = create_engine(place, pool_size=2, max_overflow=0)
            self.reader = create_engine(place, pool_size=2, max_overflow=0)
        else:
            self.engine = sqlite_engine(place, key, read_only=False)
            self.reader = sqlite_engine(place, key, read_only=True)
        for engine in (self.engine, self.reader):
            event.listen(engine, "begin", begin)
            event.listen(engine, "before_cursor_execute", guard)
        self.actor = Actor()
        self.signer: Callable[[bytes], bytes] | None = None
        """Signs the hash of groups with authority; set when the node's keys are known."""
        self.own_secret = b""
        self.meta: Callable[[Work], dict[str, Any]] = lambda _work: {}
        """What the author knew (scope, policy version), put into each group's header."""
        self.told: Callable[[Changed], None] = lambda _changed: None
        """Hears of every act once it is saved, in the thread that saved it: how windows know what to read again."""
        self.refold: Callable[[Database, Connection, set[bytes]], object] | None = None
        """Folds records anew from the journal (app.models.standing.refold), for those an act may have settled."""
        self._lock = threading.RLock()
        self._work: Work | None = None
        self._reading: dict[Any, int] = {}
        """Connections in use for reading, and the threads that use them."""
        event.listen(self.reader, "checkout", lambda raw, *_: self._reading.update({raw: threading.get_ident()}))
        event.listen(self.reader, "checkin", lambda raw, *_: self._reading.pop(raw, None))
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)
        self._readers = sessionmaker(self.reader, expire_on_commit=False)
        event.listen(self._sessions, "before_flush", _capture)
        event.listen(self._sessions, "after_flush", _close_door)
        self._origins: dict[tuple[str, int], int] = {}
        self._origin_keys: dict[int, tuple[str, int]] = {}

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()
        self.reader.dispose()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A short look at the data. Nothing read here may be saved later."""
        with self._readers() as session:
            yield session

    def interrupt_reading(self, thread: int) -> None:
        """Stop what this thread is reading just now, because nobody waits for it any more.

        It raises SQLAlchemy's OperationalError; a reading that has not begun is not touched. The caller sees to it
        that the thread does not go on to something else meanwhile.
        """
        for raw, its in list(self._reading.items()):
            if its == thread and hasattr(raw, "interrupt"):
                raw.interrupt()

    @contextmanager
    def work(self, name: str, actor: Actor | None = None) -> Iterator[Work]:
        """One named act: all or nothing. Commits when the block ends, rolls back when it raises."""
        with self._lock:
            if self._work is not None:
                raise RuntimeError(f"{name!r} begun inside {self._work.name!r}: one act is one unit of work")
            with self._sessions() as session:
                faults.step(BEGIN)
                session.connection(execution_options={"ronggui_write": True})
                work = self._begun(session, name, actor or self.actor)
                session.info["work"] = self._work = work
                try:
                    yield work
                    session.flush()  # the listener must have seen every change before the group is written
                    self._finish(work)
                    faults.step(COMMIT)
                    session.commit()
                except StaleDataError as error:
                    self.forget_origins()
                    raise Refused("这条记录刚被改过。没有改动任何数据, 请重新打开后再保存。") from error
                except BaseException:
                    self.forget_origins()  # numbers given out inside this act are rolled back with it
                    raise
                finally:
                    self._work = None
            self.told(work.changed)

    def _begun(self, session: Session, name: str, actor: Actor) -> Work:
        connection = session.connection()
        with self.door(connection):
            # First statement of the unit of work: on PostgreSQL it makes units of work run one after the other.
            connection.exec_driver_sql('UPDATE "local" SET position = position WHERE id = 1')
        local = session.get(Local, 1)
        if local is None:
            raise RuntimeError("this database has no node yet: call found() first")
        session.expunge(local)
        stamp = max(clock.now_ms() * STAMP_UNITS, local.stamp + 1)
        return Work(session, name, actor, local, Dot(local.origin, local.position + 1), stamp, self)

    def _finish(self, work: Work) -> None:
        """Write the group, if the act changed anything."""
        connection = work.connection
        parts: list[tuple[str, bytes, bytes, str]] = list(work.bulk_parts)
        for (kind, record), touch in work.touched.items():
            key = bytes.fromhex(record)
            stops = {n: f.stop for n, f in fields_of(kind).items() if f.stop}
            for stop, some in shapes.split(touch.fields, stops):
                parts.append((kind, key, shapes.encoded(kind, key, touch.context, some, stop), stop))
        if parts:
            with bulk.unhindered():
                work.act = self._write_group(work, connection, parts)
        if self.refold is not None:
            by_rows: dict[str, set[bytes]] = {}
            for kind, record in work.touched:
                by_rows.setdefault(kind, set()).add(bytes.fromhex(record))
            owners = owning.owners_of(connection, by_rows)
            for kind, more in work.owners.items():
                owners.setdefault(kind, set()).update(more)
            again = owning.unsettled(connection, by_rows) | owning.unsettled(connection, owners)
            if again or work.after:
                self.refold(self, connection, {*again, *work.after})
        by_kind: dict[str, list[str]] = {}
        for kind, record in work.touched:
            by_kind.setdefault(kind, []).append(record)
        for kind, ids in by_kind.items():
            derived.refresh(connection, kind, ids)

    def _write_group(self, work: Work, connection: Connection, parts: list[tuple[str, bytes, bytes, str]]) -> str:
        faults.step(JOURNAL)
        size = recording.SALT
        salts = clock.random_bytes(size * len(parts))
        pairs = [(salts[size * n : size * n + size], body) for n, (_, _, body, _) in enumerate(parts)]
        hashes = [recording.part_hash(salt, body) for salt, body in pairs]
        local = work.local
        header = GroupHeader(
            local.node,
            local.incarnation,
            work.dot.position,
            work.stamp,
            work.name,
            work.actor.staff,
            work.actor.name,
            len(parts),
            recording.root_of(hashes),
            local.chain,
            SCHEMA,
            {**self.meta(work), **work.meta},
        ).encoded()
        digest = recording.group_hash(header)
        signed = self.signer(digest) if self.signer is not None and _with_authority(work, parts) else None
        group = insert(Group).values(
            origin=work.dot.origin,
            position=work.dot.position,
            stamp=work.stamp,
            name=work.name,
            header=header,
            hash=digest,
            mac=recording.own_mac(self.own_secret, header),
            signature=signed,
            parts=len(parts),
            hashes=b"".join(hashes) if signed else None,
            standing=0,
            flow=0,
            arrived=self.arrive(work),
        )
        with self.door(connection):
            group_id = inserted(connection.execute(group))
            rows = [
                (group_id, n, key, *pair) for n, ((_, key, _, _), pair) in enumerate(zip(parts, pairs, strict=True))
            ]
            for some in bulk.chunks(rows):
                bulk.insert_many(connection, Part.__tablename__, ("group_id", "number", "record", "salt", "body"), some)
            mark = "?" if connection.dialect.name == "sqlite" else "%s"
            connection.exec_driver_sql(
                f'UPDATE "local" SET position = {mark}, stamp = {mark}, chain = {mark}, arrivals = {mark} WHERE id = 1',
                (work.dot.position, work.stamp, digest, local.arrivals),
            )
            connection.exec_driver_sql(
                f"UPDATE origin SET held_to = {mark}, held_hash = {mark} WHERE id = {mark}",
                (work.dot.position, digest, work.dot.origin),
            )
        return f"{local.node}-{local.incarnation}-{work.dot.position}"

    @staticmethod
    def arrive(work: Work) -> int:
        """The next number of arrival; the caller saves the counter with the unit of work."""
        work.local.arrivals += 1
        return work.local.arrivals

    def arrive_again(self, connection: Connection, groups: Iterable[int]) -> None:
        """Number groups anew in the order of arrival, because what they count for has changed: units below must hear."""
        if self._work is None:
            raise RuntimeError("groups arrive only inside a unit of work")
        with self.door(connection):
            for group in sorted(groups):
                arrived = self.arrive(self._work)
                connection.execute(update(Group).where(Group.id == group).values(arrived=arrived))

    @contextmanager
    def door(self, connection: Connection) -> Iterator[None]:
        """Writes to synced tables and to the journal pass only inside: the capture, the bulk door, the fold."""
        was = connection.info.get("ronggui_door", False)
        connection.info["ronggui_door"] = True
        try:
            yield
        finally:
            connection.info["ronggui_door"] = was

    def under_way(self, connection: Connection) -> Work | None:
        """The unit of work on this connection, if its group is not written yet."""
        work = self._work
        return work if work is not None and not work.act and work.connection is connection else None

    def origin_id(self, connection: Connection, node: str, incarnation: int) -> int:
        """The local number of an origin, made when it is new."""
        key = (node, incarnation)
        if (found := self._origins.get(key)) is None:
            query = select(Origin.id).where(Origin.node == node, Origin.incarnation == incarnation)
            found = connection.execute(query).scalar()
            if found is None:
                with self.door(connection):
                    row = connection.execute(insert(Origin).values(node=node, incarnation=incarnation, held_to=0))
                found = inserted(row)
            self._origins[key] = found
            self._origin_keys[found] = key
        return found

    def new_incarnation(self, connection: Connection) -> int:
        """Begin a new incarnation: from now on this store's acts have dots no other copy of it can have given."""
        local = connection.execute(select(Local.node)).one()
        incarnation = clock.new_number()
        origin = self.origin_id(connection, local.node, incarnation)
        with self.door(connection):
            values = {"incarnation": incarnation, "origin": origin, "position": 0, "chain": b""}
            connection.execute(update(Local).values(**values))
        connection.execute(update(Peer).values(link=0))  # what went down the links is numbered anew
        return incarnation

    def forget_origins(self) -> None:
        """Drop the memory of local numbers (after a rollback or a restore)."""
        self._origins.clear()
        self._origin_keys.clear()

    def origin_key(self, connection: Connection, number: int) -> tuple[str, int]:
        """(node, incarnation) of a local number."""
        if (found := self._origin_keys.get(number)) is None:
            row = connection.execute(select(Origin.node, Origin.incarnation).where(Origin.id == number)).one()
            found = (row.node, row.incarnation)
            self._origin_keys[number] = found
        return found

    def context_of(self, connection: Connection, vector: Vector) -> Context:
        """A vector as it travels."""
        out: Context = []
        for number, position in vector.items():
            node, incarnation = self.origin_key(connection, number)
            out.append([bytes.fromhex(node), incarnation, position])
        return sorted(out)

    def vector_of(self, connection: Connection, context: Context) -> Vector:
        """The inverse of `context_of`."""
        return {self.origin_id(connection, node.hex(), inc): position for node, inc, position in context}


def inserted(result: CursorResult[Any]) -> int:
    """The number the database gave to a row just inserted."""
    key = result.inserted_primary_key
    if key is None:
        raise RuntimeError("no row was inserted")
    return int(key[0])


def _with_authority(work: Work, parts: Sequence[tuple[str, bytes, bytes, str]]) -> bool:
    all_kinds = kinds()
    if any(all_kinds[kind].authority for kind in {part[0] for part in parts}):
        return True
    for (kind, _), touch in work.touched.items():
        known = fields_of(kind)
        if any(known[name].merge in LEVEL_MERGES for name in touch.fields):
            return True
    return False


def _capture(session: Session, _context: UOWTransaction, _instances: object) -> None:
    """Write the journal. Mechanical: no rule of the business belongs here."""
    modified = [record for record in session.dirty if session.is_modified(record)]
    touched = [o for o in (*session.new, *modified, *session.deleted) if isinstance(o, Synced)]
    work: Work | None = session.info.get("work")
    if touched and work is None:
        raise RuntimeError("synced records are changed only inside Database.work()")
    if work is None:
        return
    for record in touched:
        if record in session.deleted:
            raise RuntimeError("mark synced records deleted; the row itself is never removed")
        _capture_one(session, work, record)
    if touched:
        faults.step(ROWS)
    session.connection().info["ronggui_door"] = True


def _capture_one(session: Session, work: Work, record: Synced) -> None:
    seen: InstanceState[Any] = inspect(record)
    table = seen.mapper.local_table
    kind = str(table.name)  # type: ignore[attr-defined]  # every synced class maps a table
    if record in session.new and not record.id:
        record.id = clock.new_id()
    changes: dict[str, Value] = {}
    for attribute in seen.mapper.column_attrs:
        name = attribute.key
        if name in LOCAL_COLUMNS:
            continue
        history = seen.attrs[name].history
        if not history.has_changes():
            continue
        value = history.added[0] if history.added else None
        if record in session.new and (value is None or (name == "deleted" and value is False)):
            continue
        shapes.demand_keepable(value)
        if value is not None and isinstance(table.c[name].type, RecordId):
            value = bytes.fromhex(value)
        changes[name] = value
    if changes or record in session.new:
        _touch(session, work, record, kind, changes)


def _touch(session: Session, work: Work, record: Synced, kind: str, changes: Mapping[str, Value]) -> None:
    if (touch := work.touched.get((kind, record.id))) is None:
        before = State.decoded(record.state or b"")
        context = work.database.context_of(session.connection(), before.vector)
        touch = work.touched[kind, record.id] = _Touch(before, context)
    touch.fields.update(changes)
    state = State.decoded(record.state or b"")
    state.write_here(work.dot, changes)
    record.state = state.encoded()


def _close_door(session: Session, _context: UOWTransaction) -> None:
    session.connection().info["ronggui_door"] = False


def found(database: Database, *, node: str, incarnation: int, keys: bytes, practice: bool, place: str) -> None:
    """Write the one row of local facts into a new database."""
    with database.engine.begin() as connection, database.door(connection):
        origin = database.origin_id(connection, node, incarnation)
        connection.execute(
            insert(Local).values(
                id=1,
                store=clock.new_id(),
                node=node,
                incarnation=incarnation,
                origin=origin,
                position=0,
                stamp=0,
                chain=b"",
                keys=keys,
                practice=practice,
                place=place,
            )
        )


def create_tables(database: Database) -> None:
    """All tables of this version, in an empty database."""
    Base.metadata.create_all(database.engine)
