"""The frames inside a package: what each means, writing them and reading them back."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

from app.errors import Refused
from app.models import recording
from app.models.recording import GroupHeader, PartBody
from app.sync import holes
from app.sync.groups import Incoming
from app.sync.holes import Holes

PARTS_IN_FRAME: Final = 400
MAX_GROUPS: Final = 2_000_000
MAX_PARTS: Final = recording.MOST_PARTS

Reach = dict[tuple[str, int], int]
"""{(node, incarnation): position}."""
Twins = set[tuple[str, int, int, bytes]]
"""(node, incarnation, position, hash) of single groups."""


@dataclass
class Hello:
    """The first frame: what the sender has, so that the other side knows what to send."""

    schema: int
    incarnation: int
    holds: Reach = field(default_factory=dict)
    """Origins held whole, up to which position."""
    seen: Reach = field(default_factory=dict)
    """Highest position of every origin of which anything is here."""
    links: dict[int, int] = field(default_factory=dict)
    """The addressee's links to the sender: highest unbroken number taken from each."""
    loaded: int = 0
    """Link of the addressee's snapshot the sender has taken; 0: none."""
    link: int = 0
    """The sender's link to the addressee that this package continues."""
    snapshot: bool = False
    """Whether the package holds the snapshot this link begins with."""
    wants: bytes = b""
    heads: Twins = field(default_factory=set)
    """The hash of the highest group of every origin: two that differ under one dot betray a fork."""
    loose: Twins = field(default_factory=set)
    """Groups beyond the unbroken reach of journals that ought to be whole here: what was lost may come back in pieces."""
    twins: Twins = field(default_factory=set)
    """All groups here that share their dot with another one."""
    unsigned: Twins = field(default_factory=set)
    """Groups that came in pieces and without their author's word: who has it now sends them once more."""
    former: tuple[str, ...] = ()
    holes: Holes = field(default_factory=dict)
    """What its journals lack although it does not stop below the sender's level."""

    def frame(self) -> bytes:
        """As it stands in the package."""
        return recording.encode_plain(
            [
                "hello",
                {
                    "schema": self.schema,
                    "inc": self.incarnation,
                    "holds": pack_reach(self.holds),
                    "seen": pack_reach(self.seen),
                    "links": [list(pair) for pair in sorted(self.links.items())],
                    "loaded": self.loaded,
                    "link": self.link,
                    "snapshot": self.snapshot,
                    "wants": self.wants,
                    "heads": pack_twins(self.heads),
                    "loose": pack_twins(self.loose),
                    "holes": holes.pack(self.holes),
                    "twins": pack_twins(self.twins),
                    "unsigned": pack_twins(self.unsigned),
                    "former": [bytes.fromhex(node) for node in self.former],
                },
            ]
        )


@dataclass(frozen=True)
class SealFrame:
    """A node's signature over its chain head."""

    node: str
    incarnation: int
    position: int
    hash: bytes
    signature: bytes


@dataclass(frozen=True)
class ReceiptFrame:
    """A node's signed word that it holds an origin up to a position."""

    node: str
    origin_node: str
    origin_incarnation: int
    position: int
    moment: int
    mark: bytes
    """Which groups stand under the dots up to there (exchange.mark_of): after a fork a position alone says too little."""
    signature: bytes

    def signed_bytes(self) -> bytes:
        """What the signature runs over."""
        return recording.encode_plain(
            [
                bytes.fromhex(self.node),
                bytes.fromhex(self.origin_node),
                self.origin_incarnation,
                self.position,
                self.moment,
                self.mark,
            ]
        )


@dataclass(frozen=True)
class BaseFrame:
    """One record as a snapshot."""

    record: bytes
    body: bytes
    mark: bytes | None = None
    """Of the unit that gave it down: the parent's, where it comes from there; our own, where it comes back."""
    numbers: tuple[int, ...] = ()
    """On the link; none: part of a first load, or coming back."""
    without: Twins = field(default_factory=set)
    """Groups that an earlier snapshot may have stood for and that count no more."""


@dataclass
class Content:
    """A package's records, read and checked in form."""

    hello: Hello
    groups: list[Incoming] = field(default_factory=list)
    links: dict[int, int] = field(default_factory=dict)
    """Link number of a group, by its place in `groups`."""
    seals: list[SealFrame] = field(default_factory=list)
    receipts: list[ReceiptFrame] = field(default_factory=list)
    bases: list[BaseFrame] = field(default_factory=list)


