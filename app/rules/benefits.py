"""Code tables of the register (identity classes, benefit codes, disability, war service, national tables)."""

import re

from app.rules.text import half_width

# 信息采集对象十二类; count date 2018-10-01, then rolling. Legacy words stand in brackets.
COLLECTION_CLASSES: dict[str, str] = {
    "01": "军队转业干部",
    "02": "退役军士和义务兵(退役士兵)",
    "03": "军队离休退休干部和退休军士",
    "04": "军队无军籍离休退休退职职工",
    "05": "复员军人",
    "06": "退伍红军老战士",
    "07": "残疾军人",
    "08": "伤残民兵民工",
    "09": "烈士遗属",
    "10": "因公牺牲军人遗属",
    "11": "病故军人遗属",
    "12": "现役军人家属",
}

# 享受国家定期抚恤补助优抚对象, worded after 军人抚恤优待条例 (2024).
BENEFIT_CODES: dict[str, str] = {
    "11": "残疾军人",
    "12": "伤残国家机关工作人员",
    "13": "伤残人民警察",
    "14": "伤残预备役人员、民兵、民工",
    "15": "其他因公伤残人员",
    "21": "烈士遗属",
    "22": "因公牺牲军人遗属",
    "23": "病故军人遗属",
    "31": "在乡退伍红军老战士",
    "32": "在乡西路军红军老战士",
    "33": "红军失散人员",
    "41": "在乡复员军人",
    "42": "带病回乡退役军人",
    "51": "参战退役军人",
    "61": "参试退役人员",
    "81": "60周岁以上农村籍退役士兵",
    "B1": "部分烈士(错杀后被平反人员)子女",
}
_BENEFIT_WORDS: dict[str, str] = {
    "伤残军人": "11",
    "革命伤残军人": "11",
    "伤残民兵民工": "14",
    "因战因公伤残人员": "15",
    "烈士家属": "21",
    "烈属": "21",
    "因公牺牲军人家属": "22",
    "病故军人家属": "23",
    "复员军人": "41",
    "在乡老复员军人": "41",
    "带病回乡": "42",
    "带病回乡退伍军人": "42",
    "带病回乡退伍(复员)军人": "42",
    "参战": "51",
    "参战人员": "51",
    "参战退役人员": "51",
    "参试": "61",
    "参试人员": "61",
    "60岁": "81",
    "60周岁": "81",
    "60岁以上农村籍退役士兵": "81",
    "60岁农村籍退役士兵": "81",
    "60周岁农村籍退役士兵": "81",
    "60周岁以上农村籍退伍士兵": "81",
    "错杀平反人员子女": "B1",
}
_CLASS_WORDS: dict[str, str] = {
    "转业干部": "01",
    "转业军官": "01",
    "退役士兵": "02",
    "退伍军人": "02",
    "退伍士兵": "02",
    "退役军士": "02",
    "退役义务兵": "02",
    "义务兵": "02",
    "军休干部": "03",
    "退休士官": "03",
    "无军籍职工": "04",
    "复员干部": "05",
    "在乡复员军人": "05",
    "红军老战士": "06",
    "西路军红军老战士": "06",
    "红军失散人员": "06",
    "伤残军人": "07",
    "烈士家属": "09",
    "烈属": "09",
    "因公牺牲军人家属": "10",
    "病故军人家属": "11",
    "现役军属": "12",
    "军属": "12",
    "军人家属": "12",
    "现役军人家属": "12",
}

DISABILITY_LEVELS: dict[str, str] = {
    f"{level:02d}": f"{word}级" for level, word in enumerate("一二三四五六七八九十", start=1)
}
DISABILITY_NATURES: dict[str, str] = {"1": "因战", "2": "因公", "3": "因病"}
DISABILITY_KINDS: dict[str, str] = {"1": "在乡", "2": "在职"}
PERIODS: dict[str, str] = {"1": "抗日战争", "2": "解放战争", "3": "建国后"}
HOUSEHOLD_KINDS: dict[str, str] = {"1": "农村", "2": "城镇"}
SUPPORT_WAYS: dict[str, str] = {
    "1": "分散供养",
    "2": "优抚医院",
    "3": "精神病院",
    "4": "光荣院",
    "5": "敬老院",
    "6": "其他",
}

