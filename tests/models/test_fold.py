"""Random histories of three nodes against a plain model that keeps every write, whatever way and order they travel."""

import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app import clock
from app.models import Group, Local, Person, Refusal, digest, fold, standing
from app.models.base import fields_of
from app.models.causality import Dot
from app.models.database import Database
from app.models.journal import Contest, Standing
from app.services import checking
from app.services.station import Station
from app.sync.groups import Incoming
from tests.sync import moving

HOME = moving.HOME
FIELDS = ("name", "phone", "note")


@dataclass(frozen=True)
class Write:
    """One act on one record; `seen`: the writes of the record its author knew."""

    node: str
    position: int
    stamp: int
    fields: tuple[tuple[str, Any], ...]
    seen: frozenset["Write"]

    @property
    def order(self) -> tuple[int, str, int]:
        return self.stamp, self.node, self.position


@dataclass
class Desk:
    """A node: its database and, beside it, the plain set of writes it knows of each record."""

    database: Database
    known: dict[str, set[Write]] = field(default_factory=dict)


def heads(writes: set[Write], name: str) -> list[Write]:
    """Writes of a field that no later one knew of, the shown one first."""
    mine = [w for w in writes if name in dict(w.fields)]
    left = [w for w in mine if not any(w in other.seen for other in mine)]
    return sorted(left, key=lambda w: w.order, reverse=True)


def shown(writes: set[Write]) -> dict[str, Any]:
    """What the row must say."""
    out = {name: dict(h[0].fields)[name] for name in FIELDS if (h := heads(writes, name))}
    out["deleted"] = any(dict(w.fields)["deleted"] and set(w.seen) | {w} == writes for w in heads(writes, "deleted"))
    return out


def contested(writes: set[Write]) -> bool:
    """Two different answers to one question, or a deletion somebody's edit took back."""
    differing = any(len({dict(w.fields)[n] for w in heads(writes, n)}) > 1 for n in (*FIELDS, "deleted"))
    revived = any(dict(w.fields)["deleted"] for w in heads(writes, "deleted")) and not shown(writes)["deleted"]
    return differing or revived


def write(desk: Desk, record: str | None, name: str, value: Any) -> None:
    """One act at a desk, in the database and in the model; an act that changes nothing is none."""
    db = desk.database
    made: dict[str, Any] = {name: value}
    with db.work("登记" if record is None else "改") as work:
        if record is None:
            person = Person(home=HOME, **{name: value})
            work.session.add(person)
            work.session.flush()
            record = person.id
        else:
            setattr(work.session.get_one(Person, record), name, value)
    if not work.act:
        return
    with db.read() as session:
        local = session.scalars(select(Local)).one()
    known = desk.known.setdefault(record, set())
    known.add(Write(local.node, local.position, local.stamp, tuple(made.items()), frozenset(known)))


def move(source: Desk, target: Desk) -> None:
    moving.move(source.database, target.database)
    for record, writes in source.known.items():
        target.known.setdefault(record, set()).update(writes)


def assert_as_modelled(desk: Desk) -> None:
    with desk.database.read() as session:
        rows = {person.id: person for person in session.scalars(select(Person))}
        listed = set(session.scalars(select(Contest.record)))
    assert set(rows) == set(desk.known)
    for record, writes in desk.known.items():
        row = rows[record]
        expected = dict.fromkeys(FIELDS) | shown(writes)
        assert {name: getattr(row, name) for name in expected} == expected
        assert (record in listed) == contested(writes)


def digest_of(database: Database) -> str:
    with database.read() as session:
        return digest.digest(database, session.connection(), ("36",))


def well(database: Database, folder: Path) -> None:
    (folder / "files").mkdir(exist_ok=True)
    assert checking.check(Station(database, folder)) == []


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Five founded databases, copied for every history: founding is what takes the time."""
    base = tmp_path_factory.mktemp("templates")
    for number in range(5):
        moving.founded(base / f"{number}.db").close()
    return [base / f"{number}.db" for number in range(5)]


@contextmanager
def desks(templates: list[Path], folder: Path) -> Iterator[list[Desk]]:
    """Fresh desks of the same five nodes; the last two take no part in the history."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    made = []
    for template in templates:
        shutil.copy(template, folder / template.name)
        database = Database(folder / template.name, moving.KEY)
        database.refold = standing.refold
        made.append(Desk(database))
    try:
        yield made
    finally:
        for desk in made:
            desk.database.close()


values = st.sampled_from(["甲", "乙", "丙"])
steps = st.one_of(
    st.tuples(st.just("make"), st.integers(0, 2), values),
    st.tuples(st.just("edit"), st.integers(0, 2), st.integers(0, 1), st.sampled_from(FIELDS), values),
    st.tuples(st.just("edit"), st.integers(0, 2), st.integers(0, 1), st.just("deleted"), st.booleans()),
    st.tuples(st.just("move"), st.integers(0, 2), st.integers(0, 2)),
    st.tuples(st.just("all"), st.just(0)),
)


