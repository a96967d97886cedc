"""What a workbook file is and whether it may be opened: its container is walked in small pieces before a reader sees it.

A reader lays a sheet out as a full rectangle and repeats shared texts, so that a small hostile file can ask for any
amount of memory. Everything here runs in bounded memory and counts what a reader would build.
"""

import re
import struct
import xml.parsers.expat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from app.errors import BadInput

MAX_FILE = 64 << 20
MAX_UNPACKED = 256 << 20
MAX_RATIO = 200
RATIO_COUNTS_FROM = 16 << 20
MAX_PARTS = 4000
MAX_CELLS = 3_000_000
MAX_TEXT = 128 << 10
MAX_REPEATED_TEXT = 1 << 30

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_PIECE = 1 << 18
_OVERLAP = 512
_STORED, _DEFLATED = 0, 8
ZIP_TROUBLES = (zipfile.BadZipFile, ValueError, NotImplementedError, RuntimeError, EOFError, zlib.error, struct.error)
_DOCTYPE = re.compile(rb"<\x00?!\x00?(?:D\x00?O\x00?C\x00?T\x00?Y\x00?P\x00?E|E\x00?N\x00?T\x00?I\x00?T\x00?Y)")
_CELL = re.compile(rb'<(?:\w+:)?c\s(?:[^>]*?\s)?r="\$?([A-Z]{1,3})\$?(\d{1,7})"[^>]*?(/?>(?:</(?:\w+:)?c>)?)')
_BARE_CELL = re.compile(rb"<(?:\w+:)?c(?:\s+(?!r=)[\w:]+=\"[^\"]*\")*\s*>")
_ROW = re.compile(rb'<(?:\w+:)?row\s(?:[^>]*?\s)?r="(\d{1,7})"')
_BOF, _FILEPASS, _LIMIT_LABEL = 0x0809, 0x002F, 4
_CELL_RECORDS = frozenset({0x0006, 0x0203, 0x0204, 0x0205, 0x00FD, 0x027E, 0x00BD, 0x00D6, 0x0003, 0x0004, 0x0002})

NOT_A_WORKBOOK = "这不是 Excel 或 WPS 表格文件。请用 Excel 或 WPS 打开原文件, 另存为 .xlsx 后再选。没有改动任何数据。"
PASSWORD = "这个表格文件有打开密码。请用 Excel 或 WPS 打开, 去掉密码另存一份后再选。没有改动任何数据。"  # noqa: S105
BROKEN = "这个表格文件坏了, 读不完整。请向发来的人重新要一份。没有改动任何数据。"
TOO_LARGE = (
    "这个表格文件大得不正常, 不能打开。请把要导入的内容复制到一个新表格里, 另存为 .xlsx 后再选。没有改动任何数据。"
)
SUSPICIOUS = "这个表格文件里夹带了不该有的内容(外部实体), 为了安全不打开。请向发来的人核实。没有改动任何数据。"


@dataclass
class _Extent:
    """The rectangle a sheet's cells span."""

    rows: int = 0
    columns: int = 0
    cells: int = 0

    def reach(self, row: int, column: int) -> None:
        self.rows = max(self.rows, row)
        self.columns = max(self.columns, column)
        self.cells += 1
        if self.rows * self.columns > MAX_CELLS:
            raise BadInput(
                f"这个表的内容一直到第 {self.rows} 行第 {self.columns} 列, 太大了, 不能打开。"
                "请删去表外多余的内容, 或只复制要导入的部分另存为 .xlsx。没有改动任何数据。"
            )


@dataclass
class _Texts:
    """The longest text that cells may share, against the number of cells that may share it."""

    longest: int = 0
    cells: int = 0

    def check(self) -> None:
        if self.longest > MAX_TEXT or self.longest * self.cells > MAX_REPEATED_TEXT:
            raise BadInput(TOO_LARGE)


def kind(data: bytes) -> str:
    """`xlsx`, `ods` or `xls` of a workbook that may be opened.

    Raises BadInput in words for anything else: no workbook, a password, a broken or an abnormally large file.
    """
    if len(data) > MAX_FILE:
        raise BadInput(TOO_LARGE)
    if data.startswith(_ZIP):
        return _check_zip(data)
    if data.startswith(_OLE):
        _check_ole(data)
        return "xls"
    raise BadInput(NOT_A_WORKBOOK)


def _check_zip(data: bytes) -> str:
    try:
        parts = zipfile.ZipFile(BytesIO(data)).infolist()
    except ZIP_TROUBLES as trouble:
        raise BadInput(BROKEN) from trouble
    names = [part.filename for part in parts]
    if "content.xml" in names:
        form = "ods"
    elif any(name.startswith("xl/") for name in names):
        form = "xlsx"
    else:
        raise BadInput(NOT_A_WORKBOOK)
    if len(parts) > MAX_PARTS or len(set(names)) != len(names) or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise BadInput(TOO_LARGE)
    texts, unpacked = _Texts(), 0
    for part in parts:
        if part.flag_bits & 1:
            raise BadInput(PASSWORD)
        unpacked += _walk(data, part, form, texts, MAX_UNPACKED - unpacked)
    texts.check()
    if unpacked > RATIO_COUNTS_FROM and unpacked > MAX_RATIO * len(data):
        raise BadInput(TOO_LARGE)
    if form == "ods" and _asks_password(data):
        raise BadInput(PASSWORD)
    return form


