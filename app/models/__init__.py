"""Tables and the journal: imports every mapped class once, decides nothing."""

from sqlalchemy.orm import configure_mappers

from app.models import person_keys
from app.models.base import Base, Synced, fields_of, kinds, table_of
from app.models.export_record import ExportRecord
from app.models.handover import Handover, PersonPair
from app.models.hardship import Attachment, CaseStep, HardshipCase, IssuedDocument
from app.models.journal import Group, Local, Origin, Part
from app.models.node import CodeList, Division, Node, Policy, Refusal, Replacement, Staff
from app.models.person import (
    FamilyMember,
    Household,
    PendingRow,
    Person,
    PersonAccount,
    PersonIdentity,
    PersonKey,
    PersonService,
)
from app.models.person_file import (
    PersonAction,
    PersonAward,
    PersonChange,
    PersonEducation,
    PersonInsurance,
    PersonJob,
    PersonSettlement,
    PersonSoldier,
    PersonTraining,
    PersonVenture,
)
from app.models.share import Erasure, Share
from app.models.visit import Campaign, Payment, Roster, RosterLine, Visit


def ready() -> None:
    """Let the mapping of all classes be worked out now instead of with the first query."""
    configure_mappers()


__all__ = [
    "Attachment",
    "Base",
    "Campaign",
    "CaseStep",
    "CodeList",
    "Division",
    "Erasure",
    "ExportRecord",
    "FamilyMember",
    "Group",
    "Handover",
    "HardshipCase",
    "Household",
    "IssuedDocument",
    "Local",
    "Node",
    "Origin",
    "Part",
    "Payment",
    "PendingRow",
    "Person",
    "PersonAccount",
    "PersonAction",
    "PersonAward",
    "PersonChange",
    "PersonEducation",
    "PersonIdentity",
    "PersonInsurance",
    "PersonJob",
    "PersonKey",
    "PersonPair",
    "PersonService",
    "PersonSettlement",
    "PersonSoldier",
    "PersonTraining",
    "PersonVenture",
    "Policy",
    "Refusal",
    "Replacement",
    "Roster",
    "RosterLine",
    "Share",
    "Staff",
    "Synced",
    "Visit",
    "fields_of",
    "kinds",
    "person_keys",
    "ready",
    "table_of",
]
