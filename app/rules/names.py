"""Names of people: kept as written, compared by a folded key, found by 拼音, checked at the door, masked on paper."""

import functools
import itertools
import os
import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from app.rules import text as texts
from app.rules.surnames import COMPOUND_SURNAMES, RARE_READINGS, SURNAME_READINGS
from app.rules.text import half_width, is_private_use

# 民委发〔2016〕33号 asks for at least 25 characters.
LONGEST = 50
INTERPUNCT = "\u00b7"
_HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd"
_DOTS = re.compile(
    rf"(?<=[{_HAN}])\s*[\u00b7\u0387\u2022\u2027\u2219\u22c5\u2e31\u30fb\uff0e\uff65.]\s*(?=[{_HAN}])",
)
_PADDED = re.compile(rf"[{_HAN}](?:\s+[{_HAN}])+")
_MOST_READINGS = 4
_MOST_KEYS = 12

# Left the form met in old papers, right the form compared by. Different surnames (付 and 傅, 肖 and 萧, 闫 and 阎)
# are not here: the law takes them as different names.
_VARIANTS = (
    "峯峰 呂吕 黃黄 陳陈 張张 劉刘 趙赵 楊杨 吳吴 孫孙 馬马 羅罗 鄭郑 謝谢 許许 鄧邓 馮冯 蕭萧 葉叶 蘇苏 "
    "盧卢 賈贾 鍾钟 鐘钟 譚谭 陸陆 範范 韋韦 鄒邹 湯汤 龍龙 萬万 賴赖 龔龚 嚴严 華华 國国 軍军 衞卫 衛卫 "
    "強强 彊强 偉伟 傑杰 紅红 蘭兰 鳳凤 麗丽 貴贵 寶宝 寳宝 義义 榮荣 勝胜 慶庆 長长 東东 運运 遠远 進进 "
    "達达 興兴 學学 愛爱 蓮莲 銀银 鋒锋 鋼钢 鐵铁 雲云 飛飞 濤涛 濟济 澤泽 輝辉 煇辉 燿耀 淸清 靑青 眞真 "
    "羣群 堃坤 喆哲 昇升 陞升 叡睿 濬浚 崐昆 崑昆 嶽岳 綉绣 繡绣 祕秘 緖绪 緒绪 産产 產产 戸户 戶户 姸妍 "
    "祿禄 録录 錄录 鄕乡 鄉乡 臺台 徳德 悳德 恆恒 溫温 裏里 裡里 黙默 畧略 峽峡 栁柳 桞柳 椘楚 疎疏 蔴麻 "
    "韮韭 鷄鸡 雞鸡 髙高 亊事 仝同 "
)
_FOLD = {ord(pair[0]): pair[1] for pair in _VARIANTS.split()}


@dataclass(frozen=True)
class PinyinKeys:
    """Lower-case keys without tones or spaces, the likeliest reading first; ü is written v."""

    full: tuple[str, ...]
    initials: tuple[str, ...]
    sort: str


def clean(name: str) -> str:
    """The name as it is stored: ends trimmed, `张　三` and `张 建 国` closed up, the dot between Chinese characters U+00B7.

    Nothing else changes; NFC and NFKC would replace characters that people really bear.
    """
    plain = texts.clean(name)
    plain = _DOTS.sub(INTERPUNCT, plain)
    return "".join(plain.split()) if _PADDED.fullmatch(plain) else plain


def unit_problem(name: str) -> str:
    """Why a cleaned name of a unit cannot be kept, in Chinese; empty if it can."""
    if not name:
        return "没有填单位名称。"
    if len(name) > LONGEST:
        return f"单位名称最多 {LONGEST} 个字, 这里是 {len(name)} 个。"
    return "".join(texts.problems(name, lines=False))


_KINDS_OF_PLACES = (("村民委员会", "村"), ("村委会", "村"), ("居民委员会", "社区"), ("居委会", "社区"))


def unit_name(level: str, place: str) -> str:
    """What a unit is usually called, from the bare name of its place; empty where nothing can be proposed."""
    plain = place.strip()
    if not plain:
        return ""
    if level not in ("village", "township"):
        return f"{plain}退役军人事务局"
    for ending, kind in _KINDS_OF_PLACES:
        if plain.endswith(ending):
            short = plain.removesuffix(ending)
            plain = short if short.endswith(kind) else short + kind
            break
    return f"{plain}退役军人服务站"


def check(name: str) -> tuple[str, ...]:
    """Every reason in Chinese why a cleaned name cannot be kept; empty if it can."""
    if not name:
        return ("没有填姓名。",)
    found = list(texts.problems(name, lines=False))
    if len(name) > LONGEST:
        found.append(f"姓名最多 {LONGEST} 个字, 这里是 {len(name)} 个。")
    for place, char in enumerate(name, start=1):
        if is_private_use(char):
            found.append(
                f"姓名第 {place} 个字是自造字(U+{ord(char):04X}), 换一台电脑就显示不出来。"
                "请改用标准字库里的字, 照身份证核对。",
            )
        elif char in "\ufffd?？□":
            found.append(f"姓名第 {place} 个字已经变成“{char}”, 原来的字丢了。请照身份证重新填。")
    return tuple(found)