def _walk(data: bytes, part: zipfile.ZipInfo, form: str, texts: _Texts, room: int) -> int:
    """Unpack one part piece by piece, believing no declared size; the bytes it really holds."""
    markup = part.filename.endswith((".xml", ".rels", ".vml"))
    walker: _SheetWalker | _TextWalker | _OdsWalker | None = None
    if form == "ods" and part.filename == "content.xml":
        walker = _OdsWalker(texts)
    elif part.filename.endswith("sharedStrings.xml"):
        walker = _TextWalker(texts)
    elif form == "xlsx" and not part.filename.startswith(("xl/media/", "docProps/", "xl/theme/")):
        walker = _SheetWalker(texts)
    size, tail = 0, b""
    for piece in _pieces(data, part):
        size += len(piece)
        if size > room:
            raise BadInput(TOO_LARGE)
        if (markup or size == len(piece)) and _DOCTYPE.search(tail + piece):
            raise BadInput(SUSPICIOUS)
        if walker:
            walker.feed(piece)
        tail = piece[-_OVERLAP:]
    if walker:
        walker.close()
    return size


def _pieces(data: bytes, part: zipfile.ZipInfo) -> Iterator[bytes]:
    head = data[part.header_offset : part.header_offset + 30]
    if len(head) != 30 or not head.startswith(_ZIP):
        raise BadInput(BROKEN)
    name_length, extra_length = struct.unpack("<HH", head[26:30])
    start = part.header_offset + 30 + name_length + extra_length
    packed = data[start : start + part.compress_size]
    if len(packed) != part.compress_size:
        raise BadInput(BROKEN)
    if part.compress_type == _STORED:
        for place in range(0, len(packed), _PIECE):
            yield packed[place : place + _PIECE]
        return
    if part.compress_type != _DEFLATED:
        raise BadInput(BROKEN)
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        while packed and not unpacker.eof:
            yield unpacker.decompress(packed, _PIECE)
            packed = unpacker.unconsumed_tail
        rest = unpacker.flush()
    except zlib.error as trouble:
        raise BadInput(BROKEN) from trouble
    if not unpacker.eof:
        raise BadInput(BROKEN)
    if rest:
        yield rest


class _SheetWalker:
    """Counts the cells with content of a sheet's XML and the rectangle they span."""

    def __init__(self, texts: _Texts) -> None:
        self._texts = texts
        self._extent = _Extent()
        self._bare = 0
        self._row = 0
        self._held = b""

    def feed(self, piece: bytes) -> None:
        whole = self._held + piece
        # Hold back the last two tags, which may be unfinished or belong together, so that no cell is seen twice,
        # not at all, or as one with content though it closes at once.
        cut = whole.rfind(b"<", 0, max(whole.rfind(b"<"), 0))
        cut = len(whole) if cut < 0 or len(whole) - cut > _OVERLAP else cut
        self._look(whole[:cut])
        self._held = whole[cut:]

    def close(self) -> None:
        self._look(self._held)
        if self._bare:
            # Cells without their own address stand in the row they are in: the worst case is all of them in one row.
            self._extent.reach(self._row, max(self._extent.columns, min(self._bare, 16384)))

    def _look(self, text: bytes) -> None:
        reached: dict[bytes, int] = {}
        count = 0
        for letters, row, end in _CELL.findall(text):
            if end == b">":
                count += 1
                number = int(row)
                if number > reached.get(letters, 0):
                    reached[letters] = number
        for letters, number in reached.items():
            self._extent.reach(number, _column(letters))
        bare = len(_BARE_CELL.findall(text))
        self._bare += bare
        self._texts.cells += count + bare
        rows = _ROW.findall(text)
        if rows:
            self._row = max(self._row, *map(int, rows)) if len(rows) > 1 else max(self._row, int(rows[0]))


class _TextWalker:
    """Measures the longest shared text."""

    def __init__(self, texts: _Texts) -> None:
        self._texts = texts
        self._open = 0

    def feed(self, piece: bytes) -> None:
        items = piece.split(b"</si>")
        for place, item in enumerate(items):
            length = len(item) + (self._open if place == 0 else 0)
            self._texts.longest = max(self._texts.longest, length)
            self._open = length
        if self._open > MAX_TEXT:
            raise BadInput(TOO_LARGE)

    def close(self) -> None:
        self._texts.longest = max(self._texts.longest, self._open)


