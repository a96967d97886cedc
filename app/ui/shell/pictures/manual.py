"""The pictures of the manual: a choice from all rooms, in a smaller window, as small files with few colours."""

import io
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PIL import Image
from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QPixmap

from app.services import sights, stores
from app.services.cases import HardshipCases
from app.ui.shell.pictures import chain, desks, dialogs, doors, pages
from app.ui.shell.pictures.taking import PASSWORD, Album, stage

if TYPE_CHECKING:
    from app.ui.kit.operations import Worker

SIZE: Final = (1180, 700)
COLOURS: Final = 120
WANTED: Final = frozenset({
    # windows without a desk
    "login", "first-way", "first-unit", "first-staff", "first-code", "first-file", "first-offer", "first-backup", "lock",
    "crash",
    # the desk
    "today", "search", "people", "person", "person-story", "person_form", "household", "household-add", "people-export",
    "person-death", "message-undo", "visit_form",
    # the first day
    "import-files", "import-columns", "import-checked", "import-done", "pending-full",
    # a round
    "rounds", "rounds-new", "round-candidates", "round-review", "round-approval", "round-results-full", "round-unbalanced",
    "round-settled",
    # a case over three desks
    "cases", "case_form", "case-village", "case-township", "case-county", "case-back",
    # a certificate
    "papers-certificate", "preview", "message-printed", "papers-guide", "papers-register-full",
    # an exchange
    "exchange-waiting", "exchange-sent", "take-rehearsed", "take-taken", "back-found", "back-taken", "below", "enrol",
    "differences-question", "returned-item",
    # the system
    "system-backups", "system-staff", "system-journal", "staff-add",
})  # fmt: skip


@dataclass
class Chosen(Album):
    """Keeps only what the manual shows."""

    def keep(self, name: str, title: str, label: str, picture: QPixmap) -> None:
        """As a PNG with a palette: a tenth of the bytes, and the same to the eye."""
        if name not in WANTED:
            return
        held = QBuffer()
        held.open(QIODevice.OpenModeFlag.WriteOnly)
        picture.save(held, "PNG")
        file = f"{name}.png"
        with Image.open(io.BytesIO(bytes(held.data().data()))) as image:
            _few_colours(image.convert("RGB")).save(self.out / file, optimize=True)
        self.pictures.append((title, label, file))


def _few_colours(image: Image.Image) -> Image.Image:
    """With the colours that are most of it, which stay just as they are."""
    found = sorted(image.getcolors(image.width * image.height) or [], reverse=True)[:COLOURS]
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for _, colour in found if isinstance(colour, tuple) for part in colour])
    return image.quantize(palette=palette, dither=Image.Dither.NONE)


def shoot(out: Path, place: Path, worker: "Worker") -> Album:
    """All of them."""
    album = Chosen(out)
    made = desks.village(place / "work", 60)
    doors.Doors(place, album, "").shoot(made)
    desks.plug_in(place / "stick")
    own = place / "dialogs"
    with stage(Path(shutil.copytree(made, own / "pages")), album, "", worker=worker, size=SIZE) as desk:
        pages.shoot(desk)
        doors.shoot_lock(desk)
    with stage(Path(shutil.copytree(made, own / "work")), album, "", worker=worker, size=SIZE) as desk:
        dialogs.shoot(desk, own)
    lower, upper, stick = desks.chain(place / "chain")
    with stage(lower, album, "", worker=worker, size=SIZE) as desk:
        chain.shoot_village(desk, stick)
    with stage(upper, album, "", worker=worker, size=SIZE) as desk:
        chain.shoot_township(desk, stick)
    with stage(lower, album, "", worker=worker, size=SIZE) as desk:
        chain.shoot_back(desk, stick)
    _case(album, place, worker)
    return album


def _case(album: Album, place: Path, worker: "Worker") -> None:
    """A case as each of the three desks sees it when its turn has come."""
    village, township, county = desks.three(place / "three")
    turns = (
        (village, "case-village", "first_review", {"opinion": "入户核实, 情况属实, 公示无异议, 同意上报。", "amount": "4000.00"}),
        (township, "case-township", "township_review", {"opinion": "情况属实, 同意上报县局。", "amount": "4000.00"}),
        (county, "case-county", "county_decision", {"opinion": "同意救助。", "amount": "3500.00"}),
    )  # fmt: skip
    before: Path | None = None
    for number, (folder, name, step, values) in enumerate(turns):
        if before is not None:
            _carry(before, folder, place / f"up{number}")
        with stage(folder, album, "", worker=worker, size=SIZE) as desk:
            case = sights.first(desk.window.desk.station, "hardship_case") or ""
            desk.go("case", case)
            desk.show(name, "帮扶事项")
            HardshipCases(desk.window.desk.station).write_step(case, step, {"result": "pass", **values})
        before = folder
    _carry(township, county, place / "down1")
    _carry(village, township, place / "down2")
    with stage(village, album, "", worker=worker, size=SIZE) as desk:
        desk.go("case", sights.first(desk.window.desk.station, "hardship_case") or "")
        desk.show("case-back", "帮扶事项: 批下来了")


def _carry(below: Path, above: Path, folder: Path) -> None:
    lower, upper = (stores.open_store(one, user=None, password=PASSWORD) for one in (below, above))
    desks.carry(lower.station, upper.station, folder)
    lower.close()
    upper.close()
