"""A bureau's own villages from Excel: a list of codes and names, taken whole or not at all, every fault named by row."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.documents import workbook
from app.errors import BadInput
from app.models import Division
from app.rules import cell_values, codes, divisions, levels
from app.rules import text as texts
from app.services import divisions as division_service
from app.services import rights
from app.services.station import Station

Fate = Literal["added", "changed", "same", "dropped"]

_LABELS: Final[Mapping[str, tuple[str, ...]]] = {
    "code": ("区划代码", "统计用区划代码", "行政区划代码", "村级代码", "村代码", "代码", "编码", "12位代码"),
    "name": ("名称", "村名", "村(社区)", "村(社区)名称", "村(居)名称", "村居名称", "区划名称", "行政村", "村委会名称"),
    "kind": ("类型", "村居类型", "类别"),
    "alias": ("原代码", "旧代码", "原区划代码", "曾用代码"),
    "starts": ("启用日期", "生效日期", "启用时间", "变更日期"),
    "ends": ("停用日期", "撤销日期", "停用时间"),
}
_SEARCHED: Final = 20
_SHOWN: Final = 10
_NOTES: Final = re.compile(r"^(?:合计|总计|小计|共\d+|制表|填表|填报|审核|说明|备注|注:)")


@dataclass(frozen=True)
class VillageRow:
    """What became of a row; `code` is empty for rows that are no places."""

    row: int
    fate: Fate
    code: str
    name: str
    text: str = ""


@dataclass(frozen=True)
class VillageImport:
    """read = added + changed + same + dropped. `act` is empty when nothing was written."""

    read: int
    added: int
    changed: int
    same: int
    dropped: int
    rows: tuple[VillageRow, ...]
    act: str = ""


@dataclass
class _Place:
    row: int
    code: str
    name: str
    kind: str
    alias: str = ""
    starts: str | None = None
    ends: str | None = None
    said: str = ""
    """What it was called so far."""


@dataclass
class _Reading:
    places: list[_Place] = field(default_factory=list)
    dropped: list[VillageRow] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)


class VillageLists:
    """Bringing lists of villages in."""

    def __init__(self, station: Station) -> None:
        self.station = station

    def run(self, file: Path, *, sheet: str = "", rehearse: bool = False) -> VillageImport:
        """Take a list in as one act; `rehearse` only says what would become of it.

        With a column 原代码 the old code is kept as one that means the new, from 启用日期 on.
        Raises BadInput naming every wrong row, with nothing changed; BadInput too for what has no such headings.
        """
        rights.demand(self.station, "division")
        rows, columns, first = _table(file, sheet)
        with self.station.db.read() as session:
            names = division_service.all_names(session, ended=True)
        reading = self._read(rows, columns, first, names)
        if reading.problems:
            raise BadInput(_refusal(file.name, reading.problems), reading.problems)
        if rehearse:
            with self.station.db.read() as session:
                return _done(rows, reading, _fates(session, reading.places, names))
        with self.station.db.work(f"导入村级区划({file.name})") as work:
            fates = _fates(work.session, reading.places, names)
            new = [_values(place) for place, fate, _ in fates if fate == "added"]
            new += _retired(work.session, [place for place, fate, _ in fates if place.alias and fate != "same"], names)
            work.add_many("division", new)
            for place, fate, record in fates:
                if fate == "changed" and record is not None:
                    _write(record, _values(place))
        return replace(_done(rows, reading, fates), act=work.act)

    def _read(
        self, rows: Sequence[Sequence[Any]], columns: Mapping[str, int], first: int, names: Mapping[str, str]
    ) -> _Reading:
        out = _Reading()
        townships = {code for code in names if divisions.level(code) == "township"}
        seen: dict[str, int] = {}
        for number, row in enumerate(rows, start=1):
            cells = {
                name: texts.clean(cell_values.cell_text(row[column])) if column < len(row) else ""
                for name, column in columns.items()
            }
            filled = [text for text in map(cell_values.cell_text, row) if text.strip()]
            if (
                number <= first
                or not filled
                or (not cells["code"] and _NOTES.match(texts.half_width(filled[0]).strip()))
            ):
                said = "表头或标题" if number <= first else "空行" if not filled else "说明或合计"
                out.dropped.append(VillageRow(number, "dropped", "", "", said))
                continue
            place = _place(number, cells)
            wrong = [*self._faults(place, townships), *_dates(place, cells)]
            if place.code in seen:
                wrong.append(f"代码与第 {seen[place.code]} 行相同")
            seen.setdefault(place.code, number)
            if wrong:
                out.problems[f"第 {number} 行"] = "; ".join(wrong)
            out.places.append(place)
        return out

    def _faults(self, place: _Place, townships: set[str]) -> list[str]:
        if not divisions.is_code(place.code):
            return [f"代码“{place.code[:20]}”不是 12 位数字"]
        wrong = []
        if not levels.covers(self.station.place.scopes, place.code):
            wrong.append(f"代码 {place.code} 不在本单位管辖范围内")
        if divisions.level(place.code) != "village":
            wrong.append(f"代码 {place.code} 不是村(社区)的代码")
        elif divisions.parent(place.code) not in townships:
            wrong.append(f"代码 {place.code} 的乡镇(街道)不在表里")
        if not place.name:
            wrong.append("没有填名称")
        wrong += texts.problems(place.name, lines=False)
        if place.kind and place.kind not in codes.LISTS["division_kind"]:
            wrong.append(f"类型“{place.kind[:20]}”只能是 {'、'.join(codes.LISTS['division_kind'].values())}")
        if place.alias and not divisions.is_code(place.alias):
            wrong.append(f"原代码“{place.alias[:20]}”不是 12 位数字")
        if place.alias and place.alias == place.code:
            wrong.append("原代码与代码相同")
        return wrong


def _table(file: Path, sheet: str) -> tuple[list[list[workbook.Cell]], dict[str, int], int]:
    """The rows of the first sheet with headings of such a list, where its columns are, and the heading's row."""
    sheets = [one for one in workbook.read_file(file) if (one.name == sheet if sheet else not one.hidden)]
    if sheet and not sheets:
        raise BadInput(f"文件“{file.name}”里没有工作表“{sheet}”。没有改动任何数据。")
    for one in sheets:
        for place, row in enumerate(one.rows[:_SEARCHED]):
            columns = _columns(row)
            if {"code", "name"} <= columns.keys():
                return one.rows, columns, place + 1
    raise BadInput(f"文件“{file.name}”里没有认出表头(要有“区划代码”和“名称”两列)。没有改动任何数据。")


