"""The acts of a history: what people and sticks do. Each takes three numbers, so that a history is a list of numbers."""

import json
import random
import shutil
from collections.abc import Callable
from typing import Final

from app.errors import BadInput, EnvironmentTrouble, Refused
from app.models import (
    Campaign,
    CaseStep,
    FamilyMember,
    HardshipCase,
    Payment,
    Person,
    PersonIdentity,
    PersonSettlement,
    PersonSoldier,
    RosterLine,
    Visit,
)
from app.services.attachments import Attachments
from app.services.erasing import Erasing
from app.services.following_up import follow_up
from app.services.handovers import Handovers
from app.services.people import People, parts_of
from app.services.policies import Policies
from app.services.same_persons import SamePersons
from app.services.undoing import Undo
from app.sync import conflicts, forks, refusals
from tests.exchange.chain import CITY, COUNTY, EAST, LEVELS, TOWNSHIP, WEST, Desk, Parcel
from tests.exchange.history import PLACES, History

Act = Callable[[History, int, int, int], None]

YEAR: Final = 365 * 86_400_000
PHONES: Final = ("13800000001", "13800000002", "13800000003")
NAMES: Final = ("张建国", "王秀英", "李䶮")
NOTES: Final = ("腿脚不便", "独居", None)

STEPS: Final = {"village": "first_review", "township": "township_review", "county": "county_decision"}

ACTS: Final[dict[str, tuple[Act, int]]] = {}
"""Every act by its name, with how often it comes."""


def act(weight: int) -> Callable[[Act], Act]:
    def register(function: Act) -> Act:
        ACTS[function.__name__] = (function, weight)
        return function

    return register


def do(history: History, name: str, a: int, b: int, c: int) -> None:
    """One act."""
    history.note(f"{name}({a}, {b}, {c})")
    history.figures["acts"] += 1
    ACTS[name][0](history, a, b, c)


# -- at the desk -------------------------------------------------------------------------------------------------------


@act(8)
def add_person(history: History, a: int, b: int, c: int) -> None:
    desk = history.desk(a)
    places = history.places(desk)
    place = places[b % len(places)]
    with desk.station.db.work("登记人员") as work:
        person = Person(home=place, division=place, name=NAMES[c % 3], phone=PHONES[b % 3])
        work.session.add(person)
        work.session.flush()
        if c % 2:
            work.session.add(PersonIdentity(home=place, person=person.id, class12="01", certificate=f"证{c}"))
    history.learn(desk)


@act(10)
def edit(history: History, a: int, b: int, c: int) -> None:
    desk = history.desk(a)
    if not (known := history.records(desk, "person")):
        return
    with desk.station.db.work("修改资料") as work:
        person = work.session.get_one(Person, known[b % min(3, len(known))])
        if c % 2:
            person.phone = PHONES[c % 3]
        if c % 3 == 0:
            person.name = NAMES[c % len(NAMES)]
            person.income = 100 * c
        if c % 5 == 0:
            person.note = NOTES[c % 3]
    history.learn(desk)


@act(4)
def add_part(history: History, a: int, b: int, c: int) -> None:
    desk = history.desk(a)
    if not (known := history.records(desk, "person")):
        return
    with desk.station.db.work("登记家庭成员、安置、军人情况") as work:
        person = work.session.get_one(Person, known[b % min(3, len(known))])
        own = {"home": person.home, "person": person.id}
        more = (
            FamilyMember(**own, name=NAMES[c % 3]),
            PersonSettlement(**own, way="own_employment", lump_sum=100 * c),
            PersonSoldier(**own, soldier_state="martyr", name=NAMES[c % 3]),
        )
        work.session.add(more[c % 3] if c % 2 else more[0])
    history.learn(desk)


@act(3)
def settle(history: History, a: int, b: int, c: int) -> None:
    """Two sides may write another sum of money: it waits for a person."""
    desk = history.desk(a)
    if not (known := history.records(desk, "person_settlement")):
        return
    with desk.station.db.work("修改安置情况") as work:
        record = work.session.get_one(PersonSettlement, known[b % min(3, len(known))])
        record.lump_sum = 100 * (c % 7)
        record.reported = ("2026-09", "2026-09-01", None)[b % 3]
    history.learn(desk)


