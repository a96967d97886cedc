"""Packages changed by the thousand, at every layer: `python -m tests.mutations --n 10000 --seed 1`.

    bytes      the file as a stick or a courier may leave it
    head       the head and the table, signed anew by the rightful sender's key: a sender whose programme is changed
    frames     the records inside the seal: sealed, bound and signed anew by the rightful sender
    groups     headers, parts, contexts, snapshots inside the frames, likewise
    pieces     the pieces of a package that was split

Nothing may be accepted that its author has not made: what lies in the journal afterwards is what the genuine package
holds. Nothing may end otherwise than taken or refused in words, and what was refused has changed nothing. Time, memory
and disk of the worst are printed.
"""

import argparse
import hashlib
import os
import random
import resource
import shutil
import struct
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec

from app.errors import UserError
from app.models import sealing
from app.models.database import Work
from app.models.sealing import NodeKeys
from app.services.attachments import Attachments
from app.services.handovers import Handovers
from app.sync import header, incoming, outgoing, splitting
from app.sync.content import Content
from app.sync.header import Part
from app.sync.incoming import Taken
from tests.exchange import reader
from tests.exchange.chain import EAST, SCOPES, TOWNSHIP, Chain, Desk, chain
from tests.exchange.test_promises import add, change

LAYERS: Final = ("bytes", "head", "frames", "groups", "pieces")
LOOK_EVERY: Final = 100
"""So often the whole store is compared, and not only the journal."""
MOST_SECONDS: Final = 20.0
MOST_MEMORY: Final = 300 << 20
MOST_DISK: Final = 50 << 20

_encode = msgspec.msgpack.Encoder(order="sorted").encode
_decode = msgspec.msgpack.Decoder().decode


@dataclass
class Result:
    """What a layer has shown."""

    refused: int = 0
    same: int = 0
    """Taken with exactly what the genuine package holds, or less of it."""
    failed: list[str] = field(default_factory=list)
    words: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    disk: int = 0


@dataclass(frozen=True)
class Opened:
    """A genuine package, taken apart."""

    data: bytes
    head: dict[str, Any]
    plain: bytes
    frames: tuple[bytes, ...]
    attachments: tuple[bytes, ...]
    """Plain contents of the attachments' parts."""
    names: bytes


