import pytest

from app.errors import BadInput, Refused
from app.models.keyfile import KeyFile
from app.services.station import Station


@pytest.fixture(autouse=True)
def keys(station: Station) -> None:
    found, store_key, _ = KeyFile.create(
        station.folder / "keys.json",
        store_id="1" * 32,
        staff_id=station.actor.staff,
        name="周敏",
        password="first",
        practice=True,
    )
    station.keys, station.store_key = found, store_key


def opens(station: Station, name: str, password: str) -> str:
    return KeyFile.load(station.folder / "keys.json").open_with_password(name, password).staff_id


def test_accounts_by_terminal(station: Station, run) -> None:
    made = run("staff", "add", "-", stdin={"name": "吴海", "password": "secret", "roles": "clerk,reviewer"})["id"]
    assert run("staff", "list")["staffs"][-1] == {
        "id": made,
        "name": "吴海",
        "roles": ["clerk", "reviewer"],
        "status": "active",
    }
    run("staff", "set", made, "name=吴海洋", "roles=clerk")
    assert run("staff", "list")["staffs"][-1]["roles"] == ["clerk"]
    assert opens(station, "吴海洋", "secret") == made


@pytest.mark.parametrize(
    ("stdin", "environment"),
    [("neu-1\n", {}), ('{"password": "neu-1"}', {}), ("", {"RONGGUI_NEW_PASSWORD": "neu-1"})],
)
def test_passwords_by_terminal(station: Station, run, stdin: str, environment: dict[str, str]) -> None:
    run("staff", "password", station.actor.staff, stdin=stdin, environment=environment)
    assert opens(station, "周敏", "neu-1") == station.actor.staff
    with pytest.raises(Refused):
        opens(station, "周敏", "first")


def test_an_empty_password_changes_nothing(station: Station, run) -> None:
    with pytest.raises(BadInput, match="没有填登录密码"):
        run("staff", "password", station.actor.staff, stdin="")
    assert opens(station, "周敏", "first") == station.actor.staff
