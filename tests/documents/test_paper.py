"""Fonts per glyph, breaking and fitting of text, the page's own marks, and what a PDF carries."""

import hashlib
import io

import pikepdf
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.documents import fonts, lettering, mark
from app.documents.paper import LANDSCAPE, Code, Text, Writer
from tests.documents import papers


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return "".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


def fonts_of(pdf: bytes) -> dict[str, bool]:
    """Name of every font on every page -> whether its programme is inside."""
    found = {}
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        for page in opened.pages:
            for font in page.Resources.Font.values():
                descriptor = font.get("/FontDescriptor")
                found[str(font.BaseFont)] = descriptor is not None and "/FontFile2" in descriptor
    return found


def foot() -> mark.Foot:
    return mark.Foot(
        "F04", "桥头村站", "0791-88001234", "桥退服字〔2027〕第0012号", 1, papers.PRINTED, "刘敏", "ab" * 32
    )


@pytest.mark.parametrize(
    ("char", "font"),
    [
        ("中", "rg-serif"),
        ("䶮", "rg-serif"),
        ("㛃", "rg-serif"),
        ("㼆", "rg-serif"),
        ("𬱖", "rg-serif"),
        ("\uf92c", "rg-serif"),
        ("〇", "rg-serif"),
        ("·", "rg-serif"),
        ("𠮷", "rg-hana_a"),
        ("𬉖", "rg-hana_c"),
        ("\U00020003", "rg-hana_b"),
        ("\U0003106c", "rg-sans"),
    ],
)
def test_each_character_comes_from_the_first_font_that_has_it(char, font):
    assert [(name, text) for name, text, _ in fonts.runs(char, "serif")] == [(font, char)]
    assert fonts.missing(char) == ()


def test_a_character_no_font_has_is_named_and_stands_as_a_geta_mark():
    assert fonts.missing("王ཀ\ue000王") == ("ཀ", "\ue000")
    assert "".join(text for _, text, _ in fonts.runs("王ཀ", "serif")) == "王〓"


def test_rare_are_only_ideographs_from_a_spare_font():
    assert fonts.rare("张䶮𠮷𠮷·1a\U0001f600") == ("𠮷",)


def test_bold_falls_back_to_the_ordinary_face_then_to_the_spare_ones():
    assert [name for name, _, _ in fonts.runs("张䶮𠮷", "bold")] == ["rg-bold", "rg-serif", "rg-hana_a"]


def test_every_ideograph_of_gb_18030_is_covered():
    # Unified ideographs with extensions A to F; GB 18030-2022 level 3 asks for all that were in Unicode 11.
    blocks = [(0x4E00, 0x9FEF), (0x3400, 0x4DB5), (0x20000, 0x2A6D6), (0x2A700, 0x2B734), (0x2B740, 0x2B81D)]
    blocks += [(0x2B820, 0x2CEA1), (0x2CEB0, 0x2EBE0)]
    lacking = [chr(p) for low, high in blocks for p in range(low, high + 1) if fonts.is_missing(chr(p))]
    assert lacking == []


def test_coverage_file_is_what_the_fonts_say():
    for short, (name, ranges) in fonts._coverage().items():
        face = fonts._opened(short).face
        said = {p for low, high in zip(ranges[::2], ranges[1::2], strict=True) for p in range(low, high + 1)}
        assert said <= set(face.charToGlyph), name
        assert (fonts.FOLDER / name).stat().st_size < 20_000_000


@given(st.text(alphabet="中张〇䶮，。、（）《》·—12a,.(× 0\n", max_size=120), st.sampled_from([12.0, 18.0, 40.0]))
def test_wrapping_loses_nothing_and_stays_within_the_width(text, room):
    lines = lettering.wrap(text, room, 10.5)
    assert "".join(lines) == text.replace("\n", "")
    for one in lines:
        assert lettering.width(one, 10.5) <= room + 1e-3


@given(st.text(alphabet="中张䶮，。·12a \n", max_size=200), st.sampled_from([(20.0, 12.0), (20.0, 4.5), (60.0, 12.0)]))
def test_fitting_gives_every_character_back_in_its_lines_or_in_the_rest(text, cell):
    room, high = cell
    found = lettering.fit(text, room, high, 10.5, 6.5)
    assert ("".join(found.lines) + found.rest).replace("\n", "") == text.replace("\n", "")
    assert all(lettering.width(one, found.size) <= room + 1e-3 for one in found.lines)
    assert (
        len(found.lines) * found.size * lettering.LEADING / lettering.MM
        <= high + found.size * 0.2 / lettering.MM + 1e-3
    )


@pytest.mark.parametrize("room", [15.0, 19.0, 23.0, 31.0])
def test_no_line_begins_with_a_closing_mark_or_ends_with_an_opening_one(room):
    for one in lettering.wrap("经核实，该同志（张三）享受《条例》规定的待遇。情况属实，同意上报。" * 3, room, 10.5):
        assert one[0] not in lettering.NOT_FIRST
        assert one[-1] not in lettering.NOT_LAST


