"""Every path through the first run: each way to its end, every step back, every wrong entry, every job that fails."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.errors import BadInput, EnvironmentTrouble, Refused
from app.ui.shell.first_run_steps import STEPS, Job, Step, Walk, Way

JOBS = {
    Way.FOUND: [None, Job.FOUND, None],
    Way.JOIN: [Job.READ, None, Job.JOIN, None],
    Way.PRACTISE: [Job.PRACTISE],
    Way.RESTORE: [Job.RESTORE, None],
}
FINAL = {Step.CODE, Step.RESTORED, Step.END}


@pytest.fixture
def fill(tmp_path: Path) -> Callable[[Walk], None]:
    """Enter what the step at hand asks for."""
    (tmp_path / "unit.rge").write_bytes(b"x")
    (tmp_path / "store.rgb").write_bytes(b"x")

    def enter(walk: Walk) -> None:
        given = walk.entries
        if walk.step is Step.UNIT:
            given.level, given.name, given.scopes = "village", "桥头村站", {"361002100201": "石鼓村"}
        elif walk.step is Step.STAFF:
            given.staff, given.password, given.again = "周敏", "春天来了2026", "春天来了2026"
        elif walk.step is Step.FILE:
            given.file, given.code = str(tmp_path / "unit.rge"), "１２３４ 5678-9012 3456 7890"
        elif walk.step is Step.OFFER:
            given.agreed = True
        elif walk.step is Step.BACKUP:
            given.backup, given.secret = str(tmp_path / "store.rgb"), "春天来了2026"
        elif walk.step is Step.CODE:
            given.noted = True

    return enter


def go_on(walk: Walk, fill: Callable[[Walk], None]) -> Job | None:
    """Fill in the step and go to the next, its work done."""
    fill(walk)
    job = walk.forward()
    assert walk.problems == {}
    if job is not None:
        assert walk.running is job
        assert walk.forward() is None, "nothing else begins while work is under way"
        assert not walk.back()
        walk.done(SimpleNamespace(practice=False) if job is Job.READ else None)
    return job


@pytest.mark.parametrize("way", Way)
def test_each_way_leads_to_its_end(way: Way, fill: Callable[[Walk], None]) -> None:
    walk = Walk()
    assert (walk.step, walk.place, walk.can_go_back) == (Step.WAY, (0, 0), False)
    walk.choose(way)
    jobs, seen = [], []
    while walk.step is not Step.END:
        seen.append(walk.step)
        jobs.append(go_on(walk, fill))
    assert tuple(seen) == STEPS[way][1:]
    assert jobs == JOBS[way]
    assert walk.forward() is None
    assert not walk.can_go_back


@pytest.mark.parametrize("way", Way)
def test_from_each_step_the_one_before_can_be_changed_until_the_store_is_there(
    way: Way, fill: Callable[[Walk], None]
) -> None:
    for steps in range(len(STEPS[way])):
        walk = Walk()
        walk.choose(way)
        for _ in range(steps):
            go_on(walk, fill)
        if walk.step in FINAL:
            assert not walk.back()
            continue
        fill(walk)
        before = repr(walk.entries)
        here = walk.step
        while walk.step is not Step.WAY:
            assert walk.back()
        assert repr(walk.entries) == before, "going back loses nothing"
        walk.choose(way)
        while walk.step is not here:
            go_on(walk, fill)


@pytest.mark.parametrize("way", Way)
def test_a_job_that_fails_or_is_stopped_leaves_the_step_before_it(way: Way, fill: Callable[[Walk], None]) -> None:
    walk = Walk()
    walk.choose(way)
    while walk.step is not Step.END:
        fill(walk)
        here, job = walk.step, walk.forward()
        if job is None:
            continue
        entered = repr(walk.entries)
        for error in (Refused("不行。没有改动任何数据。"), EnvironmentTrouble("磁盘满了。"), None):
            walk.failed(error)
            assert (walk.step, walk.running) == (here, None)
            assert walk.problems == ({"": str(error)} if error else {})
            assert repr(walk.entries) == entered
            assert walk.forward() is job
        walk.done(SimpleNamespace(practice=False))


def test_a_failure_stands_at_the_field_it_belongs_to(fill: Callable[[Walk], None]) -> None:
    walk = Walk()
    walk.choose(Way.JOIN)
    fill(walk)
    walk.forward()
    walk.failed(Refused("开通码不对。"), field="code")
    assert walk.problems == {"code": "开通码不对。"}
    walk.forward()
    walk.failed(BadInput("code: 20 位", {"code": "20 位", "elsewhere": "x"}))
    assert walk.problems == {"code": "20 位"}
    walk.forward()
    walk.failed(Refused("坏了"), field="password")
    assert walk.problems == {"": "坏了"}, "a field of another step is none of this one"


def at(way: Way, step: Step, fill: Callable[[Walk], None]) -> Walk:
    walk = Walk()
    walk.choose(way)
    while walk.step is not step:
        go_on(walk, fill)
    return walk


@pytest.mark.parametrize(
    ("way", "step", "wrong", "fields"),
    [
        (Way.FOUND, Step.UNIT, {"name": " "}, {"name"}),
        (Way.FOUND, Step.UNIT, {"name": "村" * 51}, {"name"}),
        (Way.FOUND, Step.UNIT, {"scopes": {}}, {"scopes"}),
        (Way.FOUND, Step.UNIT, {"level": "village", "scopes": {"361002": "临川区"}}, {"scopes"}),
        (Way.FOUND, Step.STAFF, {"staff": ""}, {"staff"}),
        (Way.FOUND, Step.STAFF, {"staff": "张?"}, {"staff"}),
        (Way.FOUND, Step.STAFF, {"password": "12345", "again": "12345"}, {"password"}),
        (Way.FOUND, Step.STAFF, {"password": "", "again": ""}, {"password"}),
        (Way.FOUND, Step.STAFF, {"again": "春天来了2027"}, {"again"}),
        (Way.FOUND, Step.CODE, {"noted": False}, {"noted"}),
        (Way.JOIN, Step.FILE, {"file": ""}, {"file"}),
        (Way.JOIN, Step.FILE, {"file": "nowhere.rge", "code": "1234"}, {"file", "code"}),
        (Way.JOIN, Step.FILE, {"code": "1234 5678 9012 3456 789O"}, {"code"}),
        (Way.JOIN, Step.OFFER, {"agreed": False}, {"agreed"}),
        (Way.RESTORE, Step.BACKUP, {"backup": ""}, {"backup"}),
        (Way.RESTORE, Step.BACKUP, {"backup": "nowhere.rgb", "secret": " "}, {"backup", "secret"}),
        (Way.RESTORE, Step.BACKUP, {"secret": "", "by_code": True}, {"secret"}),
    ],
)
def test_a_wrong_entry_is_named_and_holds_the_walk(
    way: Way, step: Step, wrong: dict[str, object], fields: set[str], fill: Callable[[Walk], None]
) -> None:
    walk = at(way, step, fill)
    fill(walk)
    for name, value in wrong.items():
        setattr(walk.entries, name, value)
    assert walk.forward() is None
    assert set(walk.problems) == fields
    assert all(why.endswith("。") for why in walk.problems.values())
    assert walk.step is step
    assert walk.problems == {} if walk.back() else step in FINAL


def test_a_practice_file_asks_for_no_long_password(fill: Callable[[Walk], None]) -> None:
    walk = at(Way.JOIN, Step.OFFER, fill)
    walk.offer = SimpleNamespace(practice=True)
    go_on(walk, fill)
    walk.entries.password = walk.entries.again = "demo"
    walk.entries.staff = "周敏"
    assert walk.forward() is Job.JOIN
    assert walk.is_practice


def test_the_words_are_compared_anew_for_another_file(fill: Callable[[Walk], None]) -> None:
    walk = at(Way.JOIN, Step.OFFER, fill)
    walk.entries.agreed = True
    walk.back()
    go_on(walk, fill)
    assert not walk.entries.agreed


def test_a_restore_alone_has_no_choice_of_ways_before_it(fill: Callable[[Walk], None]) -> None:
    walk = Walk(Way.RESTORE, backup="some.rgb")
    assert (walk.step, walk.entries.backup, walk.place) == (Step.BACKUP, "some.rgb", (1, 2))
    assert not walk.can_go_back
    go_on(walk, fill)
    assert walk.step is Step.RESTORED
