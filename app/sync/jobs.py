"""The exchange as jobs of the worker process: functions of an open station, answered with plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, Protocol

from sqlalchemy import Connection, select

from app import progress
from app.errors import Cancelled, EnvironmentTrouble, Refused, UserError
from app.models.base import fields_of, kinds, table_of
from app.models.database import Database
from app.models.naming import Namer
from app.models.sealing import NodePublic
from app.rules import levels, settling
from app.sync import conflicts, counter, enrolment, forks, incoming, outgoing, refusals
from app.sync.container import read_header
from app.sync.counter import Found, Looking, Overview, Seen, seen_of
from app.sync.exchange import Exchange


class Seat(Protocol):
    """An open station, as far as the exchange needs it."""

    @property
    def db(self) -> Database: ...

    @property
    def folder(self) -> Path: ...


def _exchange(seat: Seat) -> Exchange:
    return Exchange(seat.db, seat.folder)


# -- looking ---------------------------------------------------------------------------------------------------------


def overview(seat: Seat) -> Overview:
    """What waits, who has receipted what, what went and came, who is below."""
    exchange = _exchange(seat)
    differences = len(conflicts.listing(exchange)) + len(forks.listing(exchange))
    return counter.overview_of(exchange, differences, len(refusals.listing(exchange)))


def look(seat: Seat, folder: Path) -> list[Found]:
    """The packages that lie on a stick."""
    if not folder.is_dir():
        raise EnvironmentTrouble(f"没有这个文件夹: {folder}。没有改动任何数据。请插好 U 盘再试。")
    return counter.on_stick(_exchange(seat), folder)


@dataclass(frozen=True)
class Neighbour:
    """Somebody a package can be made for."""

    id: str
    name: str
    level: str
    above: bool
    ready: bool
    """Whether its key is known: a unit below sends the first package itself."""
    words: str
    """The eight words of its key."""


def neighbours(seat: Seat) -> list[Neighbour]:
    """The superior, then the units below by their place."""
    exchange = _exchange(seat)
    out = []
    for unit in exchange.units.values():
        above = unit.id == exchange.local.parent
        if unit.status == "revoked" or not (above or unit.parent == exchange.local.node):
            continue
        ready = unit.sign_key is not None and unit.seal_key is not None
        words = ""
        if unit.sign_key is not None and unit.seal_key is not None:
            words = enrolment.words_of(NodePublic(unit.sign_key, unit.seal_key))
        out.append((not above, unit.scopes, Neighbour(unit.id, unit.name, unit.level, above, ready, words)))
    return [one for _, _, one in sorted(out, key=lambda item: item[:2])]


def own_words(seat: Seat) -> str:
    """The eight words of this unit's key."""
    return enrolment.words_of(_exchange(seat).keys.public)


# -- out -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sent:
    """A package that was written."""

    to: str
    file: str
    number: int
    groups: int
    changes: int
    attachments: int
    bytes: int
    lacking: int


def send(seat: Seat, to: str, folder: Path) -> Sent:
    """Write a package for a neighbour into a folder."""
    return _sent(_exchange(seat), to, folder)


def _sent(exchange: Exchange, to: str, folder: Path) -> Sent:
    done = outgoing.export(exchange, to, folder)
    info = read_header(Path(done.parts[0]))
    return Sent(
        exchange.neighbour(to).name, done.parts[0], info.head.number, done.groups, done.changes, done.attachments,
        done.bytes, done.lacking,
    )  # fmt: skip


# -- in --------------------------------------------------------------------------------------------------------------


def rehearse(seat: Seat, paths: Sequence[str]) -> list[Seen]:
    """先核对: what would become of each package, with its lines; nothing is changed."""
    out = []
    for number, path in enumerate(paths):
        progress.step("核对包", number, len(paths))
        exchange = _exchange(seat)
        looking = Looking(exchange)
        out.append(_one(exchange, Path(path), looking))
    return out


@dataclass(frozen=True)
class TakenAll:
    """What became of several packages; `stopped`: those that are missing here were left where they are."""

    seen: tuple[Seen, ...]
    answers: tuple[Sent, ...]
    troubles: tuple[str, ...]
    """What the machine would not do, in words: a stick that was pulled out, answers that could not be written."""
    stopped: bool = False


