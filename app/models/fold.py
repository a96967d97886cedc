"""From the journal to the rows: a record's state is always the fold of its live parts over its baseline."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection

from app.models import bulk, derived, erasures, owning, recording, stops
from app.models.base import fields_of, kinds
from app.models.causality import Dot, State, Vector, covers, includes, joined
from app.models.database import Database
from app.models.journal import Standing
from app.models.recording import Value
from app.rules import levels

NO_LIMITS: Final[Mapping[str, str]] = MappingProxyType({})


class Write(NamedTuple):
    """The fields one act wrote in one record."""

    dot: Dot
    stamp: int
    context: Vector
    fields: dict[str, Value]
    kind: str
    stop: str = ""
    """The highest level the fields rise to; empty: the top."""
    limits: Mapping[str, str] | None = NO_LIMITS
    """The same by field, those that rise to the top left out; None: an older version's snapshot does not say."""
    under: frozenset[str] = frozenset()
    """Fields that somebody has overwritten since, with what does not rise as far: they show to whoever lacks that."""

    def hidden_from(self, level: str) -> set[str]:
        """The fields that do not rise to a level."""
        # Of a snapshot that does not say where its fields stop, what the columns declare is all that is known.
        limits = stops.declared().get(self.kind, {}) if self.limits is None else self.limits
        return {name for name, stop in limits.items() if stops.stopped(stop, level)}

    def with_fields(self, other: "Write") -> "Write":
        """The write with the fields of another part of the same act."""
        limits = None if self.limits is None or other.limits is None else {**self.limits, **other.limits}
        return self._replace(fields={**self.fields, **other.fields}, limits=limits)


@dataclass
class Base:
    """What a snapshot says of a record: it stands for every group its vector covers.

    But for what stops below the level of whoever gave it: of that it knows nothing.
    """

    kind: str
    vector: Vector
    writes: list[Write]
    level: str = ""

    def stands_for(self, write: Write) -> bool:
        """Whether the snapshot has taken a write into account."""
        return covers(self.vector, write.dot) and not stops.stopped(write.stop, self.level)


@dataclass
class Folded:
    """A record as the journal has it."""

    kind: str = ""
    state: State = field(default_factory=State)
    writes: dict[Dot, Write] = field(default_factory=dict)
    erased: bool = False
    """Deleted by law: nothing but a shell is left."""
    parts_left: bool = False
    """Whether a part of this record is here that nobody has deleted: then a deletion of the whole does not hold."""

    def base_fields(self) -> Iterable[str]:
        """Fields the base act wrote."""
        base = self.state.base
        return self.writes[base].fields if base is not None and base in self.writes else ()

    def names(self) -> set[str]:
        """Every field that has a head."""
        return {*self.state.heads, *self.base_fields()}

    def heads(self, name: str, order: "Order") -> list[Write]:
        """Writes that are heads of a field, the shown one first."""
        found = [self.writes[dot] for dot in self.state.heads_of(name, self.base_fields())]
        return sorted(found, key=lambda write: (write.stamp, order.key(write.dot)), reverse=True)

    def clashes(self, order: "Order") -> dict[str, list[Write]]:
        """Fields whose heads hold different values."""
        out = {}
        for name in self.state.contested():
            heads = self.heads(name, order)
            if len({(type(w.fields[name]), w.fields[name]) for w in heads}) > 1:
                out[name] = heads
        return out

    def shown(self, order: "Order") -> dict[str, Value]:
        """The value each field shows; `deleted` by its own rule."""
        out = {name: self.heads(name, order)[0].fields[name] for name in self.names()}
        if "deleted" in out:
            out["deleted"] = self.is_deleted(order)
        return out

    def is_deleted(self, order: "Order") -> bool:
        """A deletion counts only while it covers everything ever written here, and no part is left."""
        heads = self.heads("deleted", order) if "deleted" in self.names() else []
        return self.erased or (
            not self.parts_left
            and any(
                bool(w.fields["deleted"]) and self.state.vector == joined(w.context, {w.dot.origin: w.dot.position})
                for w in heads
            )
        )

    def revived(self, order: "Order") -> bool:
        """Deleted by one, changed by another who did not know: kept, and listed."""
        heads = self.heads("deleted", order) if "deleted" in self.names() else []
        return any(bool(w.fields["deleted"]) for w in heads) and not self.is_deleted(order)


class Order:
    """Sorts dots the same on every node: by (node, incarnation, position), not by local numbers."""

    def __init__(self, database: Database, connection: Connection) -> None:
        self._database = database
        self._connection = connection

    def key(self, dot: Dot) -> tuple[str, int, int]:
        """Sort key of a dot."""
        return (*self._database.origin_key(self._connection, dot.origin), dot.position)


