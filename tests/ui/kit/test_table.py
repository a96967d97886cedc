"""Lists over ids: exact at any length, read as they are seen, sorted, copied and opened by keyboard."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from app.services.ids import Ids
from app.ui.kit.table import BLOCK, MOST_COPIED, Column, List, Rows
from tests.ui.looking import faults

COLUMNS = (
    Column("name", "姓名", lambda row: row["name"], sorts=True),
    Column("money", "金额", lambda row: row["money"], right=True),
    Column("note", "备注", lambda row: row["note"], hidden=True),
)


def ids(count: int) -> Ids:
    return Ids.of(f"{n:032x}" for n in range(count))


class Source:
    """Where rows come from; counts how often it is asked."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.gone: set[str] = set()

    def load(self, wanted: Sequence[str]) -> Mapping[str, Any]:
        self.asked.append(len(wanted))
        return {
            one: {"name": f"人{int(one, 16)}", "money": "=1+1", "note": "甲\t乙"}
            for one in wanted
            if one not in self.gone
        }


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def view(qtbot: QtBot, source: Source) -> List:
    made = List("people.list", "人员", Rows(COLUMNS, source.load), empty="还没有人。请先导入 Excel 名单(I)。")
    qtbot.addWidget(made)
    made.resize(600, 400)
    with qtbot.waitExposed(made):
        made.show()
    made.setFocus()
    return made


def test_the_model_keeps_qt_s_rules(view: List, qtmodeltester: ModelTester) -> None:
    view.show_ids(ids(250))
    qtmodeltester.check(view.rows)


def test_a_hundred_thousand_rows_end_at_the_last_one(qtbot: QtBot, view: List, source: Source) -> None:
    view.show_ids(ids(100_000))
    assert view.rows.rowCount() == 100_000
    qtbot.keyClick(view, Qt.Key.Key_End)
    assert view.current() == f"{99_999:032x}"
    assert view.rows.text(99_999, 0) == "人99999"
    view.grab()
    assert sum(source.asked) <= 4 * BLOCK, "only what is seen is read"
    qtbot.keyClick(view, Qt.Key.Key_Home)
    assert view.current() == f"{0:032x}"


def test_memory_stays_bounded_while_scrolling_through_all(view: List) -> None:
    view.show_ids(ids(20_000))
    for row in range(0, 20_000, 50):
        view.rows.text(row, 0)
    assert len(view.rows._blocks) <= 40


def test_enter_opens_and_the_choice_stays_with_the_record(qtbot: QtBot, view: List) -> None:
    view.show_ids(ids(10))
    view.choose(f"{3:032x}")
    with qtbot.waitSignal(view.opened) as opened:
        qtbot.keyClick(view, Qt.Key.Key_Return)
    assert opened.args == [f"{3:032x}"]
    view.show_ids(Ids.of(f"{n:032x}" for n in (9, 7, 3)))
    assert view.current() == f"{3:032x}"
    view.show_ids(ids(2))
    assert view.current() == f"{0:032x}"


def test_a_row_that_has_vanished_shows_empty(view: List, source: Source) -> None:
    source.gone.add(f"{1:032x}")
    view.show_ids(ids(3))
    assert [view.rows.text(n, 0) for n in range(3)] == ["人0", "", "人2"]


def test_copying_gives_what_excel_takes_and_no_formula(qtbot: QtBot, view: List) -> None:
    view.show_ids(ids(3))
    view.selectAll()
    qtbot.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == "姓名\t金额\n人0\t'=1+1\n人1\t'=1+1\n人2\t'=1+1"


def test_copying_too_many_says_so(qtbot: QtBot, view: List) -> None:
    view.show_ids(ids(MOST_COPIED + 5))
    view.selectAll()
    with qtbot.waitSignal(view.copied) as copied:
        view.copy()
    assert copied.args == [MOST_COPIED, MOST_COPIED + 5]


def test_a_heading_sorts_up_and_then_down(qtbot: QtBot, view: List) -> None:
    view.show_ids(ids(3))
    said: list[tuple[str, bool]] = []
    view.sorted_by.connect(lambda key, down: said.append((key, down)))
    for section in (0, 0, 1):
        view.horizontalHeader().sectionClicked.emit(section)
    assert said == [("name", False), ("name", True)], "a column that does not sort says nothing"


def test_columns_are_remembered(qtbot: QtBot, view: List, source: Source) -> None:
    view.setColumnWidth(0, 222)
    view._show_column(2, shown=True)
    view.horizontalHeader().moveSection(0, 1)
    kept = view.arrangement()
    other = List("people.list", "人员", Rows(COLUMNS, source.load))
    qtbot.addWidget(other)
    other.arrange(kept)
    assert other.columnWidth(0) == 222
    assert not other.isColumnHidden(2)
    assert other.horizontalHeader().visualIndex(0) == 1
    other.arrange({"gone": [10, 0, False]})
    assert other.arrangement() == kept


def test_the_last_column_cannot_be_hidden(view: List) -> None:
    for place in range(3):
        view._show_column(place, shown=False)
    assert sum(view.isColumnHidden(n) for n in range(3)) == 2


def test_names_and_the_empty_text(view: List) -> None:
    assert faults(view) == []
    before = view.grab().toImage()
    view.show_ids(ids(1))
    assert view.grab().toImage() != before


def ids_equal(make: Callable[[], Ids]) -> bool:
    return make() == make()


def test_ids_are_a_sequence() -> None:
    some = ids(1000)
    assert len(some) == 1000
    assert some[0] == "0" * 32
    assert some[-1] == f"{999:032x}"
    assert some[1:3] == [f"{1:032x}", f"{2:032x}"]
    assert some.find(f"{500:032x}") == 500
    assert some.find("f" * 32) == -1
    assert list(ids(2)) == ["0" * 32, f"{1:032x}"]
    assert ids_equal(lambda: ids(3))
    with pytest.raises(IndexError):
        some[1000]


def test_ids_are_found_only_at_their_places() -> None:
    """Bytes that stand across two ids are no id."""
    some = Ids.of(["00" * 15 + "11", "22" + "00" * 15])
    assert some.find("00" * 14 + "1122") == -1
