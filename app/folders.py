"""Where things lie: the resources shipped with the programme, the settings folder and the data folder."""

import os
from pathlib import Path

STORE = "store.db"
KEYS = "keys.json"
UNFOUNDED = "founding"
"""Lies in a data folder while a store is being founded there: what is beside it then is no store yet."""

_NAME = "Ronggui"
_RESOURCES = Path(__file__).resolve().parent.parent / "resources"


def resource(path: str) -> Path:
    """A shipped file or folder by its path below resources/, with forward slashes."""
    return _RESOURCES.joinpath(*path.split("/"))


def resource_text(path: str) -> str:
    """The text of a shipped UTF-8 file; a name ending in .xz is unpacked."""
    raw = resource(path).read_bytes()
    if path.endswith(".xz"):
        import lzma

        raw = lzma.decompress(raw)
    return raw.decode("utf-8")


def settings_folder() -> Path:
    """The folder for this machine's settings; RONGGUI_SETTINGS overrides it. It may not exist yet."""
    if named := os.environ.get("RONGGUI_SETTINGS"):
        return Path(named)
    import platformdirs

    return Path(platformdirs.user_config_dir(_NAME, appauthor=False))


def data_folder() -> Path:
    """The store's usual folder; RONGGUI_DATA overrides it. It may not exist yet."""
    if named := os.environ.get("RONGGUI_DATA"):
        return Path(named)
    import platformdirs

    return Path(platformdirs.user_data_dir(_NAME, appauthor=False))


def holds_store(folder: Path) -> bool:
    """Whether a whole store lies in a data folder; a look at three names, without loading what opens it."""
    return not (folder / UNFOUNDED).exists() and ((folder / KEYS).exists() or (folder / STORE).exists())


def manual() -> Path:
    """The manual, with its pictures in a folder beside it."""
    return _RESOURCES.parent / "docs" / "手册.md"


def papers_folder() -> Path:
    """Where printed papers go when nobody says where: in clear, so never into the data folder. RONGGUI_PAPERS overrides
    it. It may not exist yet.
    """
    if named := os.environ.get("RONGGUI_PAPERS"):
        return Path(named)
    import platformdirs

    return Path(platformdirs.user_documents_dir()) / "荣归"
