"""Pictures of looking through the whole register: two records of one person side by side, a list compared."""

from pathlib import Path
from typing import Any

from app.documents import workbook
from app.services.people import People
from app.services.people_list import PeopleList, Wanted
from app.ui.shell.pictures.taking import Stage


def shoot(stage: Stage, place: Path) -> None:
    """On a village with people; whoever is registered twice is registered here."""
    station = stage.window.desk.station
    people = People(station)
    some = [people.show(one).fields for one in PeopleList(station).ids(Wanted())[:6]]
    for one in some[:3]:
        again = {name: one[name] for name in ("name", "birth_date", "sex", "division", "address", "phone") if one[name]}
        people.add(again | {"no_id_reason": "pending"})
    stage.go("same_persons")
    stage.show("same_persons-full", "疑似同一人: 有内容")
    stage.press("same_persons.compare")
    stage.show("same_persons-beside", "疑似同一人: 并排对照")
    stage.door.open = True
    stage.press("same_persons.keep_left")
    stage.show("message-merge", "提问: 合并")
    stage.door.open = False
    stage.close_all()
    _compare(stage, _deaths(place / "殡葬馆 10 月名单.xlsx", some))


def _compare(stage: Stage, file: Path) -> None:
    stage.go("comparing", "", files=[str(file)])
    stage.show("comparing-files", "名单比对: 选名单")
    stage.press("comparing.next")
    stage.show("comparing-columns", "名单比对: 对照各列")
    stage.press("comparing.compare")
    stage.show("comparing-result", "名单比对: 比对结果")


def _deaths(path: Path, some: list[dict[str, Any]]) -> Path:
    """A list of deaths: some of the register, and one it does not have."""
    rows: list[list[workbook.Cell]] = [
        [one["name"], one["id_number"], f"2026-10-{n + 2:02}"] for n, one in enumerate(some)
    ]
    rows.append(["外乡人", None, "2026-10-20"])
    path.write_bytes(workbook.table(("姓名", "身份证号", "死亡日期"), rows, title="10 月死亡人员名单"))
    return path
