"""How people and machines get a name, a number or a date wrong: the mistakes the labelled set is made with."""

import random
import re
from typing import Final

from app.rules import id_number

MIDDLES: Final = "建国志文德金水福春光荣永爱新卫海长玉桂秀红丽美雪小晓俊子"
LASTS: Final = "军华明强生根平民红英兰梅莲凤花玲珍芳辉龙杰波斌林祥财贵发"
OTHER_GIVEN: Final = (
    "耀庭", "宗尧", "绍棠", "裕昆", "鼎新", "仲谋", "伯钧", "汉卿", "启瑞", "维翰", "静宜", "婉容", "淑贞", "惠芬",
    "璞", "骞", "煦", "翊",
)  # fmt: skip
LONG_FIRST: Final = ("阿卜杜热西提", "麦麦提艾力", "古丽巴哈尔", "热依汗古丽", "吐尔逊江", "阿依努尔")
LONG_LAST: Final = ("阿卜杜喀迪尔", "伊斯坎德尔", "买买提明", "艾合买提", "库尔班", "玉素甫")

_BY_EAR: Final = (
    "张章 王汪 李黎 徐许 于余 江姜 吴伍 胡扈 何贺 高郜 罗骆 肖萧 袁元 程成 魏卫 吕旅 任仁 卢鲁 姚尧 钟终 谭谈 陆路 "
    "范樊 石时 金今 黄皇 陈晨 杨阳 曾增 蔡菜 冯逢 梁良 朱诸 "
    "建健 志智 明鸣 卫伟 东冬 军君 勇永 华桦 文闻 斌彬 爱艾 新欣 民敏 红宏 福富 生声 根跟 长常 春椿 小晓 龙隆 刚钢 "
    "杰洁 浩昊 秀绣 英瑛 桂贵 兰岚 玉钰 梅枚 莲连 凤奉 丽莉 花华 玲灵 静敬 菊局 香湘 萍平 梦孟 珍真 芳方 辉晖 波博 "
    "林琳 祥翔 强墙 国帼 光广 荣蓉 德得 子紫"
)
_BY_EYE: Final = (
    "明朋 志忘 水永 木本 金全 生主 根恨 光先 爱受 民氏 桂挂 梅海 细组 红江 援缓 朝期 雪雷 秀禿 英芙 林材 军车 春舂 "
    "李季 陈阵 周同 徐除 宋宗 唐庸 余佘 于干 杜社 任伍 沈枕 石右 汪注 田由 王玉 荣荧 玲珍 辉挥"
)
_VARIANT: Final = (
    "张張 刘劉 陈陳 杨楊 黄黃 吴吳 赵趙 马馬 罗羅 郑鄭 谢謝 许許 邓鄧 冯馮 叶葉 苏蘇 卢盧 钟鍾 谭譚 "
    "陆陸 范範 国國 军軍 华華 强強 红紅 兰蘭 莲蓮 凤鳳 丽麗 贵貴 荣榮 长長 东東 爱愛 龙龍 峰峯 吕呂"
)


def _both_ways(pairs: str) -> dict[str, str]:
    out: dict[str, str] = {}
    for pair in pairs.split():
        out.setdefault(pair[0], pair[1])
        out.setdefault(pair[1], pair[0])
    return out


BY_EAR: Final = _both_ways(_BY_EAR)
BY_EYE: Final = _both_ways(_BY_EYE)
VARIANT: Final = {pair[0]: pair[1] for pair in _VARIANT.split()}


def by_ear(name: str, rng: random.Random, *, surname: bool | None = None) -> str | None:
    """One character replaced by one that sounds the same; None if the name has none that could be."""
    return _replaced(name, BY_EAR, rng, {None: range(len(name)), True: range(1), False: range(1, len(name))}[surname])


def by_eye(name: str, rng: random.Random) -> str | None:
    """One character replaced by one that looks much the same."""
    return _replaced(name, BY_EYE, rng, range(len(name)))


def _replaced(name: str, table: dict[str, str], rng: random.Random, places: range) -> str | None:
    able = [place for place in places if name[place] in table]
    if not able or len(name) > 4:
        return None
    place = rng.choice(able)
    return name[:place] + table[name[place]] + name[place + 1 :]


def one_character(name: str, rng: random.Random) -> str:
    """Some character of the given name typed wrong, in whatever way."""
    place = rng.randrange(1, len(name)) if len(name) > 1 else 0
    return name[:place] + rng.choice([char for char in LASTS if char != name[place]]) + name[place + 1 :]


def another_last(last: str, rng: random.Random) -> str:
    """Another last character of a given name, which nobody would take for the first."""
    unlike = [char for char in LASTS if char not in (last, BY_EAR.get(last), BY_EYE.get(last))]
    return rng.choice(unlike)


def variant(name: str) -> str:
    """The name in old forms wherever it has one."""
    return "".join(VARIANT.get(char, char) for char in name)


def wide(number: str) -> str:
    """In full-width digits, in groups, the last letter small."""
    digits = number.lower()
    return "".join(chr(ord(char) + 0xFEE0) for char in digits[:6]) + " " + digits[6:14] + " " + digits[14:]


def transposed(number: str, rng: random.Random) -> str:
    """Two different digits next to each other change places."""
    able = [place for place in range(16) if number[place] != number[place + 1]]
    place = rng.choice(able)
    return number[:place] + number[place + 1] + number[place] + number[place + 2 :]


def mistyped(number: str, rng: random.Random, last: int = 18, *, born_alike: bool = False) -> str:
    """One of the digits before `last` is another one; `born_alike`: the number still holds a possible birth date."""
    while True:
        place = rng.randrange(last)
        digit = rng.choice([char for char in "0123456789" if char != number[place]])
        wrong = number[:place] + digit + number[place + 1 :]
        if not born_alike or isinstance(_made_to_fit(wrong), id_number.IdNumber):
            return wrong


def _made_to_fit(number: str) -> id_number.IdNumber | id_number.IdProblem:
    return id_number.check(number[:17] + id_number.check_digit(number[:17]))


def slipped_date(date: str, rng: random.Random) -> str:
    """One part of a whole date wrong by a little: the month, the day, or the last digit of the year."""
    year, month, day = map(int, date.split("-"))
    way = rng.randrange(3)
    if way == 0:
        year += rng.choice((-1, 1))
    elif way == 1:
        month = month % 12 + 1
    else:
        day = day % 28 + 1
    return f"{year:04d}-{month:02d}-{day:02d}"


def elsewhere(division: str, rng: random.Random) -> str:
    """A village of another township of the county."""
    township = rng.choice([code for code in ("001", "002", "003", "100", "101", "102", "203") if code != division[6:9]])
    return f"{division[:6]}{township}{rng.randint(200, 210)}"


def is_padded(name: str) -> bool:
    """Whether spaces stand between the characters."""
    return re.search(r"\S\s\S", name) is not None
