"""What the village does in the demonstration: people from Excel, a round of money, visits, a case, papers."""

from collections import Counter
from pathlib import Path
from typing import Any, Final

from app import clock, durable
from app.cli.demonstration.desk import VILLAGE
from app.cli.demonstration.tour import Tour, hold
from app.documents import workbook
from app.rules import made_up, made_up_sheets
from app.rules.money import format_grouped, parse_yuan
from app.services import divisions

PER_FILE: Final = 200
VILLAGE_NAME: Final = "林源村"
ROSTER_SIZE: Final = 44
"""Lines of the signature sheet: more than two pages of it."""
PAID, RETURNED, MISSING = "paid", "returned", "missing"
STANDARDS: Final = (
    {"amount": "1000.00", "codes": ["11"], "label": "残疾军人"},
    {"amount": "800.00", "codes": ["21", "41", "42"], "label": "烈属、复员、带病回乡"},
    {"amount": "600.00", "codes": ["51", "61", "81"], "label": "参战参试、农村老年"},
    {"amount": "300.00", "codes": [], "label": "其他退役军人"},
)
RARE: Final = (*made_up.RARE_NAMES, *(name for name, _ in made_up.MINORITY_NAMES))
"""Names that show whether the fonts and the cells are good enough; the rarest first."""
APPLIED: Final = "5000.00"
PROPOSED: Final = "4000.00"


def write_sheets(tour: Tour) -> str:
    """Rosters as villages really send them, some hundred rows a file."""
    today = clock.today()
    people = made_up.people(tour.persons, tour.rng, [VILLAGE.scope], today=today, names=divisions.national())
    for number, start in enumerate(range(0, len(people), PER_FILE), start=1):
        some = people[start : start + PER_FILE]
        sheet = made_up_sheets.messy_sheet(some, tour.rng, village=VILLAGE_NAME, today=today)
        path = tour.root / "excel" / f"{VILLAGE_NAME}花名册-{number}.xlsx"
        with durable.speaking("写 Excel 名单", path):
            durable.write_file(path, workbook.messy([sheet]))
        tour.sheets.append(sheet)
        tour.files.append(path)
    rows = sum(len(sheet.rows) for sheet in tour.sheets)
    return f"{len(tour.files)} 个文件, {rows} 行, 其中人员 {tour.persons} 人"


def bring_in(tour: Tour) -> str:
    """Rehearse, prove that nothing changed, import, compare with what was planted in the sheets."""
    desk = tour.village
    before = desk.run("store", "digest")
    rehearsed = desk.run("person", "import", *tour.files, "--rehearse")
    hold(desk.run("store", "digest") == before, "只核对也改动了数据")
    done = desk.run("person", "import", *tour.files)
    sums = {name: done[name] for name in ("added", "changed", "same", "asked", "pending", "dropped")}
    hold(all(rehearsed[name] == count for name, count in sums.items()), "核对时说的和导入后的不一样")
    hold(done["read"] == sum(sums.values()), f"读到 {done['read']} 行, 各堆合计 {sum(sums.values())}")
    wrong = _unlike(tour, done["rows"])
    hold(not wrong, f"有 {len(wrong)} 行的结果和名单里埋的不一样, 例如 {wrong[:3]}")
    found = desk.run("store", "status")["counts"]["person"]
    hold(found == sums["added"], f"入库 {sums['added']} 人, 数据里有 {found} 人")
    stored = sums["added"] + sums["changed"] + sums["same"]
    waiting = sums["asked"] + sums["pending"]
    return f"读到 {done['read']} 行 = 入库 {stored} + 待核 {waiting} + 不导入 {sums['dropped']}"


def _unlike(tour: Tour, rows: list[dict[str, Any]]) -> list[str]:
    """Rows whose fate differs from the one planned: bad rows must wait, furniture must be left out."""
    said = {(row["file"], row["row"]): row["fate"] for row in rows}
    out = []
    for path, sheet in zip(tour.files, tour.sheets, strict=True):
        for expected in sheet.expected:
            fate = said.get((path.name, expected.number))
            right = {"ready": ("added", "changed", "same", "asked"), "pending": ("pending", "asked", "same")}
            if fate not in right.get(expected.fate, (expected.fate,)):
                out.append(f"{path.name} 第 {expected.number} 行({expected.hazard}): {fate}")
    return out