def is_han(char: str) -> bool:
    """Whether it is a Chinese character, rare ones beyond the first plane included."""
    return re.fullmatch(f"[{_HAN}]", char) is not None


def folded(name: str) -> str:
    """The key by which names are compared: width, case, spaces, dots and written variants do not count.

    It is for comparing only and never shown.
    """
    result = []
    for char in half_width(clean(name)):
        if char.isspace() or char in f"{INTERPUNCT}.":
            continue
        plain = _compatibility(char)
        result.append(_FOLD.get(ord(plain), plain))
    return "".join(result).casefold()


def mask(name: str) -> str:
    """`张*华`, `张*`; one character is hidden."""
    if len(name) < 2:
        return "*" * len(name)
    if len(name) == 2:
        return name[0] + "*"
    return name[0] + "*" * (len(name) - 2) + name[-1]


def pinyin(name: str) -> PinyinKeys:
    """The keys under which a name is found: the surname by its own readings, other characters by all theirs."""
    plain = [char for char in half_width(clean(name)) if char.isalnum()]
    readings = _surname(tuple(plain))
    readings += [_readings(char) for char in plain[len(readings) :]]
    ways = list(itertools.islice(_likeliest_first(readings), _MOST_KEYS))
    full = tuple(filter(None, dict.fromkeys("".join(way) for way in ways)))
    initials = tuple(filter(None, dict.fromkeys("".join(syllable[:1] for syllable in way) for way in ways)))
    return PinyinKeys(full, initials, " ".join(filter(None, ways[0])) if ways else "")


def place_keys(name: str) -> tuple[str, str]:
    """(full 拼音, initials) of a place's name, by the everyday reading of each character."""
    import pypinyin  # as in `_everyday`

    syllables = [one for one in pypinyin.lazy_pinyin(name, errors="ignore") if one]
    return "".join(syllables), "".join(one[:1] for one in syllables)


def pinyin_query(typed: str) -> str:
    """What somebody types in search of a name, in the form of the keys: lower case, ü as v, no spaces or marks."""
    plain = half_width(typed).casefold().replace("ü", "v").replace("u:", "v")
    plain = "".join(char for char in unicodedata.normalize("NFD", plain) if not unicodedata.combining(char))
    return re.sub(r"[^0-9a-z]", "", plain)


def _surname(chars: tuple[str, ...]) -> list[tuple[str, ...]]:
    pair = "".join(chars[:2])
    # A two-character name is a single surname with a given name, but for surnames that have no single form.
    if len(chars) > 2 and pair in COMPOUND_SURNAMES:
        return [(syllable,) for syllable in COMPOUND_SURNAMES[pair].split()]
    if chars and chars[0] in SURNAME_READINGS:
        own = tuple(SURNAME_READINGS[chars[0]].split())
        # The everyday reading comes last: a clerk may not know that 单 is shàn.
        return [tuple(dict.fromkeys(own + _everyday(chars[0])))]
    # Rare readings of a common surname (王 yù) would only crowd out those of the given name.
    return [_readings(chars[0])[:1]] if len(chars) > 1 else []


def _everyday(char: str) -> tuple[str, ...]:
    """The reading of the character in ordinary words."""
    found = _library().lazy_pinyin(_compatibility(char), errors="ignore")
    return tuple(found[:1])


def _likeliest_first(readings: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Combinations in the order of how far they stray from the first readings, bounded before they multiply."""
    kept: list[tuple[int, tuple[str, ...]]] = [(0, ())]
    for choices in readings:
        grown = [(cost + extra, (*way, one)) for cost, way in kept for extra, one in enumerate(choices)]
        kept = sorted(grown, key=lambda item: item[0])[:_MOST_KEYS]
    return [way for _, way in kept if way]


@functools.lru_cache(maxsize=32_768)
def _readings(char: str) -> tuple[str, ...]:
    if not is_han(char):
        return (char.casefold(),)
    if char in RARE_READINGS:
        return (RARE_READINGS[char],)
    library = _library()
    found = library.pinyin(_compatibility(char), style=library.Style.NORMAL, heteronym=True, errors="ignore")
    known = tuple(dict.fromkeys(syllable for syllable in (found[0] if found else []) if syllable.isascii()))
    # A character without a known reading is left out of the keys; it is found by itself.
    return known[:_MOST_READINGS] or ("",)


@functools.cache
def _library() -> Any:
    """The dictionary of single characters; its phrases, which names have no use for, would take 44 MB."""
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    os.environ.setdefault("PYPINYIN_NO_DICT_COPY", "true")
    import pypinyin  # takes a moment, which a call without names should not pay

    return pypinyin


def _compatibility(char: str) -> str:
    """The unified character of a compatibility ideograph (郎 U+F92C → 郎); all others as they are."""
    if not ("\uf900" <= char <= "\ufaff" or "\U0002f800" <= char <= "\U0002fa1f"):
        return char
    target = unicodedata.decomposition(char)
    return chr(int(target, 16)) if target and " " not in target else char
