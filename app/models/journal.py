"""The append-only journal and what the exchange remembers beside it: tables only."""

from enum import IntEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base
from app.models.fields import RecordId


class Standing(IntEnum):
    """How a group counts in the fold."""

    LIVE = 0
    EARLY = 1
    """Came before a group it needs; waits."""
    VOID = 2
    """Refused, dropped or replaced: every fold leaves it out."""
    HELD = 3
    """Builds on a void, forked or waiting group; kept, not lost."""
    FORKED = 4
    """Two different groups under one dot: neither counts until a person has decided."""


class Origin(Base):
    """A (node, incarnation) pair under a small local number."""

    __tablename__ = "origin"
    __table_args__ = (UniqueConstraint("node", "incarnation"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    node: Mapped[str] = mapped_column(RecordId)
    incarnation: Mapped[int] = mapped_column(BigInteger)
    held_to: Mapped[int] = mapped_column(BigInteger, default=0)
    """Highest position up to which we hold this origin's whole journal without a gap (0: only in part)."""
    held_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Hash of the group at `held_to`."""


class Local(Base):
    """Facts of this store alone: one row. Its update is the first statement of every unit of work."""

    __tablename__ = "local"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    store: Mapped[str] = mapped_column(RecordId)
    node: Mapped[str] = mapped_column(RecordId)
    incarnation: Mapped[int] = mapped_column(BigInteger)
    origin: Mapped[int] = mapped_column(Integer)
    position: Mapped[int] = mapped_column(BigInteger, default=0)
    stamp: Mapped[int] = mapped_column(BigInteger, default=0)
    arrivals: Mapped[int] = mapped_column(BigInteger, default=0)
    """Counter behind Group.arrived."""
    chain: Mapped[bytes] = mapped_column(LargeBinary)
    keys: Mapped[bytes] = mapped_column(LargeBinary)
    """The node's private keys (the store is encrypted)."""
    practice: Mapped[bool] = mapped_column(Boolean, default=False)
    place: Mapped[str] = mapped_column(Text, default="")
    """Folder and machine where the store was last opened, hashed."""
    parent: Mapped[str | None] = mapped_column(RecordId)


class Group(Base):
    """One change group: one act of one person, as it travels."""

    __tablename__ = "journal_group"
    __table_args__ = (
        Index("ix_journal_group_dot", "origin", "position"),
        Index("ix_journal_group_pieces", "origin", sqlite_where=text("flow = 1"), postgresql_where=text("flow = 1")),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    origin: Mapped[int] = mapped_column(Integer)
    position: Mapped[int] = mapped_column(BigInteger)
    stamp: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(Text)
    header: Mapped[bytes] = mapped_column(LargeBinary)
    """Canonical bytes; its SHA-256 is the group's hash and the `prev` of the next."""
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    mac: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Keyed by the author's node, so that it knows its own groups when they are given back."""
    signature: Mapped[bytes | None] = mapped_column(LargeBinary)
    parts: Mapped[int] = mapped_column(Integer)
    """How many parts the act had; fewer are here when only some lie in our scope."""
    hashes: Mapped[bytes | None] = mapped_column(LargeBinary)
    """All part hashes, 32 bytes each; kept where parts are missing here or the group is signed."""
    standing: Mapped[int] = mapped_column(SmallInteger, default=0)
    arrived: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0", index=True)
    """Order in which groups became part of the fold here; what goes down a link is numbered in this order."""
    package: Mapped[str | None] = mapped_column(RecordId)
    """The package that brought it; None for our own."""
    flow: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    """0: came in its author's whole journal; 1: came because some of it lies in our scope."""
    voucher: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The parent's mark on what it sent down: by it alone it takes the group back, should it ever lose it."""


class Part(Base):
    """The changed fields of one record in one group, as canonical bytes."""

    __tablename__ = "journal_part"
    __table_args__ = (
        Index(
            "ix_journal_part_stop",
            "stop",
            sqlite_where=text("stop IS NOT NULL"),
            postgresql_where=text("stop IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    group_id: Mapped[int] = mapped_column(Integer, index=True)
    number: Mapped[int] = mapped_column(Integer)
    record: Mapped[str] = mapped_column(RecordId, index=True)
    salt: Mapped[bytes | None] = mapped_column(LargeBinary)
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    """None after an erasure by law: the hash below stays."""
    hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    """SHA-256(salt ‖ body); kept only where the body is gone, or has never come."""
    stop: Mapped[str | None] = mapped_column(Text)
    """Of a part that has never come: the level it rises to."""


class Baseline(Base):
    """A record as a snapshot from the parent gave it: vector and heads that stand for its earlier groups."""

    __tablename__ = "baseline"

    record: Mapped[str] = mapped_column(RecordId, primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    package: Mapped[str] = mapped_column(RecordId)
    """The neighbour that gave it."""
    voucher: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The giver's mark on it: by it alone it takes the record back, should it ever lose it."""
    without: Mapped[bytes] = mapped_column(LargeBinary, default=b"", server_default="")
    """Groups that an earlier snapshot of the record stood for and that count no more."""
    arrived: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    """As Group.arrived: a snapshot that came on a link goes down the links too."""


class Foreign(Base):
    """State of records of kinds this version does not know: kept, forwarded, shown as 上级新增项目."""

    __tablename__ = "foreign_record"

    record: Mapped[str] = mapped_column(RecordId, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    home: Mapped[str | None] = mapped_column(Text)
    state: Mapped[bytes] = mapped_column(LargeBinary)


class Contest(Base):
    """Index of records with a field of two heads, and of deletions an edit took back: derived, local."""

    __tablename__ = "contest"

    record: Mapped[str] = mapped_column(RecordId, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)


class FormerHome(Base):
    """Index of records that lived elsewhere before a group moved them: who had them hears of the move. Derived, local."""

    __tablename__ = "former_home"

    record: Mapped[str] = mapped_column(RecordId, primary_key=True)
    group_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    home: Mapped[str] = mapped_column(Text, primary_key=True)


class Seal(Base):
    """A node's signature over the head of its chain at a position; where the chain forked, one for each branch."""

    __tablename__ = "seal"

    origin: Mapped[int] = mapped_column(Integer, primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    signature: Mapped[bytes] = mapped_column(LargeBinary)


class Receipt(Base):
    """A node's signed word up to which position it holds an origin without a gap."""

    __tablename__ = "receipt"

    node: Mapped[str] = mapped_column(RecordId, primary_key=True)
    origin: Mapped[int] = mapped_column(Integer, primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger)
    moment: Mapped[int] = mapped_column(BigInteger)
    signature: Mapped[bytes] = mapped_column(LargeBinary)


class Peer(Base):
    """What we know of the exchange with one neighbour (parent or child)."""

    __tablename__ = "peer"

    node: Mapped[str] = mapped_column(RecordId, primary_key=True)
    holds: Mapped[bytes] = mapped_column(LargeBinary, default=b"")
    """The neighbour's last word: {origin: position} it holds whole."""
    sent: Mapped[bytes] = mapped_column(LargeBinary, default=b"")
    """{origin: position} of the newest package written for it."""
    package_number: Mapped[int] = mapped_column(Integer, default=0)
    seen: Mapped[bytes] = mapped_column(LargeBinary, default=b"")
    """The neighbour's last word: highest position of every origin it has any group of."""
    scanned: Mapped[int] = mapped_column(BigInteger, default=0)
    """Child: highest Group.arrived already numbered on the link down."""
    link: Mapped[int] = mapped_column(BigInteger, default=0)
    """Child: number of the link now in use; a new one whenever its numbering begins anew."""
    link_sent: Mapped[int] = mapped_column(Integer, default=0)
    link_receipted: Mapped[int] = mapped_column(Integer, default=0)
    snapshots: Mapped[bytes] = mapped_column(LargeBinary, default=b"")
    """Child: [[link, Group.arrived], …] of the snapshots made for it, the newest last."""
    loaded: Mapped[int] = mapped_column(BigInteger, default=0)
    """Link of the last snapshot taken: by this child, or by us from the parent; 0: none."""
    links: Mapped[bytes] = mapped_column(LargeBinary, default=b"")
    """Parent: {link: highest unbroken number taken} of its links to us."""
    wants: Mapped[bytes] = mapped_column(LargeBinary, default=b"")
    """Attachments it named as missing (SHA-256, 32 bytes each)."""
    given: Mapped[bytes] = mapped_column(LargeBinary, default=b"", server_default="")
    """{origin: position} that the snapshots taken from it reach."""
    introduced: Mapped[bool] = mapped_column(Boolean, default=False)
    """Parent: it has answered, so it knows our keys."""
    last_seen: Mapped[int] = mapped_column(BigInteger, default=0)
    health: Mapped[bytes] = mapped_column(LargeBinary, default=b"")


class Link(Base):
    """A numbered item on the link down to a child."""

    __tablename__ = "link"

    child: Mapped[str] = mapped_column(RecordId, primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    group_id: Mapped[int | None] = mapped_column(ForeignKey("journal_group.id"))
    """The group that goes down, or because of which the record below does; None: because a snapshot of it came."""
    record: Mapped[str | None] = mapped_column(RecordId)
    """A record given as a snapshot, because it is new in the child's reach or some of it ceased to count."""


class PackageSeen(Base):
    """Packages made or taken here: the same id with other bytes is refused, the same bytes again are told."""

    __tablename__ = "package_seen"

    package: Mapped[str] = mapped_column(RecordId, primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    outward: Mapped[bool] = mapped_column(Boolean)
    peer: Mapped[str] = mapped_column(RecordId)
    number: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(Text)
    moment: Mapped[int] = mapped_column(BigInteger)
    counts: Mapped[bytes] = mapped_column(LargeBinary, default=b"")


class Blob(Base):
    """An attachment's content: sealed under its own key in files/, or known and still missing."""

    __tablename__ = "blob"

    sha256: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str | None] = mapped_column(Text)
    """Random file name under files/; None: named by a record, not here yet."""
    key: Mapped[bytes | None] = mapped_column(LargeBinary)


class Invitation(Base):
    """An enrolment file given out and not yet used: once, for 14 days."""

    __tablename__ = "invitation"

    node: Mapped[str] = mapped_column(RecordId, primary_key=True)
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    made: Mapped[int] = mapped_column(BigInteger)
    used: Mapped[bool] = mapped_column(Boolean, default=False)
