"""What an ID-card reader says: frames of the SAM protocol, the card's text block, and text typed by a keyboard wedge.

Frames out: AA AA AA 96 69, two bytes of length, command, parameter, data, check; frames in have three status bytes
instead of command and parameter. The length counts everything after it; the check is the XOR of everything after the
preamble but itself.
"""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import reduce
from operator import xor
from typing import Final, Literal

from app.rules import benefits, id_number, names
from app.rules import text as texts

PREAMBLE: Final = b"\xaa\xaa\xaa\x96\x69"
BAUDS: Final = (115200, 57600, 38400, 19200, 9600)
"""Speeds readers are set to, the usual one first."""

OK: Final = 0x90
FOUND: Final = 0x9F
NO_CARD: Final = 0x80
NO_CONTENT: Final = 0x91
STATUSES: Final[Mapping[int, str]] = {
    0x10: "读卡器说收到的命令校验不符",
    0x11: "读卡器说收到的命令长度不对",
    0x21: "读卡器不认识这个命令",
    0x23: "读卡器没有权限做这个操作",
    0x24: "读卡器遇到无法识别的错误",
    0x31: "证件认证失败, 可能不是居民身份证",
    0x32: "证件认证失败, 可能不是居民身份证",
    0x33: "信息验证失败, 可能不是居民身份证",
    0x40: "无法识别的证件",
    0x41: "读证件失败, 可能拿开得太早",
    0x47: "取随机数失败",
    0x60: "读卡器自检失败, 不能工作",
    0x66: "读卡器没有授权, 请联系厂家",
    NO_CARD: "没有放证件",
    0x81: "选取证件失败, 可能拿开得太早",
    NO_CONTENT: "证件里没有这项内容",
}
"""Meanings of the third status byte."""

Kind = Literal["resident", "hong_kong_macao_taiwan", "foreigner", "foreigner_2023"]
KINDS: Final[Mapping[Kind, str]] = {
    "resident": "居民身份证", "hong_kong_macao_taiwan": "港澳台居民居住证",
    "foreigner": "外国人永久居留身份证", "foreigner_2023": "外国人永久居留身份证(2023版)",
}  # fmt: skip
_FLAGS: Final[Mapping[str, Kind]] = {"J": "hong_kong_macao_taiwan", "I": "foreigner", "Y": "foreigner_2023"}
_FLAG_AT: Final = 248

TEXT_LENGTH: Final = 256
PHOTO_LENGTH: Final = 1024
_ADDRESS_LENGTH: Final = 70
_SHORTEST, _LONGEST = 4, 4096
_FOREVER: Final = "长期"


def command(code: int, parameter: int, data: bytes = b"") -> bytes:
    """A frame to the reader."""
    body = bytes((code, parameter)) + data
    counted = (len(body) + 1).to_bytes(2, "big") + body
    return PREAMBLE + counted + bytes((check(counted),))


def check(counted: bytes) -> int:
    """The check byte over length and body."""
    return reduce(xor, counted, 0)


FIND: Final = command(0x20, 0x01)
SELECT: Final = command(0x20, 0x02)
READ: Final = command(0x30, 0x01)
READ_NEWEST_ADDRESS: Final = command(0x30, 0x03)
SAM_STATUS: Final = command(0x11, 0xFF)


class FrameFault(ValueError):
    """An answer that cannot be trusted: `reason` is checksum|length."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True)
class Answer:
    """A whole answer of the reader."""

    status: int
    """The third of the status bytes; the first two are 0 in all known answers."""
    data: bytes


def answer(received: bytes) -> Answer | None:
    """The first whole answer in what has come so far; None while it is not whole. What stands before it is noise.

    Raises FrameFault for a wrong check or an impossible length.
    """
    start = received.find(PREAMBLE)
    if start < 0:
        return None
    counted = received[start + len(PREAMBLE) :]
    if len(counted) < 2:
        return None
    length = int.from_bytes(counted[:2], "big")
    if not _SHORTEST <= length <= _LONGEST:
        raise FrameFault("length")
    if len(counted) < 2 + length:
        return None
    whole = counted[: 2 + length]
    if check(whole[:-1]) != whole[-1]:
        raise FrameFault("checksum")
    return Answer(whole[4], whole[5:-1])


# -- the card -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class IdCard:
    """What a card says. Dates are ISO days, `valid_to` also 长期; `faults` are sentences about what looks wrong."""

    kind: Kind = "resident"
    name: str = ""
    sex: str = ""
    ethnicity: str = ""
    birth_date: str = ""
    address: str = ""
    number: str = ""
    authority: str = ""
    valid_from: str = ""
    valid_to: str = ""
    newest_address: str = ""
    photo: bytes = b""
    """As the chip holds it; only the maker's library can draw it."""
    faults: tuple[str, ...] = ()

    def values(self) -> dict[str, str]:
        """Fields of a person; none for a card of a kind the register has no fields for."""
        if self.kind in ("foreigner", "foreigner_2023"):
            return {}
        given = {
            "name": self.name, "id_number": self.number, "sex": self.sex, "birth_date": self.birth_date,
            "ethnicity": self.ethnicity, "address": self.newest_address or self.address,
        }  # fmt: skip
        return {name: value for name, value in given.items() if value}

    def warnings(self, day: dt.date) -> tuple[str, ...]:
        """What a clerk should look at: faults, another kind of card, an expired one."""
        said = list(self.faults)
        if self.kind != "resident":
            said.append(f"这是{KINDS[self.kind]}。" + ("" if self.values() else "请手工登记。"))
        if self.valid_to and self.valid_to != _FOREVER and self.valid_to < day.isoformat():
            said.append(f"证件已于 {self.valid_to} 到期, 请提醒换证。")
        return tuple(said)


