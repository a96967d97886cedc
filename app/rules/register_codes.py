"""The code tables of the whole 信息采集表 that app/rules/benefits.py lacks, and the list of all dated tables by name."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from app.rules import benefits, military, settlement
from app.rules.dated_codes import Dated, DatedTable


def _plain(title: str, source: str, codes: Mapping[str, str | tuple[str, ...]]) -> DatedTable:
    """A table without years; a tuple holds the words and other words for them."""
    return DatedTable(title, source, {
        code: Dated(given) if isinstance(given, str) else Dated(given[0], also=given[1:]) for code, given in codes.items()
    })  # fmt: skip


_WAR_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "01": ("一江山岛", "解放一江山岛战役"), "03": ("金门炮战",), "05": ("中印边境自卫反击", "对印自卫反击战"),
    "08": ("援越",), "09": ("援老",), "10": ("珍宝岛", "珍宝岛自卫反击"), "11": ("西沙", "西沙海战", "西沙自卫反击"),
    "12": ("中越边境自卫反击", "对越自卫反击", "对越自卫反击战", "对越作战"),
    "13": ("老山者阴山", "老山", "者阴山", "老山轮战"), "14": ("南沙", "南沙自卫反击"),
}  # fmt: skip
"""As old papers and rosters have them."""
WAR_SERVICES: Final = DatedTable("参战类别", "优抚系统代码 01–15; 抗美援朝不在其中, 另列", {
    **{
        code: Dated(words, *benefits.WAR_PERIODS.get(code, ("", "")), _WAR_WORDS.get(code, ()))
        for code, words in benefits.WAR_SERVICES.items()
    },
    "K1": Dated("抗美援朝", "1950-10", "1953-07", ("抗美援朝作战", "抗美援朝出国作战", "志愿军参战")),
})  # fmt: skip
WAR_BENEFITS: Final = _plain("参战享受待遇", "优抚系统", {
    "rural": ("农村参战人员生活补助", "农村参战"),
    "urban": ("城镇无单位且生活困难参战人员生活补助", "城镇参战"),
})  # fmt: skip
PROOFS: Final = _plain("身份认定依据", "优抚系统", {
    "archive": ("档案记录", "档案", "个人档案"), "central_list": ("中央名录", "名录"),
})  # fmt: skip
NUCLEAR_SERVICES: Final = _plain("参试类别", "优抚系统; 退役军人保障法 §83", {
    "8023": ("原8023部队退役人员", "8023", "8023部队"),
    "nuclear_test": ("其他参加核试验退役人员", "参加核试验", "核试验"),
    "uranium": ("铀矿开采军队退役人员", "铀矿", "铀矿开采"),
})  # fmt: skip
MEDICAL: Final = _plain("医疗保障方式", "优抚系统, 名称按现行制度", {
    "employee": ("城镇职工基本医疗保险", "职工医保", "城镇职工医保"),
    "resident": ("城乡居民基本医疗保险", "城乡居民医保", "居民医保", "城镇居民基本医疗保险", "新农合", "新型农村合作医疗"),
    "commercial": ("商业保险", "商业医疗保险"),
    "relief": ("城乡医疗救助", "医疗救助"),
    "entitled": ("优抚对象医疗补助", "优抚医疗补助"),
    "none": ("无", "没有", "未参保"),
})  # fmt: skip
PENSION: Final = _plain("养老保障方式", "优抚系统", {
    "employee": ("城镇职工基本养老保险", "城镇职工", "职工养老保险"),
    "resident": ("城乡居民基本养老保险", "城乡居民", "居民养老保险", "新农保"),
    "commercial": ("商业保险", "商业养老保险", "商业"),
    "none": ("无", "没有", "未参保"),
    "unknown": ("未填",),
})  # fmt: skip
SUPPORT: Final = _plain("供养方式", "优抚系统", {
    "home": ("分散供养", "居家"), "entitled_hospital": ("荣军医院", "优抚医院", "荣誉军人医院"),
    "chronic_hospital": ("慢病院", "慢性病医院"), "mental_hospital": ("精神病院", "精神病医院"),
    "home_of_honour": ("光荣院",), "welfare_home": ("福利院", "社会福利院"),
    "old_peoples_home": ("老年收养机构", "敬老院", "养老院"), "other": ("其他",),
})  # fmt: skip
WORK_ABILITY: Final = _plain("劳动能力", "优抚系统", {
    "full": ("具备", "具备劳动能力", "有"), "partial": ("部分丧失", "部分丧失劳动能力"), "none": ("完全丧失", "完全丧失劳动能力", "无"),
})  # fmt: skip
SELF_CARE: Final = _plain("生活能力", "优抚系统", {
    "self": ("自理", "能自理", "生活自理"), "cared": ("享受护理", "不能自理", "需要护理"),
})  # fmt: skip
ENTITLED_STATES: Final = _plain("优抚对象状态", "优抚系统", {
    "paid": ("享受待遇", "正常"), "dead": ("去世",), "moved": ("迁出",), "cancelled": ("取消", "取消资格"),
})  # fmt: skip
LIFE_CYCLE: Final = _plain("人员状态", "信息采集表; 抚恤优待条例 §59", {
    "collecting": ("采集中",), "registered": ("在册",), "suspended": ("暂停", "中止"), "dead": ("去世", "死亡"),
    "moved": ("迁出",), "cancelled": ("取消资格", "取消"), "duplicate": ("重复", "重复登记"), "mistaken": ("误录",),
})  # fmt: skip
NATIONAL_STATES: Final = _plain("国网状态", "本站登记", {
    "absent": ("未录国网", "未录"), "entered": ("已录", "已录国网"), "differing": ("不一致",),
})  # fmt: skip
CHANGES: Final = _plain("变动种类", "信息采集表 M", {
    "moved_in": ("迁入", "转入"), "moved_out": ("迁出", "转出"), "died": ("去世", "死亡", "死亡注销"),
    "corrected": ("更正", "信息更正"), "added": ("新增", "新采集"), "suspended": ("中止", "暂停"),
    "resumed": ("恢复",), "cancelled": ("取消资格", "取消"),
})  # fmt: skip
DEMANDS: Final = _plain("主要诉求", "信息采集表 G", {
    "settlement": ("退役安置", "安置"), "benefits": ("优待抚恤", "抚恤优待", "优抚"), "employment": ("创业就业", "就业创业"),
    "commemoration": ("褒扬纪念",), "retired_officers": ("军休服务", "军休"), "help": ("帮扶援助", "帮扶", "困难帮扶"),
    "party": ("党员管理", "党组织关系"), "advice": ("咨询建议", "咨询"), "other": ("其他",),
})  # fmt: skip
MARTYR_RELATIONS: Final = _plain("与牺牲病故军人关系", "军人抚恤优待条例 §18", {
    "spouse": ("配偶", "妻子", "丈夫", "妻", "夫"), "parent": ("父母(抚养人)", "父母", "父亲", "母亲", "父", "母", "抚养人"),
    "child": ("子女", "儿子", "女儿", "子", "女", "长子", "长女", "次子", "次女"),
    "sibling": ("兄弟姐妹", "兄弟", "姐妹", "哥哥", "弟弟", "姐姐", "妹妹", "兄", "弟", "姐", "妹"),
})  # fmt: skip
OTHER_HOLDERS: Final = _plain("地方优抚对象", "地方优抚系统", {
    "guerrilla": ("老游击队员",), "old_member": ("老党员",), "liaison": ("老交通员",),
    "soviet_cadre": ("老苏区干部",), "stronghold": ("堡垒户", "老堡垒户"),
    "hong_kong_macao": ("港澳老战士和烈属", "港澳老战士"),
})  # fmt: skip
HOUSEHOLD_KINDS: Final = _plain("户籍类别", "优抚系统; 旧称农业、非农业", {
    "1": ("农村", "农业", "农业户口", "农村户籍"), "2": ("城镇", "非农业", "非农", "城镇户籍", "居民户口"),
})  # fmt: skip
HOUSEHOLD_TYPES: Final = _plain("户别", "户口登记条例", {"family": ("家庭户",), "collective": ("集体户", "集体户口")})
STUDY_WAYS: Final = _plain("学习形式", "信息采集表 D", {
    "full_time": ("全日制", "全日制教育"), "continuing": ("继续教育", "在职教育", "函授", "自考", "成人教育"),
})  # fmt: skip
TRAININGS: Final = _plain("培训类型", "信息采集表 J", {
    "adapting": ("适应性培训", "适应性"), "individual": ("个性化培训", "个性化"), "degree": ("学历教育",),
    "skill": ("职业技能培训", "职业技能"), "venture": ("创业培训", "创业"), "mental": ("心理调适",), "other": ("其他",),
})  # fmt: skip
JOB_STATES: Final = _plain("就业状态", "信息采集表 J", {
    "employed": ("就业", "已就业", "在职"), "flexible": ("灵活就业", "零工"), "farming": ("务农", "在家务农"),
    "venture": ("自主创业", "创业"), "unemployed": ("未就业", "待业", "失业"), "studying": ("在读", "上学"),
    "retired": ("退休", "已退休"), "unable": ("无劳动能力",),
})  # fmt: skip
SOLDIER_STATES: Final = _plain("军人状态", "信息采集表 K", {
    "martyr": ("烈士",), "fallen": ("因公牺牲", "因公牺牲军人"), "died": ("病故", "病故军人"),
    "serving": ("现役", "服役中", "现役军人"),
})  # fmt: skip
OCCUPATIONS: Final = _plain("从业状况", "GB/T 2261.4-2003", benefits.OCCUPATION)
DISABILITY_KINDS: Final = _plain("伤残属别", "优抚系统", benefits.DISABILITY_KINDS)
PERIODS: Final = _plain("伤残时期", "优抚系统", {
    code: (word, "建国以后", "和平时期") if code == "3" else word for code, word in benefits.PERIODS.items()
})  # fmt: skip

TABLES: Final[Mapping[str, DatedTable]] = MappingProxyType({
    "service_branch": military.SERVICES,
    "rank": military.RANKS,
    "discharge_paper": military.DISCHARGE_PAPERS,
    "honour": military.HONOURS,
    "settlement_way": settlement.WAYS,
    "work_ground": settlement.WORK_GROUNDS,
    "war_service": WAR_SERVICES,
    "war_benefit": WAR_BENEFITS,
    "proof": PROOFS,
    "nuclear_service": NUCLEAR_SERVICES,
    "medical": MEDICAL,
    "pension": PENSION,
    "support": SUPPORT,
    "work_ability": WORK_ABILITY,
    "self_care": SELF_CARE,
    "entitled_state": ENTITLED_STATES,
    "life_cycle": LIFE_CYCLE,
    "national_state": NATIONAL_STATES,
    "change": CHANGES,
    "demand": DEMANDS,
    "martyr_relation": MARTYR_RELATIONS,
    "other_holder": OTHER_HOLDERS,
    "household_kind": HOUSEHOLD_KINDS,
    "household_type": HOUSEHOLD_TYPES,
    "study_way": STUDY_WAYS,
    "training_kind": TRAININGS,
    "job_state": JOB_STATES,
    "soldier_state": SOLDIER_STATES,
    "occupation": OCCUPATIONS,
    "disability_kind": DISABILITY_KINDS,
    "period": PERIODS,
})  # fmt: skip
"""By the name fields of the 信息采集表 give them."""
SUGGESTED: Final = frozenset({"service_branch", "rank", "life_cycle"})
"""Tables whose fields keep what the paper says: any word is taken, these are offered and checked by."""
