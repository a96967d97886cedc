"""The 信息采集表 of one person in words, section by section (A to N), as the card and the paper have it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from app.models import Household, fields_of
from app.services import divisions, field_values, rights
from app.services.people import LISTS, People, person_of
from app.services.station import Station


@dataclass(frozen=True)
class Section:
    """One section. `lines` are (label, words) of the person, `blocks` the same of each part under its noun."""

    letter: str
    title: str
    lines: tuple[tuple[str, str], ...]
    blocks: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing of it is filled in."""
        return not self.lines and not self.blocks


@dataclass(frozen=True)
class _Plan:
    letter: str
    title: str
    fields: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    household: tuple[str, ...] = ()


PLANS: Final = (
    _Plan("A", "身份", (
        "name", "former_name", "id_number", "no_id_reason", "sex", "birth_date", "ethnicity", "id_issuer", "id_starts",
        "id_ends", "division", "village_group", "address", "household_kind", "household_type", "household_number",
        "head_name", "head_relation",
    ), ("identities",)),
    _Plan("B", "基本情况", (
        "political", "joined_party", "party_branch", "party_dues", "party_active", "delegate", "delegate_since",
        "work_since", "occupation", "education", "marital", "height", "native_place", "residence_division",
        "residence_address", "family_address", "phone", "phone2", "home_phone", "office_phone", "emergency_name",
        "emergency_phone", "wechat", "qq", "email", "postcode", "work_place",
    )),
    _Plan("C", "家庭成员", ("family_size",), ("family",)),
    _Plan("D", "教育经历", (), ("educations",)),
    _Plan("E", "身体状况", (
        "health", "health_more", "illness", "aids", "disabled_card", "disabled_card_ends", "disabled_allowances",
        "nursed", "work_ability", "self_care",
    )),
    _Plan("F", "生活状况", (
        "housing", "family_income", "income", "relief", "case_help", "lone_elder", "orphan", "support",
    ), ("insurances",)),
    _Plan("G", "困难和诉求", ("hardship", "demand", "demand_text", "key_contact")),
    _Plan("H", "服役情况", (), ("services", "actions", "awards")),
    _Plan("I", "安置情况", (), ("settlements", "accounts")),
    _Plan("J", "就业创业培训", (), ("jobs", "ventures", "trainings")),
    _Plan("K", "三属和军属", (), ("soldiers",)),
    _Plan("L", "光荣牌", ("plaque",), (), (
        "plaque_applied", "plaque_hung", "plaque_address", "plaque_replaced", "plaque_ended",
    )),
    _Plan("M", "变动情况", ("status", "death_date", "death_cause"), ("changes",)),
    _Plan("N", "采集和审核", (
        "collected_by", "collected_phone", "collected_unit", "collected_on", "checked_by", "checked_phone",
        "checked_unit", "checked_on", "national_state", "national_number", "national_day", "national_by", "note",
    )),
)  # fmt: skip
"""Which fields stand where; every field a person may type stands in one section (tests/services/test_person_sections.py)."""


class PersonSections:
    """Reading the form; it never writes."""

    def __init__(self, station: Station) -> None:
        self.station = station

    def of(self, person: str, *, full: bool = False, paper: bool = False) -> tuple[Section, ...]:
        """All sections, empty ones too. Sensitive values are masked unless `full`; on `paper` units of the forces are left out.

        Refused when there is no such person.
        """
        rights.demand(self.station, "read")
        shown = People(self.station).show(person).fields
        with self.station.db.read() as session:
            record = person_of(session, person)
            household = session.get(Household, record.household) if record.household else None
            places = {
                code: divisions.spoken(session, self.station.place, code)
                for code in (record.division, record.residence_division)
                if code
            }
        said = _Sayer(places, full=full, paper=paper)
        home = {n: getattr(household, n) for n in fields_of("household")} if household is not None else {}
        return tuple(
            Section(
                plan.letter, plan.title,
                (*said.lines("person", shown, plan.fields), *said.lines("household", home, plan.household)),
                tuple(said.blocks(shown, plan.parts)),
            )
            for plan in PLANS
        )  # fmt: skip


@dataclass(frozen=True)
class _Sayer:
    places: Mapping[str, str]
    full: bool
    paper: bool

    def lines(self, kind: str, values: Mapping[str, Any], names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
        known = fields_of(kind)
        found = []
        for name in names:
            field, value = known[name], values.get(name)
            if value is None or (self.paper and field.withheld):
                continue
            text = field_values.shown(field, value, full=self.full)
            found.append((field.label, self.places.get(str(value), text) if field.editor == "division" else text))
        return tuple(found)

    def blocks(
        self, shown: Mapping[str, Any], parts: tuple[str, ...]
    ) -> Iterator[tuple[str, tuple[tuple[str, str], ...]]]:
        for part in parts:
            kind = LISTS[part].__tablename__
            names = tuple(name for name in field_values.columns_of(kind) if name != "person")
            for values in shown[part]:
                yield LISTS[part].noun, self.lines(kind, values, names)