def work_off(tour: Tour) -> str:
    """Put one waiting row right by hand, leave one out for good, give the others back as Excel."""
    desk = tour.village
    waiting = desk.run("person", "pending")["pendings"]
    rows = {
        (path.name, expected.number): expected.hazard
        for path, sheet in zip(tour.files, tour.sheets, strict=True)
        for expected in sheet.expected
    }
    fixable = [row for row in waiting if rows.get((row["file"], row["row"])) == "phone too short"][:1]
    for row in fixable:
        desk.run("person", "pending fix", row["id"], "phone=16412345678")
    dropped = [row for row in waiting if row not in fixable][:1]
    for row in dropped:
        desk.run("person", "pending drop", row["id"])
    settled = len(fixable) + len(dropped)
    left = desk.run("person", "pending export", tour.root / "excel" / "待核名单.xlsx")["pendings"]
    hold(left == len(waiting) - settled, f"待核 {len(waiting)} 行, 处理后还剩 {left} 行")
    return f"待核 {len(waiting)} 行, 补正 {len(fixable)} 行, 不导入 {len(dropped)} 行, 其余 {left} 行已写出 Excel"


def plan(tour: Tour) -> str:
    """A round of money with its standards; the people proposed, the rare names among them."""
    desk = tour.village
    year = clock.today().year
    given = {"name": f"{year}年春节走访慰问", "year": year, "festival": "spring", "source": "county", "way": "cash"}
    tour.campaign = desk.run("campaign", "add", "-", stdin=given | {"standard": list(STANDARDS)})["id"]
    candidates = desk.run("campaign", "candidates", tour.campaign)["candidates"]
    hold(len(candidates) > 0, "一个人也没有推荐出来")
    chosen = sorted(candidates, key=lambda one: one["name"] not in RARE)[:ROSTER_SIZE]
    for one in chosen:
        desk.run("campaign", "line add", tour.campaign, one["person"], "--amount", one["amount"])
    tour.lines = desk.run("campaign", "show", tour.campaign)["lines"]
    hold(len(tour.lines) == len(chosen), "名单的行数不对")
    tour.applicant = chosen[-1]["person"]
    planned = sum(parse_yuan(line["amount"]) for line in tour.lines)
    return f"推荐 {len(candidates)} 人, 列入 {len(chosen)} 人, 应发 {format_grouped(planned)} 元"


def print_roster(tour: Tour) -> str:
    """The sheet to be signed; its lines are frozen from now on."""
    desk = tour.village
    out = tour.root / "pdf" / "F04-慰问金签领表.pdf"
    printed = desk.run("campaign", "roster", tour.campaign, "--out", out)
    tour.roster, tour.lines = printed["roster"], printed["lines"]
    _is_pdf(out)
    hold(not printed["missing"], f"有字没有字体: {printed['missing']}")
    hold([line["number"] for line in tour.lines] == list(range(1, len(tour.lines) + 1)), "序号不连续")
    return f"{printed['number']}, {len(tour.lines)} 行"


def visit(tour: Tour) -> str:
    """Visits to the first ten on the sheet."""
    desk, today = tour.village, clock.today().isoformat()
    for line in tour.lines[:10]:
        given = {
            "person": line["person"],
            "date": today,
            "place": "本人家中",
            "companions": "周敏、村支书",
            "campaign": tour.campaign,
            "note": "身体尚好, 送去慰问金并转达问候。",
        }
        desk.run("visit", "add", "-", stdin=given)
    listed = desk.run("visit", "list")["visits"]
    hold(len(listed) == len(tour.lines[:10]), f"登记了 {len(tour.lines[:10])} 次, 列出 {len(listed)} 次")
    return f"{len(listed)} 次"


