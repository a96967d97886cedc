"""Which certificates (F14) a station may issue, on what ground, and what else to do where it may not."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from app.rules import levels


@dataclass(frozen=True)
class CertificateKind:
    """A kind of certificate: its title words, the lowest level that may issue it, what it rests on."""

    code: str
    label: str
    lowest: str
    basis: str


KINDS: Mapping[str, CertificateKind] = MappingProxyType(
    {
        kind.code: kind
        for kind in (
            CertificateKind("benefit", "享受待遇情况", "village", "本站服务对象登记和抚恤优待档案"),
            CertificateKind("help", "走访帮扶情况", "village", "本站走访慰问和帮扶援助台账"),
            CertificateKind("registered", "登记在册情况", "township", "本站退役军人信息采集登记"),
            CertificateKind("service", "服役情况", "county", "退役军人档案"),
        )
    }
)

# 民发〔2020〕20号: kinds that village committees no longer issue; right of each the words by which people ask for it.
BANNED_IN_VILLAGES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "亲属关系": ("亲属关系", "亲子关系", "父子关系", "母子关系", "夫妻关系"),
        "居民身份信息": ("居民身份", "身份信息", "同一人"),
        "健在": ("健在", "生存状况"),
        "死亡": ("死亡", "去世"),
        "婚姻状况": ("婚姻", "未婚", "已婚", "单身"),
        "疾病状况": ("疾病", "患病"),
        "残疾状况": ("残疾状况", "残疾情况"),
        "就业状况": ("就业", "失业", "无业"),
        "财产状况": ("财产", "房产", "收入状况"),
        "证件遗失": ("证件遗失", "遗失", "丢失"),
    }
)


def asked_for(text: str) -> str:
    """Which of the banned kinds a wording asks for (`健在证明`); empty if none.

    Only the wording of a certificate counts: 办理残疾军人证 as a purpose is no certificate of disability.
    """
    plain = "".join(text.split())
    if "证明" not in plain:
        return ""
    for kind, words in BANNED_IN_VILLAGES.items():
        if any(f"{word}{of}证明" in plain for word in (kind, *words) for of in ("", "的", "状况", "状况的", "情况")):
            return kind
    return ""


def problem(kind: str, wording: str, level: str) -> str:
    """Why a unit of a level may not issue a certificate, in Chinese; empty if it may."""
    if level == "village" and (
        banned := asked_for(wording) or asked_for(kind if kind.endswith("证明") else f"{kind}证明")
    ):
        return f'"{banned}证明"不由村里开(民发〔2020〕20号)。可打印办事指引给来人。'
    found = KINDS.get(kind)
    if found is None:
        offered = ", ".join(f"{code}({k.label})" for code, k in KINDS.items() if not levels.above(k.lowest, level))
        return f"没有“{kind[:20]}”这种证明, 本站可以开: {offered}。"
    if levels.above(found.lowest, level):
        return f"“{found.label}”证明由{levels.NAMES[found.lowest]}出具, 本站不能开。可打印办事指引给来人。"
    return ""
