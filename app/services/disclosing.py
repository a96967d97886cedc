"""Notes that somebody has looked at whole numbers: once for each time a card is opened, never what they are."""

import logging

from app.services.station import Station

log = logging.getLogger(__name__)


def note(station: Station, kind: str, record: str) -> None:
    """One line in the log of this machine: which record, to which staff member, by their ids."""
    log.info("whole numbers of %s %s were shown to staff %s", kind, record, station.actor.staff)