def contents(data: bytes) -> tuple[bytes, bytes]:
    """Text and photo of the answer to READ: two lengths of two bytes, then both. Raises FrameFault."""
    if len(data) < 4:
        raise FrameFault("length")
    text, photo = int.from_bytes(data[:2], "big"), int.from_bytes(data[2:4], "big")
    if text != TEXT_LENGTH or len(data) < 4 + text + photo:
        raise FrameFault("length")
    return data[4 : 4 + text], data[4 + text : 4 + text + photo]


# Offset and length in bytes; the two kinds agree but for what a resident has in place of a pass.
_RESIDENT: Final[Mapping[str, tuple[int, int]]] = {
    "name": (0, 30), "sex": (30, 2), "ethnicity": (32, 4), "birth_date": (36, 16), "address": (52, 70),
    "number": (122, 36), "authority": (158, 30), "valid_from": (188, 16), "valid_to": (204, 16),
}  # fmt: skip


def read_text(block: bytes) -> IdCard:
    """The text block of a card: 256 bytes of UTF-16LE in fixed fields, padded with spaces. Raises FrameFault."""
    if len(block) != TEXT_LENGTH:
        raise FrameFault("length")
    kind = _FLAGS.get(_decoded(block[_FLAG_AT : _FLAG_AT + 2]), "resident")
    if kind in ("foreigner", "foreigner_2023"):
        return IdCard(kind)
    fields = {name: _decoded(block[at : at + length]) for name, (at, length) in _RESIDENT.items()}
    card = IdCard(
        kind, names.clean(fields["name"]), fields["sex"], fields["ethnicity"] if kind == "resident" else "",
        _day(fields["birth_date"]), fields["address"], fields["number"], fields["authority"],
        _day(fields["valid_from"]), _day(fields["valid_to"]),
    )  # fmt: skip
    return replace(card, faults=_faults(card))


def newest_address(data: bytes) -> str:
    """The last address written to a card after it was made; empty if there is none."""
    whole = [data[at : at + _ADDRESS_LENGTH] for at in range(0, len(data) - _ADDRESS_LENGTH + 1, _ADDRESS_LENGTH)]
    return next((text for text in map(_decoded, reversed(whole)) if text), "")


def _decoded(raw: bytes) -> str:
    """Half characters and unused ends of a field are no text."""
    return raw.decode("utf-16-le", "replace").partition("\0")[0].strip("\uffff \u3000")


def _day(digits: str) -> str:
    """20300101 → 2030-01-01; 长期 stays, what is no day is kept as it is for `_faults`."""
    try:
        return dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).isoformat() if len(digits) == 8 else digits
    except ValueError:
        return digits


def _faults(card: IdCard) -> tuple[str, ...]:
    said = [text for text in names.check(card.name) if card.name]
    if not card.name:
        said.append("证件上没有读出姓名。")
    checked = id_number.check(card.number)
    if isinstance(checked, id_number.IdProblem):
        said.append(checked.text)
    else:
        if card.birth_date and card.birth_date != checked.birth.isoformat():
            said.append(f"证件上的出生日期 {card.birth_date} 与号码里的 {checked.birth} 不一样。请核对。")
        if card.sex in ("1", "2") and card.sex != checked.sex:
            said.append("证件上的性别与号码里的不一样。请核对。")
    if card.ethnicity and card.ethnicity not in benefits.ETHNICITY:
        said.append(f"民族代码“{card.ethnicity}”不在代码表里。")
    return tuple(said)


# -- text typed by a keyboard wedge or pasted from elsewhere ----------------------------------------------------------