def pack_reach(reach: Reach) -> list[list[Any]]:
    """Sorted, as it travels."""
    return sorted([bytes.fromhex(node), inc, position] for (node, inc), position in reach.items())


def read_reach(data: object) -> Reach:
    """The inverse of `pack_reach`."""
    if not isinstance(data, list):
        raise _nonsense()
    out: Reach = {}
    for entry in data:
        node, inc, position = _shape(entry, bytes, int, int)
        _demand_place(node, inc, position)
        out[node.hex(), inc] = position
    return out


def pack_twins(twins: Twins) -> list[list[Any]]:
    """Sorted, as it travels."""
    return sorted([bytes.fromhex(node), inc, position, digest] for node, inc, position, digest in twins)


def read_twins(data: object) -> Twins:
    """The inverse of `pack_twins`."""
    if not isinstance(data, list) or len(data) > MAX_GROUPS:
        raise _nonsense()
    out: Twins = set()
    for entry in data:
        node, inc, position, digest = _shape(entry, bytes, int, int, bytes)
        if len(node) != recording.SALT or not 0 < position < 1 << 62 or len(digest) != recording.HASH:
            raise _nonsense()
        out.add((node.hex(), inc, position, digest))
    return out


class Marks(NamedTuple):
    """What shows who stands behind a group: its author's own mark, its signature, the mark of who sent it down."""

    mac: bytes | None = None
    signature: bytes | None = None
    voucher: bytes | None = None


def group_frames(
    header: bytes,
    marks: Marks,
    hashes: bytes,
    flow: int,
    link: int,
    parts: Sequence[tuple[int, bytes, bytes]],
    stubs: Sequence[tuple[int, bytes, str]] = (),
) -> Iterator[bytes]:
    """A group and its parts; a large one in several frames.

    Salts are chance and cannot be packed: strung together they stand apart from the bodies, which then pack better.
    """
    yield recording.encode_plain(["group", header, marks.mac, marks.signature, hashes, flow, link, len(parts)])
    if marks.voucher is not None:
        yield recording.encode_plain(["voucher", marks.voucher])
    for level in sorted({level for _, _, level in stubs}):
        some = [(number, record) for number, record, stop in stubs if stop == level]
        numbers, records = zip(*some, strict=True)
        yield recording.encode_plain(["stubs", level, _runs(numbers), b"".join(records)])
    for start in range(0, len(parts), PARTS_IN_FRAME):
        numbers, salts, bodies = zip(*parts[start : start + PARTS_IN_FRAME], strict=True)
        yield recording.encode_plain(["parts", _runs(numbers), b"".join(salts), bodies])


def _numbers(runs: list[Any], count: int) -> list[int]:
    """The inverse of `_runs`; nothing is made as long as a number says before it is held against what has come."""
    whole = len(runs) % 2 == 0 and all(type(number) is int and 0 <= number <= MAX_PARTS for number in runs)
    if not whole or sum(runs[1::2]) != count:
        raise _nonsense()
    return [n for first, many in zip(runs[::2], runs[1::2], strict=True) for n in range(first, first + many)]


def _cut(joined: bytes) -> Iterator[bytes]:
    size = recording.SALT
    return (joined[at : at + size] for at in range(0, len(joined), size))


def _runs(numbers: Sequence[int]) -> list[int]:
    """Rising numbers as first, count, first, count, …."""
    out: list[int] = []
    for number in numbers:
        if out and number == out[-2] + out[-1]:
            out[-1] += 1
        else:
            out += [number, 1]
    return out


def seal_frame(seal: SealFrame) -> bytes:
    """As it stands in the package."""
    return recording.encode_plain(
        ["seal", bytes.fromhex(seal.node), seal.incarnation, seal.position, seal.hash, seal.signature]
    )


def receipt_frame(receipt: ReceiptFrame) -> bytes:
    """As it stands in the package."""
    return recording.encode_plain(
        [
            "receipt",
            bytes.fromhex(receipt.node),
            bytes.fromhex(receipt.origin_node),
            receipt.origin_incarnation,
            receipt.position,
            receipt.moment,
            receipt.mark,
            receipt.signature,
        ]
    )