def pay(tour: Tour) -> str:
    """Most have come, one gave it back, one was not to be found; the sums must add up to the fen."""
    desk = tour.village
    results = Counter[str]()
    for line in tour.lines:
        result = RETURNED if line["number"] == len(tour.lines) else MISSING if line["number"] == 3 else PAID
        words = ["--reason", {RETURNED: "本人自愿缴回", MISSING: "外出务工"}[result]] if result != PAID else []
        desk.run("campaign", "pay", line["id"], f"--{result}", *words)
        results[result] += 1
    sums = _sums(tour)
    hold(sums["planned"] == sums["paid"] + sums["returned"] + sums["open"], f"金额对不上: {sums}")
    hold(sums["open"] > 0 and sums["returned"] > 0, f"缴回和未领没有记上: {sums}")
    return (
        f"应发 {format_grouped(sums['planned'])} = 实发 {format_grouped(sums['paid'])} + 缴回 "
        f"{format_grouped(sums['returned'])} + 未了 {format_grouped(sums['open'])} 元"
    )


def _sums(tour: Tour) -> dict[str, int]:
    shown = tour.village.run("campaign", "show", tour.campaign)
    return {name: parse_yuan(shown[name]) for name in ("planned", "paid", "returned", "open")}


def open_case(tour: Tour) -> str:
    """A hardship case with the village's own two steps."""
    desk = tour.village
    given = {
        "person": tour.applicant,
        "kind": "medical",
        "reason": "本人今年 3 月因病住院两次, 自付费用较大, 家中缺少劳动力, 生活暂时困难。",
        "amount": APPLIED,
        "family_income": "18600.00",
        "family_size": 3,
    }
    tour.case = desk.run("case", "open", "-", stdin=given)["id"]
    desk.run("case", "step", tour.case, "apply", "-", stdin={"result": "pass", "opinion": "材料齐全, 予以受理。"})
    opinion = {"result": "pass", "opinion": "入户核实, 情况属实, 公示无异议, 同意上报。", "amount": PROPOSED}
    shown = desk.run("case", "step", tour.case, "first_review", "-", stdin=opinion)
    hold(shown["next"] == [{"step": "township_review", "level": "township"}], f"下一步不对: {shown['next']}")
    return f"申请 {format_grouped(parse_yuan(APPLIED))} 元, {shown['state']}"


def print_case(tour: Tour) -> str:
    """The form to be signed; the signed sheet comes back as a scan (here: the same PDF) and is attached."""
    desk = tour.village
    out = tour.root / "pdf" / "F07-困难帮扶审批表.pdf"
    printed = desk.run("form", "print", "F07", "--for", f"case:{tour.case}", "--out", out)
    tour.attached = _is_pdf(out)
    hold(not printed["missing"], f"有字没有字体: {printed['missing']}")
    added = desk.run("attach", "add", "--to", f"case:{tour.case}", out, "--note", "已签字的审批表扫描件")
    tour.attachment = added["id"]
    return f"{printed['number']}, 附件 {len(tour.attached) // 1024} KB"


def certify(tour: Tour) -> str:
    """A certificate for the one on the sheet whose name fewest fonts have."""
    out = tour.root / "pdf" / "F14-证明.pdf"
    rank = {name: place for place, name in enumerate(RARE)}
    chosen = min(tour.lines, key=lambda line: rank.get(line["name"], len(rank)))
    subject = f"person:{chosen['person']}"
    printed = tour.village.run(
        "form", "print", "F14", "--for", subject, "--out", out, "--purpose", "申请临时救助", "--kind", "benefit"
    )
    _is_pdf(out)
    hold(not printed["missing"], f"有字没有字体: {printed['missing']}")
    return f"{printed['number']}, {chosen['name']}"


def _is_pdf(path: Path) -> bytes:
    data = path.read_bytes()
    hold(data.startswith(b"%PDF-") and b"%%EOF" in data[-32:], f"{path.name} 不是完整的 PDF")
    return data
