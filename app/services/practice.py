"""Made-up people and a little work with them for a store marked 练习; never for a real one."""

import random
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from app import clock, durable, progress
from app.errors import Refused
from app.models.database import Work
from app.models.keyfile import KeyFile
from app.rules import made_up
from app.services import divisions, stores
from app.services.campaigns import Campaigns
from app.services.cases import HardshipCases
from app.services.choices import Choices
from app.services.people import FLAT, complete
from app.services.station import Station
from app.services.stores import Opened
from app.services.visits import Visits

PASSWORD: Final = "demo"  # noqa: S105 (of made-up people; nothing is behind it)
STAFF: Final = "周敏"
UNITS: Final = {
    "village": ("石鼓村站", "361002100201"),
    "township": ("上顿渡镇站", "361002100"),
    "county": ("临川区局", "361002"),
    "city": ("抚州市局", "3610"),
}
"""Name and scope of the unit people practise at, by level."""
SEED: Final = 8
PEOPLE: Final = 60
_TOGETHER: Final = 500
_PERSON: Final = (
    "name", "id_number", "no_id_reason", "sex", "birth_date", "ethnicity", "division", "village_group", "address", "phone",
    "political", "education", "marital", "health",
)  # fmt: skip


def folder_beside(folder: Path) -> Path:
    """Where the practice store of a desk lies: beside the real one, so that neither is ever taken for the other."""
    return folder.with_name(f"{folder.name}-practice")


def begin(folder: Path, level: str) -> Opened:
    """Open the practice store in a folder; a new one with made-up people where none lies there yet.

    Filled whole or not at all: one whose filling was broken off counts as none and is founded anew. Raises Refused for
    a folder with a real store.
    """
    if stores.exists(folder):
        opened = stores.open_store(folder, user=None, password=PASSWORD)
        if not opened.station.place.practice:
            opened.close()
            raise Refused("这是正式数据, 不能用来练习。没有改动任何数据。")
        return opened
    name, scope = UNITS[level]
    founding = stores.Founding(level, name, (scope,), STAFF, PASSWORD, practice=True)
    opened, _ = stores.init(folder, founding)
    unfounded = folder / stores.UNFOUNDED
    try:
        unfounded.touch()
        fill(opened.station)
        unfounded.unlink()
    except BaseException:
        opened.close()
        raise
    return opened


def discard(folder: Path) -> None:
    """Remove a practice store that is closed; Refused for anything else."""
    if not stores.exists(folder):
        return
    if not KeyFile.load(folder / stores.KEYS).practice:
        raise Refused("这是正式数据, 不能清掉。没有改动任何数据。")
    stores.lock(folder).release()
    with durable.speaking("清掉练习数据", folder):
        shutil.rmtree(folder)


def fill(station: Station, persons: int = PEOPLE, *, seed: int = SEED, work: bool = True) -> int:
    """Put made-up people into the register of a 练习 store, and with `work` a round, visits and a case.

    The same seed makes the same people. Gives their number; Refused for a real store.
    """
    if not station.place.practice:
        raise Refused("这是正式数据, 不能放进假数据。没有改动任何数据。")
    ids = _register(station, persons, seed)
    if work and ids:
        _some_work(station, ids)
    return len(ids)


def _register(station: Station, persons: int, seed: int) -> list[str]:
    chance = random.Random(seed)  # noqa: S311 (made-up people, the same for the same seed)
    places = [choice.code for choice in Choices(station).places() if len(choice.code) == 12]
    people = made_up.people(persons, chance, places, today=clock.today(), names=divisions.national())
    ids: list[str] = []
    with station.db.work("放进练习用的假人员") as unit:
        for start in range(0, len(people), _TOGETHER):
            progress.step("放进假人员", start, len(people))
            ids += _add(unit, people[start : start + _TOGETHER])
    return ids


def _add(unit: Work, people: Sequence[Mapping[str, str]]) -> list[str]:
    rows: list[dict[str, Any]] = []
    for one in people:
        known = {name: one[name] for name in _PERSON if one.get(name)}
        rows.append(complete(known) | {"home": one["division"]})
    ids = unit.add_many("person", rows)
    for kind, names in FLAT.items():
        parts = []
        for record, one in zip(ids, people, strict=True):
            if some := {name: one[name] for name in names if one.get(name)}:
                parts.append(some | {"person": record, "home": one["division"]})
        unit.add_many(kind, parts)
    return ids


def _some_work(station: Station, ids: Sequence[str]) -> None:
    today = clock.today()
    visits, rounds = Visits(station), Campaigns(station)
    for number, person in enumerate(ids[:6]):
        day = today.replace(day=1 + number % today.day)
        visits.record({
            "person": person, "date": day.isoformat(), "place": "本人家中", "companions": "周敏、村支书",
            "trigger": "ZC", "note": "身体尚好, 日常生活能自理。",
        })  # fmt: skip
    campaign = rounds.open({
        "name": f"{today.year + 1}年两节慰问", "year": today.year + 1, "festival": "spring", "source": "county",
        "way": "cash", "standard": "500.00",
    })  # fmt: skip
    rounds.add_lines(campaign, [(person, 500_00) for person in ids[:12]])
    cases = HardshipCases(station)
    case = cases.open({
        "person": ids[min(2, len(ids) - 1)], "kind": "medical", "amount": "5000.00", "family_size": "3",
        "reason": "因病住院两次, 自付费用较大, 家中缺少劳动力, 生活暂时困难。",
    })  # fmt: skip
    if station.place.level == "village":
        cases.write_step(case.id, "apply", {"result": "pass", "opinion": "材料齐全, 予以受理。"})
