"""Names: kept as written, compared by a folded key, found by 拼音."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.names import LONGEST, check, clean, folded, is_han, mask, pinyin, pinyin_query, unit_name


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("  张三\u3000", "张三"),
        ("张 三", "张三"),
        ("张\u3000\u3000三", "张三"),
        ("买买提•艾山", "买买提·艾山"),
        ("买买提・艾山", "买买提·艾山"),
        ("买买提.艾山", "买买提·艾山"),
        ("买买提．艾山", "买买提·艾山"),
        ("买买提 · 艾山", "买买提·艾山"),
        ("买买提·艾山", "买买提·艾山"),
        ("J. Smith", "J. Smith"),
        ("欧阳 小 明", "欧阳 小 明"),
        ("𠮷 田", "𠮷田"),
    ],
)
def test_clean(written, kept):
    assert clean(written) == kept


def test_names_are_never_normalised():
    # NFC turns U+F92C into U+90CE and U+2F800 into U+4E3D; the person has the one on the card.
    assert clean("\uf92c某某") == "\uf92c某某"
    assert clean("\U0002f800某某") == "\U0002f800某某"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("李峯", "李峰"),
        ("呂明", "吕明"),
        ("\uf92c某", "郎某"),
        ("买买提·艾山", "买买提艾山"),
        ("买买提 艾山", "买买提•艾山"),
        ("Ａ李", "a李"),
        ("张 三", "张三"),
    ],
)
def test_folded_brings_together(one, other):
    assert folded(one) == folded(other)


@pytest.mark.parametrize(("one", "other"), [("付明", "傅明"), ("肖明", "萧明"), ("闫明", "阎明"), ("张三", "张三丰")])
def test_folded_keeps_apart(one, other):
    assert folded(one) != folded(other)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("𠮷田", "jitian"),
        ("单田方", "shantianfang"),
        ("仇小英", "qiuxiaoying"),
        ("解放", "xiefang"),
        ("曾明", "zengming"),
        ("查良", "zhaliang"),
        ("区大林", "oudalin"),
        ("盖叫天", "gejiaotian"),
        ("朴志明", "piaozhiming"),
        ("任红", "renhong"),
        ("华国明", "huaguoming"),
        ("纪小兰", "jixiaolan"),
        ("员小明", "yunxiaoming"),
        ("乐小明", "yuexiaoming"),
        ("缪小明", "miaoxiaoming"),
        ("宓小明", "mixiaoming"),
        ("尉迟小明", "yuchixiaoming"),
        ("万俟小明", "moqixiaoming"),
        ("长孙小明", "zhangsunxiaoming"),
        ("澹台小明", "tantaixiaoming"),
        ("欧阳明", "ouyangming"),
        ("尉明", "weiming"),
        ("吕小明", "lvxiaoming"),
        ("重小明", "chongxiaoming"),
        ("䶮", "yan"),
    ],
)
def test_first_reading(name, key):
    assert pinyin(name).full[0] == key


def test_sort_key_and_initials():
    keys = pinyin("单田方")
    assert keys.sort == "shan tian fang"
    assert keys.initials[0] == "stf"


def test_the_everyday_reading_of_a_surname_finds_too():
    assert "dantianfang" in pinyin("单田方").full
    assert {"yuexiaoming", "lexiaoming"} <= set(pinyin("乐小明").full)


def test_all_readings_of_a_given_name():
    assert {"wangle", "wangyue"} <= set(pinyin("王乐").full)
    assert {"zhangxing", "zhanghang"} <= set(pinyin("张行").full)


def test_given_characters_do_not_take_surname_readings():
    assert pinyin("王单").full[0] == "wangdan"


def test_single_surname_before_a_two_character_name():
    # 令狐 and the like need a third character.
    assert pinyin("东方").full[0] == "dongfang"
    assert pinyin("尉迟").full[0] == "weichi"


def test_rare_readings_of_a_surname_do_not_crowd_out_the_given_name():
    assert pinyin("王行长").full[0] == "wangxingzhang"
    assert {"wanghangzhang", "wangxingchang"} <= set(pinyin("王行长").full)
    assert all(key.startswith("wang") for key in pinyin("王行长").full)


def test_a_character_without_a_reading_is_left_out():
    assert pinyin("张\U000323af").full == ("zhang",)
    assert pinyin("\U000323af").full == ()


def test_latin_and_empty_names():
    assert pinyin("J. Smith").full == ("jsmith",)
    assert pinyin("").full == ()


@given(st.text(alphabet="乐长行单重朴和曾解查的得都曲", max_size=50))
def test_keys_are_bounded_and_plain(name):
    keys = pinyin(name)
    assert len(keys.full) <= 12
    assert len(keys.initials) <= 12
    assert all(key.isascii() and key == key.lower() for key in keys.full)


def test_what_is_typed_meets_the_keys():
    assert pinyin_query(" Lǚ Xiao'ming ") == pinyin_query("luxiaoming")
    assert pinyin_query("LÜ xm") == "lvxm"
    assert pinyin_query("ｓｈａｎ") == "shan"


def test_good_names_pass():
    for name in ("张三", "买买提·艾山", "䶮㛃", "𠮷田", "\uf92c某", "王" * LONGEST):
        assert check(name) == ()


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("", "没有填姓名"),
        ("王" * 51, "最多 50 个字, 这里是 51 个"),
        ("张\x00", "NUL"),
        ("张\udc00", "U+DC00"),
        ("张\ue000", "自造字(U+E000)"),
        ("张?", "原来的字丢了"),
        ("张\ufffd", "原来的字丢了"),
        ("张\n三", "只能写一行"),
    ],
)
def test_bad_names_are_named(name, says):
    (problem,) = check(name)
    assert says in problem


def test_mask():
    assert [mask(name) for name in ("张", "张三", "张小华", "欧阳小华", "")] == ["*", "张*", "张*华", "欧**华", ""]


def test_han():
    assert all(is_han(char) for char in "张〇䶮𠮷\U00031350\uf92c")
    assert not any(is_han(char) for char in "a1·?　")


@given(st.text(max_size=60))
def test_clean_and_folded_are_stable(name):
    assert clean(clean(name)) == clean(name)
    assert folded(folded(name)) == folded(name)


@pytest.mark.parametrize(
    ("level", "place", "name"),
    [
        ("village", "石鼓村委会", "石鼓村退役军人服务站"),
        ("village", "石鼓村村民委员会", "石鼓村退役军人服务站"),
        ("village", "红石嘴居委会", "红石嘴社区退役军人服务站"),
        ("township", "上顿渡镇", "上顿渡镇退役军人服务站"),
        ("county", "临川区", "临川区退役军人事务局"),
        ("city", " ", ""),
    ],
)
def test_the_usual_name_of_a_unit(level: str, place: str, name: str) -> None:
    assert unit_name(level, place) == name
