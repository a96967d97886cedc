"""Hostile content with real keys: refused, in words, and nothing of it counts anywhere."""

from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import msgspec
import pytest
from sqlalchemy import func, select

from app import clock
from app.errors import Refused
from app.models import CaseStep, HardshipCase, Node, Person, Policy, Refusal, Visit, recording
from app.models.base import Synced
from app.models.journal import Group, Standing
from app.models.sealing import NodeKeys, sign
from app.sync import content, outgoing, refusals, seals
from app.sync.groups import FLOW_PARTIAL, FLOW_WHOLE
from app.sync.judging import GROUP_PURPOSE
from tests.sync import units as bench
from tests.sync.units import COUNTY, EAST, HOME, SCOPES, TOWNSHIP, WEST, Desk, Units, forged


def person(home: str = HOME[EAST]) -> Person:
    return Person(home=home, division=home, name="陈志明")


def change(desk: Desk, kind: type[Synced], record: str, **values: object) -> None:
    """Save other values in a record, as a programme without rules would."""
    with desk.station.db.work("修改") as work:
        found = work.session.get(kind, record)
        assert found is not None
        for name, value in values.items():
            setattr(found, name, value)


def what_counts(desk: Desk) -> dict[str, list[tuple[object, ...]]]:
    """What decides who may do what, and what lies outside East's reach."""
    columns = Node.id, Node.parent, Node.level, Node.scopes, Node.sign_key, Node.former
    with desk.station.db.read() as session:
        return {
            "units": sorted(map(tuple, session.execute(select(*columns)))),
            "policies": [tuple(row) for row in session.execute(select(Policy.name, Policy.value))],
            "steps": [tuple(r) for r in session.execute(select(CaseStep.step, CaseStep.result, CaseStep.deleted))],
            "refusals": [tuple(r) for r in session.execute(select(Refusal.act, Refusal.deleted))],
            "others": [tuple(r) for r in session.execute(select(Person.name).where(Person.home != HOME[EAST]))],
        }


# -- acts a programme without rules would save: the group is refused, comes back, and counts nowhere -------------------


def own_parent(units: Units) -> None:
    change(units[EAST], Node, units[EAST].node, parent=units[EAST].node)


def own_scope(units: Units) -> None:
    change(units[EAST], Node, units[EAST].node, scopes="361002100")


def own_level(units: Units) -> None:
    change(units[EAST], Node, units[EAST].node, level="county")


def own_key(units: Units) -> None:
    change(units[EAST], Node, units[EAST].node, sign_key=NodeKeys.generate().public.sign)


def superior(units: Units) -> None:
    change(units[EAST], Node, units[TOWNSHIP].node, scopes=SCOPES[EAST])


def sibling(units: Units) -> None:
    east, key = units[EAST], units[EAST].exchange.keys.public.sign
    east.writes(
        Node(id=units[WEST].node, home=HOME[EAST], name="西源村站", level="village", parent=east.node, sign_key=key)
    )


def child_above(units: Units) -> None:
    units[EAST].writes(
        Node(home=HOME[EAST], name="自封局", level="county", parent=units[EAST].node, scopes=SCOPES[EAST])
    )


def policy(units: Units) -> None:
    units[EAST].writes(Policy(home=HOME[EAST], name="hardship.steps", starts="2020-01-01", value="{}"))


def refusal(units: Units) -> None:
    local = units[TOWNSHIP].local()
    units[EAST].writes(
        Refusal(
            home=HOME[EAST], node=local.node, incarnation=local.incarnation, position=1, group_hash=local.chain,
            act="建立本单位", reason="不认",
        )
    )  # fmt: skip


def elsewhere(units: Units) -> None:
    units[EAST].writes(person(HOME[WEST]))


def nowhere(units: Units) -> None:
    units[EAST].writes(Person(name="陈志明"))


