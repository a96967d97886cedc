"""The sheet with the 应急恢复码 for the sealed envelope: A4, the code large, lines for who seals and who opens it."""

import datetime as dt
from dataclasses import dataclass

from app.documents.lettering import wrap
from app.documents.paper import GB_LEFT, GB_WIDTH, PORTRAIT, Document, Writer
from app.errors import BadInput
from app.rules import chinese_date

_RIGHT = GB_LEFT + GB_WIDTH
_CODE_TOP, _CODE_HIGH = 72.0, 34.0
_ROW = 11.0
_OPENINGS = 4
_FOLD = 148.5
_ADVICE = (
    "这个码等于全部登录密码: 有了它, 密码全忘了也能打开本单位的数据, 也能用备份恢复。",
    "请把本页折好装进信封, 封口盖章, 交镇站(本单位的上级)保险柜保管; 不要拍照, 不要发微信, 不要存在电脑里。",
    "用过一次以后, 请在“系统 → 备份与恢复”里换一个新的, 重新打印密封, 旧的作废。",
)


@dataclass(frozen=True)
class RecoverySheet:
    """What stands on the sheet; `code` as it is shown, in groups parted by dashes."""

    station: str
    code: str
    made_on: dt.date
    staff: str
    practice: bool = False


def recovery_sheet(paper: RecoverySheet, *, invariant: bool = False) -> Document:
    """Print the sheet. It has no number and no square code: nothing but the code itself may lead back to it."""
    if not paper.code.strip():
        raise BadInput("没有应急恢复码, 不能打印。")
    watermark = "练习" if paper.practice else ""
    writer = Writer(PORTRAIT, "应急恢复码", None, watermark=watermark, invariant=invariant)
    writer.page()
    middle = PORTRAIT[0] / 2
    writer.text(middle, 32.0, "应急恢复码", 22, face="bold", align="centre")
    writer.cell(GB_LEFT, 38.0, GB_WIDTH, 12.0, paper.station, 15.75, smallest=9)
    writer.text(GB_LEFT, 60.0, f"生成日期：{chinese_date.arabic(paper.made_on)}", 12)
    writer.text(_RIGHT, 60.0, f"经办人：{paper.staff}", 12, align="right")
    writer.box(GB_LEFT, _CODE_TOP - 6.0, GB_WIDTH, _CODE_HIGH, 1.2)
    groups = paper.code.split("-")
    writer.text(middle, _CODE_TOP + 10.0, "  -  ".join(groups[:3]), 24, face="bold", align="centre")
    writer.text(middle, _CODE_TOP + 22.0, "  -  ".join(groups[3:]), 24, face="bold", align="centre")
    writer.text(
        middle,
        _CODE_TOP + _CODE_HIGH - 1.0,
        "字母都是大写; 没有字母 I、L、O、U, 像它们的都是数字 1 和 0",
        9,
        align="centre",
    )
    y = _CODE_TOP + _CODE_HIGH + 9.0
    for number, advice in enumerate(_ADVICE, start=1):
        for line in wrap(f"{number}. {advice}", GB_WIDTH, 11):
            writer.text(GB_LEFT, y, line, 11)
            y += 6.2
    writer.rule(8.0, _FOLD, PORTRAIT[0] - 8.0, _FOLD, 0.5, 1.5)
    writer.text(_RIGHT, _FOLD - 1.5, "（沿此线向内折）", 9, align="right", grey=0.45)
    _record(writer)
    return writer.finish()


def _record(writer: Writer) -> None:
    """Below the fold: who sealed it, who keeps it, who opened it when and why."""
    writer.text(PORTRAIT[0] / 2, 162.0, "封存与启封登记", 15.75, face="bold", align="centre")
    y = 168.0
    for row in (("封存人", "封存日期"), ("保管单位", "保管人")):
        x = GB_LEFT
        for name in row:
            writer.cell(x, y, 28.0, _ROW, name, 11, face="bold")
            writer.box(x, y, 28.0, _ROW)
            writer.box(x + 28.0, y, GB_WIDTH / 2 - 28.0, _ROW)
            x += GB_WIDTH / 2
        y += _ROW
    y += 6.0
    widths = (14.0, 38.0, 38.0, GB_WIDTH - 90.0)
    for number in range(_OPENINGS + 1):
        x = GB_LEFT
        titles = ("序号", "启封人", "启封日期", "启封原因") if not number else (str(number), "", "", "")
        for wide, title in zip(widths, titles, strict=True):
            writer.cell(x, y, wide, _ROW, title, 11, face="serif" if number else "bold")
            writer.box(x, y, wide, _ROW)
            x += wide
        y += _ROW
