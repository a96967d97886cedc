"""The measurements themselves, by name; each builds its stores, repeats and gives its figures."""

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

from app import clock
from app.cli.benching import baselines, made_up_rows
from app.cli.benching.figures import Figure, Lab, timed
from app.cli.benching.registers import registers
from app.cli.benching.searches import searches
from app.cli.benching.stations import Pair, alone, fill, reopened
from app.cli.benching.windows import windows
from app.documents import workbook
from app.models import Person
from app.models.database import Database
from app.models.keyfile import KeyFile
from app.rules import headings
from app.services import stores
from app.services.importing import Importing

Measure = Callable[[Lab], list[Figure]]

BARE: Final = "同样的行直接写进同样加密的表"
CHANGESET: Final = "SQLite 会话扩展"
_IN_ONE_ACT: Final = 10
ELSEWHERE: Final = "361002200200"
"""A village of another township: not in the scope of the child that sends."""


def insert(lab: Lab) -> list[Figure]:
    """Records with the journal in one act, against the bare rows; size of the closed stores."""
    return _inserts(lab, "insert", f"{lab.records} 条记录 × 20 项", "person", made_up_rows.plain(lab.records), bar=True)


def persons(lab: Lab) -> list[Figure]:
    """The same with search keys and fields that stop, which the bare rows have not."""
    rows = made_up_rows.persons(lab.records)
    return _inserts(lab, "persons", f"{lab.records} 人 × 20 项, 连检索键", "person", rows, bar=False)


def visits(lab: Lab) -> list[Figure]:
    """Visits, one field of which has a stop: two parts in the journal for each."""
    rows = made_up_rows.visits(lab.records, clock.new_ids(1_000))
    return _inserts(lab, "visits", f"{lab.records} 次走访 × 12 项", "visit", rows, bar=False)


def _inserts(lab: Lab, name: str, title: str, kind: str, rows: made_up_rows.Rows, *, bar: bool) -> list[Figure]:
    seconds = Figure(name, f"写入 {title}", BARE, 4.0 if bar else None)
    size = Figure(f"{name}.size", f"数据文件大小, {title}", BARE, 3.0 if bar else None, "MB")
    for turn in range(lab.repeats):
        folder = lab.place(f"{name}{turn}")
        opened = alone(folder / "store")
        database = opened.station.db
        bare = baselines.rows_of(database, kind, rows)
        with timed() as watch, database.work("登记") as work:
            work.add_many(kind, rows)
        opened.close()
        seconds.add(watch.seconds, baselines.bare_insert(folder / "bare.db", bare))
        size.add(_megabytes(folder / "store" / stores.STORE), _megabytes(folder / "bare.db"))
        shutil.rmtree(folder)
    return [seconds, size]


def exchange(lab: Lab) -> list[Figure]:
    """The records' way to the parent: written, read back and verified; verified, opened, judged and taken there."""
    title = f"{lab.records} 条记录 × 20 项"
    taking = Figure("export", f"生成上报包, {title}", f"{CHANGESET}(取出、压缩、加封、写盘)", 2.0)
    sealed = Figure("export.size", f"上报包大小, {title}", CHANGESET, 1.25, "MB")
    importing = Figure("import", f"接收并核对(两边填的不一样), {title}", f"{CHANGESET}(应用到同样加密的库)", 6.0)
    rows = made_up_rows.plain(lab.records)
    for turn in range(lab.repeats):
        folder = lab.place(f"exchange{turn}")
        pair = Pair.founded(folder)
        database = pair.child.station.db
        with database.work("登记") as work:
            work.add_many("person", rows)
        with timed() as writing:
            package = pair.sent_up()
        with timed() as reading:
            taken = pair.taken_above(package)
        if taken.counts.new < lab.records:
            raise RuntimeError(f"{taken.counts.new} of {lab.records} records arrived")
        base = _session_extension(lab, folder, database, rows)
        taking.add(writing.seconds, base.get("export"))
        sealed.add(_megabytes(package), base["sealed"] / 1e6 if base else None)
        importing.add(reading.seconds, base.get("apply"))
        pair.close()
        shutil.rmtree(folder)
    return [taking, sealed, importing]


def _session_extension(lab: Lab, folder: Path, database: Database, rows: made_up_rows.Rows) -> dict[str, float]:
    if lab.other_python is None:
        return {}
    place = folder / "session"
    place.mkdir()
    return baselines.session_extension(lab.other_python, place, baselines.rows_of(database, "person", rows), database)


