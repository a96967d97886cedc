"""What a person gets and what is missing with him, in words, as far as the register can tell: it asks, never decides."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from app.rules import benefits, eligibility, money
from app.rules.eligibility import Due
from app.rules.eligibility_rules import Rule
from app.rules.partial_date import PartialDate

_SERVED = frozenset({"01", "02", "03", "05", "07"})
_STOPPED = "已停发"
_SHOWN = frozenset({"benefit_at_age", "of_age", "regrade"})


@dataclass(frozen=True)
class Identity:
    """One identity as it counts here."""

    class12: str = ""
    benefit: str = ""
    level: str = ""
    nature: str = ""
    state: str = ""
    """正常 | 待续办 | 已停发."""

    @property
    def word(self) -> str:
        """In a few characters."""
        return benefits.short_identity(self.class12, self.benefit, self.level, self.nature)


@dataclass(frozen=True)
class Facts:
    """What is known of a person; None and empty mean not known."""

    gone: bool = False
    """Dead or moved away: nothing is missing any more."""
    identities: tuple[Identity, ...] = ()
    discharged: PartialDate | None = None
    has_number: bool = True
    has_phone: bool = True
    has_account: bool = False
    has_certificate: bool = False
    """The number of the discharge certificate."""
    plaque: str = ""
    visited: str = ""
    """Day of the last visit."""
    paid: tuple[int, ...] = ()
    """Consolation money of this year, in fen."""
    due: tuple[str, ...] = ()
    """What the rules of eligibility say, as `due_words` has it."""


def gets(facts: Facts) -> tuple[str, ...]:
    """Benefits that are paid, money of this year, the 光荣牌."""
    found = [
        f"{one.word}({one.state})" if one.state and one.state != "正常" else one.word
        for one in facts.identities
        if one.benefit and one.state != _STOPPED
    ]
    if facts.paid:
        found.append(f"本年已领慰问金 {money.format_grouped(sum(facts.paid))} 元({len(facts.paid)} 次)")
    if facts.plaque:
        found.append(f"光荣牌{facts.plaque}")
    return tuple(found)


def due_words(found: Iterable[tuple[Rule, Due]]) -> tuple[str, ...]:
    """What comes with an age or a new grade, in a line each; what `missing` says by itself and birthdays are left out."""
    return tuple(
        f"{eligibility.STATES[due.state]}({rule.label}): {due.why}" + (f"。要核对: {'; '.join(due.missing)}" if due.missing else "")
        for rule, due in found
        if rule.kind in _SHOWN and due.state != "unknown"
    )  # fmt: skip


def missing(facts: Facts, day: dt.date) -> tuple[str, ...]:
    """What a clerk should ask for or look into, what touches money first."""
    return () if facts.gone else tuple(_missing(facts, day))


def _missing(facts: Facts, day: dt.date) -> Iterator[str]:
    classes = {one.class12 for one in facts.identities}
    paid = [one for one in facts.identities if one.benefit]
    yield from facts.due
    if "07" in classes and not any(one.level for one in facts.identities):
        yield "残疾军人没有填伤残等级"
    if "07" in classes and not paid:
        yield "残疾军人没有登记抚恤待遇, 请核对"
    for one in paid:
        if one.state in ("待续办", _STOPPED):
            yield f"{one.word}: {one.state}"
    if not facts.has_number:
        yield "没有身份证号"
    if not facts.has_phone:
        yield "没有电话"
    if paid and not facts.has_account:
        yield "享受待遇, 没有登记银行账户"
    if not classes - {""} and not paid:
        yield "没有填人员类别"
    if facts.discharged and classes & _SERVED and not facts.has_certificate:
        yield "没有填退役证编号"
    if not facts.plaque:
        yield "没有填光荣牌"
    if facts.visited[:4] != f"{day.year}":
        yield f"本年未走访(上次 {facts.visited})" if facts.visited else "还没有走访过"
