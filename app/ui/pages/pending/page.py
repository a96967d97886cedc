"""Working off what waits: one grid for each set of headings, the row in front explained below it."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Final

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from app.services import pendings
from app.services.pendings import Batch, Decision, Judged, Pendings, Settled
from app.ui.kit import drafts, look
from app.ui.kit.controls import button, label, named
from app.ui.kit.entering import combo
from app.ui.kit.page import Desk, Page, follow, named_action, scrolled
from app.ui.pages.pending.deciding import Deciding
from app.ui.pages.pending.grid import Grid, GridRows

EMPTY: Final = "没有待核的行。导入 Excel 名单时有疑问的行会放在这里, 不影响其他人。"
LARGE_TEXT: Final = 150
"""From this text size on only the two things done for each row stand in the head."""
_EDITS: Final = "pending.typed"
_FEW: Final = 20
"""So many rows are settled at once in the window's own process; more go to the worker."""
_CHUNK: Final = 400


class PendingPage(Page):
    """Rows that wait for a person, by keyboard only if one likes."""

    name = "pending"
    title = "待核"
    help = "待核"
    watches: ClassVar[frozenset[str]] = frozenset({"pending_row", "person", "person_identity", "person_account"})

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self._pendings = Pendings(desk.station)
        self._batches: Sequence[Batch] = ()
        self._models: dict[str, GridRows] = {}
        self._typed: dict[str, dict[str, str]] = dict(desk.memory.note(_EDITS, {}))
        self._starting = False
        """The page has come to the front before there was a grid to put the keyboard into."""
        self.empty = label(EMPTY, id="pending.empty")
        self.batch = combo("pending.batch", "哪一种表头", [("", "")])
        self.batch.currentIndexChanged.connect(lambda _index: self._show_batch())
        self.grid = Grid("pending.grid", "待核的行")
        self.grid.current_row.connect(self._show_row)
        self.deciding = Deciding("pending.decide", lambda person: self.go("person", person))
        self.deciding.decided.connect(self._allow)
        self.below = scrolled(self.deciding, "pending.below")
        self.body.addWidget(self.empty)
        self.body.addWidget(self.batch)
        self.body.addWidget(self.grid, 3)
        self.body.addWidget(self.below, 2)
        self.body.addStretch()  # where nothing waits, the sentence stays at the top
        self._offer()
        for widget in (self.batch, self.grid, self.below):
            widget.hide()

    def _offer(self) -> None:
        self.acts: dict[str, QAction] = {}
        for key, text, do, shortcut, right, kind in (
            ("save", "存为人员(&S)", self.save, "Ctrl+S", "write", "primary"),
            ("drop", "不导入(&X)", self.drop, "Ctrl+Del", "write", ""),
            ("accept", "两边不同的都以表里为准(&T)", self.accept_all, "", "write", ""),
            ("export", "导出待核(&E)…", self.export, "Ctrl+E", "export", ""),
            ("home", "收回改好的表(&R)…", self.bring_home, "", "import", ""),
        ):
            if not self.desk.may(right):
                continue
            self.acts[key] = named_action(self, f"pending.{key}", text, do, shortcut)
            if key in ("save", "drop") or (key in ("export", "home") and look.scale() < LARGE_TEXT):
                push = button(f"pending.{key}", text, self.acts[key].trigger, kind=kind, hint=shortcut)
                follow(push, self.acts[key])
                self.widget_in_head(push)
        self.more = button("pending.more", "更多(&M) ▾", self._more)
        self.widget_in_head(self.more)
        named_action(self, "pending.decide", "去定下来", self.deciding.start, "Ctrl+Down")

    def _more(self) -> None:
        menu = named(QMenu(self), "pending.more.menu", "更多")
        shown = {"save", "drop"} | ({"export", "home"} if look.scale() < LARGE_TEXT else set())
        menu.addActions([act for key, act in self.acts.items() if key not in shown])
        menu.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))

    # -- showing -----------------------------------------------------------------------------------------------------

    def start(self) -> None:
        self._starting = self.grid.isHidden()
        self.grid.setFocus()

    def leave(self) -> None:
        self._keep()

    def refresh(self) -> None:
        self.read(self._pendings.batches, self._show, key="batches")

    def _show(self, batches: Sequence[Batch]) -> None:
        kept, row, place = self.batch.currentData(), self.grid.current(), self.grid.currentIndex().row()
        self._batches = batches
        waiting = {one for batch in batches for one in batch.ids}
        self._typed = {row: typed for row, typed in self._typed.items() if row in waiting}
        self.batch.blockSignals(True)
        self.batch.clear()
        for number, batch in enumerate(batches, start=1):
            files = batch.files[0] if len(batch.files) == 1 else f"{batch.files[0]} 等 {len(batch.files)} 个文件"
            self.batch.addItem(f"第 {number} 种表头: {files}, {len(batch.ids)} 行", batch.key)
        self.batch.setCurrentIndex(max(0, self.batch.findData(kept)))
        self.batch.blockSignals(False)
        some = bool(batches)
        self.empty.setVisible(not some)
        self.batch.setVisible(len(batches) > 1)
        self.grid.setVisible(some)
        self.below.setVisible(some)
        self.call(f"待核 {sum(len(batch.ids) for batch in batches)} 行" if some else self.title)
        self._show_batch(row, place)
        if some and self._starting:
            self._starting = False
            self.grid.setFocus()
        for key, act in self.acts.items():
            act.setEnabled(some or key == "home")

    def _show_batch(self, row: str = "", place: int = 0) -> None:
        batch = next((one for one in self._batches if one.key == self.batch.currentData()), None)
        if batch is None:
            self.deciding.show_row("", "", None)
            return
        rows = GridRows(batch, self._pendings.lines, self.grid)
        here = set(batch.ids)
        rows.typed = {one: dict(typed) for one, typed in self._typed.items() if one in here}
        before = self._models.pop(batch.key, None)
        rows.judged = {one: j for one, j in before.judged.items() if one in here} if before is not None else {}
        rows.edited.connect(self._was_typed)
        self._models = {batch.key: rows}
        self.grid.show_rows(rows)
        found = batch.ids.find(row) if row else -1
        self.grid.go_to(found if found >= 0 else max(0, min(place, len(batch.ids) - 1)))
        self._judge(list(batch.ids))

    def _judge(self, ids: Sequence[str]) -> None:
        rows = self.grid.rows
        if rows is None:
            return
        typed, service, key = {one: dict(t) for one, t in rows.typed.items()}, self._pendings, rows.batch.key

        def work() -> tuple[str, dict[str, Judged]]:
            out: dict[str, Judged] = {}
            for start in range(0, len(ids), _CHUNK):
                out |= service.judge(ids[start : start + _CHUNK], typed)
            return key, out

        self.read(work, self._judged, key=f"judge.{ids[0] if len(ids) == 1 else ''}")

    def _judged(self, found: tuple[str, dict[str, Judged]]) -> None:
        rows = self.grid.rows
        if rows is None or rows.batch.key != found[0]:
            return
        fresh = not rows.judged
        rows.judge(found[1])
        if fresh:
            self.grid.go_to(self.grid.currentIndex().row())
        self._show_row(self.grid.current())

    def _show_row(self, row: str) -> None:
        rows = self.grid.rows
        if rows is None:
            self.deciding.show_row("", "", None)
        else:
            self.deciding.show_row(row, rows.told(self.grid.currentIndex().row()), rows.judged.get(row))
        self._allow()

    def _allow(self) -> None:
        rows = self.grid.rows
        differing = [one for one, judged in (rows.judged if rows is not None else {}).items() if judged.differences]
        if "accept" in self.acts:
            self.acts["accept"].setEnabled(bool(differing))
            self.acts["accept"].setText(f"两边不同的 {len(differing)} 行都以表里为准(&T)…")

    # -- typing --------------------------------------------------------------------------------------------------------

    def _was_typed(self, row: str) -> None:
        rows = self.grid.rows
        if rows is None:
            return
        if row in rows.typed:
            self._typed[row] = dict(rows.typed[row])
        else:
            self._typed.pop(row, None)
        self._keep()
        self._judge([row])

    def _keep(self) -> None:
        """What was typed and not saved survives leaving, and a power cut."""
        drafts.remember(self.desk.memory, _EDITS, {row: dict(typed) for row, typed in self._typed.items()})

    # -- settling ------------------------------------------------------------------------------------------------------

    def _decisions(self) -> list[Decision]:
        rows = self.grid.rows
        if rows is None:
            return []
        picked = self.grid.picked() or [self.grid.current()]
        return [self.deciding.decision(one, rows.typed.get(one, {}), rows.judged.get(one)) for one in picked if one]

    def save(self) -> None:
        """存为人员: the rows with a chosen cell."""
        self._end_typing()
        if decisions := self._decisions():
            self._settle(decisions)

    def drop(self) -> None:
        """不导入: the same rows are not taken in and ask no more."""
        chosen = [Decision(decision.id, drop=True) for decision in self._decisions()]
        if len(chosen) == 1:
            self._settle(chosen)
        elif chosen:
            self.ask(f"这 {len(chosen)} 行都不导入吗?", "不导入", lambda: self._settle(chosen), danger=True,
                     more="可以按 Ctrl+Z 撤销。")  # fmt: skip

    def accept_all(self) -> None:
        """All rows in which only the two sides differ: the sheet counts."""
        rows = self.grid.rows
        if rows is None:
            return
        differing = {one: judged for one, judged in rows.judged.items() if judged.differences}
        if not differing:
            return
        fields = [d.label for judged in differing.values() for d in judged.differences if not d.fixed]
        said = "、".join(f"{name} {fields.count(name)} 处" for name in dict.fromkeys(fields))
        decisions = [
            Decision(
                one,
                dict(rows.typed.get(one, {})),
                frozenset(d.field for d in judged.differences if d.fixed),
                accept=True,
            )
            for one, judged in differing.items()
        ]
        self.ask(
            f"这 {len(decisions)} 行都以表里的为准吗?", "以表里为准", lambda: self._settle(decisions),
            more=f"会改: {said}。一次办完, 可以按 Ctrl+Z 撤销。",
        )  # fmt: skip

    def _settle(self, decisions: Sequence[Decision]) -> None:
        if len(decisions) <= _FEW:
            service = self._pendings
            self.write(lambda: service.settle(decisions), self._settled)
        else:
            self.apart(pendings.settle, list(decisions), done=self._settled, what="待核入库")

    def _settled(self, found: Sequence[Settled]) -> None:
        done = [one for one in found if one.fate]
        for one in done:
            self._typed.pop(one.id, None)
            self.deciding.choices.pop(one.id, None)
        self._keep()
        stored = sum(one.fate != "dropped" for one in done)
        words = [f"已入库 {stored} 行"] * bool(stored) + [f"不导入 {len(done) - stored} 行"] * bool(len(done) - stored)
        left = [one for one in found if not one.fate]
        if left:
            words.append(f"还有 {len(left)} 行不能入库: {left[0].problem}")
            self.banner.say("; ".join(words), "bad")
            self.deciding.start()
        else:
            self.banner.say("")
            self.tell("; ".join(words) + "。")
            self.grid.setFocus()

    def _end_typing(self) -> None:
        """A cell that is still being typed into counts as it stands."""
        if self.grid.state() == Grid.State.EditingState:
            self.grid.setFocus()

    # -- by the returned list ------------------------------------------------------------------------------------------

    def export(self) -> None:
        """The same rows as an Excel file with a red 问题 column, for the village to fill in."""
        dialog = QFileDialog(self, "导出待核", f"{self.desk.station.place.name}待核名单.xlsx", "Excel (*.xlsx)")
        named(dialog, "pending.export.file", "导出待核")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("xlsx")
        dialog.fileSelected.connect(lambda name: self.write_to(Path(name)))
        dialog.open()

    def write_to(self, path: Path) -> None:
        """Write them to a file."""
        from app.services import exporting

        self.apart(exporting.pendings, path, done=lambda count: self._written(path, count), what="导出待核", reads=True)

    def _written(self, path: Path, count: int) -> None:
        self.desk.messages.say(
            f"已导出 {count} 行待核: {path.name}",
            more=f"让村里在表上改好(“处理”一列可以写: 以本表为准, 或 不导入), 拿回来按“收回改好的表”。\n{path.parent}",
        )

    def bring_home(self) -> None:
        """Take the returned list in: it is an import like any other."""
        dialog = QFileDialog(
            self, "收回改好的待核名单", self.desk.memory.note("folder.import", ""), "Excel (*.xlsx *.xls)"
        )
        named(dialog, "pending.home.file", "收回改好的待核名单")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(lambda names: self.go("roster_import", "", files=list(names)))
        dialog.open()