class Bench:
    """A chain with a package on its way up and one on its way down, and the genuine groups of both."""

    def __init__(self, stores: Chain, seed: int) -> None:
        self.stores = stores
        self.chance = random.Random(seed)
        self.work = stores.root / "changed"
        self.work.mkdir()
        record = add(stores[EAST], "李䶮")
        picture = stores.root / "照片.jpg"
        picture.write_bytes(random.Random(1).randbytes(3_000))
        Attachments(stores[EAST].station).add(f"person:{record}", picture)
        change(stores[EAST], record, note="独居", income=276_00)
        Handovers(stores[EAST].station).offer(record, SCOPES[EAST][:-1] + "2")
        (stores.root / "stick").mkdir(exist_ok=True)
        up = outgoing.export(stores[EAST].exchange, "parent", stores.root / "stick")
        change(stores[TOWNSHIP], add(stores[TOWNSHIP], "王秀英", SCOPES[EAST]), note="镇站填写")
        down = outgoing.export(stores[TOWNSHIP].exchange, stores.desks[EAST].node, stores.root / "stick")
        self.ways = ((EAST, TOWNSHIP, Path(up.parts[0])), (TOWNSHIP, EAST, Path(down.parts[0])))
        self.opened = {path: self._opened(sender, to, path) for sender, to, path in self.ways}
        self.genuine = {path: self._genuine(to, path) for _, to, path in self.ways}
        self.before = {name: journal_of(stores.desks[name]) for name in (EAST, TOWNSHIP)}
        self.dumps = {name: stores.desks[name].dump() for name in (EAST, TOWNSHIP)}

    def keys(self, name: str) -> NodeKeys:
        return NodeKeys.from_bytes(bytes(self.stores.desks[name].local().keys))

    def _opened(self, sender: str, to: str, path: Path) -> Opened:
        data = path.read_bytes()
        info = header.read_header(path)
        identity = self.keys(to).identity
        sealed = [data[part.offset : part.offset + part.size] for part in info.parts]
        plain = b"".join(sealing.decompress(sealing.unseal([sealed[0]], identity), info.plain_size))
        attachments = tuple(b"".join(sealing.unseal([one], identity))[36:] for one in sealed[1:])
        raw = data[16 : 16 + struct.unpack(">I", data[8:12])[0]]
        frames = tuple(reader.framed(plain))
        del sender
        return Opened(data, _decode(raw), plain, frames[1:], attachments, _decode(frames[0])["names"])

    def _genuine(self, to: str, path: Path) -> frozenset[bytes]:
        found = reader.groups_of([_decode(frame) for frame in self.opened[path].frames])
        return frozenset(one.hash for one in found) | journal_of(self.stores.desks[to])

    # -- one changed package -----------------------------------------------------------------------------------------

    def run(self, layer: str, n: int) -> Result:
        result = Result()
        for number in range(n):
            sender, to, path = self.ways[self.chance.randrange(2)]
            try:
                files = MUTATORS[layer](self, sender, to, path)
            except (UserError, OverflowError, UnicodeError, TypeError, msgspec.MsgspecError):
                result.refused += 1  # not even a changed programme can write it down
                continue
            self._take(result, layer, (sender, to, path), files)
            if number % LOOK_EVERY == LOOK_EVERY - 1 or number == n - 1:
                for name, dump in self.dumps.items():
                    if self.stores.desks[name].dump() != dump:
                        result.failed.append(f"{layer} {number}: the store of {name} has changed")
        return result

    def _take(self, result: Result, layer: str, way: tuple[str, str, Path], files: Sequence[bytes]) -> None:
        """Rehearse it: everything is done and looked at inside the unit of work, and then undone."""
        sender, to, path = self.stores.desks[way[0]].node, way[1], way[2]
        desk = self.stores.desks[to]
        shutil.rmtree(desk.folder / "pieces", ignore_errors=True)
        suffix = splitting.SUFFIX if layer == "pieces" else ".rgp"
        paths = []
        for number, data in enumerate(files):
            paths.append(self.work / f"{number}{suffix}")
            paths[-1].write_bytes(data)
        free = size_of(desk.folder)
        begun = time.perf_counter()
        taken: list[Taken] = []
        seen: list[frozenset[bytes]] = []

        def look(work: Work, _content: Content, _taken: Taken) -> None:
            work.session.flush()
            seen.append(frozenset(_nobodys(work, sender if to == EAST else "")))

        try:
            taken = incoming.take_all(desk.exchange, paths if len(paths) > 1 else [paths[0]], rehearse=True, look=look)
        except UserError as error:
            result.refused += 1
            result.words[str(error)[:24]] += 1
        except Exception:  # noqa: BLE001 (whatever else goes wrong is the finding)
            result.failed.append(f"{layer}: {traceback.format_exc()}")
            self._keep(layer, files)
        else:
            result.same += any(not one.error for one in taken)
            result.refused += all(one.error for one in taken)
            extra = [hashes - self.genuine[path] for hashes in seen]
            if any(extra):
                result.failed.append(f"{layer} to {to}: accepted {len(extra[0])} acts that nobody made")
                self._keep(layer, files)
        seconds = time.perf_counter() - begun
        result.seconds = max(result.seconds, seconds)
        result.disk = max(result.disk, size_of(desk.folder) - free)
        if seconds > MOST_SECONDS:
            result.failed.append(f"{layer}: took {seconds:.1f} s")
        for one in paths:
            one.unlink()

    def _keep(self, layer: str, files: Sequence[bytes]) -> None:
        """What went wrong, to be looked at."""
        digest = hashlib.sha256(b"".join(files)).hexdigest()[:8]
        for number, data in enumerate(files):
            (Path(tempfile.gettempdir()) / f"mutation-{layer}-{digest}-{number}").write_bytes(data)

    # -- making them ---------------------------------------------------------------------------------------------------

    def scratched(self, data: bytes) -> bytes:
        """Bytes as chance leaves them: flipped, cut, doubled, zeroed, filled, put in."""
        chance, out = self.chance, bytearray(data)
        for _ in range(chance.choice((1, 1, 1, 2, 5))):
            at = chance.randrange(len(out)) if chance.random() < 0.6 else chance.randrange(min(len(out), 600))
            many = chance.choice((1, 2, 8, 64, 1_000))
            how = chance.randrange(7)
            if how <= 1:
                out[at] ^= 1 << chance.randrange(8)
            elif how == 2:
                del out[at : at + many]
            elif how == 3:
                out[at:at] = out[at : at + many]
            elif how == 4:
                out[at : at + many] = bytes(len(out[at : at + many]))
            elif how == 5:
                out[at : at + many] = chance.randbytes(len(out[at : at + many]))
            else:
                out[at:at] = chance.randbytes(many)
            if not out:
                return b"\0"
        return bytes(out)

    def value(self, old: Any) -> Any:
        """Another value in the place of one: of the same sort, of another, or nonsense."""
        chance = self.chance
        if isinstance(old, bytes) and old and chance.random() < 0.5:
            return self.scratched(old)
        if isinstance(old, int) and not isinstance(old, bool) and chance.random() < 0.5:
            return chance.choice((old + 1, old - 1, 0, -1, 1 << 62, (1 << 63) - 1, (1 << 64) - 1, old * 2))
        nasty: tuple[Any, ...] = (
            None, True, False, 0, -1, 1 << 31, 1 << 63, 1.5, float("nan"), "", "\0", "\ud7ff", "x" * 70_000, b"",
            b"\0" * 16, b"\xff" * 32, bytes(70_000), [], {}, [[]] * 50, {"a": {}}, [[[[[[[[]]]]]]]], "../../etc/passwd",
            "'; DROP TABLE person; --", {"deleted": True}, chance.randbytes(16), chance.randbytes(32),
        )  # fmt: skip
        return chance.choice(nasty)

    def bent(self, tree: Any) -> Any:
        """A structure with something in it changed, left out, doubled, moved or put in."""
        chance = self.chance
        if isinstance(tree, dict) and tree and chance.random() < 0.85:
            out = dict(tree)
            key = chance.choice(sorted(out, key=repr))
            how = chance.randrange(5)
            if how == 0:
                del out[key]
            elif how == 1:
                out[str(self.value(""))[:50] + "x"] = self.value(None)
            else:
                out[key] = self.bent(out[key])
            return out
        if isinstance(tree, list | tuple) and tree and chance.random() < 0.85:
            items = list(tree)
            at = chance.randrange(len(items))
            how = chance.randrange(6)
            if how == 0:
                del items[at]
            elif how == 1:
                items.insert(at, items[chance.randrange(len(items))])
            elif how == 2:
                other = chance.randrange(len(items))
                items[at], items[other] = items[other], items[at]
            else:
                items[at] = self.bent(items[at])
            return items
        if isinstance(tree, bytes) and len(tree) > 20 and chance.random() < 0.6:
            try:
                inner = _decode(tree)
            except (msgspec.MsgspecError, RecursionError, ValueError):
                return self.value(tree)
            if isinstance(inner, dict | list):
                return _encode(self.bent(inner))
        return self.value(tree)

    def softly(self, tree: Any) -> Any:
        """A structure with one value changed into another of its sort: in form nothing is wrong with it."""
        chance = self.chance
        if isinstance(tree, dict) and tree:
            key = chance.choice(sorted(tree, key=repr))
            return {**tree, key: self.softly(tree[key])}
        if isinstance(tree, list | tuple) and tree:
            items = list(tree)
            at = chance.randrange(len(items))
            items[at] = self.softly(items[at])
            return items
        if isinstance(tree, bool) or tree is None:
            return not tree
        if isinstance(tree, int):
            return max(0, tree + chance.choice((-1, 1, 7)))
        if isinstance(tree, bytes):
            return chance.randbytes(len(tree)) if chance.random() < 0.5 else tree[:-1] + bytes([chance.randrange(256)])
        return chance.choice(("李䶮", "361002100999", "361002100202", "county", "", "2026-11-24", "张"))

    def assembled(self, sender: str, to: str, head: Any, frames: Sequence[bytes], opened: Opened) -> bytes:
        """A package of these frames, sealed, bound and signed as its rightful sender would."""
        raw = _encode(head)
        count = 1 + len(opened.attachments)
        front = header.MAGIC + struct.pack(">II", len(raw), count) + raw
        digest = hashlib.sha256(front).digest()
        said = head if isinstance(head, dict) else opened.head
        told = {name: said.get(name) for name in ("from", "to", "package")}
        binding = _encode({**told, "head": digest, "names": opened.names})
        plain = b"".join(struct.pack(">I", len(one)) + one for one in (binding, *frames))
        plain += b"\xff" * 4 + struct.pack(">Q", len(frames))
        return self.sealed(sender, to, front, plain, opened)

    def sealed(self, sender: str, to: str, front: bytes, plain: bytes, opened: Opened) -> bytes:
        recipient = self.keys(to).public.recipient
        bodies = [b"".join(seal(sealing.compress([plain]), recipient))]
        digest = hashlib.sha256(front).digest()
        for number, one in enumerate(opened.attachments, start=1):
            bodies.append(b"".join(seal([digest + struct.pack(">I", number) + one], recipient)))
        parts = [Part(0, len(one), hashlib.sha256(one).digest(), max(0, n - 1), 0) for n, one in enumerate(bodies)]
        whole = header.signed(front, len(plain), parts, self.keys(sender).sign)
        return whole + b"".join(bodies)


