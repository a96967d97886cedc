"""The exchange as the window asks for it: what waits, what lies on a stick, 先核对 row by row, answers, questions."""

import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from app import durable, progress
from app.errors import BadInput, Cancelled, EnvironmentTrouble, Refused
from app.models import CaseStep, HardshipCase, Person, PersonAccount, PersonIdentity, table_of
from app.services.attachments import Attachments
from app.services.staff import StaffAccounts
from app.services.visits import Visits
from app.sync import jobs, outgoing
from tests.exchange.chain import COUNTY, EAST, TOWNSHIP, WEST, Chain, Desk, chain
from tests.exchange.test_promises import OUTSIDE, add, change, person


@pytest.fixture
def stores() -> Iterator[Chain]:
    with chain("apart") as made:
        yield made


def someone(desk: Desk) -> Person:
    """陈志明, whom everybody above the village knows."""
    with desk.station.db.read() as session:
        return session.scalars(select(Person).where(Person.name == "陈志明", Person.home == desk.scopes[0])).one()


def send(stores: Chain, sender: str, to: str, folder: Path) -> jobs.Sent:
    folder.mkdir(exist_ok=True)
    return jobs.send(stores[sender].station, "parent" if to == "parent" else stores.desks[to].node, folder)


def test_a_stick_that_is_too_small_is_said_before_anything_is_noted(
    stores: Chain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stick, east = tmp_path / "stick", stores[EAST]
    one, photo = someone(east), tmp_path / "照片.bin"
    photo.write_bytes(bytes(3_000_000))
    Attachments(east.station).add(f"person:{one.id}", photo)
    monkeypatch.setattr(durable, "free_space", lambda _folder: 1_500_000)
    dump = east.dump()
    with pytest.raises(
        EnvironmentTrouble, match=r"还剩 1 MB, 需要 \d+ MB。没有生成上报包, 本机数据没有动。请清理后或换一个 U 盘再试"
    ):
        send(stores, EAST, "parent", stick)
    assert list(stick.iterdir()) == []
    assert east.dump() == dump
    monkeypatch.undo()
    assert send(stores, EAST, "parent", stick).attachments == 1


def test_a_package_up_and_its_answer_on_the_same_stick(stores: Chain, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    east = stores[EAST]
    one = someone(east)
    change(east, one.id, phone="13800000009")
    Visits(east.station).record({"person": one.id, "date": "2026-09-28", "trigger": "ZC"})
    before = jobs.overview(east.station)
    assert (before.parent, before.unsent, before.waiting) == ("上顿渡镇站", 2, 0)
    sent = send(stores, EAST, "parent", stick)
    assert (sent.to, sent.groups, Path(sent.file).is_file()) == ("上顿渡镇站", 2, True)
    assert (jobs.overview(east.station).unsent, jobs.overview(east.station).waiting) == (0, 2)

    town = stores[TOWNSHIP]
    (found,) = jobs.look(town.station, stick)
    assert (found.state, found.sender_name, found.number, found.groups) == ("ready", "东源村站", sent.number, 2)
    dump = town.dump()
    (seen,) = jobs.rehearse(town.station, [found.path])
    assert town.dump() == dump, "先核对 changes nothing"
    assert (seen.accepted, seen.new, seen.changed, seen.error) == (2, 1, 1, "")
    lines = {(line.heap, line.noun, line.title) for line in seen.lines}
    assert lines == {("new", "走访", "陈志明 2026-09-28"), ("changed", "服务对象", "陈志明")}
    (changed,) = [line for line in seen.lines if line.heap == "changed"]
    assert [(step.field, step.old, step.new) for step in changed.steps] == [("phone", "13800000000", "13800000009")]
    done = jobs.take(town.station, [found.path], stick)
    assert pickle.loads(pickle.dumps(done)) == done  # noqa: S301 (our own)
    assert [one.accepted for one in done.seen] == [2]
    assert [answer.to for answer in done.answers] == ["东源村站"]
    assert done.troubles == ()
    (again,) = [one for one in jobs.look(town.station, stick) if one.sender_name == "东源村站"]
    assert again.state == "taken"
    assert "已经收过" in again.words

    found_at_home = {one.state: one for one in jobs.look(stores[EAST].station, stick)}
    assert found_at_home.keys() == {"ready", "own"}
    taken = jobs.take(east.station, [found_at_home["ready"].path], stick)
    assert taken.answers == (), "a superior's package is not answered at once"
    east.station.refresh()
    after = jobs.overview(east.station)
    assert (after.unsent, after.waiting) == (0, 0)
    (receipt, *_) = after.receipts
    assert (receipt.name, receipt.held == receipt.total, receipt.moment > 0) == ("上顿渡镇站", True, True)
    assert [row.outward for row in after.packages[:2]] == [False, True]


def test_what_is_on_a_stick_is_named_and_harms_nothing(stores: Chain, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    add(stores[EAST])
    add(stores[WEST])
    send(stores, EAST, "parent", stick)
    send(stores, WEST, "parent", stick / "村里的")
    (stick / "照片.rgp").write_bytes(b"no package at all")
    (stick / "照片.jpg").write_bytes(b"something else")
    broken = stick / "broken.rgp"
    data = bytearray(Path(next(stick.glob("东源村站*.rgp"))).read_bytes())
    data[-1] ^= 1
    broken.write_bytes(data)
    at_home = {one.state for one in jobs.look(stores[EAST].station, stick)}
    assert at_home == {"own", "broken", "foreign"}
    found = jobs.look(stores[TOWNSHIP].station, stick)
    assert [one.state for one in found].count("broken") == 1
    town = stores[TOWNSHIP]
    done = jobs.take(town.station, [one.path for one in found], stick)
    by_file = {Path(one.path).name: one for one in done.seen}
    assert "不是数据包" in by_file["照片.rgp"].error
    assert "坏了(校验不符)" in by_file["broken.rgp"].error
    assert sorted(one.accepted for one in done.seen if not one.error) == [1, 1]
    assert sorted(answer.to for answer in done.answers) == ["东源村站", "西源村站"]
    foreign = jobs.take(stores[EAST].station, [next(p.file for p in done.answers if p.to == "西源村站")])
    assert foreign.seen[0].error == '这个包是给"西源村站"的, 不是给本站的。没有改动任何数据。请换一个包。'


def test_what_goes_back_has_a_line_with_its_reason(stores: Chain, tmp_path: Path) -> None:
    add(stores[EAST], "甲")
    send(stores, EAST, "parent", tmp_path / "lost")
    add(stores[EAST], "乙", OUTSIDE)
    second = send(stores, EAST, "parent", tmp_path / "came")
    (seen,) = jobs.rehearse(stores[TOWNSHIP].station, [second.file])
    assert (seen.accepted, seen.refused) == (1, 1)
    (back,) = [line for line in seen.lines if line.heap == "refused"]
    assert (back.title, back.who, back.unit) == ("登记人员", "李四", "东源村站")
    assert "管辖范围" in back.words
    assert seen.missing == (), "a lost stick costs nothing: the next package holds it all"


def test_two_answers_become_a_question_that_only_the_right_level_settles(stores: Chain) -> None:
    east = stores[EAST]
    one = someone(east).id
    with east.station.db.work("登记账户") as work:
        work.session.add(PersonAccount(home=east.scopes[0], person=one, account_number="6222020000000000001"))
    stores.settle()
    account = next(iter(_ids(east, "person_account")))
    for desk, phone, number in ((stores[EAST], "13800000001", "1"), (stores[TOWNSHIP], "13800000002", "2")):
        change(desk, one, phone=phone)
        with desk.station.db.work("修改账户") as work:
            work.session.get_one(PersonAccount, account).account_number = f"622202000000000000{number}0"
    stores.settle()
    asked = {question.field: question for question in jobs.questions(stores[EAST].station)}
    assert asked.keys() == {"phone", "account_number"}
    asks = asked["phone"]
    assert (asks.noun, asks.title, asks.person, asks.mine) == ("服务对象", "陈志明", one, True)
    assert {(answer.value, answer.unit, answer.own) for answer in asks.answers} == {
        ("13800000001", "东源村站", True), ("13800000002", "上顿渡镇站", False),
    }  # fmt: skip
    assert (asked["account_number"].needed, asked["account_number"].mine) == ("county", False)
    with pytest.raises(Refused, match="要由县局定以哪个为准"):
        jobs.settle(stores[EAST].station, asked["account_number"].id, take=1)
    with pytest.raises(BadInput):
        jobs.settle(stores[EAST].station, asks.id, take=9)
    take = next(n for n, answer in enumerate(asks.answers, 1) if not answer.own)
    assert jobs.settle(stores[EAST].station, asks.id, take=take)
    found = person(stores[EAST], one)
    assert found is not None
    assert found.phone == "13800000002"
    stores.settle()
    county = stores[COUNTY]
    (money,) = jobs.questions(county.station)
    assert money.mine
    jobs.settle(county.station, money.id, value="6222020000000000030")
    stores.settle()
    assert [jobs.questions(stores[name].station) for name in (EAST, TOWNSHIP, COUNTY)] == [[], [], []]


def _ids(desk: Desk, kind: str) -> list[str]:
    table = table_of(kind)
    with desk.station.db.read() as session:
        return list(session.scalars(select(table.c.id)))


def test_two_steps_after_the_same_one_are_a_question_with_both_written_out(stores: Chain) -> None:
    case = next(iter(_ids(stores[EAST], "hardship_case")))
    for desk, opinion in ((stores[EAST], "材料齐全"), (stores[TOWNSHIP], "镇站代受理")):
        with desk.station.db.work("办理一步") as work:
            found = work.session.get_one(HardshipCase, case)
            work.session.add(
                CaseStep(
                    home=found.home, case=case, step="apply", result="pass", opinion=opinion,
                    by_node=desk.node, by_name="孙立",
                )
            )  # fmt: skip
    stores.settle()
    questions = [one for one in jobs.questions(stores[TOWNSHIP].station) if one.sort == "step"]
    assert len(questions) == 1
    (question,) = questions
    assert question.title.startswith(("陈志明", "林秀兰"))
    said = [dict(answer.facts)["opinion"] for answer in question.answers]
    assert sorted(said) == sorted(["材料齐全", "镇站代受理"])
    take = next(n for n, answer in enumerate(question.answers, 1) if answer.own)
    jobs.settle(stores[TOWNSHIP].station, question.id, take=take)
    assert jobs.questions(stores[TOWNSHIP].station) == []


def test_what_came_back_is_changed_and_sent_again(stores: Chain) -> None:
    east = stores[EAST]
    home = east.scopes[0]
    record = add(east, "甲", OUTSIDE)
    with east.station.db.work("登记身份类别") as work:
        work.session.add(PersonIdentity(home=home, person=record, class12="01"))
    stores.settle()
    (back,) = jobs.returned(stores[EAST].station)
    assert (back.act, back.behind) == ("登记人员", ("登记身份类别",))
    assert {(one.kind, one.title) for one in back.records} == {("person", "甲"), ("person_identity", "")}
    of_person = next(one for one in back.records if one.kind == "person")
    assert (of_person.id, of_person.values["phone"]) == (record, "13800000001")
    jobs.resend(stores[EAST].station, back.id, {record: {"division": home, "phone": "13800000002"}})
    assert jobs.returned(stores[EAST].station) == []
    stores.settle()
    found = person(stores[TOWNSHIP], record)
    assert found is not None
    assert (found.phone, found.home) == ("13800000002", home)


def test_giving_up_what_came_back(stores: Chain) -> None:
    add(stores[EAST], "甲", OUTSIDE)
    stores.settle()
    (back,) = jobs.returned(stores[EAST].station)
    assert jobs.overview(stores[EAST].station).returned == 1
    jobs.drop(stores[EAST].station, back.id)
    assert jobs.returned(stores[EAST].station) == []


def test_units_below_with_their_telephones(stores: Chain) -> None:
    east = stores[EAST]
    clerk = StaffAccounts(east.station).everybody()[0]
    StaffAccounts(east.station).set(clerk.id, {"phone": "0794-8123456"})
    stores.settle()
    children = {child.name: child for child in jobs.overview(stores[TOWNSHIP].station).children}
    assert children.keys() == {"东源村站", "西源村站"}
    child = children["东源村站"]
    assert child.phones == ("李四 0794-8123456",)
    assert (child.days, child.missing, child.status) == (0, (), "active")
    assert child.version
    assert child.free > 0
    assert [one.name for one in jobs.neighbours(stores[TOWNSHIP].station)] == ["临川区局", "东源村站", "西源村站"]
    assert len(jobs.neighbours(stores[TOWNSHIP].station)[1].words.split()) == 8


def test_opening_a_unit_below(stores: Chain, tmp_path: Path) -> None:
    station = stores[TOWNSHIP].station
    done = jobs.enrol(station, "village", "石鼓村站", ["361002100203"], tmp_path / "石鼓村站.rge")
    assert done.file.is_file()
    invited = {one.name: one for one in jobs.neighbours(station)}["石鼓村站"]
    assert (invited.ready, invited.words) == (False, "")
    child = {one.name: one for one in jobs.overview(station).children}["石鼓村站"]
    assert (child.status, child.days) == ("invited", None)


def test_a_folder_that_is_gone_is_said(stores: Chain, tmp_path: Path) -> None:
    with pytest.raises(EnvironmentTrouble, match="请插好 U 盘"):
        jobs.look(stores[EAST].station, tmp_path / "gone")


def test_a_stop_between_two_packages_keeps_the_first(stores: Chain, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    add(stores[EAST])
    add(stores[WEST])
    files = [send(stores, name, "parent", stick).file for name in (EAST, WEST)]
    steps: list[str] = []
    watcher = progress.Watcher(lambda stand: steps.append(stand.what), lambda: "核对和收入事项" in steps)
    with progress.watched(watcher):
        done = jobs.take(stores[TOWNSHIP].station, files)
    assert (len(done.seen), done.stopped) == (1, True)
    with progress.watched(progress.Watcher(lambda _stand: None, lambda: True)), pytest.raises(Cancelled):
        jobs.take(stores[TOWNSHIP].station, files[1:])


def test_a_stick_pulled_between_two_packages_keeps_the_first(stores: Chain, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    add(stores[EAST])
    add(stores[WEST])
    files = [send(stores, name, "parent", stick).file for name in (EAST, WEST)]
    Path(files[1]).unlink()
    done = jobs.take(stores[TOWNSHIP].station, files, stick)
    assert [one.accepted for one in done.seen] == [1]
    assert done.troubles[0].startswith("找不到")
    with pytest.raises(EnvironmentTrouble):
        jobs.take(stores[TOWNSHIP].station, files[1:], stick)


def test_an_answer_that_cannot_be_written_does_not_undo_what_was_taken(
    stores: Chain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(stores[EAST])
    sent = send(stores, EAST, "parent", tmp_path / "stick")

    def full(*_given: object) -> outgoing.Exported:
        raise EnvironmentTrouble("U 盘满了(剩 0 MB), 生成上报包没有完成, 之前的都在。请清理后再试一次。")

    town = stores[TOWNSHIP].station
    with monkeypatch.context() as patch:
        patch.setattr(outgoing, "export", full)
        done = jobs.take(town, [sent.file], tmp_path / "stick")
    assert [one.accepted for one in done.seen] == [1]
    assert done.troubles == (
        "东源村站的回包没有写成: U 盘满了(剩 0 MB), 生成上报包没有完成, 之前的都在。请清理后再试一次。",
    )
