"""Suite 1: Ed25519 signatures, age (X25519) sealing as a stream, SHA-256, zstandard before sealing.

Everything a later suite (SM2, SM3, SM4) would replace stands behind this module and the one `suite` number. Only
`encrypt_io` and `decrypt_io` of pyrage are used: its file calls hold the interpreter lock for seconds.
"""

import hashlib
import queue
import secrets
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import pyrage
import zstandard
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.errors import Refused

SUITE: Final = 1
SIGNATURE_SIZE: Final = 64
HASH_SIZE: Final = 32
BROKEN: Final = "这个包在路上坏了(校验不符)。没有改动任何数据。请让对方重新生成一次。"

_LEVEL = 5
# What this level writes needs 2 MiB; a frame that asks for more memory to be opened is not ours.
_MAX_WINDOW = 1 << 23
_PIECE = 1 << 18
_AHEAD = 4


class Unopenable(Refused):
    """A seal that is not for this key, or bytes that were changed."""

    def __init__(self) -> None:
        super().__init__(BROKEN)


class Oversized(Refused):
    """What comes out of a seal is more than was declared or than is ever allowed."""

    def __init__(self) -> None:
        super().__init__("这个包里的内容比它自己写明的多, 可能被人改过。没有改动任何数据。请与对方核实后重新生成。")


@dataclass(frozen=True)
class NodePublic:
    """What others need of a node: 32 bytes to check its signatures, an age recipient to seal to it."""

    sign: bytes
    recipient: str

    def to_bytes(self) -> bytes:
        """Suite number, signature key, recipient: the form that is signed, sent and fingerprinted."""
        return bytes([SUITE]) + self.sign + self.recipient.encode("ascii")

    @classmethod
    def from_bytes(cls, data: bytes) -> "NodePublic":
        """Read `to_bytes` back; Refused if these are not the public keys of a node."""
        try:
            made = cls(data[1:33], data[33:].decode("ascii"))
            if data[:1] != bytes([SUITE]):
                raise ValueError(data[:1])
            Ed25519PublicKey.from_public_bytes(made.sign)
            _recipient(made.recipient)
        except ValueError as error:
            raise Refused("这不是一个单位的公开钥匙(或由更新的版本生成)。没有改动任何数据。") from error
        return made


@dataclass(frozen=True)
class NodeKeys:
    """A node's own keys; they live inside the encrypted store and `repr` never shows them."""

    sign: bytes = field(repr=False)
    identity: str = field(repr=False)

    @classmethod
    def generate(cls) -> "NodeKeys":
        """Fresh random keys."""
        private = Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption()
        )
        return cls(private, str(pyrage.x25519.Identity.generate()))

    @property
    def public(self) -> NodePublic:
        """The half others may know."""
        key = Ed25519PrivateKey.from_private_bytes(self.sign).public_key()
        raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        return NodePublic(raw, str(pyrage.x25519.Identity.from_str(self.identity).to_public()))

    def to_bytes(self) -> bytes:
        """Suite number, private signature key, age identity."""
        return bytes([SUITE]) + self.sign + self.identity.encode("ascii")

    @classmethod
    def from_bytes(cls, data: bytes) -> "NodeKeys":
        """Read `to_bytes` back; ValueError if it is not that."""
        if data[:1] != bytes([SUITE]):
            msg = "unknown suite"
            raise ValueError(msg)
        made = cls(data[1:33], data[33:].decode("ascii"))
        Ed25519PrivateKey.from_private_bytes(made.sign)
        _identity(made.identity)
        return made


def sign(private: bytes, purpose: str, message: bytes) -> bytes:
    """Ed25519 over purpose and message; the purpose keeps a signature of one kind from being shown as another."""
    return Ed25519PrivateKey.from_private_bytes(private).sign(_purposed(purpose, message))


