"""Where to go for a certificate a station does not issue: who does it, what it is asked for with, what to say instead.

Villages no longer certify what 民发〔2020〕20号 names; the person at the counter still needs an answer. The offices are
named by what they do, because their names differ from place to place.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from app.rules import certificates, levels


@dataclass(frozen=True)
class Guide:
    """办事指引 for one kind of certificate: `who` issues or proves it, `bring` what to take along, `instead` what often will do."""

    kind: str
    who: str
    bring: str
    instead: str


_GUIDES = (
    Guide(
        "亲属关系", "公安派出所(户籍)、婚姻登记机关, 或公证处",
        "双方身份证、户口簿; 结婚证、出生医学证明等能说明关系的证件",
        "户口簿、结婚证、出生医学证明上已经写明关系的, 直接出示原件即可。",
    ),
    Guide("居民身份信息", "公安派出所(户籍)", "居民身份证、户口簿", "居民身份证、户口簿就是身份信息的证明, 出示原件即可。"),
    Guide(
        "健在", "发放待遇的单位(社会保险经办机构、退役军人事务局等)的资格认证",
        "本人身份证; 本人到场, 或用手机人脸认证",
        "一般用手机或到服务大厅做资格认证, 不需要纸质证明; 行动不便的, 可以请服务站帮忙联系上门认证。",
    ),
    Guide(
        "死亡", "医疗卫生机构(正常死亡)、公安机关(非正常死亡); 户口注销由公安派出所办",
        "逝者身份证、户口簿, 申报人身份证", "居民死亡医学证明(推断)书、户口注销证明、火化证明都可以说明。",
    ),
    Guide("婚姻状况", "民政部门婚姻登记机关", "本人身份证、户口簿", "结婚证、离婚证出示原件即可; 也可以由本人书面声明并承诺。"),
    Guide("疾病状况", "就诊的医疗机构", "本人身份证、病历、医保卡", "诊断证明、出院记录、费用票据由医院出具。"),
    Guide(
        "残疾状况", "残疾人联合会(残疾人证); 残疾军人由退役军人事务局(残疾军人证)",
        "本人身份证、户口簿, 已有的评残材料", "残疾人证、残疾军人证出示原件即可。",
    ),
    Guide("就业状况", "人力资源社会保障部门的就业服务机构", "本人身份证", "就业失业登记、社会保险缴费记录都可以说明。"),
    Guide(
        "财产状况", "不动产登记机构、车辆管理所、银行等登记或保管的单位",
        "本人身份证", "办救助时由民政等部门依本人授权核对, 不需要自己开证明。",
    ),
    Guide(
        "证件遗失", "原来发证的机关; 退役证件由县(市、区)退役军人事务局",
        "本人身份证、照片, 能说明原证件的材料(档案、复印件等)", "向发证机关说明遗失经过, 由它挂失、补发或出具说明。",
    ),
)  # fmt: skip
GUIDES: Mapping[str, Guide] = MappingProxyType({guide.kind: guide for guide in _GUIDES})
_ABOVE: Mapping[str, Guide] = MappingProxyType(
    {
        "registered": Guide(
            "登记在册情况", "乡镇(街道)退役军人服务站", "本人身份证、退役证件", "服务站可以先查登记, 告诉您要带什么。"
        ),
        "service": Guide(
            "服役情况", "县(市、区)退役军人事务局", "本人身份证、退役证件(遗失的说明经过)",
            "由县局按退役军人档案出具; 服务站可以先帮您联系。",
        ),
    }
)  # fmt: skip


def guide_for(kind: str, wording: str, level: str) -> Guide | None:
    """The guide for what a unit of a level may not certify; None where it may, or where nobody knows the kind."""
    if level == "village":
        banned = certificates.asked_for(wording) or certificates.asked_for(f"{kind}证明") or kind
        if banned in GUIDES:
            return GUIDES[banned]
    known = certificates.KINDS.get(kind)
    if known is not None and levels.above(known.lowest, level):
        return _ABOVE.get(kind)
    return None