def approval(units: Units) -> None:
    case = clock.new_id()
    units[EAST].writes(
        HardshipCase(id=case, home=HOME[EAST], person=clock.new_id(), reason="大病", amount=50_000),
        CaseStep(home=HOME[EAST], case=case, step="county_decision", result="agree", amount=50_000),
    )


def another_kind(units: Units) -> None:
    """A record of West's, claimed as one of another kind with a home of East's."""
    theirs = clock.new_id()
    units[WEST].writes(Person(id=theirs, home=HOME[WEST], division=HOME[WEST], name="林秀兰"))
    units.up(WEST)
    units[EAST].writes(Visit(id=theirs, home=HOME[EAST], person=theirs))


OVERREACH: list[tuple[Callable[[Units], None], str]] = [
    (own_parent, "单位资料只能由上级单位改动"),
    (own_scope, "管辖范围没有经上级同意"),
    (own_level, "单位资料只能由上级单位改动"),
    (own_key, "钥匙只能由上级单位改动"),
    (superior, "不在东源村站的管辖范围内"),
    (sibling, "所属地只能由关系转出"),
    (child_above, "级别要低于上级单位"),
    (policy, "政策参数只能由县局或市局改动"),
    (refusal, "只有上级单位可以退回"),
    (elsewhere, "不在东源村站的管辖范围内"),
    (nowhere, "不在东源村站的管辖范围内"),
    (approval, "审批意见只能由县局填写"),
    (another_kind, "同一编号下是另一种记录"),
]


@pytest.mark.parametrize(("act", "words"), OVERREACH, ids=[act.__name__ for act, _ in OVERREACH])
def test_what_a_village_may_not_write_is_refused_and_comes_back(
    units: Units, act: Callable[[Units], None], words: str
) -> None:
    act(units)
    before = what_counts(units[TOWNSHIP])
    taken = units.up(EAST)
    assert taken.counts.refused == 1
    (reason,) = taken.counts.refusals
    assert words in reason
    after = what_counts(units[TOWNSHIP])
    assert after.pop("refusals") == [*before.pop("refusals"), (_last_act(units[EAST]), False)]
    assert after == before
    if act not in (own_parent, superior):  # these spoil the village's own view of who its superior is
        units.down(EAST)
        assert [words in one["reason"] for one in refusals.listing(units[EAST].exchange)] == [True]
    above = what_counts(units[COUNTY])
    assert units.up(TOWNSHIP).error == ""  # the township's own package is not stopped by it
    for name in ("units", "policies", "steps"):
        assert what_counts(units[COUNTY])[name] == above[name]


def _last_act(desk: Desk) -> str:
    with desk.station.db.read() as session:
        query = select(Group.name).where(Group.package.is_(None)).order_by(Group.position.desc())
        return session.scalars(query).first() or ""


def test_a_refusal_is_not_taken_back_by_whom_it_concerns(units: Units) -> None:
    units[EAST].writes(person(HOME[WEST]))
    assert units.up(EAST).counts.refused == 1
    units.down(EAST)
    with units[EAST].station.db.read() as session:
        stored = session.scalars(select(Refusal)).one().id
    change(units[EAST], Refusal, stored, deleted=True)
    assert units.up(EAST).counts.refusals == ["只有上级单位可以退回"]
    with units[TOWNSHIP].station.db.read() as session:
        assert not session.get_one(Refusal, stored).deleted
        assert session.scalars(select(Person.home).where(Person.home == HOME[WEST])).all() == []


def test_an_approval_is_not_taken_back_from_below(units: Units) -> None:
    case, step = clock.new_id(), clock.new_id()
    units[EAST].writes(
        HardshipCase(id=case, home=HOME[EAST], person=clock.new_id(), reason="大病", amount=50_000),
    )
    for name in (EAST, TOWNSHIP):
        units.up(name)
    units[COUNTY].writes(
        CaseStep(id=step, home=HOME[EAST], case=case, step="county_decision", result="agree", amount=50_000)
    )
    for name in (TOWNSHIP, EAST):
        units.down(name)
    change(units[EAST], CaseStep, step, deleted=True)
    assert units.up(EAST).counts.refusals == ["审批意见只能由县局填写"]
    with units[TOWNSHIP].station.db.read() as session:
        assert not session.get_one(CaseStep, step).deleted