@settings(max_examples=40)
@given(st.lists(steps, min_size=3, max_size=16), st.integers(0, 1 << 30))
def test_rows_are_what_the_plain_model_says(
    templates: list[Path], tmp_path_factory: pytest.TempPathFactory, history: list[Any], seed: int
) -> None:
    folder = tmp_path_factory.getbasetemp() / "histories"
    with desks(templates, folder) as (*three, whole, partial):
        write(three[0], None, "name", "甲")
        for step in history:
            act(three, step)
        for desk in three:
            assert_as_modelled(desk)
        for _ in range(2):
            for source, target in permutations(three, 2):
                move(source, target)
        for desk in three:
            assert_as_modelled(desk)
            well(desk.database, folder)
        expected = digest_of(three[0].database)
        assert {digest_of(desk.database) for desk in three} == {expected}
        deliver(three[0].database, whole.database, random.Random(seed), flow=moving.FLOW_WHOLE)
        deliver(three[0].database, partial.database, random.Random(seed), flow=moving.FLOW_PARTIAL)
        for late in (whole, partial):
            late.known = three[0].known
            assert_as_modelled(late)
            well(late.database, folder)
            assert digest_of(late.database) == expected


def act(three: list[Desk], step: tuple[Any, ...]) -> None:
    what, number, *rest = step
    desk = three[number]
    if what == "make":
        write(desk, None, "name", rest[0])
    elif what == "move" and rest[0] != number:
        move(three[rest[0]], desk)
    elif what == "all":
        for source, target in permutations(three, 2):
            move(source, target)
    elif what == "edit" and desk.known:
        record = sorted(desk.known)[rest[0] % len(desk.known)]
        write(desk, record, rest[1], rest[2])


