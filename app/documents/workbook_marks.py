"""What a reader of values does not tell of a workbook: hidden rows, cells in error, formulas without a stored value.

Only for files the guard has let through: their parts are bounded, so that each may be looked at whole.
"""

import posixpath
import re
import struct
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Final
from xml.sax.saxutils import unescape

from app.documents import workbook_guard

_SHEET: Final = re.compile(rb"<(?:\w+:)?sheet\s[^>]*>")
_RELATION: Final = re.compile(rb"<(?:\w+:)?Relationship\s[^>]*>")
_ATTRIBUTE: Final = re.compile(rb'([\w:]+)\s*=\s*"([^"]*)"')
_ROW: Final = re.compile(rb"<(?:\w+:)?row\s[^>]*>")
_ERROR: Final = re.compile(rb'<(?:\w+:)?c\s[^>]*?t="e"[^>]*>.{0,2000}?</(?:\w+:)?c>', re.DOTALL)
_FORMULA: Final = re.compile(
    rb"<(?:\w+:)?c\s([^>]*)>\s*<(?:\w+:)?f(?:\s[^>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_ADDRESS: Final = re.compile(rb'\sr="\$?([A-Z]{1,3})\$?(\d{1,7})"')
_VALUE: Final = re.compile(rb"<(?:\w+:)?v>([^<]*)<")
_ODS_TAG: Final = re.compile(rb"<(/?)table:(table|table-row)(\s[^>]*)?>")
_BOUND_SHEET, _BOF, _ROW_RECORD, _BOOL_ERROR, _FORMULA_RECORD = 0x0085, 0x0809, 0x0208, 0x0205, 0x0006
_ZERO_HEIGHT: Final = 0x20
_OLD_ERRORS: Final = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
}  # fmt: skip

Place = tuple[int, int]
"""Row number as a person sees it, column from 0."""


@dataclass
class Marks:
    """Of one sheet. `errors` are the texts of cells in error; `unvalued` are formulas nothing has been worked out for."""

    hidden_rows: set[int] = field(default_factory=set)
    errors: dict[Place, str] = field(default_factory=dict)
    unvalued: set[Place] = field(default_factory=set)


def of(data: bytes, kind: str) -> Mapping[str, Marks]:
    """The marks of each sheet by its name; what cannot be made out is left out, for it only adds to the values."""
    try:
        if kind == "xls":
            return dict(_old(workbook_guard.old_stream(data)))
        with zipfile.ZipFile(BytesIO(data)) as archive:
            return dict(_open_document(archive.read("content.xml")) if kind == "ods" else _sheets(archive))
    except (KeyError, ValueError, struct.error, *workbook_guard.ZIP_TROUBLES):
        return {}


# -- xlsx -----------------------------------------------------------------------------------------------------------


def _sheets(archive: zipfile.ZipFile) -> Iterator[tuple[str, Marks]]:
    targets = {
        one[b"Id"]: one[b"Target"].decode()
        for one in map(_attributes, _RELATION.findall(archive.read("xl/_rels/workbook.xml.rels")))
    }
    for tag in _SHEET.findall(archive.read("xl/workbook.xml")):
        facts = _attributes(tag)
        target = targets.get(next((value for name, value in facts.items() if name.endswith(b":id")), b""))
        if target is None:
            continue
        path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
        yield unescape(facts[b"name"].decode(), {"&quot;": '"', "&apos;": "'"}), _of_xml(archive.read(path))


def _attributes(tag: bytes) -> dict[bytes, bytes]:
    return dict(_ATTRIBUTE.findall(tag))


def _of_xml(xml: bytes) -> Marks:
    out = Marks()
    if b'hidden="' in xml:
        for place, tag in enumerate(_ROW.findall(xml), start=1):
            facts = _attributes(tag)
            if facts.get(b"hidden") in (b"1", b"true"):
                out.hidden_rows.add(int(facts.get(b"r", b"%d" % place)))
    if b't="e"' in xml:
        for cell in _ERROR.findall(xml):
            value = _VALUE.search(cell)
            if (where := _place(cell)) is not None and value is not None:
                out.errors[where] = value[1].decode()
    if b"<f" in xml or b":f>" in xml:
        for cell in _FORMULA.findall(xml):
            if (where := _place(b" " + cell)) is not None:
                out.unvalued.add(where)
    return out


def _place(text: bytes) -> Place | None:
    found = _ADDRESS.search(text)
    if found is None:
        return None
    number = 0
    for letter in found[1]:
        number = number * 26 + letter - 64
    return int(found[2]), number - 1


# -- ods ------------------------------------------------------------------------------------------------------------


def _open_document(xml: bytes) -> Iterator[tuple[str, Marks]]:
    """Only hidden rows: an error is a text there, and a formula has its value beside it."""
    out, name, row = Marks(), "", 0
    for closing, tag, attributes in _ODS_TAG.findall(xml):
        facts = _attributes(attributes)
        if tag == b"table":
            if closing:
                yield name, out
            else:
                name = unescape(facts.get(b"table:name", b"").decode(), {"&quot;": '"', "&apos;": "'"})
                out, row = Marks(), 0
        elif not closing:
            repeat = int(facts.get(b"table:number-rows-repeated", b"1"))
            if facts.get(b"table:visibility") in (b"collapse", b"filter") and repeat < workbook_guard.MAX_CELLS:
                out.hidden_rows.update(range(row + 1, row + repeat + 1))
            row += repeat


# -- xls ------------------------------------------------------------------------------------------------------------


def _old(stream: bytes) -> Iterator[tuple[str, Marks]]:
    names: dict[int, str] = {}
    found: dict[int, Marks] = {}
    now, place = Marks(), 0
    while place + 4 <= len(stream):
        record, length = struct.unpack_from("<HH", stream, place)
        body = stream[place + 4 : place + 4 + length]
        if record == _BOUND_SHEET and length >= 8:
            names[struct.unpack_from("<I", body)[0]] = _short_text(body[6:])
        elif record == _BOF:
            now = found[place] = Marks()
        elif record == _ROW_RECORD and length >= 16:
            if body[12] & _ZERO_HEIGHT:
                now.hidden_rows.add(struct.unpack_from("<H", body)[0] + 1)
        elif (record == _BOOL_ERROR and length >= 8 and body[7] == 1) or (
            record == _FORMULA_RECORD and length >= 14 and body[6] == 2 and body[12:14] == b"\xff\xff"
        ):
            row, column = struct.unpack_from("<HH", body)
            code = body[6] if record == _BOOL_ERROR else body[8]
            now.errors[row + 1, column] = _OLD_ERRORS.get(code, "#N/A")
        place += 4 + length
    for start, name in names.items():
        if start in found:
            yield name, found[start]


def _short_text(body: bytes) -> str:
    """The name of a sheet: length, whether the characters are wide, characters."""
    count, wide = body[0], body[1] & 1
    return body[2 : 2 + count * 2].decode("utf-16-le") if wide else body[2 : 2 + count].decode("latin-1")
