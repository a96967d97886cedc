"""`store check`: the journal is whole and unaltered, the rows are its fold, files and money add up."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, select
from sqlalchemy.exc import NoResultFound

from app import progress
from app.errors import Refused
from app.models import Campaign, Payment, Person, blobs, copying, fold, standing
from app.models.base import fields_of, kinds, table_of
from app.models.blobs import Sealed
from app.models.bulk import select_in
from app.models.causality import Dot, State, covers
from app.models.database import Database
from app.models.fold import Folded
from app.models.journal import Blob, Standing
from app.models.person_keys import SOURCES, keys_of
from app.services import paying
from app.services.checking_journal import CHUNK, Report, check_chains, check_standings
from app.services.station import Station

_UNREADABLE: Final = (Refused, ValueError, msgspec.MsgspecError, NoResultFound)
"""What reading a damaged part, state or reference to an origin raises."""

_NOUNS: Final = {"foreign_record": "上级新增项目", "contest": "“两边填的不一样”的清单"}


def check(station: Station) -> list[str]:
    """Everything that must always hold of a store, as sentences on what does not; empty when all is well.

    Reads every row and every file, in pieces; changes nothing.
    """
    report = Report()
    with station.db.read() as session:
        connection = session.connection()
        if connection.dialect.name == "sqlite" and (pages := copying.broken_pages(connection)):
            # Reading on would only stumble over the same places.
            return [f"数据文件有 {len(pages)} 处损坏({pages[0]})。请用最近的备份恢复。"]
        steps: Sequence[tuple[str, Callable[[], object]]] = (
            ("核对变更记录", lambda: check_chains(connection, report)),
            ("核对变更记录", lambda: check_standings(connection, report)),
            ("核对每条数据", lambda: _check_records(station.db, connection, report)),
            ("核对每条数据", lambda: _check_rows(connection, report)),
            ("核对查找用的索引", lambda: _check_search_keys(connection, report)),
            ("核对引用", lambda: _check_references(connection, report)),
            ("核对附件", lambda: _check_files(station, connection, report)),
        )
        for number, (what, step) in enumerate(steps):
            progress.step(what, number, len(steps))
            step()
        for campaign, name in session.execute(select(Campaign.id, Campaign.name).where(~Campaign.deleted)).all():
            _check_money(connection, paying.lines_of(session, campaign), campaign, name, report)
    return report.sentences()


def look_over(station: Station) -> list[str]:
    """The quick look after an unclean stop: every page of the file, and nothing that names what is not there.

    Sentences on what is wrong; empty when all is well. `check` proves far more and takes far longer.
    """
    with station.db.read() as session:
        connection = session.connection()
        if connection.dialect.name != "sqlite":
            return []
        if pages := copying.broken_pages(connection):
            return [f"数据文件有 {len(pages)} 处损坏({pages[0]})。请用最近的备份恢复。"]
        report = Report()
        _check_references(connection, report)
    return report.sentences()


# -- rows ----------------------------------------------------------------------------------------------------------


def _check_records(database: Database, connection: Connection, report: Report) -> None:
    """For every record the journal or a snapshot knows: its row, its state, its place in the list of contests."""
    order = fold.Order(database, connection)
    for some in _journalled(connection):
        progress.step("核对每条数据", 2, 7)
        try:
            report.join(_compared(database, connection, some, order))
        except _UNREADABLE:
            # Something here cannot be read at all: find out which record it is.
            for record in some:
                try:
                    report.join(_compared(database, connection, [record], order))
                except _UNREADABLE:
                    report.add("数据", f"记录 {record.hex()}: 变更记录读不出来")


def _compared(database: Database, connection: Connection, records: Sequence[bytes], order: fold.Order) -> Report:
    report = Report()
    followers = standing.followers(database, connection, set(records))
    for (name,) in select_in(connection, "SELECT name FROM journal_group WHERE id IN ({})", sorted(followers)):
        report.add("退回", f"记录“{name}”建立在没有算进来的内容上, 却算在内")
    sql = "SELECT record FROM contest WHERE record IN ({})"
    contested = {bytes(record) for (record,) in select_in(connection, sql, records)}
    folded: dict[str, dict[bytes, Folded]] = defaultdict(dict)
    live = _live_dots(connection, records)
    for record, one in fold.load(database, connection, records):
        if not one.state.vector:
            continue
        folded[one.kind][record] = one
        if not all(covers(one.state.vector, dot) for dot in live.get(record, ())):
            report.add("退回", f"{_noun(one.kind)} {record.hex()}: 有内容没有算进来, 却记成算在内")
        if bool(one.clashes(order) or one.revived(order)) != (record in contested):
            report.add("清单", f"{_noun(one.kind)} {record.hex()}: “两边填的不一样”的清单与变更记录不符")
    for kind, ones in folded.items():
        _compare(connection, kind, ones, order, report)
    return report


def _journalled(connection: Connection) -> Iterator[list[bytes]]:
    """Ids of all records with a live group or a baseline, in pieces, in order."""
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    sql = (
        "SELECT record FROM (SELECT record FROM journal_part UNION SELECT record FROM baseline "
        "UNION SELECT subject FROM erasure WHERE subject IS NOT NULL) AS all_records "
        f"WHERE record > {mark} ORDER BY record LIMIT {CHUNK}"
    )
    last = b""
    while rows := [bytes(row[0]) for row in connection.exec_driver_sql(sql, (last,))]:
        yield rows
        last = rows[-1]


def _live_dots(connection: Connection, records: Sequence[bytes]) -> dict[bytes, set[Dot]]:
    sql = (
        "SELECT p.record, g.origin, g.position FROM journal_part p JOIN journal_group g ON g.id = p.group_id "
        f"WHERE g.standing = {Standing.LIVE.value} AND p.body IS NOT NULL AND p.record IN ({{}})"
    )
    out: dict[bytes, set[Dot]] = defaultdict(set)
    for record, origin, position in select_in(connection, sql, records):
        out[bytes(record)].add(Dot(origin, position))
    return out


def _compare(connection: Connection, kind: str, folded: dict[bytes, Folded], order: fold.Order, report: Report) -> None:
    known = kind in kinds()
    names = list(fields_of(kind)) if known else ["home"]
    table, key = (kind, "id") if known else ("foreign_record", "record")
    columns = ", ".join(f'"{name}"' for name in names)
    sql = f'SELECT "{key}", state, {columns} FROM "{table}" WHERE "{key}" IN ({{}})'
    rows = {bytes(row[0]): row[1:] for row in select_in(connection, sql, list(folded))}
    for record, one in folded.items():
        row = rows.get(record)
        if row is None:
            report.add("数据", f"{_noun(kind)} {record.hex()}: 变更记录里有, 数据表里没有")
            continue
        shown = one.shown(order)
        if known:
            editors = fields_of(kind)
            expected = {name: fold.fitting(shown.get(name), editors[name].editor) for name in names}
            expected["deleted"] = bool(shown.get("deleted", False))
        else:
            home = shown.get("home")
            expected = {"home": home if isinstance(home, str) else None}
        for name, value in zip(names, row[1:], strict=True):
            if _plain(value, expected[name]) != expected[name]:
                label = fields_of(kind)[name].label if known else name
                report.add("数据", f"{_noun(kind)} {record.hex()}: “{label}”与变更记录不符")
        if not _same_state(bytes(row[0] or b""), one):
            report.add("数据", f"{_noun(kind)} {record.hex()}: 版本状态与变更记录不符")


def _plain(value: Any, expected: Any) -> Any:
    """A driver's value as the journal would have it: SQLite has no flags, PostgreSQL gives views of bytes."""
    if isinstance(value, memoryview):
        return bytes(value)
    return bool(value) if isinstance(expected, bool) and value in (0, 1) else value