def deliver(source: Database, target: Database, chance: random.Random, *, flow: int) -> None:
    """All groups in a random order, in random heaps, some of them twice."""
    groups = moving.groups_of(source, flow=flow)
    groups += chance.sample(groups, len(groups) // 3)
    chance.shuffle(groups)
    taken = 0
    while groups:
        size = chance.randint(1, 4)
        some, groups = groups[:size], groups[size:]
        counts = moving.take(target, some)
        assert counts.groups == len(some)
        taken += size


# -- single cases, on both stores ----------------------------------------------------------------------------------


@pytest.fixture
def pair(database: Database, another: Callable[..., Database]) -> tuple[Desk, Desk, str]:
    """Two desks that both know one person; the first lies on either store."""
    one, two = Desk(database), Desk(another())
    write(one, None, "name", "王一")
    move(one, two)
    (record,) = one.known
    return one, two, record


def exchange(one: Desk, two: Desk, folder: Path) -> None:
    move(one, two)
    move(two, one)
    for desk in (one, two):
        assert_as_modelled(desk)
        well(desk.database, folder)
    assert digest_of(one.database) == digest_of(two.database)


def test_different_fields_merge_silently(pair: tuple[Desk, Desk, str], tmp_path: Path) -> None:
    one, two, record = pair
    write(one, record, "phone", "1")
    write(two, record, "note", "2")
    exchange(one, two, tmp_path)
    assert shown(one.known[record]) == {"name": "王一", "phone": "1", "note": "2", "deleted": False}


def test_two_answers_are_listed_until_one_covers_both(pair: tuple[Desk, Desk, str], tmp_path: Path) -> None:
    one, two, record = pair
    write(one, record, "phone", "1")
    write(two, record, "phone", "2")
    exchange(one, two, tmp_path)
    assert contested(one.known[record])
    write(one, record, "phone", "3")
    assert_as_modelled(one)
    exchange(one, two, tmp_path)
    assert not contested(two.known[record])


def test_the_same_answer_twice_is_no_conflict(pair: tuple[Desk, Desk, str], tmp_path: Path) -> None:
    one, two, record = pair
    write(one, record, "phone", "1")
    write(two, record, "phone", "1")
    exchange(one, two, tmp_path)
    assert not contested(one.known[record])


def test_an_edit_that_did_not_know_brings_a_deleted_record_back(pair: tuple[Desk, Desk, str], tmp_path: Path) -> None:
    one, two, record = pair
    write(one, record, "deleted", True)
    assert_as_modelled(one)
    write(two, record, "phone", "2")
    exchange(one, two, tmp_path)
    assert shown(one.known[record])["deleted"] is False
    assert contested(one.known[record])
    write(one, record, "deleted", False)
    exchange(one, two, tmp_path)


def test_an_edit_that_knew_brings_it_back_as_well(pair: tuple[Desk, Desk, str], tmp_path: Path) -> None:
    """A deletion counts only while it covers everything ever written: also at the desk that writes on."""
    one, two, record = pair
    write(one, record, "deleted", True)
    write(one, record, "phone", "2")
    assert_as_modelled(one)
    well(one.database, tmp_path)
    exchange(one, two, tmp_path)


def test_two_deletions_apart_are_one(pair: tuple[Desk, Desk, str], tmp_path: Path) -> None:
    one, two, record = pair
    write(one, record, "deleted", True)
    write(two, record, "deleted", True)
    move(one, two)
    move(two, one)
    for desk in (one, two):
        assert_as_modelled(desk)
        well(desk.database, tmp_path)
    assert digest_of(one.database) == digest_of(two.database)


def test_a_void_holds_all_that_was_built_on_it(pair: tuple[Desk, Desk, str], tmp_path: Path) -> None:
    """Three acts in a row on one record: with the first void neither of the others counts."""
    one, _, record = pair
    for value in ("1", "2", "3"):
        write(one, record, "phone", value)
    db = one.database
    with db.work("退回") as work:
        local = work.local
        first = work.session.scalars(
            select(Group).where(Group.origin == local.origin, Group.position == local.position - 2)
        ).one()
        work.session.add(
            Refusal(node=local.node, incarnation=1, position=first.position, group_hash=first.hash, act="改", home=HOME)
        )
        work.session.flush()
        standing.refold(db, work.connection, standing.apply_voids(db, work.connection))
    with db.read() as session:
        standings = session.scalars(select(Group.standing).order_by(Group.position)).all()
        person = session.get_one(Person, record)
    assert standings == [Standing.LIVE, Standing.VOID, Standing.HELD, Standing.HELD, Standing.LIVE]
    assert (person.name, person.phone) == ("王一", None)
    well(db, tmp_path)


def test_a_snapshot_stands_for_the_groups_it_counts(database: Database, another: Callable[..., Database]) -> None:
    """Folding on top of a baseline is folding the groups it was made of."""
    one, two = Desk(database), Desk(another())
    write(one, None, "name", "王一")
    (record,) = one.known
    move(one, two)
    write(one, record, "phone", "1")
    write(two, record, "phone", "2")
    move(two, one)
    with database.work("比") as work:
        key = bytes.fromhex(record)
        ((_, folded),) = list(fold.load(database, work.connection, [key]))
        base = fold.decode_base(database, work.connection, fold.encode_base(database, work.connection, folded, []))
        order = fold.Order(database, work.connection)
        again = fold.fold([], base)
        assert again.state.vector == folded.state.vector
        assert again.shown(order) == folded.shown(order)
        assert [w.dot for w in again.heads("phone", order)] == [w.dot for w in folded.heads("phone", order)]
        assert again.clashes(order).keys() == {"phone"}
        late = fold.Write(
            Dot(database.origin_id(work.connection, clock.new_id(), 1), 1), 1, folded.state.vector, {"phone": "3"},
            "person",
        )  # fmt: skip
        assert fold.fold([late], base).shown(order) == fold.fold([late, *folded.writes.values()], None).shown(order)


@pytest.mark.parametrize(
    ("value", "editor", "kept"),
    [
        (1, "money", 1), ("1", "money", None), (True, "integer", None), (1.0, "stamp", None), (None, "flag", None),
        (True, "flag", True), (1, "flag", None), (b"x" * 16, "record", b"x" * 16), (b"x", "record", None),
        (b"x", "bytes", b"x"), ("x", "bytes", None), ("x", "text", "x"), (1, "text", None), (b"x", "day", None),
    ],
)  # fmt: skip
def test_a_value_of_another_type_stays_in_the_journal(value: Any, editor: str, kept: Any) -> None:
    assert fold.fitting(value, editor) == kept
    assert type(fold.fitting(value, editor)) is type(kept)


def test_a_foreign_programmes_value_does_not_stop_a_package(
    database: Database, another: Callable[..., Database], tmp_path: Path
) -> None:
    """A text in a field that holds numbers here: kept, forwarded, not shown."""
    from app.models import recording

    other = another()
    with other.work("登记") as work:
        work.session.add(Person(name="王一", home=HOME))
    (group,) = moving.groups_of(other)
    (salt, _, part) = group.parts[0]
    body = recording.encode_part("person", part.record, [], {**part.fields, "income": "很多", "later": 5})
    hashes = recording.part_hash(salt, body)
    header = group.header
    changed = recording.GroupHeader(
        header.node, 1, 1, header.stamp, "登记", header.staff, "", 1, recording.root_of([hashes]), b"", 9
    ).encoded()
    incoming = Incoming(
        recording.GroupHeader.decoded(changed), changed, recording.group_hash(changed), None, None, hashes,
        {0: (salt, body, recording.decode_part(body))}, moving.FLOW_WHOLE,
    )  # fmt: skip
    assert moving.take(database, [incoming]).accepted == 1
    with database.read() as session:
        assert session.scalars(select(Person.income)).one() is None
    assert "later" not in fields_of("person")
    well(database, tmp_path)
    assert moving.groups_of(database)[0].parts[0][2].fields["income"] == "很多"
