"""Made-up people for the tests of services."""

from typing import Any

from app import clock
from app.models import Group, Part, Person, PersonIdentity, fold, recording
from app.models.journal import Standing
from app.services.station import Station


def person(station: Station, name: str = "张三", **fields: Any) -> str:
    """A person of the station's own area; gives the id."""
    division = fields.pop("division", station.place.home)
    benefit = fields.pop("benefit", None)
    record = Person(id=clock.new_id(), name=name, division=division, home=fields.pop("home", division), **fields)
    with station.db.work("登记人员") as work:
        work.session.add(record)
        work.session.flush()
        if benefit:
            work.session.add(PersonIdentity(person=record.id, benefit_code=benefit, home=record.home))
    return record.id


def change(station: Station, model: Any, record: str, **fields: Any) -> None:
    """Change fields of a record by an act of its own."""
    with station.db.work("修改") as work:
        found = work.session.get_one(model, record)
        for name, value in fields.items():
            setattr(found, name, value)


def contest(station: Station, kind: str, record: str, **values: Any) -> None:
    """Give fields of a record a second value, written elsewhere by somebody who did not know of ours."""
    db = station.db
    with db.engine.begin() as connection, db.door(connection):
        connection.execution_options(ronggui_write=True)
        other = db.origin_id(connection, clock.new_id(), 1)
        body = recording.encode_part(kind, bytes.fromhex(record), [], values)
        group = Group.__table__.insert().values(  # type: ignore[attr-defined]  # a mapped class has a table
            origin=other,
            position=1,
            stamp=1,
            name="他站修改",
            header=b"",
            hash=b"",
            parts=1,
            standing=Standing.LIVE.value,
        )
        made: Any = connection.execute(group).inserted_primary_key
        salt = clock.random_bytes(recording.SALT)
        part = Part.__table__.insert()  # type: ignore[attr-defined]  # a mapped class has a table
        connection.execute(part.values(group_id=made[0], number=0, record=record, salt=salt, body=body))
        fold.write_rows(db, connection, dict(fold.load(db, connection, [bytes.fromhex(record)])))