# -- packages made by hand: refused whole, nothing changed -------------------------------------------------------------


def refused_whole(desk: Desk, path: Path, words: str) -> None:
    before = desk.dump()
    with pytest.raises(Refused, match=words):
        desk.take(path)
    assert desk.dump() == before


def test_nobody_puts_an_act_of_ours_out_of_force_by_a_twin(units: Units) -> None:
    """A fork leaves both out: so a twin of our own act is taken only with our own mark."""
    local = units[TOWNSHIP].local()
    facts = [("person", clock.new_id(), {"home": HOME[EAST], "name": "陈志明"})]
    for mac in (None, b"", bytes(16)):
        twin = forged(local.node, 1, facts, incarnation=local.incarnation, mac=mac)
        refused_whole(units[TOWNSHIP], units[EAST].forges(units[TOWNSHIP], *twin), "签名不对")
        refused_whole(units[TOWNSHIP], units[COUNTY].forges(units[TOWNSHIP], *twin), "签名不对")


@pytest.mark.parametrize("flow", [FLOW_PARTIAL, FLOW_WHOLE])
@pytest.mark.parametrize("ahead", [0, 1])
def test_a_village_does_not_speak_for_its_neighbour(units: Units, flow: int, ahead: int) -> None:
    """Neither a new act in its name nor a twin of an old one, with or without a real seal of the neighbour."""
    west = units[WEST].local()
    facts = [("person", clock.new_id(), {"home": HOME[WEST], "name": "陈志明"})]
    fake = forged(west.node, west.position + ahead, facts, incarnation=west.incarnation, prev=west.chain, flow=flow)
    for sealed in ([], [units[WEST].seal()]):
        path = units[EAST].forges(units[TOWNSHIP], *sealed, *fake)
        refused_whole(units[TOWNSHIP], path, "签名不对")


def test_a_superior_does_not_write_in_the_name_of_those_below_us(units: Units) -> None:
    east = units[EAST].local()
    facts = [("person", clock.new_id(), {"home": HOME[EAST], "name": "陈志明"})]
    fake = forged(east.node, east.position + 1, facts, incarnation=east.incarnation, prev=east.chain)
    refused_whole(units[TOWNSHIP], units[COUNTY].forges(units[TOWNSHIP], *fake), "签名不对")


def test_acts_beyond_the_seal_are_not_taken(units: Units) -> None:
    """A township relays a village's journal; what the village has not sealed may have been added on the way."""
    units[EAST].writes(person())
    units.up(EAST)
    east = units[EAST].local()
    facts = [("person", clock.new_id(), {"home": HOME[EAST], "name": "林秀兰"})]
    added = forged(east.node, east.position + 1, facts, incarnation=east.incarnation, prev=east.chain, flow=FLOW_WHOLE)
    real = units[EAST].frames_of(east.position)
    path = units[TOWNSHIP].forges(units[COUNTY], units[EAST].seal(), *real, *added)
    refused_whole(units[COUNTY], path, "缺少.*封签")
    refused_whole(units[COUNTY], units[TOWNSHIP].forges(units[COUNTY], *real), "缺少.*封签")
    honest = units[TOWNSHIP].forges(units[COUNTY], units[EAST].seal(), *real)
    assert units[COUNTY].take(honest).counts.accepted == 1


