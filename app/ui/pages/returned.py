"""退回修改: what a superior has sent back, with the reason and the values; changed and sent again, or given up."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.errors import BadInput, UserError
from app.models import kinds
from app.services import field_values
from app.services.choices import Choices
from app.sync import jobs
from app.sync.jobs import Returned
from app.ui.kit.controls import Banner, card, emptied, label
from app.ui.kit.drafts import DraftKeeper
from app.ui.kit.forms import Form, Group
from app.ui.kit.look import SPACE
from app.ui.kit.page import Desk, Page, scrolled
from app.ui.kit.plain_table import PlainList
from app.ui.kit.saving import save
from app.ui.kit.table import Column

_NOTHING: Final = "没有退回修改的。上级退回的事项会列在这里, 内容都留着。"


class ReturnedPage(Page):
    """The list above, below the chosen act with its values in a form."""

    name = "returned"
    title = "退回修改"
    help = "退回修改"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self._found: Sequence[Returned] = ()
        self._shown: Returned | None = None
        self.forms: dict[str, Form] = {}
        self._keeper: DraftKeeper | None = None
        self.resend = self.action("save", "修改后重报(&S)", self._resend, shortcut="Ctrl+S", kind="primary")
        self.drop = self.action("drop", "放弃(&X)…", self._ask_drop, kind="danger")
        self.list = PlainList(
            "returned.list",
            "退回修改的事项",
            [
                Column("act", "事项", lambda one: one.act, 8, sorts=True),
                Column("who", "谁的", _titles, 12, sorts=True),
                Column("reason", "退回原因", lambda one: one.reason, 30),
                Column("behind", "后面等着的", lambda one: str(len(one.behind) or ""), 6, right=True),
            ],
            key=lambda one: one.id,
            empty=_NOTHING,
        )
        self.remember(self.list, "list")
        self.list.chosen.connect(self._choose)
        self._inside = QWidget()
        self._column = QVBoxLayout(self._inside)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(SPACE.apart)
        self.draft = Banner("returned.draft")
        self.list.setMaximumHeight(self.list.minimumHeight())
        self.body.addWidget(self.list)
        self.body.addWidget(self.draft)
        self.body.addWidget(scrolled(self._inside, "returned.area"), 1)
        self._wanted = ""
        self._show(None)

    # -- reading -------------------------------------------------------------------------------------------------------

    def open(self, about: str = "", facts: dict[str, Any] | None = None) -> None:
        """`about`: the act's id, or that of a record in it."""
        del facts
        self._wanted = about
        self.refresh()

    def refresh(self) -> None:
        """All that came back."""
        station = self.desk.station
        self.read(lambda: jobs.returned(station), self._show_found, key="returned")

    def concerns(self, changed: Any) -> bool:
        """Only packages and this page's own acts open or close one."""
        return bool(changed.kinds & {"refusal", "replacement"})

    def leave(self) -> None:
        """What was typed is kept."""
        if self._keeper is not None:
            self._keeper.leave()

    def start(self) -> None:
        """In the list."""
        self.list.setFocus()

    def _show_found(self, found: Sequence[Returned]) -> None:
        self._found = found
        self.list.show_rows(found)
        wanted, self._wanted = self._wanted, ""
        for one in found:
            if wanted and (wanted == one.id or wanted in [record.id for record in one.records]):
                self.list.choose(one.id)
        if self.list.current_row != self._shown:
            self._show(self.list.current_row)

    def _choose(self, id: str) -> None:
        one = self.list.row_of(id)
        if one is not None and one != self._shown:
            self._show(one)

    # -- one act -------------------------------------------------------------------------------------------------------

    def _show(self, one: Returned | None) -> None:
        if self._keeper is not None:
            self._keeper.let_go()
            self._keeper.deleteLater()
            self._keeper = None
        emptied(self._column)
        self.forms = {}
        self._shown = one
        self.draft.say("")
        may = self.desk.may("write")
        self.resend.setEnabled(one is not None and may)
        self.drop.setEnabled(one is not None and may)
        if one is None:
            self._column.addStretch(1)
            return
        self._column.addWidget(self._facts(one))
        for record in one.records:
            if record.kind not in kinds():
                self._column.addWidget(label("这里有上级新增项目, 本机版本暂不能改。请先升级本机程序。", tone="warn"))
                continue
            known = field_values.writable(record.kind)
            names = [name for name in field_values.columns_of(record.kind) if name in record.values]
            names = [name for name in names if known[name].editor not in ("record", "bytes", "stamp")]
            if not names:
                continue
            title = f"{kinds()[record.kind].noun}  {record.title}".strip()
            choices = Choices(self.desk.station)
            form = Form(f"returned.{len(self.forms)}", known, [Group(title, names)], choices.of)
            form.show_values(record.values)
            self.forms[record.id] = form
            self._column.addWidget(card(form))
        self._column.addStretch(1)
        self._keep_draft(one)

    def _facts(self, one: Returned) -> QWidget:
        lines = [label(f"退回原因: {one.reason}", tone="bad", id="returned.reason")]
        if one.behind:
            names = "、".join(f"“{name}”" for name in one.behind[:6])
            more = f"等 {len(one.behind)} 件" if len(one.behind) > 6 else ""
            lines.append(
                label(
                    f"后面还有 {names}{more} 建立在它上面, 先放着; 重报时一起报, 放弃时一起放弃。",
                    "faint",
                    id="returned.behind",
                )
            )
        lines.append(label("改好后按“修改后重报”(Ctrl+S), 下次上报一起带上去。", "faint"))
        return card(*lines)

    def _keep_draft(self, one: Returned) -> None:
        if not self.forms:
            return
        first, *others = self.forms.values()
        self._keeper = DraftKeeper(self.desk.memory, first, self.draft, self)
        for form in others:
            form.edited.connect(self._keeper.touched)
        rest = dict(list(self.forms.items())[1:])

        def bring_back(extra: Mapping[str, Any]) -> None:
            for record, form in rest.items():
                form.put_raw(extra.get(record, {}))

        self._keeper.watch(
            f"returned:{one.id}",
            lambda: f"退回修改 · {_titles(one) or one.act}",
            extra=lambda: {record: form.raw() for record, form in rest.items()},
            bring_back=bring_back,
        )

    # -- deciding ------------------------------------------------------------------------------------------------------

    def _resend(self) -> None:
        one = self._shown
        if one is None or not all(form.accept() for form in self.forms.values()):
            return
        from app import clock

        changes: dict[str, dict[str, Any]] = {}
        for record in one.records:
            if (form := self.forms.get(record.id)) is None:
                continue
            try:
                read = field_values.read(record.kind, form.changes(), clock.today())
            except BadInput as error:
                form.mark(error.problems)
                return
            if read:
                changes[record.id] = read
        self.resend.setEnabled(False)
        self._write(
            one,
            lambda: jobs.resend(self.desk.station, one.id, changes),
            f"“{one.act}”已改好, 下次上报一起带上去。",
            "修改后重报",
        )

    def _write(self, one: Returned, work: Callable[[], Any], words: str, what: str) -> None:
        if self._keeper is not None and one is self._shown:
            done = lambda _act: self._done(words)  # noqa: E731 (one line)
            save(self, self._keeper, work, done, failed=self._refused, what=what, word="已办好")
        else:
            # An act without a field that can be changed here has no draft.
            here = lambda error: one is self._shown and self._refused(error)  # noqa: E731 (one line)
            self.write(work, lambda _act: self._done(words, one), failed=here, what=what)

    def _ask_drop(self) -> None:
        if (one := self._shown) is None:
            return
        more = f"后面等着它的 {len(one.behind)} 件也一起放弃。" if one.behind else ""
        self.ask(
            f"要放弃“{one.act}”({_titles(one) or '这一件'})吗? 这里填的内容不再算数, 变更记录里还能查到。{more}",
            "放弃", lambda: self._drop(one), no="不放弃", danger=True,
        )  # fmt: skip

    def _drop(self, one: Returned) -> None:
        self._write(one, lambda: jobs.drop(self.desk.station, one.id), f"已放弃“{one.act}”。", "放弃")

    def _done(self, words: str, one: Returned | None = None) -> None:
        self.tell(words)
        if one is None or one is self._shown:
            self.banner.say("")
            self._shown = None
        self.refresh()

    def _refused(self, error: UserError) -> bool:
        self.resend.setEnabled(True)
        if any(form.refused(error) for form in self.forms.values()):
            return True
        self.banner.say(str(error), "bad")
        return True


def _titles(one: Returned) -> str:
    """Whose it is: the names of its records, each once."""
    return "、".join(dict.fromkeys(record.title for record in one.records if record.title))
