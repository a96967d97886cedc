"""One change group on its way in, its parts already checked against its hashes; and what became of those of a package."""

from dataclasses import dataclass, field
from typing import Final

from app.models import recording
from app.models.recording import GroupHeader, PartBody

FLOW_WHOLE: Final = 0
"""A journal travelling whole: positions without holes, chained."""
FLOW_PARTIAL: Final = 1
"""Only what lies in scope, vouched for by the sender."""
FLOW_WORD: Final = 2
"""As above, with the sender's word that the group does not count: who has only some parts of what it was built on
cannot find out alone."""


@dataclass
class Incoming:
    """One group as a package brings it, its parts checked against its hashes."""

    header: GroupHeader
    header_bytes: bytes
    hash: bytes
    mac: bytes | None
    signature: bytes | None
    hashes: bytes
    """All part hashes; needed where parts are missing."""
    parts: dict[int, tuple[bytes, bytes, PartBody]]
    flow: int
    stubs: dict[int, tuple[bytes, str]] = field(default_factory=dict)
    """Parts that are withheld from this level or were blanked, by number: (record, where it stops; empty: blanked)."""
    incomplete: bool = False
    """It was sent as whole, but for parts nobody says a word of: it counts as a piece."""
    voucher: bytes | None = None
    """Of the unit that sent it down once: the parent's, where it comes from there; our own, where it comes back."""

    @property
    def dot(self) -> tuple[str, int, int]:
        """The dot as it travels."""
        return self.header.node, self.header.incarnation, self.header.position

    @property
    def whole(self) -> bool:
        """Whether it stands in its author's unbroken journal."""
        return self.flow == FLOW_WHOLE and not self.incomplete

    def hash_of(self, number: int) -> bytes:
        """The hash of a part that is not here."""
        return self.hashes[recording.HASH * number : recording.HASH * (number + 1)]


@dataclass
class Counts:
    """What became of the groups of a package; they always add up."""

    accepted: int = 0
    known: int = 0
    refused: int = 0
    held: int = 0
    conflicts: int = 0
    missing: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    new: int = 0
    changed: int = 0

    @property
    def groups(self) -> int:
        """All groups that came in."""
        return self.accepted + self.known + self.refused + self.held