_LABELLED: Final[Mapping[str, str]] = {
    "name": r"姓\s*名", "sex": r"性\s*别", "ethnicity": r"民\s*族", "birth_date": r"出\s*生(?:日期|年月日)?",
    "address": r"(?:住\s*址|地\s*址)", "number": r"(?:公民身份号码|公民身份证号码?|居民身份证号码?|身份证号码?|证件号码?|号码)",
    "authority": r"签发机关", "validity": r"有效期(?:限)?",
}  # fmt: skip
# A label stands before a colon, or apart from other words: 民族路 in an address is none.
_ANY_LABEL: Final = re.compile(
    "|".join(rf"(?P<{name}>{label}(?=\s*:)|(?<![^\s|,;]){label}(?=\s))" for name, label in _LABELLED.items())
)
_SEPARATORS: Final = re.compile(r"[|\t\r\n,;^]+| {2,}")
_AROUND_VALUES: Final = " \t\r\n:;,|="
_NUMBER: Final = re.compile(r"(?<![0-9Xx])(?:\d{17}[0-9Xx]|\d{15})(?![0-9Xx])")
_DATE: Final = re.compile(r"(\d{4})\D?(\d{1,2})\D?(\d{1,2})\D?")
_ISSUED_BY: Final = re.compile(r"公安|分局|派出所")


def from_text(text: str) -> IdCard | None:
    """A card from text with labels, from fields one after the other, or from a number alone; None without a number."""
    plain = texts.half_width(text).strip()
    fields = _labelled(plain) or _listed(plain)
    if not fields.get("number"):
        found = _NUMBER.search(plain)
        if found is None:
            return None
        fields["number"] = found.group()
    checked = id_number.check(fields["number"])
    number = checked.text if isinstance(checked, id_number.IdNumber) else id_number.normalise(fields["number"])
    first, last = _validity(fields.get("validity", ""))
    card = IdCard(
        name=names.clean(fields.get("name", "")),
        sex=benefits.code_of("sex", fields.get("sex", "")) or "",
        ethnicity=benefits.code_of("ethnicity", fields.get("ethnicity", "")) or "",
        birth_date=_written_day(fields.get("birth_date", "")),
        address="".join(fields.get("address", "").split()),
        number=number, authority=fields.get("authority", ""), valid_from=first, valid_to=last,
    )  # fmt: skip
    if isinstance(checked, id_number.IdNumber):
        card = replace(card, birth_date=card.birth_date or checked.birth.isoformat(), sex=card.sex or checked.sex)
    faults = _faults(card)
    return replace(card, faults=faults if card.name else tuple(one for one in faults if "姓名" not in one))


def _labelled(text: str) -> dict[str, str]:
    """Values behind their labels, as the printed side of a card has them."""
    marks = list(_ANY_LABEL.finditer(text))
    if not any(mark.lastgroup == "name" for mark in marks):
        return {}
    out: dict[str, str] = {}
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
        value = text[mark.end() : following.start() if following else len(text)]
        out.setdefault(str(mark.lastgroup), value.strip(_AROUND_VALUES))
    return out


def _listed(text: str) -> dict[str, str]:
    """Fields without labels, told by what they look like; the name is what comes first of the rest."""
    out: dict[str, str] = {}
    rest: list[str] = []
    for part in filter(None, (one.strip() for one in _SEPARATORS.split(text))):
        kind = _told(part)
        if kind and kind not in out:
            out[kind] = part
        else:
            rest.append(part)
    if rest and all(map(names.is_han, rest[0].replace(names.INTERPUNCT, ""))):
        out["name"] = rest.pop(0)
    if rest:
        out["address"] = max(rest, key=len)
    return out


def _told(part: str) -> str:
    if _NUMBER.fullmatch(part):
        return "number"
    if part in ("男", "女"):
        return "sex"
    if part == "汉" or (part.endswith("族") and benefits.code_of("ethnicity", part)):
        return "ethnicity"
    if _ISSUED_BY.search(part):
        return "authority"
    if len(_DATE.findall(part)) == 2 or part.endswith(_FOREVER):
        return "validity"
    return "birth_date" if _DATE.fullmatch(part) else ""


def _written_day(text: str) -> str:
    found = _DATE.search(text)
    if found is None:
        return ""
    return _day(f"{int(found[1]):04d}{int(found[2]):02d}{int(found[3]):02d}")


def _validity(text: str) -> tuple[str, str]:
    days = [_day(f"{int(y):04d}{int(m):02d}{int(d):02d}") for y, m, d in _DATE.findall(text)]
    last = _FOREVER if _FOREVER in text else days[1] if len(days) > 1 else ""
    return (days[0] if days else "", last)
