"""What of the exchange waits for the person at the desk: unsent, unanswered, sent back, answered differently, silent units."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select

from app import clock
from app.models.journal import Contest, PackageSeen, Peer
from app.sync import forks, overview, refusals
from app.sync.exchange import Exchange

SILENT_DAYS: Final = 15
"""After so many days without a package a unit below counts as not reporting (users.md: 15 天未上报的站)."""
_DAY: Final = 86_400_000


@dataclass(frozen=True)
class Waiting:
    """Counts; days are whole days since the last package to or from the parent, None if there never was one."""

    has_parent: bool
    unsent: int = 0
    unanswered: int = 0
    days_since_sent: int | None = None
    days_since_heard: int | None = None
    refused: int = 0
    differences: int = 0
    forks: int = 0
    silent: tuple[str, ...] = ()
    """Names of units below that have not reported for SILENT_DAYS."""
    missing: tuple[str, ...] = ()
    """Names of units below of whose packages an earlier one has not come."""


def waiting(exchange: Exchange) -> Waiting:
    """Look it up; nothing is written."""
    found = overview.status(exchange)
    with exchange.database.read() as session:
        contested = session.scalar(select(func.count()).select_from(Contest)) or 0
        parent = exchange.local.parent
        sent = session.scalar(
            select(func.max(PackageSeen.moment)).where(PackageSeen.outward, PackageSeen.peer == parent)
        )
        heard = session.scalar(select(Peer.last_seen).where(Peer.node == parent))
        seen = {row.node: row.last_seen for row in session.execute(select(Peer.node, Peer.last_seen))}
    now = clock.now_ms()
    active = [child for child in found["children"] if child["state"] == "active"]
    silent = [c["name"] for c in active if now - (seen.get(c["node"]) or 0) > SILENT_DAYS * _DAY]
    return Waiting(
        has_parent=parent is not None,
        unsent=found["unsent"],
        unanswered=found["waiting"],
        days_since_sent=_days(now, sent),
        days_since_heard=_days(now, heard),
        refused=len(refusals.listing(exchange)),
        differences=contested,
        forks=sum(1 for one in forks.listing(exchange) if one["mine"]),
        silent=tuple(silent),
        missing=tuple(c["name"] for c in active if c["missing"]),
    )


def _days(now: int, moment: int | None) -> int | None:
    return (now - moment) // _DAY if moment else None
