"""Units of work on both stores: all or nothing, journalled whatever way they are written, refused past the door."""

import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.orm import Session

from app import clock, faults
from app.errors import BadInput, Refused
from app.models import (
    CaseStep,
    FamilyMember,
    Group,
    Local,
    Part,
    Person,
    PersonKey,
    Visit,
    recording,
)
from app.models.causality import State
from app.models.database import Actor, Database
from app.models.journal import Contest, Origin
from app.services import checking
from app.services.station import Station
from tests.sync import moving

HOME = moving.HOME


def well(database: Database, folder: Path) -> None:
    """`store check` finds nothing."""
    (folder / "files").mkdir(exist_ok=True)
    assert checking.check(Station(database, folder)) == []


def count(database: Database, model: Any) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def parts(database: Database) -> list[list[recording.PartBody]]:
    """The parts of each group, in order."""
    with database.read() as session:
        out = []
        for group in session.scalars(select(Group).order_by(Group.position)):
            rows = session.scalars(select(Part).where(Part.group_id == group.id).order_by(Part.number))
            out.append([recording.decode_part(row.body or b"") for row in rows])
        return out


def one(database: Database, **fields: Any) -> str:
    with database.work("登记人员") as work:
        person = Person(home=HOME, **fields)
        work.session.add(person)
        work.session.flush()
        return person.id


def facts(database: Database) -> tuple[int, ...]:
    with database.read() as session:
        local = session.scalars(select(Local)).one()
        return local.position, count(database, Group), count(database, Part), count(database, Person)


# -- all or nothing ------------------------------------------------------------------------------------------------


def test_an_act_is_rows_and_one_group(database: Database, tmp_path: Path) -> None:
    actor = Actor("a" * 32, "周敏")
    with database.work("登记人员", actor) as work:
        person = Person(name="王建国", home=HOME)
        work.session.add(person)
        work.session.flush()
        work.session.add(Visit(person=person.id, date="2026-11-23", home=HOME))
    assert work.changed.kinds == {"person", "visit"}
    assert (person.id in {r for _, r in work.changed.records}, work.act.endswith("-1-1")) == (True, True)
    ((first, second),) = parts(database)
    assert (first.kind, first.fields) == ("person", {"home": HOME, "name": "王建国"})
    assert (second.kind, second.fields["person"]) == ("visit", bytes.fromhex(person.id))
    with database.read() as session:
        group = session.scalars(select(Group)).one()
        header = recording.GroupHeader.decoded(group.header)
        assert (header.name, header.staff, header.staff_name, header.parts) == ("登记人员", "a" * 32, "周敏", 2)
    well(database, tmp_path)


def test_what_raises_leaves_nothing(database: Database) -> None:
    one(database, name="王一")
    before = facts(database)
    with pytest.raises(ZeroDivisionError), database.work("失败") as work:  # noqa: PT012 (the block is what is tested)
        work.session.add(Person(name="王二", home=HOME))
        work.session.flush()
        work.add_many("person", [{"name": "王三", "home": HOME}])
        raise ZeroDivisionError
    assert facts(database) == before
    one(database, name="王四")
    assert facts(database) == tuple(n + 1 for n in before)


@pytest.mark.parametrize("point", ["save.begin", "save.rows", "save.journal", "save.commit"])
def test_a_fault_at_any_point_leaves_nothing(database: Database, tmp_path: Path, point: str) -> None:
    one(database, name="王一")
    before = facts(database)
    faults.arm(f"{point}:1:error")
    with pytest.raises(OSError, match=point):
        one(database, name="王二")
    faults.arm(None)
    assert facts(database) == before
    one(database, name="王三")
    well(database, tmp_path)


@pytest.mark.parametrize("point", ["save.begin", "save.rows", "save.journal", "save.commit"])
def test_a_kill_at_any_point_leaves_nothing(tmp_path: Path, point: str) -> None:
    path = tmp_path / "store.db"
    database = moving.founded(path)
    one(database, name="王一")
    before = facts(database)
    database.close()
    if os.fork() == 0:
        faults.arm(f"{point}:1:kill")
        one(Database(path, moving.KEY), name="王二")
        os._exit(0)
    _, status = os.wait()
    assert os.WIFSIGNALED(status)
    assert os.WTERMSIG(status) == signal.SIGKILL
    database = Database(path, moving.KEY)
    assert facts(database) == before
    one(database, name="王三")
    well(database, tmp_path)
    database.close()


