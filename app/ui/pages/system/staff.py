"""工作人员: who works here, in which roles, with which password; who has left."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from PySide6.QtWidgets import QCheckBox, QLineEdit, QWidget

from app.services.staff import ROLE_NAMES, STATUSES, StaffAccounts, StaffRow
from app.ui.kit.controls import button, column, label, line_edit, named
from app.ui.kit.flow import Flow
from app.ui.kit.look import SPACE
from app.ui.kit.page import Page
from app.ui.kit.plain_table import PlainList
from app.ui.kit.table import Column
from app.ui.pages.system.section import FieldsDialog, Section

_WHAT = {
    "clerk": "经办: 登记、修改、导入、打印、上报与接收、备份",
    "reviewer": "审核: 审核、审批、核对两边不同的内容",
    "administrator": "管理: 人员账号、开通下级、区划、政策参数、恢复备份",
}


class StaffSection(Section):
    """The list, and what can be done with one of them."""

    key = "staff"
    title = "工作人员"
    watches = frozenset({"staff"})

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self.list = PlainList(
            "system.staff.list",
            "工作人员",
            [
                Column("name", "姓名", lambda one: one.name, 8, sorts=True),
                Column("roles", "岗位", _roles, 12, sorts=True),
                Column("status", "状态", lambda one: STATUSES.get(one.status, one.status), 5, sorts=True),
                Column("phone", "电话", lambda one: one.phone, 9, sorts=True),
                Column("signs", "登录", lambda one: "能登录" if one.signs_in else "没有登录密码", 8, sorts=True),
            ],
            key=lambda one: one.id,
            empty="还没有工作人员。",
        )
        page.remember(self.list, "staff")
        self.list.chosen.connect(lambda _id: self._show_buttons())
        self.list.opened.connect(lambda _id: self.change())
        may = self.desk.may("staff")
        self.add = button("system.staff.add", "添加(&A)…", self.add_one, kind="primary")
        self.edit = button("system.staff.edit", "修改(&M)…", self.change)
        self.secret = button("system.staff.password", "设登录密码(&W)…", self.password)
        self.leave = button("system.staff.leave", "停用(&L)…", self._ask_leave, kind="danger")
        self.body.addWidget(self.list, 1)
        self.body.addWidget(Flow([self.add, self.edit, self.secret, self.leave]))
        for push in (self.add, self.edit, self.leave):
            push.setVisible(may)
        hint = (
            "离岗的同事请停用: 以前登记的内容照样署他的名字, 只是不能再登录。"
            if may
            else "这里可以换自己的登录密码; 添加同事请找管理岗位。"
        )
        self.body.addWidget(label(hint, "faint"))
        self.dialog: FieldsDialog | None = None

    def refresh(self) -> None:
        accounts = StaffAccounts(self.desk.station)
        self.page.read(accounts.everybody, self._show, key="staff")

    def _show(self, rows: Sequence[StaffRow]) -> None:
        self.list.show_rows(rows)
        if not self.list.current():
            self.list.choose(self.desk.station.actor.staff)
        self._show_buttons()

    def start(self) -> None:
        self.list.setFocus()

    def _show_buttons(self) -> None:
        one: StaffRow | None = self.list.current_row
        here = one is not None and one.status != "left"
        mine = one is not None and one.id == self.desk.station.actor.staff
        self.edit.setEnabled(one is not None)
        self.secret.setEnabled(here and (mine or self.desk.may("staff")))
        words = "停用(&L)…" if here or one is None else "重新启用(&L)"
        self.leave.setText(words)
        self.leave.setAccessibleName(words.partition("(")[0])
        self.leave.setEnabled(one is not None)

    # -- adding and changing -------------------------------------------------------------------------------------------

    def add_one(self) -> None:
        """A new account with its first password."""
        self.dialog = dialog = FieldsDialog(self.page, "staff", "添加工作人员", "添加(&S)")
        name, phone = line_edit("staff.name", "姓名"), line_edit("staff.phone", "电话")
        dialog.add("name", "姓名", name)
        roles = _Roles(("clerk",))
        dialog.add("roles", "岗位(可以兼任)", roles)
        dialog.add("phone", "电话", phone, "上级看“下级单位”时会看到, 方便联系。")
        first, again = _secrets(dialog)

        def save() -> None:
            if wrong := _unequal(first, again):
                dialog.mark(wrong)
                return
            values = {"name": name.text(), "phone": phone.text(), "roles": roles.chosen(), "password": first.text()}
            self._save(dialog, lambda: StaffAccounts(self.desk.station).add(values), f"已添加 {name.text().strip()}。")

        dialog.saving = save
        dialog.show_it()

    def change(self) -> None:
        """Name, roles, telephone."""
        one: StaffRow | None = self.list.current_row
        if one is None or not self.desk.may("staff"):
            return
        self.dialog = dialog = FieldsDialog(self.page, "staff", f"修改 {one.name}", "保存(&S)")
        name, phone = line_edit("staff.name", "姓名"), line_edit("staff.phone", "电话")
        name.setText(one.name)
        phone.setText(one.phone)
        dialog.add("name", "姓名", name)
        roles = _Roles(one.roles)
        dialog.add("roles", "岗位(可以兼任)", roles)
        dialog.add("phone", "电话", phone)

        def save() -> None:
            values = {"name": name.text(), "phone": phone.text(), "roles": roles.chosen()}
            accounts = StaffAccounts(self.desk.station)
            self._save(dialog, lambda: accounts.set(one.id, values), f"已保存 {name.text().strip()}。")

        dialog.saving = save
        dialog.show_it()

    def password(self) -> None:
        """A new password; nothing of it reaches the journal."""
        one: StaffRow | None = self.list.current_row
        if one is None:
            return
        self.dialog = dialog = FieldsDialog(self.page, "password", f"{one.name} 的登录密码", "保存(&S)")
        first, again = _secrets(dialog)

        def save() -> None:
            if wrong := _unequal(first, again):
                dialog.mark(wrong)
                return
            accounts, secret = StaffAccounts(self.desk.station), first.text()
            self._save(dialog, lambda: accounts.set_password(one.id, secret), f"{one.name} 的登录密码已换。")

        dialog.saving = save
        dialog.show_it()

    def _save(self, dialog: FieldsDialog, work: Any, words: str) -> None:
        dialog.wait()

        def saved(_result: object) -> None:
            dialog.accept()
            self.page.tell(words)
            self.refresh()

        self.page.write(work, saved, failed=dialog.refused)

    # -- leaving -------------------------------------------------------------------------------------------------------

    def _ask_leave(self) -> None:
        one: StaffRow | None = self.list.current_row
        if one is None:
            return
        if one.status == "left":
            self._set_status(one, "active", f"{one.name} 已重新启用, 请给他设登录密码。")
            return
        leave = partial(self._set_status, one, "left", f"{one.name} 已停用, 不能再登录。")
        text = f"要停用 {one.name} 吗? 他不能再登录, 登记过的内容都留着。以后还可以重新启用。"
        self.page.ask(text, "停用", leave, no="不停用", danger=True)

    def _set_status(self, one: StaffRow, status: str, words: str) -> None:
        accounts = StaffAccounts(self.desk.station)

        def done(_result: object) -> None:
            self.banner.say("")
            self.page.tell(words)
            self.refresh()

        self.page.write(lambda: accounts.set(one.id, {"status": status}), done, failed=self.failed)


def _roles(one: StaffRow) -> str:
    return "、".join(ROLE_NAMES.get(code, code) for code in one.roles)


class _Roles(QWidget):
    """One box for each role, with what it may do."""

    def __init__(self, chosen: Sequence[str]) -> None:
        super().__init__()
        self._boxes = {code: named(QCheckBox(words), f"staff.role.{code}", words) for code, words in _WHAT.items()}
        for code, box in self._boxes.items():
            box.setChecked(code in chosen)
        self.setLayout(column(*self._boxes.values(), gap=SPACE.tight))
        self.setFocusProxy(next(iter(self._boxes.values())))

    def chosen(self) -> str:
        """The roles as the service takes them."""
        return ",".join(code for code, box in self._boxes.items() if box.isChecked())


def _secrets(dialog: FieldsDialog) -> tuple[QLineEdit, QLineEdit]:
    first, again = QLineEdit(), QLineEdit()
    for secret in (first, again):
        secret.setEchoMode(QLineEdit.EchoMode.Password)
    dialog.add("password", "登录密码", first, "至少 6 个字符, 自己记得住、别人猜不到。")
    dialog.add("again", "再输一次登录密码", again)
    return first, again


def _unequal(first: QLineEdit, again: QLineEdit) -> dict[str, str]:
    if first.text() and first.text() != again.text():
        return {"again": "两次输入的登录密码不一样。请再输一次。"}
    return {}
