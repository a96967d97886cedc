"""Who has a password or the 应急恢复码 opens the store; nobody else, and no name lies open in the file."""

import json
import os
from pathlib import Path

import pytest

from app import faults
from app.clock import new_id
from app.errors import BadInput, EnvironmentTrouble, Refused
from app.models import keyfile
from app.models.keyfile import KeyFile

STORE, FIRST, SECOND = new_id(), new_id(), new_id()


@pytest.fixture
def made(tmp_path: Path):
    keys, store_key, code = KeyFile.create(
        tmp_path / "keys.json", store_id=STORE, staff_id=FIRST, name="欧阳·小䶮", password="春风2027", practice=True
    )
    yield keys, store_key, code, tmp_path / "keys.json"
    faults.arm(None)


def test_the_right_password_opens_and_names_the_person(made):
    _, store_key, code, path = made
    keys = KeyFile.load(path)
    opened = keys.open_with_password("欧阳·小䶮", "春风2027")
    assert (opened.store_key, opened.staff_id, len(store_key)) == (store_key, FIRST, 32)
    assert keys.open_with_password(None, "春风２０２７").store_key == store_key
    assert keys.open_with_password(" 欧阳•小䶮　", "春风2027").store_key == store_key
    assert keys.open_with_recovery(code) == store_key
    assert keys.open_with_recovery(code.lower().replace("-", " ").replace("0", "o").replace("1", "l")) == store_key
    assert repr(store_key) not in repr(opened)


@pytest.mark.parametrize(("name", "password"), [("欧阳·小䶮", "x"), ("王五", "春风2027"), (None, ""), ("", "春风2027")])
def test_anything_else_is_refused_with_the_same_words(made, name, password):
    with pytest.raises(Refused) as caught:
        KeyFile.load(made[3]).open_with_password(name, password)
    assert str(caught.value) == keyfile.WRONG_LOGIN
    assert caught.value.exit_code == 3


def test_a_wrong_recovery_code_is_refused(made):
    with pytest.raises(Refused, match="应急恢复码不对"):
        made[0].open_with_recovery(keyfile.new_recovery_code())


def test_slots_come_change_and_go(made):
    keys, store_key, _, path = made
    keys.add_slot(store_key, SECOND, "王五", "第二个")
    keys = KeyFile.load(path)
    assert keys.staff_ids == [FIRST, SECOND]
    assert keys.open_with_password("王五", "第二个").staff_id == SECOND
    with pytest.raises(Refused):
        keys.open_with_password(None, "第二个")
    keys.change_password(store_key, FIRST, "欧阳·小䶮", "新的")
    keys.rename(store_key, SECOND, "王六")
    keys = KeyFile.load(path)
    assert keys.open_with_password(None, "新的").staff_id == FIRST
    assert keys.open_with_password("王六", "第二个").staff_id == SECOND
    for name, password in (("欧阳·小䶮", "春风2027"), ("王五", "第二个")):
        with pytest.raises(Refused):
            keys.open_with_password(name, password)
    keys.remove_slot(store_key, FIRST)
    keys = KeyFile.load(path)
    assert keys.open_with_password(None, "第二个").staff_id == SECOND
    with pytest.raises(Refused, match="最后一位"):
        keys.remove_slot(store_key, SECOND)
    with pytest.raises(Refused, match="已经有登录密码"):
        keys.add_slot(store_key, SECOND, "王六", "x")
    with pytest.raises(Refused, match="还没有登录密码"):
        keys.remove_slot(store_key, FIRST)


def test_a_password_is_proved_for_one_person_only(made):
    keys, store_key, _, _ = made
    keys.add_slot(store_key, SECOND, "王五", "第二个")
    assert keys.is_password_of(FIRST, "春风２０２７")
    assert not keys.is_password_of(FIRST, "第二个"), "a colleague's password does not unlock another's window"
    assert not keys.is_password_of(FIRST, "")
    assert not keys.is_password_of("0" * 32, "春风2027")


def test_two_people_of_one_name_are_told_apart_by_password(made):
    keys, store_key, _, _ = made
    keys.add_slot(store_key, SECOND, "欧阳·小䶮", "另一个")
    assert keys.open_with_password("欧阳·小䶮", "另一个").staff_id == SECOND
    assert keys.open_with_password("欧阳·小䶮", "春风2027").staff_id == FIRST


def test_a_new_recovery_code_ends_the_old_one(made):
    keys, store_key, old, path = made
    new = keys.replace_recovery(store_key)
    assert KeyFile.load(path).open_with_recovery(new) == store_key
    with pytest.raises(Refused):
        KeyFile.load(path).open_with_recovery(old)


def test_a_foreign_store_key_changes_nothing(made):
    keys, _, _, path = made
    before = path.read_bytes()
    for change in (
        lambda: keys.add_slot(bytes(32), SECOND, "王五", "x"),
        lambda: keys.change_password(bytes(32), FIRST, "王五", "x"),
        lambda: keys.rename(bytes(32), FIRST, "王五"),
        lambda: keys.remove_slot(bytes(32), FIRST),
        lambda: keys.replace_recovery(bytes(32)),
    ):
        with pytest.raises(Refused, match="不是一套"):
            change()
    assert path.read_bytes() == before


