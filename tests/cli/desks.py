"""Stores founded and asked through the terminal, in this process: what a stranger with the contract in hand can do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.cli.main import Terminal

VILLAGE = "361002100201"
TOWNSHIP = "361002100"
PASSWORD = "demo"


@dataclass
class Desks:
    """Several stores below one folder."""

    root: Path
    environment: dict[str, str] = field(default_factory=lambda: {"RONGGUI_PASSWORD": PASSWORD})

    def __post_init__(self) -> None:
        self.terminal = Terminal(self.environment)

    def close(self) -> None:
        self.terminal.close()

    def ask(self, name: str, *words: str, stdin: str = "", environment: Mapping[str, str] | None = None) -> Any:
        """The document of one call at a store; raises what the call raises."""
        given = [*words, "--data", str(self.root / name)]
        return self.terminal.run(given, lambda: stdin, {**self.environment, **(environment or {})})[1]

    def found(self, name: str, level: str = "village", scope: str = VILLAGE) -> dict[str, Any]:
        """A store of its own."""
        init = ["store", "init", "--level", level, "--name", name, "--scope", scope, "--staff", "周敏", "--practice"]
        return dict(self.ask(name, *init))

    def offer(self, parent: str, name: str, level: str = "village", scope: str = VILLAGE) -> list[str]:
        """What a child needs to join: the file, `--code`, the code."""
        file = self.root / f"{name}.rge"
        enrol = ["node", "enrol", "--level", level, "--name", name, "--scope", scope, "--out", str(file)]
        return [str(file), "--code", self.ask(parent, *enrol)["code"]]

    def hop(self, child: str, parent: str) -> dict[str, Any]:
        """A package up, the answer down; gives what the parent said."""
        stick = self.root / "stick"
        stick.mkdir(exist_ok=True)
        sent = self.ask(child, "exchange", "export", "--to", "parent", "--out", str(stick))
        taken = self.ask(parent, "exchange", "import", sent["parts"][0], "--answer", str(stick))
        self.ask(child, "exchange", "import", *taken["answers"])
        return dict(taken)
