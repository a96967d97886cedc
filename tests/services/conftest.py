"""A real store per test, without the cost of a key file: services see nothing of the difference."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app import clock
from app.models import Node, Staff
from app.models.database import Actor, Database
from app.models.founding import create_tables, found
from app.services.station import Station

KEY = bytes(range(32))


@pytest.fixture
def new_station(tmp_path: Path) -> Iterator[Callable[..., Station]]:
    opened: list[Database] = []

    def make(level: str = "village", scope: str = "361002100201", name: str = "桥头村站") -> Station:
        folder = tmp_path / f"store{len(opened)}"
        folder.mkdir()
        db = Database(folder / "store.db", KEY)
        opened.append(db)
        create_tables(db)
        node = clock.new_id()
        found(db, node=node, incarnation=1, keys=b"", practice=True, place="")
        staff = Staff(
            id=clock.new_id(), name="周敏", roles="clerk,reviewer,administrator", home=scope.ljust(12, "0"), node=node
        )
        db.actor = Actor(staff.id, staff.name)
        with db.work("新建本单位") as work:
            work.session.add(
                Node(id=node, name=name, level=level, scopes=scope, home=scope.ljust(12, "0"), status="active")
            )
            work.session.add(staff)
        station = Station(db, folder)
        station.sit_down(staff)
        return station

    yield make
    for db in opened:
        db.close()


@pytest.fixture
def station(new_station: Callable[..., Station]) -> Station:
    return new_station()