def test_an_act_that_changes_nothing_is_no_act(database: Database) -> None:
    record = one(database, name="王一")
    before = facts(database)
    with database.work("看看") as work:
        person = work.session.get_one(Person, record)
        person.name = "王一"
    assert (facts(database), work.act, work.changed.records) == (before, "", frozenset())


def test_numbers_of_new_origins_are_forgotten_with_a_failed_act(database: Database) -> None:
    node = clock.new_id()
    with pytest.raises(ZeroDivisionError), database.work("失败") as work:  # noqa: PT012 (the block is what is tested)
        database.origin_id(work.connection, node, 7)
        raise ZeroDivisionError
    with database.work("再来") as work:
        number = database.origin_id(work.connection, node, 7)
    with database.read() as session:
        assert session.get_one(Origin, number).node == node


def test_one_act_is_one_unit_of_work(database: Database) -> None:
    with database.work("外面"), pytest.raises(RuntimeError, match="one act is one unit of work"):  # noqa: SIM117
        with database.work("里面"):
            pass
    one(database, name="王一")


def test_acts_of_two_threads_come_one_after_the_other(database: Database, tmp_path: Path) -> None:
    failed: list[BaseException] = []

    def many(name: str) -> None:
        try:
            for n in range(8):
                one(database, name=f"{name}{n}")
        except BaseException as error:  # noqa: BLE001 (told by the test below)
            failed.append(error)

    threads = [threading.Thread(target=many, args=(name,)) for name in ("甲", "乙")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert facts(database) == (16, 16, 16, 16)
    well(database, tmp_path)


# -- what is captured ----------------------------------------------------------------------------------------------


def test_several_flushes_are_one_part_with_the_last_values(database: Database, tmp_path: Path) -> None:
    with database.work("登记") as work:
        person = Person(name="王一", home=HOME)
        work.session.add(person)
        work.session.flush()
        person.name, person.phone = "王二", "13800000000"
        work.session.flush()
        person.phone = None
    ((part,),) = parts(database)
    assert part.fields == {"home": HOME, "name": "王二", "phone": None}
    assert part.context == []
    with database.work("改") as work:
        person = work.session.get_one(Person, person.id)
        person.address = "甲"
        work.session.flush()
        person.address = "乙"
        work.session.flush()
        person.note = "丙"
    assert parts(database)[1][0].fields == {"address": "乙", "note": "丙"}
    assert [entry[2] for entry in parts(database)[1][0].context] == [1]
    well(database, tmp_path)


def test_only_what_changed_is_written(database: Database) -> None:
    record = one(database, name="王一", phone="1", address="甲")
    with database.work("改") as work:
        person = work.session.get_one(Person, record)
        person.phone, person.address = "2", "甲"
    assert parts(database)[1][0].fields == {"phone": "2"}


def test_a_field_with_a_stop_stands_apart(database: Database) -> None:
    with database.work("走访") as work:
        work.session.add(Visit(person="b" * 32, date="2026-11-23", condition="高血压", note="好", home=HOME))
    ((open_part, stopped),) = parts(database)
    assert (open_part.stop, "condition" in open_part.fields) == ("", False)
    assert (stopped.stop, stopped.fields) == ("county", {"condition": "高血压"})
    assert open_part.record == stopped.record


def test_deleting_is_marking(database: Database, tmp_path: Path) -> None:
    record = one(database, name="王一")
    with database.work("删除") as work:
        work.delete(work.session.get_one(Person, record))
    assert parts(database)[1][0].fields == {"deleted": True}
    assert count(database, PersonKey) == 0
    well(database, tmp_path)
    with pytest.raises(RuntimeError, match="mark synced records deleted"), database.work("删行") as work:
        work.session.delete(work.session.get_one(Person, record))
    assert count(database, Person) == 1


def test_the_bulk_door_is_the_same_as_one_by_one(database: Database, tmp_path: Path) -> None:
    head = clock.new_id()
    rows = [{"name": f"王{n}", "home": HOME, "household": head, "income": n} for n in range(2_000)]
    rows[5] = {"id": "c" * 32, "name": "自带编号", "home": HOME}
    with database.work("导入名单") as work:
        ids = work.add_many("person", rows)
        assert work.add_many("visit", []) == []
        work.add_many("visit", [{"person": ids[0], "date": "2026-11-23", "condition": "好", "home": HOME}])
    assert (len(set(ids)), ids[5], ids[:5] == sorted(ids[:5])) == (2_000, "c" * 32, True)
    # What a person earns and how a visit was found stop at the county: parts of their own.
    assert facts(database) == (1, 1, 2_000 + 1_999 + 2, 2_000)
    assert len(work.changed.records) == 2_001
    with database.read() as session:
        person = session.get_one(Person, ids[7])
        assert (person.name, person.household, person.income, person.version) == ("王7", head, 7, 1)
        assert session.scalar(select(func.count()).select_from(PersonKey).where(PersonKey.person == ids[7]))
    with database.work("改") as work:
        work.session.get_one(Person, ids[7]).name = "王改"
    well(database, tmp_path)


def test_the_bulk_door_refuses_what_it_does_not_know(database: Database) -> None:
    before = facts(database)
    with pytest.raises(KeyError, match="colour"), database.work("错") as work:
        work.add_many("person", [{"name": "王", "home": HOME, "colour": "red"}])
    with pytest.raises(KeyError), database.work("错") as work:
        work.add_many("local", [{"place": "x"}])
    assert facts(database) == before


def test_affirming_writes_even_what_stays(database: Database, tmp_path: Path) -> None:
    record = one(database, name="王一", phone="1")
    with database.work("以本站为准") as work:
        work.affirm(work.session.get_one(Person, record), {"phone": "1", "household": "d" * 32})
    assert parts(database)[1][0].fields == {"phone": "1", "household": bytes.fromhex("d" * 32)}
    with database.read() as session:
        state = State.decoded(session.get_one(Person, record).state)
        assert {dots[0].position for dots in state.heads.values()} == {2}
    well(database, tmp_path)


# -- refused -------------------------------------------------------------------------------------------------------

PAST_THE_DOOR: dict[str, Callable[[Session], object]] = {
    "core insert": lambda s: s.execute(insert(Person).values(id="e" * 32, name="x", home=HOME)),
    "core update": lambda s: s.execute(update(Person).values(name="x")),
    "core delete": lambda s: s.execute(delete(Person)),
    "text update": lambda s: s.execute(text("UPDATE person SET name = 'x'")),
    "text insert": lambda s: s.execute(text('  insert  into "person" (id) select id from visit')),
    "text delete": lambda s: s.execute(text("DELETE FROM visit")),
    "comment first": lambda s: s.execute(text("/* x */ UPDATE person SET name = 'x'")),
    "line comment first": lambda s: s.execute(text("-- x\nUPDATE person SET name = 'x'")),
    "with first": lambda s: s.execute(text("WITH t AS (SELECT 1) UPDATE person SET name = 'x'")),
    "schema first": lambda s: s.execute(text("UPDATE public.person SET name = 'x'")),
    "only": lambda s: s.execute(text("UPDATE ONLY person SET name = 'x'")),
    "journal": lambda s: s.execute(update(Group).values(name="x")),
    "parts": lambda s: s.execute(delete(Part)),
    "local": lambda s: s.execute(text("UPDATE local SET position = 9")),
    "origin": lambda s: s.execute(text("UPDATE origin SET held_to = 9")),
    "cursor": lambda s: s.connection().exec_driver_sql("DELETE FROM person"),
}


@pytest.mark.parametrize("inside", [True, False], ids=["in a unit of work", "outside"])
def test_writes_past_the_journal_are_refused_at_the_cursor(database: Database, inside: bool) -> None:
    one(database, name="王一")
    before = facts(database)
    passed = []
    for how, write in PAST_THE_DOOR.items():
        try:
            if inside:
                with database.work("绕过") as work:
                    write(work.session)
            else:
                with database._sessions() as session:
                    write(session)
                    session.commit()
        except RuntimeError as error:
            assert "bypass the journal" in str(error)  # noqa: PT017 (many statements, one database)
        else:
            passed.append(how)
    assert passed == []
    assert facts(database) == before
    with database.read() as session:
        assert session.scalars(select(Person.name)).all() == ["王一"]


def test_reading_and_local_tables_pass_the_guard(database: Database) -> None:
    one(database, name="王一")
    with database.work("看看") as work:
        assert work.session.execute(text("SELECT name FROM person WHERE name <> 'DELETE FROM x'")).scalar() == "王一"
        work.session.execute(text("DELETE FROM person_key"))
        work.session.execute(text("UPDATE blob SET size = 0"))


def test_records_are_not_changed_outside_a_unit_of_work(database: Database) -> None:
    record = one(database, name="王一")
    with database._sessions() as session, pytest.raises(RuntimeError, match=r"only inside Database\.work"):  # noqa: PT012
        session.get_one(Person, record).name = "王二"
        session.flush()


def test_the_door_closes_behind_a_failed_flush(database: Database) -> None:
    with pytest.raises(BadInput), database.work("坏字") as work:  # noqa: PT012 (the block is what is tested)
        work.session.add(Person(name="王\0", home=HOME))
        work.session.flush()
    with pytest.raises(RuntimeError, match="bypass the journal"), database.work("绕过") as work:
        work.session.execute(update(Person).values(name="x"))


def test_the_reader_cannot_write(tmp_path: Path) -> None:
    database = moving.founded(tmp_path / "store.db")
    with database.read() as session, pytest.raises(Exception, match=r"readonly|read-only"):
        session.execute(text("CREATE TABLE x (y INTEGER)"))
    database.close()


def test_an_old_copy_is_not_saved_over_a_newer(database: Database) -> None:
    record = one(database, name="王一")
    with database.read() as session:
        old = session.get_one(Person, record)
        session.expunge(old)
    with database.work("改") as work:
        work.session.get_one(Person, record).phone = "1"
    before = facts(database)
    with pytest.raises(Refused, match="刚被改过"), database.work("旧窗口") as work:  # noqa: PT012
        work.session.add(old)
        old.phone = "2"
    assert facts(database) == before
    with database.read() as session:
        assert session.get_one(Person, record).phone == "1"


@pytest.mark.parametrize("bad", ["张\0三", "张\ud800", "\udfff"])
@pytest.mark.parametrize("way", ["orm", "bulk", "affirm"])
def test_text_that_cannot_be_kept_is_refused_in_words(database: Database, bad: str, way: str) -> None:
    record = one(database, name="王一")
    before = facts(database)
    with pytest.raises(BadInput, match="无法保存的字符"), database.work("坏字") as work:  # noqa: PT012
        if way == "orm":
            work.session.add(Person(name=bad, home=HOME))
        elif way == "bulk":
            work.add_many("person", [{"name": bad, "home": HOME}])
        else:
            work.affirm(work.session.get_one(Person, record), {"name": bad})
    assert facts(database) == before


@pytest.mark.parametrize("way", ["orm", "bulk"])
def test_numbers_beyond_64_bits_are_refused(database: Database, way: str) -> None:
    before = facts(database)
    with pytest.raises(BadInput, match="数字太大"), database.work("太大") as work:  # noqa: PT012
        if way == "orm":
            work.session.add(Person(name="王", income=1 << 63, home=HOME))
        else:
            work.add_many("person", [{"name": "王", "income": 1 << 63, "home": HOME}])
    assert facts(database) == before


def test_characters_beyond_the_basic_plane_are_kept(database: Database) -> None:
    names = ["䶮", "㛃", "𠮷", "\uf92c", "é", "e\u0301", "阿·依", "👍"]
    ids = [one(database, name=name) for name in names]
    with database.read() as session:
        assert [session.get_one(Person, record).name for record in ids] == names


# -- the chain -----------------------------------------------------------------------------------------------------


def test_groups_are_chained_and_numbered_without_gaps(database: Database) -> None:
    for n in range(5):
        one(database, name=f"王{n}")
    with database.read() as session:
        groups = session.scalars(select(Group).order_by(Group.id)).all()
        headers = [recording.GroupHeader.decoded(group.header) for group in groups]
        assert [header.position for header in headers] == [1, 2, 3, 4, 5]
        assert headers[0].prev == b""
        for before, after in pairwise(zip(groups, headers, strict=True)):
            assert after[1].prev == before[0].hash == recording.group_hash(before[0].header)
            assert after[1].stamp > before[1].stamp
        local = session.scalars(select(Local)).one()
        assert (local.position, local.chain) == (5, groups[-1].hash)
        assert session.get_one(Origin, local.origin).held_to == 5


def test_a_standing_or_falling_clock_gives_rising_stamps(database: Database, fixed_now: Any) -> None:
    for year in (2026, 2020, 1980, 2027):
        clock.set_now(fixed_now.replace(year=year))
        one(database, name="王")
        one(database, name="王")
    with database.read() as session:
        stamps = session.scalars(select(Group.stamp).order_by(Group.position)).all()
    assert list(stamps) == sorted(set(stamps))


def test_a_new_incarnation_begins_at_one(database: Database, tmp_path: Path) -> None:
    one(database, name="王一")
    with database.work("恢复") as work:
        second = database.new_incarnation(work.connection)
    one(database, name="王二")
    with database.read() as session:
        local = session.scalars(select(Local)).one()
        assert (local.incarnation, local.position) == (second, 1)
        group = session.scalars(select(Group).order_by(Group.id.desc()).limit(1)).one()
        assert recording.GroupHeader.decoded(group.header).prev == b""
    well(database, tmp_path)


def test_groups_with_authority_are_signed(database: Database) -> None:
    database.signer = lambda digest: b"signed" + digest
    one(database, name="王一")
    with database.work("审批") as work:
        work.session.add(CaseStep(case="f" * 32, step="county_decision", home=HOME))
    with database.read() as session:
        plain, signed = session.scalars(select(Group).order_by(Group.position)).all()
    assert plain.signature is None
    assert signed.signature == b"signed" + signed.hash
    assert signed.hashes is not None


def test_nothing_of_the_store_is_readable(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    database = moving.founded(path)
    one(database, name="欧阳建国", id_number="11010519491231002X", phone="13812345678")
    database.close()
    for file in tmp_path.iterdir():
        raw = file.read_bytes()
        for word in ("欧阳建国", "11010519491231002X", "13812345678", "登记人员"):
            for coding in ("utf-8", "utf-16-le", "gb18030"):
                assert word.encode(coding) not in raw
    import sqlite3

    plain = sqlite3.connect(path)
    with pytest.raises(sqlite3.DatabaseError, match="not a database"):
        plain.execute("SELECT count(*) FROM person")
    plain.close()


def test_a_part_must_have_its_record(database: Database) -> None:
    """The deferred foreign key: children may come first inside an act, and must not be left alone at its end."""
    person = Person(id=clock.new_id(), name="王一", home=HOME)
    with database.work("先子后父") as work:
        work.session.add(FamilyMember(person=person.id, name="李四", home=HOME))
        work.session.flush()
        work.session.add(person)
    before = facts(database)
    with pytest.raises(Exception, match=r"(?i)foreign key"), database.work("没有父") as work:
        work.session.add(FamilyMember(person="9" * 32, name="李五", home=HOME))
    assert facts(database) == before
    assert count(database, Contest) == 0


def test_eight_threads_read_at_once_and_none_waits_for_another(tmp_path: Path) -> None:
    database = moving.founded(tmp_path / "store.db")
    together = threading.Barrier(8)

    def look() -> None:
        with database.read() as session:
            session.connection()
            together.wait(5)

    with ThreadPoolExecutor(max_workers=8) as threads:
        looks = [threads.submit(look) for _ in range(8)]
        assert [one.exception() for one in looks] == [None] * 8
    database.close()