@act(3)
def bury(history: History, a: int, b: int, c: int) -> None:
    """登记去世 with what hangs on it; whoever is dead already is alive again: it was 误报."""
    desk = history.desk(a)
    if not (known := history.records(desk, "person")):
        return
    person = known[b % min(3, len(known))]
    try:
        if c % 3:
            People(desk.station).record_death(person, {"death_date": f"2026-0{c % 9 + 1}", "source": "村里报来"})
        else:
            People(desk.station).withdraw_death(person)
    except (BadInput, Refused):
        return  # dead or alive already; or a clock gone wrong takes the day for one still to come
    history.learn(desk)


@act(3)
def delete(history: History, a: int, b: int, c: int) -> None:
    desk = history.desk(a)
    kind = ("person", "family_member", "person")[c % 3]
    if not (known := history.records(desk, kind)):
        return
    with desk.station.db.work("移入回收站") as work:
        if kind == "person":
            person = work.session.get_one(Person, known[b % min(3, len(known))])
            work.delete(person)
            for _, part in parts_of(work.session, person.id):
                work.delete(part)
        else:
            work.delete(work.session.get_one(FamilyMember, known[b % len(known)]))
    history.learn(desk)


@act(2)
def delete_bare(history: History, a: int, b: int, c: int) -> None:
    """The person alone, with the parts left as they are: the parts keep it alive."""
    desk = history.desk(a)
    if not (known := history.records(desk, "person")):
        return
    with desk.station.db.work("移入回收站") as work:
        work.session.get_one(Person, known[b % min(3, len(known))]).deleted = True
    history.learn(desk)


@act(3)
def open_case(history: History, a: int, b: int, c: int) -> None:
    desk = history.village(a)
    if not (known := history.records(desk, "person")):
        return
    with desk.station.db.work("受理帮扶") as work:
        person = work.session.get_one(Person, known[b % min(3, len(known))])
        case = HardshipCase(home=person.home, person=person.id, reason="大病", amount=100_00 + c, family_income=c)
        work.session.add(case)
        work.session.flush()
        work.session.add(_step(desk, case, "apply", None))
    history.learn(desk)


@act(4)
def step(history: History, a: int, b: int, c: int) -> None:
    """The next step by whoever may write it; two desks may follow the same one."""
    desk = history.desk(a)
    if desk.name == CITY or not (known := history.records(desk, "hardship_case")):
        return  # no step is a city's
    with desk.station.db.work("办理帮扶") as work:
        case = work.session.get_one(HardshipCase, known[b % min(3, len(known))])
        steps = work.session.query(CaseStep).filter(CaseStep.case == case.id).order_by(CaseStep.id).all()
        code = STEPS[LEVELS[desk.name]]
        work.session.add(_step(desk, case, code, steps[c % len(steps)].id if steps else None))
        if desk.name == COUNTY:
            case.decision_number = f"临退〔2026〕{c}号"
    history.learn(desk)


def _step(desk: Desk, case: HardshipCase, code: str, follows: str | None) -> CaseStep:
    return CaseStep(
        home=case.home,
        case=case.id,
        step=code,
        result="pass",
        amount=100_00,
        day="2026-11-23",
        by_node=desk.node,
        follows=follows,
    )


@act(3)
def pay(history: History, a: int, b: int, c: int) -> None:
    """A campaign with a line for one person; a second time its payment."""
    desk = history.desk(a)
    persons = history.records(desk, "person")
    lines = history.records(desk, "roster_line")
    if not persons:
        return
    with desk.station.db.work("慰问金") as work:
        if c % 2 and lines:
            line = work.session.get_one(RosterLine, lines[b % len(lines)])
            if not work.session.query(Payment).filter(Payment.line == line.id).count():
                paid = Payment(home=line.home, line=line.id, person=line.person, campaign=line.campaign, result="paid")
                paid.amount, paid.day = line.amount, "2026-11-23"
                work.session.add(paid)
        else:
            person = work.session.get_one(Person, persons[b % len(persons)])
            seat = desk.scopes[0].ljust(12, "0")
            campaign = Campaign(
                home=seat, name="春节慰问", year=2027, festival="spring", source="county", node=desk.node
            )
            work.session.add(campaign)
            work.session.flush()
            work.session.add(RosterLine(home=person.home, campaign=campaign.id, person=person.id, amount=500_00))
    history.learn(desk)


