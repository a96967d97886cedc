"""Items in lines: before they have a place of their own they stretch nothing."""

from PySide6.QtWidgets import QApplication

from app.ui.kit.controls import button
from app.ui.kit.flow import Flow


def test_before_it_has_a_place_it_asks_for_one_line(qapp: QApplication) -> None:
    flow = Flow()
    flow.set_items([button(f"test.{n}", f"第 {n} 个很长很长的按钮") for n in range(8)])
    assert flow.minimumSizeHint().height() < 2 * flow._items[0].sizeHint().height()
    assert flow.minimumHeight() < 2 * flow._items[0].sizeHint().height()
