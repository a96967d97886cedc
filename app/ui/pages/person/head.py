"""The head of the card: who it is, how to reach him, what he gets and lacks, how far he is reported."""

from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QWidget

from app.models import fields_of
from app.models.receipts import STATUSES
from app.rules import codes
from app.services import field_values
from app.ui.kit.controls import Tone, button, column, label, named, role, say
from app.ui.kit.flow import Flow
from app.ui.kit.look import SPACE

if TYPE_CHECKING:
    from app.services.person_cards import Card

_TONES: Final[dict[str, Tone]] = {
    "unsent": "warn", "sent": "note", "township": "good", "county": "good", "city": "good", "conflict": "bad",
    "refused": "bad",
}  # fmt: skip
SHOW: Final = "显示完整号码"
HIDE: Final = "遮盖号码"


class Head(QFrame):
    """Shows a card; the numbers are masked until F2."""

    full_wanted = Signal()
    status_wanted = Signal(str)
    """The badge of a status that leads somewhere was pressed."""

    def __init__(self, id: str, *, small: bool) -> None:
        """`small`: large text leaves little room, so what he gets and lacks stands elsewhere (`words`)."""
        super().__init__()
        self.setObjectName(id)
        self._id, self._small = id, small
        role(self, "card")
        self._facts = Flow(gap=SPACE.group)
        self._who = Flow(gap=SPACE.group)
        self.gets = named(label(tone="good"), f"{id}.gets")
        self.missing = named(label(tone="warn"), f"{id}.missing")
        self.words = QWidget()
        about = [self._who] if small else []
        self.words.setLayout(column(*about, self.gets, self.missing, gap=SPACE.tight))
        inside = [self._facts] if small else [self._facts, self.words]
        self.setLayout(column(*inside, margin=SPACE.near, gap=SPACE.tight))

    def show_card(self, card: "Card", *, full: bool) -> None:
        """Everything of the head."""
        fields = card.fields
        who = self._about(card)
        number = self._number(fields, full=full)
        reach = [self._phone(fields["phone"] or fields["phone2"], full=full)]
        rest = [self._toggle(full=full), self._status(card)]
        if self._small:
            self._who.set_items([*who, number])
            self._facts.set_items([*reach, *rest])
        else:
            self._facts.set_items([*who, *reach, number, *rest])
        say(self.gets, f"享受: {'、'.join(card.gets)}" if card.gets else "", "good")
        say(self.missing, f"待补: {'; '.join(card.missing)}" if card.missing else "", "warn")
        self.words.setVisible(self._small or bool(card.gets or card.missing))

    def _about(self, card: "Card") -> list[QWidget]:
        fields = card.fields
        sex = codes.label("sex", fields["sex"])
        birth = f"{fields['birth_date']} 出生" if fields["birth_date"] else "出生日期不详"
        items: list[QWidget] = [self._plain("who", "  ".join(filter(None, (sex, birth, card.age))))]
        if card.dead:
            died = fields["death_date"] or ""
            items.append(self._badge("dead", f"去世 {died}".strip(), "note"))
        elif fields["status"] in ("moved", "cancelled", "suspended"):
            items.append(self._badge("state", codes.label("person_status", fields["status"]), "note"))
        if card.kinds:
            items.append(self._plain("kinds", card.kinds))
        if fields["key_contact"]:
            items.append(self._badge("contact", "重点联系对象", "note"))
        return items

    def _plain(self, key: str, text: str) -> QLabel:
        made = named(label(text, wrap=False), f"{self._id}.{key}", text)
        made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        return made

    def _badge(self, key: str, text: str, tone: Tone) -> QLabel:
        return named(label(text, "badge", tone), f"{self._id}.{key}", text)

    def _phone(self, number: str | None, *, full: bool) -> QLabel:
        text = field_values.shown(fields_of("person")["phone"], number, full=full) if number else "没有电话"
        made = named(
            label(f"☎ {text}", "title" if self._small else "big", wrap=False), f"{self._id}.phone", f"电话 {text}"
        )
        made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        return made

    def _number(self, fields: Any, *, full: bool) -> QLabel:
        number = fields["id_number"]
        if number:
            return self._plain("number", field_values.shown(fields_of("person")["id_number"], number, full=full))
        reason = codes.label("no_id_reason", fields["no_id_reason"])
        return self._badge("number", f"无身份证号{f'({reason})' if reason else ''}", "warn")

    def _toggle(self, *, full: bool) -> QWidget:
        made = button(f"{self._id}.full", f"{HIDE if full else SHOW}(F2)", self.full_wanted.emit, kind="link")
        made.setAccessibleName(HIDE if full else SHOW)
        return made

    def _status(self, card: "Card") -> QWidget:
        """A badge; where two sides differ or something came back, a button that leads there."""
        text = STATUSES.get(card.sync, card.sync)
        if card.sync in ("conflict", "refused"):
            more = f": {'、'.join(card.contested)}" if card.contested else ""
            status = card.sync
            return button(f"{self._id}.sync", f"{text}{more} ▸", lambda: self.status_wanted.emit(status), kind="danger")
        return self._badge("sync", text, _TONES.get(card.sync, ""))