def fold(writes: Sequence[Write], base: Base | None) -> Folded:
    """Fold a record's live writes, in whatever order they are given."""
    out = Folded()
    if base is not None:
        out.kind = base.kind
        out.state.vector = dict(base.vector)
        for write in base.writes:
            out.writes[write.dot] = write
            for name in write.fields.keys() - write.under:
                out.state.heads[name] = tuple(sorted((*out.state.heads.get(name, ()), write.dot)))
    waiting = _joined_parts(w for w in writes if base is None or not base.stands_for(w))
    while waiting:
        later = []
        for write in waiting:
            if not includes(out.state.vector, write.context):
                later.append(write)
                continue
            out.kind = out.kind or write.kind
            # A snapshot that does not stand for what stops below its giver may stand for the rest of the same act.
            given = out.writes.get(write.dot)
            out.writes[write.dot] = write if given is None else write.with_fields(given)
            out.state.write_from(write.dot, write.context, write.fields, out.base_fields())
        if len(later) == len(waiting):
            break  # what they build on is not here: the caller has them marked as waiting
        waiting = later
    _tidy(out)
    return out


def _joined_parts(writes: Iterable[Write]) -> list[Write]:
    """One write per dot: parts of one act on one record (fields with a stop stand apart) belong together."""
    out: dict[Dot, Write] = {}
    for write in writes:
        if (other := out.get(write.dot)) is None:
            out[write.dot] = write
            continue
        # Where the first was withheld, what the author had seen stands in the second.
        out[write.dot] = other.with_fields(write) if other.kind else write.with_fields(other)
    return sorted(out.values(), key=lambda w: (w.stamp, w.dot))


def _tidy(folded: Folded) -> None:
    """The same form a local writer leaves: heads that equal the base's own are not written out."""
    state = folded.state
    if state.base is None:
        return
    known = set(folded.base_fields())
    state.heads = {n: dots for n, dots in state.heads.items() if not (n in known and dots == (state.base,))}


def load(
    database: Database,
    connection: Connection,
    records: Sequence[bytes],
    known: Mapping[bytes, Vector] | None = None,
    *,
    level: str = "",
) -> Iterator[tuple[bytes, Folded]]:
    """Fold records from the journal; those without any live write give a state with an empty vector.

    `known`: only what these vectors cover, for the records named there. `level`: as that level sees them, without what
    stops below it.
    """
    for some in bulk.chunks(list(records), 2_000):
        writes = _live_writes(database, connection, some, level)
        bases = _bases(database, connection, some, level)
        for record, vector in (known or {}).items():
            writes[record] = [write for write in writes.get(record, ()) if covers(vector, write.dot)]
            if record in bases and not includes(vector, bases[record].vector):
                del bases[record]
        chosen = set(some)
        for record, write in _unwritten(database, connection):
            if record in chosen:
                writes.setdefault(record, []).append(write)
        folded = {record: fold(writes.get(record, []), bases.get(record)) for record in some}
        for record, erased in erasures.named(connection, some).items():
            _leave_shell(folded[record], erased)
        _look_for_parts(connection, folded)
        yield from folded.items()


def _leave_shell(one: Folded, erased: Sequence[erasures.Erased]) -> None:
    """A record deleted by law says that it is gone and where it lived; its vector still covers what was blanked."""
    dots = tuple(sorted(each.dot for each in erased))
    vector = one.state.vector
    for dot in dots:
        vector = joined(vector, {dot.origin: dot.position})
    one.kind = one.kind or erased[0].kind
    one.state = State(vector, None, {"deleted": dots, "home": dots})
    one.writes = {each.dot: Write(each.dot, 0, {}, {"deleted": True, "home": each.home}, one.kind) for each in erased}
    one.erased = True


def _live_writes(
    database: Database, connection: Connection, records: Sequence[bytes], level: str = ""
) -> dict[bytes, list[Write]]:
    writes: dict[bytes, list[Write]] = {}
    sql = (
        "SELECT p.record, p.body, g.origin, g.position, g.stamp FROM journal_part p "
        f"JOIN journal_group g ON g.id = p.group_id WHERE g.standing = {Standing.LIVE.value} AND p.record IN ({{}})"
    )
    for record, body, origin, position, stamp in bulk.select_in(connection, sql, records):
        if body is None:
            # Withheld on the way up, or blanked: that this act wrote the record is known, and nothing else.
            writes.setdefault(bytes(record), []).append(Write(Dot(origin, position), stamp, {}, {}, ""))
            continue
        part = recording.decode_part(bytes(body))
        context = database.vector_of(connection, part.context)
        fields = {} if level and stops.stopped(part.stop, level) else part.fields
        limits = dict.fromkeys(fields, part.stop) if part.stop else NO_LIMITS
        write = Write(Dot(origin, position), stamp, context, fields, part.kind, part.stop, limits)
        writes.setdefault(bytes(record), []).append(write)
    return writes


