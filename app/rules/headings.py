"""Recognises the headings of rosters: labels and known synonyms of every field, and the row or rows that hold them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from app.rules.text import half_width

# Labels of the 信息采集表, of the provincial import templates and of village ledgers, the usual one first.
LABELS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "name": ("姓名", "对象姓名", "优抚对象姓名", "退役军人姓名", "人员姓名", "姓名(全称)", "名字"),
        "former_name": ("曾用名", "别名", "原名", "又名"),
        "id_number": (
            "身份证号码",
            "身份证号",
            "公民身份号码",
            "身份证",
            "身份号码",
            "证件号码",
            "身份证件号码",
            "居民身份证号码",
            "居民身份证号",
            "公民身份证号码",
            "公民身份证号",
            "二代身份证号码",
            "本人身份证号",
            "本人身份证号码",
            "身份证编号",
        ),
        "no_id_reason": ("无身份证号原因", "无号原因", "无身份证原因", "未填身份证号原因"),
        "sex": ("性别",),
        "birth_date": ("出生日期", "出生年月", "出生年月日", "出生时间", "生日", "出生"),
        "ethnicity": ("民族", "族别"),
        "division": (
            "行政区划代码",
            "户籍地行政区划代码",
            "户口簿行政代码",
            "区划代码",
            "户籍地代码",
            "所属村",
            "所在村",
            "村名",
            "行政村",
            "村(社区)",
            "村(居)",
            "村居",
            "村社区",
            "村别",
            "村委会",
            "所属服务站",
            "服务站",
        ),
        "village_group": ("村民组", "村民小组", "组别", "小组", "村组", "组", "所在组", "自然村", "村小组", "屋场"),
        "address": (
            "户籍地址",
            "户籍地详细地址",
            "户口簿地址",
            "户籍所在地",
            "户籍地",
            "户口所在地",
            "家庭住址",
            "家庭地址",
            "地址",
            "住址",
            "详细地址",
        ),
        "residence_address": (
            "现居住地址",
            "现居住地",
            "居住地址",
            "实际居住地址",
            "实际居住地",
            "现住址",
            "现住地址",
            "常住地址",
            "常住地",
            "居住地",
        ),
        "phone": (
            "联系电话",
            "联系方式",
            "电话",
            "手机",
            "手机号",
            "手机号码",
            "电话号码",
            "本人电话",
            "本人联系电话",
            "移动电话",
            "联系号码",
        ),
        "phone2": (
            "其他电话",
            "备用电话",
            "其他联系电话",
            "家属电话",
            "亲属电话",
            "紧急联系人电话",
            "家庭电话",
            "第二联系电话",
            "固定电话",
        ),
        "political": ("政治面貌", "政治面目", "党派"),
        "education": ("学历", "文化程度", "文化水平", "最高学历"),
        "marital": ("婚姻状况", "婚姻", "婚姻情况", "婚否"),
        "health": ("健康状况", "健康", "身体状况", "健康情况"),
        "household_number": ("户号", "户编号", "户口簿号", "户口号", "家庭编号", "户籍号"),
        "head_name": ("户主姓名", "户主", "户主名"),
        "head_relation": ("与户主关系", "户主关系", "与户主的关系", "家庭关系"),
        "work_place": ("务工地址", "务工地", "工作单位", "工作单位名称", "务工地点", "就业单位", "现工作单位"),
        "enlisted": (
            "入伍时间",
            "入伍日期",
            "入伍年月",
            "参军时间",
            "参军年月",
            "入伍",
            "服役开始时间",
            "入伍(参加工作)时间",
        ),
        "discharged": (
            "退伍时间",
            "退役时间",
            "退伍日期",
            "退役日期",
            "退伍年月",
            "退役年月",
            "退伍",
            "退役",
            "转业时间",
            "复员时间",
            "退伍(役)时间",
            "退役(伍)时间",
            "服役结束时间",
        ),
        "branch": ("军种", "军兵种", "兵种", "所属军种", "服役军种"),
        "rank": ("军衔", "军衔级别", "退役时军衔", "军衔(职务)", "职务军衔"),
        "unit_number": ("部队番号", "番号", "服役部队番号", "服役部队", "部队", "服役部队名称", "所在部队"),
        "unit_code": ("部队代号", "代号", "服役部队代号"),
        "discharge_cert": (
            "退役证编号",
            "退伍证号",
            "退役证号",
            "退伍证编号",
            "退役证件号",
            "退役证件号码",
            "退伍证号码",
            "退役证号码",
        ),
        "merits": ("立功受奖", "立功情况", "立功受奖情况", "奖励", "立功", "荣誉", "获奖情况", "表彰奖励"),
        "class12": (
            "人员类别",
            "人员类型",
            "对象类别",
            "类别",
            "身份类别",
            "采集类别",
            "人员身份",
            "对象类型",
            "信息采集类别",
        ),
        "benefit_code": (
            "优抚类别",
            "优抚对象类别",
            "优抚类型",
            "享受待遇类别",
            "待遇类别",
            "抚恤补助类别",
            "补助类别",
        ),
        "disability_level": ("残疾等级", "伤残等级", "残级", "等级", "评残等级"),
        "disability_nature": ("残疾性质", "伤残性质", "致残性质"),
        "benefit_state": (
            "优抚对象",
            "优抚状态",
            "优抚对象状态",
            "待遇状态",
            "享受状态",
            "是否享受待遇",
            "享受待遇情况",
        ),
        "bank": ("开户银行", "开户行", "银行", "开户银行名称", "银行名称"),
        "account_holder": ("开户名称", "开户名", "户名", "账户名", "账户名称", "开户人", "账户姓名"),
        "account_number": (
            "银行账号",
            "银行帐号",
            "账号",
            "帐号",
            "银行卡号",
            "卡号",
            "一卡通账号",
            "一卡通卡号",
            "一卡通号",
            "社保卡号",
            "存折账号",
        ),
        "household_kind": ("户籍类别", "户口性质", "户籍性质", "城乡", "户口类别", "农业/非农业"),
        "native_place": ("籍贯", "祖籍"),
        "postcode": ("邮编", "邮政编码"),
        "work_since": ("参加工作时间", "参加工作日期"),
        "joined_party": ("入党时间", "入党日期", "入党年月"),
        "party_branch": ("所在党支部", "所在支部", "党支部", "组织关系所在支部"),
        "support": ("供养方式", "供养形式"),
        "work_ability": ("劳动能力", "劳动能力情况"),
        "self_care": ("生活能力", "生活自理能力", "自理能力"),
        "occupation": ("从业状况", "从业情况", "职业"),
        "national_number": ("国网编号", "国网系统编号"),
        "plaque": ("光荣牌", "光荣牌悬挂", "是否悬挂光荣牌", "光荣牌悬挂情况", "悬挂光荣牌", "光荣之家牌"),
        "note": ("备注", "说明", "备考", "附注"),
        # Known columns that are no field of a person: looked at (age) or kept word for word in the note.
        "serial": ("序号", "编号", "序", "NO"),
        "age": ("年龄", "周岁", "岁数"),
        "service_years": ("军龄", "服役年限", "兵龄"),
        "kept_employment": ("就业安置", "就业情况", "就业安置情况", "就业", "安置情况"),
        "kept_business": ("创业", "创业情况"),
        "kept_help": ("困难帮扶记录", "帮扶记录", "困难帮扶", "困难情况"),
        "kept_visits": (
            "八一/春节走访记录",
            "走访记录",
            "走访慰问记录",
            "八一春节走访记录",
            "走访情况",
        ),
        "kept_review": ("年审状态", "年审情况", "年度确认", "年审", "年度确认情况"),
        "kept_review_date": ("审核日期", "年审日期", "审核时间", "确认日期"),
    }
)
IGNORED = frozenset({"serial", "age", "service_years"})
KEPT_IN_NOTE = tuple(name for name in LABELS if name.startswith("kept_"))

_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|<[^<>]*>|〔[^〔〕]*〕|《[^《》]*》")
_NOISE = re.compile(r"[\s\u200b\ufeff*★☆::.、,,;;·_\-—–/\\|()\[\]【】<>〔〕《》“”\"'#&]+")
_FILLER = re.compile(r"^(?:请填写|填写|填|个人|本人|人员|对象)|(?:情况|栏|信息)$")
_LOOSE_LENGTH = 3
_FEWEST = 3
_SEARCHED = 30
_LONG_CELL = 40


def _key(label: str) -> str:
    return _NOISE.sub("", half_width(label)).upper()


_EXACT: Mapping[str, str] = MappingProxyType({_key(label): name for name, all_ in LABELS.items() for label in all_})


_LOOSE = tuple(label for label in _EXACT if len(label) >= _LOOSE_LENGTH)


@dataclass(frozen=True, slots=True)
class Match:
    """A heading that was recognised. `confidence` is 100 for a known label, less for a likeness."""

    column: int
    label: str
    field: str
    confidence: int


@dataclass(frozen=True, slots=True)
class Headings:
    """Where a table's headings stand and what they mean.

    `first_row` and `last_row` are row numbers as a person sees them (equal, or a merged pair); `labels` are all
    headings as they are written, by column from 0; `unmatched` are (column, label) that mean no known field, or a
    field that another column has already.
    """

    first_row: int
    last_row: int
    labels: tuple[str, ...]
    matches: tuple[Match, ...]
    unmatched: tuple[tuple[int, str], ...]

    @property
    def mapping(self) -> dict[int, str]:
        """Field names by column, as `person_rows.read` takes it."""
        return {match.column: match.field for match in self.matches}

    @property
    def confidence(self) -> int:
        """The least sure of the matches, 0 if there is none."""
        return min((match.confidence for match in self.matches), default=0)


def field_of(label: str) -> tuple[str, int] | None:
    """The field a single heading means and how sure that is (100, 90, 70), or None."""
    plain = half_width(label)
    whole = _key(plain)
    if not whole or len(whole) > _LONG_CELL:
        return None
    if whole in _EXACT:
        return _EXACT[whole], 100
    stripped = plain
    while (shorter := _BRACKETS.sub("", stripped)) != stripped:
        stripped = shorter
    without = _key(stripped)
    for candidate in (without, _FILLER.sub("", without)):
        if candidate and candidate in _EXACT:
            return _EXACT[candidate], 90
    return _alike(without)


def match(labels: Sequence[str]) -> tuple[tuple[Match, ...], tuple[tuple[int, str], ...]]:
    """Match one row of headings; of two columns for one field the surer, then the left one, wins.

    A second telephone column becomes `phone2`.
    """
    found: list[Match] = []
    unmatched: list[tuple[int, str]] = []
    for column, label in enumerate(labels):
        answer = field_of(label)
        if answer:
            found.append(Match(column, label, *answer))
        elif label.strip():
            unmatched.append((column, label))
    taken: dict[str, Match] = {}
    for each in sorted(found, key=lambda match: (-match.confidence, match.column)):
        name = each.field
        if name == "phone" and name in taken and not any(other.field == "phone2" for other in found):
            name = "phone2"
        if name in taken:
            unmatched.append((each.column, each.label))
        else:
            taken[name] = Match(each.column, each.label, name, each.confidence)
    return tuple(sorted(taken.values(), key=lambda match: match.column)), tuple(sorted(unmatched))


def locate(rows: Sequence[Sequence[object]]) -> Headings | None:
    """Find the headings among the first rows of a sheet, below titles; None if there are none.

    A table needs a name column and two others. Two rows are taken together when the second completes the first.
    """
    best: tuple[tuple[int, int], Headings] | None = None
    for place in range(min(len(rows), _SEARCHED)):
        single = _texts(rows[place])
        if not any(single):
            continue
        candidates = [(place, single)]
        if place + 1 < len(rows):
            candidates.append((place + 1, _joined(single, _texts(rows[place + 1]))))
        for last, labels in candidates:
            matches, unmatched = match(labels)
            names = {each.field for each in matches}
            if len(matches) < _FEWEST or "name" not in names:
                continue
            if last > place and not _is_second_row(single, _texts(rows[last])):
                continue
            found = Headings(place + 1, last + 1, labels, matches, unmatched)
            # Of equal guesses the one of a single row: a title above it is no heading.
            score = (sum(each.confidence for each in matches), place - last)
            if best is None or score > best[0]:
                best = (score, found)
    return best[1] if best else None


def is_repeated(row: Sequence[object], headings: Headings) -> bool:
    """Whether a row repeats the headings, as tables pasted together or printed page by page do."""
    same = 0
    for each in sorted(headings.matches, key=lambda match: match.field != "name"):
        value = row[each.column] if each.column < len(row) else None
        # Known labels only: a likeness would cost more than all the rest of reading the row.
        if isinstance(value, str) and (value == each.label or _EXACT.get(_key(value)) == each.field):
            same += 1
        elif each.field == "name" and value is not None:
            return False
    return same >= _FEWEST or (same > 0 and same == sum(value is not None for value in row))


def _alike(text: str) -> tuple[str, int] | None:
    """A heading that holds one known label of three or more characters inside it, such as 退役军人身份证号码栏."""
    labels = [label for label in _LOOSE if label in text]
    inside = {_EXACT[label] for label in labels}
    longest = max(labels, key=len, default="")
    if longest and (len(inside) == 1 or len(longest) * 2 > len(text)):
        return _EXACT[longest], 70
    return None


def _texts(row: Sequence[object]) -> tuple[str, ...]:
    return tuple("" if value is None else str(value) for value in row)


def _is_second_row(first: Sequence[str], second: Sequence[str]) -> bool:
    """Whether a row carries headings below those of the row above rather than a person's values."""
    fresh = [text for upper, text in zip(first, second, strict=False) if text and text != upper]
    return (
        bool(fresh)
        and all(field_of(text) is not None or _key(text).isalpha() for text in fresh)
        and any(field_of(text) is not None for text in fresh)
    )


def _joined(first: Sequence[str], second: Sequence[str]) -> tuple[str, ...]:
    """Two heading rows as one: the lower label where it says enough, else group and label together."""
    labels: list[str] = []
    group = ""
    for place in range(max(len(first), len(second))):
        upper = first[place] if place < len(first) else ""
        lower = second[place] if place < len(second) else ""
        group = upper or (group if lower else "")
        if not lower or lower == upper:
            labels.append(upper)
        elif field_of(group + lower) and (field_of(group + lower) or ("", 0))[1] >= (field_of(lower) or ("", 0))[1]:
            labels.append(group + lower)
        else:
            labels.append(lower)
    return tuple(labels)