def _same_state(stored: bytes, one: Folded) -> bool:
    """Vectors and heads are equal, in whichever of their forms they are kept."""
    if (state := _state(stored)) is None:
        return False
    base = list(one.writes[state.base].fields) if state.base in one.writes else []
    names = {*one.names(), *state.heads, *base}
    return state.vector == one.state.vector and all(
        sorted(state.heads_of(name, base)) == sorted(one.state.heads_of(name, one.base_fields())) for name in names
    )


def _state(stored: bytes) -> State | None:
    try:
        return State.decoded(stored)
    except (ValueError, TypeError, msgspec.MsgspecError):
        return None


def _check_rows(connection: Connection, report: Report) -> None:
    """Rows nobody has written: no live part and no snapshot speaks of them."""
    for kind in (*sorted(kinds()), "foreign_record", "contest"):
        key = "id" if kind in kinds() else "record"
        sql = (
            f'SELECT t."{key}" FROM "{kind}" t WHERE NOT EXISTS (SELECT 1 FROM journal_part p JOIN journal_group g '
            f'ON g.id = p.group_id WHERE p.record = t."{key}" AND g.standing = {Standing.LIVE.value}) '
            f'AND NOT EXISTS (SELECT 1 FROM baseline b WHERE b.record = t."{key}") '
            f'AND NOT EXISTS (SELECT 1 FROM erasure e WHERE e.subject = t."{key}" AND NOT e.deleted)'
        )
        for (record,) in connection.exec_driver_sql(sql):
            report.add("数据", f"{_noun(kind)} {bytes(record).hex()}: 数据表里有, 变更记录里没有")


