"""Rows that wait: grids of one set of headings, what stands in the way of each, several worked off in one act."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from app.documents import workbook
from app.errors import Refused
from app.models.database import Actor
from app.rules import id_number
from app.services.history import History
from app.services.importing import Importing
from app.services.intake import NOBODY
from app.services.pendings import Batch, Decision, Judged, Pendings, Settled, settle
from app.services.people import People
from app.services.people_list import PeopleList, Wanted
from app.services.station import Station

VILLAGE = "361002100201"
HEADINGS = ("序号", "姓名", "身份证号", "手机", "人员类别", "年审情况", "自留栏")


def number(sequence: int, birth: str = "19560312") -> str:
    seventeen = f"361002{birth}{sequence:03d}"
    return seventeen + id_number.check_digit(seventeen)


def wrong(sequence: int) -> str:
    good = number(sequence)
    return good[:-1] + ("0" if good[-1] != "0" else "1")


def bring(station: Station, path: Path, rows: Sequence[Sequence[workbook.Cell]]) -> None:
    path.write_bytes(workbook.table(HEADINGS, rows))
    Importing(station).run([path])


def person(station: Station, **more: object) -> str:
    return People(station).add({"name": "张建国", "id_number": number(1), "division": VILLAGE} | more).id


def only(station: Station) -> tuple[Batch, str]:
    (batch,) = Pendings(station).batches()
    assert len(batch.ids) == 1
    return batch, batch.ids[0]


def judged(station: Station, row: str, **typed: str) -> Judged:
    return Pendings(station).judge([row], {row: typed})[row]


def names(station: Station) -> list[str]:
    found = PeopleList(station)
    ids = found.ids(Wanted())
    lines = found.lines(list(ids))
    return [lines[one].name for one in ids]


def test_a_grid_for_each_set_of_headings(station: Station, tmp_path: Path) -> None:
    bring(station, tmp_path / "甲村.xlsx", [[1, "王五", wrong(3), None, "退役士兵", "已审", "x"]])
    bring(station, tmp_path / "乙村.xlsx", [[1, "赵六", wrong(4), None, None, None, None]])
    other = tmp_path / "丙村.xlsx"
    other.write_bytes(workbook.table(("姓名", "身份证号", "性别"), [["钱七", wrong(5), "男"]]))
    Importing(station).run([other])
    first, second = Pendings(station).batches()
    by_files = {batch.files: batch for batch in (first, second)}
    both = by_files["乙村.xlsx", "甲村.xlsx"]
    assert [editable for _, _, editable in both.columns] == [False, True, True, True, True, False, False]
    assert both.columns[5] == ("年审情况", "kept_review", False)
    lines = Pendings(station).lines(list(both.ids))
    assert [lines[one].file for one in both.ids] == ["乙村.xlsx", "甲村.xlsx"]
    assert lines[both.ids[1]].cells == ("1", "王五", wrong(3), "", "退役士兵", "已审", "x")
    assert lines[both.ids[1]].row == 2


def test_a_wrong_number_is_marked_put_right_and_taken_in(station: Station, tmp_path: Path) -> None:
    bring(station, tmp_path / "a.xlsx", [[1, "王五", wrong(3), "123", "退役士兵", None, None]])
    batch, row = only(station)
    found = judged(station, row)
    assert [place for place, _ in found.problems] == [2, 3]
    assert "最后一位对不上" in found.text
    assert [place for place, _ in judged(station, row, id_number=number(3)).problems] == [3]
    assert judged(station, row, id_number=number(3), phone="16400000001") == Judged()
    (done,) = Pendings(station).settle([Decision(row, {"id_number": number(3)})])
    assert (done.fate, "手机" in done.problem) == ("", True)
    assert History(station).acts()[0].name.startswith("导入名单")
    (done,) = settle(station, [Decision(row, {"id_number": number(3), "phone": "16400000001"})])
    assert done.fate == "added"
    assert People(station).show(done.person).fields["phone"] == "16400000001"
    assert Pendings(station).batches() == []
    assert Pendings(station).settle([Decision(row)])[0].problem.startswith("这个待核行已经处理过")
    assert batch.files == ("a.xlsx",)


def test_two_sides_differ_and_are_decided_field_by_field(station: Station, tmp_path: Path) -> None:
    mine = person(station, phone="16400000001", political="中共党员")
    bring(station, tmp_path / "a.xlsx", [[1, "张建军", number(1), "16400000002", None, None, None]])
    _, row = only(station)
    found = judged(station, row)
    assert (found.person, found.person_name) == (mine, "张建国")
    assert [(d.field, d.present, d.given, d.fixed) for d in found.differences] == [
        ("name", "张建国", "张建军", False), ("phone", "16400000001", "16400000002", False),
    ]  # fmt: skip
    assert found.text == "姓名: 已登记“张建国”, 表里“张建军”; 手机: 已登记“16400000001”, 表里“16400000002”"
    (still,) = Pendings(station).settle([Decision(row, keep=frozenset({"name"}))])
    assert still.problem.startswith("手机")
    (done,) = Pendings(station).settle([Decision(row, keep=frozenset({"name"}), accept=True)])
    assert (done.fate, done.person) == ("changed", mine)
    shown = People(station).show(mine).fields
    assert (shown["name"], shown["phone"]) == ("张建国", "16400000002")


def test_the_register_may_count_in_everything(station: Station, tmp_path: Path) -> None:
    mine = person(station, phone="16400000001")
    bring(station, tmp_path / "a.xlsx", [[1, "张建国", number(1), "16400000002", None, None, None]])
    _, row = only(station)
    (done,) = Pendings(station).settle([Decision(row, keep=frozenset({"phone"}))])
    assert (done.fate, done.person) == ("same", mine)
    assert Pendings(station).batches() == []


def test_the_same_person_or_somebody_else(station: Station, tmp_path: Path) -> None:
    mine = person(station, village_group="三组")
    bring(station, tmp_path / "a.xlsx", [[1, "张建国", "未采集", "16400000002", None, None, None]])
    _, row = only(station)
    found = judged(station, row)
    assert [(one.id, one.name) for one in found.alike] == [(mine, "张建国")]
    assert found.alike[0].words == f"1956-03-12 {number(1)} 三组"
    assert "是不是同一人" in found.text
    assert "请核对是不是同一人" in Pendings(station).settle([Decision(row)])[0].problem
    (gone,) = Pendings(station).settle([Decision(row, person="0" * 32)])
    assert "已经不在了" in gone.problem
    (done,) = Pendings(station).settle([Decision(row, person=mine)])
    assert (done.fate, done.person) == ("changed", mine)
    assert People(station).show(mine).fields["phone"] == "16400000002"
    bring(station, tmp_path / "b.xlsx", [[1, "张建国", "未采集", "16400000003", None, None, None]])
    _, row = only(station)
    (done,) = Pendings(station).settle([Decision(row, person=NOBODY)])
    assert done.fate == "added"
    assert names(station) == ["张建国", "张建国"]


def test_nobody_gets_a_number_twice(station: Station, tmp_path: Path) -> None:
    person(station)
    bring(station, tmp_path / "a.xlsx", [[1, "李四", number(1), None, None, None, None]])
    _, row = only(station)
    (done,) = Pendings(station).settle([Decision(row, person=NOBODY)])
    assert "不能再登记一次" in done.problem
    assert names(station) == ["张建国"]


GIVEN = ((1, "张一"), (2, "张二"), (3, "张三"))


def test_many_in_one_act(station: Station, tmp_path: Path) -> None:
    people = [person(station, name=name, id_number=number(n), phone=f"1640000000{n}") for n, name in GIVEN]
    rows = [[n, name, number(n), f"1650000000{n}", None, None, None] for n, name in GIVEN]
    bring(station, tmp_path / "a.xlsx", [*rows, [4, "王五", wrong(4), None, None, None, None]])
    (batch,) = Pendings(station).batches()
    done = Pendings(station).settle([Decision(one, accept=True) for one in batch.ids])
    assert [one.fate for one in done] == ["changed", "changed", "changed", ""]
    assert "最后一位对不上" in done[3].problem
    assert [People(station).show(one).fields["phone"] for one in people] == [f"1650000000{n}" for n in (1, 2, 3)]
    assert History(station).acts()[0].name == "待核入库(4 行)"
    _, row = only(station)
    assert Pendings(station).settle([Decision(row, drop=True)]) == [Settled(row, "dropped")]
    assert History(station).acts()[0].name == "待核不导入"
    assert Pendings(station).batches() == []


def test_a_later_row_sees_what_an_earlier_one_brings(station: Station, tmp_path: Path) -> None:
    rows = [[n, "王五", wrong(7), None, None, None, None] for n in (1, 2)]
    bring(station, tmp_path / "a.xlsx", rows)
    (batch,) = Pendings(station).batches()
    done = Pendings(station).settle([Decision(one, {"id_number": number(7)}) for one in batch.ids])
    assert [one.fate for one in done] == ["added", "same"]
    assert names(station) == ["王五"]


def test_what_cannot_be_given_and_who_may_not(station: Station, tmp_path: Path) -> None:
    bring(station, tmp_path / "a.xlsx", [[1, "王五", wrong(3), None, None, None, None]])
    _, row = only(station)
    done = Pendings(station).settle([Decision(row, {"serial": "5"}), Decision("0" * 32)])
    assert "没有这个字段" in done[0].problem
    assert "没有这个待核行" in done[1].problem
    station.roles = ("administrator",)
    station.db.actor = Actor("1" * 32, "管理员")
    with pytest.raises(Refused):
        Pendings(station).settle([Decision(row)])
