"""Files that belong to records: pictures of visits, stamped papers, copies of certificates."""

import atexit
import contextlib
import re
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock, durable
from app.errors import BadInput, Refused, UserError
from app.models import Attachment, Person, Synced, blobs, stops
from app.models.blobs import Sealed
from app.models.journal import Blob
from app.rules import levels, text
from app.services import disk_words, lookup, rights
from app.services.station import Station

PHOTOS: Final = frozenset({"image/jpeg", "image/png"})
LARGEST: Final = 20 * 1024 * 1024
_LONGEST_NAME: Final = 120
_COPIES: Final = "ronggui-open-"
"""Folders of copies in the system's temporary one begin so."""
_STALE: Final = 12 * 3_600_000
"""Milliseconds after which a copy belongs to nobody any more."""
_PROGRAMMES: Final = (b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"L\x00\x00\x00\x01\x14\x02\x00")
_BY_HEAD: Final = (
    (b"%PDF-", "application/pdf"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF8", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"%OFD", "application/ofd"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
)
_ZIPPED: Final = {
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".ofd": "application/ofd",
}


@dataclass(frozen=True)
class Attached:
    """A new attachment; `sha256` as 64 hexadecimal digits."""

    id: str
    sha256: str


@dataclass(frozen=True)
class AttachmentRow:
    """One line of the list; `here` is whether the content has come, `stops` up to which level it goes where not to here."""

    id: str
    name: str
    media_type: str | None
    size: int
    sha256: str
    here: bool
    stops: str = ""


class Attachments:
    """What can be done with attachments."""

    def __init__(self, station: Station) -> None:
        self._station = station

    def add(self, to: str, file: Path, note: str = "") -> Attached:
        """Attach a file to `KIND:ID`. The content is written and flushed before the record that names it is saved.

        Raises BadInput for an empty, too large (20 MB) or executable file, EnvironmentTrouble if it cannot be read or kept.
        """
        return self._attach("添加附件", to, file, note)

    def set_photo(self, person: str, file: Path) -> Attached:
        """更换近照: a JPEG or PNG is attached to a person and becomes what the card shows; the one before stays attached.

        Raises as `add` does, and BadInput for what is no such picture.
        """

        def show(session: Session, attachment: Attachment) -> None:
            if attachment.media_type not in PHOTOS:
                raise BadInput(f"“{attachment.name}”不是 JPEG 或 PNG 照片。请另存为 JPEG 后再选。没有改动任何数据。")
            lookup.fetch(session, Person, person).photo = attachment.id

        return self._attach("更换近照", f"person:{person}", file, "近照", show)

    def drop_photo(self, person: str) -> None:
        """The card shows no photo any more; the file stays among the attachments."""
        rights.demand(self._station, "write")
        with self._station.db.work("撤下近照") as work:
            shown = lookup.fetch(work.session, Person, person)
            rights.demand(self._station, "write", shown)
            shown.photo = None

    def photo(self, person: str) -> bytes | None:
        """What the card shows of a person; None if there is none or its content has not come yet."""
        rights.demand(self._station, "read")
        with self._station.db.read() as session:
            shown = lookup.fetch(session, Person, person).photo
            attachment = session.get(Attachment, shown) if shown else None
            sealed = (
                sealed_of(session, attachment.sha256) if attachment is not None and not attachment.deleted else None
            )
        return None if sealed is None else b"".join(blobs.unseal(self._station.folder, sealed))

    def _attach(
        self, act: str, to: str, file: Path, note: str, then: Callable[[Session, Attachment], None] | None = None
    ) -> Attached:
        rights.demand(self._station, "write")
        noun, model, subject = lookup.subject(to)
        if noun == "attachment":
            raise BadInput("附件不能再挂附件, 请挂在人员、走访、帮扶事项等记录上。")
        name = _checked_name(file)
        with durable.speaking("读取附件", file):
            size = file.stat().st_size
            with file.open("rb") as stream:
                head = stream.read(512)
        media_type = _checked_content(name, size, head)
        with self._station.db.read() as session:
            home = home_of(self._station, lookup.fetch(session, model, subject))
        sealed = blobs.seal(self._station.folder, _chunks(file))
        used = False
        try:
            with self._station.db.work(act) as work:
                lookup.fetch(work.session, model, subject)
                used = keep(work.session, self._station.folder, sealed)
                attachment = Attachment(
                    id=clock.new_id(), subject_kind=str(model.__table__.name),  # type: ignore[attr-defined]  # every kind has a table
                    subject=subject, name=name, media_type=media_type, size=sealed.size, sha256=sealed.sha256,
                    note=text.clean(note) or None, home=home,
                )  # fmt: skip
                work.session.add(attachment)
                if then is not None:
                    then(work.session, attachment)
        except BaseException:
            blobs.discard(self._station.folder, sealed)
            raise
        if not used:
            blobs.discard(self._station.folder, sealed)
        return Attached(attachment.id, sealed.sha256.hex())

    def get(self, id: str, out: Path) -> str:
        """Write the content to a new file after checking its hash; gives the SHA-256 (64 digits).

        Raises Refused if the content is not here or the file exists, EnvironmentTrouble if it is damaged.
        """
        sealed = self._sealed(id)
        with durable.speaking("取出附件", out):
            # The pieces are checked as they pass; a wrong one ends the writing before the file gets its name.
            return durable.write_file(out, blobs.unseal(self._station.folder, sealed), replace=False).hex()

    def content(self, id: str) -> bytes:
        """The content itself, checked against its hash: to be looked at without a copy in clear on the disk.

        Raises Refused if it is not here, EnvironmentTrouble if it is damaged.
        """
        return b"".join(blobs.unseal(self._station.folder, self._sealed(id)))

    def _sealed(self, id: str) -> Sealed:
        rights.demand(self._station, "read")
        with self._station.db.read() as session:
            attachment = lookup.fetch(session, Attachment, id)
            if (sealed := sealed_of(session, attachment.sha256)) is not None:
                return sealed
            if stop := self._stop(session):
                unit = levels.NAMES[stop]
                raise Refused(f"附件“{attachment.name}”的内容按规定只报到{unit}, 本单位只有登记。要看内容请找{unit}。")
        raise Refused(f"附件“{attachment.name}”的内容还没有收到, 已登记待补。下次接收上级或下级的包时会补上。")

    def _stop(self, session: Session) -> str:
        """The level contents rise to where that is below this unit, else an empty text."""
        place = self._station.place
        stop = stops.content_stop(session.connection(), clock.today().isoformat(), place.scopes)
        return stop if stops.stopped(stop, place.level) else ""

    def remove(self, id: str) -> None:
        """移入回收站(误录): the record of the file goes; the act can be undone, so the content stays."""
        rights.demand(self._station, "write")
        with self._station.db.work("移除附件") as work:
            work.delete(lookup.fetch(work.session, Attachment, id))

    def add_all(self, to: Sequence[str], files: Sequence[Path], note: str = "") -> list[UserError]:
        """Attach every file to every record, each by an act of its own; gives what was wrong with those that were not."""
        troubles: list[UserError] = []
        for file in files:
            try:
                with disk_words.speaking_of_disk(self._station.folder):
                    for one in to:
                        self.add(one, file, note)
            except UserError as error:
                troubles.append(error)
        return troubles

    def of(self, to: str) -> list[AttachmentRow]:
        """Attachments of `KIND:ID`, the oldest first."""
        rights.demand(self._station, "read")
        _, model, subject = lookup.subject(to)
        with self._station.db.read() as session:
            lookup.fetch(session, model, subject)
            query = (
                select(Attachment, Blob.name)
                .outerjoin(Blob, Blob.sha256 == Attachment.sha256)
                .where(Attachment.subject == subject, ~Attachment.deleted)
                .order_by(Attachment.id)
            )
            stop = self._stop(session)
            return [
                AttachmentRow(
                    row.id, row.name, row.media_type, row.size, row.sha256.hex(),
                    here=blob is not None, stops="" if blob is not None else stop,
                )
                for row, blob in session.execute(query)
            ]  # fmt: skip

    def copy_to_open(self, id: str) -> Path:
        """A copy in clear for another programme to show; read-only, gone when this programme ends. Raises as `get` does."""
        rights.demand(self._station, "read")
        with self._station.db.read() as session:
            name = lookup.fetch(session, Attachment, id).name
        with durable.speaking("打开附件", Path(name)):
            copy = _copies_folder() / _safe(name)
        self.get(id, copy)
        with contextlib.suppress(OSError):
            copy.chmod(stat.S_IRUSR)
        return copy


def _safe(name: str) -> str:
    """A file name every system takes; the ending stays, because it says which programme opens it."""
    plain = re.sub(r'[\\/:*?"<>|\x00-\x1f]', "_", name).strip(" .")
    return plain or "附件"


def _copies_folder() -> Path:
    """A folder for one copy; those a killed programme left behind are taken away on the way."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_COPIES}*"):
        with contextlib.suppress(OSError):
            if folder.stat().st_mtime * 1000 < clock.now_ms() - _STALE:
                shutil.rmtree(folder, ignore_errors=True)
    made = Path(tempfile.mkdtemp(prefix=_COPIES))
    # What another programme still shows when this one ends stays until the next sweep.
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


def home_of(station: Station, record: Synced) -> str:
    """Where papers of a record live: with the record."""
    return record.home or station.place.home


def sealed_of(session: Session, sha256: bytes) -> Sealed | None:
    """Where a content lies; None while it is only known by name."""
    blob = session.get(Blob, sha256)
    if blob is None or blob.name is None or blob.key is None:
        return None
    return Sealed(blob.sha256, blob.size, blob.name, blob.key)


def keep(session: Session, folder: Path, sealed: Sealed) -> bool:
    """Name a sealed content in the store; False if the very content is here and whole already (then yours is spare)."""
    blob = session.get(Blob, sealed.sha256)
    if blob is None:
        session.add(Blob(sha256=sealed.sha256, size=sealed.size, name=sealed.name, key=sealed.key))
        return True
    old = sealed_of(session, sealed.sha256)
    if old is not None and blobs.is_whole(folder, old):
        return False
    blob.name, blob.key, blob.size = sealed.name, sealed.key, sealed.size
    return True


def _chunks(file: Path) -> Iterator[bytes]:
    with durable.speaking("读取附件", file), file.open("rb") as stream:
        yield from durable.read_chunks(stream.read)


def _checked_name(file: Path) -> str:
    name = text.clean(file.name)
    if not name or text.problems(name, lines=False):
        raise BadInput("附件的文件名里有无法保存的字符, 请改名后再添加。")
    stem, ending = Path(name).stem, Path(name).suffix
    return name if len(name) <= _LONGEST_NAME else stem[: _LONGEST_NAME - len(ending)] + ending


def _checked_content(name: str, size: int, head: bytes) -> str:
    """The media type by what is inside, not by what the name says. Raises BadInput for what is not kept."""
    if size == 0:
        raise BadInput(f"“{name}”是空文件, 没有添加。")
    if size > LARGEST:
        megabytes = -(-size // (1024 * 1024))
        raise BadInput(f"“{name}”有 {megabytes} MB, 附件最大 20 MB。请缩小照片或分开扫描后再添加。没有改动任何数据。")
    if head.startswith(_PROGRAMMES):
        raise BadInput(f"“{name}”是程序文件, 不能作为附件。请添加照片、扫描件或文档。")
    for magic, media_type in _BY_HEAD:
        if head.startswith(magic):
            return media_type
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1"):
        return "image/heic"
    if head.startswith(b"PK\x03\x04"):
        return _ZIPPED.get(Path(name).suffix.lower(), "application/zip")
    return "text/plain" if b"\0" not in head else "application/octet-stream"
