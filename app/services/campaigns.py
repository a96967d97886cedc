"""Rounds of consolation money (慰问批次): who is to get what, the printed sheet, up to the day the round is settled."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.errors import BadInput, Refused
from app.models import Campaign, IssuedDocument, Person, Roster, RosterLine, fields_of
from app.rules import campaign as rules
from app.rules import money
from app.services import (
    field_values,
    lookup,
    paper_files,
    payable,
    paying,
    proposing,
    rights,
    roster_sheets,
)
from app.services.paying import LineState
from app.services.proposing import Candidate
from app.services.station import Place, Station

LARGEST_FEN: Final = 99_999_999_00
_FESTIVAL_WORDS: Final = {
    "春节": "spring", "元旦": "spring", "两节": "spring", "元旦春节": "spring", "spring_festival": "spring",
    "new_year": "spring", "建军节": "august1", "中秋节": "mid_autumn", "端午节": "dragon_boat", "清明节": "qingming",
    "重阳节": "double_ninth", "建党节": "july1",
}  # fmt: skip
_ON_PAPER: Final = ("name", "year", "festival", "source", "way")
"""What stands on printed sheets, or decides which sheet a line belongs to."""
_MOVES: Final = {"waiting": "名单送审", "draft": "退回拟定", "approved": "登记批复", "archived": "归档慰问批次"}


@dataclass(frozen=True)
class CampaignShown:
    """A round with its lines; sums in fen, planned = paid + returned + open."""

    id: str
    fields: dict[str, Any]
    sums: dict[str, int]
    lines: tuple[LineState, ...]


@dataclass(frozen=True)
class RosterPrinted:
    """A frozen sheet; `file` where its PDF lies, `remarks` what to look at on it."""

    roster: str
    number: str
    lines: tuple[LineState, ...]
    file: Path | None
    remarks: tuple[str, ...]
    missing: tuple[str, ...]


class Campaigns:
    """What can be done with rounds and their lines, up to the printed sheet; paying is in `app.services.payments`."""

    def __init__(self, station: Station) -> None:
        self._station = station

    # -- the round itself --------------------------------------------------------------------------------------------

    def open(self, values: Mapping[str, Any]) -> str:
        """新建慰问批次; `standard` is one amount or rows as `rules.campaign.standards_from` takes them."""
        rights.demand(self._station, "write")
        fields = _read(values, {"year": clock.today().year}, ("name", "festival", "source"))
        place = self._station.place
        fields |= {"home": place.home, "node": place.node, "status": "draft"}
        with self._station.db.work("新建慰问批次") as work:
            campaign = Campaign(**fields)
            work.session.add(campaign)
            work.session.flush()
            return campaign.id

    def change(self, id: str, values: Mapping[str, Any]) -> None:
        """修改慰问批次: fields as `open` takes them. What stands on a printed sheet does not change any more."""
        rights.demand(self._station, "write")
        with self._station.db.work("修改慰问批次") as work:
            campaign = own(work.session, self._station.place, id)
            now = {name: getattr(campaign, name) for name in fields_of("campaign")}
            fields = _read(values, {}, (), now)
            differing = {name: value for name, value in fields.items() if now[name] != value}
            frozen = [name for name in _ON_PAPER if name in differing]
            if frozen and _has_sheets(work.session, id):
                known = fields_of("campaign")
                said = "、".join(known[name].label for name in frozen)
                raise Refused(f"“{campaign.name}”已有打印定稿的签领表, {said}不能再改。没有改动任何数据。")
            for name, value in differing.items():
                setattr(campaign, name, value)

    def move(self, id: str, state: str, basis: str = "") -> None:
        """名单送审, 退回拟定, 登记批复 (`basis`: the number of the approval) or 归档. Refused where the rules lead elsewhere."""
        rights.demand(self._station, "write")
        if state not in _MOVES:
            raise BadInput(f"批次不能直接变成“{rules.STATES.get(state, state[:20])}”。", {"status": "不能这样改"})
        with self._station.db.work(_MOVES[state]) as work:
            session = work.session
            campaign = own(session, self._station.place, id, settled=state == "archived")
            if why := rules.state_problem(campaign.status or "draft", state):
                raise Refused(why)
            if state == "waiting" and not _listed(session, id):
                raise Refused("名单还是空的, 不能送审。请先列入慰问对象。")
            if state == "draft" and _has_sheets(session, id):
                raise Refused(f"“{campaign.name}”已有打印定稿的签领表, 不能退回拟定。没有改动任何数据。")
            if basis.strip():
                approval = f"批复: {basis.strip()}"
                campaign.basis = f"{campaign.basis}; {approval}" if campaign.basis else approval
            campaign.status = state

    def rounds(self) -> list[dict[str, Any]]:
        """All rounds that are known here, the newest first."""
        rights.demand(self._station, "read")
        with self._station.db.read() as session:
            query = select(Campaign).where(~Campaign.deleted).order_by(Campaign.id.desc())
            return [{"id": campaign.id, **lookup.outward(campaign)} for campaign in session.scalars(query)]

    def show(self, id: str) -> CampaignShown:
        """A round with its sums and lines."""
        rights.demand(self._station, "read")
        with self._station.db.read() as session:
            campaign = lookup.fetch(session, Campaign, id)
            lines = paying.lines_of(session, id)
            return CampaignShown(id, lookup.outward(campaign), paying.sums(lines), tuple(lines))

    def close(self, id: str) -> None:
        """结清: only when every planned fen was paid or returned and nothing was paid twice."""
        rights.demand(self._station, "write")
        with self._station.db.work("结清慰问批次") as work:
            campaign = own(work.session, self._station.place, id)
            lines = paying.lines_of(work.session, id)
            for line in lines:
                if why := payable.settled_problem(work.session, "roster_line", line.id, line.name):
                    raise Refused(why)
            if why := rules.close_problem([line.rule_line() for line in lines]):
                raise Refused(why)
            if twice := [line for line in lines if line.double]:
                named = ", ".join(f"{line.name} {money.format_grouped(line.double)}" for line in twice)
                raise Refused(f"重复发放还没有追回: {named}。追回后请记“缴回”, 再结清。")
            campaign.status = "settled"

    # -- the list ----------------------------------------------------------------------------------------------------

    def candidates(self, id: str) -> list[Candidate]:
        """Whom the standards fit and who is not on the list yet; each with the amount and the reason."""
        rights.demand(self._station, "read")
        with self._station.db.read() as session:
            campaign = lookup.fetch(session, Campaign, id)
            standards = standards_of(campaign)
            if not standards:
                raise Refused("这个批次还没有填慰问标准, 不能推荐名单。请先填标准, 或直接列入名单。")
            return proposing.candidates(session, self._station.place, id, standards)

    def amount_for(self, id: str, person: str) -> int | None:
        """What the standards of a round give to somebody, in fen; None where they give nothing."""
        rights.demand(self._station, "read")
        with self._station.db.read() as session:
            campaign = lookup.fetch(session, Campaign, id)
            return proposing.amount_for(session, lookup.person(session, person).id, standards_of(campaign))

    def add_line(self, id: str, person: str, amount: str | None = None) -> str:
        """列入名单; the amount in yuan defaults to the round's one standard. Gives the line's id."""
        rights.demand(self._station, "write")
        with self._station.db.read() as session:
            standard = lookup.fetch(session, Campaign, id).standard
        fen = standard if amount is None else read_amount(amount)
        if fen is None:
            raise BadInput("没有填金额。", {"amount": "没有填金额"})
        return self.add_lines(id, [(person, fen)])[0]

    def add_lines(
        self, id: str, rows: Sequence[tuple[str, int]], *, whys: Mapping[str, str] | None = None
    ) -> list[str]:
        """Put several people, each with fen, on the list in one act; refused as a whole if one cannot be."""
        rights.demand(self._station, "write")
        place = self._station.place
        for _, fen in rows:
            if not 0 < fen <= LARGEST_FEN:
                raise BadInput(_AMOUNT_WRONG, {"amount": _AMOUNT_WRONG})
        with self._station.db.work("列入慰问名单") as work:
            campaign = _drawing_up(work.session, place, id)
            taken = _listed(work.session, campaign.id)
            last = max(taken.values(), default=0)
            lines = []
            for given, fen in rows:
                person = lookup.person(work.session, given)
                lookup.demand_scope(place, person)
                if lookup.is_dead(person):
                    raise Refused(payable.dead_problem(person))
                for key in _keys(person):
                    if (number := taken.get(key)) is not None:
                        raise Refused(
                            f"{person.name} 已在本批次名单里(第 {number} 行), 不能重复列入。没有改动任何数据。"
                        )
                last += 1
                taken.update(dict.fromkeys(_keys(person), last))
                why = (whys or {}).get(given)
                lines.append(
                    {"campaign": campaign.id, "person": person.id, "amount": fen, "why": why, "home": person.home}
                )
            return work.add_many("roster_line", lines)

    def change_line(self, line: str, amount: str) -> None:
        """Another amount, in yuan, while the line is on no sheet."""
        rights.demand(self._station, "write")
        fen = read_amount(amount)
        with self._station.db.work("修改慰问金额") as work:
            found = self._loose_line(work.session, line)
            found.amount = fen

    def remove_line(self, line: str) -> None:
        """Take somebody off the list while nothing is printed or paid."""
        self.remove_lines([line])

    def remove_lines(self, lines: Sequence[str]) -> None:
        """Take several people off the list in one act; refused as a whole if one of them must stay."""
        rights.demand(self._station, "write")
        with self._station.db.work("移出慰问名单") as work:
            for line in lines:
                work.delete(self._loose_line(work.session, line))

    def _loose_line(self, session: Session, line: str) -> RosterLine:
        """A line that may still change; Refused otherwise."""
        found = lookup.fetch(session, RosterLine, line)
        own(session, self._station.place, found.campaign)
        if found.roster is not None or paying.live_entries(session, line=line):
            raise Refused("这一行已打印定稿或已记发放结果, 不能移出。请用“划销本行”或“缴回”。")
        _drawing_up(session, self._station.place, found.campaign)
        return found

    # -- the sheet ---------------------------------------------------------------------------------------------------

    def print_roster(self, id: str, out: Path | None = None, *, full: bool = False) -> RosterPrinted:
        """Freeze every line not yet on a sheet under a new number (会计法 §14); the PDF is written before it is saved."""
        self._demand_print()
        with paper_files.kept_only_if_saved() as write, self._station.db.work("打印签领表") as work:
            session = work.session
            campaign, roster, paper = self._frozen(session, id)
            document = roster_sheets.draw(session, self._station, roster, campaign, reprint=0, full=full)
            paper.status, paper.copies, paper.sha256 = "printed", 1, paper_files.sha256(document.pdf)
            if out is not None:
                write(out, document.pdf)
            session.flush()
            lines = tuple(paying.lines_of(session, campaign.id, roster=roster.id))
        return RosterPrinted(roster.id, roster.number, lines, out, paper_files.remarks(document), document.missing)

    def freeze(self, id: str, *, full: bool = False) -> paper_files.Drawn:
        """打印定稿: as `print_roster`, but the number is only 已编号 until `Papers.settle` says that the paper is right."""
        self._demand_print()
        with self._station.db.work("打印签领表") as work:
            campaign, roster, paper = self._frozen(work.session, id)
            document = roster_sheets.draw(work.session, self._station, roster, campaign, reprint=0, full=full)
            return _drawn(document, roster_sheets.title_of(campaign), paper)

    def sample(self, id: str) -> paper_files.Drawn:
        """The next sheet as it would be, to be looked at; nothing is written."""
        return self._unfrozen(id, roster_sheets.Copy(sample=True))

    def review(self, id: str) -> paper_files.Drawn:
        """送审名单(校对稿, 不作发放凭证): may be printed as often as anybody likes, freezes nothing, writes nothing."""
        return self._unfrozen(id, roster_sheets.Copy(review=True))

    def _unfrozen(self, id: str, copy: roster_sheets.Copy) -> paper_files.Drawn:
        rights.demand(self._station, "print")
        with self._station.db.read() as session:
            campaign = lookup.fetch(session, Campaign, id)
            rows = roster_sheets.waiting(session, id) if copy.review else self._printable(session, id)
            if not rows:
                raise Refused("没有要送审的人: 名单是空的, 或都已打印定稿。请先列入慰问对象。")
            document = roster_sheets.draw_unfrozen(session, self._station, campaign, rows, copy)
            title = roster_sheets.title_of(campaign)
            return _drawn(document, f"{title}(送审名单)" if copy.review else title, None)

    def _demand_print(self) -> None:
        rights.demand(self._station, "write")
        rights.demand(self._station, "print")

    def _printable(self, session: Session, id: str) -> list[roster_sheets.Row]:
        _demand_approved(own(session, self._station.place, id))
        return roster_sheets.printable(session, id)

    def _frozen(self, session: Session, id: str) -> tuple[Campaign, Roster, IssuedDocument]:
        campaign = own(session, self._station.place, id)
        _demand_approved(campaign)
        roster, paper = roster_sheets.freeze(session, self._station.place, campaign)
        if campaign.status in ("draft", "approved"):
            campaign.status = "paying"
        session.flush()
        return campaign, roster, paper


def propose(station: Station, id: str) -> list[Candidate]:
    """`Campaigns.candidates`, for the worker process."""
    return Campaigns(station).candidates(id)


def freeze(station: Station, id: str, *, full: bool = False) -> paper_files.Drawn:
    """`Campaigns.freeze`, for the worker process."""
    return Campaigns(station).freeze(id, full=full)


def sample(station: Station, id: str) -> paper_files.Drawn:
    """`Campaigns.sample`, for the worker process."""
    return Campaigns(station).sample(id)


def review(station: Station, id: str) -> paper_files.Drawn:
    """`Campaigns.review`, for the worker process."""
    return Campaigns(station).review(id)


_AMOUNT_WRONG: Final = f"金额要大于 0, 不超过 {money.format_grouped(LARGEST_FEN)} 元。没有改动任何数据。"


def read_amount(text: object) -> int:
    """Fen of an amount in yuan that can be paid. Raises BadInput keyed `amount`."""
    try:
        fen = money.parse_yuan(text, largest=LARGEST_FEN)
    except BadInput as error:
        raise BadInput(str(error), {"amount": str(error)}) from error
    if fen == 0:
        raise BadInput(_AMOUNT_WRONG, {"amount": _AMOUNT_WRONG})
    return fen


def standards_of(campaign: Campaign) -> tuple[rules.Standard, ...]:
    """The standards of a round: its table, or its one amount for everybody."""
    if campaign.standards:
        return rules.standards_from(json.loads(campaign.standards))
    return (rules.Standard(campaign.standard),) if campaign.standard else ()


def own(session: Session, place: Place, id: str, *, settled: bool = False) -> Campaign:
    """A round this unit runs and has not settled; Refused otherwise (a line is payable at one unit only, sync.md P14).

    With `settled` one that is settled is let through too.
    """
    campaign = lookup.fetch(session, Campaign, id)
    if campaign.node != place.node:
        raise Refused(f"“{campaign.name}”由其他单位办理, 本单位只能查看。没有改动任何数据。")
    if campaign.status == "archived" or (campaign.status == "settled" and not settled):
        raise Refused(f"“{campaign.name}”{rules.STATES[campaign.status]}, 不能再改。没有改动任何数据。")
    return campaign


def _drawing_up(session: Session, place: Place, id: str) -> Campaign:
    """A round whose list may change; not while it lies with the leaders, nor once they have agreed to it."""
    campaign = own(session, place, id)
    if campaign.status in ("waiting", "approved"):
        state = rules.STATES[campaign.status]
        raise Refused(f"“{campaign.name}”{state}, 名单不能再改。要改请先“退回拟定”。没有改动任何数据。")
    return campaign


def _demand_approved(campaign: Campaign) -> None:
    if campaign.status == "waiting":
        raise Refused(f"“{campaign.name}”还在待批, 登记批复以后才能打印签领表。送审请打印“送审名单”。")


def _drawn(document: Any, title: str, paper: IssuedDocument | None) -> paper_files.Drawn:
    return paper_files.drawn(document, "F04", title, paper)


def _read(
    values: Mapping[str, Any],
    defaults: Mapping[str, Any],
    demanded: Sequence[str],
    now: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The fields of a round as they are stored; every problem is named at once. `now`: what stands there already."""
    problems: dict[str, str] = {}
    fields = lookup.read_into(problems, "campaign", _with_standards(values, problems))
    for name, value in defaults.items():
        if fields.get(name) is None and name not in problems:
            fields[name] = value
    known = fields_of("campaign")
    for name in demanded:
        if not fields.get(name):
            problems.setdefault(name, f"没有填{known[name].label}")
    _look_over({**(now or {}), **fields}, problems)
    field_values.refuse(problems)
    words: dict[str, tuple[Mapping[str, str], Mapping[str, str]]] = {
        "festival": (rules.FESTIVALS, _FESTIVAL_WORDS),
        "way": (rules.WAYS, {}),
        "source": (rules.SOURCES, {word: code for code, word in roster_sheets.SOURCE_WORDS.items()}),
    }
    for name, (table, usual) in words.items():
        if fields.get(name):
            fields[name] = _code(table, fields[name], usual)
    return fields


