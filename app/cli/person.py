"""`person`: the register, Excel in and out, and the rows that wait (待核)."""

import argparse
import dataclasses
from typing import Any, Final

from app.cli.frame import Call, command, table
from app.cli.wording import count, place
from app.rules import id_number, phone
from app.services import field_values
from app.services.column_sets import ColumnSets
from app.services.erasing import Erasing
from app.services.exporting import Exporting
from app.services.handovers import STATES, Handovers
from app.services.history import History
from app.services.importing import Importing, read_mapping
from app.services.pendings import Pendings
from app.services.people import LISTS, People, Saved
from app.services.person_sections import PersonSections
from app.services.same_persons import SamePersons
from app.services.searching import Search

_FOUND: Final = {
    "name": "姓名",
    "sex": "性别",
    "birth_date": "出生日期",
    "id_number": "身份证号",
    "phone": "手机",
    "division": "户籍地",
    "id": "编号",
}
_FATES: Final = {
    "added": "入库",
    "changed": "补充",
    "same": "已有",
    "asked": "待确认",
    "pending": "待核",
    "dropped": "不导入",
}
_ROWS: Final = {"file": "文件", "sheet": "工作表", "row": "行", "fate": "结果", "column": "列", "text": "说明"}
_PENDING: Final = {"file": "文件", "sheet": "工作表", "row": "行", "problem": "问题", "id": "编号"}
_CHANGES: Final = {"when": "时间", "who": "经办", "field": "项目", "old": "原来", "new": "改为"}


