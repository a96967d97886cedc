"""What the four units of the demonstration do together: founding, packages up and down, review, proof of equality."""

from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from app.cli.demonstration.desk import CHAIN, CITY, Desk
from app.cli.demonstration.station_work import PROPOSED
from app.cli.demonstration.tour import Tour, hold
from app.errors import Refused
from app.rules.money import format_grouped, parse_yuan

APPROVED: Final = "3500.00"


def found(tour: Tour) -> str:
    """The city founds itself; each of the others is enrolled by the one above."""
    unit = CITY
    tour.city.run(
        "store", "init", "--level", unit.level, "--name", unit.name, "--scope", unit.scope, "--staff", unit.staff,
        "--practice",
    )  # fmt: skip
    tour.city.open()
    for below, above in _pairs_from_above(tour):
        unit = below.unit
        file = tour.root / "enrolment" / f"{unit.name}.rge"
        invited = above.run(
            "node", "enrol", "--level", unit.level, "--name", unit.name, "--scope", unit.scope, "--out", file
        )
        below.run("store", "init", "--enrol", file, "--code", invited["code"], "--staff", unit.staff)
        below.open()
    (clerk,) = tour.village.run("staff", "list")["staffs"]
    tour.village.run("staff", "set", clerk["id"], "phone=0794-8123456")
    return " ← ".join(reversed([desk.unit.name for desk in tour.desks.values()]))


def _pairs_from_above(tour: Tour) -> list[tuple[Desk, Desk]]:
    """(lower, upper) desks, the highest first."""
    return list(reversed(_pairs(tour)))


def _pairs(tour: Tour) -> list[tuple[Desk, Desk]]:
    desks = [tour.desks[unit.level] for unit in CHAIN]
    return list(pairwise(desks))


def first_packages(tour: Tour) -> str:
    """The first package shows the child's keys; the answer brings the first load."""
    said = []
    for below, above in _pairs_from_above(tour):
        _up(tour, below, above, answer=True)
        hold(below.run("exchange", "status")["unsent"] == 0, f"{below.unit.name}还有没上报的")
        said.append(f"{below.unit.short} → {above.unit.short}")
    return ", ".join(said)


def _stick(tour: Tour, sender: Desk, addressee: Desk) -> Path:
    """An empty stick for one way: what lies on it afterwards is what was carried."""
    tour.hops += 1
    stick = tour.root / "packages" / f"{tour.hops:02}-{sender.unit.short}到{addressee.unit.short}"
    stick.mkdir()
    return stick


def _up(tour: Tour, below: Desk, above: Desk, *, answer: bool) -> dict[str, Any]:
    """A package up; with `answer`, the receipt at once back down the same stick."""
    stick = _stick(tour, below, above)
    exported = below.run("exchange", "export", "--to", "parent", "--out", stick)
    hold(exported["lacking"] == 0, "有附件没有装进包里")
    if not answer:
        return exported | {"taken": _take(above, stick)}
    back = _stick(tour, above, below)
    taken = _take(above, stick, "--answer", back)
    hold(len(taken["answers"]) == 1, "没有写出回包")
    _take(below, back)
    return exported | {"taken": taken}


def _down(tour: Tour, above: Desk, below: Desk) -> dict[str, Any]:
    stick = _stick(tour, above, below)
    above.run("exchange", "export", "--to", below.node, "--out", stick)
    return _take(below, stick)


def _take(desk: Desk, stick: Path, *words: str | Path) -> dict[str, Any]:
    """Rehearse a stick, then take it: both must say the same, and nothing may be refused, held or missing."""
    rehearsed = desk.run("exchange", "import", stick, "--rehearse")
    taken = desk.run("exchange", "import", stick, *words)
    names = ("accepted", "known", "refused", "held", "conflicts")
    hold(all(rehearsed[name] == taken[name] for name in names), "先核对和接收的结果不一样")
    (package,) = taken["packages"]
    hold(not package["error"] and not package["missing"], f"{package['error'] or package['missing']}")
    hold(taken["refused"] == taken["held"] == taken["conflicts"] == 0, f"有退回、等待或两边不同: {package}")
    return taken


def up_to_township(tour: Tour) -> str:
    """Everything of the village goes up; the township gives its opinion."""
    sent = _up(tour, tour.village, tour.township, answer=False)
    opinion = {"result": "pass", "opinion": "经审核, 符合条件, 同意上报。", "amount": PROPOSED}
    tour.township.run("case", "step", tour.case, "township_review", "-", stdin=opinion)
    return _told(sent)


def up_to_county(tour: Tour) -> str:
    """The village's and the township's acts go on up; the county decides and prints the form with all opinions."""
    sent = _up(tour, tour.township, tour.county, answer=False)
    opinion = {"result": "pass", "opinion": "同意给予一次性帮扶。", "amount": APPROVED}
    shown = tour.county.run("case", "step", tour.case, "county_decision", "-", stdin=opinion)
    hold(shown["approved"] == APPROVED, f"批准金额不对: {shown['approved']}")
    return f"{_told(sent)}, 批准 {format_grouped(parse_yuan(APPROVED))} 元"


