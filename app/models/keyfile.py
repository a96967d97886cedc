"""The key file: one random store key, wrapped once for every staff member and once for the 应急恢复码.

`keys.json` lies in clear beside the store. It holds no name: a slot is found by a salted hash of the login name, which
keeps names from being read or searched for, though not from being guessed one by one (names are few). What protects
the store key is argon2id (RFC 9106) over the password; the cost is stored in the file, so that it can grow with the
years. A slot's associated data is the store, the slot and the cost: a slot moved to another store does not open.
"""

import hashlib
import hmac
import json
import secrets
import time
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from app import durable
from app.errors import BadInput, Damaged, EnvironmentTrouble, Newer, Refused
from app.rules.text import half_width

KEY_SIZE: Final = 32
RECOVERY: Final = "recovery"
_SALT = 16
_NONCE = 12
_FORMAT = 1
# Letters and digits that cannot be taken for each other when copied from paper (Crockford's base 32).
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS = str.maketrans("OILU", "011V")
_RECOVERY_GROUPS, _RECOVERY_GROUP = 5, 5
_ENROLMENT_GROUPS, _ENROLMENT_GROUP = 5, 4
_DOTS = str.maketrans(dict.fromkeys("•・‧∙⋅･．.", "·"))

WRONG_LOGIN: Final = "姓名或登录密码不对, 没有打开。请再试一次; 忘了密码请用应急恢复码。"
WRONG_RECOVERY: Final = "应急恢复码不对, 没有打开。请对照密封的那张纸再输一次。"
DAMAGED: Final = "钥匙文件 keys.json 坏了, 数据没有动。请用最近的备份恢复。"

POINTS: Final = durable.points("keys", "钥匙文件")


class Cost(msgspec.Struct, frozen=True):
    """Cost of argon2id: memory in KiB, passes, lanes. The upper bounds keep a forged file from taking the machine."""

    memory: Annotated[int, msgspec.Meta(ge=8, le=1 << 20)]
    iterations: Annotated[int, msgspec.Meta(ge=1, le=64)]
    lanes: Annotated[int, msgspec.Meta(ge=1, le=16)]


LEAST: Final = Cost(memory=8, iterations=1, lanes=1)
"""For 练习 stores and tests only."""

STANDARD: Final = Cost(memory=64 * 1024, iterations=3, lanes=4)
"""RFC 9106 §4, second recommended option: the least a real store may have."""


class _Slot(msgspec.Struct, frozen=True):
    id: str
    who_salt: bytes
    who: bytes
    salt: bytes
    nonce: bytes
    key: bytes


class _Contents(msgspec.Struct, frozen=True):
    format: int
    store: str
    practice: bool
    argon2id: Cost
    slots: list[_Slot]
    recovery: _Slot
    proof: bytes
    """HMAC of the store id under the store key: slots are only added by whoever has the key."""


@dataclass(frozen=True)
class Opened:
    """What a right password gives; `repr` never shows the key."""

    store_key: bytes = field(repr=False)
    staff_id: str