def large(lab: Lab) -> list[Figure]:
    """The same packages into a large store and into a small one: a month's work, and nothing but new persons."""
    many, few = 2 * lab.records, max(3 * lab.records // 50, 1)
    month = Month(lab.records)
    against = f"收进 {few} 人的库"
    figure = Figure("import.large", f"{month.title}收进 {many} 人的库", against, 1.3)
    entering = Figure("import.large.new", f"{month.visits} 个新人员收进 {many} 人的库", against)
    pairs = {}
    for name, count in (("large", many), ("small", few)):
        people = [{**row, "home": ELSEWHERE, "division": ELSEWHERE} for row in made_up_rows.persons(count)]
        pairs[name] = Pair.founded(lab.place(name), people)
    known = {}
    for name, pair in pairs.items():
        known[name] = fill(pair.child.station.db, "person", made_up_rows.persons(month.changed, 7))
        pair.taken_above(pair.sent_up())
    for turn in range(lab.repeats):
        seconds = {name: _sent(pair, partial(month.worked, pair, known[name], turn)) for name, pair in pairs.items()}
        figure.add(seconds["large"], seconds["small"])
        seconds = {name: _sent(pair, partial(month.entered, pair, turn)) for name, pair in pairs.items()}
        entering.add(seconds["large"], seconds["small"])
    for pair in pairs.values():
        pair.close()
    return [figure, entering]


def _sent(pair: Pair, act: Callable[[], None]) -> float:
    """Seconds the parent needs for a package with what was done; then the answer, so that the next holds the next."""
    act()
    package = pair.sent_up()
    with timed() as watch:
        pair.taken_above(package)
    pair.answered()
    return watch.seconds


class Month:
    """What a township sends after a month: visits, some changed persons, a few new ones; acts of ten records."""

    def __init__(self, records: int) -> None:
        self.visits = max(records // 50, 2)
        self.changed = max(self.visits * 9 // 10, 1)
        self.new = max(self.visits // 10, 1)
        self.title = f"{self.visits} 次走访、{self.changed} 人修改、{self.new} 人新增"

    def worked(self, pair: Pair, known: list[str], turn: int) -> None:
        """All of it at the child."""
        database = pair.child.station.db
        visits = made_up_rows.visits(self.visits, known, 100 + turn)
        people = made_up_rows.persons(self.new, 200 + turn)
        for start in range(0, self.visits, _IN_ONE_ACT):
            with database.work("登记走访") as act:
                act.add_many("visit", visits[start : start + _IN_ONE_ACT])
            with database.work("修改人员") as act:
                for record in known[start : start + _IN_ONE_ACT]:
                    act.session.get_one(Person, record).village_group = f"{turn + 1}组"
        for start in range(0, self.new, _IN_ONE_ACT):
            with database.work("登记人员") as act:
                act.add_many("person", people[start : start + _IN_ONE_ACT])

    def entered(self, pair: Pair, turn: int) -> None:
        """As many new persons as there are visits, in one act: every one brings a dozen search keys."""
        with pair.child.station.db.work("导入名单") as act:
            act.add_many("person", made_up_rows.persons(self.visits, 300 + turn))


def xlsx(lab: Lab) -> list[Figure]:
    """Rehearsing a roster from Excel, against openpyxl that only reads it."""
    count = max(lab.records // 5, 1)
    figure = Figure("xlsx", f"先核对 {count} 行的 Excel 名单", "openpyxl 只读不核对")
    columns = ("name", "id_number", "sex", "birth_date", "phone", "address", "village_group")
    labels = [headings.LABELS[name][0] for name in columns]
    folder = lab.place("xlsx")
    book = folder / "名单.xlsx"
    rows = made_up_rows.persons(count)
    workbook.write_table(book, labels, [[row.get(name) for name in columns] for row in rows])
    opened = alone(folder / "store")
    for _ in range(lab.repeats):
        with timed() as watch:
            Importing(opened.station).run([book], rehearse=True)
        read = json.loads(baselines.run_script(Path(sys.executable), "read_workbook.py", {"file": str(book)}))
        figure.add(watch.seconds, read["seconds"])
    opened.close()
    return [figure]


def work(lab: Lab) -> list[Figure]:
    """One act on one record, flushed to the device, in a store of some size."""
    figure = Figure("work", f"一次登记(在 {lab.records} 人的库里)", unit="ms")
    opened = alone(lab.place("work") / "store")
    fill(opened.station.db, "person", made_up_rows.persons(lab.records))
    for row in made_up_rows.persons(10 * lab.repeats, 9):
        with timed() as watch, opened.station.db.work("登记人员") as one:
            one.session.add(Person(**row))
        figure.add(1000 * watch.seconds)
    opened.close()
    return [figure]


def opening(lab: Lab) -> list[Figure]:
    """Opening a store: the stretching of the password at its full cost, and all the rest, apart."""
    stretch = Figure("open.key", "口令加固(正式数据)", unit="ms")
    rest = Figure("open", f"打开 {lab.records} 人的库(不含口令加固)", unit="ms")
    folder = lab.place("open")
    opened = alone(folder / "store")
    fill(opened.station.db, "person", made_up_rows.plain(lab.records))
    opened.close()
    made_up = {"store_id": "0" * 32, "staff_id": "1" * 32, "name": "赵明", "password": "demo"}
    KeyFile.create(folder / "keys.json", **made_up, practice=False)
    for _ in range(lab.repeats):
        with timed() as watch:
            KeyFile.load(folder / "keys.json").open_with_password(None, "demo")
        stretch.add(1000 * watch.seconds)
        with timed() as practice:
            KeyFile.load(folder / "store" / stores.KEYS).open_with_password(None, "demo")
        with timed() as whole:
            opened = reopened(folder / "store")
        opened.close()
        rest.add(1000 * (whole.seconds - practice.seconds))
    return [stretch, rest]


def _megabytes(path: Path) -> float:
    return path.stat().st_size / 1e6


MEASURES: Final[dict[str, Measure]] = {
    "insert": insert,
    "persons": persons,
    "visits": visits,
    "exchange": exchange,
    "large": large,
    "xlsx": xlsx,
    "work": work,
    "open": opening,
    "registers": registers,
    "searches": searches,
    "window": windows,
}


def run(lab: Lab, names: list[str]) -> Iterator[Figure]:
    """The figures of the named measurements, one measurement after the other."""
    for name in names:
        yield from MEASURES[name](lab)
