"""Staff accounts: who works here, in which roles, with which password (which lies in the key file alone)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.errors import BadInput, Refused
from app.models import Staff
from app.models.keyfile import KeyFile
from app.rules import names
from app.services import field_values, lookup, rights
from app.services.station import Station

SHORTEST_PASSWORD: Final = 6
"""Characters; 练习 stores take any that is not empty."""
NO_KEYS: Final = "这里没有钥匙文件 keys.json, 不能核对或设登录密码。没有改动任何数据。"
STATUSES: Final = {"active": "在岗", "left": "停用"}
ROLE_NAMES: Final = {"clerk": "经办", "reviewer": "审核", "administrator": "管理"}


@dataclass(frozen=True)
class StaffRow:
    """One line of the list."""

    id: str
    name: str
    roles: tuple[str, ...]
    status: str
    phone: str = ""
    signs_in: bool = False
    """Whether there is a password."""


class StaffAccounts:
    """Accounts of this unit."""

    def __init__(self, station: Station) -> None:
        self._station = station

    def everybody(self) -> list[StaffRow]:
        """Everybody who works or worked here, in the order they were added."""
        rights.demand(self._station, "read")
        query = (
            select(Staff.id, Staff.name, Staff.roles, Staff.status, Staff.phone)
            .where(Staff.node == self._station.place.node, ~Staff.deleted)
            .order_by(Staff.id)
        )
        with self._station.db.read() as session:
            return [
                StaffRow(
                    row.id,
                    row.name or "",
                    _split(row.roles),
                    row.status or "active",
                    row.phone or "",
                    self._has_slot(row.id),
                )
                for row in session.execute(query)
            ]

    def add(self, values: Mapping[str, Any]) -> str:
        """A new account from `name`, `password`, `roles` (and `phone`); gives its id.

        The key slot is written before the record and taken away again if the record cannot be saved, so that neither
        stands without the other.
        """
        station = self._station
        rights.demand(station, "staff")
        given = dict(values)
        password = given.pop("password", None)
        roles = given.pop("roles", None)
        problems: dict[str, str] = {}
        fields = lookup.read_into(problems, "staff", given)
        if not fields.get("name"):
            problems.setdefault("name", "没有填姓名")
        parsed = _gathered(problems, lambda: _roles(roles)) or ()
        if why := self._password_problem(password):
            problems["password"] = why
        field_values.refuse(problems)
        keys = self._keys()
        staff = Staff(
            id=clock.new_id(), roles=",".join(parsed), node=station.place.node, home=station.place.home, status="active",
            **{name: value for name, value in fields.items() if name != "status"},
        )  # fmt: skip
        with station.db.read() as session:
            self._demand_free(session, staff.name, staff.id)
        keys.add_slot(station.store_key, staff.id, staff.name, str(password))
        try:
            with station.db.work("添加工作人员") as work:
                self._demand_free(work.session, staff.name, staff.id)
                work.session.add(staff)
        except BaseException:
            keys.remove_slot(station.store_key, staff.id)
            raise
        return staff.id

    def set(self, id: str, values: Mapping[str, Any]) -> None:
        """Change name, roles, phone or status (active | left); a leaver's key slot is taken away."""
        station = self._station
        rights.demand(station, "staff")
        given = dict(values)
        problems: dict[str, str] = {}
        if "password" in given:
            given.pop("password")
            problems |= {"password": "换密码请用 staff password"}
        roles = _gathered(problems, lambda: _roles(given.pop("roles"))) if "roles" in given else None
        given.pop("roles", None)
        fields = lookup.read_into(problems, "staff", given)
        if fields.get("status") not in (None, *STATUSES):
            problems["status"] = f"只能是 {', '.join(STATUSES)}"
        if "name" in fields and not fields["name"]:
            problems["name"] = "没有填姓名"
        field_values.refuse(problems)
        if roles is not None:
            fields["roles"] = ",".join(roles)
        with station.db.read() as session:
            before = self._own(session, id)
            old_name = before.name
        renamed = "name" in fields and fields["name"] != old_name and self._has_slot(before.id)
        if renamed:
            with station.db.read() as session:
                self._demand_free(session, fields["name"], before.id)
            self._keys().rename(station.store_key, before.id, fields["name"])
        try:
            with station.db.work("修改工作人员") as work:
                staff = self._own(work.session, id)
                if "name" in fields:
                    self._demand_free(work.session, fields["name"], staff.id)
                for name, value in fields.items():
                    setattr(staff, name, value)
                self._demand_administrator(work.session, staff)
        except BaseException:
            if renamed:
                self._keys().rename(station.store_key, before.id, old_name)
            raise
        # Last: whoever has left is refused at the desk even if the slot were still there.
        if fields.get("status") == "left" and self._has_slot(before.id):
            self._keys().remove_slot(station.store_key, before.id)

    def set_password(self, id: str, password: str) -> None:
        """A new password for oneself, or for anybody by an administrator. Nothing of it reaches the journal."""
        station = self._station
        if id != station.actor.staff:
            rights.demand(station, "staff")
        with station.db.read() as session:
            staff = self._own(session, id)
        if staff.status == "left":
            raise Refused(f"{staff.name} 的账号已停用, 不能设登录密码。")
        if why := self._password_problem(password):
            raise BadInput(f"登录密码不行: {why}。没有改动任何数据。", {"password": why})
        keys = self._keys()
        if self._has_slot(staff.id):
            keys.change_password(station.store_key, staff.id, staff.name, password)
        else:
            keys.add_slot(station.store_key, staff.id, staff.name, password)

    def new_recovery_code(self) -> str:
        """A new 应急恢复码, shown once; the old one opens nothing any more."""
        rights.demand(self._station, "staff")
        return self._keys().replace_recovery(self._station.store_key)

    def _keys(self) -> KeyFile:
        if self._station.keys is None:
            raise Refused(NO_KEYS)
        return self._station.keys

    def _has_slot(self, id: str) -> bool:
        return self._station.keys is not None and id in self._station.keys.staff_ids

    def _own(self, session: Session, id: str) -> Staff:
        staff = lookup.fetch(session, Staff, id)
        if staff.node != self._station.place.node:
            raise Refused(f"{staff.name} 是其他单位的工作人员, 由那边的管理员修改。")
        return staff

    def _demand_free(self, session: Session, name: str, id: str) -> None:
        wanted = names.folded(name)
        query = select(Staff.id, Staff.name).where(
            Staff.node == self._station.place.node, ~Staff.deleted, Staff.status.is_distinct_from("left")
        )
        if any(row.id != id and names.folded(row.name or "") == wanted for row in session.execute(query)):
            raise Refused(f"已经有叫“{name}”的工作人员。同名请加岗位区分, 例如“{name}(妇联)”。没有改动任何数据。")

    def _demand_administrator(self, session: Session, changed: Staff) -> None:
        """Somebody must stay who can manage accounts."""
        query = select(Staff.id, Staff.roles, Staff.status).where(
            Staff.node == self._station.place.node, ~Staff.deleted, Staff.id != changed.id
        )
        others = any("administrator" in _split(r.roles) and r.status != "left" for r in session.execute(query))
        if not others and (changed.status == "left" or "administrator" not in _split(changed.roles)):
            raise Refused("这是最后一位管理员, 不能停用或取消管理岗位。请先给另一位同事设管理岗位。没有改动任何数据。")

    def _password_problem(self, password: object) -> str:
        if not isinstance(password, str) or not password:
            return "没有填登录密码"
        if not self._station.place.practice and len(password) < SHORTEST_PASSWORD:
            return f"登录密码至少 {SHORTEST_PASSWORD} 个字符"
        return ""


