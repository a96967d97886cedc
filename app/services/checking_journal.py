"""The journal half of `store check`: every chain whole and unaltered, standings as refusals and forks say."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, select

from app.errors import Refused
from app.models import Group, Local, Origin, recording, standing
from app.models.bulk import select_in
from app.models.journal import Seal, Standing
from app.models.recording import GroupHeader
from app.models.sealing import NodeKeys, verify

CHUNK: Final = 1_000
MOST: Final = 20
"""Problems of one sort that are written out; more are counted."""
_GROUP_PURPOSE: Final = "group"
_ALTERED: Final = "有被改动的痕迹"


@dataclass
class Report:
    """Problems by sort, so that a thousand of one do not hide another."""

    found: dict[str, list[str]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, sort: str, text: str) -> None:
        """One problem; `sort` is the Chinese heading it is counted under."""
        self.counts[sort] += 1
        if self.counts[sort] <= MOST:
            self.found.setdefault(sort, []).append(text)

    def join(self, other: "Report") -> None:
        """Take over what another report has found."""
        for sort, texts in other.found.items():
            room = MOST - len(self.found.setdefault(sort, []))
            self.found[sort] += texts[: max(room, 0)]
            self.counts[sort] += other.counts[sort]

    def sentences(self) -> list[str]:
        """All of it, in the order in which the sorts were met."""
        out = []
        for sort, texts in self.found.items():
            out += texts
            if (more := self.counts[sort] - len(texts)) > 0:
                out.append(f"{sort}: 同样的问题还有 {more} 处")
        return out


def check_chains(connection: Connection, report: Report) -> None:
    """Hashes, links, gaps, seals and own signatures of every group of every origin."""
    chains = _Chains(connection, report)
    for group in _groups(connection):
        chains.take(group)
    chains.end()


@dataclass
class _Group:
    row: Any
    header: GroupHeader | None
    hashes: dict[int, bytes]
    """Of the parts that are here, by number."""

    @property
    def where(self) -> str:
        return f"记录“{self.row.name}”(第 {self.row.position} 条)"

    def problem(self, origin: Any) -> str:
        """What is wrong with the group by itself; empty when all is well."""
        row, header = self.row, self.header
        if header is None or recording.group_hash(bytes(row.header)) != bytes(row.hash):
            return f"内容与指纹不符, {_ALTERED}"
        said = (header.node, header.incarnation, header.position, header.stamp, header.name, header.parts)
        if said != (origin.node, origin.incarnation, row.position, row.stamp, row.name, row.parts):
            return f"登记的来源、时间或事项与原文不符, {_ALTERED}"
        if row.hashes:
            text = bytes(row.hashes)
            listed = [text[n : n + recording.HASH] for n in range(0, len(text), recording.HASH)]
            here = {n: listed[n] for n in self.hashes if n < len(listed)}
            whole = len(listed) == header.parts and here == self.hashes
        elif sorted(self.hashes) == list(range(header.parts)):
            listed, whole = [self.hashes[n] for n in range(header.parts)], True
        else:
            return "少了一部分内容"
        return "" if whole and recording.root_of(listed) == header.root else f"内容与指纹不符, {_ALTERED}"


class _Chains:
    """Walks the groups in the order (origin, position)."""

    def __init__(self, connection: Connection, report: Report) -> None:
        self._report = report
        self._own = connection.execute(select(Local.origin, Local.position, Local.chain, Local.keys)).one()
        self._own_key = NodeKeys.from_bytes(bytes(self._own.keys)).public.sign if self._own.keys else None
        self._seals: dict[tuple[int, int], set[bytes]] = defaultdict(set)
        """Sealed hashes that no group met so far has answered to; of a fork each branch may have one."""
        for seal in connection.execute(select(Seal.origin, Seal.position, Seal.hash)):
            self._seals[seal.origin, seal.position].add(bytes(seal.hash))
        self._origins = {origin.id: origin for origin in connection.execute(select(Origin.__table__)).all()}
        self._reached: dict[int, tuple[int, set[bytes]]] = {}
        """By origin: the last position met, and the hashes there (two where it forked)."""

    def take(self, group: _Group) -> None:
        """The next group."""
        row = group.row
        if (origin := self._origins.get(row.origin)) is None:
            self._report.add("记录", f"{group.where}: 来源不明")
            return
        if problem := group.problem(origin):
            self._report.add("记录", f"{group.where}: {problem}")
        own = row.signature and row.origin == self._own.origin and self._own_key is not None
        if own and not verify(self._own_key, _GROUP_PURPOSE, bytes(row.hash), bytes(row.signature)):  # type: ignore[arg-type]  # not None by the line above
            self._report.add("签名", f"{group.where}: 本单位的签名不对, {_ALTERED}")
        self._seals.get((origin.id, row.position), set()).discard(bytes(row.hash))
        if row.position <= origin.held_to:
            self._link(group, origin)

    def _link(self, group: _Group, origin: Any) -> None:
        position, digest = group.row.position, bytes(group.row.hash)
        last, hashes = self._reached.get(origin.id, (0, {b""}))
        if position == last:
            hashes.add(digest)
        else:
            if position > last + 1:
                self._gap(origin, last + 1, position - 1)
            elif group.header is not None and group.header.prev not in hashes:
                self._report.add("记录", f"{group.where}: 与前一条接不上, {_ALTERED}")
            self._reached[origin.id] = (position, {digest})

    def _gap(self, origin: Any, first: int, last: int) -> None:
        numbers = f"第 {first} 条" if first == last else f"第 {first} 到 {last} 条"
        self._report.add("缺记录", f"{_name(origin)}的记录缺{numbers}")

    def end(self) -> None:
        """After the last group: where each chain should have ended, and what no group answers to."""
        for (source, position), unmet in self._seals.items():
            if unmet and source in self._origins:
                where = f"{_name(self._origins[source])}第 {position} 条"
                self._report.add("签章", f"{where}与封存的签章对不上, {_ALTERED}")
        for origin in self._origins.values():
            last, hashes = self._reached.get(origin.id, (0, {b""}))
            if origin.held_to > last:
                self._gap(origin, last + 1, origin.held_to)
            elif bytes(origin.held_hash or b"") not in hashes:
                self._report.add("记录", f"{_name(origin)}的最后一条与登记的指纹对不上, {_ALTERED}")
        own = self._origins.get(self._own.origin)
        if own is None or (own.held_to, bytes(own.held_hash or b"")) != (self._own.position, bytes(self._own.chain)):
            self._report.add("位置", "本单位的最后位置与记录对不上")


def _name(origin: Any) -> str:
    return f"单位 {origin.node[-6:]} 第 {origin.incarnation} 期"


def _groups(connection: Connection) -> Iterator[_Group]:
    """Every group in the order (origin, position), with the hashes of its parts, in pieces."""
    last = (-1, -1, -1)
    while True:
        later = (Group.origin > last[0]) | (
            (Group.origin == last[0])
            & ((Group.position > last[1]) | ((Group.position == last[1]) & (Group.id > last[2])))
        )
        query = select(Group.__table__).where(later).order_by(Group.origin, Group.position, Group.id).limit(CHUNK)
        rows = connection.execute(query).all()
        if not rows:
            return
        last = (rows[-1].origin, rows[-1].position, rows[-1].id)
        hashes: dict[int, dict[int, bytes]] = defaultdict(dict)
        sql = "SELECT group_id, number, record, salt, body, hash FROM journal_part WHERE group_id IN ({})"
        for group_id, number, record, salt, body, kept in select_in(connection, sql, [row.id for row in rows]):
            hashes[group_id][number] = _part_hash(bytes(record), salt, body, kept)
        for row in rows:
            yield _Group(row, _header(bytes(row.header)), hashes.pop(row.id, {}))


def _header(data: bytes) -> GroupHeader | None:
    try:
        return GroupHeader.decoded(data)
    except Refused:
        return None


def _part_hash(record: bytes, salt: bytes | None, body: bytes | None, kept: bytes | None) -> bytes:
    """Of what lies here; empty (which matches nothing) where it is not what it says it is."""
    if body is None:  # 已依法删除: the hash stays
        return bytes(kept or b"")
    try:
        part = recording.decode_part(bytes(body))
    except Refused:
        return b""
    return recording.part_hash(bytes(salt or b""), bytes(body)) if part.record == record else b""


def check_standings(connection: Connection, report: Report) -> None:
    """What refusals and replacements name is void and nothing else is; of a fork neither side counts."""
    named = {(v.node, v.incarnation, v.position, v.hash) for v in standing.voids(connection)}
    query = (
        select(Group.name, Group.position, Group.standing, Group.hash, Origin.node, Origin.incarnation, Origin.id)
        .join(Origin, Origin.id == Group.origin)
        .where(Group.standing != Standing.LIVE)
    )
    void = set()
    for row in connection.execute(query):
        dot = (row.node, row.incarnation, row.position, bytes(row.hash))
        if row.standing == Standing.VOID:
            void.add(dot)
            if dot not in named:
                report.add("退回", f"记录“{row.name}”(第 {row.position} 条)记成已退回, 但没有退回单")
    for node, incarnation, position, digest in named - void:
        here = connection.execute(
            select(Group.id)
            .join(Origin, Origin.id == Group.origin)
            .where(
                Origin.node == node, Origin.incarnation == incarnation, Group.position == position, Group.hash == digest
            )
        ).first()
        if here is not None:
            report.add("退回", f"单位 {node[-6:]} 的第 {position} 条已退回, 但仍算在内")
    twins = connection.exec_driver_sql(
        f"SELECT origin, position FROM journal_group WHERE standing IN ({Standing.LIVE.value}, {Standing.FORKED.value}) "
        f"GROUP BY origin, position HAVING count(*) > 1 AND min(standing) = {Standing.LIVE.value}"
    )
    for origin, position in twins:
        report.add("退回", f"同一个序号(来源 {origin} 第 {position} 条)有两份不同的记录, 却有一份算在内")
