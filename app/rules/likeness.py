"""How two names, two ID numbers or two birth dates are alike: by ear, by eye, by a slip of the hand."""

import functools
from typing import Final, Literal

from app.rules import names
from app.rules.text import half_width

NameLikeness = Literal["same", "former", "by_ear", "by_eye", "swapped", "shortened", "different", "unknown"]
NumberLikeness = Literal["same", "slip", "fitting_slip", "unlike", "unknown"]
BirthLikeness = Literal["day", "month", "year", "slip", "different", "unknown"]

# Characters people take for one another in handwriting and on bad copies. Left out are those of which both are usual
# in given names (芳 and 芬, 志 and 忠): parents give them to brothers and sisters on purpose.
_LOOK_ALIKE: Final = (
    "己已巳 戊戌戍 土士 末未 干千于 人入 大太犬丈文 天夭 王玉主壬 日曰 木本术 水永 东车军 民氏 今令 金全 贝见 刀力 儿几 小少 "
    "才寸 石右 田由甲申 白自百 生主 光先 先充 名各 合台 同周 兰三 龙尤 历厉 仓仑 冶治 凤风 刚则 受爱 吴昊 吕昌 唐庸 国园圆 "
    "坚竖 墨黑 夏复 孙孔 季李 宋宗 宇字宁 宏宠 定宝 宣宜 容客 春舂 崇祟 川州 巨臣 帅师 希布 平乎 年午 弟第 徐除涂 志忘 怀坏 "
    "恒桓 恩思 成戍 戴载 扬杨 抗杭 挂桂 振震 敏敬 方万 明朋 映英 晋普 晓烧 晖辉挥 晴睛 杜社 杏否 林材村 枝技 柏伯 柱住 查杳 "
    "柳抑 根恨 桃挑 桐相 梁粱 梅海悔 棋祺 欣砍 武斌 江红 汉双 汪注 沈枕沉 河何 泽择 洁浩 洋详 洪供 润闰 淑椒 清请情 炳柄 焕换 "
    "照熙 熊能 牛午 珠株 理埋 瑞端 男勇 真直 礼扎 祖租 祥样 福幅 秀禿 秋秒 科料 细组 绍招 绵棉锦 援缓 美姜 翠萃 艳绝 芙英 茂戊 "
    "荣荧 菊掬 葛曷 蔡祭 许讦 贞员 贵责 赵起 朝期韩 达送 迁迂 邓邦 邱丘 郎朗 郭廓 都部 钊剑 钦饮 阎闯 陈阵 陶淘 隆降 雄雌 雅推 "
    "雪雷 霞露 青晴 项顶 顺须 马鸟 骆络 高亭 黄寅 余佘 汁叶 于干 任伍 田申 辰唇 冷泠 崔催 苏办 袁衰 谭潭 曾会 侯候 傅博 候侯 "
)
_SHORTEST_FIRST_NAME: Final = 3


def _by_eye() -> dict[str, frozenset[str]]:
    out: dict[str, set[str]] = {}
    for group in _LOOK_ALIKE.split():
        for char in group:
            out.setdefault(char, set()).update(set(group) - {char})
    return {char: frozenset(others) for char, others in out.items()}


LOOK_ALIKE: Final = _by_eye()


@functools.lru_cache(maxsize=65_536)
def sounds(name: str) -> frozenset[str]:
    """Every way to say a name, without tones."""
    return frozenset(names.pinyin(name).full)


def of_names(first: str, second: str) -> NameLikeness:
    """How two folded names (`names.folded`) are alike; `unknown` if one is empty, never `former`."""
    if not first or not second:
        return "unknown"
    if first == second:
        return "same"
    if len(first) == len(second):
        return _of_equal_length(first, second)
    short, long = sorted((first, second), key=len)
    # 古丽巴哈尔·阿不都热合曼 is called 古丽巴哈尔; 王建 is another name than 王建国.
    return "shortened" if len(short) >= _SHORTEST_FIRST_NAME and long.startswith(short) else "different"


def _of_equal_length(first: str, second: str) -> NameLikeness:
    unlike = [(one, other) for one, other in zip(first, second, strict=True) if one != other]
    if len(unlike) == 1 and unlike[0][1] in LOOK_ALIKE.get(unlike[0][0], frozenset()):
        return "by_eye"
    if sounds(first) & sounds(second):
        return "by_ear"
    if first[0] == second[0] and len(unlike) == 2 and unlike[0] == unlike[1][::-1]:
        return "swapped"
    return "different"


def of_numbers(first: str, second: str, *, both_valid: bool) -> tuple[NumberLikeness, str]:
    """How two normalised ID numbers are alike, with the words for it.

    `slip`: one of them cannot be right and one mistake of hand or spreadsheet makes the other of it.
    `fitting_slip`: both pass their check and differ in one digit beside the last, as those of neighbours in the
    register of births do too, so that it means little by itself.
    """
    if not first or not second:
        return "unknown", ""
    if first == second:
        return "same", "身份证号相同"
    if _lost_digits(first, second):
        # One damaged number in eleven passes its check all the same.
        return "slip", "身份证号丢了后三位"
    said = _slip(first, second)
    if said and not both_valid:
        return "slip", said
    if both_valid and _slip(first[:17], second[:17]):
        return "fitting_slip", "身份证号只差一位(末位随之不同)"
    return "unlike", ""


def _slip(first: str, second: str) -> str:
    if len(first) != len(second):
        short, long = sorted((first, second), key=len)
        if len(long) == len(short) + 1 and any(long[:at] + long[at + 1 :] == short for at in range(len(long))):
            return "身份证号少写一位"
        return ""
    unlike = [at for at, (one, other) in enumerate(zip(first, second, strict=True)) if one != other]
    if len(unlike) == 1:
        return "身份证号只差一位"
    if len(unlike) == 2 and unlike[1] == unlike[0] + 1:
        at = unlike[0]
        if first[at] == second[at + 1] and first[at + 1] == second[at]:
            return "身份证号相邻两位写颠倒"
    return ""


def _lost_digits(first: str, second: str) -> bool:
    """A spreadsheet keeps fifteen digits of a number and makes the others zeros."""
    return len(first) == len(second) == 18 and first[:15] == second[:15] and "000" in (first[15:], second[15:])


def of_births(first: str, second: str) -> BirthLikeness:
    """How two partial dates in their stored form are alike; of a month and a day within it `month`."""
    if not first or not second:
        return "unknown"
    if first == second and len(first) == 10:
        return "day"
    known = min(len(first), len(second))
    if first[:known] == second[:known]:
        return "month" if known == 7 else "year"
    return "slip" if known == 10 and _slipped(first, second) else "different"


def _slipped(first: str, second: str) -> bool:
    """One part of the day is wrong, or month and day have changed places."""
    one, other = first.split("-"), second.split("-")
    unlike = [at for at in range(3) if one[at] != other[at]]
    if unlike == [1, 2]:
        return one[1] == other[2] and one[2] == other[1]
    if unlike == [0]:
        digits = [(a, b) for a, b in zip(one[0], other[0], strict=True) if a != b]
        turned = len(digits) == 2 and digits[0] == digits[1][::-1]
        return len(digits) == 1 or turned or abs(int(one[0]) - int(other[0])) == 1
    return len(unlike) == 1


def plain_number(text: str) -> str:
    """A telephone or account number as digits only."""
    return "".join(filter(str.isdigit, half_width(text)))