@act(3)
def visit(history: History, a: int, b: int, c: int) -> None:
    desk = history.desk(a)
    if not (known := history.records(desk, "person")):
        return
    with desk.station.db.work("登记走访") as work:
        person = work.session.get_one(Person, known[b % min(3, len(known))])
        work.session.add(
            Visit(home=person.home, person=person.id, date="2026-11-23", note=f"第{c}次", condition="尚可")
        )
    history.learn(desk)


@act(2)
def attach(history: History, a: int, b: int, c: int) -> None:
    desk = history.desk(a)
    if not (known := history.records(desk, "person")):
        return
    file = history.chain.root / f"照片{c % 5}.txt"
    file.write_bytes(f"照片内容 {c % 5}".encode() * 50)
    try:
        Attachments(desk.station).add(f"person:{known[b % len(known)]}", file)
    except Refused:
        return
    history.learn(desk)


@act(4)
def undo(history: History, a: int, b: int, c: int) -> None:
    desk = history.desk(a)
    try:
        Undo(desk.station).undo()
    except Refused:
        return
    history.figures["undone"] += 1
    history.learn(desk)


@act(4)
def resolve(history: History, a: int, b: int, c: int) -> None:
    desk = history.desk(a)
    found = [q for q in desk.conflicts() if q["field"] != "deleted" or c % 2]
    if not found:
        return
    question = found[b % len(found)]
    answer = 1 + c % len(question["heads"])
    try:
        conflicts.resolve(
            desk.exchange, question["kind"], question["record"], question["field"], take=answer, value=None
        )
    except (Refused, BadInput):
        return
    history.figures["resolved"] += 1
    history.learn(desk)


# -- between stations ----------------------------------------------------------------------------------------------------


@act(4)
def offer(history: History, a: int, b: int, c: int) -> None:
    """关系转出 to another village, or by its id to a unit that need not be known here."""
    desk = history.desk(a)
    if not (known := history.records(desk, "person")):
        return
    to = PLACES[c % len(PLACES)]
    if c % 4 == 0:
        to = history.chain.desks[history.chain.members[b % len(history.chain.members)]].node
    try:
        Handovers(desk.station).offer(known[b % min(3, len(known))], to)
    except (Refused, BadInput):
        return
    history.figures["offered"] += 1
    history.learn(desk)


@act(6)
def answer_offer(history: History, a: int, b: int, c: int) -> None:
    """Whoever has been offered somebody answers; now and then the other side takes the offer back."""
    desks = [history.chain.desks[name] for name in history.chain.members]
    waiting = [(d, row) for d in desks for row in Handovers(d.station).overview() if row.state == "offered"]
    chosen = [(d, row) for d, row in waiting if row.mine == "answer" or (c % 6 == 0 and row.home.startswith(d.scopes))]
    if not chosen:
        return
    desk, row = chosen[a % len(chosen)]
    history.chain.at(desk)
    handovers = Handovers(desk.station)
    if row.mine != "answer":
        handovers.withdraw(row.id)
    elif c % 5 == 0:
        handovers.decline(row.id, "没有住处")
    else:
        places = history.places(desk)
        handovers.accept(row.id, places[b % len(places)])
        follow_up(desk.station)  # where the offer came from a part of one's own scope
    history.figures["answered_offers"] += 1
    history.learn(desk)