def measured_cost(timer: Callable[[], float] = time.perf_counter) -> Cost:
    """A cost of about 0.4 s on this machine (64 or 128 MiB), never below `STANDARD`."""
    taken = []
    for _ in range(3):  # the first one also pays for fetching the memory
        start = timer()
        _derive(b"probe", b"0" * _SALT, STANDARD)
        taken.append(timer() - start)
    passes = round(0.4 * STANDARD.iterations / max(min(taken), 0.001))
    if passes >= 2 * STANDARD.iterations:
        return replace_cost(STANDARD, memory=STANDARD.memory * 2, iterations=min(passes // 2, 16))
    return replace_cost(STANDARD, iterations=max(passes, STANDARD.iterations))


def replace_cost(cost: Cost, **changes: int) -> Cost:
    """The same cost with some numbers changed."""
    return msgspec.structs.replace(cost, **changes)


class KeyFile:
    """A key file as read; every change is written at once, whole or not at all."""

    def __init__(self, path: Path, contents: _Contents) -> None:
        self._path, self._contents = path, contents

    @classmethod
    def create(
        cls, path: Path, *, store_id: str, staff_id: str, name: str, password: str, practice: bool = False
    ) -> tuple["KeyFile", bytes, str]:
        """Make the file of a new store: gives it, the store key and the 应急恢复码 (shown once, kept nowhere).

        Raises Refused if a key file is there already, BadInput for an empty password.
        """
        cost = LEAST if practice else measured_cost()
        store_key, code = secrets.token_bytes(KEY_SIZE), new_recovery_code()
        empty = _Slot("", b"", b"", b"", b"", b"")
        contents = _Contents(_FORMAT, store_id, practice, cost, [], empty, _proof(store_key, store_id))
        contents = msgspec.structs.replace(
            contents,
            slots=[_wrap(contents, staff_id, name, _password_bytes(password), store_key)],
            recovery=_wrap(contents, RECOVERY, "", _recovery_bytes(code), store_key),
        )
        made = cls(path, contents)
        with durable.speaking("建立钥匙文件", path):
            durable.write_file(path, made.to_bytes(), POINTS, replace=False, verify=True)
        return made, store_key, code

    @classmethod
    def load(cls, path: Path) -> "KeyFile":
        """Read the file; EnvironmentTrouble if it is missing or damaged, Refused if a newer version made it."""
        with durable.speaking("打开钥匙文件", path):
            raw = path.read_bytes()
        return cls(path, _decode(raw))

    @property
    def practice(self) -> bool:
        """Whether the store is marked 练习; known before anything is opened."""
        return self._contents.practice

    @property
    def store_id(self) -> str:
        """The store this file opens."""
        return self._contents.store

    @property
    def cost(self) -> Cost:
        """The argon2id cost of all slots."""
        return self._contents.argon2id

    @property
    def staff_ids(self) -> list[str]:
        """Who can open the store, in the order they were added."""
        return [slot.id for slot in self._contents.slots]

    def open_with_password(self, name: str | None, password: str) -> Opened:
        """The store key for a staff member by login name (None: the first); Refused if name or password is wrong."""
        slots = self._contents.slots
        if name is not None:
            slots = [slot for slot in slots if hmac.compare_digest(slot.who, _who(slot.who_salt, name))]
        if not slots:
            raise Refused(WRONG_LOGIN)
        secret = _password_bytes(password) if password else b""
        # Two people may share a name: the password tells which of them it is.
        for slot in slots if name is not None else slots[:1]:
            store_key = self._unwrap(slot, secret)
            if store_key is not None:
                return Opened(store_key, slot.id)
        raise Refused(WRONG_LOGIN)

    def is_password_of(self, staff_id: str, password: str) -> bool:
        """Whether this is the password of somebody who can open the store; takes as long as opening."""
        secret = _password_bytes(password) if password else b""
        return any(self._unwrap(slot, secret) is not None for slot in self._contents.slots if slot.id == staff_id)

    def open_with_recovery(self, code: str) -> bytes:
        """The store key by the 应急恢复码, typed with or without dashes, in any case; Refused if it is wrong."""
        store_key = self._unwrap(self._contents.recovery, _recovery_bytes(code))
        if store_key is None:
            raise Refused(WRONG_RECOVERY)
        return store_key

    def add_slot(self, store_key: bytes, staff_id: str, name: str, password: str) -> None:
        """Let one more staff member open the store; Refused if this one already can."""
        if staff_id in self.staff_ids:
            raise Refused("这位工作人员已经有登录密码。要换密码请用“修改密码”。")
        slot = self._new_slot(store_key, staff_id, name, password)
        self._write(slots=[*self._contents.slots, slot])

    def change_password(self, store_key: bytes, staff_id: str, name: str, password: str) -> None:
        """Set a staff member's name and password anew, at the same place in the order."""
        self._known(staff_id)
        slot = self._new_slot(store_key, staff_id, name, password)
        self._write(slots=[slot if old.id == staff_id else old for old in self._contents.slots])

    def rename(self, store_key: bytes, staff_id: str, name: str) -> None:
        """Follow a changed login name; the password stays."""
        self._known(staff_id)
        self._prove(store_key)
        slots = [
            msgspec.structs.replace(slot, who=_who(slot.who_salt, name)) if slot.id == staff_id else slot
            for slot in self._contents.slots
        ]
        self._write(slots=slots)

    def remove_slot(self, store_key: bytes, staff_id: str) -> None:
        """Take a leaver's slot away; Refused for the last one, or nobody could open the store any more."""
        self._known(staff_id)
        self._prove(store_key)
        if len(self._contents.slots) == 1:
            raise Refused("这是最后一位能登录的人, 不能停用。请先给接手的人设好登录密码。")
        self._write(slots=[slot for slot in self._contents.slots if slot.id != staff_id])

    def replace_recovery(self, store_key: bytes) -> str:
        """A new 应急恢复码; the old one opens nothing any more."""
        self._prove(store_key)
        code = new_recovery_code()
        self._write(recovery=_wrap(self._contents, RECOVERY, "", _recovery_bytes(code), store_key))
        return code

    def to_bytes(self) -> bytes:
        """The file as written: JSON with a checksum, so that damage is told from a wrong password."""
        body = msgspec.to_builtins(self._contents, builtin_types=())
        return json.dumps({**body, "check": _check(body)}, indent=1, ensure_ascii=True).encode()

    def _new_slot(self, store_key: bytes, staff_id: str, name: str, password: str) -> _Slot:
        self._prove(store_key)
        return _wrap(self._contents, staff_id, name, _password_bytes(password), store_key)

    def _known(self, staff_id: str) -> None:
        if staff_id not in self.staff_ids:
            raise Refused("这位工作人员还没有登录密码。")

    def _prove(self, store_key: bytes) -> None:
        if not hmac.compare_digest(self._contents.proof, _proof(store_key, self.store_id)):
            raise Refused("钥匙文件与打开的数据不是一套, 没有改动。请用这套数据自己的 keys.json。")

    def _unwrap(self, slot: _Slot, secret: bytes) -> bytes | None:
        derived = _derive(secret, slot.salt, self.cost)
        try:
            store_key = AESGCM(derived).decrypt(slot.nonce, slot.key, _bound_to(self._contents, slot.id))
        except InvalidTag:
            return None
        return store_key if hmac.compare_digest(self._contents.proof, _proof(store_key, self.store_id)) else None

    def _write(self, *, slots: list[_Slot] | None = None, recovery: _Slot | None = None) -> None:
        old = self._contents
        changed = msgspec.structs.replace(old, slots=slots or old.slots, recovery=recovery or old.recovery)
        with durable.speaking("保存钥匙文件", self._path):
            durable.write_file(self._path, KeyFile(self._path, changed).to_bytes(), POINTS, verify=True)
        self._contents = changed


def new_recovery_code() -> str:
    """A fresh 应急恢复码: 125 random bits as five groups of five characters."""
    return _groups(_ALPHABET, _RECOVERY_GROUPS, _RECOVERY_GROUP, "-")


def new_enrolment_code() -> str:
    """A fresh 开通码 for the telephone: twenty digits in five groups (66 random bits)."""
    return _groups("0123456789", _ENROLMENT_GROUPS, _ENROLMENT_GROUP, " ")


def enrolment_key(code: str, salt: bytes, *, practice: bool = False) -> bytes:
    """The 32-byte key both ends of an enrolment derive from the 开通码; `salt` (16 bytes) stands in the file.

    The cost is fixed (`STANDARD`, in 练习 `LEAST`), because both ends must come to the same. Raises BadInput for
    anything but twenty digits.
    """
    digits = "".join(char for char in half_width(code) if char not in " -·")
    if len(digits) != _ENROLMENT_GROUPS * _ENROLMENT_GROUP or not (digits.isascii() and digits.isdigit()):
        raise BadInput("开通码是 20 位数字, 请对照电话里听到的再输一次。")
    return _derive(b"ronggui enrolment\0" + digits.encode(), salt, LEAST if practice else STANDARD)


def _groups(alphabet: str, groups: int, size: int, between: str) -> str:
    return between.join("".join(secrets.choice(alphabet) for _ in range(size)) for _ in range(groups))


def _password_bytes(password: str) -> bytes:
    """NFKC, so that digits typed with a full-width input method are the same password."""
    if not password:
        raise BadInput("登录密码不能为空。")
    return _utf8(unicodedata.normalize("NFKC", password))


def _recovery_bytes(code: str) -> bytes:
    kept = "".join(char for char in half_width(code).upper() if char not in " -·\t\r\n")
    return b"ronggui recovery\0" + _utf8(kept.translate(_READ_AS))


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise BadInput("输入里有只有半个编码的字, 请重新输入。") from error


def _who(salt: bytes, name: str) -> bytes:
    # Not rules.names.folded: its tables of variants grow, and what is hashed in this file must stay findable for ever.
    folded = "".join(half_width(name).translate(_DOTS).split()).casefold()
    return hashlib.sha256(salt + _utf8(folded)).digest()


def _derive(secret: bytes, salt: bytes, cost: Cost) -> bytes:
    try:
        return Argon2id(
            salt=salt, length=KEY_SIZE, iterations=cost.iterations, lanes=cost.lanes, memory_cost=cost.memory
        ).derive(secret)
    except MemoryError as error:
        need = cost.memory // 1024
        raise EnvironmentTrouble(f"内存不够(登录要用 {need} MB)。请关掉别的程序再试一次, 数据没有动。") from error


def _wrap(contents: _Contents, slot_id: str, name: str, secret: bytes, store_key: bytes) -> _Slot:
    who_salt, salt, nonce = (secrets.token_bytes(size) for size in (_SALT, _SALT, _NONCE))
    wrapped = AESGCM(_derive(secret, salt, contents.argon2id)).encrypt(nonce, store_key, _bound_to(contents, slot_id))
    return _Slot(slot_id, who_salt, _who(who_salt, name), salt, nonce, wrapped)


def _bound_to(contents: _Contents, slot_id: str) -> bytes:
    cost = contents.argon2id
    parts = (contents.format, contents.store, contents.practice, cost.memory, cost.iterations, cost.lanes, slot_id)
    return msgspec.msgpack.encode(parts)


def _proof(store_key: bytes, store_id: str) -> bytes:
    return hmac.digest(store_key, b"ronggui keys\0" + store_id.encode(), "sha256")


def _check(body: object) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


@contextmanager
def _damage_named() -> Iterator[None]:
    try:
        yield
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, msgspec.MsgspecError) as error:
        raise Damaged(DAMAGED) from error


def _decode(raw: bytes) -> _Contents:
    with _damage_named():
        body = json.loads(raw)
        if body.pop("check") != _check(body):
            raise ValueError("checksum")
        if body.get("format") != _FORMAT:
            raise Newer("这些数据是用更新的版本保存的。请先升级本机程序(数据没有动)。")
        contents = msgspec.convert(body, _Contents, strict=True)
        sizes = {(len(slot.salt), len(slot.nonce)) for slot in [*contents.slots, contents.recovery]}
        if not contents.slots or sizes != {(_SALT, _NONCE)}:
            raise ValueError("slots")
    return contents
