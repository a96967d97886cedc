"""Whoever has no role at this desk does nothing here, whatever the verb; what is open to all is listed by name."""

import argparse
from pathlib import Path

import pytest

from app.cli import nouns
from app.cli.frame import COMMANDS, Parser
from app.errors import Refused
from app.services.rights import ACTS, ROLES, may
from app.services.station import Station

nouns.load()

OPEN_TO_ALL = {
    "store status": "numbers only",
    "store check": "proves the store and names records by kind and id",
    "store digest": "a hash",
    "form list": "names of papers",
    "undo": "asks for the right that the act itself took: tests/services/test_history.py",
}
"""Verbs on an open store that ask for no right, and why."""

BESIDES = {"campaign pay": ["--paid"]}
"""What a call needs beyond its required arguments."""

COMMANDS_ON_A_STORE = sorted(f"{noun} {verb}".strip() for (noun, verb), one in COMMANDS.items() if one.opens)


def least_words(name: str, file: Path) -> list[str]:
    """The shortest call that the command's own arguments accept."""
    noun, _, verb = name.partition(" ")
    parser = Parser(add_help=False)
    COMMANDS[noun, verb].arguments(parser)
    words = name.split()
    for action in parser._actions:
        value = str(action.choices[0]) if isinstance(action.choices, list | tuple) else "0" * 32
        if action.type is Path:
            value = str(file)
        elif action.type is int:
            value = "1"
        elif action.dest in ("values", "fields"):
            value = "-"
        if action.option_strings and action.required:
            words += [action.option_strings[0], value]
        elif not action.option_strings and action.nargs not in ("?", "*", argparse.REMAINDER):
            words.append(value)
        elif not action.option_strings and action.dest == "values":
            words.append("-")
    return words + BESIDES.get(name, [])


@pytest.mark.parametrize("name", [name for name in COMMANDS_ON_A_STORE if name not in OPEN_TO_ALL])
def test_nothing_without_a_role(station: Station, run, tmp_path: Path, name: str) -> None:
    file = tmp_path / "file.xlsx"
    file.write_bytes(b"x")
    station.roles = ()
    with pytest.raises(Refused, match="您的岗位不能"):
        run(*least_words(name, file), stdin={"password": "neu-1"} if name == "staff password" else {})


@pytest.mark.parametrize("name", OPEN_TO_ALL)
def test_what_is_open_to_all_is_there(name: str) -> None:
    assert name in COMMANDS_ON_A_STORE


@pytest.mark.parametrize("act", ACTS)
def test_every_act_is_somebodys_and_nobody_has_all(act: str) -> None:
    holders = [role for role in ROLES if may((role,), act)]
    assert holders
    assert act == "read" or len(holders) < len(ROLES) or act in ("exchange", "backup")
    assert not may((), act)
    assert not may(("nobody",), act)


def test_roles_name_only_acts_that_are() -> None:
    assert {act for acts in ROLES.values() for act in acts} == set(ACTS)