WAR_SERVICES: dict[str, str] = {
    "01": "解放一江山岛",
    "02": "川甘青藏滇平叛",
    "03": "炮击金门",
    "04": "中缅边境勘界警卫",
    "05": "中印边境自卫反击作战",
    "06": "“八·六”海战",
    "07": "崇武以东海战",
    "08": "援越抗美",
    "09": "援老抗美",
    "10": "珍宝岛自卫反击作战",
    "11": "西沙自卫反击作战",
    "12": "中越边境自卫反击作战",
    "13": "老山、者阴山地区作战",
    "14": "南沙自卫反击作战",
    "15": "其他",
}
# First and last month; of the codes not listed the months are not sure enough to warn by.
WAR_PERIODS: dict[str, tuple[str, str]] = {
    "01": ("1955-01", "1955-01"),
    "03": ("1958", "1979"),
    "05": ("1962-10", "1962-11"),
    "08": ("1965", "1973"),
    "10": ("1969", "1969"),
    "11": ("1974-01", "1974-01"),
    "12": ("1979-02", "1979-03"),
    "13": ("1984", "1989"),
    "14": ("1988-03", "1988-03"),
}

# GB/T 2261.1-2003
SEX: dict[str, str] = {"0": "未知", "1": "男", "2": "女", "9": "未说明"}
# GB/T 2261.2-2003
MARRIAGE: dict[str, str] = {
    "10": "未婚",
    "20": "已婚",
    "21": "初婚",
    "22": "再婚",
    "23": "复婚",
    "30": "丧偶",
    "40": "离婚",
    "90": "未说明",
}
# GB/T 2261.3-2003
HEALTH: dict[str, str] = {
    "10": "健康或良好",
    "20": "一般或较弱",
    "30": "有慢性病",
    "60": "残疾",
    "61": "视力残疾",
    "62": "听力残疾",
    "63": "言语残疾",
    "64": "肢体残疾",
    "65": "智力残疾",
    "66": "精神残疾",
    "67": "多重残疾",
    "69": "其他残疾",
}
# GB/T 2261.4-2003
OCCUPATION: dict[str, str] = {
    "11": "国家公务员",
    "13": "专业技术人员",
    "17": "职员",
    "21": "企业管理人员",
    "24": "工人",
    "27": "农民",
    "31": "学生",
    "37": "现役军人",
    "51": "自由职业者",
    "54": "个体经营者",
    "70": "无业人员",
    "80": "退(离)休人员",
    "90": "其他",
}
# GB/T 4762-1984
POLITICS: dict[str, str] = {
    "01": "中共党员",
    "02": "中共预备党员",
    "03": "共青团员",
    "04": "民革会员",
    "05": "民盟盟员",
    "06": "民建会员",
    "07": "民进会员",
    "08": "农工党党员",
    "09": "致公党党员",
    "10": "九三学社社员",
    "11": "台盟盟员",
    "12": "无党派民主人士",
    "13": "群众",
}
# GB/T 4658-2006
EDUCATION: dict[str, str] = {
    "10": "研究生",
    "11": "博士研究生毕业",
    "14": "硕士研究生毕业",
    "20": "大学本科",
    "21": "大学本科毕业",
    "30": "大学专科",
    "31": "大学专科毕业",
    "40": "中等职业教育",
    "41": "中等专科毕业",
    "44": "职业高中毕业",
    "47": "技工学校毕业",
    "60": "普通高中",
    "61": "普通高中毕业",
    "70": "初级中学",
    "71": "初中毕业",
    "80": "小学",
    "81": "小学毕业",
    "90": "其他",
}
# GB/T 4761-2008
RELATION: dict[str, str] = {
    "01": "本人",
    "02": "户主",
    "10": "配偶",
    "11": "夫",
    "12": "妻",
    "20": "子",
    "30": "女",
    "40": "孙子、孙女或外孙子、外孙女",
    "50": "父母",
    "51": "父亲",
    "52": "母亲",
    "60": "祖父母或外祖父母",
    "70": "兄弟姐妹",
    "97": "其他",
}
_NATIONS = (
    "汉 蒙古 回 藏 维吾尔 苗 彝 壮 布依 朝鲜 满 侗 瑶 白 土家 哈尼 "
    "哈萨克 傣 黎 傈僳 佤 畲 高山 拉祜 水 东乡 纳西 景颇 柯尔克孜 土 达斡尔 仫佬 "
    "羌 布朗 撒拉 毛南 仡佬 锡伯 阿昌 普米 塔吉克 怒 乌孜别克 俄罗斯 鄂温克 德昂 保安 裕固 "
    "京 塔塔尔 独龙 鄂伦春 赫哲 门巴 珞巴 基诺 "
)
# GB/T 3304-1991, the same two digits as on the chip of the identity card.
ETHNICITY: dict[str, str] = {f"{place:02d}": f"{name}族" for place, name in enumerate(_NATIONS.split(), start=1)} | {
    "97": "其他",
    "98": "外国血统中国籍人士",
}

