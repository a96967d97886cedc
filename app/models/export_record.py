"""What left this desk as a file: local, it does not travel."""

from sqlalchemy import BigInteger, Boolean, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base
from app.models.fields import RecordId


class ExportRecord(Base):
    """One list written to a file: who, when, what, how many, whether with whole numbers, what for, and where to."""

    __tablename__ = "export_record"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    moment: Mapped[int] = mapped_column(BigInteger)
    staff: Mapped[str] = mapped_column(RecordId)
    staff_name: Mapped[str] = mapped_column(Text)
    what: Mapped[str] = mapped_column(Text)
    rows: Mapped[int | None] = mapped_column(BigInteger)
    """None while the file is being written."""
    full: Mapped[bool] = mapped_column(Boolean)
    purpose: Mapped[str] = mapped_column(Text)
    file: Mapped[str] = mapped_column(Text)
    removed: Mapped[int | None] = mapped_column(BigInteger)
    """When the file was taken off the disk by this programme."""
