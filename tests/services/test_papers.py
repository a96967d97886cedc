import dataclasses
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from sqlalchemy import select

from app import faults
from app.errors import BadInput, EnvironmentTrouble, Refused
from app.models import IssuedDocument, Person, PersonService, Staff
from app.services import paper_numbers
from app.services.campaigns import Campaigns
from app.services.cases import HardshipCases
from app.services.history import History
from app.services.paper_register import PaperRegister, Wanted
from app.services.papers import Papers, Printed
from app.services.station import Station
from app.services.visits import Visits
from tests.services.records import change, contest, person

pytestmark = pytest.mark.usefixtures("fixed_now")


def text_of(path: Path) -> str:
    document = pypdfium2.PdfDocument(path)
    pages = [document[n].get_textpage().get_text_range() for n in range(len(document))]
    return re.sub(r"\s", "", "".join(pages))


@pytest.fixture
def who(station: Station) -> str:
    change(station, Staff, station.actor.staff, phone="07948000001")
    return person(station, "张三", id_number="361000194901010013", sex="1", benefit="51")


def issue(station: Station, who: str, out: Path | None = None, **how: Any) -> Printed:
    return Papers(station).print_form("F14", f"person:{who}", out, **how)


def test_a_certificate_with_its_number(station: Station, who: str, tmp_path: Path) -> None:
    out = tmp_path / "证明.pdf"
    made = issue(station, who, out, purpose="办理公交优待")
    assert (made.number, made.file, made.reprint) == ("桥头村退服字〔2026〕第0001号", out, 0)
    text = text_of(out)
    for words in (
        "张三",
        "361000194901010013",
        "参战退役军人",
        "仅用于办理公交优待",
        "桥头村退服字〔2026〕第0001号",
        "07948000001",
    ):
        assert words in text
    with station.db.read() as session:
        paper = session.get_one(IssuedDocument, made.id)
        assert (paper.serial, paper.year, paper.copies, paper.home, paper.purpose) == (
            1,
            2026,
            1,
            station.place.home,
            "办理公交优待",
        )


def test_numbers_rise_and_void_ones_are_never_used_again(station: Station, who: str, tmp_path: Path) -> None:
    first = issue(station, who, tmp_path / "1.pdf")
    Papers(station).spoil(first.id)
    second = issue(station, who, tmp_path / "2.pdf")
    assert second.number == "桥头村退服字〔2026〕第0002号"
    assert [(paper.serial, paper.status) for paper in Papers(station).issued("F14")] == [(2, "printed"), (1, "void")]


def test_each_year_and_form_has_its_own_series(station: Station, who: str, tmp_path: Path) -> None:
    import datetime as dt

    from app import clock

    issue(station, who, tmp_path / "1.pdf")
    clock.set_now(dt.datetime(2027, 1, 4, 9, tzinfo=clock.CHINA))
    assert issue(station, who, tmp_path / "2.pdf").number == "桥头村退服字〔2027〕第0001号"


def restored(station: Station) -> None:
    """What a restore does to the numbers: a new incarnation of an older state."""
    with station.db.work("恢复备份") as work:
        station.db.new_incarnation(work.connection)


def test_after_a_restore_a_fresh_part_begins(station: Station, who: str, tmp_path: Path) -> None:
    issue(station, who, tmp_path / "1.pdf")
    restored(station)
    restored(station)
    assert issue(station, who, tmp_path / "2.pdf").number == "桥头村退服字〔2026〕第0201号"
    assert issue(station, who, tmp_path / "3.pdf").number == "桥头村退服字〔2026〕第0202号"
    with station.db.read() as session:
        assert paper_numbers.gaps(session, station.place, "F14", 2026) == [(2, 200)]
    restored(station)
    assert issue(station, who, tmp_path / "4.pdf").number == "桥头村退服字〔2026〕第0401号"


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("桥头村站", "桥头村"),
        ("桥头村退役军人服务站", "桥头村"),
        ("临川区退役军人事务局", "临川区"),
        ("站", "站"),
        ("", "本站"),
    ],
)
def test_short_names(name: str, short: str) -> None:
    assert paper_numbers.short_name(name) == short


@pytest.mark.parametrize("how", [{"kind": "健在"}, {"purpose": "开健在证明"}, {"kind": "健在证明"}])
def test_villages_do_not_certify_what_the_ministry_forbids(station: Station, who: str, how: dict[str, Any]) -> None:
    with pytest.raises(Refused) as error:
        issue(station, who, None, **how)
    assert str(error.value) == '"健在证明"不由村里开(民发〔2020〕20号)。可打印办事指引给来人。'


def test_a_purpose_is_not_taken_for_a_certificate(station: Station, who: str, tmp_path: Path) -> None:
    assert issue(station, who, tmp_path / "a.pdf", purpose="申请残疾军人证换证").number


