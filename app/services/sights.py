"""Which record of a kind is worth showing: the first that is here, for pictures and for walks through the pages."""

from sqlalchemy import select

from app.models import table_of
from app.services import rights
from app.services.station import Station


def first(station: Station, kind: str) -> str | None:
    """The id of the first record of a kind that is not deleted; None if there is none."""
    rights.demand(station, "read")
    table = table_of(kind)
    with station.db.read() as session:
        return session.scalar(select(table.c.id).where(~table.c.deleted).order_by(table.c.id).limit(1))