def _with_standards(values: Mapping[str, Any], problems: dict[str, str]) -> dict[str, Any]:
    """The values with `standard` taken apart: one amount for everybody, or a table. One clears the other."""
    given = dict(values)
    standards = given.pop("standard", None)
    if isinstance(standards, list):
        try:
            found = rules.standards_data(rules.standards_from(standards))
        except BadInput as error:
            problems.update({**error.problems, "standard": str(error)})
        else:
            given |= {"standard": None, "standards": json.dumps(found, ensure_ascii=False)}
    elif standards is not None:
        given |= {"standard": standards, "standards": None}
    return given


def _look_over(whole: Mapping[str, Any], problems: dict[str, str]) -> None:
    year, standard = whole.get("year"), whole.get("standard")
    if "year" not in problems and (year is None or not 1949 <= year <= clock.today().year + 1):
        problems["year"] = "年度不对"
    if standard is not None and not 0 < standard <= LARGEST_FEN:
        problems["standard"] = f"金额要大于 0, 不超过 {money.format_grouped(LARGEST_FEN)} 元"
    if whole.get("starts") and whole.get("ends") and whole["starts"] > whole["ends"]:
        problems["ends"] = "结束日期早于开始日期"


def _code(table: Mapping[str, str], text: str, words: Mapping[str, str]) -> str:
    """A code by itself, by its label or by a usual word; a unit's own word stands as it is."""
    if text in table:
        return text
    labels = {label: code for code, label in table.items()}
    return labels.get(text) or words.get(text) or text


def _keys(person: Person) -> tuple[tuple[str, str], ...]:
    """By what somebody counts as on the list: the record, and the ID number for a second record of the same person."""
    number = (("id_number", person.id_number),) if person.id_number else ()
    return (("person", person.id), *number)


def _listed(session: Session, campaign: str) -> dict[tuple[str, str], int]:
    query = (
        select(RosterLine.person, Person.id_number, Person.merged_into)
        .outerjoin(Person, Person.id == RosterLine.person)
        .where(RosterLine.campaign == campaign, ~RosterLine.deleted)
        .order_by(RosterLine.id)
    )
    out: dict[tuple[str, str], int] = {}
    for place, row in enumerate(session.execute(query), start=1):
        out["person", row.person] = place
        if row.id_number:
            out["id_number", row.id_number] = place
        if row.merged_into:
            out["person", row.merged_into] = place
    return out


def _has_sheets(session: Session, campaign: str) -> bool:
    query = select(Roster.id).where(Roster.campaign == campaign, ~Roster.deleted).limit(1)
    return session.execute(query).first() is not None
