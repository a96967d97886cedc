"""`store check` finds nothing in a store with everything in it, and names each single damage."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from app import clock
from app.models import Payment, Person, Refusal, copying, recording
from app.models.database import Database
from app.models.journal import Group, Standing
from app.services import checking, stores
from app.services.attachments import Attachments
from app.services.campaigns import Campaigns
from app.services.payments import Payments
from app.services.station import Station
from app.services.stores import Opened
from app.sync.groups import Incoming
from tests.services.records import change, person
from tests.sync import moving

PASSWORD = "demo"
FOREIGN_KIND = "future_kind"


@dataclass
class Made:
    folder: Path
    key: bytes
    settings: Path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    """A store with people, money, an attachment, groups of another node, a contest, a void and what waits behind it."""
    base = tmp_path_factory.mktemp("made")
    patch = pytest.MonkeyPatch()
    patch.setenv("RONGGUI_SETTINGS", str(base / "settings"))
    founding = stores.Founding("village", "桥头村站", ("361002100201",), "周敏", PASSWORD, practice=True)
    opened, _ = stores.init(base / "store", founding)
    station = opened.station
    people = [person(station, f"王{n}", phone=f"1380000{n:04}") for n in range(30)]
    campaign = Campaigns(station).open(
        {"name": "两节慰问", "year": 2026, "festival": "春节", "source": "县级资金", "standard": "500.00"}
    )
    lines = [Campaigns(station).add_line(campaign, who, "500.00") for who in people[:4]]
    Payments(station).record(lines[0], "paid")
    Payments(station).record(lines[1], "returned", reason="外出")
    picture = base / "a.pdf"
    picture.write_bytes(b"%PDF-1.4\n" + bytes(5000))
    Attachments(station).add(f"person:{people[0]}", picture)
    other = moving.founded(base / "other.db")
    moving.take(other, moving.groups_of(station.db))
    with other.work("登记") as work:
        work.session.get_one(Person, people[5]).phone = "13900000000"
        work.session.add(Person(name="李四", home="361002100201"))
    change(station, Person, people[5], phone="13811111111")
    moving.move(other, station.db)
    other.close()
    take_foreign_kind(station)
    change(station, Person, people[6], address="甲")
    change(station, Person, people[6], address="乙")
    void_before_last(station)
    opened.close()
    yield Made(base / "store", station.store_key, base / "settings")
    patch.undo()


def take_foreign_kind(station: Station) -> None:
    """A group with a record of a kind this version does not know."""
    body = recording.encode_part(FOREIGN_KIND, bytes(range(16)), [], {"home": "361002100201", "x": 1})
    salt = b"s" * 16
    digest = recording.part_hash(salt, body)
    node = clock.new_id()
    header = recording.GroupHeader(
        node, 1, 1, clock.now_ms() * 1024, "新事项", "0" * 32, "", 1, recording.root_of([digest]), b"", 9
    ).encoded()
    incoming = Incoming(
        recording.GroupHeader.decoded(header), header, recording.group_hash(header), None, None, digest,
        {0: (salt, body, recording.decode_part(body))}, moving.FLOW_WHOLE,
    )  # fmt: skip
    moving.take(station.db, [incoming])


def void_before_last(station: Station) -> None:
    """Void the act before the last: the last, which built on it, is held."""
    from app.models import standing

    with station.db.work("退回") as work:
        local = work.local
        group = work.session.scalars(
            select(Group).where(Group.origin == local.origin, Group.position == local.position - 1)
        ).one()
        work.session.add(
            Refusal(
                node=local.node,
                incarnation=local.incarnation,
                position=group.position,
                group_hash=group.hash,
                act=group.name,
                reason="试",
                home="361002100201",
            )
        )
        work.session.flush()
        standing.refold(station.db, work.connection, standing.apply_voids(station.db, work.connection))


@pytest.fixture
def folder(made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RONGGUI_SETTINGS", str(tmp_path / "settings"))
    shutil.copytree(made.folder, tmp_path / "store")
    return tmp_path / "store"


def look(folder: Path, key: bytes) -> list[str]:
    database = Database(folder / "store.db", key)
    try:
        return checking.check(Station(database, folder, store_key=key))
    finally:
        database.close()


def test_a_store_with_everything_in_it_is_well(made: Made, folder: Path) -> None:
    assert look(folder, made.key) == []
    with copying.bare(folder / "store.db", made.key) as connection:
        standings = {row[0] for row in connection.exec_driver_sql("SELECT DISTINCT standing FROM journal_group")}
        assert standings == {Standing.LIVE, Standing.VOID, Standing.HELD}
        for table in ("contest", "foreign_record", "seal", "blob", "payment", "person_key"):
            count = connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar()
            assert bool(count) == (table != "seal"), table


SOME = "(SELECT min(id) FROM person)"
LIVE_GROUP = "(SELECT min(id) FROM journal_group WHERE signature IS NULL AND name = '登记人员')"
DAMAGE: dict[str, tuple[str, str]] = {
    "header": ("UPDATE journal_group SET header = CAST(header || x'00' AS BLOB) WHERE id = 5", "内容与指纹不符"),
    "stamp": ("UPDATE journal_group SET stamp = stamp + 1 WHERE id = 5", "与原文不符"),
    "name": ("UPDATE journal_group SET name = '别的事' WHERE id = 5", "与原文不符"),
    "hash": ("UPDATE journal_group SET hash = randomblob(32) WHERE id = 5", "与前一条接不上"),
    "salt": (f"UPDATE journal_part SET salt = randomblob(16) WHERE group_id = {LIVE_GROUP}", "内容与指纹不符"),
    "body": (f"UPDATE journal_part SET body = CAST(body || x'c0' AS BLOB) WHERE group_id = {LIVE_GROUP}", "变更记录读不出来"),
    "part gone": (f"DELETE FROM journal_part WHERE group_id = {LIVE_GROUP}", "少了一部分内容"),
    "part of another": (
        f"UPDATE journal_part SET record = randomblob(16) WHERE group_id = {LIVE_GROUP}", "内容与指纹不符",
    ),
    "listed hashes": (
        "UPDATE journal_group SET hashes = zeroblob(length(hashes)) WHERE signature IS NOT NULL", "内容与指纹不符",
    ),
    "signature": (
        "UPDATE journal_group SET signature = zeroblob(64) WHERE signature IS NOT NULL", "本单位的签名不对",
    ),
    "group gone": ("DELETE FROM journal_group WHERE position = 5 AND origin = 1", "的记录缺第 5 条"),
    "last group gone": (
        "DELETE FROM journal_group WHERE origin = 1 AND position = (SELECT position FROM local)", "的记录缺第",
    ),
    "position": ("UPDATE local SET position = position + 1", "本单位的最后位置与记录对不上"),
    "chain": ("UPDATE local SET chain = randomblob(32)", "本单位的最后位置与记录对不上"),
    "reach": ("UPDATE origin SET held_hash = randomblob(32) WHERE id = 1", "与登记的指纹对不上"),
    "seal": (
        "INSERT INTO seal (origin, position, hash, signature) VALUES (1, 3, randomblob(32), x'00')",
        "与封存的签章对不上",
    ),
    "origin": ("UPDATE journal_group SET origin = 99 WHERE id = 5", "来源不明"),
    "void counts": ("UPDATE journal_group SET standing = 0 WHERE standing = 2", "已退回, 但仍算在内"),
    "held counts": ("UPDATE journal_group SET standing = 0 WHERE standing = 3", "建立在没有算进来的内容上"),
    "void without reason": ("UPDATE journal_group SET standing = 2 WHERE id = 6", "但没有退回单"),
    "fork counts": (
        (
            "INSERT INTO journal_group (origin, position, stamp, name, header, hash, parts, standing) "
            "SELECT origin, position, stamp, name, header, randomblob(32), parts, 4 FROM journal_group WHERE id = 7"
        ),
        "同一个序号",
    ),
    "value": (f"UPDATE person SET name = '改了' WHERE id = {SOME}", "“姓名”与变更记录不符"),
    "empty value": (f"UPDATE person SET phone = NULL WHERE id = {SOME}", "与变更记录不符"),
    "deleted": (f"UPDATE person SET deleted = 1 WHERE id = {SOME}", "“已删除”与变更记录不符"),
    "amount": ("UPDATE roster_line SET amount = amount + 1", "发放明细"),
    "state": (f"UPDATE person SET state = x'920105' WHERE id = {SOME}", "版本状态与变更记录不符"),
    "broken state": (f"UPDATE person SET state = x'ff' WHERE id = {SOME}", "版本状态与变更记录不符"),
    "row gone": (f"DELETE FROM person WHERE id = {SOME}", "变更记录里有, 数据表里没有"),
    "row invented": (
        "INSERT INTO person (id, name, home, state) VALUES (randomblob(16), '无名', '361002100201', x'')",
        "数据表里有, 变更记录里没有",
    ),
    "foreign state": ("UPDATE foreign_record SET home = '110000000000'", "上级新增项目(future_kind)"),
    "foreign gone": ("DELETE FROM foreign_record", "上级新增项目(future_kind)"),
    "contest gone": ("DELETE FROM contest", "清单与变更记录不符"),
    "contest invented": (f"INSERT INTO contest (record, kind) VALUES ({SOME}, 'person')", "清单与变更记录不符"),
    "contest of nobody": (
        "INSERT INTO contest (record, kind) VALUES (randomblob(16), 'person')", "数据表里有, 变更记录里没有",
    ),
    "search key gone": (f"DELETE FROM person_key WHERE person = {SOME}", "查找用的索引与资料不符"),
    "search key invented": (f"INSERT INTO person_key VALUES ('zzz', {SOME})", "查找用的索引与资料不符"),
    "search key of nobody": ("INSERT INTO person_key VALUES ('zzz', randomblob(16))", "指向不存在的人"),
    "orphan": (
        "PRAGMA foreign_keys=off; INSERT INTO family_member (id, person) VALUES (randomblob(16), randomblob(16))",
        "家庭成员: 有一条指向不存在的服务对象",
    ),
    "attachment key": ("UPDATE blob SET key = randomblob(32)", "坏了或被改动过"),
    "attachment key cut": ("UPDATE blob SET key = x'00'", "坏了或被改动过"),
    "attachment name": ("UPDATE blob SET name = 'aa' || name", "不见了"),
    "attachment row": ("DELETE FROM blob", "没有记录的文件"),
}  # fmt: skip


@pytest.mark.parametrize("what", DAMAGE)
def test_each_damage_is_named(made: Made, folder: Path, what: str) -> None:
    sql, said = DAMAGE[what]
    with copying.bare(folder / "store.db", made.key) as connection:
        for statement in sql.split("; "):
            connection.exec_driver_sql("PRAGMA foreign_keys=off")
            connection.exec_driver_sql(statement)
    problems = look(folder, made.key)
    assert any(said in problem for problem in problems), problems
    # Nothing that is well is accused; a value may also be missing among the search keys.
    if what in ("value", "empty value", "deleted", "state", "broken state", "contest gone", "position", "seal"):
        assert len(problems) <= 2, problems


def test_a_damaged_file_and_a_stray_one_are_named(made: Made, folder: Path) -> None:
    (sealed,) = (path for path in (folder / "files").rglob("*") if path.is_file())
    stray = sealed.with_name("0" * 32)
    stray.write_bytes(b"x")
    data = bytearray(sealed.read_bytes())
    data[-1] ^= 1
    sealed.write_bytes(data)
    assert sorted(look(folder, made.key)) == sorted(
        [f"附件文件 {sealed.name} 坏了或被改动过", f"文件夹里有一个没有记录的文件: {stray.name}"]
    )


def test_a_content_that_has_not_come_is_awaited(made: Made, folder: Path) -> None:
    with copying.bare(folder / "store.db", made.key) as connection:
        connection.exec_driver_sql("INSERT INTO blob (sha256, size, name, key) VALUES (randomblob(32), 5, NULL, NULL)")
    assert look(folder, made.key) == []


def test_a_thousand_of_one_sort_do_not_hide_another(made: Made, folder: Path) -> None:
    with copying.bare(folder / "store.db", made.key) as connection:
        connection.exec_driver_sql("UPDATE person SET address = '同一个地方'")
        connection.exec_driver_sql("UPDATE local SET position = position + 1")
    problems = look(folder, made.key)
    assert "本单位的最后位置与记录对不上" in problems
    assert "数据: 同样的问题还有 11 处" in problems


def test_a_line_paid_twice_by_one_hand_is_named(station: Station) -> None:
    campaign = Campaigns(station).open(
        {"name": "两节慰问", "year": 2026, "festival": "春节", "source": "县级资金", "standard": "500.00"}
    )
    line = Campaigns(station).add_line(campaign, person(station), "500.00")
    Payments(station).record(line, "paid")
    assert checking.check(station) == []
    with station.db.work("绕过规则") as work:
        first = work.session.scalars(select(Payment)).one()
        work.session.add(
            Payment(
                line=line,
                person=first.person,
                campaign=campaign,
                result="paid",
                amount=50000,
                day=first.day,
                home=first.home,
            )
        )
    (problem,) = checking.check(station)
    assert "两节慰问" in problem
    assert "发了 2 次" in problem


def test_the_same_on_postgres(postgres_database: str, tmp_path: Path) -> None:
    database = moving.founded(postgres_database)
    try:
        with database.work("登记") as work:
            ids = work.add_many("person", [{"name": f"王{n}", "home": moving.HOME} for n in range(5)])
        other = moving.founded(tmp_path / "other.db")
        moving.move(database, other)
        for db, phone in ((database, "1"), (other, "2")):
            with db.work("改") as work:
                work.session.get_one(Person, ids[0]).phone = phone
        moving.move(other, database)
        other.close()
        (tmp_path / "files").mkdir()
        station = Station(database, tmp_path)
        assert checking.check(station) == []
        with database.engine.begin() as connection, database.door(connection):
            connection.exec_driver_sql("UPDATE person SET name = '改了' WHERE id = %s", (bytes.fromhex(ids[1]),))
            connection.exec_driver_sql("DELETE FROM contest")
            connection.exec_driver_sql("UPDATE journal_group SET name = '别的事' WHERE position = 1 AND origin = 1")
        problems = checking.check(station)
        assert len(problems) == 4
        for said in ("“姓名”与变更记录不符", "清单与变更记录不符", "与原文不符", "查找用的索引"):
            assert any(said in problem for problem in problems), said
    finally:
        database.close()


def test_opened_stores_are_checked_as_they_are(made: Made, folder: Path) -> None:
    """A copied store begins a new incarnation at opening; that alone is no problem."""
    opened: Opened = stores.open_store(folder, user="周敏", password=PASSWORD)
    try:
        assert opened.warnings
        assert checking.check(opened.station) == []
        person(opened.station, "新人")
        assert checking.check(opened.station) == []
    finally:
        opened.close()