@act(3)
def reside(history: History, a: int, b: int, c: int) -> None:
    """人户分离: the residence is set, changed, or ends."""
    desk = history.desk(a)
    if not (known := history.records(desk, "person")):
        return
    with desk.station.db.work("登记常住地") as work:
        person = work.session.get_one(Person, known[b % min(3, len(known))])
        person.residence_division = (*PLACES, None)[c % (len(PLACES) + 1)]
    history.learn(desk)


@act(3)
def guest_visit(history: History, a: int, b: int, c: int) -> None:
    """A visit by the station of the residence."""
    desk = history.desk(a)
    guests = history.guests(desk)
    if not guests:
        return
    person, home = guests[b % len(guests)]
    with desk.station.db.work("走访常住人员") as work:
        work.session.add(Visit(home=home, person=person, date="2026-11-23", note=f"常住地第{c}次"))
    history.figures["guest_visits"] += 1
    history.learn(desk)


@act(2)
def merge(history: History, a: int, b: int, c: int) -> None:
    """Two records are one person, or are not after all."""
    desk = history.desk(a)
    known = history.records(desk, "person")
    same = SamePersons(desk.station)
    try:
        if c % 3 == 0 and known:
            same.unmerge(known[b % len(known)])
        elif len(known) > 1:
            one, other = known[b % len(known)], known[c % len(known)]
            (same.merge if c % 3 == 1 else same.live_apart)(one, other)
    except Refused:
        return
    history.figures["merges"] += 1
    history.learn(desk)


@act(2)
def decide_stops(history: History, a: int, b: int, c: int) -> None:
    """A bureau says how far up fields rise from now on."""
    desk = history.chain.desks[history.chain.members[a % 2]]
    if desk.station.place.level not in ("county", "city"):
        return
    history.chain.at(desk)
    levels = ("village", "township", "county", "")
    value = {"person.phone": levels[b % 4], "person.income": levels[c % 4]}
    Policies(desk.station).set({"name": "exchange.stops", "value": json.dumps(value)})
    history.learn(desk)


@act(1)
def erase(history: History, a: int, b: int, c: int) -> None:
    """依法删除 by a bureau."""
    desk = history.chain.desks[history.chain.members[a % 2]]
    known = history.records(desk, "person")
    if desk.station.place.level not in ("county", "city") or len(known) < 3:
        return
    history.chain.at(desk)
    Erasing(desk.station).erase(known[b % len(known)], "依申请删除")
    history.figures["erased"] += 1
    history.learn(desk)


# -- an unruly programme, and what comes back ----------------------------------------------------------------------------


@act(3)
def unruly(history: History, a: int, b: int, c: int) -> None:
    """A changed programme writes what it may not: outside its scope, or into a field of a higher level."""
    desk = history.chain[(EAST, WEST, TOWNSHIP)[a % 3]]
    known = history.records(desk, "person")
    cases = history.records(desk, "hardship_case")
    outside = "361002200201" if desk.name == TOWNSHIP else "361002100999"
    with desk.station.db.work("越权") as work:
        if b % 3 == 0 and cases:
            work.session.get_one(HardshipCase, cases[c % len(cases)]).decision_number = f"自批{c}"
        elif b % 3 == 1 and known:
            work.session.get_one(Person, known[c % len(known)]).note = f"同时越权{c}"
            stranger = Person(home=outside, division=outside, name="外人")
            work.session.add(stranger)
            work.session.flush()
            history.outside.add(bytes.fromhex(stranger.id))
        else:
            stranger = Person(home=outside, division=outside, name="外人", phone=PHONES[c % 3])
            work.session.add(stranger)
            work.session.flush()
            history.outside.add(bytes.fromhex(stranger.id))
    history.figures["unruly"] += 1
    history.learn(desk)


@act(2)
def edit_stranger(history: History, a: int, b: int, c: int) -> None:
    """Going on with what will be refused: it will be held behind it."""
    desk = history.chain[(EAST, WEST, TOWNSHIP)[a % 3]]
    with desk.station.db.work("修改外人") as work:
        mine = work.session.query(Person).filter(Person.name == "外人").order_by(Person.id).all()
        if mine:
            mine[b % len(mine)].note = f"再改{c}"
            if c % 2:
                place = history.places(desk)[0]
                work.session.add(Person(home=place, division=place, name="同一步里的人"))
    history.learn(desk)


