"""The sentences of the exchange: what was written, what came in, what would; without a window."""

from collections.abc import Sequence
from typing import Final

from app import clock
from app.rules import levels
from app.services.field_values import shown_steps
from app.sync.counter import Found, Line, Overview, Seen
from app.sync.jobs import Sent, TakenAll

HEAPS: Final = {
    "new": "新增", "changed": "修改", "difference": "两边填的不一样", "refused": "退回修改", "held": "先放好",
}  # fmt: skip
STATES: Final = {
    "ready": "可以接收", "taken": "收过了", "own": "本站生成的", "foreign": "不是给本站的", "stranger": "没有登记过的单位",
    "broken": "坏了",
}  # fmt: skip
STATUSES: Final = {"invited": "待开通", "active": "使用中", "revoked": "已停用"}


def size(count: int) -> str:
    """Bytes as people say them."""
    if count < 1_000_000:
        return f"{max(1, count // 1_000)} KB"
    if count < 1_000_000_000:
        return f"{count / 1_000_000:.1f} MB"
    return f"{count / 1_000_000_000:.0f} GB"


def moment(ms: int) -> str:
    """A day and a time of day; empty for never."""
    return clock.moment_text(ms)[:16].replace("T", " ") if ms else ""


def day(ms: int) -> str:
    """11 月 3 日; with the year where it is another one."""
    found = clock.day_of(ms)
    year = "" if found.year == clock.today().year else f"{found.year} 年 "
    return f"{year}{found.month} 月 {found.day} 日"


def waiting(seen: Overview) -> str:
    """One line: what has not gone up, what waits for a receipt, what went last."""
    if not seen.parent:
        return "本单位还没有上级。上级给了开通文件以后, 就可以上报。" if not seen.children else ""
    said = f"未上报 {seen.unsent} 件, 已上报待回执 {seen.waiting} 件。"
    last = next((row for row in seen.packages if row.outward and row.peer == seen.parent), None)
    if last is not None:
        said += f"最近一个上报包: 第 {last.number} 号, {day(last.moment)}。"
    return said


def receipts(seen: Overview) -> list[str]:
    """One line for each superior that has said what it holds."""
    out = []
    for row in seen.receipts:
        level = levels.RECEIVED.get(row.level, f"{row.name}已收")
        if not row.moment:
            out.append(f"{row.name}: 还没有回执。")
        elif row.held >= row.total:
            out.append(f"{row.name}: {level}, 本站的事项全部收到({day(row.moment)})。")
        else:
            out.append(f"{row.name}: {level} {row.held} 件, 还差 {row.total - row.held} 件({day(row.moment)})。")
    return out


def sent(done: Sent, *, up: bool) -> str:
    """What was written, and what to do with it now."""
    name = "上报包" if up else "回包"
    lacking = f", 另有 {done.lacking} 个附件的内容不在本机, 下次自动补" if done.lacking else ""
    nothing = "没有新的事项, 只带回执。" if not done.groups else ""
    return (
        f"给{done.to}的第 {done.number} 号{name}已生成: 事项 {done.groups} 件, 改动 {done.changes} 处, "
        f"附件 {done.attachments} 个{lacking}, 共 {size(done.bytes)}。{nothing}\n文件: {done.file}\n"
        f"已读回核对, 可以拔出 U 盘, 交给{done.to}。没有收到回执之前, 下一个包会再带上这些, 丢了也不要紧。"
    )


def seen_line(one: Seen, *, rehearsed: bool) -> str:
    """What became of one package, or what would."""
    title = f"{one.sender_name} 第 {one.number} 号包" if one.number else one.sender_name
    if one.error:
        return f"{title}: {one.error}"
    if one.note and not one.accepted + one.refused + one.held:
        return f"{title}: {one.note}"
    total = one.accepted + one.known + one.refused + one.held
    would = "会" if rehearsed else ""
    said = f"{title}: 只带回执, 没有新的事项。"
    if total:
        said = (
            f"{title}: 读到 {total} 件事项: {would}入库 {one.accepted}, 已有 {one.known}, 退回修改 {one.refused}, "
            f"先放好 {one.held}, 合计 {total}。"
        )
    if one.differences:
        said += f"两边填的不一样 {one.differences} 项, 两边的内容都在, 由您来定。"
    if one.missing:
        number = "、".join(one.missing)
        said += f"收到第 {one.number} 号包, 前面还缺第 {number} 号。已先放好, 等第 {number} 号到了一起入库。"
    if one.missing_files:
        said += f"还缺 {one.missing_files} 个附件, 下次交换时自动补。"
    return said + one.note


def taken(done: TakenAll) -> str:
    """All packages, the answers, what could not be written."""
    lines = [seen_line(one, rehearsed=False) for one in done.seen]
    if done.stopped:
        lines.append("已停止: 上面这些已经收好, 其余的包还在 U 盘上, 没有动。")
    if done.answers:
        names = "、".join(dict.fromkeys(answer.to for answer in done.answers))
        lines.append(f"回包已写到同一个 U 盘: {names}。可以拔出, 请对方带回去接收。")
    return "\n".join([*lines, *done.troubles])


def found_words(one: Found) -> str:
    """Beside a package of the list."""
    return one.words or (f"{one.groups} 件事项" if one.groups else "只带回执")


def line_words(line: Line) -> str:
    """One row of a rehearsal."""
    if line.steps:
        return "; ".join(shown_steps(line.kind, [(step.field, step.old, step.new) for step in line.steps]))
    who = " ".join(part for part in (line.unit, line.who, moment(line.when)) if part)
    return f"{line.words}({who})" if who else line.words


def counts(packages: Sequence[Seen]) -> dict[str, int]:
    """How many lines each heap has, over all packages."""
    out = dict.fromkeys(HEAPS, 0)
    for one in packages:
        for line in one.lines:
            out[line.heap] += 1
    return out