def _bases(database: Database, connection: Connection, records: Sequence[bytes], level: str = "") -> dict[bytes, Base]:
    sql = "SELECT b.record, b.body, n.level FROM baseline b LEFT JOIN node n ON n.id = b.package WHERE b.record IN ({})"
    out = {}
    for record, body, giver in bulk.select_in(connection, sql, records):
        out[bytes(record)] = decode_base(database, connection, bytes(body))
        out[bytes(record)].level = giver or ""
    for base in out.values() if level else ():
        base.writes = _as_seen(base.writes, level)
    return out


def _as_seen(writes: Sequence[Write], level: str) -> list[Write]:
    """A snapshot as a level sees it: without what stops below it, and with what that had overwritten."""
    seen = []
    for write in writes:
        hidden = write.hidden_from(level)
        seen.append(write._replace(fields={n: v for n, v in write.fields.items() if n not in hidden}))
    return [
        write._replace(under=frozenset(n for n in write.under & write.fields.keys() if _overwritten(n, write, seen)))
        for write in seen
    ]


def _overwritten(name: str, write: Write, among: Iterable[Write]) -> bool:
    return any(name in one.fields and covers(one.context, write.dot) for one in among if one.dot != write.dot)


def _beneath(folded: Folded) -> dict[Dot, set[str]]:
    """What shows to levels that some head does not rise to, though it is no head."""
    out: dict[Dot, set[str]] = {}
    writes = folded.writes.values()
    limited = {name for write in writes for name in write.limits or ()}
    for level in levels.NAMES if limited else ():
        seen = [write._replace(fields={n: write.fields[n] for n in limited & write.fields.keys() - hidden})
                for write, hidden in ((write, write.hidden_from(level)) for write in writes)]  # fmt: skip
        for write in seen:
            for name in write.fields:
                head = write.dot in folded.state.heads_of(name, folded.base_fields())
                if not head and not _overwritten(name, write, seen):
                    out.setdefault(write.dot, set()).add(name)
    return out


def before(database: Database, connection: Connection, part: recording.PartBody, name: str) -> Value:
    """The value a field showed to whoever wrote this part; None where it had none, or where that is not known here."""
    context = database.vector_of(connection, part.context)
    base = _bases(database, connection, [part.record]).get(part.record)
    writes = [*_live_writes(database, connection, [part.record]).get(part.record, ()), *(base.writes if base else ())]
    known = [write for write in writes if name in write.fields and covers(context, write.dot)]
    heads = [w for w in known if not any(covers(other.context, w.dot) for other in known if other is not w)]
    order = Order(database, connection)
    if not heads:
        return None
    value: Value = max(heads, key=lambda write: (write.stamp, order.key(write.dot))).fields[name]
    return value


def _look_for_parts(connection: Connection, folded: Mapping[bytes, Folded]) -> None:
    deleted: dict[str, list[bytes]] = {}
    for record, one in folded.items():
        if "deleted" in one.names() and one.kind in kinds():
            deleted.setdefault(one.kind, []).append(record)
    for kind, records in deleted.items():
        for record in owning.with_parts_left(connection, kind, records):
            folded[record].parts_left = True


def _unwritten(database: Database, connection: Connection) -> Iterator[tuple[bytes, Write]]:
    """What the unit of work under way has changed itself: its group is written only when it ends."""
    work = database.under_way(connection)
    if work is None:
        return
    for (kind, record), touch in work.touched.items():
        context = database.vector_of(connection, touch.context)
        yield bytes.fromhex(record), Write(work.dot, work.stamp, context, dict(touch.fields), kind)


def decode_base(database: Database, connection: Connection, body: bytes) -> Base:
    """A baseline's bytes: [kind, vector, [[dot, stamp, context, fields, limits, under], …], history lines].

    What came from version 0.1 does not say where fields stop.
    """
    kind, vector, heads, _lines = recording.decode_plain(body)
    writes = []
    for (node, inc, position), stamp, context, fields, *said in heads:
        dot = Dot(database.origin_id(connection, node.hex(), inc), position)
        seen = database.vector_of(connection, context)
        limits, under = said or (None, ())
        writes.append(Write(dot, stamp, seen, fields, kind, limits=limits, under=frozenset(under)))
    return Base(kind, database.vector_of(connection, vector), writes)


