import dataclasses
from pathlib import Path

import pytest
from sqlalchemy import select

from app import faults
from app.errors import BadInput, Refused
from app.models import Part, Staff
from app.models.keyfile import KeyFile
from app.services import tidying
from app.services.staff import StaffAccounts
from app.services.station import Station

SECRET = "tang-hu-lu-2026"


def keys_of(station: Station) -> KeyFile:
    assert station.keys is not None
    return station.keys


@pytest.fixture
def accounts(station: Station) -> StaffAccounts:
    keys, store_key, _code = KeyFile.create(
        station.folder / "keys.json",
        store_id="1" * 32,
        staff_id=station.actor.staff,
        name="周敏",
        password="first",
        practice=True,
    )
    station.keys, station.store_key = keys, store_key
    return StaffAccounts(station)


def add(accounts: StaffAccounts, name: str = "吴海", roles: object = "clerk", password: str = SECRET) -> str:
    return accounts.add({"name": name, "password": password, "roles": roles})


def test_a_new_account_opens_the_store(accounts: StaffAccounts, station: Station) -> None:
    made = add(accounts, roles=["clerk", "审核"])
    assert [(row.name, row.roles) for row in accounts.everybody()][-1] == ("吴海", ("clerk", "reviewer"))
    opened = KeyFile.load(station.folder / "keys.json").open_with_password("吴海", SECRET)
    assert (opened.staff_id, opened.store_key) == (made, station.store_key)


def test_nothing_of_the_password_is_in_the_journal(accounts: StaffAccounts, station: Station) -> None:
    add(accounts)
    with station.db.read() as session:
        assert not any(SECRET.encode() in (body or b"") for body in session.scalars(select(Part.body)))
        assert any("吴海".encode() in (body or b"") for body in session.scalars(select(Part.body)))


@pytest.mark.parametrize("point", ["save.rows", "save.journal", "save.commit", "keys.rename"])
def test_slot_and_record_stand_or_fall_together(accounts: StaffAccounts, station: Station, point: str) -> None:
    before = list(keys_of(station).staff_ids)
    faults.arm(f"{point}:1")
    try:
        with pytest.raises(Exception, match=r".+"):
            add(accounts)
    finally:
        faults.arm(None)
    assert KeyFile.load(station.folder / "keys.json").staff_ids == before
    assert [row.name for row in accounts.everybody()] == ["周敏"]
    add(accounts)


def test_a_slot_left_by_a_kill_is_taken_away(accounts: StaffAccounts, station: Station) -> None:
    keys_of(station).add_slot(station.store_key, "f" * 32, "某人", SECRET)
    add(accounts)
    tidying.tidy(station)
    assert keys_of(station).staff_ids == [row.id for row in accounts.everybody()]


def test_bad_values_are_named_at_once(accounts: StaffAccounts) -> None:
    with pytest.raises(BadInput) as error:
        accounts.add({"roles": "king", "age": "3"})
    assert set(error.value.problems) == {"name", "password", "roles", "age"}


def test_six_characters_outside_practice(accounts: StaffAccounts, station: Station) -> None:
    add(accounts, name="练习生", password="1")
    station._place = dataclasses.replace(station.place, practice=False)
    with pytest.raises(BadInput, match="至少 6 个字符"):
        add(accounts, password="12345")
    with pytest.raises(BadInput, match="至少 6 个字符"):
        accounts.set_password(station.actor.staff, "12345")
    add(accounts, password="123456")


def test_names_are_given_once(accounts: StaffAccounts) -> None:
    add(accounts)
    with pytest.raises(Refused, match="已经有叫“吴海”的工作人员"):
        add(accounts, name="吴 海")
    other = add(accounts, name="郑华")
    with pytest.raises(Refused, match="已经有叫"):
        accounts.set(other, {"name": "吴海"})


def test_the_last_administrator_stays(accounts: StaffAccounts, station: Station) -> None:
    with pytest.raises(Refused, match="最后一位管理员"):
        accounts.set(station.actor.staff, {"roles": "clerk"})
    with pytest.raises(Refused, match="最后一位管理员"):
        accounts.set(station.actor.staff, {"status": "left"})
    add(accounts, roles="administrator")
    accounts.set(station.actor.staff, {"roles": "clerk"})
    assert accounts.everybody()[0].roles == ("clerk",)


def test_a_new_name_opens_the_store(accounts: StaffAccounts, station: Station) -> None:
    made = add(accounts)
    accounts.set(made, {"name": "吴海洋"})
    keys = KeyFile.load(station.folder / "keys.json")
    assert keys.open_with_password("吴海洋", SECRET).staff_id == made
    with pytest.raises(Refused):
        keys.open_with_password("吴海", SECRET)


def test_a_name_that_could_not_be_saved_is_not_kept_in_the_key_file(accounts: StaffAccounts, station: Station) -> None:
    made = add(accounts)
    faults.arm("save.commit:1")
    try:
        with pytest.raises(OSError, match=r".+"):
            accounts.set(made, {"name": "吴海洋"})
    finally:
        faults.arm(None)
    assert KeyFile.load(station.folder / "keys.json").open_with_password("吴海", SECRET).staff_id == made


def test_whoever_left_cannot_open_the_store(accounts: StaffAccounts, station: Station) -> None:
    made = add(accounts)
    accounts.set(made, {"status": "left"})
    with pytest.raises(Refused):
        KeyFile.load(station.folder / "keys.json").open_with_password("吴海", SECRET)
    with station.db.read() as session, pytest.raises(Refused, match="已停用"):
        station.sit_down(session.get_one(Staff, made))
    with pytest.raises(Refused, match="已停用"):
        accounts.set_password(made, SECRET)


def test_a_clerk_changes_only_the_own_password(accounts: StaffAccounts, station: Station, tmp_path: Path) -> None:
    made = add(accounts)
    station.roles = ("clerk",)
    accounts.set_password(station.actor.staff, "second")
    assert (
        KeyFile.load(station.folder / "keys.json").open_with_password("周敏", "second").staff_id == station.actor.staff
    )
    with pytest.raises(Refused, match="您的岗位不能管理人员账号"):
        accounts.set_password(made, "third")
    with pytest.raises(Refused, match="您的岗位不能管理人员账号"):
        add(accounts, name="郑华")
    with pytest.raises(Refused, match="您的岗位不能管理人员账号"):
        accounts.set(made, {"roles": "administrator"})


def test_without_a_key_file_nothing_is_added(station: Station) -> None:
    with pytest.raises(Refused, match=r"没有钥匙文件 keys\.json"):
        add(StaffAccounts(station))
    assert len(StaffAccounts(station).everybody()) == 1
