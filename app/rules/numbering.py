"""Numbers of papers: `×退服字〔2026〕第0012号` for stubs and certificates, `×退服〔2026〕12号` for documents."""

import re
from dataclasses import dataclass

from app.errors import BadInput
from app.rules.text import half_width, problems

_YEARS = range(1949, 2200)
_READ = re.compile(r"(.{1,20}?)字[〔\[(【〈](\d{4})[〕\])】〉]第?0*(\d{1,8})号?")


@dataclass(frozen=True)
class PaperNumber:
    """One number of a series; the series is the prefix and the year."""

    prefix: str
    year: int
    number: int

    def __str__(self) -> str:
        """As it is printed."""
        return certificate_number(self.prefix, self.year, self.number)


def certificate_number(prefix: str, year: int, number: int) -> str:
    """`桥退服字〔2026〕第0012号` from `桥退服`, 2026, 12. Raises BadInput if a part makes no sense.

    The brackets are 〔〕 (U+3014, U+3015), as GB/T 9704 has them.
    """
    _check(prefix, year, number)
    return f"{prefix}字〔{year}〕第{number:04d}号"


def document_number(prefix: str, year: int, number: int) -> str:
    """`桥退服〔2026〕12号`, the 发文字号 of GB/T 9704: no 第, no leading zeros. Raises BadInput."""
    _check(prefix, year, number)
    return f"{prefix}〔{year}〕{number}号"


def read(text: str) -> PaperNumber:
    """Read a certificate number from paper or typing, whatever its brackets. Raises BadInput."""
    match = _READ.fullmatch(re.sub(r"\s", "", half_width(text)))
    if match is None or int(match[2]) not in _YEARS or int(match[3]) == 0:
        raise BadInput(f"编号“{text.strip()[:40]}”看不懂。请写成 ×退服字〔2026〕第0012号 这样。")
    return PaperNumber(match[1], int(match[2]), int(match[3]))


def _check(prefix: str, year: int, number: int) -> None:
    if not prefix.strip() or len(prefix) > 20 or problems(prefix, lines=False):
        raise BadInput("机关代字不能空着, 最多 20 个字。")
    if year not in _YEARS:
        raise BadInput(f"编号的年份 {year} 不对。")
    if not 1 <= number <= 99_999_999:
        raise BadInput(f"编号的序号 {number} 不对, 应从 1 开始。")