def test_a_fork_is_not_invented_below_an_honest_seal(units: Units) -> None:
    """Two acts under one dot put both out of force, so each needs its author's own seal: the position says nothing."""
    units[EAST].writes(person())
    units.up(EAST)
    units.up(TOWNSHIP)
    east = units[EAST].local()
    real = units[EAST].frames_of(east.position)
    facts = [("person", clock.new_id(), {"home": HOME[EAST], "name": "林秀兰"})]
    before = units[EAST].header_of(east.position).prev
    twin = forged(east.node, east.position, facts, incarnation=east.incarnation, prev=before, flow=FLOW_WHOLE)
    refused_whole(units[COUNTY], units[TOWNSHIP].forges(units[COUNTY], units[EAST].seal(), *twin), "缺少.*封签")
    path = units[TOWNSHIP].forges(units[COUNTY], units[EAST].seal(), *real, *twin)
    refused_whole(units[COUNTY], path, "缺少.*封签")


def test_a_mark_of_having_been_sent_down_is_not_invented(units: Units) -> None:
    """Without its own mark a parent takes no piece of another's journal from a child, whatever stands where the mark does."""
    west = units[WEST].local()
    facts = [("person", clock.new_id(), {"home": HOME[WEST], "name": "林秀兰"})]
    for mark in (b"", bytes(16), recording.voucher(bytes(32), bytes(32))):
        group, *parts = forged(west.node, west.position + 1, facts, incarnation=west.incarnation, prev=west.chain)
        frames = [group, recording.encode_plain(["voucher", mark]), *parts]
        refused_whole(units[TOWNSHIP], units[EAST].forges(units[TOWNSHIP], *frames), "签名不对")


def test_a_signature_that_comes_later_is_checked_too(units: Units) -> None:
    """An act that is here already unsigned, and comes again with somebody else's signature."""
    units[COUNTY].writes(Person(home=HOME[EAST], division=HOME[EAST], name="陈志明"))
    units.down(TOWNSHIP)
    units.down(EAST)
    county = units[COUNTY].local()
    signature = sign(units[WEST].exchange.keys.sign, GROUP_PURPOSE, bytes(county.chain))
    frames = units[COUNTY].frames_of(county.position, flow=FLOW_PARTIAL, signature=signature)
    refused_whole(units[EAST], units[TOWNSHIP].forges(units[EAST], *frames), "签名不对")


def test_a_seal_of_another_is_no_seal(units: Units) -> None:
    units[EAST].writes(person())
    east = units[EAST].local()
    message = seals.message(east.node, east.incarnation, east.position, east.chain)
    signature = sign(units[TOWNSHIP].exchange.keys.sign, "seal", message)
    seal = content.seal_frame(content.SealFrame(east.node, east.incarnation, east.position, east.chain, signature))
    path = units[TOWNSHIP].forges(units[COUNTY], seal, *units[EAST].frames_of(east.position))
    refused_whole(units[COUNTY], path, "封签不对")


def test_a_village_does_not_say_that_an_act_of_the_county_is_void(units: Units) -> None:
    """Only a superior's word, with its package, puts aside a group of which we hold some parts only."""
    units[COUNTY].writes(Policy(home=HOME[COUNTY], name="hardship.steps", starts="2020-01-01", value="{}"))
    units.down(TOWNSHIP)
    word = units[COUNTY].frames_of(units[COUNTY].local().position, flow=2)
    refused_whole(units[TOWNSHIP], units[EAST].forges(units[TOWNSHIP], *word), "没有改动任何数据")


@pytest.mark.parametrize("author", [COUNTY, TOWNSHIP])
def test_authority_needs_the_signature_of_its_author(units: Units, author: str) -> None:
    """The township may vouch for what comes down, but a policy of the county's only the county can sign."""
    local = units[author].local()
    value = {"home": HOME[COUNTY], "name": "hardship.steps", "starts": "2020-01-01", "value": "{}"}
    record = clock.new_id()
    for key in (None, units[TOWNSHIP].exchange.keys.sign if author == COUNTY else units[WEST].exchange.keys.sign):
        fake = forged(local.node, local.position + 1, [("policy", record, dict(value))], incarnation=local.incarnation)
        frames = recording.decode_plain(fake[0])
        if key is not None:
            frames[3] = sign(key, GROUP_PURPOSE, recording.group_hash(frames[1]))
        path = units[TOWNSHIP].forges(units[EAST], recording.encode_plain(frames), *fake[1:])
        refused_whole(units[EAST], path, "签名不对")