def _noun(kind: str) -> str:
    return kinds()[kind].noun if kind in kinds() else _NOUNS.get(kind, f"上级新增项目({kind})")


# -- what hangs on the rows ----------------------------------------------------------------------------------------


def _check_search_keys(connection: Connection, report: Report) -> None:
    table = table_of("person")
    columns = (table.c.id, *(table.c[name] for name in SOURCES))
    last = "0" * 32
    while rows := connection.execute(
        select(*columns, table.c.deleted, table.c.merged_into)
        .where(table.c.id > last)
        .order_by(table.c.id)
        .limit(CHUNK)
    ).all():
        last = rows[-1].id
        stored: dict[str, set[str]] = defaultdict(set)
        sql = "SELECT person, key FROM person_key WHERE person IN ({})"
        for person, key in select_in(connection, sql, [bytes.fromhex(row.id) for row in rows]):
            stored[bytes(person).hex()].add(key)
        for row in rows:
            gone = row.deleted or row.merged_into is not None
            wanted = set() if gone else keys_of(*(getattr(row, name) for name in SOURCES))
            if stored[row.id] != wanted:
                report.add("查找", f"{Person.noun} {row.id}: 查找用的索引与资料不符")
    sql = "SELECT DISTINCT person FROM person_key k WHERE NOT EXISTS (SELECT 1 FROM person p WHERE p.id = k.person)"
    for (person,) in connection.exec_driver_sql(sql):
        report.add("查找", f"{Person.noun} {bytes(person).hex()}: 查找用的索引指向不存在的人")


def _check_references(connection: Connection, report: Report) -> None:
    """PostgreSQL lets no such row in, whatever is done to it; SQLite does where the check is switched off."""
    if connection.dialect.name != "sqlite":
        return
    for table, _, parent, _ in copying.orphans(connection):
        report.add("引用", f"{_noun(table)}: 有一条指向不存在的{_noun(parent)}")


def _check_files(station: Station, connection: Connection, report: Report) -> None:
    """Contents that are here open to what their hash says; files nothing names are named. Missing ones are awaited."""
    query = select(Blob.sha256, Blob.size, Blob.name, Blob.key).where(Blob.name.is_not(None)).order_by(Blob.name)
    named = set()
    for row in connection.execute(query):
        sealed = Sealed(bytes(row.sha256), row.size, str(row.name), bytes(row.key or b""))
        named.add(sealed.name)
        if not blobs.path_of(station.folder, sealed.name).is_file():
            report.add("附件", f"附件文件 {sealed.name} 不见了")
        elif not _opens(station, sealed):
            report.add("附件", f"附件文件 {sealed.name} 坏了或被改动过")
    for path in sorted((station.folder / blobs.FOLDER).rglob("*")):
        if path.is_file() and path.name not in named:
            report.add("附件", f"文件夹里有一个没有记录的文件: {path.name}")


def _opens(station: Station, sealed: Sealed) -> bool:
    try:
        return blobs.is_whole(station.folder, sealed)
    except ValueError:  # a key of the wrong length
        return False


def _check_money(
    connection: Connection, lines: list[paying.LineState], campaign: str, name: str, report: Report
) -> None:
    """Planned = paid + returned + open, to the fen; and one author paid a line once.

    A line paid at two nodes, or before and after a restore, is no damage: it is shown as 重复发放 to be recovered.
    """
    sums = paying.sums(lines)
    planned = sum(line.amount for line in lines if line.state != "struck")
    if sums["planned"] != planned or planned != sums["paid"] + sums["returned"] + sums["open"]:
        report.add("资金", f"慰问批次“{name}”: 应发与已领、缴回、未领之和对不上")
    query = select(Payment.id, Payment.line, Payment.result, Payment.reverses, Payment.state)
    rows = connection.execute(query.where(Payment.campaign == campaign, ~Payment.deleted)).all()
    taken_back = {row.reverses for row in rows if row.reverses is not None}
    times: dict[tuple[str, int], int] = defaultdict(int)
    for row in rows:
        state = _state(bytes(row.state))
        counts = row.result == "paid" and row.reverses is None and row.id not in taken_back
        if counts and state is not None and state.base is not None:
            times[row.line, state.base.origin] += 1
    for (line, _), count in times.items():
        if count > 1:
            report.add("资金", f"慰问批次“{name}”: 发放明细 {line} 在同一单位发了 {count} 次")
