"""The open station: its store, its place in the chain, who is at the desk."""

from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Refused
from app.models import Local, Node, Staff
from app.models.database import NOBODY, Actor, Changed, Database
from app.models.keyfile import KeyFile


@dataclass(frozen=True)
class Place:
    """Where the store stands in the chain."""

    node: str
    name: str
    level: str
    """village | township | county | city."""
    scopes: tuple[str, ...]
    """Division prefixes it answers for; the first is its seat."""
    parent: str | None
    practice: bool

    @property
    def home(self) -> str:
        """The seat as a 12-digit code: where the unit's own records (staff, campaigns, papers) live."""
        return self.scopes[0].ljust(12, "0") if self.scopes else "0" * 12


@dataclass
class Station:
    """What every service is given."""

    db: Database
    folder: Path
    roles: tuple[str, ...] = ()
    """Of the person at the desk: clerk, reviewer, administrator."""
    keys: KeyFile | None = field(default=None, repr=False)
    """Who can open the store; None where the database is opened without a key file."""
    store_key: bytes = field(default=b"", repr=False)
    _place: Place | None = field(default=None, repr=False)

    @property
    def place(self) -> Place:
        """The unit, as its node record has it now."""
        if self._place is None:
            with self.db.read() as session:
                self._place = place_of(session)
        return self._place

    def refresh(self) -> None:
        """Read the unit again (after joining a parent or taking a package)."""
        self._place = None

    @property
    def actor(self) -> Actor:
        """Who is at the desk."""
        return self.db.actor

    def sit_down(self, staff: Staff) -> None:
        """Let a staff member work; what follows is done in this name."""
        if staff.status == "left":
            raise Refused("这个账号已停用。请找本单位的管理员。")
        self.db.actor = Actor(staff.id, staff.name)
        self.roles = tuple(role for role in (staff.roles or "").split(",") if role)


def place_of(session: Session) -> Place:
    """The store's own unit."""
    local = session.scalars(select(Local)).one()
    node = session.get(Node, local.node)
    if node is None:
        return Place(local.node, "", "village", (), local.parent, practice=local.practice)
    scopes = tuple(code for code in (node.scopes or "").split(",") if code)
    return Place(node.id, node.name, node.level, scopes, local.parent, practice=local.practice)


__all__ = ["NOBODY", "Changed", "Place", "Station", "place_of"]