@act(3)
def answer_refusal(history: History, a: int, b: int, c: int) -> None:
    """修改后重报 with a place that is one's own, or 放弃."""
    desk = history.chain[(EAST, WEST, TOWNSHIP)[a % 3]]
    found = refusals.listing(desk.exchange)
    if not found:
        return
    one = found[b % len(found)]
    try:
        if c % 3:
            refusals.resend(desk.exchange, one["id"], {"division": history.places(desk)[0]})
        else:
            refusals.drop(desk.exchange, one["id"])
    except BadInput:
        refusals.drop(desk.exchange, one["id"])
    history.figures["answered"] += 1
    history.learn(desk)


@act(3)
def settle_fork(history: History, a: int, b: int, c: int) -> None:
    """A superior decides which of two acts under one dot counts."""
    desk = history.chain[(COUNTY, TOWNSHIP, TOWNSHIP)[a % 3]]
    mine = [one for one in forks.listing(desk.exchange) if one["mine"]]
    if not mine:
        return
    one = mine[b % len(mine)]
    forks.settle(desk.exchange, one["id"], 1 + c % len(one["sides"]))
    history.figures["settled"] += 1
    history.learn(desk)


# -- sticks ------------------------------------------------------------------------------------------------------------


@act(14)
def export(history: History, a: int, b: int, c: int) -> None:
    sender, to = history.chain.ways[a % len(history.chain.ways)]
    history.chain.export(sender, to)
    history.learn(history.chain.desks[sender])


@act(14)
def take(history: History, a: int, b: int, c: int) -> None:
    """Any package on any stick, in any order, as often as it comes."""
    if not history.parcels():
        return
    parcel = history.parcels()[-1 - a % min(6, len(history.parcels()))]
    _take(history, parcel)


@act(8)
def hop(history: History, a: int, b: int, c: int) -> None:
    """A package written and taken."""
    sender, to = history.chain.ways[a % len(history.chain.ways)]
    parcel = history.chain.export(sender, to)
    history.learn(history.chain.desks[sender])
    _take(history, parcel)


def _take(history: History, parcel: Parcel) -> None:
    desk = history.chain[parcel.to]
    try:
        taken = history.chain.take(parcel)
    except Refused as error:
        raise AssertionError(f"{parcel.path.name} to {parcel.to} was refused whole: {error}") from error
    history.taken(parcel, taken)
    history.learn(desk)


@act(3)
def double(history: History, a: int, b: int, c: int) -> None:
    """The same package twice: nothing at all changes the second time."""
    if not history.parcels():
        return
    parcel = history.parcels()[-1 - a % min(6, len(history.parcels()))]
    _take(history, parcel)
    desk = history.chain.desks[parcel.to]
    before = desk.dump()
    taken = history.chain.take(parcel)
    assert taken.again
    assert taken.counts.known == parcel.groups
    assert desk.dump() == before


@act(3)
def rehearse(history: History, a: int, b: int, c: int) -> None:
    if not history.parcels():
        return
    parcel = history.parcels()[-1 - a % min(6, len(history.parcels()))]
    desk = history.chain[parcel.to]
    before = desk.dump()
    taken = history.chain.take(parcel, rehearse=True)
    assert taken.counts.groups == parcel.groups
    assert desk.dump() == before


@act(3)
def lose(history: History, a: int, b: int, c: int) -> None:
    if history.parcels():
        history.parcels().pop(a % len(history.parcels()))


@act(2)
def cut(history: History, a: int, b: int, c: int) -> None:
    """A stick pulled out too early: the package is refused whole, or only pictures are missing."""
    if history.parcels():
        parcel = history.parcels()[a % len(history.parcels())]
        data = parcel.path.read_bytes()
        _damaged(history, parcel, data[: (b * 7919 + c) % len(data)])


