"""What a node may write: scope, level, authority and signatures of groups that come from elsewhere."""

import functools
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import select

from app import clock
from app.errors import BadInput, Refused
from app.models import CaseStep, Node, Policy, Refusal, bulk, fold, recording, standing
from app.models.base import fields_of, kinds, table_of
from app.models.database import STAMP_UNITS, Work
from app.models.fields import LEVEL_MERGES, Field
from app.models.recording import PartBody
from app.models.sealing import verify
from app.rules import hardship, levels
from app.sync.groups import FLOW_PARTIAL, FLOW_WHOLE, Incoming
from app.sync.known import Known

DAY: Final = 86_400_000
GROUP_PURPOSE: Final = "group"


@dataclass
class _Unit:
    id: str
    name: str
    level: str
    parent: str | None
    scopes: tuple[str, ...]
    sign_key: bytes | None
    former: tuple[str, ...] = ()
    granted: set[str] = field(default_factory=set)
    last: Mapping[int, int] | None = None
    """Of a revoked unit: what counts of it."""


class Judge:
    """Knows the units as far as the groups taken so far have told.

    `sender` is the neighbour whose signature the package bears: the parent, or a child. None: nothing new is taken.
    """

    def __init__(self, work: Work, sender: str | None = None) -> None:
        self.work = work
        self.sender = sender
        self.from_above = sender == work.local.parent
        self.own = work.local.node
        self.highest_stamp = 0
        self._units: dict[str, _Unit] = {}
        self._former: dict[str, str] = {}
        for row in work.connection.execute(select(Node.__table__)).mappings():
            self.learn(row["id"].hex() if isinstance(row["id"], bytes) else row["id"], dict(row))
        columns = select(Policy.name, Policy.starts, Policy.value, Policy.home).where(~Policy.deleted)
        self._policies: list[tuple[str, str, str, str]] = [
            (name, starts, value, home) for name, starts, value, home in work.connection.execute(columns)
        ]
        self._targets: dict[str, str] = {}
        """Whom the refusals and replacements of this package name."""
        self._steps: dict[str, tuple[object, object]] = {}
        """Step and amount of the case steps of this package."""

    # -- who is who ----------------------------------------------------------------------------------------------

    def learn(self, node: str, values: Mapping[str, object]) -> None:
        """Take note of what a record says of a unit."""
        known = self._units.get(node) or _Unit(node, "", "", None, (), None)
        if isinstance(name := values.get("name"), str):
            known.name = name
        if isinstance(level := values.get("level"), str):
            known.level = level
        if "parent" in values:
            parent = values["parent"]
            known.parent = parent.hex() if isinstance(parent, bytes) else parent if isinstance(parent, str) else None
        if isinstance(scopes := values.get("scopes"), str):
            known.scopes = tuple(code for code in scopes.split(",") if code)
            known.granted.update(known.scopes)
        if isinstance(key := values.get("sign_key"), bytes):
            known.sign_key = key
        if isinstance(former := values.get("former"), str):
            known.former = tuple(code for code in former.split(",") if code)
            self._former.update(dict.fromkeys(known.former, node))
        if isinstance(status := values.get("status"), str) and status != standing.REVOKED:
            known.last = None
        elif status == standing.REVOKED:
            last = values.get("last_position")
            known.last = standing.last_positions(last if isinstance(last, str) else None)
        self._units[node] = known

    def unit(self, node: str) -> _Unit | None:
        """A unit by its id, or by the id it had before it joined its parent."""
        return self._units.get(self._former.get(node, node))

    def is_own(self, node: str) -> bool:
        """Whether an id is ours, or was before we joined our parent."""
        return self._former.get(node, node) == self.own

    def sign_key(self, node: str) -> bytes | None:
        """The public key of a unit's signatures."""
        unit = self.unit(node)
        return unit.sign_key if unit is not None else None

    def is_above(self, node: str, other: str) -> bool:
        """Whether a unit is a superior of another, directly or further up."""
        seen: set[str] = set()
        unit = self.unit(other)
        while unit is not None and unit.parent is not None and unit.id not in seen:
            seen.add(unit.id)
            if self._former.get(unit.parent, unit.parent) == node:
                return True
            unit = self.unit(unit.parent)
        return False

    def knows(self, group: Incoming) -> bool:
        """Whether the author can be judged: its unit's record has come."""
        author = group.header.node
        if author == self.own:
            return True
        unit = self.unit(author)
        if unit is not None and unit.level:
            return group.signature is None or unit.sign_key is not None
        return group.flow != FLOW_WHOLE and not self._needs_known_author(group)

    # -- who stands behind a group ---------------------------------------------------------------------------------

    def demand_vouched(self, group: Incoming, *, rival: bool) -> None:
        """Refused unless somebody who may speak for the author stands behind the group.

        That is: ourselves by our own mark, or by our mark on what we sent down once; the author by its signature; the
        parent for what is not from below us; and for what comes up whole the seal of its author (checked at the end of
        the package). `rival`: another group is here under the same position, so that taking this one would put that
        one out of force.
        """
        author = group.header.node
        if self.is_own(author):
            mark = recording.own_mac(self.work.database.own_secret, group.header_bytes)
            if group.mac is None or not hmac.compare_digest(group.mac, mark):
                raise _forged()
            return
        if group.signature is not None:
            key = self.sign_key(author)
            if key is None and (not rival or self._by_word(group)):
                return  # waits until the key is known (knows), and is then checked (violation)
            if key is None or not verify(key, GROUP_PURPOSE, group.hash, group.signature):
                raise _forged()
            return
        if group.flow == FLOW_PARTIAL and not self.from_above and self._comes_back(group):
            return
        below = self.own if self.from_above or self.sender is None else self.sender
        inside = author == below or self._former.get(author) == below or self.is_above(below, author)
        if group.flow == FLOW_WHOLE:
            if not inside and self.unit(author) is not None:
                raise _forged()
        elif inside or not self.from_above:
            raise _forged()

    def demand_signed(self, group: Incoming) -> bool:
        """Whether the author's key is known; Refused when the group's signature is not by it."""
        key = self.sign_key(group.header.node)
        if key is not None and not verify(key, GROUP_PURPOSE, group.hash, group.signature or b""):
            raise _forged()
        return key is not None

    def _comes_back(self, group: Incoming) -> bool:
        """Whether it bears our own mark of having been sent down from here: it was checked when it came the first time."""
        mark = recording.voucher(self.work.database.own_secret, group.hash)
        return group.voucher is not None and hmac.compare_digest(group.voucher, mark)

    # -- what a group may hold -----------------------------------------------------------------------------------

    def _needs_signature(self, group: Incoming) -> bool:
        all_kinds = kinds()
        for _, _, part in group.parts.values():
            cls = all_kinds.get(part.kind)
            if cls is None:
                continue
            if cls.authority:
                return True
            if not _level_fields(part.kind).keys().isdisjoint(part.fields):
                return True
        return False

    def _needs_known_author(self, group: Incoming) -> bool:
        """Whether it holds what only a unit may write whose level and key are known here."""
        all_kinds = kinds()
        for _, _, part in group.parts.values():
            cls = all_kinds.get(part.kind)
            if cls is None:
                continue
            if (cls.authority and not cls.vouched) or not _level_fields(part.kind).keys().isdisjoint(part.fields):
                return True
        return False

    def _by_word(self, group: Incoming) -> bool:
        """Whether it is of a unit that is not known here, and the parent's word for it is enough."""
        known = self.unit(group.header.node)
        by_word = self.from_above and group.flow != FLOW_WHOLE and not self._needs_known_author(group)
        return by_word and (known is None or not known.level)

    def violation(self, group: Incoming, known: Known) -> str | None:
        """Why a group may not count; forged ones raise Refused."""
        header = group.header
        if self.is_own(header.node):
            return None  # its mark has been checked (demand_vouched), its content when it was written
        unit = self.unit(header.node)
        if (self._needs_signature(group) or group.signature is not None) and not self._by_word(group):
            key = unit.sign_key if unit is not None else None
            if group.signature is None or key is None or not verify(key, GROUP_PURPOSE, group.hash, group.signature):
                raise _forged()
        return self._wrong(group, unit, known)

    def may_refuse(self, group: Incoming) -> bool:
        """Whether this unit is a superior of the author; what comes from others waits for a superior's refusal."""
        unit = self.unit(group.header.node)
        return self.is_above(self.own, unit.id if unit is not None else group.header.node)

    def _wrong(self, group: Incoming, unit: _Unit | None, known: Known) -> str | None:
        if any(known.kind.get(part.record, part.kind) != part.kind for _, _, part in group.parts.values()):
            return "同一编号下是另一种记录"
        if unit is not None and unit.last is not None:
            header = group.header
            if header.position > unit.last.get(header.incarnation, 0):
                return f"{unit.name}已经停用, 停用以后的事项不算数"
        if unit is None:
            return None  # in scope by the parent's word; holds nothing that needs authority (knows)
        joined = group.header.node != unit.id
        claimed = group.header.meta.get("scope")
        scope = unit.granted
        if not joined and isinstance(claimed, list):
            if any(not levels.covers(unit.granted, str(code)) for code in claimed):
                return f"{unit.name}填写的管辖范围没有经上级同意"
            scope = {str(code) for code in claimed}
        # Fields that stop at a level stand in a part of their own, and only one of the parts names the home.
        homes = {p.record: home for _, _, p in group.parts.values() if isinstance(home := p.fields.get("home"), str)}
        for _, _, part in group.parts.values():
            home = known.homes.get(part.record) or homes.get(part.record)
            if not part.context and known.made_by(part.record, group.header):
                home = homes.get(part.record) or home  # where it was made to live, whatever has moved it since
            reason = self._wrong_part(group, part, unit, scope, home, known)
            if reason is not None and not known.is_given(part, group.header):
                return reason
        return None

    def _wrong_part(
        self, group: Incoming, part: PartBody, unit: _Unit, scope: set[str], home: str | None, known: Known
    ) -> str | None:
        if part.kind == "node" and part.record_id == group.header.node != unit.id:
            return None  # what a station said of itself before it joined: nobody is judged by it
        if (reason := self._wrong_place(group, part, unit, scope, home, known)) is not None:
            return reason
        cls = kinds().get(part.kind)
        if cls is None or (part.context and set(part.fields) == {"home"}):
            return None  # a move says nothing but where the record lives from now on
        noun = cls.noun
        if cls.appended and part.context and set(part.fields) - {"deleted"}:
            return f"{noun}已经登记, 不能再改, 只能冲销"
        for name, facts in _level_fields(part.kind).items():
            if name in part.fields and levels.order(unit.level) < levels.order(facts.merge):
                return f"{facts.label}只能由{levels.NAMES[facts.merge]}填写"
        return self._wrong_kind(group, part, unit, known)

    def _wrong_place(
        self, group: Incoming, part: PartBody, unit: _Unit, scope: set[str], home: str | None, known: Known
    ) -> str | None:
        cls = kinds().get(part.kind)
        noun = cls.noun if cls is not None else "上级新增项目"
        given = part.fields.get("home")
        before: object = home
        if part.context and given not in (None, home):
            known.flush()
            before = fold.before(self.work.database, self.work.connection, part, "home") or home
        if given not in (None, before) and not self._may_move(group, scope, (before, given)):
            return f"{noun}的所属地只能由关系转出、转入改动"
        inside = home is not None and (levels.covers(scope, home) or self._reaches(known, part, unit, scope, home))
        return None if inside else f"{noun}不在{unit.name}的管辖范围内"

    def _may_move(self, group: Incoming, scope: set[str], homes: tuple[object, ...]) -> bool:
        """A common superior of both homes may move a record, in its own name."""
        return group.signature is not None and all(levels.covers(scope, str(home)) for home in homes)

    def _reaches(self, known: Known, part: PartBody, unit: _Unit, scope: set[str], home: str) -> bool:
        """Whether a unit may write a record that does not live in its scope.

        It lived there as far as the author knew; or it is a visit to somebody who lives with the author (常住地); or the
        record is addressed to the author, who answers.
        """
        known.flush()
        if part.context:
            before = fold.before(self.work.database, self.work.connection, part, "home")
            if isinstance(before, str) and before != home and levels.covers(scope, before):
                return True
        cls = kinds().get(part.kind)
        if cls is None:
            return False
        if cls.guest:
            return self._is_guest(part, scope, home)
        fields = fields_of(part.kind)
        if not part.context or not all(fields[name].answered for name in part.fields if name in fields):
            return False
        row = self._shown(part.record)
        addressed, second = row.get(cls.addressed), row.get(cls.second)
        to = addressed.hex() if isinstance(addressed, bytes) else ""
        return self._former.get(to, to) == unit.id or (isinstance(second, str) and levels.covers(scope, second))

    def _is_guest(self, part: PartBody, scope: set[str], home: str) -> bool:
        """Whether the row is about somebody who lives, or lived, in the author's scope, and has that one's home."""
        cls = kinds()[part.kind]
        target = kinds()[fields_of(part.kind)[cls.guest].target]
        named = part.fields.get(cls.guest) or self._shown(part.record).get(cls.guest)
        if not isinstance(named, bytes):
            return False
        person = self._shown(named)
        rows = bulk.select_in(self.work.connection, "SELECT home FROM former_home WHERE record IN ({})", [named])
        former = [place for (place,) in rows]
        lives = [place for place in (person.get(target.second), *former) if isinstance(place, str)]
        return home in (person.get("home"), *former) and any(levels.covers(scope, place) for place in lives)

    def _shown(self, record: bytes) -> dict[str, recording.Value]:
        """What a record shows, from the journal: the rows follow only when the package is through."""
        database, connection = self.work.database, self.work.connection
        ((_, one),) = fold.load(database, connection, [record])
        return one.shown(fold.Order(database, connection))

    def _wrong_kind(self, group: Incoming, part: PartBody, unit: _Unit, known: Known) -> str | None:
        if part.kind == "node":
            return self._wrong_unit(group, part, unit)
        if part.kind in ("policy", "code_list"):
            return None if unit.level in ("county", "city") else "政策参数只能由县局或市局改动"
        if part.kind == "erasure" and unit.level not in ("county", "city"):
            return "依法删除只能由县局或市局办理"
        if part.kind in ("refusal", "replacement"):
            return self._wrong_void(part, unit)
        if part.kind == "case_step":
            return self._wrong_step(group, part, unit)
        if isinstance(into := part.fields.get("merged_into"), bytes):
            known.flush()
            home = self._shown(into).get("home")
            if isinstance(home, str) and not levels.covers(unit.granted, home):
                return "并入的资料不在管辖范围内, 要由两边共同的上级核对"
        return None

    def _wrong_unit(self, group: Incoming, part: PartBody, unit: _Unit) -> str | None:
        """A unit's record is its parent's; what it says of the unit lies within what the parent itself has."""
        fields = part.fields
        stored = self._units.get(part.record_id)
        named = fields.get("parent")
        parent = self._former.get(named.hex(), named.hex()) if isinstance(named, bytes) else None
        if part.record_id == unit.id and set(fields) <= {"sign_key", "seal_key", "status"}:
            # A unit may repeat the keys its parent has signed, so that it can enrol units of its own at once.
            return None if fields.get("sign_key") in (None, unit.sign_key) else "单位的钥匙只能由上级单位改动"
        if part.record_id == unit.id and unit.parent is None:
            return None if parent is None else "单位资料只能由上级单位改动"
        owner = parent if stored is None else self._former.get(stored.parent or "", stored.parent)
        if stored is not None and set(fields) == {"parent"} and self._takes_over(group, unit, owner, parent):
            return None
        if owner != unit.id or parent not in (None, owner):
            return "单位资料只能由上级单位改动"
        level = fields.get("level", stored.level if stored is not None else None)
        if not (isinstance(level, str) and levels.is_level(level) and levels.above(unit.level, level)):
            return "下级单位的级别要低于上级单位"
        if not levels.within(_codes(fields.get("scopes")), unit.granted):
            return "下级单位的管辖范围要在上级单位的范围之内"
        taken = [code for code in _codes(fields.get("former")) if self._former.get(code) != part.record_id]
        if any(code in self._units for code in taken):
            return "原单位编号已经是别的单位的编号"
        return None

    def _takes_over(self, group: Incoming, unit: _Unit, old: str | None, new: str | None) -> bool:
        """Whether the parent of a revoked unit gives its children to the one it makes in this very act."""
        left = self._units.get(old or "")
        made = [p.fields for _, _, p in group.parts.values() if p.kind == "node" and p.record_id == new]
        if left is None or left.last is None or left.parent != unit.id or not made:
            return False
        return levels.within(sorted(left.granted), set(_codes(made[0].get("scopes"))))

    def _wrong_void(self, part: PartBody, unit: _Unit) -> str | None:
        """Whom a refusal or a replacement puts out of force is settled when it is made; later it can only be undone."""
        target = part.fields.get("node")
        if part.context:
            if set(part.fields) != {"deleted"}:
                return "退回和重报的记录不能改动"
            named = self._targets.get(part.record_id) or self._stored_target(part)
        else:
            named = target.hex() if isinstance(target, bytes) else None
        if part.kind == "refusal":
            return None if named is not None and self._decides_on(unit, named) else "只有上级单位可以退回"
        return None if named is not None and self._former.get(named, named) == unit.id else "只有填报单位可以重报"

    def _decides_on(self, unit: _Unit, author: str) -> bool:
        """Superiors decide; a unit without one decides on its own forks."""
        own = self._former.get(author, author) == unit.id and unit.parent is None
        return own or self.is_above(unit.id, author)

    def _stored_target(self, part: PartBody) -> str | None:
        table = table_of(part.kind)
        return self.work.connection.execute(select(table.c.node).where(table.c.id == part.record_id)).scalar()

    def _wrong_step(self, group: Incoming, part: PartBody, unit: _Unit) -> str | None:
        """Who may write a step of a case may take it back, and every level above; nobody else."""
        if part.context:
            query = select(CaseStep.step, CaseStep.amount).where(CaseStep.id == part.record_id)
            stored = self._steps.get(part.record_id) or self.work.connection.execute(query).one_or_none()
            step, amount = stored if stored is not None else (None, None)
            reverses = True
        else:
            step, amount = part.fields.get("step"), part.fields.get("amount")
            reverses = part.fields.get("reverses") is not None
        if not isinstance(step, str):
            return "办理步骤不完整"
        policy = self._procedure(group, unit)
        if reverses and may_reverse(step, unit.level, policy):
            return None
        if hardship.may_write(step, unit.level, amount if isinstance(amount, int) else None, policy):
            return None
        rule = policy.rule(step)
        return f"审批意见只能由{levels.NAMES[rule.level] if rule is not None else '上级'}填写"

    def _procedure(self, group: Incoming, unit: _Unit) -> hardship.Policy:
        """The procedure in force for the author on the day the act was made."""
        day = clock.day_of(group.header.stamp // STAMP_UNITS).isoformat()
        found = sorted(
            (starts or "", value)
            for name, starts, value, home in self._policies
            if name == "hardship.steps" and (starts or "") <= day and _in_force(home, unit.scopes)
        )
        try:
            return hardship.policy_from(json.loads(found[-1][1])) if found else hardship.DEFAULT
        except (BadInput, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return hardship.DEFAULT

    # -- effects -------------------------------------------------------------------------------------------------

    def heard(self, group: Incoming) -> None:
        """Take note of what an accepted group says of units, policies and the time."""
        if group.header.stamp <= (clock.now_ms() + DAY) * STAMP_UNITS:
            self.highest_stamp = max(self.highest_stamp, group.header.stamp)
        for _, _, part in group.parts.values():
            if part.kind == "node":
                self.learn(part.record_id, dict(part.fields))
            elif part.kind == "policy" and not part.context:
                name, starts, value, home = (str(part.fields.get(n)) for n in ("name", "starts", "value", "home"))
                self._policies.append((name, starts, value, home))
            elif part.kind in ("refusal", "replacement") and isinstance(named := part.fields.get("node"), bytes):
                self._targets[part.record_id] = named.hex()
            elif part.kind == "case_step" and not part.context:
                self._steps[part.record_id] = part.fields.get("step"), part.fields.get("amount")

    def refuse(self, work: Work, group: Incoming, reason: str) -> None:
        """Write the refusal that leaves the group out everywhere and brings it back to its author."""
        unit = self.unit(group.header.node)
        seat = unit.scopes[0] if unit is not None and unit.scopes else ""
        work.session.add(
            Refusal(
                home=seat.ljust(12, "0"),
                node=group.header.node,
                incarnation=group.header.incarnation,
                position=group.header.position,
                group_hash=group.hash,
                act=group.header.name,
                reason=reason,
            )
        )


def may_reverse(step: str, level: str, policy: hardship.Policy = hardship.DEFAULT) -> bool:
    """Whether a level may take back a step (冲销): whoever may write it, and every level above."""
    rule = policy.rule(step)
    if rule is None:
        return False
    return hardship.may_write(step, level, None, policy) or levels.above(level, rule.level)


@functools.cache
def _level_fields(kind: str) -> dict[str, Field]:
    """Fields only a certain level may write."""
    return {name: facts for name, facts in fields_of(kind).items() if facts.merge in LEVEL_MERGES}


def _codes(value: object) -> list[str]:
    return [code for code in value.split(",") if code] if isinstance(value, str) else []


def _in_force(home: str | None, scopes: tuple[str, ...]) -> bool:
    return home is not None and levels.covers_above(scopes, home)


def _forged() -> Refused:
    return Refused("这个包里的签名不对, 可能被人改过。没有改动任何数据。请打电话给对方核对。")
