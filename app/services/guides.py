"""办事指引: the page given to somebody who asks for a certificate this unit does not issue."""

from app import clock
from app.documents.guide_sheet import GuideSheet, guide_sheet
from app.errors import BadInput
from app.rules import certificates, guidance
from app.services import paper_files, rights, roster_sheets
from app.services.paper_files import Drawn
from app.services.station import Station


def sheet(station: Station, kind: str, wording: str = "") -> Drawn:
    """The page for a kind of certificate (or for what a wording asks for); nothing is written, it has no number."""
    rights.demand(station, "print")
    level = station.place.level
    found = guidance.guide_for(kind, wording, level)
    if found is None:
        raise BadInput(f"没有“{kind[:20]}”的办事指引。", {"kind": "没有办事指引"})
    with station.db.read() as session:
        phone = roster_sheets.desk_phone(session, station)
    rule = certificates.problem(kind, wording, level).replace("可打印办事指引给来人。", "").replace('"', "")
    title = f"{found.kind}证明到哪里办"
    document = guide_sheet(
        GuideSheet(
            station.place.name, phone, title, rule,
            (("由谁办", found.who), ("要带什么", found.bring), ("很多时候可以这样", found.instead)), clock.today(),
        )
    )  # fmt: skip
    return paper_files.drawn(document, "", f"办事指引 {title}", None)
