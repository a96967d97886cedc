"""`exchange`: packages out and in, what waits, two answers, what came back."""

import argparse
import re
from typing import Any

from app import clock
from app.cli.frame import Call, command, table
from app.cli.wording import place
from app.errors import BadInput
from app.models import fields_of, kinds
from app.services import field_values, rights, settling
from app.services.following_up import follow_up
from app.sync import conflicts, enrolment, incoming, outgoing, overview, refusals, splitting
from app.sync.exchange import Exchange


def _exchange(call: Call) -> Exchange:
    return Exchange(call.desk.db, call.desk.folder)


def _export_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--to", required=True)
    parser.add_argument("--out", type=place, required=True)
    parser.add_argument("--split", type=str, help="分成每份不超过这么大: 64M, 2G …")


def _show_export(document: dict[str, Any]) -> str:
    lacking = f"(另有 {document['lacking']} 个附件的内容不在本机)" if document["lacking"] else ""
    rest = len(document["parts"]) - 1
    more = f" 等 {rest + 1} 份, 都要拷给对方, 先后不论" if rest else ""
    return (
        f"已生成 {document['file']}{more}\n"
        f"事项 {document['groups']} 件, 改动 {document['changes']} 处, 附件 {document['attachments']} 个{lacking}, "
        f"{document['bytes']} 字节。请拷贝给对方; 没有收到回执之前, 下一个包会再带上这些, 丢了也不要紧。"
    )


def _show_import(document: dict[str, Any]) -> str:
    lines = [_show_package(one) for one in document["packages"]] or ["这里没有数据包(.rgp)。没有改动任何数据。"]
    if document["rehearsed"]:
        lines.append("以上是先核对, 没有改动任何数据。")
    if document["conflicts"]:
        lines.append(f"两边填的不一样的有 {document['conflicts']} 项, 两边的内容都在。请用 exchange conflicts 查看。")
    return "\n".join([*lines, *document["followed"], *(f"回包: {answer}" for answer in document["answers"])])


def _show_package(one: dict[str, Any]) -> str:
    title = f"{one['file']}({one['name']})" if one["name"] else one["file"]
    if one["error"]:
        return f"{title}: {one['error']}"
    read = sum(one[name] for name in ("accepted", "known", "refused", "held"))
    said = (
        f"{title}: 读到 {read} 件事项: 入库 {one['accepted']}, 已有 {one['known']}, 退回修改 {one['refused']}, "
        f"先放好 {one['held']}, 合计 {read}。"
    )
    if one["missing"]:
        said += f" 还缺: {', '.join('附件' if name == 'attachments' else name for name in one['missing'])}。"
    return f"{said} {one['note']}" if one["note"] else said


def _show_status(document: dict[str, Any]) -> str:
    ways = {"in": "收到", "out": "发出"}
    packages = [{**one, "direction": ways[one["direction"]]} for one in document["packages"]]
    children = [{**one, "missing": ", ".join(one["missing"])} for one in document["children"]]
    headings = {"when": "时间", "direction": "", "number": "号", "file": "文件"}
    lines = [f"未上报 {document['unsent']} 件, 已上报待回执 {document['waiting']} 件", table(packages, headings)]
    if children:
        lines.append(
            table(children, {"name": "下级单位", "last": "最近收到", "missing": "前面还缺", "node": "单位编号"})
        )
    return "\n".join(lines)


def _show_conflicts(document: dict[str, Any]) -> str:
    lines = []
    for one in document["conflicts"]:
        lines.append(f"{one['label']}  {one['id']}")
        lines += [
            f"  {place}. {'(空)' if head['value'] is None else head['value']}  {head['unit']} {head['who']} {head['when']}"
            for place, head in enumerate(one["heads"], start=1)
        ]
    return "\n".join([*lines, "以哪个为准: exchange resolve 编号 --take 序号"] if lines else ["没有两边填的不一样的。"])


def _show_refused(document: dict[str, Any]) -> str:
    lines = [f"{one['act']}: {one['reason']}  编号 {one['id']}" for one in document["refused"]]
    way = "改好后: exchange resend 编号 字段=内容; 不要了: exchange drop 编号。内容都还在。"
    return "\n".join([*lines, way] if lines else ["没有退回修改的。"])


@command("exchange", "export", arguments=_export_arguments, show=_show_export)
def export(call: Call) -> dict[str, Any]:
    """Write a package for a neighbour."""
    rights.demand(call.desk, "exchange")
    split = splitting.parse_size(call.args.split) if call.args.split is not None else 0
    done = outgoing.export(_exchange(call), call.args.to, call.args.out, split=split)
    return {
        "package": done.package,
        "file": done.parts[0],
        "parts": list(done.parts),
        "groups": done.groups,
        "changes": done.changes,
        "attachments": done.attachments,
        "bytes": done.bytes,
        "lacking": done.lacking,
    }


def _import_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", type=place)
    parser.add_argument("--rehearse", action="store_true")
    parser.add_argument("--answer", type=place)


