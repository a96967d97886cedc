"""What can stand in a list of persons: one item is a heading and its words, alike on the screen, on paper and in Excel."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from app import clock
from app.models import fields_of
from app.models.receipts import STATUSES
from app.rules import codes
from app.rules.partial_date import PartialDate, age_on
from app.services import field_values
from app.services.people_list import PersonLine

_PERSON: Final = fields_of("person")


@dataclass(frozen=True)
class Item:
    """One column. `text` gets a line and whether sensitive numbers are shown in full; `wide` is in characters."""

    key: str
    title: str
    text: Callable[[PersonLine, bool], str]
    wide: int
    sorts: bool = False
    hidden: bool = False
    """Not shown at first."""


def _plain(name: str) -> Callable[[PersonLine, bool], str]:
    return lambda line, full: field_values.shown(_PERSON[name], getattr(line, name), full=full)


def _number(line: PersonLine, full: bool) -> str:  # noqa: FBT001 (as Item.text takes it)
    if line.id_number:
        return field_values.shown(_PERSON["id_number"], line.id_number, full=full)
    reason = codes.label("no_id_reason", line.no_id_reason)
    return f"无({reason})" if reason else ""


def _village(line: PersonLine, _full: bool) -> str:  # noqa: FBT001
    return f"{line.place}{line.village_group or ''}"


def _age(line: PersonLine, _full: bool) -> str:  # noqa: FBT001
    if not line.birth_date or line.dead:
        return ""
    least, most = age_on(PartialDate.parse(line.birth_date), clock.today())
    if most < 0:
        return ""
    return f"{most}" if least == most else f"{max(least, 0)}–{most}"


def _status(line: PersonLine, _full: bool) -> str:  # noqa: FBT001
    if line.dead:
        return f"去世 {line.death_date or ''}".strip()
    return codes.label("person_status", line.status) or "在册"


ITEMS: Final = (
    Item("name", "姓名", lambda line, _full: line.name, 6, sorts=True),
    Item("sex", "性别", _plain("sex"), 3, sorts=True),
    Item("birth_date", "出生日期", _plain("birth_date"), 6, sorts=True),
    Item("id_number", "身份证号", _number, 10, sorts=True),
    Item("classes", "人员类别", lambda line, _full: line.kinds, 10, sorts=True),
    Item("village", "村组", _village, 8, sorts=True),
    Item("phone", "手机", _plain("phone"), 6, sorts=True),
    Item("visited", "上次走访", lambda line, _full: line.visited or "", 6, sorts=True),
    Item("sync", "上报状态", lambda line, _full: STATUSES.get(line.sync, line.sync), 6),
    Item("age", "年龄", _age, 4, hidden=True),
    Item("status", "人员状态", _status, 8, sorts=True, hidden=True),
    Item("address", "户籍地址", _plain("address"), 16, hidden=True),
    Item("residence_address", "现居住地址", _plain("residence_address"), 16, hidden=True),
    Item("phone2", "其他电话", _plain("phone2"), 7, hidden=True),
    Item("enlisted", "入伍时间", lambda line, _full: line.enlisted or "", 6, hidden=True),
    Item("discharged", "退役时间", lambda line, _full: line.discharged or "", 6, hidden=True),
    Item("political", "政治面貌", _plain("political"), 6, hidden=True),
    Item("household_number", "户号", _plain("household_number"), 7, hidden=True),
    Item("head_name", "户主姓名", _plain("head_name"), 6, hidden=True),
    Item("work_place", "工作(务工)地址", _plain("work_place"), 10, hidden=True),
    Item("key_contact", "重点联系", _plain("key_contact"), 5, hidden=True),
    Item("plaque", "光荣牌", _plain("plaque"), 5, hidden=True),
    Item("note", "备注", _plain("note"), 16, hidden=True),
)


def by_key(key: str) -> Item:
    """The item of a key; KeyError if there is none."""
    found = next((item for item in ITEMS if item.key == key), None)
    if found is None:
        raise KeyError(key)
    return found
