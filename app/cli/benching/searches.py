"""Search as it is typed: each key press beside the bare query on the same index, in a large register and in a small one."""

import random
import statistics
from typing import Any, Final

from app.cli.benching.figures import Figure, Lab, timed
from app.cli.benching.made_up_rows import Rows
from app.cli.benching.registers import filled, made_up_people
from app.rules import names
from app.services import stores
from app.services.searching import Search

_SHOWN: Final = 50
_READ: Final = 200
_PEOPLE: Final = 12
_BAR: Final = 3.0
_LAST: Final = "\U0010ffff"
_COLUMNS: Final = "id, name, sex, birth_date, id_number, phone, division, address, status"


def searches(lab: Lab) -> list[Figure]:
    """Names character by character, their initials and 拼音, digits of numbers: what fingers do in the search box."""
    many, few = 2 * lab.records, min(3_000, 2 * lab.records)
    press = Figure("search", f"每按一键查人({many} 人)", "同一索引上只查一次", _BAR, unit="ms")
    grown = Figure("search.large", f"每按一键查人({many} 人)", f"{few} 人时", _BAR, unit="ms")
    folder = lab.place("searches")
    people = made_up_people(many)
    large, small = filled(folder / "large", people), filled(folder / "small", people[:few])
    for turn in range(lab.repeats):
        typed = _typed(random.Random(turn).sample(people[:few], _PEOPLE))  # noqa: S311 (made-up rows)
        for opened in (large, small):
            _pressed(opened, typed[:3])  # the page cache and the list of places are there, as they are at a desk
        ours, base = zip(*(_both(large, text) for text in typed), strict=True)
        press.add(statistics.fmean(ours), statistics.fmean(base))
        grown.add(statistics.fmean(_pressed(large, typed)), statistics.fmean(_pressed(small, typed)))
    large.close()
    small.close()
    return [press, grown]


def _typed(people: Rows) -> list[str]:
    out: list[str] = []
    for person in people:
        name = str(person["name"])
        sounds = names.pinyin(name)
        out += [name[:length] for length in range(1, len(name) + 1)]
        for whole in (sounds.initials[0], sounds.full[0], str(person.get("id_number") or "")[-4:]):
            out += [whole[:length] for length in range(1, len(whole) + 1)]
    return [text for text in out if text]


def _pressed(opened: stores.Opened, typed: list[str]) -> list[float]:
    search = Search(opened.station)
    out = []
    for text in typed:
        with timed() as watch:
            search.persons(text, _SHOWN)
        out.append(1000 * watch.seconds)
    return out


def _both(opened: stores.Opened, text: str) -> tuple[float, float]:
    """Milliseconds of our search and of the bare query, one right after the other."""
    form = names.pinyin_query(text) or names.folded(text)
    with timed() as bare:
        _bare(opened, form)
    with timed() as watch:
        Search(opened.station).persons(text, _SHOWN)
    return 1000 * watch.seconds, 1000 * bare.seconds


def _bare(opened: stores.Opened, form: str) -> list[Any]:
    """A prefix of one form read off the index and the lines of those it leads to: nothing less would show anything."""
    sql = f"SELECT person FROM person_key WHERE key >= ? AND key < ? ORDER BY key, person LIMIT {_READ}"
    with opened.station.db.read() as session:
        connection = session.connection()
        found = [row[0] for row in connection.exec_driver_sql(sql, (form, form + _LAST)).fetchall()]
        ids = list(dict.fromkeys(found))[:_SHOWN]
        if not ids:
            return []
        marks = ", ".join("?" * len(ids))
        return list(connection.exec_driver_sql(f"SELECT {_COLUMNS} FROM person WHERE id IN ({marks})", tuple(ids)))
