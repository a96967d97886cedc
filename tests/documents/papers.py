"""The made-up papers the document tests print."""

import datetime as dt

from app.documents.case_form import Applicant, CaseForm, Member, Need, Notice, Opinion, Package
from app.documents.certificate import Certificate
from app.documents.roster import RosterLine, RosterSheet

LONG_NAME = "阿卜杜热合曼·买买提图尔荪·阿卜杜拉江库尔班艾合"
NAMES = ("张三", "欧阳䶮", "㛃𠮷", LONG_NAME, "王𬱖㼆", "郎\uf92c", "李淑芬")
ID_NUMBER = "360121195001010016"
PRINTED = dt.datetime(2027, 1, 20, 9, 30, tzinfo=dt.timezone(dt.timedelta(hours=8)))
LONG_TEXT = "因脑梗死住院治疗, 医疗费用合计86,000.00元, 医保报销后自付32,415.60元, 家庭无其他收入来源。" * 25


def line(seq: int, **changed: object) -> RosterLine:
    values = {
        "seq": seq,
        "name": NAMES[(seq - 1) % len(NAMES)],
        "id_number": ID_NUMBER,
        "category": "60周岁农村籍退役士兵",
        "village_group": "桥头村三组",
        "standard": "春节慰问金",
        "amount": 50_000,
        "remark": "",
    }
    return RosterLine(**(values | changed))  # type: ignore[arg-type]


def sheet(count: int, **changed: object) -> RosterSheet:
    values = {
        "station": "桥头镇桥头村退役军人服务站",
        "phone": "0791-88001234",
        "title": "2027年两节慰问金签领表",
        "number": "桥退服字〔2027〕第0012号",
        "version": 1,
        "source": "县级资金",
        "method": "现金",
        "day": dt.date(2027, 1, 21),
        "printed_at": PRINTED,
        "printed_by": "刘敏",
        "lines": tuple(line(i + 1) for i in range(count)),
    }
    return RosterSheet(**(values | changed))  # type: ignore[arg-type]


def paper(**changed: object) -> Certificate:
    values = {
        "station": "桥头镇退役军人服务站",
        "phone": "0791-88001234",
        "number": "桥退服字〔2027〕第0012号",
        "version": 1,
        "person": "欧阳䶮",
        "id_number": ID_NUMBER,
        "body": f"兹证明欧阳䶮，男，身份证号{ID_NUMBER}，系我镇桥头村退役军人。\n经核实，该同志享受老年生活补助。",
        "basis": "退役证原件",
        "purpose": "办理医疗保险缴费补助",
        "issued_on": dt.date(2026, 8, 1),
        "valid_until": dt.date(2026, 8, 31),
        "handler": "刘敏",
        "signer": "陈国强",
        "printed_at": PRINTED,
        "printed_by": "刘敏",
    }
    return Certificate(**(values | changed))  # type: ignore[arg-type]


def member(number: int) -> Member:
    return Member(f"𠮷㛃{number}", "子女", "41", "360121198501010014", "务农", "良好", 600_000)


def applicant() -> Applicant:
    return Applicant(
        name=LONG_NAME,
        sex="男",
        birth="1950-01",
        ethnic="维吾尔族",
        id_number=ID_NUMBER,
        phone="13800000000",
        registered_address="江西省南昌市南昌县桥头镇桥头村三组12号",
        home_address="同上",
        category="60周岁农村籍退役士兵",
        enlisted="1968-03",
        discharged="1973-02",
        certificate="赣退字第012345号",
        bank="农业银行桥头支行",
        account_name=LONG_NAME,
        account="6228480000000000000",
    )


def form(**changed: object) -> CaseForm:
    need = Need(
        kind="重大疾病",
        cause="2026年3月因脑梗死住院，自付32,415.60元。",
        asked=500_000,
        own_cost=3_241_560,
        household_size=3,
        income=1_850_000,
        income_sources="养老金、子女打工",
        other_help="低保",
        last_help="2025年1月，1,000.00元",
        year_count=1,
        year_amount=100_000,
    )
    values = {
        "station": "桥头镇桥头村退役军人服务站",
        "phone": "0791-88001234",
        "number": "桥帮字〔2026〕第0003号",
        "version": 1,
        "printed_at": PRINTED,
        "printed_by": "刘敏",
        "applicant": applicant(),
        "need": need,
        "members": (member(1), member(2)),
        "applied_on": dt.date(2026, 9, 1),
        "investigation": Opinion("入户查看，情况属实。", "", dt.date(2026, 9, 3)),
        "investigators": ("刘敏", "陈国强"),
        "village": Opinion("经村民代表评议，同意上报。", "周建华", dt.date(2026, 9, 12)),
        "notice": Notice(dt.date(2026, 9, 4), dt.date(2026, 9, 10), "未收到异议"),
        "township": Opinion(
            "建议给予帮扶。", "黄志远", dt.date(2026, 9, 15), 480_000, Package("桥头镇退役军人服务站", 7)
        ),
        "county_office": Opinion("拟同意。", "李明", dt.date(2026, 9, 18)),
        "county_deputy": Opinion("同意。", "王芳", dt.date(2026, 9, 19)),
        "county_head": Opinion("同意。", "赵军", dt.date(2026, 9, 20), 450_000, Package("南昌县退役军人事务局", 12)),
        "approved": 450_000,
        "approval_number": "南退役批〔2026〕18号",
        "papers": "身份证、户口簿、退役证、诊断证明",
    }
    return CaseForm(**(values | changed))  # type: ignore[arg-type]