def take(seat: Seat, paths: Sequence[str], answer: Path | None = None) -> TakenAll:
    """Take packages one after the other, and write an answer for each unit below that sent one into `answer`.

    A stop, or a stick that is pulled out, keeps the packages that were taken before it.
    """
    seen: list[Seen] = []
    trouble: list[str] = []
    stopped = False
    for number, path in enumerate(paths):
        try:
            progress.step("接收", number, len(paths))
            seen.append(_one(_exchange(seat), Path(path), None))
        except Cancelled:
            if not seen:
                raise
            stopped = True
            break
        except EnvironmentTrouble as error:
            if not seen:
                raise
            trouble.append(str(error))
            break
    answers, troubles = ([], []) if answer is None or trouble else _answers(_exchange(seat), seen, answer)
    return TakenAll(tuple(seen), tuple(answers), (*trouble, *troubles), stopped)


def _one(exchange: Exchange, path: Path, looking: Looking | None) -> Seen:
    """One package; what is wrong with it is its own affair, what is wrong with the machine is everybody's."""
    head = None
    try:
        head = read_header(path).head
        taken = incoming.take(exchange, path, rehearse=looking is not None, look=looking)
    except EnvironmentTrouble:
        raise
    except UserError as error:
        found = Seen(str(path), "", "", path.name, 0, error=str(error))
        return found if head is None else replace(found, sender=head.sender, sender_name=head.sender_name)
    return seen_of(exchange, taken, head.number, looking.lines if looking is not None else ())


def _answers(exchange: Exchange, seen: Sequence[Seen], folder: Path) -> tuple[list[Sent], list[str]]:
    """One package back to each unit below whose package was taken; one that cannot be written harms no other."""
    senders = dict.fromkeys(one.sender for one in seen if not one.error and one.sender in exchange.units)
    below = [node for node in senders if exchange.units[node].parent == exchange.local.node]
    answers: list[Sent] = []
    troubles: list[str] = []
    for node in below:
        try:
            answers.append(_sent(exchange, node, folder))
        except UserError as error:
            troubles.append(f"{exchange.units[node].name}的回包没有写成: {error}")
    return answers, troubles


# -- opening a unit below ------------------------------------------------------------------------------------------------


def enrol(seat: Seat, level: str, name: str, scopes: Sequence[str], out: Path) -> enrolment.Invited:
    """Register a unit below and write its enrolment file; the code is given once."""
    return enrolment.enrol(_exchange(seat), level=level, name=name, scopes=tuple(scopes), out=out)


# -- what came back --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ReturnedRecord:
    """A record of an act that came back, with every value as this unit last had it (as JSON has it)."""

    kind: str
    id: str
    title: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Returned:
    """An act a superior has sent back."""

    id: str
    act: str
    reason: str
    records: tuple[ReturnedRecord, ...]
    behind: tuple[str, ...]
    """Names of acts that wait for it."""


def returned(seat: Seat) -> list[Returned]:
    """Acts of this unit that came back and are not settled."""
    exchange = _exchange(seat)
    out = []
    with exchange.database.read() as session:
        namer = Namer(session.connection())
        for one in refusals.listing(exchange):
            records = tuple(
                ReturnedRecord(record["kind"], record["id"], _title_of(namer, record), record["fields"])
                for record in one["records"]
            )
            out.append(Returned(one["id"], one["act"], one["reason"], records, tuple(h["act"] for h in one["held"])))
    return out


def _title_of(namer: Namer, record: Mapping[str, Any]) -> str:
    """Its own name or its person's, as the values that came back have it: the record itself may not count here."""
    fields = record["fields"]
    if own := fields.get("name"):
        return str(own)
    return namer.of(record["kind"], record["id"]) or namer.of("person", str(fields.get("person") or ""))


def resend(seat: Seat, act: str, changes: Mapping[str, Mapping[str, Any]]) -> str:
    """修改后重报, with changed values by record; gives the new act."""
    return refusals.resend(_exchange(seat), act, {}, changes)


def drop(seat: Seat, act: str) -> str:
    """放弃; gives the act that says so."""
    return refusals.drop(_exchange(seat), act)


