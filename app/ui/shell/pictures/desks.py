"""The desks whose pictures are taken: a village with so many made-up people, and one below a township."""

import datetime as dt
import random
from pathlib import Path
from typing import Any, Final

from app.documents import workbook
from app.rules import made_up
from app.services import practice, stores
from app.services.households import Households
from app.services.people import People
from app.services.searching import Search
from app.services.station import Station
from app.services.visits import Visits
from app.sync import enrolment, jobs
from app.sync.exchange import Exchange
from app.ui.kit import sticks
from app.ui.kit.sticks import Stick
from app.ui.shell.pictures.taking import PASSWORD

VILLAGE: Final = "361002100201"
TOWNSHIP: Final = VILLAGE[:9]
NAME: Final = "石鼓村退役军人服务站"
TOWN_NAME: Final = "上顿渡镇退役军人服务站"
STAFF: Final = "周敏"
FEW: Final = 3
HEADINGS: Final = ("姓名", "身份证号", "手机", "人员类别", "村民组", "备用栏")


class PlugIn(Stick):
    """A stick that looks like one, whatever the folder is that it really is."""

    @property
    def words(self) -> str:
        """As a computer with Windows would say it."""
        return "U 盘(E:\\, 剩 7600 MB)"


def plug_in(folder: Path) -> None:
    """From now on this folder is the only stick, and what lies in it the only thing on one."""
    folder.mkdir(exist_ok=True)
    stick = PlugIn(folder, "U 盘", 7_600_000_000)
    sticks.found = lambda: [stick]


def village(folder: Path, persons: int) -> Path:
    """A village; the few people of a small one bear the longest and the rarest names."""
    founding = stores.Founding("village", NAME, (VILLAGE,), STAFF, PASSWORD, practice=True)
    opened, _ = stores.init(folder, founding)
    station = opened.station
    if persons:
        practice.fill(station, persons)
        some = [one.id for one in Search(station).persons("", FEW)]
        if persons == FEW:
            for person, name in zip(some, (made_up.LONG_NAME, "龚䶮㛃", "杨𠮷䶮"), strict=True):
                People(station).change(person, {"name": name})
        household = Households(station).add({"head": some[0], "number": "1002010001", "address": "1组 12 号"})
        Households(station).join(household, some[1])
    opened.close()
    return folder


def roster(path: Path) -> Path:
    """An Excel list as a village keeps it: most rows right, some with what is usually wrong."""
    chance = _chance(5)
    births = [dt.date(1950 + n, 1 + n % 12, 3 + n) for n in range(12)]
    numbers = [made_up.made_up_id(chance, VILLAGE[:6], birth, "1") for birth in births]
    names = (
        "余水根",
        "陈援朝",
        "龚䶮",
        "周福生",
        "徐国强",
        "黄木生",
        "杨𠮷明",
        "胡新民",
        "林火生",
        "何永红",
        "罗春生",
        "曾长根",
    )
    kinds = (
        "60岁",
        "退役士兵",
        "烈属",
        "参战",
        "退役士兵",
        "60岁",
        "伤残",
        "退役士兵",
        "60岁",
        "退役士兵",
        "60岁",
        "退役士兵",
    )
    rows: list[list[workbook.Cell]] = [
        [name, number, f"1640000{1000 + place}", kind, f"{1 + place % 5}组", "低保" if place == 3 else None]
        for place, (name, number, kind) in enumerate(zip(names, numbers, kinds, strict=True))
    ]
    rows[3][1] = numbers[3][:-1] + ("0" if numbers[3][-1] != "0" else "1")
    rows[5][1] = numbers[5][:15] + "000"
    rows[8][2] = "1640000"
    rows.append([*rows[0]])
    path.write_bytes(workbook.table(HEADINGS, rows, title="石鼓村退役军人花名册"))
    return path


def chain(root: Path) -> tuple[Path, Path, Path]:
    """(village, township, stick): a question between them, something sent back, a package on the way up and one down."""
    lower, upper, stick = root / "village", root / "township", root / "U盘"
    stick.mkdir(parents=True)
    founding = stores.Founding("township", TOWN_NAME, (TOWNSHIP,), "孙立", PASSWORD, practice=True)
    above, _ = stores.init(upper, founding)
    below = _below(above.station, lower, "village", NAME, VILLAGE, STAFF)
    practice.fill(below.station, 40)
    carry(below.station, above.station, root / "first")
    _disagree(below.station, above.station)
    _send_back(below.station)
    carry(below.station, above.station, root / "second")
    person = Search(below.station).persons("", 3)[2].id
    Visits(below.station).record({"person": person, "date": "2026-12-07", "trigger": "ZC", "place": "本人家中"})
    below.close()
    above.close()
    return lower, upper, stick


def three(root: Path) -> tuple[Path, Path, Path]:
    """(village, township, county), enrolled one below the other; the village has people and a case."""
    root.mkdir()
    founding = stores.Founding("county", "临川区退役军人事务局", (VILLAGE[:6],), "钱芳", PASSWORD, practice=True)
    county, _ = stores.init(root / "county", founding)
    township = _below(county.station, root / "township", "township", TOWN_NAME, TOWNSHIP, "孙立")
    village = _below(township.station, root / "village", "village", NAME, VILLAGE, STAFF)
    practice.fill(village.station, 40)
    carry(township.station, county.station, root / "first")
    carry(village.station, township.station, root / "second")
    for opened in (village, township, county):
        opened.close()
    return root / "village", root / "township", root / "county"


def _below(above: Station, folder: Path, level: str, name: str, scope: str, staff: str) -> stores.Opened:
    """A unit opened by the one above it."""
    invited = enrolment.enrol(
        Exchange(above.db, above.folder), level=level, name=name, scopes=(scope,), out=folder.with_suffix(".rge")
    )
    offer = enrolment.read(invited.file, invited.code)
    founding = stores.Founding(
        offer.level, offer.name, offer.scopes, staff, PASSWORD, practice=True, node=offer.node,
        prepare=lambda station, work: enrolment.begin(station.db, work, offer),
    )  # fmt: skip
    opened, _ = stores.init(folder, founding)
    return opened


def carry(below: Station, above: Station, folder: Path) -> None:
    """A stick goes up and comes back."""
    folder.mkdir()
    up = jobs.send(below, "parent", folder)
    for answer in jobs.take(above, [str(up.file)], folder).answers:
        jobs.take(below, [str(answer.file)])


def _disagree(below: Station, above: Station) -> None:
    """Both desks have changed the same two things of the same person."""
    someone = Search(below).persons("", 1)[0].id
    changes: tuple[tuple[Station, dict[str, Any]], ...] = (
        (below, {"phone": "16400000001", "account_number": made_up.made_up_card(_chance(1))}),
        (above, {"phone": "16400000002", "account_number": made_up.made_up_card(_chance(2))}),
    )
    for station, values in changes:
        People(station).change(someone, values)


def _chance(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 (made-up people)


def _send_back(below: Station) -> None:
    """Somebody registered outside the village's area: the township sends him back."""
    from app.models import Person, PersonIdentity

    outside = f"{TOWNSHIP}999"
    with below.db.work("登记人员") as work:
        record = Person(home=outside, division=outside, name="欧阳志远", phone="16400000009", address="外村 1 号")
        work.session.add(record)
    with below.db.work("登记身份类别") as work:
        work.session.add(PersonIdentity(home=VILLAGE, person=record.id, class12="01"))
