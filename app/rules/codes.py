"""Every list of codes by the name that fields give it: what a code is called on the screen and on paper."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from app.rules import benefits, campaign, certificates, hardship, levels, register_codes
from app.rules.cell_values import NO_ID_REASONS

# domain §2.2; a bureau may add its own.
TRIGGERS: Final = MappingProxyType({
    "JR": "重要节日", "ZC": "常态化联系", "KN": "遇到困难", "BG": "重大变故", "TY": "退役返乡", "RW": "入伍",
    "LG": "立功受奖", "YM": "英模典型", "QT": "其他",
})  # fmt: skip

LISTS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType({
    "benefit_code": benefits.BENEFIT_CODES,
    "benefit_state": {"正常": "正常", "待续办": "待续办", "已停发": "已停发"},
    "campaign_status": campaign.STATES,
    "certificate_kind": {kind.code: kind.label for kind in certificates.KINDS.values()},
    "case_step": {rule.code: rule.label for rule in hardship.DEFAULT.steps},
    "class12": benefits.COLLECTION_CLASSES,
    "death_cause": {"illness": "病故", "age": "年老去世", "accident": "意外", "wound": "旧伤复发", "service": "牺牲", "other": "其他"},
    "disability_level": benefits.DISABILITY_LEVELS,
    "disability_nature": benefits.DISABILITY_NATURES,
    "division_kind": {"village": "村", "community": "社区", "township": "乡镇", "street": "街道", "other": "其他"},
    "education": benefits.EDUCATION,
    "ethnicity": benefits.ETHNICITY,
    "festival": campaign.FESTIVALS,
    "handover_answer": {"accepted": "同意接收", "declined": "不接收"},
    "hardship_kind": hardship.KINDS,
    "health": benefits.HEALTH,
    "level": levels.NAMES,
    "marital": benefits.MARRIAGE,
    "money_source": campaign.SOURCES,
    "money_way": campaign.WAYS,
    "no_id_reason": NO_ID_REASONS,
    "node_status": {"invited": "待开通", "active": "使用中", "revoked": "已停用"},
    "pair_verdict": {"distinct": "不是同一人", "residence": "人户分离", "handover": "关系转接", "merged": "同一人, 已并入"},
    "paper_status": {"reserved": "已编号, 还没打印好", "printed": "已出具", "void": "作废"},
    "payment_result": campaign.LINE_STATES,
    "pending_fate": {"waiting": "待核", "stored": "已入库", "dropped": "不导入"},
    "person_status": {"collecting": "采集中", "registered": "在册", "suspended": "暂停", "dead": "去世", "moved": "迁出", "cancelled": "取消"},
    "political": benefits.POLITICS,
    "relation": benefits.RELATION,
    "role": {"clerk": "经办", "reviewer": "审核", "administrator": "管理"},
    "roster_status": {"printed": "已打印定稿", "void": "作废"},
    "sex": benefits.SEX,
    "staff_status": {"active": "在岗", "left": "停用"},
    "step_result": hardship.RESULTS,
    "visit_level": {"province": "省", "city": "市", "county": "县", "township": "乡镇", "village": "村", "society": "社会", "unit": "单位"},
    "visit_trigger": TRIGGERS,
    **{
        name: {code: dated.words for code, dated in table.codes.items()}
        for name, table in register_codes.TABLES.items()
        if name not in register_codes.SUGGESTED
    },
})  # fmt: skip


def label(list: str, code: str | None) -> str:
    """What a code is called; a code nobody knows stands for itself."""
    return LISTS.get(list, {}).get(code or "", code or "")
