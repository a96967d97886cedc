"""What waits for the person at the desk, as lines of the first page: text, urgency, where it is dealt with."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import func, select

from app import clock
from app.models import Campaign, PendingRow
from app.models.desk_file import Draft
from app.rules import festivals
from app.rules.money import format_grouped
from app.services import backups, paying, rights
from app.services.case_views import CaseViews
from app.services.station import Station

Tone = Literal["bad", "warn", "note"]

BACKUP_DAYS: Final = 7
"""A backup older than this is named."""
_DAY: Final = 86_400_000
_DRAFTS_NAMED: Final = 2


@dataclass(frozen=True)
class Due:
    """One line. `rank` orders: the smallest is the most urgent; `page` and `about` say where it is dealt with."""

    rank: int
    tone: Tone
    text: str
    page: str
    about: str = ""


@dataclass(frozen=True)
class Head:
    """The line above: the day, by the moon too, and the next festival."""

    day: str
    lunar: str
    coming: str


WEEKDAYS: Final = "一二三四五六日"


def head(today: dt.date) -> Head:
    """What day it is."""
    following = festivals.coming(today)[0]
    when = "就是今天" if not following.days else f"还有 {following.days} 天"
    day = f"{today.year} 年 {today.month} 月 {today.day} 日 星期{WEEKDAYS[today.weekday()]}"
    return Head(day, f"农历{festivals.lunar_text(today)}", f"{following.name}{when}({following.day:%m-%d})")


class Today:
    """Looks through the store for what waits; nothing is written."""

    def __init__(self, station: Station) -> None:
        self._station = station

    def dues(self, drafts: Sequence[Draft] = (), last_backup: int = 0) -> list[Due]:
        """Everything that waits here, the most urgent first.

        `last_backup`: when one was last made elsewhere than in the store's own folder, in milliseconds UTC.
        """
        rights.demand(self._station, "read")
        found = [*self._cases(), *self._rounds(), *self._pending(), *_drafts(drafts), *self._backup(last_backup)]
        return in_order(found)

    def _cases(self) -> Iterable[Due]:
        mine = [row for row in CaseViews(self._station).board() if row.mine or row.forked]
        late = [row for row in mine if row.left is not None and row.left < 0]
        if late:
            yield Due(10, "bad", f"帮扶事项超期 {len(late)} 件, 最早的是 {late[0].name}", "cases", "mine")
        if len(mine) > len(late):
            soon = min((row.due for row in mine if row.due and row not in late), default="")
            until = f", 最近的 {soon[5:]} 到期" if soon else ""
            yield Due(30, "warn", f"帮扶事项待办 {len(mine) - len(late)} 件{until}", "cases", "mine")

    def _rounds(self) -> Iterable[Due]:
        place = self._station.place
        query = select(Campaign).where(Campaign.node == place.node, ~Campaign.deleted)
        query = query.where(Campaign.status.in_(("draft", "approved", "paying"))).order_by(Campaign.id.desc())
        with self._station.db.read() as session:
            rounds = list(session.scalars(query.limit(20)))
            lines = {one.id: paying.lines_of(session, one.id) for one in rounds}
        today = clock.today().isoformat()
        for one in rounds:
            sums = paying.sums(lines[one.id])
            left = [line for line in lines[one.id] if line.state in ("planned", "missing")]
            late = one.ends is not None and "" < one.ends < today
            if one.status == "paying" and left:
                text = f"{one.name}: 还有 {len(left)} 人 {format_grouped(sums['open'])} 元没有去向"
                yield Due(15 if late else 40, "bad" if late else "warn", text, "round", one.id)
            elif one.status == "paying":
                yield Due(45, "note", f"{one.name}: 都有去向了, 可以结清", "round", one.id)
            elif lines[one.id]:
                yield Due(60, "note", f"{one.name}: 名单 {len(lines[one.id])} 人, 还没有打印签领表", "round", one.id)

    def _pending(self) -> Iterable[Due]:
        query = select(func.count()).select_from(PendingRow).where(PendingRow.fate == "waiting", ~PendingRow.deleted)
        # Rows of units below are theirs to work off.
        query = query.where(PendingRow.home == self._station.place.home)
        with self._station.db.read() as session:
            count = session.scalar(query) or 0
        if count:
            yield Due(50, "warn", f"待核名单 {count} 行", "pending")

    def _backup(self, elsewhere: int) -> Iterable[Due]:
        if not rights.may(self._station.roles, "backup"):
            return
        made = [dt.datetime.fromisoformat(row.made) for row in backups.listed(self._station) if row.made]
        newest = max([*(int(one.timestamp() * 1000) for one in made), elsewhere], default=0)
        if not newest:
            yield Due(70, "warn", "还没有做过备份", "system", "backups")
        elif (days := (clock.now_ms() - newest) // _DAY) > BACKUP_DAYS:
            yield Due(70, "warn", f"最近一次备份是 {days} 天前", "system", "backups")


def in_order(dues: Iterable[Due]) -> list[Due]:
    """The most urgent first; alike ones as they came."""
    return sorted(dues, key=lambda due: due.rank)


def _drafts(drafts: Sequence[Draft]) -> Iterable[Due]:
    """Half-typed forms: the newest by name, the others together."""
    for draft in drafts[:_DRAFTS_NAMED]:
        page, _, about = draft.place.partition(":")
        yield Due(55, "note", f"没填完的: {draft.title}", page, about)
    if len(drafts) > _DRAFTS_NAMED:
        page, _, about = drafts[_DRAFTS_NAMED].place.partition(":")
        yield Due(
            56,
            "note",
            f"没填完的还有 {len(drafts) - _DRAFTS_NAMED} 份, 下一份: {drafts[_DRAFTS_NAMED].title}",
            page,
            about,
        )
