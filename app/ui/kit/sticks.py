"""USB sticks and other disks that can be pulled out, as the system sees them now. Never asked in the window's thread."""

import ctypes
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PySide6.QtCore import QStorageInfo

_PLACES: Final = ("/media/", "/run/media/", "/mnt/", "/Volumes/")
_REMOVABLE: Final = 2
"""GetDriveType of Windows."""


@dataclass(frozen=True)
class Stick:
    """One disk: where it is, what it is called, how much fits on it."""

    path: Path
    name: str
    free: int
    read_only: bool = False

    @property
    def words(self) -> str:
        """For a list: name, place, room."""
        closed = ", 只读" if self.read_only else ""
        return f"{self.name}({self.path}, 剩 {self.free // 1_000_000} MB{closed})"


def found() -> list[Stick]:
    """All of them, those that can be written first, in the order of their places."""
    out = []
    for volume in QStorageInfo.mountedVolumes():
        root = volume.rootPath()
        if volume.isValid() and volume.isReady() and _can_be_pulled(root):
            out.append(Stick(Path(root), volume.name() or "U 盘", max(0, volume.bytesAvailable()), volume.isReadOnly()))
    return sorted(out, key=lambda stick: (stick.read_only, str(stick.path)))


def _can_be_pulled(root: str) -> bool:
    if sys.platform == "win32":
        return bool(ctypes.windll.kernel32.GetDriveTypeW(str(Path(root))) == _REMOVABLE)
    return f"{root}/".startswith(_PLACES)


def files(suffix: str) -> list[Path]:
    """Files of a kind that lie on the sticks, in their top folder or one below it; the newest first."""
    out: list[tuple[float, Path]] = []
    for stick in found():
        for pattern in (f"*{suffix}", f"*/*{suffix}"):
            try:
                out += [(path.stat().st_mtime, path) for path in stick.path.glob(pattern) if path.is_file()]
            except OSError:  # pulled out while we look
                continue
    return [path for _, path in sorted(out, key=lambda pair: (-pair[0], str(pair[1])))]
