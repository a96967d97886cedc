"""The register as a whole: duplicates, warnings while typing, a list compared, who is entitled; each beside a bare read."""

import json
import random
import sys
from pathlib import Path
from typing import Any, Final

from app.cli.benching import baselines
from app.cli.benching.figures import Figure, Lab, timed
from app.cli.benching.made_up_rows import COUNTY, TODAY, Rows
from app.cli.benching.stations import alone, fill
from app.documents import workbook
from app.rules import divisions as division_rules
from app.rules import headings, made_up
from app.services import divisions, stores
from app.services.comparing import Comparing
from app.services.duplicates import Duplicates
from app.services.eligibility import Eligibility

_PERSON: Final = ("name", "id_number", "no_id_reason", "sex", "birth_date", "division", "phone", "household_number")
_SERVICE: Final = ("enlisted", "discharged", "rank")
_LISTED: Final = ("name", "id_number", "birth_date", "phone", "sex")
_LOOKS: Final = 50
BARE_READ: Final = "同样的列从同样加密的库里只读出来"


def registers(lab: Lab) -> list[Figure]:
    """Twice the records spread over the villages of a county, and a sixteenth of them in a small register beside it."""
    many, few = 2 * lab.records, max(lab.records // 16, 1)
    search = Figure("duplicates", f"{many} 人里找疑似同一人", BARE_READ)
    typing = Figure("duplicates.near", f"录入时查疑似同一人({many} 人)", f"{few} 人时", unit="ms")
    entitled = Figure("eligible", f"{many} 人里找快符合条件和应享受未享受", BARE_READ)
    count = max(lab.records // 5, 1)
    listed = Figure("compare", f"{count} 行名单与 {many} 人比对", "openpyxl 只读不比对")
    folder = lab.place("registers")
    people = made_up_people(many)
    large, small = filled(folder / "large", people), filled(folder / "small", people[:few])
    book = folder / "名单.xlsx"
    rows = [[person.get(name) for name in _LISTED] for person in random.Random(3).sample(people, count)]  # noqa: S311 (made-up rows)
    workbook.write_table(book, [headings.LABELS[name][0] for name in _LISTED], rows)
    for turn in range(lab.repeats):
        with timed() as base:
            _bare_read(large)
        with timed() as watch:
            Duplicates(large.station).search()
        search.add(watch.seconds, base.seconds)
        with timed() as watch:
            Eligibility(large.station).due()
        entitled.add(watch.seconds, base.seconds)
        typed = people[turn::few][:_LOOKS]
        typing.add(_looks(large, typed), _looks(small, people[:few][:_LOOKS]))
        with timed() as watch:
            Comparing(large.station).run([book])
        read = json.loads(baselines.run_script(Path(sys.executable), "read_workbook.py", {"file": str(book)}))
        listed.add(watch.seconds, read["seconds"])
    large.close()
    small.close()
    return [search, typing, entitled, listed]


def made_up_people(count: int) -> Rows:
    """Spread over all villages of a county, the same for the same count."""
    villages = [
        code for code in divisions.national() if code.startswith(COUNTY) and division_rules.level(code) == "village"
    ]
    return list(made_up.people(count, random.Random(1), sorted(villages), today=TODAY))  # noqa: S311 (made-up people, the same for the same seed)


def filled(folder: Path, people: Rows) -> stores.Opened:
    """A county of these people with their services."""
    opened = alone(folder)
    rows: list[dict[str, Any]] = [{"home": one["division"], **{n: one.get(n) for n in _PERSON}} for one in people]
    ids = fill(opened.station.db, "person", rows)
    services = [
        {"home": one["division"], "person": record, **{n: one.get(n) for n in _SERVICE}}
        for record, one in zip(ids, people, strict=True)
        if "enlisted" in one
    ]
    fill(opened.station.db, "person_service", services)
    return opened


def _bare_read(opened: stores.Opened) -> int:
    """The same columns and nothing done with them; gives the number of rows."""
    wanted = {"person": ("id", *_PERSON), "person_service": ("person", *_SERVICE)}
    with opened.station.db.read() as session:
        connection = session.connection()
        return sum(
            len(connection.exec_driver_sql(f"SELECT {', '.join(columns)} FROM {table}").fetchall())
            for table, columns in wanted.items()
        )


def _looks(opened: stores.Opened, people: Rows) -> float:
    """Milliseconds of one look for whom a form may mean."""
    with timed() as watch:
        for one in people:
            Duplicates(opened.station).near({name: one[name] for name in _PERSON if name in one})
    return 1000 * watch.seconds / max(len(people), 1)