@command("exchange", "import", arguments=_import_arguments, show=_show_import)
def take(call: Call) -> dict[str, Any]:
    """Take packages; with --answer, write one back to each sender."""
    rights.demand(call.desk, "exchange")
    args, exchange = call.args, _exchange(call)
    taken = incoming.take_all(exchange, args.paths, rehearse=args.rehearse)
    call.desk.refresh()
    followed = [] if args.rehearse else follow_up(call.desk)
    answers: list[str] = []
    if args.answer is not None and not args.rehearse:
        fresh = _exchange(call)
        senders = dict.fromkeys(one.sender for one in taken if not one.error)
        answers = [outgoing.export(fresh, sender, args.answer).parts[0] for sender in senders]
    sums = {
        name: sum(getattr(one.counts, name) for one in taken)
        for name in ("accepted", "known", "refused", "held", "conflicts")
    }
    packages = [one.document | {"file": one.path.name, "name": one.sender_name} for one in taken]
    return {"packages": packages, **sums, "answers": answers, "rehearsed": args.rehearse, "followed": followed}


@command("exchange", "status", show=_show_status)
def status(call: Call) -> dict[str, Any]:
    """What is unsent, what waits for a receipt, who below has sent what."""
    rights.demand(call.desk, "read")
    return overview.status(_exchange(call))


@command("exchange", "conflicts", show=_show_conflicts)
def list_conflicts(call: Call) -> dict[str, Any]:
    """Fields on which two sides differ."""
    rights.demand(call.desk, "read")
    return {"conflicts": conflicts.listing(_exchange(call))}


def _resolve_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("conflict")
    parser.add_argument("--take", type=int)
    parser.add_argument("--value")


@command("exchange", "resolve", arguments=_resolve_arguments)
def resolve(call: Call) -> dict[str, Any]:
    """Settle a field: one of the answers by number, or another value."""
    args = call.args
    rights.demand(call.desk, "settle")
    if (args.take is None) == (args.value is None):
        raise BadInput("请写 --take 序号 或 --value 内容, 两者选一。")
    found = re.fullmatch(r"([a-z_]+):([0-9a-f-]{32,}):([a-z0-9_]+)", args.conflict)
    if found is None:
        raise BadInput(f"编号写法不对: {args.conflict}。应是 kind:record:field。")
    settling.demand(call.desk, found[1], found[3])
    value = None if args.value is None else _typed(found[1], found[3], args.value)
    return {"act": conflicts.resolve(_exchange(call), found[1], found[2], found[3], take=args.take, value=value)}


def _typed(kind: str, name: str, value: str) -> str:
    """A typed answer, checked as a form checks it and as plain text again. Raises BadInput."""
    if kind not in kinds() or name not in fields_of(kind):
        return value  # nothing here has two answers: the question itself is refused
    read = field_values.read(kind, {name: value}, clock.today())[name]
    return "" if read is None else str(field_values.outward(fields_of(kind)[name], read))


@command("exchange", "refused", show=_show_refused)
def list_refused(call: Call) -> dict[str, Any]:
    """Own acts a superior has sent back, and what waits behind them."""
    rights.demand(call.desk, "read")
    return {"refused": refusals.listing(_exchange(call))}


def _one_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id")


def _resend_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id")
    parser.add_argument("values", nargs="*")


@command("exchange", "resend", arguments=_resend_arguments)
def resend(call: Call) -> dict[str, Any]:
    """修改后重报: one new act with the values as last had, and with those given now."""
    rights.demand(call.desk, "write")
    exchange, given = _exchange(call), call.values(call.args.values)
    return {"act": refusals.resend(exchange, call.args.id, _corrected(exchange, call.args.id, given))}


def _corrected(exchange: Exchange, act: str, given: dict[str, Any]) -> dict[str, Any]:
    """Values given with 修改后重报, read as the forms of the records that were sent back read them. Raises BadInput."""
    back = [record["kind"] for one in refusals.listing(exchange) if one["id"] == act for record in one["records"]]
    problems: dict[str, str] = {}
    out: dict[str, Any] = {}
    for name, value in given.items():
        kind = next((kind for kind in back if kind in kinds() and name in field_values.writable(kind)), None)
        if kind is None:
            problems[name] = "没有这个字段"
            continue
        try:
            out |= field_values.read(kind, {name: value}, clock.today())
        except BadInput as error:
            problems |= error.problems
    if back:
        field_values.refuse(problems)
    return out


@command("exchange", "drop", arguments=_one_argument)
def drop(call: Call) -> dict[str, Any]:
    """放弃: leave a refused act out for good; it stays in the history."""
    rights.demand(call.desk, "write")
    return {"act": refusals.drop(_exchange(call), call.args.id)}


def _join_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=place)
    parser.add_argument("--code", required=True)
    parser.add_argument("--rehearse", action="store_true")


class _Rehearsed(Exception):
    pass


@command("exchange", "join", arguments=_join_arguments)
def join(call: Call) -> dict[str, Any]:
    """Join a parent with a store that has people already."""
    rights.demand(call.desk, "node")
    args, station = call.args, call.desk
    offer = enrolment.read(args.file, args.code)
    outside: list[str] = []
    try:
        with station.db.work(f"加入{offer.parent_name}") as work:
            outside = enrolment.join(station.db, work, offer)
            if args.rehearse:
                raise _Rehearsed
    except _Rehearsed:
        pass
    station.db.forget_origins()
    station.refresh()
    return {
        "node": offer.node,
        "scope": list(offer.scopes),
        "parent": offer.parent,
        "fingerprint": offer.fingerprint,
        "outside": outside,
    }
