"""What this machine remembers before anybody has signed in: text size, where the window stood, the reader. Nothing secret."""

from typing import Final

from PySide6.QtCore import QByteArray, QSettings

from app import folders

ANY_READER: Final = "auto"
"""The first ID-card reader that answers."""
LOCK_MINUTES: Final = 10
"""Idle time after which the window asks for the password again."""


def _file() -> QSettings:
    return QSettings(str(folders.settings_folder() / "window.ini"), QSettings.Format.IniFormat)


def text_size() -> int:
    """In per cent."""
    return int(str(_file().value("text", 100)))


def set_text_size(percent: int) -> None:
    """For this machine, from now on."""
    _file().setValue("text", percent)


def geometry() -> QByteArray:
    """Where the window stood; empty at first."""
    kept = _file().value("geometry")
    return kept if isinstance(kept, QByteArray) else QByteArray()


def set_geometry(kept: QByteArray) -> None:
    """Remember where the window stands."""
    _file().setValue("geometry", kept)


def lock_minutes() -> int:
    """Minutes without a key or the mouse before the window locks; 0: never."""
    return int(str(_file().value("lock", LOCK_MINUTES)))


def set_lock_minutes(minutes: int) -> None:
    """For this machine, from now on."""
    _file().setValue("lock", minutes)


def signs_in_by_name() -> bool:
    """Whether somebody signed in with a name last time: then the name comes first, else the password."""
    return str(_file().value("by_name", "false")) == "true"


def set_signs_in_by_name(*, named: bool) -> None:
    """Remember it; the name itself is nobody's business here."""
    _file().setValue("by_name", "true" if named else "false")


def card_reader() -> str:
    """The serial line of the ID-card reader, ANY_READER, or empty where this computer has none."""
    return str(_file().value("card_reader", ""))


def set_card_reader(name: str) -> None:
    """For this machine, from now on."""
    _file().setValue("card_reader", name)
