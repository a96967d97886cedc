"""政策参数: every version with its day, shown as text; a county or city sets a new one and has it checked."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from PySide6.QtWidgets import QPlainTextEdit

from app import clock
from app.models.base import fields_of, kinds
from app.rules import hardship, levels, money
from app.services.policies import SETTING_LEVELS, Policies, PolicyRow
from app.ui.kit.controls import button, label, line_edit, named, width_of
from app.ui.kit.flow import Flow
from app.ui.kit.look import scaled
from app.ui.kit.page import Page
from app.ui.kit.plain_table import PlainList
from app.ui.kit.table import Column
from app.ui.pages.system.section import FieldsDialog, Section

NAMES: Final = {
    "hardship.steps": "困难帮扶的办理步骤", "exchange.stops": "哪些内容只报到哪一级", "exchange.settle": "两边填的不一样由哪级定",
    "eligibility.rules": "快符合条件的规则",
}  # fmt: skip
_WORDS: Final = {
    "steps": "步骤", "code": "代码", "label": "名称", "level": "由哪级填", "days": "几天内办", "follows": "办完以后",
    "also": "也可由", "attachment.content": "附件的内容", "working": "按工作日算", "needs_amount": "要填金额", "notice_days": "公示几天",
    "delegated_fen": "委托镇站审批的限额", "posting_day_counts": "张贴当天算一天",
    "rules": "条件", "kind": "怎么算", "basis": "依据", "starts": "起用日期", "age": "周岁", "benefit": "待遇代码",
    "benefits": "待遇代码", "classes": "人员类别代码", "not_with": "不与这些待遇同享", "relations": "与军人的关系",
    "conditions": "还要看什么", "household_kind": "户籍", "enlisted_from": "入伍不早于", "enlisted_until": "入伍不晚于",
    "family": "家庭成员代码", "years": "几年", "pairs": "类别和待遇代码", "benefit_at_age": "到年龄享受", "of_age": "满年龄",
    "regrade": "调整等级", "unpaid": "应享受未享受", "birthday": "整岁生日", "anniversary": "周年", "child": "子女",
    "sibling": "兄弟姐妹", "pass": "同意", "return": "退回补充材料", "reject": "不予批准", "closed": "办结", "done": "办结",
}  # fmt: skip


class PolicySection(Section):
    """The list, and the chosen one written out."""

    key = "policies"
    title = "政策参数"
    watches = frozenset({"policy"})

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self.list = PlainList(
            "system.policies.list",
            "政策参数",
            [
                Column("name", "名称", lambda one: NAMES.get(one.name, one.name), 12, sorts=True),
                Column("starts", "生效日期", lambda one: one.starts or "程序自带", 7, sorts=True),
                Column("now", "", lambda one: "现行" if one.in_force else "", 4),
                Column("basis", "依据文件", lambda one: one.basis or "", 18, sorts=True),
            ],
            key=lambda one: one.id or f"default:{one.name}",
            empty="没有政策参数。",
        )
        page.remember(self.list, "policies")
        self.list.chosen.connect(lambda _id: self._open())
        self.text = named(QPlainTextEdit(), "system.policies.text", "这一项的内容")
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setMinimumHeight(self.text.fontMetrics().lineSpacing() * 5 + scaled(18))
        self.new = button("system.policies.new", "设置新的一版(&N)…", self.set_new, kind="primary")
        level = self.desk.level
        may = self.desk.may("policy") and level in SETTING_LEVELS
        said = (
            "新的一版从生效日期起用, 随包发到下级; 以前的版本都留着。"
            if may
            else "政策参数由县局或市局设置, 随包发下来; 这里只能看。"
        )
        self.body.addWidget(self.list, 1)
        self.body.addWidget(self.text, 2)
        self.body.addWidget(Flow([self.new]))
        self.new.setVisible(may)
        self.body.addWidget(label(said, "faint"))
        self._value: Any = None
        self.dialog: FieldsDialog | None = None

    def refresh(self) -> None:
        self.page.read(Policies(self.desk.station).overview, self._show, key="policies")

    def start(self) -> None:
        self.list.setFocus()

    def _show(self, rows: Sequence[PolicyRow]) -> None:
        self.list.show_rows(rows)
        self.new.setEnabled(bool(rows))
        self._open()

    def _open(self) -> None:
        one: PolicyRow | None = self.list.current_row
        if one is None:
            self.text.setPlainText("")
            return
        policies, wanted = Policies(self.desk.station), one.id or one.name
        self.page.read(lambda: policies.show(wanted), self._write_out, key="policy")

    def _write_out(self, found: Mapping[str, Any]) -> None:
        self._value = found["value"]
        self.text.setPlainText(readable(found["value"]))

    def set_new(self) -> None:
        """The chosen one as a start, with a day of its own."""
        one: PolicyRow | None = self.list.current_row
        if one is None:
            return
        title = NAMES.get(one.name, one.name)
        self.dialog = dialog = FieldsDialog(self.page, "policy", f"设置: {title}", "检查并保存(&S)")
        starts, basis = line_edit("policy.starts", "生效日期"), line_edit("policy.basis", "依据文件")
        starts.setText(clock.today().isoformat())
        value = QPlainTextEdit(json.dumps(self._value, ensure_ascii=False, indent=2))
        value.setTabChangesFocus(True)
        value.setMinimumHeight(value.fontMetrics().lineSpacing() * 12)
        value.setMinimumWidth(width_of(value, 30))
        dialog.add("starts", "生效日期", starts, "如 2026-03-05")
        dialog.add("basis", "依据文件", basis, "文号和名称")
        dialog.add("value", "内容(JSON)", value, "在现在的内容上改。保存前会检查; 不对的不会保存。")

        def saved(_id: object) -> None:
            dialog.accept()
            self.page.tell(f"已设置: {title}, 从 {starts.text().strip()} 起用, 下次上报和回包时一起发出。")
            self.refresh()

        def save() -> None:
            dialog.wait()
            policies = Policies(self.desk.station)
            given = {
                "name": one.name, "starts": starts.text(), "basis": basis.text(), "value": value.toPlainText(),
            }  # fmt: skip
            self.page.write(lambda: policies.set(given), saved, failed=dialog.refused)

        dialog.saving = save
        dialog.show_it(44)
        value.setFocus()


def readable(value: Any) -> str:
    """JSON as text for people: one line for each name, lists numbered, known words in Chinese."""
    return "\n".join(_lines(value, 0))


def _lines(value: Any, deep: int) -> list[str]:
    pad = "    " * deep
    out: list[str] = []
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if name == "code" and "label" in value:
                continue  # its words follow
            if isinstance(inner, Mapping | list) and inner:
                out += [f"{pad}{_word(name)}:", *_lines(inner, deep + 1)]
            else:
                fen = name.endswith("_fen") and isinstance(inner, int)
                said = f"{money.format_yuan(inner)} 元" if fen else _plain(inner)
                out.append(f"{pad}{_word(name)}: {said}")
    elif isinstance(value, list):
        for number, inner in enumerate(value, start=1):
            if isinstance(inner, Mapping | list):
                first, *rest = _lines(inner, deep + 1) or [""]
                out += [f"{pad}{number}. {first.strip()}", *rest]
            else:
                out.append(f"{pad}{number}. {_plain(inner)}")
    else:
        out.append(f"{pad}{_plain(value)}")
    return out


def _word(name: str) -> str:
    kind, _, field = name.partition(".")
    if kind in kinds() and field in fields_of(kind):
        return f"{kinds()[kind].noun} {fields_of(kind)[field].label}"
    return _WORDS.get(name, _STEPS.get(name, name))


def _plain(value: Any) -> str:
    if value is None or value in ([], {}):
        return "(没有)"
    if isinstance(value, bool):
        return "是" if value else "否"
    text = str(value)
    if text == hardship.CLOSED:
        return "办结"
    return levels.NAMES.get(text, _STEPS.get(text, _WORDS.get(text, text)))


_STEPS: Final = {rule.code: rule.label for rule in hardship.DEFAULT.steps}
