"""Writes the smallest .xls (BIFF8 in a compound file) and a wrapped encrypted .xlsx, for tests of the reader."""

import struct
from collections.abc import Sequence

SECTOR = 512
_END, _FREE, _TABLE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def xls(
    rows: Sequence[Sequence[str | float | None]],
    *,
    password: bool = False,
    last_row: int = 0,
    hidden: Sequence[int] = (),
    error: tuple[int, int, int] | None = None,
) -> bytes:
    """A workbook of one sheet; with `password` it carries the record that says so.

    `hidden` are rows from 0; `error` is one cell (row, column, code) whose formula has failed.
    """
    globals_ = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0))
    if password:
        globals_ += _record(0x002F, bytes(54))
    name = "表".encode("utf-16-le")
    sheet_record = 4 + 8 + len(name)
    start = len(globals_) + sheet_record + 4
    globals_ += _record(0x0085, struct.pack("<IBBBB", start, 0, 0, 1, 1) + name) + _record(0x000A, b"")
    sheet = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))
    for number in hidden:
        sheet += _record(0x0208, struct.pack("<HHHHHHI", number, 0, 1, 0, 0, 0, 0x0120))
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            if isinstance(value, str):
                text = value.encode("utf-16-le")
                body = struct.pack("<HHHHB", number, column, 0, len(text) // 2, 1) + text
                sheet += _record(0x0204, body)
            elif value is not None:
                sheet += _record(0x0203, struct.pack("<HHHd", number, column, 0, value))
    if error is not None:
        sheet += _record(0x0205, struct.pack("<HHHBB", *error[:2], 0, error[2], 1))
    if last_row:
        sheet += _record(0x0203, struct.pack("<HHHd", last_row, 255, 0, 1.0))
    return compound({"Workbook": globals_ + sheet + _record(0x000A, b"")})


def compound(streams: dict[str, bytes]) -> bytes:
    """A compound file of ordinary streams, each padded to 4096 bytes (a shorter one would need a mini stream)."""
    table: list[int] = [_TABLE]
    body = b""
    entries = [_entry("Root Entry", 5, _END, 0, child=1)]
    for place, (name, data) in enumerate(streams.items(), start=1):
        padded = data.ljust(max(4096, -(-len(data) // SECTOR) * SECTOR), b"\0")
        first, count = len(table), len(padded) // SECTOR
        table += [*range(first + 1, first + count), _END]
        body += padded
        right = place + 1 if place < len(streams) else _FREE
        entries.append(_entry(name, 2, first, len(padded), right=right))
    directory = b"".join(entries).ljust(-(-len(entries) // 4) * SECTOR, b"\0")
    first_directory, count = len(table), len(directory) // SECTOR
    table += [*range(first_directory + 1, first_directory + count), _END]
    assert len(table) <= SECTOR // 4
    table += [_FREE] * (SECTOR // 4 - len(table))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, first_directory, 0, 4096, _END, 0, _END, 0)
    header += struct.pack("<109I", 0, *[_FREE] * 108)
    return header + struct.pack("<128I", *table) + body + directory


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _entry(name: str, kind: int, start: int, size: int, *, child: int = _FREE, right: int = _FREE) -> bytes:
    raw = (name + "\0").encode("utf-16-le")
    links = struct.pack("<BBIII", kind, 1, _FREE, right, child)
    return raw.ljust(64, b"\0") + struct.pack("<H", len(raw)) + links + bytes(36) + struct.pack("<III", start, size, 0)