def test_what_is_kept_back_at_first_is_judged_when_it_comes(units: Units) -> None:
    """A group taken for its harmless part goes as a whole once the other part shows what it was."""
    harmless, policy_id = clock.new_id(), clock.new_id()
    units[EAST].writes(
        Person(id=harmless, home=HOME[EAST], division=HOME[EAST], name="陈志明"),
        Policy(id=policy_id, home=HOME[EAST], name="hardship.steps", starts="2020-01-01", value="{}"),
    )
    position = units[EAST].local().position
    first = units[EAST].frames_of(position, numbers=[units[EAST].numbers_of(position)["person"]])
    bare = [frame if n else _unsigned(frame) for n, frame in enumerate(first)]
    seal = units[EAST].seal()
    assert units[TOWNSHIP].take(units[EAST].forges(units[TOWNSHIP], seal, *bare)).counts.accepted == 1
    taken = units.up(EAST)
    rest = units[EAST].forges(units[TOWNSHIP], seal, *units[EAST].frames_of(position))
    refused = taken.counts.refusals or units[TOWNSHIP].take(rest).counts.refusals
    assert refused == ["政策参数只能由县局或市局改动"]
    with units[TOWNSHIP].station.db.read() as session:
        assert session.get(Policy, policy_id) is None
        assert session.get(Person, harmless) is None
        assert session.scalar(select(func.count()).where(Group.standing == Standing.VOID)) == 1


def _unsigned(frame: bytes) -> bytes:
    items = recording.decode_plain(frame)
    items[3] = None
    return recording.encode_plain(items)


def test_a_newcomer_does_not_take_the_id_of_another_unit(units: Units, tmp_path: Path) -> None:
    newcomer = bench.enrolled(tmp_path, units[TOWNSHIP], "新来村站", "361002100203", "village")
    try:
        for stolen in (units[WEST].node, units[COUNTY].node, units[TOWNSHIP].node):
            with patch.object(outgoing, "_former", return_value=(stolen,)):
                path = Path(outgoing.export(newcomer.exchange, "parent", units[TOWNSHIP].stick).parts[0])
            refused_whole(units[TOWNSHIP], path, "原单位编号是别的单位的")
        assert units[TOWNSHIP].take(newcomer.export("parent")).counts.accepted == 1
    finally:
        newcomer.opened.close()


def test_a_forgery_that_waits_does_not_stop_later_packages(units: Units) -> None:
    """Signed by somebody not yet known, it waits; once the key is known it is seen through, and everything else goes on."""
    stranger = clock.new_id()
    facts = [("code_list", clock.new_id(), {"home": HOME[COUNTY], "list": "sex", "code": "9", "label": "未说明"})]
    fake = forged(stranger, 1, facts, signature=bytes(64))
    assert units[EAST].take(units[TOWNSHIP].forges(units[EAST], *fake)).counts.held == 1
    key = NodeKeys.generate().public.sign
    units[TOWNSHIP].writes(
        Node(
            id=stranger, home=HOME[TOWNSHIP], name="另一镇站", level="village", parent=units[TOWNSHIP].node,
            scopes=SCOPES[EAST], sign_key=key, status="active",
        )
    )  # fmt: skip
    taken = units.down(EAST)
    assert (taken.counts.accepted, taken.counts.held) == (1, 0)
    units[TOWNSHIP].writes(person())
    assert units.down(EAST).counts.accepted == 1
    with units[EAST].station.db.read() as session:
        assert session.scalars(
            select(Group.standing).where(Group.name == "登记", Group.signature == bytes(64))
        ).all() == [Standing.EARLY]


