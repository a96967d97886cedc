"""Loads nouns' modules, so that their commands are registered: only the one a call needs, since each brings its libraries."""

import importlib
import importlib.util
import pkgutil
from typing import Final

import app.cli

_FRAME: Final = {"main", "frame", "nouns", "wording"}
_ELSEWHERE: Final = {"undo": "journal", "version": "main"}
"""Nouns that live in another noun's module."""


def load(noun: str | None = None) -> None:
    """Import the module of a noun; all of them when none is named or there is no such noun."""
    name = f"app.cli.{_ELSEWHERE.get(noun, noun)}" if noun else ""
    if noun is not None and noun.isidentifier() and noun not in _FRAME and importlib.util.find_spec(name) is not None:
        importlib.import_module(name)
        return
    for found in pkgutil.iter_modules(app.cli.__path__):
        if found.name not in _FRAME:
            importlib.import_module(f"app.cli.{found.name}")