def seal(pieces: Any, recipient: str) -> Iterator[bytes]:
    out: list[bytes] = []
    sealing.seal(pieces, out.append, recipient)
    yield from out


def _nobodys(work: Work, parent: str) -> Iterator[bytes]:
    """Groups in the journal, but those for which their sender's signature on the package is the word that counts.

    A parent vouches by it for its own acts that need no authority, and for those of units not known here.
    """
    sql = (
        "SELECT g.hash, o.node, g.signature IS NULL, n.id FROM journal_group g JOIN origin o ON o.id = g.origin "
        "LEFT JOIN node n ON n.id = o.node"
    )
    for digest, node, unsigned, unit in work.connection.exec_driver_sql(sql):
        word = bool(parent) and (bytes(node).hex() == parent or unit is None)
        if not (word and unsigned):
            yield bytes(digest)


def journal_of(desk: Desk) -> frozenset[bytes]:
    """Hashes of every group at a desk."""
    with desk.station.db.read() as session:
        rows = session.connection().exec_driver_sql("SELECT hash FROM journal_group").scalars()
        return frozenset(map(bytes, rows))


def size_of(folder: Path) -> int:
    """Bytes of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


# -- the layers ----------------------------------------------------------------------------------------------------------


def of_bytes(bench: Bench, _sender: str, _to: str, path: Path) -> list[bytes]:
    return [bench.scratched(bench.opened[path].data)]


def of_head(bench: Bench, sender: str, to: str, path: Path) -> list[bytes]:
    opened, chance = bench.opened[path], bench.chance
    if chance.random() < 0.5:
        return [bench.assembled(sender, to, bench.bent(opened.head), opened.frames, opened)]
    data = bench.assembled(sender, to, opened.head, opened.frames, opened)
    length, count = struct.unpack(">II", data[8:16])
    end = 16 + length + 48 * count
    front = bytearray(data[:end])
    for _ in range(chance.randrange(1, 4)):
        front[chance.randrange(8, end)] = chance.choice((0, 1, 255, chance.randrange(256)))
    content = bytes(front)
    whole = content + sealing.sign(bench.keys(sender).sign, header.PURPOSE, content)
    return [whole + hashlib.sha256(whole).digest() + data[end + 96 :]]


def of_frames(bench: Bench, sender: str, to: str, path: Path) -> list[bytes]:
    opened, chance = bench.opened[path], bench.chance
    frames = list(opened.frames)
    for _ in range(chance.choice((1, 1, 2))):
        if not frames:
            break
        at = chance.randrange(len(frames))
        how = chance.randrange(6)
        if how == 0:
            del frames[at]
        elif how == 1:
            frames.insert(at, chance.choice(frames))
        elif how == 2:
            other = chance.randrange(len(frames))
            frames[at], frames[other] = frames[other], frames[at]
        elif how == 3:
            frames[at] = bench.scratched(frames[at])
        elif how == 4:
            others = [one.frames for name, one in bench.opened.items() if name != path]
            frames.insert(at, chance.choice(others[0]))
        else:
            frames[at] = _encode(bench.bent(_decode(frames[at])))
    if chance.random() < 0.1:
        plain = bench.scratched(opened.plain)
        raw = _encode(opened.head)
        front = header.MAGIC + struct.pack(">II", len(raw), 1 + len(opened.attachments)) + raw
        return [bench.sealed(sender, to, front, plain, opened)]
    return [bench.assembled(sender, to, opened.head, frames, opened)]


def of_groups(bench: Bench, sender: str, to: str, path: Path) -> list[bytes]:
    """Headers and parts, with the hashes that hang on them made to fit now and then: all but the author's word."""
    opened, chance = bench.opened[path], bench.chance
    frames = [_decode(frame) for frame in opened.frames]
    places = [n for n, frame in enumerate(frames) if frame[0] in ("group", "parts", "base", "given", "seal", "receipt")]
    at = chance.choice(places)
    frame = frames[at]
    bend = bench.softly if chance.random() < 0.6 else bench.bent
    hashes = _hashes(frames)
    if frame[0] == "parts" and chance.random() < 0.8:
        which = chance.randrange(len(frame[3]))
        frame[3][which] = _encode(bend(_decode(frame[3][which])))
    elif frame[0] == "group" and chance.random() < 0.8:
        frame[1] = _encode(bend(_decode(frame[1])))
    else:
        frames[at] = [frame[0], *bend(frame[1:])] if len(frame) > 1 else frame
    if chance.random() < 0.8:
        _fit(frames, hashes)
    return [bench.assembled(sender, to, opened.head, [_encode(one) for one in frames], opened)]