class _OdsWalker:
    """Counts the cells of an OpenDocument sheet with their repetitions."""

    def __init__(self, texts: _Texts) -> None:
        self._texts = texts
        self._extent = _Extent()
        self._row = self._column = 0
        self._row_repeat = 1
        self._text = 0
        self._parser = xml.parsers.expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters

    def feed(self, piece: bytes) -> None:
        try:
            self._parser.Parse(piece, False)
        except xml.parsers.expat.ExpatError as trouble:
            raise BadInput(BROKEN) from trouble

    def close(self) -> None:
        try:
            self._parser.Parse(b"", True)
        except xml.parsers.expat.ExpatError as trouble:
            raise BadInput(BROKEN) from trouble

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "table:table":
            self._extent, self._row = _Extent(), 0
        elif name == "table:table-row":
            self._column, self._row_repeat = 0, _repeat(attributes.get("table:number-rows-repeated"))
        elif name in {"table:table-cell", "table:covered-table-cell"}:
            self._text = 0
            repeat = _repeat(attributes.get("table:number-columns-repeated"))
            self._column += repeat
            if "office:value-type" in attributes:
                self._extent.reach(self._row + self._row_repeat, self._column)
                self._texts.cells += repeat * self._row_repeat

    def _end(self, name: str) -> None:
        if name == "table:table-row":
            self._row += self._row_repeat

    def _characters(self, text: str) -> None:
        self._text += len(text)
        self._texts.longest = max(self._texts.longest, self._text)


def _repeat(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else 1


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _asks_password(data: bytes) -> bool:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            manifest = archive.open("META-INF/manifest.xml").read(1 << 20)
    except KeyError:
        return False
    except ZIP_TROUBLES as trouble:
        raise BadInput(BROKEN) from trouble
    return b"encryption-data" in manifest


def old_stream(data: bytes) -> bytes:
    """The records of an .xls. Raises BadInput for one that has none."""
    stream = _ole_stream(data, ("Workbook", "Book"))
    if stream is None:
        raise BadInput(NOT_A_WORKBOOK)
    return stream


def _check_ole(data: bytes) -> None:
    """The old container: a wrapped encrypted .xlsx, or the record stream of an .xls."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise BadInput(PASSWORD)
    stream = old_stream(data)
    extent, place = _Extent(), 0
    while place + 4 <= len(stream):
        record, length = struct.unpack_from("<HH", stream, place)
        if record == _BOF:
            extent = _Extent()
        elif record == _FILEPASS:
            raise BadInput(PASSWORD)
        elif record in _CELL_RECORDS and length >= _LIMIT_LABEL and place + 8 <= len(stream):
            row, column = struct.unpack_from("<HH", stream, place + 4)
            extent.reach(row + 1, column + 1)
        place += 4 + length


def _ole_stream(data: bytes, wanted: tuple[str, ...]) -> bytes | None:
    """One stream of a compound file (MS-CFB), None if there is none of these names.

    A stream below 4096 bytes lies in the mini stream; no workbook is that small, so it counts as broken.
    """
    size = 1 << struct.unpack_from("<H", data, 30)[0] if len(data) >= 512 else 0
    if size not in {512, 4096}:
        raise BadInput(BROKEN)
    per_sector = size // 4
    first_directory = struct.unpack_from("<I", data, 48)[0]
    table_sectors = [number for number in struct.unpack_from("<109I", data, 76) if number < 0xFFFFFFFA]
    more, hops = struct.unpack_from("<I", data, 68)[0], 0
    while more < 0xFFFFFFFA and hops < 1000:
        block = struct.unpack(f"<{per_sector}I", _sector(data, more, size))
        table_sectors += [number for number in block[:-1] if number < 0xFFFFFFFA]
        more, hops = block[-1], hops + 1
    table: list[int] = []
    for number in table_sectors[: len(data) // size + 1]:
        table += struct.unpack(f"<{per_sector}I", _sector(data, number, size))
    directory = _chain(data, table, first_directory, size)
    for place in range(0, len(directory) - 127, 128):
        length = struct.unpack_from("<H", directory, place + 64)[0]
        name = directory[place : place + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
        if name in wanted:
            start, stream_size = struct.unpack_from("<II", directory, place + 116)
            if stream_size < 4096:
                raise BadInput(BROKEN)
            return _chain(data, table, start, size)[:stream_size]
    return None


def _chain(data: bytes, table: list[int], first: int, size: int) -> bytes:
    pieces: list[bytes] = []
    number = first
    while number < 0xFFFFFFFA:
        if number >= len(table) or len(pieces) > len(table):
            raise BadInput(BROKEN)
        pieces.append(_sector(data, number, size))
        number = table[number]
    return b"".join(pieces)


def _sector(data: bytes, number: int, size: int) -> bytes:
    piece = data[(number + 1) * size : (number + 2) * size]
    if len(piece) < size:
        # The last sector of a file may be cut short by some writers; anything else missing is damage.
        if not piece:
            raise BadInput(BROKEN)
        piece = piece.ljust(size, b"\0")
    return piece