def test_no_name_password_or_key_lies_open(made):
    _, store_key, code, path = made
    raw = path.read_bytes()
    for text in ("欧阳", "小䶮", "春风", "2027", code, code.replace("-", "")):
        for encoding in ("utf-8", "utf-16-le", "gb18030"):
            assert text.encode(encoding) not in raw
        assert json.dumps(text)[1:-1].encode() not in raw
    assert store_key not in raw
    assert store_key.hex().encode() not in raw
    assert json.loads(raw)["argon2id"] == {"memory": 8, "iterations": 1, "lanes": 1}


def test_every_changed_byte_is_called_damage(made):
    path = made[3]
    raw = path.read_bytes()
    for at in range(0, len(raw), 3):
        path.write_bytes(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :])
        with pytest.raises(EnvironmentTrouble) as caught:
            KeyFile.load(path)
        assert str(caught.value) == keyfile.DAMAGED, at


@pytest.mark.parametrize("raw", [b"", b"[]", b"7", b"\xff\xfe", b"[" * 100_000, b'{"check": 1}', b"null"])
def test_nonsense_is_called_damage(made, raw: bytes):
    made[3].write_bytes(raw)
    with pytest.raises(EnvironmentTrouble, match="坏了"):
        KeyFile.load(made[3])


def _forged(path: Path, **changes: object) -> None:
    body = json.loads(path.read_bytes())
    del body["check"]
    body |= changes
    path.write_text(json.dumps(body | {"check": keyfile._check(body)}))


@pytest.mark.parametrize("change", [{"practice": False}, {"store": SECOND}])
def test_a_slot_is_bound_to_store_cost_and_mark(made, change):
    _forged(made[3], **change)
    with pytest.raises(Refused):
        KeyFile.load(made[3]).open_with_password(None, "春风2027")


def test_a_forged_cost_cannot_take_the_machine(made):
    _forged(made[3], argon2id={"memory": 1 << 31, "iterations": 1, "lanes": 1})
    with pytest.raises(EnvironmentTrouble, match="坏了"):
        KeyFile.load(made[3])


def test_a_newer_file_is_refused_with_what_to_do(made):
    _forged(made[3], format=2)
    with pytest.raises(Refused, match="请先升级本机程序"):
        KeyFile.load(made[3])


def test_a_missing_file_is_the_machines_trouble(tmp_path: Path):
    with pytest.raises(EnvironmentTrouble, match="找不到"):
        KeyFile.load(tmp_path / "keys.json")


def test_an_existing_file_is_never_replaced_by_a_new_store(made):
    before = made[3].read_bytes()
    with pytest.raises(Refused, match="没有覆盖"):
        KeyFile.create(made[3], store_id=STORE, staff_id=FIRST, name="a", password="b", practice=True)
    assert made[3].read_bytes() == before


@pytest.mark.parametrize("point", ["keys.write", "keys.flush", "keys.verify", "keys.rename"])
def test_a_kill_while_changing_the_password_leaves_one_that_opens(made, point: str):
    keys, store_key, _, path = made
    child = os.fork()
    if child == 0:
        faults.arm(f"{point}:1:kill")
        keys.change_password(store_key, FIRST, "欧阳·小䶮", "新的")
        os._exit(0)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])
    assert KeyFile.load(path).open_with_password(None, "春风2027").store_key == store_key
    faults.arm(f"{point}:1")
    with pytest.raises(EnvironmentTrouble):
        keys.change_password(store_key, FIRST, "欧阳·小䶮", "新的")
    assert keys.open_with_password(None, "春风2027").store_key == store_key


@pytest.mark.parametrize(("password", "words"), [("", "不能为空"), ("a\ud800", "半个编码")])
def test_passwords_that_cannot_be_kept_are_named(tmp_path: Path, password: str, words: str):
    with pytest.raises(BadInput, match=words):
        KeyFile.create(tmp_path / "k", store_id=STORE, staff_id=FIRST, name="a", password=password, practice=True)
    assert not (tmp_path / "k").exists()


def test_a_real_store_costs_at_least_the_standard():
    """From a machine where one pass takes a second to one where it takes no time at all."""
    for seconds, memory, passes in ((3.0, 65536, 3), (0.0, 131072, 16), (0.1501, 131072, 4), (0.3001, 65536, 4)):
        times = iter((0.0, 2.0, 10.0, 10.0 + seconds, 20.0, 29.0))
        cost = keyfile.measured_cost(times.__next__)
        assert (cost.memory, cost.iterations, cost.lanes) == (memory, passes, 4)


def test_enrolment_codes_are_digits_for_the_telephone():
    code = keyfile.new_enrolment_code()
    assert len(code.replace(" ", "")) == 20
    assert code.replace(" ", "").isdigit()
    assert code != keyfile.new_enrolment_code()
    key = keyfile.enrolment_key(code, b"s" * 16, practice=True)
    assert len(key) == 32
    assert keyfile.enrolment_key(code.replace(" ", "-"), b"s" * 16, practice=True) == key
    assert keyfile.enrolment_key(code, b"t" * 16, practice=True) != key
    for wrong in ("1234", code + "1", code.replace(code[0], "x")):
        with pytest.raises(BadInput, match="20 位数字"):
            keyfile.enrolment_key(wrong, b"s" * 16, practice=True)
