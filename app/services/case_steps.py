"""The steps of a hardship case as they count: in order, without what was taken back, forks named."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import CaseStep, Node, Policy
from app.rules import hardship
from app.services import lookup

POLICY = "hardship.steps"


@dataclass(frozen=True)
class Chain:
    """Steps in the order they follow one another; `rivals` were written apart after the same one.

    While there are rivals the case stands where they part: `steps` ends before them.
    """

    steps: tuple[CaseStep, ...]
    rivals: tuple[CaseStep, ...] = ()

    @property
    def forked(self) -> bool:
        """Whether a person must settle which of the rivals counts."""
        return bool(self.rivals)


def chain(rows: Iterable[CaseStep]) -> Chain:
    """Order the steps of one case; a step after one that was taken back follows what that one followed."""
    every = {row.id: row for row in rows if not row.deleted}
    gone = {row.reverses for row in every.values() if row.reverses is not None}
    live = [row for row in every.values() if row.reverses is None and row.id not in gone]
    after: dict[str | None, list[CaseStep]] = {}
    for row in sorted(live, key=lambda step: step.id):
        after.setdefault(_standing_before(row, every, gone), []).append(row)
    steps: list[CaseStep] = []
    last: str | None = None
    while following := after.get(last):
        if len(following) > 1:
            return Chain(tuple(steps), tuple(following))
        steps.append(following[0])
        last = following[0].id
        if len(steps) > len(live):
            break
    return Chain(tuple(steps))


def _standing_before(row: CaseStep, every: Mapping[str, CaseStep], gone: Iterable[str | None]) -> str | None:
    taken_back = set(gone)
    before, seen = row.follows, {row.id}
    while before is not None and before in taken_back and before in every and before not in seen:
        seen.add(before)
        before = every[before].follows
    return before


def of_case(session: Session, case: str) -> Chain:
    """The chain of one case."""
    return chain(session.scalars(select(CaseStep).where(CaseStep.case == case)))


def as_rules(session: Session, steps: Iterable[CaseStep]) -> list[hardship.Step]:
    """Steps as the rules take them, each with the level of the unit that wrote it."""
    found = list(steps)
    query = select(Node.id, Node.level).where(Node.id.in_({step.by_node for step in found}))
    return with_levels(found, {row.id: row.level for row in session.execute(query)})


def with_levels(steps: Iterable[CaseStep], levels: Mapping[str, str]) -> list[hardship.Step]:
    """The same where the levels of units are known: many cases at once."""
    return [
        hardship.Step(
            step=row.step or "", level=levels.get(row.by_node, ""), result=row.result or hardship.PASS, amount=row.amount,
            day=dt.date.fromisoformat(row.day) if row.day else None, opinion=row.opinion or "", id=row.id, after=row.follows,
        )
        for row in steps
    ]  # fmt: skip


def policy_of(session: Session, record: str | None) -> hardship.Policy:
    """The procedure a case was opened with; the built-in one where none was in force or it is not here."""
    found = session.get(Policy, record) if record is not None else None
    return hardship.DEFAULT if found is None or found.deleted else hardship.policy_from(json.loads(found.value))


def policy_in_force(session: Session, day: dt.date, name: str = POLICY) -> Policy | None:
    """The newest record of a policy that has taken effect by a day; None: the built-in default holds."""
    query = (
        select(Policy)
        .where(Policy.name == name, Policy.starts <= day.isoformat(), ~Policy.deleted)
        .order_by(Policy.starts.desc(), Policy.id.desc())
    )
    return session.scalars(query).first()


def step_fields(step: CaseStep) -> dict[str, object]:
    """A step as JSON has it."""
    return {"id": step.id, **lookup.outward(step)}