# -- what two sides filled in differently --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    """One side's answer: a value as JSON has it, or the facts of a row that was added."""

    value: Any
    facts: tuple[tuple[str, Any], ...]
    """(field, value) of a rival row; empty for a plain value."""
    unit: str
    own: bool
    who: str
    when: str


@dataclass(frozen=True)
class Question:
    """One thing a person must decide."""

    id: str
    sort: Literal["field", "deleted", "step", "fork"]
    kind: str
    record: str
    field: str
    noun: str
    title: str
    person: str
    """Whom it is about, by id; empty where nobody is."""
    answers: tuple[Answer, ...]
    needed: str
    """The lowest level that may settle it."""
    mine: bool
    """Whether this unit may."""


def questions(seat: Seat) -> list[Question]:
    """Everything that is open, those this unit may settle first."""
    exchange = _exchange(seat)
    listed = conflicts.listing(exchange)
    with exchange.database.read() as session:
        connection = session.connection()
        namer = Namer(connection)
        found = [_question(exchange, connection, namer, one) for one in listed]
    found += [_fork(one) for one in forks.listing(exchange)]
    return sorted(found, key=lambda one: (not one.mine, one.title, one.id))


def _question(exchange: Exchange, connection: Connection, namer: Namer, one: Mapping[str, Any]) -> Question:
    kind, record, name = one["kind"], one["record"], one["field"]
    cls = kinds().get(kind)
    facts = fields_of(kind).get(name) if cls is not None else None
    sort: Literal["field", "deleted", "step"] = "field"
    if name == conflicts.FOLLOWS:
        sort = "step"
    elif name == "deleted":
        sort = "deleted"
    needed = settling.level_for(kind, facts.editor, facts.merge) if facts is not None else "city"
    if sort == "step":
        needed = "village"  # each step has a rule of its own, asked when it is settled
    answers = tuple(
        Answer(
            head["value"], tuple(_facts(connection, kind, head["value"])) if sort == "step" else (), head["unit"],
            head["node"] == exchange.local.node, head["who"], head["when"],
        )
        for head in one["heads"]
    )  # fmt: skip
    owner = record
    if sort == "step":
        owner = str(one["heads"][0]["value"])
    return Question(
        one["id"], sort, kind, record, name, cls.noun if cls is not None else "上级新增项目", namer.of(kind, owner),
        namer.person_of(kind, owner), answers, needed,
        facts is not None and settling.may_settle(exchange.own.level, needed),
    )  # fmt: skip


def _facts(connection: Connection, kind: str, record: str) -> list[tuple[str, Any]]:
    """What a row that was added says, field by field."""
    table = table_of(kind)
    row = connection.execute(select(table).where(table.c.id == record)).mappings().one_or_none()
    if row is None:
        return []
    known = fields_of(kind)
    shown = [name for name, field in known.items() if not field.internal and field.editor not in ("record", "bytes")]
    return [
        (name, conflicts.outward(row[name], known[name])) for name in shown if row[name] is not None and name != "home"
    ]


def _fork(one: Mapping[str, Any]) -> Question:
    answers = tuple(
        Answer(side["act"], (), one["unit"], own=False, who=side["who"], when=side["when"]) for side in one["sides"]
    )
    return Question(
        one["id"], "fork", "", "", "", "同号两份", one["unit"], "", answers, "township", one["mine"],
    )  # fmt: skip


def settle(seat: Seat, id: str, *, take: int | None = None, value: str | None = None) -> str:
    """以哪个为准: one of the answers (from 1), or a value typed instead; gives the act."""
    exchange = _exchange(seat)
    kind, _, rest = id.partition(":")
    if not rest:
        return forks.settle(exchange, id, take or 0)
    record, _, name = rest.partition(":")
    facts = fields_of(kind).get(name) if kind in kinds() else None
    if facts is not None and name != conflicts.FOLLOWS:
        needed = settling.level_for(kind, facts.editor, facts.merge)
        if not settling.may_settle(exchange.own.level, needed):
            raise Refused(f"“{facts.label}”要由{levels.NAMES[needed]}定以哪个为准, 本级不能定。没有改动任何数据。")
    return conflicts.resolve(exchange, kind, record, name, take=take, value=value)