def base_frames(base: BaseFrame) -> Iterator[bytes]:
    """One record of a first load, or (with its number on the link, or coming back with the mark alone) a single one."""
    if not base.numbers:
        yield recording.encode_plain(["base", base.record, base.body])
        if base.mark is not None:
            yield recording.encode_plain(["mark", base.mark])
        return
    facts = [list(base.numbers), base.record, base.body, base.mark or b"", pack_twins(base.without)]
    yield recording.encode_plain(["given", *facts])


def read(frames: Iterable[bytes]) -> Content:
    """Every frame of a package; Refused at the first that makes no sense. Frames of later versions are passed over."""
    reader: _Reader | None = None
    for frame in frames:
        items = recording.decode_plain(frame)
        if not isinstance(items, list) or not items or not isinstance(items[0], str):
            raise _nonsense()
        if reader is not None:
            reader.take(items)
        elif items[0] == "hello":
            reader = _Reader(Content(_hello(items)))
        else:
            raise _nonsense()
    if reader is None:
        raise _nonsense()
    reader.finish()
    return reader.content


class _Reader:
    """Puts frames together; a group is whole only when all its parts have come."""

    def __init__(self, content: Content) -> None:
        self.content = content
        self._open: list[Any] | None = None
        self._parts = 0

    def finish(self) -> None:
        """Close the group that is still open."""
        _finish(self.content, self._open)
        self._open = None

    def take(self, items: list[Any]) -> None:
        """One frame after the first; those of later versions are passed over."""
        takers = {
            "group": self._take_group,
            "voucher": self._take_voucher,
            "parts": self._add_parts,
            "stubs": self._add_stubs,
            "seal": self._take_seal,
            "receipt": self._take_receipt,
            "base": self._take_base,
            "mark": self._take_mark,
            "given": self._take_given,
        }
        if (taker := takers.get(items[0])) is not None:
            taker(items)
        if len(self.content.groups) > MAX_GROUPS or self._parts > MAX_PARTS:
            raise _nonsense()

    def _take_group(self, items: list[Any]) -> None:
        self.finish()
        self._open = _group(items)

    def _take_voucher(self, items: list[Any]) -> None:
        if self._open is None:
            raise _nonsense()
        (self._open[8],) = _shape(items[1:], bytes)

    def _take_seal(self, items: list[Any]) -> None:
        node, inc, position, digest, signature = _shape(items[1:], bytes, int, int, bytes, bytes)
        _demand_place(node, inc, position)
        self.content.seals.append(SealFrame(node.hex(), inc, position, digest, signature))

    def _take_receipt(self, items: list[Any]) -> None:
        node, onode, inc, position, moment, *rest = _shape(items[1:], bytes, bytes, int, int, int, bytes, bytes)
        _demand_place(node, inc, position)
        _demand_place(onode, inc, moment)
        self.content.receipts.append(ReceiptFrame(node.hex(), onode.hex(), inc, position, moment, *rest))

    def _take_base(self, items: list[Any]) -> None:
        record, body = _shape(items[1:], bytes, bytes)
        _demand_base(record, body)
        self.content.bases.append(BaseFrame(record, body))

    def _take_mark(self, items: list[Any]) -> None:
        (mark,) = _shape(items[1:], bytes)
        if not self.content.bases:
            raise _nonsense()
        self.content.bases[-1] = replace(self.content.bases[-1], mark=mark)

    def _take_given(self, items: list[Any]) -> None:
        numbers, record, body, mark, without = _shape(items[1:], list, bytes, bytes, bytes, list)
        if body or len(record) != recording.SALT:  # no body: all that made the record has ceased to count
            _demand_base(record, body)
        base = BaseFrame(record, body, mark or None, tuple(map(_whole, numbers)), read_twins(without))
        self.content.bases.append(base)

    def _add_parts(self, items: list[Any]) -> None:
        runs, salts, bodies = _shape(items[1:], list, bytes, list)
        if self._open is None or len(salts) != recording.SALT * len(bodies):
            raise _nonsense()
        self._open[7] += zip(_numbers(runs, len(bodies)), _cut(salts), bodies, strict=True)
        self._parts += len(bodies)

    def _add_stubs(self, items: list[Any]) -> None:
        level, runs, records = _shape(items[1:], str, list, bytes)
        if self._open is None or len(records) % recording.SALT:
            raise _nonsense()
        count = len(records) // recording.SALT
        self._open[9].update(
            (number, (record, level)) for number, record in zip(_numbers(runs, count), _cut(records), strict=True)
        )
        self._parts += count


