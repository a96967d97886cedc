"""Loads every noun's module, so that its commands are registered."""

import importlib
import pkgutil

import app.cli

_FRAME = {"main", "frame", "nouns"}


def load() -> None:
    """Import all modules beside this one."""
    for found in pkgutil.iter_modules(app.cli.__path__):
        if found.name not in _FRAME:
            importlib.import_module(f"app.cli.{found.name}")
