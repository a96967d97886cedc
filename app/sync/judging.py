"""What a node may write: scope, level, authority and signatures of groups that come from elsewhere."""

import functools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import select

from app import clock
from app.errors import BadInput, Refused
from app.models import Node, Policy, Refusal, recording
from app.models.base import fields_of, kinds
from app.models.database import STAMP_UNITS, Work
from app.models.fields import LEVEL_MERGES, Field
from app.models.recording import PartBody
from app.models.sealing import verify
from app.rules import hardship, levels
from app.sync.groups import Incoming

DAY: Final = 86_400_000
GROUP_PURPOSE: Final = "group"

HomeOf = Callable[[PartBody], str | None]


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


class Judge:
    """Knows the units as far as the groups taken so far have told."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.own = work.local.node
        self.highest_stamp = 0
        self._units: dict[str, _Unit] = {}
        self._former: dict[str, str] = {}
        for row in work.connection.execute(select(Node.__table__)).mappings():
            self.learn(row["id"].hex() if isinstance(row["id"], bytes) else row["id"], dict(row))
        self._policies: list[tuple[str, str, str]] = [
            (p.name, p.starts, p.value)
            for p in work.connection.execute(select(Policy.name, Policy.starts, Policy.value).where(~Policy.deleted))
        ]

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
        self._units[node] = known

    def unit(self, node: str) -> _Unit | None:
        """A unit by its id, or by the id it had before it joined its parent."""
        return self._units.get(self._former.get(node, node))

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
            if unit.parent == node:
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
        return group.flow != 0 and group.signature is None and not self._needs_signature(group)

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

    def violation(self, group: Incoming, home_of: HomeOf) -> str | None:
        """Why a group may not count; forged ones raise Refused."""
        header = group.header
        if header.node == self.own:
            if group.mac != recording.own_mac(self.work.database.own_secret, group.header_bytes):
                raise _forged()
            return None
        unit = self.unit(header.node)
        if self._needs_signature(group) or group.signature is not None:
            key = unit.sign_key if unit is not None else None
            if group.signature is None or key is None or not verify(key, GROUP_PURPOSE, group.hash, group.signature):
                raise _forged()
        return self._wrong(group, unit, home_of)

    def may_refuse(self, group: Incoming) -> bool:
        """Whether this unit is a superior of the author; what comes from others waits for a superior's refusal."""
        unit = self.unit(group.header.node)
        return self.is_above(self.own, unit.id if unit is not None else group.header.node)

    def _wrong(self, group: Incoming, unit: _Unit | None, home_of: HomeOf) -> str | None:
        if unit is None:
            return None  # in scope by the parent's word; holds nothing that needs authority (knows)
        joined = group.header.node != unit.id
        claimed = group.header.meta.get("scope")
        scope = unit.granted
        if not joined and isinstance(claimed, list):
            if any(not levels.covers(unit.granted, str(code)) for code in claimed):
                return f"{unit.name}填写的管辖范围没有经上级同意"
            scope = {str(code) for code in claimed}
        for _, _, part in group.parts.values():
            if (reason := self._wrong_part(group, part, unit, scope, home_of, joined=joined)) is not None:
                return reason
        return None

    def _wrong_part(
        self, group: Incoming, part: PartBody, unit: _Unit, scope: set[str], home_of: HomeOf, *, joined: bool
    ) -> str | None:
        if joined and part.kind in ("node", "policy", "code_list"):
            return None  # what a station said of itself before it joined has no effect
        given = part.fields.get("home")
        home = given if isinstance(given, str) else home_of(part)
        cls = kinds().get(part.kind)
        noun = cls.noun if cls is not None else "上级新增项目"
        if part.context and given is not None and home_of(part) not in (None, given):
            return f"{noun}的所属地只能由关系转出、转入改动"
        if home is not None and not levels.covers(scope, home) and not levels.covers(scope, home.rstrip("0")):
            return f"{noun}不在{unit.name}的管辖范围内"
        if cls is None:
            return None
        if cls.appended and part.context and set(part.fields) - {"deleted"}:
            return f"{noun}已经登记, 不能再改, 只能冲销"
        for name, facts in _level_fields(part.kind).items():
            if name in part.fields and levels.order(unit.level) < levels.order(facts.merge):
                return f"{facts.label}只能由{levels.NAMES[facts.merge]}填写"
        return self._wrong_kind(group, part, unit)

    def _wrong_kind(self, group: Incoming, part: PartBody, unit: _Unit) -> str | None:
        fields = part.fields
        if part.kind == "node":
            parent = fields.get("parent")
            stored = self.unit(part.record_id)
            if part.record_id == unit.id and set(fields) <= {"sign_key", "seal_key", "status"}:
                # A unit may repeat the keys its parent has signed, so that it can enrol units of its own at once.
                return None if fields.get("sign_key") in (None, unit.sign_key) else "单位的钥匙只能由上级单位改动"
            owner = parent.hex() if isinstance(parent, bytes) else (stored.parent if stored is not None else None)
            top = owner is None and part.record_id == unit.id
            return None if owner == unit.id or top else "单位资料只能由上级单位改动"
        if part.kind in ("policy", "code_list") and unit.level not in ("county", "city"):
            return "政策参数只能由县局或市局改动"
        if part.kind == "refusal":
            target = fields.get("node")
            ok = isinstance(target, bytes) and self._decides_on(unit, target.hex())
            return None if ok or part.context else "只有上级单位可以退回"
        if part.kind == "replacement":
            target = fields.get("node")
            ok = isinstance(target, bytes) and self._former.get(target.hex(), target.hex()) == unit.id
            return None if ok or part.context else "只有填报单位可以重报"
        if part.kind == "case_step" and not part.context:
            step, amount = fields.get("step"), fields.get("amount")
            if not isinstance(step, str):
                return "办理步骤不完整"
            policy = self._procedure(group)
            reverses = fields.get("reverses") is not None and may_reverse(step, unit.level, policy)
            if not reverses and not hardship.may_write(
                step, unit.level, amount if isinstance(amount, int) else None, policy
            ):
                rule = policy.rule(step)
                return f"审批意见只能由{levels.NAMES[rule.level] if rule is not None else '上级'}填写"
        return None

    def _decides_on(self, unit: _Unit, author: str) -> bool:
        """Superiors decide; a unit without one decides on its own forks."""
        own = self._former.get(author, author) == unit.id and unit.parent is None
        return own or self.is_above(unit.id, author)

    def _procedure(self, group: Incoming) -> hardship.Policy:
        """The procedure in force on the day the act was made."""
        day = clock.day_of(group.header.stamp // STAMP_UNITS).isoformat()
        found = sorted(
            (starts or "", value)
            for name, starts, value in self._policies
            if name == "hardship.steps" and (starts or "") <= day
        )
        try:
            return hardship.policy_from(json.loads(found[-1][1])) if found else hardship.DEFAULT
        except (BadInput, ValueError, TypeError):
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
                name, starts, value = (part.fields.get(n) for n in ("name", "starts", "value"))
                self._policies.append((str(name), str(starts), str(value)))

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


def _forged() -> Refused:
    return Refused("这个包里的签名不对, 可能被人改过。没有改动任何数据。请打电话给对方核对。")