def _hashes(frames: Sequence[Any]) -> list[bytes]:
    return [hashlib.sha256(b"ronggui group\0" + frame[1]).digest() for frame in frames if frame[0] == "group"]


def _fit(frames: list[Any], before: Sequence[bytes]) -> None:
    """Let the roots in headers say what the parts are now, and chain the groups anew: only the author's word is missing."""
    now: dict[bytes, bytes] = {}
    groups = [
        n for n, frame in enumerate(frames) if frame[0] == "group" and len(frame) > 1 and isinstance(frame[1], bytes)
    ]
    for place, group in enumerate(groups[: len(before)]):
        told = _decode(frames[group][1])
        if not isinstance(told, dict):
            return
        follow = frames[group + 1] if group + 1 < len(frames) else [""]
        if follow[0] == "parts" and len(follow) == 4 and isinstance(follow[2], bytes) and isinstance(follow[3], list):
            salts = [follow[2][n : n + 16] for n in range(0, len(follow[2]), 16)]
            pairs = zip(salts, follow[3], strict=False)
            found = [hashlib.sha256(salt + body).digest() for salt, body in pairs if isinstance(body, bytes)]
            if told.get("parts") == len(found):
                told["root"] = hashlib.sha256(b"".join(found)).digest()
        prev = told.get("prev")
        if isinstance(prev, bytes) and prev in now:
            told["prev"] = now[prev]
        frames[group][1] = _encode(told)
        now[before[place]] = hashlib.sha256(b"ronggui group\0" + frames[group][1]).digest()