@act(2)
def flip(history: History, a: int, b: int, c: int) -> None:
    if history.parcels():
        parcel = history.parcels()[a % len(history.parcels())]
        data = bytearray(parcel.path.read_bytes())
        data[random.Random(b).randrange(len(data))] ^= 1 << c % 8
        _damaged(history, parcel, bytes(data))


def _damaged(history: History, parcel: Parcel, data: bytes) -> None:
    broken = parcel.path.with_name(f"坏-{history.figures['acts']}.rgp")
    broken.write_bytes(data)
    desk = history.chain[parcel.to]
    before = desk.dump()
    try:
        taken = history.chain.take(Parcel(broken, parcel.sender, parcel.to, parcel.groups))
    except (Refused, BadInput, EnvironmentTrouble):
        assert desk.dump() == before
        return
    finally:
        broken.unlink()
    history.taken(parcel, taken)
    history.learn(desk)


# -- stores ------------------------------------------------------------------------------------------------------------


@act(3)
def save(history: History, a: int, b: int, c: int) -> None:
    history.chain.save(history.desk(a).name)


@act(3)
def restore(history: History, a: int, b: int, c: int) -> None:
    """The store as it was when a copy was made; the witness file tells, and a new incarnation begins."""
    _restore(history, a, b, witness=True)


@act(2)
def restore_unseen(history: History, a: int, b: int, c: int) -> None:
    """The same with the witness file gone too: dots may be given out a second time, and that is a fork."""
    _restore(history, a, b, witness=False)


def _restore(history: History, a: int, b: int, *, witness: bool) -> None:
    name = history.desk(a).name
    copies = history.chain.saved.get(name)
    if not copies:
        history.chain.save(name)
        return
    history.size[name] = 0
    desk = history.chain.restore(name, copies[b % len(copies)], witness=witness)
    history.figures["restores"] += 1
    history.learn(desk)


@act(4)
def put_back(history: History, a: int, b: int, c: int) -> None:
    """A copy is made, work goes on and is sent up, then the copy is put back: with a witness, or (a fork) without."""
    desk = history.desk(a)
    edits = [name for name in ("add_person", "edit", "step", "visit") if (b >> len(name) % 7) & 1] or ["edit"]
    history.chain.save(desk.name)
    for name in edits:
        ACTS[name][0](history, a, b, c)
    up = history.chain.up
    if desk.name in up and c % 4:
        hop(history, history.chain.ways.index((desk.name, up[desk.name])), b, c)
    history.size[desk.name] = 0
    back = history.chain.restore(desk.name, history.chain.saved[desk.name][-1], witness=bool(c % 3))
    history.figures["restores"] += 1
    history.learn(back)
    ACTS[edits[-1]][0](history, a, c, b)


@act(2)
def move(history: History, a: int, b: int, c: int) -> None:
    """The store's folder is copied to another place and work goes on there."""
    desk = history.chain.elsewhere(history.desk(a).name)
    history.chain.adopt(desk)
    history.figures["copies"] += 1
    history.learn(desk)


@act(2)
def stray_copy(history: History, a: int, b: int, c: int) -> None:
    """A copy of the store is opened elsewhere, worked in, its package sent; then it is thrown away."""
    name = (EAST, WEST, TOWNSHIP)[a % 3]
    desk = history.chain.elsewhere(name)
    places = history.places(desk)
    with desk.station.db.work("在副本里登记") as work:
        place = places[b % len(places)]
        work.session.add(Person(home=place, division=place, name="副本里的人"))
        known = history.records(desk, "person")
        if known:
            work.session.get_one(Person, known[c % len(known)]).phone = PHONES[b % 3]
    history.model.learn(desk)
    history.chain.sent(desk, "parent", history.chain.up[name])
    history.model.learn(desk)
    desk.opened.close()
    shutil.rmtree(desk.folder)
    history.figures["copies"] += 1


@act(2)
def wrong_clock(history: History, a: int, b: int, c: int) -> None:
    """A clock in 1980, a year ahead, or right again."""
    history.desk(a).skew = (-46 * YEAR, YEAR, 0)[b % 3]