@pytest.mark.parametrize(
    ("kind", "words"), [("service", "由县局出具"), ("registered", "由镇站出具"), ("magic", "没有“magic”这种证明")]
)
def test_kinds_above_this_level(station: Station, who: str, kind: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        issue(station, who, kind=kind)


def test_a_county_certifies_service_from_the_file(new_station: Callable[..., Station], tmp_path: Path) -> None:
    county = new_station("county", "361002", "临川区退役军人事务局")
    who = person(county, "张三", division="361002100201")
    with pytest.raises(Refused, match="没有登记入伍和退役时间"):
        issue(county, who, tmp_path / "a.pdf", kind="service")
    with county.db.work("登记服役") as work:
        work.session.add(PersonService(person=who, enlisted="1970-12", discharged="1975", home="361002100201"))
    issue(county, who, tmp_path / "a.pdf", kind="service")
    assert "1970年12月入伍" in text_of(tmp_path / "a.pdf")
    assert "1975年退役" in text_of(tmp_path / "a.pdf")


def test_visits_are_counted_on_the_certificate(station: Station, who: str, tmp_path: Path) -> None:
    Visits(station).record({"person": who})
    issue(station, who, tmp_path / "a.pdf", kind="help")
    assert "走访该同志1次" in text_of(tmp_path / "a.pdf")


def test_rare_characters_are_printed_and_named(station: Station, tmp_path: Path) -> None:
    made = issue(station, person(station, "王\U00020bb7㛃"), tmp_path / "a.pdf")
    assert made.missing == ()
    assert "“\U00020bb7”已用备用字体打印, 样子请看一眼。" in made.remarks


def test_disputed_values_are_not_printed(station: Station, who: str, tmp_path: Path) -> None:
    contest(station, "person", who, id_number="361000195307060020")
    with pytest.raises(Refused, match="两边填的不一样"):
        issue(station, who, tmp_path / "a.pdf")
    assert not (tmp_path / "a.pdf").exists()


def test_without_a_name_for_it_the_paper_lies_among_the_users_documents(
    station: Station, who: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In clear, so not in the folder of the store, where all is sealed."""
    monkeypatch.setenv("RONGGUI_PAPERS", str(tmp_path / "papers"))
    made = issue(station, who)
    assert made.file == tmp_path / "papers" / f"{made.number}.pdf"
    assert made.file.read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize(
    "point", ["print.write", "print.flush", "print.verify", "print.rename", "save.journal", "save.commit"]
)
def test_a_failed_printing_spends_no_number(station: Station, who: str, tmp_path: Path, point: str) -> None:
    out = tmp_path / "a.pdf"
    faults.arm(f"{point}:1:short")
    try:
        with pytest.raises((EnvironmentTrouble, OSError)):
            issue(station, who, out)
    finally:
        faults.arm(None)
    assert list(tmp_path.glob("*.pdf")) == []
    with station.db.read() as session:
        assert session.scalars(select(IssuedDocument)).all() == []
    assert issue(station, who, out).number == "桥头村退服字〔2026〕第0001号"


def test_the_finance_copy_has_whole_numbers(station: Station, who: str, tmp_path: Path) -> None:
    campaigns = Campaigns(station)
    campaign = campaigns.open({"name": "八一慰问", "year": 2026, "festival": "august1", "source": "village"})
    campaigns.add_line(campaign, who, "300.00")
    printed = campaigns.print_roster(campaign, tmp_path / "a.pdf")
    Papers(station).print_form("f04", f"roster:{printed.roster}", tmp_path / "b.pdf", full=True)
    assert "361000194901010013" not in text_of(tmp_path / "a.pdf")
    assert "361000194901010013" in text_of(tmp_path / "b.pdf")
    assert "重印第1次" in text_of(tmp_path / "b.pdf")
    assert printed.number in text_of(tmp_path / "b.pdf")


@pytest.mark.parametrize(
    ("form", "subject", "error"),
    [("F99", "person:" + "0" * 32, BadInput), ("F04", "person:" + "0" * 32, BadInput), ("F14", "person:" + "0" * 32, Refused),
     ("F07", "case:" + "0" * 32, Refused), ("F04", "roster:" + "0" * 32, Refused), ("F14", "张三", BadInput)],
)  # fmt: skip
def test_wrong_calls(station: Station, form: str, subject: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        Papers(station).print_form(form, subject)


def test_people_of_another_area_get_no_certificate(station: Station) -> None:
    with pytest.raises(Refused, match="不在本站管辖范围"):
        issue(station, person(station, "李四", division="361003100201"))


def test_the_place_is_what_the_number_names(station: Station) -> None:
    place = dataclasses.replace(station.place, name="罗湖镇退役军人服务站")
    assert paper_numbers.number_of(place, "F07", 2026, 12) == "罗湖镇退帮字〔2026〕第0012号"


# -- at the window: looked at, numbered, printed, settled ---------------------------------------------------------


def text_in(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return re.sub(r"\s", "", "".join(page.get_textpage().get_text_range() for page in document))


def papers_of(station: Station) -> list[tuple[str | None, str, int]]:
    return [(paper.number, paper.status, paper.copies) for paper in Papers(station).issued()]


def test_looking_writes_nothing_and_is_marked(station: Station, who: str) -> None:
    before = History(station).acts()
    seen = Papers(station).look("F14", f"person:{who}", purpose="办理公交优待")
    assert (seen.id, seen.number) == ("", "")
    assert "仅用于办理公交优待" in text_in(seen.pdf)
    assert "打印时编号" in text_in(seen.pdf)
    assert History(station).acts() == before
    assert papers_of(station) == []


def test_a_number_is_reserved_first_and_settled_by_whoever_holds_the_paper(station: Station, who: str) -> None:
    papers = Papers(station)
    drawn = papers.reserve("F14", f"person:{who}", purpose="办理公交优待")
    number = "桥头村退服字〔2026〕第0001号"
    assert (drawn.number, drawn.reprint) == (number, 0)
    assert papers_of(station) == [(number, "reserved", 0)]
    jammed = papers.again(drawn.id)
    assert (jammed.number, jammed.reprint) == (number, 0), "a spoilt sheet is no copy"
    assert papers.settle(drawn.id, "ab") == 1
    assert papers_of(station) == [(number, "printed", 1)]
    assert "重印第1次" in text_in(papers.again(drawn.id).pdf)
    assert papers_of(station) == [(number, "printed", 1)], "counted only once it is settled"
    assert papers.settle(drawn.id) == 2


def test_a_reprint_says_what_the_first_said(station: Station, who: str) -> None:
    papers = Papers(station)
    drawn = papers.reserve("F14", f"person:{who}", kind="help", purpose="申请救助")
    papers.settle(drawn.id)
    Visits(station).record({"person": who})
    change(station, Person, who, name="张三丰")
    said = text_in(papers.again(drawn.id).pdf)
    assert "走访该同志0次" in said
    assert "张三丰" not in said
    with station.db.read() as session:
        assert session.get_one(IssuedDocument, drawn.id).kind == "help"


def test_a_spoilt_number_is_spent(station: Station, who: str) -> None:
    papers = Papers(station)
    drawn = papers.reserve("F14", f"person:{who}")
    papers.spoil(drawn.id)
    assert papers.reserve("F14", f"person:{who}").number == "桥头村退服字〔2026〕第0002号"
    with pytest.raises(Refused, match="已作废"):
        papers.again(drawn.id)
    with pytest.raises(Refused, match="已作废"):
        papers.settle(drawn.id)


def test_a_paper_of_an_older_version_kept_no_words(station: Station, who: str, tmp_path: Path) -> None:
    made = issue(station, who, tmp_path / "a.pdf")
    change(station, IssuedDocument, made.id, content=None)
    with pytest.raises(Refused, match="没有留下正文"):
        Papers(station).again(made.id)


def test_the_case_form_keeps_its_number(station: Station, who: str) -> None:
    case = HardshipCases(station).open({"person": who, "reason": "大病", "amount": "3000.00"}).id
    papers = Papers(station)
    assert papers.look("F07", f"case:{case}").number == ""
    first = papers.reserve("F07", f"case:{case}")
    assert papers.reserve("F07", f"case:{case}").id == first.id
    papers.settle(first.id)
    again = papers.look("F07", f"case:{case}")
    assert (again.id, again.number, again.reprint) == (first.id, "桥头村退帮字〔2026〕第0001号", 1)
    assert HardshipCases(station).show(case).fields["number"] == first.number


def test_the_register_lists_filters_and_offers_again(station: Station, who: str) -> None:
    papers, register = Papers(station), PaperRegister(station)
    other = person(station, "李四")
    for purpose in ("一", "二", "三", "四", "二"):
        papers.settle(papers.reserve("F14", f"person:{who}", purpose=purpose).id)
    waiting = papers.reserve("F14", f"person:{other}", purpose="四")
    assert [row.id for row in register.waiting()] == [waiting.id]
    rows = register.rows(list(register.ids(Wanted())))
    assert [rows[one].number[-5:] for one in register.ids(Wanted())][:2] == ["0006号", "0005号"]
    assert {row.what for row in rows.values()} == {"享受待遇情况证明"}
    assert [rows[one].whom for one in register.ids(Wanted(text="李"))] == ["李四"]
    assert len(register.ids(Wanted(text="0003"))) == 1
    assert len(register.ids(Wanted(form="F07"))) == 0
    assert len(register.ids(Wanted(status="printed", year="2026", by="whom"))) == 5
    assert register.purposes() == ["四", "二", "三"]
    assert register.years() == ["2026"]