def _id(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id")


def _values(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("values", nargs="+")


def _id_values(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id")
    parser.add_argument("values", nargs="+")


def _find(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", nargs="*")
    parser.add_argument("--limit", type=count, default=50)


def _import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", type=place)
    parser.add_argument("--sheet", default="")
    parser.add_argument("--map", type=place)
    parser.add_argument("--rehearse", action="store_true")


def _file(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=place)


def _ledger(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=place)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--units", action="store_true")
    parser.add_argument("--purpose", default="")


def _form(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id")
    parser.add_argument("--full", action="store_true")


def _export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=place)
    parser.add_argument("--masked", action="store_true")
    parser.add_argument("--units", action="store_true")


def _saved(saved: Saved) -> dict[str, Any]:
    return {"id": saved.id} | ({"warnings": list(saved.warnings)} if saved.warnings else {})


def _show_found(document: dict[str, Any]) -> str:
    rows = [
        row
        | {
            "id_number": id_number.mask(row["id_number"] or ""),
            "phone": phone.mask(row["phone"] or ""),
            "sex": field_values.label_of(field_values.writable("person")["sex"], row["sex"]),
        }
        for row in document["persons"]
    ]
    return table(rows, _FOUND)


def _show_card(document: dict[str, Any]) -> str:
    known = field_values.writable("person")
    fields = document["fields"]
    lines = [
        f"{known[name].label}: {field_values.label_of(known[name], value)}"
        for name, value in fields.items()
        if name in known and value is not None
    ]
    for name, part in LISTS.items():
        parts = field_values.writable(part.__tablename__)
        for row in fields[name]:
            said = [
                f"{parts[n].label} {field_values.label_of(parts[n], v)}"
                for n, v in row.items()
                if n in parts and v is not None
            ]
            lines.append(f"{part.noun}: {', '.join(said)}")
    return "\n".join(lines)


def _show_form(document: dict[str, Any]) -> str:
    lines = []
    for section in document["sections"]:
        lines.append(f"{section['letter']} {section['title']}")
        lines += [f"  {name}: {text}" for name, text in section["lines"]]
        lines += [f"  {noun}: " + ", ".join(f"{n} {t}" for n, t in block) for noun, block in section["blocks"]]
    return "\n".join(lines)


def _show_import(document: dict[str, Any]) -> str:
    rows = [row | {"fate": _FATES[row["fate"]]} for row in document["rows"] if row["fate"] in ("asked", "pending")]
    return f"{document['sentence']}\n\n{table(rows, _ROWS)}" if rows else str(document["sentence"])


@command("person", "add", arguments=_values)
def add(call: Call) -> dict[str, Any]:
    """登记人员."""
    return _saved(People(call.desk).add(call.values(call.args.values)))


@command("person", "set", arguments=_id_values)
def change(call: Call) -> dict[str, Any]:
    """修改人员."""
    return _saved(People(call.desk).change(call.args.id, call.values(call.args.values)))


@command("person", "show", arguments=_id, show=_show_card)
def show(call: Call) -> dict[str, Any]:
    """Everything of a person."""
    card = People(call.desk).show(call.args.id)
    return {"id": card.id, "fields": card.fields, "sync": card.sync}


@command("person", "find", arguments=_find, show=_show_found)
def find(call: Call) -> dict[str, Any]:
    """Persons by name, 拼音, initials, numbers."""
    found = Search(call.desk).persons(" ".join(call.args.text), call.args.limit)
    return {"persons": [dataclasses.asdict(person) for person in found]}


@command("person", "history", arguments=_id, show=lambda document: table(document["changes"], _CHANGES))
def history(call: Call) -> dict[str, Any]:
    """变更记录 of a person and the parts."""
    changes = History(call.desk).of("person", call.args.id)
    return {"changes": [dataclasses.asdict(change) | {"when": change.when.isoformat()} for change in changes]}


@command("person", "import", arguments=_import, show=_show_import)
def bring(call: Call) -> dict[str, Any]:
    """导入名单: one act with three heaps."""
    mapping = read_mapping(call.args.map) if call.args.map else None
    done = Importing(call.desk).run(
        call.args.files, sheet=call.args.sheet, mapping=mapping, rehearse=call.args.rehearse
    )
    sums = {name: getattr(done, name) for name in ("read", "added", "changed", "same", "asked", "pending", "dropped")}
    rows = [{name: getattr(row, name) for name in _ROWS} for row in done.rows]
    return sums | {"rows": rows, "sentence": done.sentence}


@command(
    "person", "export", arguments=_export, show=lambda document: f"已写出 {document['persons']} 人: {document['file']}"
)
def export(call: Call) -> dict[str, Any]:
    """The register to Excel."""
    count = Exporting(call.desk).persons(call.args.file, masked=call.args.masked, units=call.args.units)
    return {"file": str(call.args.file), "persons": count}


@command(
    "person", "ledger", arguments=_ledger, show=lambda document: f"已写出 {document['persons']} 人: {document['file']}"
)
def ledger(call: Call) -> dict[str, Any]:
    """The ledger of 28 columns, masked unless asked for in full."""
    args = call.args
    count = ColumnSets(call.desk).write(args.file, full=args.full, units=args.units, purpose=args.purpose)
    return {"file": str(args.file), "persons": count}


@command("person", "form", arguments=_form, show=_show_form)
def form(call: Call) -> dict[str, Any]:
    """信息采集表 section by section."""
    sections = PersonSections(call.desk).of(call.args.id, full=call.args.full)
    return {"sections": [
        {
            "letter": one.letter, "title": one.title, "lines": [list(line) for line in one.lines],
            "blocks": [[noun, [list(line) for line in block]] for noun, block in one.blocks],
        }
        for one in sections
    ]}  # fmt: skip


@command("person", "death", arguments=_id_values)
def death(call: Call) -> dict[str, Any]:
    """登记去世: one act with what hangs on it."""
    done = People(call.desk).record_death(call.args.id, call.values(call.args.values))
    return _saved(done) | {name: list(some) for name, some in vars(done.brought).items()}


@command("person", "death mistaken", arguments=_id)
def mistaken(call: Call) -> dict[str, Any]:
    """误报: all of it is taken back."""
    return _saved(People(call.desk).withdraw_death(call.args.id))


@command("person", "pending", show=lambda document: table(document["pendings"], _PENDING))
def pending(call: Call) -> dict[str, Any]:
    """Rows that wait."""
    return {"pendings": [dataclasses.asdict(row) for row in Pendings(call.desk).waiting()]}


@command("person", "pending fix", arguments=_id_values)
def fix(call: Call) -> dict[str, Any]:
    """待核入库: `id` is the person's."""
    return dataclasses.asdict(Pendings(call.desk).fix(call.args.id, call.values(call.args.values)))


@command("person", "pending drop", arguments=_id)
def drop(call: Call) -> dict[str, Any]:
    """待核不导入."""
    Pendings(call.desk).drop(call.args.id)
    return {"id": call.args.id}


@command(
    "person",
    "pending export",
    arguments=_file,
    show=lambda document: f"已写出 {document['pendings']} 行: {document['file']}",
)
def export_pending(call: Call) -> dict[str, Any]:
    """The rows that wait as the Excel they came in, with a 问题 column."""
    return {"file": str(call.args.file), "pendings": Exporting(call.desk).pendings(call.args.file)}


# -- the same person, and between stations -----------------------------------------------------------------------------

_PAIRS: Final = {"why": "原因", "names": "姓名", "homes": "所在地", "offers": "可以这样办", "persons": "编号"}
_OFFERS: Final = {"residence": "人户分离", "handover": "关系转接", "merge": "合并"}
_HANDOVERS: Final = {
    "name": "姓名",
    "home": "转出地",
    "to_division": "转往地",
    "state": "进度",
    "mine": "待本站",
    "answer_reason": "答复说明",
    "id": "编号",
}
_MINE: Final = {"answer": "答复", "move": "办理", "": ""}


def _two(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("one")
    parser.add_argument("other")
    parser.add_argument("--note", default="")


def _show_pairs(document: dict[str, Any]) -> str:
    rows = [
        {
            name: ", ".join(_OFFERS.get(cell, cell) for cell in row[name]) if name != "why" else row[name]
            for name in _PAIRS
        }
        for row in document["pairs"]
    ]
    return table(rows, _PAIRS)


def _show_handovers(document: dict[str, Any]) -> str:
    rows = [row | {"state": STATES[row["state"]], "mine": _MINE[row["mine"]]} for row in document["handovers"]]
    return table(rows, _HANDOVERS)


@command("person", "merge", arguments=_two)
def merge(call: Call) -> dict[str, Any]:
    """合并: the first record stands for both."""
    SamePersons(call.desk).merge(call.args.one, call.args.other)
    return {"id": call.args.one}


@command("person", "unmerge", arguments=_id)
def unmerge(call: Call) -> dict[str, Any]:
    """取消合并."""
    SamePersons(call.desk).unmerge(call.args.id)
    return {"id": call.args.id}


@command("person", "same", show=_show_pairs)
def same(call: Call) -> dict[str, Any]:
    """疑似同一人: pairs nobody has looked at yet."""
    return {"pairs": [dataclasses.asdict(pair) for pair in SamePersons(call.desk).pairs()]}


@command("person", "same distinct", arguments=_two)
def tell_apart(call: Call) -> dict[str, Any]:
    """不是同一人: remembered."""
    return {"id": SamePersons(call.desk).tell_apart(call.args.one, call.args.other, call.args.note)}


@command("person", "same residence", arguments=_two)
def live_apart(call: Call) -> dict[str, Any]:
    """人户分离: the first record is the person's, the second one's place the residence."""
    return {"id": SamePersons(call.desk).live_apart(call.args.one, call.args.other)}


def _offer(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id")
    parser.add_argument("--to", required=True)
    parser.add_argument("--reason", default="")


def _accept(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id")
    parser.add_argument("--division")


def _decline(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id")
    parser.add_argument("--reason", default="")


@command("person", "handover", arguments=_offer)
def handover(call: Call) -> dict[str, Any]:
    """关系转出: offer a person to another station, by its id, name or division."""
    return {"id": Handovers(call.desk).offer(call.args.id, call.args.to, call.args.reason)}


@command("person", "handover list", show=_show_handovers)
def handovers(call: Call) -> dict[str, Any]:
    """Every handover known here."""
    return {"handovers": [dataclasses.asdict(row) for row in Handovers(call.desk).overview()]}


@command("person", "handover accept", arguments=_accept)
def accept(call: Call) -> dict[str, Any]:
    """关系转入: take the person; the common superior moves him."""
    Handovers(call.desk).accept(call.args.id, call.args.division)
    return {"id": call.args.id}


@command("person", "handover decline", arguments=_decline)
def decline(call: Call) -> dict[str, Any]:
    """不接收."""
    Handovers(call.desk).decline(call.args.id, call.args.reason)
    return {"id": call.args.id}


@command("person", "handover withdraw", arguments=_id)
def withdraw(call: Call) -> dict[str, Any]:
    """撤回转出."""
    Handovers(call.desk).withdraw(call.args.id)
    return {"id": call.args.id}


def _erase(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id")
    parser.add_argument("--basis", default="")
    parser.add_argument("--reason", default="")
    parser.add_argument("--rehearse", action="store_true")


@command("person", "erase", arguments=_erase)
def erase(call: Call) -> dict[str, Any]:
    """依法删除: for good, here and by package everywhere."""
    args = call.args
    if args.rehearse:
        records, kept = Erasing(call.desk).preview(args.id)
        return {"id": None, "records": records, "kept": kept}
    done = Erasing(call.desk).erase(args.id, args.basis, args.reason)
    return {"id": done.act, "records": done.records, "kept": done.kept}