def _group(items: list[Any]) -> list[Any]:
    if len(items) != 8:
        raise _nonsense()
    header, mac, signature, hashes, flow, link, count = items[1:]
    if not isinstance(count, int) or not 0 <= count <= MAX_PARTS or flow not in (0, 1, 2):
        raise _nonsense()
    return [header, mac, signature, hashes, flow, link, count, [], None, {}]


def _hello(items: list[Any]) -> Hello:
    if len(items) != 2 or not isinstance(items[1], dict):
        raise _nonsense()
    facts = items[1]
    try:
        if len(facts["wants"]) % recording.HASH:
            raise _nonsense()
        return Hello(
            _whole(facts["schema"]),
            _whole(facts["inc"]),
            read_reach(facts["holds"]),
            read_reach(facts["seen"]),
            {_whole(link): _whole(number) for link, number in facts["links"]},
            _whole(facts["loaded"]),
            _whole(facts["link"]),
            bool(facts["snapshot"]),
            bytes(facts["wants"]),
            read_twins(facts["heads"]),
            read_twins(facts.get("loose", [])),
            read_twins(facts["twins"]),
            read_twins(facts.get("unsigned", [])),
            tuple(node.hex() for node in facts["former"]),
            holes.read(facts.get("holes", [])),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _nonsense() from error


def _finish(content: Content, group: list[Any] | None) -> None:
    if group is None:
        return
    raw, mac, signature, hashes, flow, link, count, come, voucher, stubs = group
    if not isinstance(raw, bytes) or not isinstance(hashes, bytes) or len(come) != count:
        raise _nonsense()
    for item in (mac, signature):
        if item is not None and not isinstance(item, bytes):
            raise _nonsense()
    header = GroupHeader.decoded(raw)
    # Before anything is made as long as a number in the header says: where parts are withheld, their hashes are here.
    if count > header.parts or (count < header.parts and len(hashes) != recording.HASH * header.parts):
        raise _nonsense()
    parts: dict[int, tuple[bytes, bytes, PartBody]] = {}
    given: list[bytes | None] = [None] * header.parts
    for number, salt, body in come:
        if type(body) is not bytes or number >= header.parts or number in parts:
            raise _nonsense()
        parts[number] = (salt, body, recording.decode_part(body))
        given[number] = recording.part_hash(salt, body)
    _check_root(header, parts, given, hashes)
    if any(number >= header.parts or number in parts for number in stubs):
        raise _nonsense()
    digest = recording.group_hash(raw)
    content.groups.append(Incoming(header, raw, digest, mac, signature, hashes, parts, flow, stubs, voucher=voucher))
    if link:
        content.links[len(content.groups) - 1] = _whole(link)


def _check_root(
    header: GroupHeader, parts: dict[int, tuple[bytes, bytes, PartBody]], given: list[bytes | None], hashes: bytes
) -> None:
    """The parts are those the author hashed; where some are withheld, the list of hashes says so."""
    if len(parts) < header.parts:
        listed = [hashes[n : n + recording.HASH] for n in range(0, len(hashes), recording.HASH)]
        if any(own is not None and own != one for own, one in zip(given, listed, strict=True)):
            raise Refused("记录有被改动的痕迹。没有改动任何数据。请打电话给对方核对。")
        root = recording.root_of(listed)
    else:
        root = recording.root_of([one for one in given if one is not None])
    if root != header.root:
        raise Refused("记录有被改动的痕迹。没有改动任何数据。请打电话给对方核对。")


def _demand_base(record: bytes, body: bytes) -> None:
    if len(record) != recording.SALT:
        raise _nonsense()
    recording.demand_base(body)


def _shape(items: object, *types: type) -> Any:
    if not isinstance(items, list) or [type(item) for item in items] != list(types):
        raise _nonsense()
    return items


def _whole(value: object) -> int:
    if type(value) is not int or not 0 <= value < 1 << 63:
        raise _nonsense()
    return value


def _demand_place(node: bytes, incarnation: int, *numbers: int) -> None:
    fits = 0 <= incarnation < 2 * recording.MOST and all(0 <= number < recording.MOST for number in numbers)
    if len(node) != recording.SALT or not fits:
        raise _nonsense()


def _nonsense() -> Refused:
    return Refused("这个包里的内容不对(格式错误)。没有改动任何数据。请让对方重新生成一次。")