def verify(public: bytes, purpose: str, message: bytes, signature: bytes) -> bool:
    """Whether the signature is this key's over exactly this."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, _purposed(purpose, message))
    except (InvalidSignature, ValueError):
        return False
    return True


def fingerprint_bytes(public: NodePublic) -> bytes:
    """32 bytes that stand for both public keys; read out by telephone as words."""
    return hashlib.sha256(_purposed("fingerprint", public.to_bytes())).digest()


def wrap(key: bytes, purpose: str, plain: bytes) -> bytes:
    """Seal something small under a 32-byte key (AES-256-GCM, random nonce in front), for one purpose only."""
    nonce = secrets.token_bytes(12)
    return nonce + AESGCM(key).encrypt(nonce, plain, _purposed(purpose, b""))


def unwrap(key: bytes, purpose: str, wrapped: bytes) -> bytes:
    """Undo `wrap`; Unopenable for another key or purpose, or changed bytes."""
    try:
        return AESGCM(key).decrypt(wrapped[:12], wrapped[12:], _purposed(purpose, b""))
    except (InvalidTag, ValueError) as error:
        raise Unopenable from error


def compress(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """One zstandard frame over all pieces."""
    packer = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=False).compressobj()
    for piece in pieces:
        if packed := packer.compress(piece):
            yield packed
    yield packer.flush()


def decompress(pieces: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """The plain bytes, at most 256 KiB at a time and in bounded memory, whatever the packed bytes claim.

    Raises Oversized once more than `limit` come out, Unopenable if these are not zstandard's bytes. An early end is
    not seen here: what is packed must say itself where it ends.
    """
    source: Any = _Pulled(iter(pieces))
    total = 0
    try:
        unpacker = zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW)
        with unpacker.stream_reader(source, read_size=_PIECE, closefd=False) as reader:
            while piece := reader.read(_PIECE):
                total += len(piece)
                if total > limit:
                    raise Oversized
                yield piece
    except zstandard.ZstdError as error:
        raise Unopenable from error


def seal(plain: Iterable[bytes], write: Callable[[bytes], object], recipient: str) -> None:
    """Seal a stream to one recipient, handing the sealed bytes to `write` (64 KiB at a time)."""
    source, sink = _Pulled(iter(plain)), _Pushed(write)
    try:
        pyrage.encrypt_io(source, sink, [_recipient(recipient)])
    except (OSError, pyrage.EncryptError):
        # age reports what our own ends raised as text; the error itself is what the caller can act on.
        _raise_first(source, sink)
        raise
    # Seen with 1.4.0: an error in the very last write is dropped without a word.
    _raise_first(source, sink)


def unseal(sealed: Iterable[bytes], identity: str) -> Generator[bytes, None, None]:
    """The plain bytes of a sealed stream; Unopenable if it is for another key, changed, or cut.

    age wants to push and callers want to pull, so that nothing need be held whole: a thread opens a few pieces ahead.
    What was yielded is authentic, but only reaching the end says that nothing is missing.
    """
    opening = _Opening(sealed, identity)
    opening.start()
    try:
        yield from opening.pieces()
    finally:
        opening.stop()


class _Pulled:
    """A reader over an iterator, as pyrage and zstandard call it; keeps the error that stopped it."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._rest = pieces, memoryview(b"")
        self.error: BaseException | None = None

    def read(self, size: int = -1) -> bytes:
        try:
            while not self._rest:
                self._rest = memoryview(next(self._pieces))
        except StopIteration:
            return b""
        except BaseException as error:
            self.error = error
            raise
        size = len(self._rest) if size < 0 else size
        taken, self._rest = self._rest[:size], self._rest[size:]
        return bytes(taken)


class _Pushed:
    """A writer as pyrage calls it; keeps the error that stopped it."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self.error: BaseException | None = None

    def write(self, data: bytes) -> int:
        if self.error is not None:
            raise self.error
        try:
            self._write(data)
        except BaseException as error:
            self.error = error
            raise
        return len(data)

    def flush(self) -> None:
        """Nothing is kept back here."""


def _raise_first(source: _Pulled, sink: _Pushed) -> None:
    for end in (sink, source):
        if end.error is not None:
            raise end.error


class _Stopped(Exception):
    """The consumer went away."""


class _Opening(threading.Thread):
    def __init__(self, sealed: Iterable[bytes], identity: str) -> None:
        super().__init__(name="unseal", daemon=True)
        self._source = _Pulled(iter(sealed))
        self._identity = _identity(identity)
        self._ready: queue.Queue[bytes | None] = queue.Queue(_AHEAD)
        self._held: list[bytes] = []
        self._size = 0
        self._stopping = False
        self._error: BaseException | None = None

    def run(self) -> None:
        sink = _Pushed(self._take)
        try:
            pyrage.decrypt_io(self._source, sink, [self._identity])
            _raise_first(self._source, sink)
            self._hand_over()
        except BaseException as error:  # noqa: BLE001 it is raised again in the consumer's thread
            self._error = sink.error or self._source.error or error
        finally:
            self._put(None)

    def pieces(self) -> Iterator[bytes]:
        while (piece := self._ready.get()) is not None:
            yield piece
        if isinstance(self._error, pyrage.DecryptError) or (
            isinstance(self._error, OSError) and self._error is not self._source.error
        ):
            raise Unopenable from self._error
        if self._error is not None:
            raise self._error

    def stop(self) -> None:
        self._stopping = True
        while self.is_alive():
            # Room for a thread that waits to hand something over.
            try:
                self._ready.get(timeout=0.01)
            except queue.Empty:
                continue
        self.join()

    def _take(self, data: bytes) -> None:
        self._held.append(data)
        self._size += len(data)
        if self._size >= _PIECE:
            self._hand_over()

    def _hand_over(self) -> None:
        if self._held:
            self._put(b"".join(self._held))
            self._held, self._size = [], 0

    def _put(self, piece: bytes | None) -> None:
        if self._stopping and piece is not None:
            raise _Stopped
        self._ready.put(piece)


def _purposed(purpose: str, message: bytes) -> bytes:
    return f"ronggui/{purpose}/{SUITE}\0".encode() + message


def _recipient(text: str) -> Any:
    try:
        return pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError as error:
        raise ValueError("recipient") from error


def _identity(text: str) -> Any:
    try:
        return pyrage.x25519.Identity.from_str(text)
    except pyrage.IdentityError as error:
        raise ValueError("identity") from error