def of_pieces(bench: Bench, _sender: str, _to: str, path: Path) -> list[bytes]:
    chance, folder = bench.chance, bench.work / "cut"
    folder.mkdir()
    try:
        size = max(splitting.LEAST // 4, len(bench.opened[path].data) // 4)
        written = splitting.write(path, bench.opened[path].head["package"], size, folder)
        pieces = [one.read_bytes() for one in written]
    finally:
        shutil.rmtree(folder)
    at = chance.randrange(len(pieces))
    how = chance.randrange(5)
    if how == 0:
        pieces.insert(at, chance.choice(pieces))
    elif how == 1:
        del pieces[at]
    elif how == 2:
        front = bytearray(pieces[at][:112])
        front[chance.randrange(8, 112)] = chance.randrange(256)
        pieces[at] = bytes(front) + hashlib.sha256(front).digest() + pieces[at][144:]
    else:
        pieces[at] = bench.scratched(pieces[at])
    chance.shuffle(pieces)
    return pieces


MUTATORS: Final[dict[str, Callable[[Bench, str, str, Path], list[bytes]]]] = {
    "bytes": of_bytes, "head": of_head, "frames": of_frames, "groups": of_groups, "pieces": of_pieces,
}  # fmt: skip


def walk(n: int, seed: int, layers: Sequence[str] = LAYERS) -> dict[str, Result]:
    """So many changed packages in each layer."""
    out = {}
    with chain("apart", seed) as stores:
        bench = Bench(stores, seed)
        for layer in layers:
            out[layer] = bench.run(layer, n)
    return out


def memory() -> int:
    """The most this process has held, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def main() -> int:
    """Change them, print what came of it; 0 when nothing was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=1_000, help="of each layer")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--layer", choices=LAYERS, action="append")
    options = parser.parse_args()
    begun, held = time.monotonic(), memory()
    found = walk(options.n, options.seed, options.layer or LAYERS)
    wrong = 0
    for layer, result in found.items():
        for text in result.failed[:5]:
            print(text)
        wrong += len(result.failed)
        print(
            f"{layer}: {result.refused} refused, {result.same} taken as they were, {len(result.failed)} wrong; "
            f"longest {result.seconds:.2f} s, most disk {result.disk} bytes"
        )
    most = memory()
    print(
        f"seed {options.seed}: {options.n * len(found)} mutations, {wrong} wrong, memory {most >> 20} MiB "
        f"(before {held >> 20}), {time.monotonic() - begun:.0f} s"
    )
    return 1 if wrong or most - held > MOST_MEMORY else 0


if __name__ == "__main__":
    if os.environ.get("PYTHONHASHSEED") != "0":
        again = [sys.executable, "-m", "tests.mutations", *sys.argv[1:]]
        os.execve(sys.executable, again, os.environ | {"PYTHONHASHSEED": "0"})  # noqa: S606 (ourselves)
    sys.exit(main())