def test_numbers_and_dates_are_not_torn():
    lines = lettering.wrap(
        "兹证明服役时间为1968年12月至1973年2月，自付32,415.60元，号码360121195001010016。", 38.0, 10.5
    )
    for whole in ("1968年", "12月", "32,415.60元", "360121195001010016"):
        assert any(whole in one for one in lines), whole


def test_short_text_keeps_its_size_and_one_line():
    assert lettering.fit("张三", 18.0, 11.0, 12.0) == lettering.Fit(12.0, ("张三",))


def test_page_mark_says_who_and_which_and_reads_back():
    made = mark.mark_of(foot(), 2, 9)
    said = made.text()
    assert said.split("\n")[0] == "桥头村站 桥退服字〔2027〕第0012号 核验电话0791-88001234"
    assert "刘敏" not in said
    assert mark.read_mark(said) == made
    assert (made.form, made.page, made.pages, made.version) == ("F04", 2, 9, 1)


@pytest.mark.parametrize("text", ["", "https://example.org", "站 号 核验电话1\nRG2|F04|1/1|1", "站\nRG1|F04|1/1|1"])
def test_another_code_is_no_page_mark(text):
    assert mark.read_mark(text) is None


def test_fingerprint_changes_with_any_cell_and_with_its_place():
    rows = [("1", "张三", "500.00"), ("2", "李四", "500.00")]
    line_by_line = '["1","张三","500.00"]\n["2","李四","500.00"]\n'
    assert mark.fingerprint(rows) == hashlib.sha256(line_by_line.encode()).hexdigest()
    others = [[*rows[:1]], rows[::-1], [("1", "张三", "5000.00"), rows[1]], [("1", "张三500.00", ""), rows[1]]]
    assert len({mark.fingerprint(r) for r in [rows, *others]}) == 5


def test_foot_names_page_and_count_on_every_page():
    writer = Writer(LANDSCAPE, "F04", foot())
    for _ in range(3):
        writer.page()
    said = text_of(writer.finish().pdf)
    for page in (1, 2, 3):
        assert f"第{page}页/共3页" in said
    assert said.count("校验码 abababababab") == 3
    assert "打印时间 2027-01-20 09:30" in said


def test_a_long_foot_line_becomes_smaller_and_is_whole():
    long = mark.Foot("F04", "站", "1", "桥退服字〔2027〕第0012号" * 8, 1, papers.PRINTED, "刘敏")
    writer = Writer(LANDSCAPE, "F04", long)
    writer.page()
    writer.finish()
    shown = next(m for m in writer.pages[0] if isinstance(m, Text) and m.text.startswith("单号"))
    assert shown.text == long.left()
    assert shown.x + lettering.width(shown.text, shown.size) < 285


def test_nothing_is_unembedded_and_metadata_names_nobody():
    writer = Writer(LANDSCAPE, "F04", foot(), watermark="不作发放凭证")
    writer.page()
    writer.text(20, 20, "张䶮𠮷ཀ", face="sans")
    writer.code(250, 10)
    done = writer.finish()
    assert (done.pages, done.rare, done.missing) == (1, ("𠮷",), ("ཀ",))
    found = fonts_of(done.pdf)
    assert found
    assert all(found.values()), found
    with pikepdf.open(io.BytesIO(done.pdf)) as opened:
        said = {str(k): str(v) for k, v in opened.docinfo.items()}
    assert said["/Title"] == "F04"
    assert not [v for v in said.values() if "张" in v or "刘敏" in v]


def test_invariant_papers_are_the_same_bytes_and_the_others_carry_their_time():
    def made(*, invariant: bool) -> bytes:
        writer = Writer(LANDSCAPE, "F04", foot(), invariant=invariant)
        writer.page()
        writer.text(20, 20, "张三")
        return writer.finish().pdf

    assert made(invariant=True) == made(invariant=True)
    assert b"20000101000000" in made(invariant=True)
    assert b"20000101000000" not in made(invariant=False)


def test_streams_are_binary_not_base_85():
    writer = Writer(LANDSCAPE, "F04", foot())
    writer.page()
    writer.code(250, 10)
    assert b"ASCII85Decode" not in writer.finish().pdf


def test_the_code_is_drawn_where_it_was_asked_for():
    writer = Writer(LANDSCAPE, "F04", foot())
    writer.page()
    writer.code(250.0, 10.0, 16.0)
    assert writer.pages[0] == [Code(250.0, 10.0, 16.0)]
    document = pypdfium2.PdfDocument(writer.finish().pdf)
    picture = document[0].render(scale=8, grayscale=True)
    data, stride, scale = bytes(picture.buffer), picture.stride, 8 * lettering.MM
    document.close()
    rows = mark.squares(mark.mark_of(foot(), 1, 1).text())
    side = 16.0 / len(rows)
    for r, row in enumerate(rows):
        for c, module in enumerate(row):
            x, y = int((250 + (c + 0.5) * side) * scale), int((10 + (r + 0.5) * side) * scale)
            assert (data[y * stride + x] < 128) == bool(module)
