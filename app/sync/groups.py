"""One change group on its way in, its parts already checked against its hashes."""

from dataclasses import dataclass
from typing import Final

from app.models.recording import GroupHeader, PartBody

FLOW_WHOLE: Final = 0
"""A journal travelling whole: positions without holes, chained."""
FLOW_PARTIAL: Final = 1
"""Only what lies in scope, vouched for by the sender."""


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

    @property
    def dot(self) -> tuple[str, int, int]:
        """The dot as it travels."""
        return self.header.node, self.header.incarnation, self.header.position
