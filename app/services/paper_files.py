"""Printed papers as files: written whole before the act that names them is saved, gone again if it is not."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app import durable
from app.documents.paper import Document
from app.errors import Refused
from app.models import IssuedDocument

POINTS: Final = durable.points("print", "打印文件")
_MAGIC: Final = b"%PDF"


@dataclass(frozen=True)
class Drawn:
    """A paper as it comes out of the printer; without an `id` it is only there to be looked at: nothing was written.

    `reprint` counts printings after the first, `remarks` say what to look at on the paper, `missing` names characters
    no font has.
    """

    pdf: bytes
    form: str
    title: str
    file: str
    """A file name to propose."""
    id: str = ""
    number: str = ""
    reprint: int = 0
    remarks: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def write(path: Path, pdf: bytes) -> None:
    """Write a PDF whole or not at all; another PDF of that name is replaced, any other file is left alone."""
    with durable.speaking("打印", path):
        if path.exists() and not _is_pdf(path):
            raise Refused(f"这里已经有“{path.name}”, 不是打印文件, 没有覆盖。请换一个名称或文件夹。")
        path.parent.mkdir(parents=True, exist_ok=True)
        durable.write_file(path, pdf, POINTS, verify=True)


@contextmanager
def kept_only_if_saved() -> Iterator[Callable[[Path, bytes], None]]:
    """Gives `write`; a new paper whose number could not be saved does not stay: somebody might hand it out."""
    fresh: list[Path] = []

    def noted(path: Path, pdf: bytes) -> None:
        if not path.exists():
            fresh.append(path)
        write(path, pdf)

    try:
        yield noted
    except BaseException:
        for path in fresh:
            path.unlink(missing_ok=True)
        raise


def remarks(document: Document) -> tuple[str, ...]:
    """What the person at the desk should look at on the paper, in Chinese."""
    said = [f"“{character}”已用备用字体打印, 样子请看一眼。" for character in document.rare]
    said += [f"“{character}”没有字体可以打印, 纸上是〓, 请手写补上。" for character in document.missing]
    return tuple(said)


def drawn(document: Document, form: str, title: str, paper: IssuedDocument | None, reprint: int = 0) -> Drawn:
    """What was drawn, for the window; without a paper only to be looked at."""
    number = (paper.number or paper.id) if paper is not None else ""
    return Drawn(
        document.pdf, form, title, f"{number or title}.pdf", paper.id if paper is not None else "", number, reprint,
        remarks(document), document.missing,
    )  # fmt: skip


def sha256(pdf: bytes) -> str:
    """The fingerprint kept of a printed file, 64 hexadecimal digits."""
    return hashlib.sha256(pdf).hexdigest()


def _is_pdf(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return stream.read(len(_MAGIC)) in (_MAGIC, b"")
