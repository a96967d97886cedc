"""A person's whole file held against the rules (register_checks): what an act brings that is refused, what it warns of."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.errors import Refused
from app.models import Payment, Person, PersonAccount, PersonKey, Visit
from app.rules import cross_checks, id_number, military, register_checks
from app.rules.partial_date import PartialDate
from app.rules.register_checks import WholeCard

Parts = Mapping[str, list[dict[str, Any]]]
"""Values of the parts by kind, in the order of entry."""

_STOPPED: Final = "已停发"
_ANEW: Final = 1
"""Years: a benefit approved longer ago was given by somebody else's decision and is only warned of."""
_HUNG: Final = "已悬挂"
_GRADED: Final = frozenset({"11", "12", "13", "14", "15"})


@dataclass(frozen=True)
class FileOf:
    """A person with all parts, as they are stored; `id` is empty for somebody new."""

    id: str
    person: Mapping[str, Any]
    parts: Parts


def look(session: Session, before: FileOf | None, after: FileOf, today: dt.date) -> tuple[str, ...]:
    """The sentences for the clerk. Raises Refused for what blocks, unless it stood there before the act."""
    given = _benefits(after, today) - (_benefits(before, today) if before is not None else frozenset())
    found = register_checks.findings(_whole(session, after, given), today)
    refused = [one for one in found if one.blocks]
    if refused and before is not None:
        # What two stations have marked is put right step by step, while other fields are changed all the same.
        stood = {
            one.code for one in register_checks.findings(_whole(session, before, frozenset()), today) if one.blocks
        }
        refused = [one for one in refused if one.code not in stood]
    if refused:
        said = "".join(dict.fromkeys(one.text for one in refused))
        raise Refused(f"{said}没有改动任何数据。")
    return (*_number_doubt(after.person), *dict.fromkeys(one.text for one in found))


def _number_doubt(person: Mapping[str, Any]) -> Iterator[str]:
    checked = id_number.check(person.get("id_number") or "")
    if isinstance(checked, id_number.IdNumber) and checked.doubt:
        yield checked.doubt


def _benefits(file: FileOf, today: dt.date) -> frozenset[tuple[str, str, str]]:
    """(benefit, level, nature) of identities in force that were approved of late, or nobody knows when."""
    return frozenset(
        (one["benefit_code"], one.get("disability_level") or "", one.get("disability_nature") or "")
        for one in file.parts.get("person_identity", ())
        if one.get("benefit_code") and not one.get("ends") and one.get("benefit_state") != _STOPPED
        and not _long_ago(one, today)
    )  # fmt: skip


def _long_ago(identity: Mapping[str, Any], today: dt.date) -> bool:
    limit = PartialDate(today.year - _ANEW, today.month, min(today.day, 28))
    dates = [_date(identity.get(name)) for name in ("approved", "starts")]
    return any(day is not None and day.surely_before(limit) for day in dates)


def _whole(session: Session, file: FileOf, given: frozenset[tuple[str, str, str]]) -> WholeCard:
    person, parts = file.person, file.parts
    identities = parts.get("person_identity", [])
    services = parts.get("person_service", [])
    settlements = parts.get("person_settlement", [])
    last = max(services, key=lambda one: one.get("discharged") or "", default={})
    paid = [one for one in identities if one.get("main")]
    settled = settlements[-1] if settlements else {}
    return WholeCard(
        card=_card(file, given),
        given=frozenset(code for code, *_ in given),
        paid_by=len(paid),
        paid_without_benefit=any(not one.get("benefit_code") for one in paid),
        branches=tuple(one["branch"] for one in services if one.get("branch")),
        rank=last.get("rank") or "",
        settlement_way=settled.get("way") or "",
        work_grounds=_values(settlements, "ground"),
        discharge_paper=last.get("discharge_paper") or "",
        honours=_honours(parts),
        approved=_day(settled.get("approved")),
        reported=_day(settled.get("reported")),
        works_for_unit=any(one.get("unit") and not one.get("ends") for one in parts.get("person_job", ())) or None,
        joined_party=_date(person.get("joined_party")),
        graded=max(filter(None, (_date(one.get("graded")) for one in identities)), default=None),
        life_cycle=person.get("status") or "",
        last_paid=_last(session, select(func.max(Payment.day)).where(
            Payment.person == file.id, Payment.result == "paid", ~Payment.deleted), file.id),
        last_visited=_last(session, select(func.max(Visit.date)).where(Visit.person == file.id, ~Visit.deleted), file.id),
        holders=_holders(session, file),
        sharers=_sharers(session, file),
        plaques=_plaques(session, file),
    )  # fmt: skip