def test_a_package_for_another_is_not_taken_even_with_its_seal_opened(units: Units) -> None:
    """What the township sealed for East, re-addressed to West by whoever carries it."""
    units[TOWNSHIP].writes(person())
    path = units[TOWNSHIP].export(units[EAST].node)
    refused_whole(units[WEST], path, "不是给本站的")
    sealed = units[TOWNSHIP].forges(units[EAST], addressee=units[WEST].node)
    refused_whole(units[WEST], sealed, "坏了")


# -- nonsense inside a valid signature -----------------------------------------------------------------------------


def _header(units: Units, **values: object) -> list[bytes]:
    frames = forged(units[EAST].node, 9, [("person", clock.new_id(), {"home": HOME[EAST], "name": "陈志明"})])
    group = recording.decode_plain(frames[0])
    group[1] = recording.encode_plain(recording.decode_plain(group[1]) | values)
    return [recording.encode_plain(group), *frames[1:]]


def _part(units: Units, body: bytes) -> list[bytes]:
    return forged(units[EAST].node, 9, [], body=body)


_DEEP = b"\x91" * 100_000 + b"\xc0"
_ID = bytes(16)


@pytest.mark.parametrize(
    "make",
    [
        lambda units: _header(units, inc=(1 << 64) - 1),
        lambda units: _header(units, inc=-1),
        lambda units: _header(units, pos=1 << 62),
        lambda units: _header(units, stamp=(1 << 64) - 1),
        lambda units: _header(units, parts=-1),
        lambda units: _header(units, parts=4_999_999),
        lambda units: _header(units, name="登记\0"),
        lambda units: _header(units, staff=b"1"),
        lambda units: _header(units, root=b""),
        lambda _units: [_DEEP],
        lambda units: _part(units, _DEEP),
        lambda units: _part(units, recording.encode_plain(["person", _ID, [], {"name": "陈\0"}, ""])),
        lambda units: _part(units, recording.encode_plain(["person", _ID, [], {"name": 1.5}, ""])),
        lambda units: _part(units, recording.encode_plain(["person", _ID, [], {"name": ["陈"]}, ""])),
        lambda units: _part(units, recording.encode_plain(["person", _ID, [[_ID, 1 << 63, 1]], {}, ""])),
        lambda units: _part(units, recording.encode_plain(["人" * 101, _ID, [], {}, ""])),
        lambda _units: [recording.encode_plain(["base", _ID, b""])],
        lambda _units: _base(["person", [[_ID, 1, 1]], [[1, 2, 3, 4]], []]),
        lambda _units: _base(["person", [], [], [["x"]]]),
        lambda _units: [recording.encode_plain(["mark", b"1" * 16])],
        lambda _units: [recording.encode_plain(["given", [1], _ID, b"1", b"", []])],
        lambda _units: [recording.encode_plain(["given", [-1], _ID, b"", b"", []])],
        lambda _units: [recording.encode_plain(["given", [1], _ID, b"", b"", [[_ID, 1]]])],
        lambda _units: [recording.encode_plain(["voucher", b"1" * 16])],
        lambda _units: [recording.encode_plain(["seal", _ID, -1, 1, b"", b""])],
        lambda _units: [recording.encode_plain(["receipt", _ID, _ID, 1, 1, (1 << 64) - 1, b""])],
        lambda _units: [msgspec.msgpack.encode({"group": 1})],
        lambda _units: [recording.encode_plain(["parts", [1, 2, 3]])],
        lambda _units: [b""],
    ],
)  # fmt: skip
def test_nonsense_inside_a_valid_signature_is_refused_in_words(
    units: Units, make: Callable[[Units], list[bytes]]
) -> None:
    refused_whole(units[TOWNSHIP], units[EAST].forges(units[TOWNSHIP], *make(units)), "没有改动任何数据")


def _base(body: list[object]) -> list[bytes]:
    return [recording.encode_plain(["base", _ID, recording.encode_plain(body)])]
