"""操作记录: every act once, the newest first; found by its words; opened to what it changed."""

from app.models import Staff
from app.services.act_log import ActLog
from app.services.people import People
from app.services.station import Station
from app.services.undoing import Undo
from tests.services.records import person


def test_acts_come_newest_first_and_open_to_their_changes(station: Station) -> None:
    one = person(station, "张建国")
    People(station).change(one, {"phone": "13900000001"})
    People(station).change(one, {"phone": "13900000002"})
    log = ActLog(station)
    numbers = log.numbers()
    rows = [log.rows([number])[number] for number in numbers]
    assert [row.when for row in rows] == sorted((row.when for row in rows), reverse=True)
    assert rows[0].name == "修改人员"
    assert (rows[0].who, rows[0].mine, rows[0].undone) == (station.actor.name, True, False)
    card = log.card(numbers[0])
    assert card.total == 1
    (record,) = card.records
    assert (record.noun, record.title) == ("服务对象", "张建国")
    assert [(c.field, c.old, c.new) for c in record.changes] == [("phone", "13900000001", "13900000002")]
    assert numbers.find(numbers[1]) == 1
    assert numbers.find("999999") == -1


def test_acts_are_found_by_their_words(station: Station) -> None:
    person(station, "张建国")
    log = ActLog(station)
    assert len(log.numbers("建本单位")) == 1
    assert len(log.numbers("%")) == 0, "what is typed is text, no pattern"
    assert log.numbers(own=True) == log.numbers()


def test_what_was_undone_says_so_and_others_acts_are_not_mine(station: Station) -> None:
    one = person(station, "张建国")
    People(station).change(one, {"phone": "13900000001"})
    Undo(station).undo()
    log = ActLog(station)
    rows = log.rows(log.numbers())
    assert [row.name for row in rows.values() if row.undone] == ["修改人员"]
    with station.db.work("添加工作人员") as work:
        other = Staff(name="李红", roles="clerk", home=station.place.home, node=station.place.node)
        work.session.add(other)
    station.sit_down(other)
    assert not any(row.mine for row in log.rows(log.numbers()).values())