def _grade(identities: Iterable[Mapping[str, Any]], given: frozenset[tuple[str, str, str]]) -> tuple[str, str]:
    """Level and nature of the disability that is looked at: the one given anew, else the first on file."""
    anew = sorted(one for one in given if one[0] in _GRADED)
    if anew:
        return anew[0][1], anew[0][2]
    pairs = [(one.get("disability_level") or "", one.get("disability_nature") or "") for one in identities]
    return next((pair for pair in pairs if any(pair)), ("", ""))


def _card(file: FileOf, given: frozenset[tuple[str, str, str]]) -> cross_checks.Card:
    person, parts = file.person, file.parts
    identities, services = parts.get("person_identity", []), parts.get("person_service", [])
    number = id_number.check(person.get("id_number") or "")
    checked = number if isinstance(number, id_number.IdNumber) else None
    enlisted = [day for one in services if (day := _date(one.get("enlisted"))) is not None]
    discharged = [day for one in services if (day := _date(one.get("discharged"))) is not None]
    actions = parts.get("person_action", [])
    level, nature = _grade(identities, given)
    return cross_checks.Card(
        birth=_date(person.get("birth_date")), sex=person.get("sex") or "",
        id_birth=checked.birth if checked else None, id_sex=checked.sex if checked else "",
        enlisted=min(enlisted, default=None), discharged=max(discharged, default=None),
        died=_date(person.get("death_date")),
        classes=_values(identities, "class12"), codes=_values(identities, "benefit_code"),
        disability_level=level, disability_nature=nature,
        war_services=_values(actions, "war_service"), household_kind=person.get("household_kind") or "",
    )  # fmt: skip


def _honours(parts: Parts) -> frozenset[str]:
    """Those on file as parts, and those the one line of a roster names in words."""
    found = set(_values(parts.get("person_award", []), "honour"))
    for one in parts.get("person_service", ()):
        for word in (one.get("merits") or "").replace(",", "、").replace(";", "、").split("、"):
            if (code := military.HONOURS.code_of(word)) is not None:
                found.add(code)
    return frozenset(found)


def _values(parts: Iterable[Mapping[str, Any]], name: str) -> frozenset[str]:
    return frozenset(part[name] for part in parts if part.get(name))


def _date(text: str | None) -> PartialDate | None:
    return PartialDate.parse(text) if text else None


def _day(text: str | None) -> dt.date | None:
    found = _date(text)
    return found.earliest() if found is not None and found.is_day() else None


def _last(session: Session, query: Any, person: str) -> PartialDate | None:
    return _date(session.scalar(query)) if person else None


# -- what several people share --------------------------------------------------------------------------------------


def _holders(session: Session, file: FileOf) -> int:
    """How many people have one of the accounts, the person himself included."""
    numbers = _values(file.parts.get("person_account", ()), "account_number")
    if not numbers:
        return 1
    query = select(func.count(func.distinct(PersonAccount.person))).where(
        PersonAccount.account_number.in_(numbers), ~PersonAccount.deleted, PersonAccount.person != file.id
    )
    return 1 + (session.scalar(query) or 0)


def _sharers(session: Session, file: FileOf) -> int:
    """How many people have the telephone, read off the search keys."""
    number = file.person.get("phone")
    if not number:
        return 1
    digits = "".join(filter(str.isdigit, number))
    having = select(PersonKey.person).where(PersonKey.key == digits)
    query = select(func.count(Person.id)).where(
        Person.id.in_(having), or_(Person.phone == number, Person.phone2 == number), Person.id != file.id
    )
    return 1 + (session.scalar(query) or 0)


def _plaques(session: Session, file: FileOf) -> int:
    """How many 光荣牌 hang at the household."""
    own = int(file.person.get("plaque") == _HUNG)
    household = file.person.get("household")
    if not own or not household:
        return 1
    query = select(func.count(Person.id)).where(
        Person.household == household, Person.plaque == _HUNG, ~Person.deleted, Person.merged_into.is_(None),
        Person.id != file.id,
    )  # fmt: skip
    return own + (session.scalar(query) or 0)