def unlock(station: Station, *, password: str = "", recovery: str = "") -> None:
    """Prove with the password (or the 应急恢复码) that the person at the desk is back; the store stays open meanwhile.

    Raises Refused when it is wrong. Takes as long as a login: never in the window's thread.
    """
    if station.keys is None:
        raise Refused(NO_KEYS)
    if recovery:
        station.keys.open_with_recovery(recovery)
    elif not station.keys.is_password_of(station.actor.staff, password):
        raise Refused("登录密码不对。请再试一次; 忘了密码请用应急恢复码。")


def _split(roles: str | None) -> tuple[str, ...]:
    return tuple(role for role in (roles or "").split(",") if role)


def _roles(value: object) -> tuple[str, ...]:
    """Roles from a list or from text parted by commas; the Chinese names count too. Raises BadInput keyed `roles`."""
    if value is None or value == "":
        raise BadInput("没有填岗位", {"roles": f"没有填岗位, 可以是 {', '.join(ROLE_NAMES)}"})
    parts = value.replace("，", ",").replace("|", ",").split(",") if isinstance(value, str) else value
    if not isinstance(parts, list | tuple) or not all(isinstance(part, str) for part in parts):
        raise BadInput("岗位要写成文字", {"roles": "要写成文字或文字列表"})
    codes = {label: code for code, label in ROLE_NAMES.items()} | {code: code for code in ROLE_NAMES}
    plain = [part.strip() for part in parts if part.strip()]
    if unknown := [part for part in plain if part not in codes]:
        why = f"没有“{unknown[0][:20]}”这个岗位, 只有 {', '.join(ROLE_NAMES)}"
        raise BadInput(why, {"roles": why})
    if not plain:
        raise BadInput("没有填岗位", {"roles": "没有填岗位"})
    return tuple(dict.fromkeys(codes[part] for part in plain))


def _gathered(problems: dict[str, str], read: Any) -> Any:
    """What `read` gives; its problems are added to those already found."""
    try:
        return read()
    except BadInput as error:
        problems.update(error.problems or {"": str(error)})
        return None