def encode_base(database: Database, connection: Connection, folded: Folded, lines: Sequence[Sequence[Any]]) -> bytes:
    """The bytes of a snapshot of one record; `lines` are its history as people read it."""

    def dot_of(dot: Dot) -> list[Any]:
        node, inc = database.origin_key(connection, dot.origin)
        return [bytes.fromhex(node), inc, dot.position]

    by_dot: dict[Dot, dict[str, Value]] = {}
    for name in folded.names():
        for dot in folded.state.heads_of(name, folded.base_fields()):
            by_dot.setdefault(dot, {})[name] = folded.writes[dot].fields[name]
    beneath = _beneath(folded)
    for dot, names in beneath.items():
        by_dot.setdefault(dot, {}).update((name, folded.writes[dot].fields[name]) for name in names)
    doubted = {name for names in beneath.values() for name in names}
    heads: list[list[Any]] = []
    for dot, fields in by_dot.items():
        write = folded.writes[dot]
        told = "deleted" in fields or not doubted.isdisjoint(fields)
        head: list[Any] = [
            dot_of(dot),
            write.stamp,
            database.context_of(connection, write.context) if told else [],
            fields,
        ]
        if write.limits is not None:
            limits = {name: stop for name, stop in write.limits.items() if name in fields}
            head += [limits, sorted(beneath.get(dot, ()))]
        heads.append(head)
    heads.sort(key=itemgetter(0))
    vector = database.context_of(connection, folded.state.vector)
    return recording.encode_plain([folded.kind, vector, heads, lines])


def write_rows(database: Database, connection: Connection, folded: Mapping[bytes, Folded]) -> dict[str, list[str]]:
    """Bring rows to what the fold says; gives the ids touched by kind. Kinds unknown here are kept aside."""
    order = Order(database, connection)
    touched: dict[str, list[str]] = {}
    by_columns: dict[tuple[str, tuple[str, ...]], list[tuple[Any, ...]]] = {}
    foreign: list[tuple[Any, ...]] = []
    contested: list[tuple[Any, ...]] = []
    settled: list[bytes] = []
    gone: list[bytes] = []
    all_kinds = kinds()
    for record, one in folded.items():
        if not one.state.vector or not one.kind:
            gone.append(record)
            continue
        shown = one.shown(order)
        if one.clashes(order) or one.revived(order):
            contested.append((record, one.kind))
        else:
            settled.append(record)
        if one.kind not in all_kinds:
            home = shown.get("home")
            foreign.append((record, one.kind, home if isinstance(home, str) else None, one.state.encoded()))
            continue
        known = fields_of(one.kind)
        names = tuple(known)
        values = [fitting(shown.get(name), known[name].editor) for name in names]
        values[names.index("deleted")] = bool(shown.get("deleted", False))
        row = (record, *values, one.state.encoded(), 1)
        by_columns.setdefault((one.kind, ("id", *names, "state", "version")), []).append(row)
        touched.setdefault(one.kind, []).append(record.hex())
    with database.door(connection):
        for (kind, columns), rows in sorted(by_columns.items()):
            for some in bulk.chunks(rows):
                bulk.upsert_many(connection, kind, columns, some, ("id",))
        bulk.upsert_many(connection, "foreign_record", ("record", "kind", "home", "state"), foreign, ("record",))
        bulk.upsert_many(connection, "contest", ("record", "kind"), contested, ("record",))
        _drop(connection, "contest", "record", settled)
        for kind in sorted(all_kinds) if gone else ():
            _drop(connection, kind, "id", gone)
        _drop(connection, "contest", "record", gone)
        _drop(connection, "foreign_record", "record", gone)
    for kind, ids in touched.items():
        derived.refresh(connection, kind, ids)
    if gone:
        for kind in all_kinds:
            derived.refresh(connection, kind, [record.hex() for record in gone])
    return touched


def fitting(value: Value, editor: str) -> Value:
    """A value as its column can hold it: one of another type (a foreign programme's) stays in the journal only."""
    if value is None:
        return None
    if editor in ("money", "integer", "stamp"):
        return value if type(value) is int else None
    if editor == "flag":
        return value if type(value) is bool else None
    if editor in ("record", "bytes"):
        fits = type(value) is bytes and (editor == "bytes" or len(value) == recording.SALT)
        return value if fits else None
    return value if type(value) is str else None


_FITS: Final = {
    **dict.fromkeys(("money", "integer", "stamp"), frozenset({type(None), int})),
    "flag": frozenset({type(None), bool}),
    "bytes": frozenset({type(None), bytes}),
}
_TEXT: Final = frozenset({type(None), str})


def fitting_column(column: Sequence[Value], editor: str) -> Sequence[Value]:
    """`fitting` for many values of one field, looked through at once."""
    if editor != "record" and set(map(type, column)) <= _FITS.get(editor, _TEXT):
        return column
    return [fitting(value, editor) for value in column]


def _drop(connection: Connection, table: str, key: str, records: Sequence[bytes]) -> None:
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    if records:
        connection.exec_driver_sql(f'DELETE FROM "{table}" WHERE "{key}" = {mark}', [(record,) for record in records])