def _columns(row: Sequence[Any]) -> dict[str, int]:
    found: dict[str, int] = {}
    for column, cell in enumerate(row):
        label = "".join(texts.half_width(cell_values.cell_text(cell)).split())
        for name, labels in _LABELS.items():
            if label in labels:
                found.setdefault(name, column)
    return found


def _place(number: int, cells: Mapping[str, str]) -> _Place:
    code = "".join(texts.half_width(cells["code"]).split())
    words = codes.LISTS["division_kind"]
    kind = cells.get("kind", "")
    kind = next((key for key, word in words.items() if kind in (key, word)), kind)
    alias = "".join(texts.half_width(cells.get("alias", "")).split())
    return _Place(number, code, cells["name"], kind or _kind_of(code), alias)


def _kind_of(code: str) -> str:
    """统计用区划代码: 001 to 199 and 400 to 499 are communities, 200 to 399 and 500 to 599 villages."""
    if not divisions.is_code(code):
        return ""
    return "community" if code[9] in "014" else "village" if code[9] in "235" else "other"


def _dates(place: _Place, cells: Mapping[str, str]) -> list[str]:
    wrong = []
    for name, word in (("starts", "启用日期"), ("ends", "停用日期")):
        text = cells.get(name, "")
        if not text:
            continue
        reading = cell_values.date(text, latest_year=clock.today().year + 1)
        try:
            day = dt.date.fromisoformat(reading.value).isoformat()
        except ValueError:
            wrong.append(f"{word}“{text[:20]}”要写到日, 例如 2026-09-28")
        else:
            setattr(place, name, day)
    if place.starts and place.ends and place.ends < place.starts:
        wrong.append("停用日期早于启用日期")
    return wrong


def _fates(
    session: Session, places: Sequence[_Place], names: Mapping[str, str]
) -> list[tuple[_Place, Fate, Division | None]]:
    own = {row.code: row for row in session.scalars(select(Division).where(Division.deleted.is_(False)))}
    out: list[tuple[_Place, Fate, Division | None]] = []
    for place in places:
        record = own.get(place.code)
        known_alias = not place.alias or (place.alias in own and own[place.alias].alias_of == place.code)
        if record is None:
            fate: Fate = "same" if _shipped_says(place, names) and known_alias else "added"
        else:
            place.said = f"原来叫 {record.name}" if record.name != place.name else ""
            differing = any(
                value is not None and getattr(record, name) != value
                for name, value in _values(place).items()
                if name not in ("id", "home", "code")
            )
            fate = "changed" if differing or not known_alias else "same"
        out.append((place, fate, record))
    return out


def _shipped_says(place: _Place, names: Mapping[str, str]) -> bool:
    return names.get(place.code) == place.name and not place.starts and not place.ends


def _values(place: _Place) -> dict[str, Any]:
    return {
        "id": clock.new_id(), "home": place.code, "code": place.code, "name": place.name, "kind": place.kind or None,
        "starts": place.starts, "ends": place.ends,
    }  # fmt: skip


def _retired(session: Session, places: Sequence[_Place], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Old codes as ones that mean the new: known records are changed, the others are given back to be added."""
    query = select(Division).where(Division.deleted.is_(False), Division.code.in_([place.alias for place in places]))
    own = {row.code: row for row in session.scalars(query)}
    new = []
    for place in places:
        # It ended the day the new one began.
        said = {"ends": place.starts, "alias_of": place.code}
        if place.alias in own:
            _write(own[place.alias], said)
        else:
            name = names.get(place.alias, place.name)
            new.append({
                "id": clock.new_id(), "home": place.code, "code": place.alias, "name": name, "kind": place.kind or None, **said,
            })  # fmt: skip
    return new


def _write(record: Division, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if name not in ("id", "home", "code") and value is not None and getattr(record, name) != value:
            setattr(record, name, value)


def _done(
    rows: Sequence[Any], reading: _Reading, fates: Sequence[tuple[_Place, Fate, Division | None]]
) -> VillageImport:
    shown = list(reading.dropped)
    shown += [VillageRow(place.row, fate, place.code, place.name, place.said) for place, fate, _ in fates]
    shown.sort(key=lambda one: one.row)
    counts = Counter(one.fate for one in shown)
    if len(rows) != sum(counts.values()):
        raise AssertionError(f"{len(rows)} rows read, {sum(counts.values())} accounted for")
    return VillageImport(
        len(rows), counts["added"], counts["changed"], counts["same"], counts["dropped"], tuple(shown)
    )  # fmt: skip


def _refusal(file: str, problems: Mapping[str, str]) -> str:
    shown = [f"{place}: {why}" for place, why in list(problems.items())[:_SHOWN]]
    more = f"; 另有 {len(problems) - _SHOWN} 行" if len(problems) > _SHOWN else ""
    return f"“{file}”有 {len(problems)} 行不能用, 一行也没有导入: {'; '.join(shown)}{more}。请改好后再选。没有改动任何数据。"