TABLES: dict[str, dict[str, str]] = {
    "collection_class": COLLECTION_CLASSES,
    "benefit": BENEFIT_CODES,
    "disability_level": DISABILITY_LEVELS,
    "disability_nature": DISABILITY_NATURES,
    "disability_kind": DISABILITY_KINDS,
    "period": PERIODS,
    "household_kind": HOUSEHOLD_KINDS,
    "support_way": SUPPORT_WAYS,
    "war_service": WAR_SERVICES,
    "sex": SEX,
    "marriage": MARRIAGE,
    "health": HEALTH,
    "occupation": OCCUPATION,
    "politics": POLITICS,
    "education": EDUCATION,
    "relation": RELATION,
    "ethnicity": ETHNICITY,
}
_OTHER_WORDS: dict[str, dict[str, str]] = {
    "benefit": _BENEFIT_WORDS,
    "collection_class": _CLASS_WORDS,
    "politics": {"党员": "01", "预备党员": "02", "团员": "03", "无党派": "12"},
    "education": {
        "研究生毕业": "10",
        "本科": "20",
        "大学": "20",
        "专科": "30",
        "大专": "30",
        "中专": "41",
        "高中": "60",
        "初中": "70",
    },
    "relation": {"父": "51", "母": "52", "丈夫": "11", "妻子": "12", "儿子": "20", "女儿": "30"},
    "health": {"健康": "10", "良好": "10", "一般": "20", "较弱": "20", "慢性病": "30"},
    "household_kind": {"农业": "1", "非农业": "2"},
}


def code_of(table: str, text: str) -> str | None:
    """The code of a label, a legacy word or the code itself in one of TABLES; None if nobody can tell."""
    values = TABLES[table]
    plain = re.sub(r"\s", "", half_width(text))
    if plain.upper() in values:
        return plain.upper()
    if plain.isdigit() and len(plain) == 1 and f"0{plain}" in values:
        return f"0{plain}"
    for code, label in values.items():
        if plain in {half_width(label), half_width(label).partition("(")[0]}:
            return code
    if table == "ethnicity":
        return next((code for code, label in values.items() if label == f"{plain}族"), None)
    if table == "disability_level":
        return _disability_level(plain)
    return _OTHER_WORDS.get(table, {}).get(plain)


def label(table: str, code: str | None) -> str:
    """What stands on the screen for a code; an unknown code (of a newer version) is shown as it is."""
    return TABLES[table].get(code, code) if code else ""


# In lists and on cards, where the words of the law would fill the line.
_SHORT_CLASSES: dict[str, str] = {
    "01": "转业干部", "02": "退役士兵", "03": "军休干部", "04": "无军籍职工", "05": "复员军人", "06": "红军老战士",
    "08": "伤残民兵民工", "12": "军属",
}  # fmt: skip
_SHORT_BENEFITS: dict[str, str] = {
    "12": "伤残机关人员", "13": "伤残警察", "14": "伤残民兵民工", "15": "其他伤残人员", "31": "红军老战士",
    "32": "西路军老战士", "81": "60岁农村籍退役士兵", "B1": "烈士子女",
}  # fmt: skip


def short_identity(class12: str | None, benefit: str | None, level: str | None, nature: str | None) -> str:
    """One identity in a few characters, the benefit before the class it belongs to: 残疾军人(因战七级)."""
    if benefit:
        word = _SHORT_BENEFITS.get(benefit) or label("benefit", benefit)
    else:
        word = _SHORT_CLASSES.get(class12 or "") or label("collection_class", class12)
    grade = label("disability_nature", nature) + label("disability_level", level)
    return f"{word}({grade})" if word and grade else word or grade


def _disability_level(text: str) -> str | None:
    match = re.fullmatch(r"(?:[因战公病]{2})?([一二三四五六七八九十]|10|[1-9])级?", text)
    if match is None:
        return None
    number = int(match[1]) if match[1].isdigit() else "一二三四五六七八九十".index(match[1]) + 1
    return f"{number:02d}"