def up_to_city(tour: Tour) -> str:
    """The city gets everything too."""
    return _told(_up(tour, tour.county, tour.city, answer=False))


def _told(sent: dict[str, Any]) -> str:
    return f"{sent['groups']} 个事项, 附件 {sent['attachments']} 个, {sent['bytes'] // 1024} KB, 收下 {sent['taken']['accepted']}"


def answers_down(tour: Tour) -> str:
    """Receipts and decisions come down the chain."""
    said = []
    for below, above in _pairs_from_above(tour):
        taken = _down(tour, above, below)
        said.append(f"{above.unit.short} → {below.unit.short} {taken['accepted']} 个事项")
    return ", ".join(said)


def seen_in_village(tour: Tour) -> str:
    """What was decided above stands in the village's own case, and the village can print it."""
    shown = tour.village.run("case", "show", tour.case)
    steps = [step["step"] for step in shown["steps"]]
    hold(steps == ["apply", "first_review", "township_review", "county_decision"], f"步骤不对: {steps}")
    hold(shown["approved"] == APPROVED, f"批准金额不对: {shown['approved']}")
    sync = tour.village.run("person", "show", tour.lines[0]["person"])["sync"]
    hold(sync == "city", f"人员的上报状态是 {sync}")
    out = tour.root / "pdf" / "F07-困难帮扶审批表-已审批.pdf"
    tour.village.run("form", "print", "F07", "--for", f"case:{tour.case}", "--out", out)
    return f"{shown['state']}, 批准 {format_grouped(parse_yuan(APPROVED))} 元, 上报状态 市局已收"


def equal(tour: Tour) -> str:
    """Printing has made one more act, so one more round; then every pair must hold the same."""
    for below, above in _pairs(tour):
        _up(tour, below, above, answer=False)
    for below, above in _pairs_from_above(tour):
        _down(tour, above, below)
    counts = [desk.run("store", "status")["counts"] for desk in tour.desks.values()]
    for kind in ("person", "visit", "payment", "case_step"):
        several = {one[kind] for one in counts}
        hold(len(several) == 1 and 0 not in several, f"各级的 {kind} 数量不一样: {several}")
    said = [f"人员 {counts[0]['person']} 人"]
    for below, above in _pairs(tour):
        words = ("store", "digest", "--scope", below.unit.scope, "--level", above.unit.level)
        low, high = below.run(*words)["digest"], above.run(*words)["digest"]
        hold(low == high, f"{below.unit.short}与{above.unit.short}不一样: {low[:12]}, {high[:12]}")
        said.append(f"{below.unit.short}={above.unit.short} {low[:12]}")
    return ", ".join(said)


def silent(tour: Tour) -> str:
    """Two units with nothing new exchange packages of no groups; a package taken twice changes nothing."""
    before = tour.township.run("store", "digest")
    sent = _up(tour, tour.village, tour.township, answer=False)
    hold(sent["groups"] == 0, f"没有新内容, 包里却有 {sent['groups']} 个事项")
    (again,) = tour.township.run("exchange", "import", Path(sent["file"]))["packages"]
    hold(again["accepted"] == 0 and again["note"], f"收重了没有说: {again}")
    hold(tour.township.run("store", "digest") == before, "收重了改动了数据")
    return f"0 个事项; {again['note']}"


def attachment_arrived(tour: Tour) -> str:
    """The scan opens up to the county and is the village's, byte by byte; the city has its record alone."""
    *below, city = tour.desks.values()
    for desk in below:
        out = tour.root / "packages" / f"附件-{desk.unit.short}.pdf"
        desk.run("attach", "get", tour.attachment, out)
        same = out.read_bytes() == tour.attached
        out.unlink()
        hold(same, f"{desk.unit.name}的附件内容不一样")
    said = "没有拦住"
    try:
        city.run("attach", "get", tour.attachment, tour.root / "packages" / "附件.pdf")
    except Refused as refusal:
        said = str(refusal)
    hold("只报到县局" in said, f"{city.unit.name}: {said}")
    return f"{len(below)} 级都能打开, {city.unit.short}按规定只有登记"


def checked(tour: Tour) -> str:
    """Every store proves itself: chain, rows, foreign keys, attachments, money."""
    acts = []
    for desk in tour.desks.values():
        found = desk.run("store", "check")
        hold(found["ok"], f"{desk.unit.name}: {'; '.join(map(str, found['problems'][:3]))}")
        acts.append(f"{desk.unit.short} {desk.run('store', 'status')['position']} 个事项")
    return "完好, " + ", ".join(acts)
