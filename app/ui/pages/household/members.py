"""Taking somebody into a household: found by typing, with the relation to the head."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog

from app.errors import UserError
from app.rules import codes, id_number
from app.services.choices import Choices
from app.services.households import Households
from app.services.searching import Search
from app.ui.kit import look
from app.ui.kit.controls import Banner, button, column, label, named, role, row
from app.ui.kit.entering import Enters, combo
from app.ui.kit.look import SPACE
from app.ui.kit.page import Page, named_action
from app.ui.kit.picker import Chosen, Hit


class AddMember(QDialog):
    """One person more; Escape changes nothing."""

    def __init__(self, page: Page, household: str, added: Callable[[], object]) -> None:
        super().__init__(page)
        self._page, self._household, self._added = page, household, added
        named(self, "household.add", "添加成员")
        role(self, "page")
        self.setWindowTitle("添加成员")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.banner = Banner("household.add.banner")
        self.person = Chosen(
            "household.add.person", "成员", "姓名、拼音或号码后几位, 选中后按 Enter", page.desk.operations, self._find
        )
        relations = [(one.code, one.label) for one in Choices(page.desk.station).codes("relation")]
        self.relation = combo("household.add.relation", "与户主关系", [("", "(不清楚)"), *relations])
        self.push = button("household.add.save", "添加(&S)", self.save, kind="primary", hint="Ctrl+S")
        cancel = button("household.add.cancel", "返回", self.reject, hint="Esc")
        self.setLayout(
            column(
                label("添加成员", "title"), self.banner, label("成员", "faint"), self.person, label("与户主关系", "faint"),
                self.relation, None, row(None, self.push, cancel), margin=SPACE.page, gap=SPACE.near,
            )
        )  # fmt: skip
        enters = Enters(self)
        enters.submitted.connect(self.push.setFocus)
        self.relation.installEventFilter(enters)
        self.person.edited.connect(self._found)
        named_action(self, "household.add.now", "添加", self.save, "Ctrl+S")
        self.setMinimumSize(look.scaled(480), look.scaled(340))
        self.person.finder.setFocus()

    def _find(self, text: str) -> Sequence[Hit]:
        search = Search(self._page.desk.station)
        found = search.persons(text, 12)
        places = search.places(found)
        return [
            Hit(
                one.id, one.name,
                "  ".join(filter(None, (
                    codes.label("sex", one.sex), one.birth_date or "", places.get(one.division or "", ""),
                    id_number.mask(one.id_number) if one.id_number else "",
                ))),
            )
            for one in found
        ]  # fmt: skip

    def _found(self) -> None:
        self.banner.say("")
        if self.person.key is not None:
            self.relation.setFocus()

    def save(self) -> None:
        """Take the chosen person in."""
        if self.person.key is None:
            self.banner.say("先选一个人: 输入姓名或拼音, 在下面选中后按 Enter。", "warn")
            self.person.finder.setFocus()
            return
        households, person, relation = Households(self._page.desk.station), self.person.key, self.relation.currentData()
        self._page.desk.operations.write(
            lambda: households.join(self._household, person, relation or None),
            self._saved,
            owner=self,
            failed=self._refused,
        )

    def _saved(self, _result: object) -> None:
        self.accept()
        self._added()

    def _refused(self, error: UserError) -> bool:
        self.banner.say(str(error), "bad")
        return True
