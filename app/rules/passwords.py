"""What is printed, sealed or told by phone: 应急恢复码, 开通码, and the eight words of a key's fingerprint."""

import hashlib

from app.errors import BadInput
from app.rules.spoken_words import WORDS
from app.rules.text import half_width

RECOVERY_BYTES = 16
ENROLMENT_BYTES = 8  # 64 random bits; they live two weeks, behind argon2id

# Digits and letters without I, L, O and U; what is heard or read as one of those is taken for its twin.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_TWINS = str.maketrans("ILOU", "110V")
_GROUP = 4


def _powers() -> tuple[int, ...]:
    """The 31 powers of the generator of GF(32), x^5 + x^2 + 1."""
    values, value = [], 1
    for _ in range(31):
        values.append(value)
        value <<= 1
        if value & 32:
            value ^= 0b100101
    return tuple(values)


_POWERS = _powers()
_LOGS = {value: place for place, value in enumerate(_POWERS)}


def recovery_code(random: bytes) -> str:
    """The 应急恢复码 of RECOVERY_BYTES random bytes, in groups of four with a check character at the end."""
    return _written(random, RECOVERY_BYTES)


def read_recovery_code(text: str) -> bytes:
    """The bytes of a typed 应急恢复码. Raises BadInput."""
    return _read(text, RECOVERY_BYTES, "应急恢复码")


def enrolment_code(random: bytes) -> str:
    """The 开通码 of ENROLMENT_BYTES random bytes, told by phone."""
    return _written(random, ENROLMENT_BYTES)


def read_enrolment_code(text: str) -> bytes:
    """The bytes of a 开通码 as it was heard. Raises BadInput."""
    return _read(text, ENROLMENT_BYTES, "开通码")


def fingerprint(public_key: bytes) -> tuple[str, ...]:
    """Eight everyday words (64 bits) that two people compare by phone."""
    digest = hashlib.sha256(b"ronggui key fingerprint\x00" + public_key).digest()
    return tuple(WORDS[byte] for byte in digest[:8])


def _symbols(size: int) -> int:
    return -(-size * 8 // 5)


def _written(random: bytes, size: int) -> str:
    if len(random) != size:
        raise ValueError(f"{size} bytes wanted, not {len(random)}")
    count = _symbols(size)
    number = int.from_bytes(random, "big")
    digits = [number >> (5 * place) & 31 for place in reversed(range(count))]
    text = "".join(_ALPHABET[digit] for digit in [*digits, _check(digits)])
    return "-".join(text[start : start + _GROUP] for start in range(0, len(text), _GROUP))


def _read(text: str, size: int, name: str) -> bytes:
    plain = half_width(text).upper().translate(_TWINS)
    plain = "".join(char for char in plain if char.isalnum())
    wanted = _symbols(size) + 1
    if len(plain) != wanted:
        raise BadInput(f"{name}要 {wanted} 个字符, 这里是 {len(plain)} 个。请对照再输一次。")
    if odd := [char for char in plain if char not in _ALPHABET]:
        raise BadInput(f"{name}里没有“{odd[0]}”这个字符。请对照再输一次。")
    digits = [_ALPHABET.index(char) for char in plain]
    number = 0
    for digit in digits[:-1]:
        number = number << 5 | digit
    if _check(digits[:-1]) != digits[-1] or number >> (size * 8):
        raise BadInput(f"{name}有一个字符不对或两个字符颠倒了。请对照再输一次。")
    return number.to_bytes(size, "big")


def _check(digits: list[int]) -> int:
    """A weighted sum over GF(32): finds every single wrong character and every swap of two."""
    result = 0
    for place, digit in enumerate(reversed(digits), start=1):
        if digit:
            result ^= _POWERS[(_LOGS[digit] + place) % 31]
    return result
