"""`card`: an ID card from the reader, or from text that a keyboard wedge typed, and whom of the register it means."""

import argparse
import dataclasses
from typing import Any, Final

from app import clock
from app.cli.frame import Call, command, table
from app.errors import BadInput
from app.rules import id_card
from app.services import card_reader, field_values, rights
from app.services.card_reader import CardReader, IdCard
from app.services.duplicates import Duplicates

_WAIT: Final = 15
_LONGEST: Final = 600
_PORTS: Final = {"name": "接口", "words": "说明"}


def _seconds(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= _LONGEST):
        raise BadInput(f"--wait “{text[:20]}”不对, 要写 1 到 {_LONGEST} 之间的秒数。")
    return int(text)


def _read(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", default="")
    parser.add_argument("--wait", type=_seconds, default=_WAIT)


def _text(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", nargs="+")


def _show(document: dict[str, Any]) -> str:
    known = field_values.writable("person")
    lines = [f"{id_card.KINDS[document['kind']]}"]
    lines += [f"{known[name].label}: {field_values.label_of(known[name], v)}" for name, v in document["values"].items()]
    lines += [f"提醒: {text}" for text in document["warnings"]]
    lines += [f"可能是已登记的 {one['name']}({'、'.join(one['why'])}) {one['id']}" for one in document["known"]]
    return "\n".join(lines)


@command("card", "ports", opens=False, show=lambda document: table(document["ports"], _PORTS))
def ports(_call: Call) -> dict[str, Any]:
    """The serial lines of this computer."""
    return {"ports": [dataclasses.asdict(port) for port in card_reader.ports()]}


@command("card", "read", arguments=_read, show=_show)
def read(call: Call) -> dict[str, Any]:
    """The card on the reader, on a named line or on the first that answers; nothing is saved."""
    rights.demand(call.desk, "read")
    reader = CardReader(call.args.port) if call.args.port else card_reader.find()
    try:
        if call.args.port:
            reader.attach()
        call.progress("请把身份证平放在读卡器上")
        card = reader.read(call.args.wait)
    finally:
        reader.close()
    return _document(call, card, "读卡")


@command("card", "text", arguments=_text, show=_show)
def text(call: Call) -> dict[str, Any]:
    """A card from pasted or typed text (`-`: stdin)."""
    rights.demand(call.desk, "read")
    given = call.read_stdin() if call.args.text == ["-"] else " ".join(call.args.text)
    return _document(call, card_reader.from_text(given), "粘贴")


def _document(call: Call, card: IdCard, source: str) -> dict[str, Any]:
    values = card.values()
    known = Duplicates(call.desk).near(values) if values else []
    return {
        "kind": card.kind, "source": source, "values": values, "printed_address": card.address or None,
        "authority": card.authority or None, "valid_from": card.valid_from or None, "valid_to": card.valid_to or None,
        "warnings": list(card.warnings(clock.today())),
        "known": [{"id": one.person.id, "name": one.person.name, "points": one.points, "why": list(one.why)} for one in known],
    }  # fmt: skip
