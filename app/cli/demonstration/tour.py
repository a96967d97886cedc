"""What the steps of a demonstration share: the folder, the four desks, and what was made so far."""

import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.cli.demonstration.desk import CHAIN, CITY, COUNTY, TOWNSHIP, VILLAGE, Desk


class NotHeld(Exception):
    """A step was done, but what came out is not what must come out."""


def hold(truth: object, text: str) -> None:
    """Stop the demonstration with a sentence (Chinese) if something does not hold."""
    if not truth:
        raise NotHeld(text)


@dataclass
class Tour:
    """The state of one demonstration."""

    root: Path
    persons: int
    seed: int
    rng: random.Random = field(init=False)
    desks: dict[str, Desk] = field(init=False)
    sheets: list[Any] = field(default_factory=list)
    """The messy sheets as written: what must become of every row stands beside it."""
    files: list[Path] = field(default_factory=list)
    campaign: str = ""
    roster: str = ""
    lines: list[dict[str, Any]] = field(default_factory=list)
    applicant: str = ""
    case: str = ""
    attachment: str = ""
    attached: bytes = b""
    hops: int = 0

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)  # noqa: S311 (made-up people, the same for the same seed)
        self.desks = {unit.level: Desk(unit, self.root / "stores" / unit.level) for unit in CHAIN}

    @property
    def village(self) -> Desk:
        """The village station."""
        return self.desks[VILLAGE.level]

    @property
    def township(self) -> Desk:
        """The township station."""
        return self.desks[TOWNSHIP.level]

    @property
    def county(self) -> Desk:
        """The county bureau."""
        return self.desks[COUNTY.level]

    @property
    def city(self) -> Desk:
        """The city bureau."""
        return self.desks[CITY.level]

    def close(self) -> None:
        """Leave every desk."""
        for desk in self.desks.values():
            desk.close()
