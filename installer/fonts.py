"""Makes resources/fonts: copies, subsets and thins the fonts, and writes their coverage and licences.

How to repeat it (fontTools is in the lock, development part):

    npm pack @expo-google-fonts/noto-serif-sc@0.4.3 && tar xzf expo-google-fonts-noto-serif-sc-0.4.3.tgz -C serif
    npm pack @expo-google-fonts/noto-sans-sc@0.4.3  && tar xzf expo-google-fonts-noto-sans-sc-0.4.3.tgz -C sans
    apt-get install fonts-hanazono
    python installer/fonts.py --serif serif/package --sans sans/package --hanazono /usr/share/fonts/truetype/hanazono

What it does and why:
- Noto Serif SC Regular and Noto Sans SC Regular are taken as they are (TrueType, SIL OFL 1.1).
- Noto Serif SC Bold is for titles only: the CJK unified block and punctuation, no extensions; a rarer character in a
  title is drawn from the regular face.
- HanaMin A and B keep only what Noto Serif SC lacks. Their outlines are polygons with a point every few units; points
  that lie within TOLERANCE of the straight line are left out, which takes a third off and cannot be seen: 3/1024 of
  an em is 0.017 mm at 16 pt, under half a dot of a 600 dpi printer. HanaMin B becomes two files below 20 MB.
"""

import argparse
import gzip
import json
import shutil
from collections.abc import Iterable
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._g_l_y_f import Glyph, GlyphCoordinates

TOLERANCE = 3.0
# HanaMin B would be 21 MB; it is parted here (in the middle of Extension B) into two files of about the same size.
PARTING = 0x26000
OUT = Path(__file__).resolve().parents[1] / "resources" / "fonts"
# File name -> short name used by app/documents/fonts.py.
FILES = {
    "serif": "NotoSerifSC-Regular.ttf",
    "bold": "NotoSerifSC-Bold.ttf",
    "sans": "NotoSansSC-Regular.ttf",
    "hana_a": "HanaMinA.ttf",
    "hana_b": "HanaMinB-1.ttf",
    "hana_c": "HanaMinB-2.ttf",
}
TITLE_BLOCKS = (
    (0x20, 0x17F),
    (0x2000, 0x206F),
    (0x2100, 0x22FF),
    (0x2460, 0x24FF),
    (0x3000, 0x303F),
    (0x4E00, 0x9FFF),
    (0xFF00, 0xFFEF),
)

Point = tuple[int, int]


def thinned(points: list[Point], tolerance: float) -> list[Point]:
    """A closed outline with the points left out that lie within `tolerance` of the line of their neighbours.

    Douglas-Peucker, begun at the two points farthest from each other along the first axis so that it is repeatable.
    """
    count = len(points)
    if count < 5:
        return points
    first = min(range(count), key=lambda i: points[i])
    ring = points[first:] + points[:first]
    far = max(range(count), key=lambda i: (ring[i][0] - ring[0][0]) ** 2 + (ring[i][1] - ring[0][1]) ** 2)
    ring.append(ring[0])
    keep = [False] * (count + 1)
    keep[0] = keep[far] = keep[count] = True
    spans = [(0, far), (far, count)]
    limit = tolerance * tolerance
    while spans:
        start, end = spans.pop()
        (x1, y1), (x2, y2) = ring[start], ring[end]
        dx, dy = x2 - x1, y2 - y1
        length = dx * dx + dy * dy
        worst, at = limit, -1
        for i in range(start + 1, end):
            px, py = ring[i][0] - x1, ring[i][1] - y1
            cross = px * dy - py * dx
            along = px * dx + py * dy
            if length and 0 <= along <= length:
                off = cross * cross / length
            else:
                qx, qy = ring[i][0] - x2, ring[i][1] - y2
                off = min(px * px + py * py, qx * qx + qy * qy)
            if off > worst:
                worst, at = off, i
        if at >= 0:
            keep[at] = True
            spans += [(start, at), (at, end)]
    kept = [p for p, k in zip(ring[:count], keep, strict=False) if k]
    return kept if len(kept) >= 3 else points


def thin(glyph: Glyph, tolerance: float) -> None:
    """Thin every contour of a glyph whose points all lie on the outline; others are left alone."""
    if glyph.numberOfContours <= 0 or not all(f & 1 for f in glyph.flags):
        return
    points: list[Point] = []
    ends: list[int] = []
    start = 0
    for end in glyph.endPtsOfContours:
        points += thinned([(int(x), int(y)) for x, y in glyph.coordinates[start : end + 1]], tolerance)
        ends.append(len(points) - 1)
        start = end + 1
    glyph.coordinates = GlyphCoordinates(points)
    glyph.endPtsOfContours = ends
    glyph.flags = bytearray([1] * len(points))


def cut(source: Path, target: Path, wanted: Iterable[int], *, thinner: float | None = None) -> None:
    """Write the characters `wanted` of `source` as a TrueType font without hints and layout tables."""
    options = subset.Options()
    options.layout_features = []
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "BASE", "VORG", "vhea", "vmtx", "STAT", "FFTM"]
    options.hinting = False
    options.notdef_outline = True
    options.glyph_names = False
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.recalc_timestamp = False
    font = TTFont(source, recalcTimestamp=False)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=list(wanted))
    cutter.subset(font)
    if thinner is not None:
        table = font["glyf"]
        for name in table.keys():  # noqa: SIM118 (the table is no mapping)
            thin(table[name], thinner)
    font.save(target)


def characters(path: Path) -> set[int]:
    """The code points a font has a glyph for."""
    return set(TTFont(path, lazy=True).getBestCmap())


def ranges(points: Iterable[int]) -> list[int]:
    """Code points as a flat list of first and last, first and last."""
    flat: list[int] = []
    for point in sorted(points):
        if flat and point == flat[-1] + 1:
            flat[-1] = point
        else:
            flat += [point, point]
    return flat


def write_coverage(out: Path) -> None:
    """coverage.json: which font file has which characters, so that no font is opened to find out."""
    cover = {}
    for short, name in FILES.items():
        # Control and private-use characters are not writing; a font's picture for them would mislead.
        points = {p for p in characters(out / name) if p >= 0x20 and not 0xE000 <= p <= 0xF8FF and p < 0xF0000}
        cover[short] = {"file": name, "ranges": ranges(points)}
    (out / "coverage.json").write_text(json.dumps(cover, separators=(",", ":")) + "\n", encoding="utf-8")


def main() -> None:
    """Make all files from the unpacked packages."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--serif", type=Path, required=True)
    parser.add_argument("--sans", type=Path, required=True)
    parser.add_argument("--hanazono", type=Path, required=True)
    parser.add_argument("--hanazono-doc", type=Path, default=Path("/usr/share/doc/fonts-hanazono"))
    parser.add_argument("--out", type=Path, default=OUT)
    given = parser.parse_args()
    out: Path = given.out
    out.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(given.serif / "400Regular" / "NotoSerifSC_400Regular.ttf", out / FILES["serif"])
    shutil.copyfile(given.sans / "400Regular" / "NotoSansSC_400Regular.ttf", out / FILES["sans"])
    titles = {p for low, high in TITLE_BLOCKS for p in range(low, high + 1)}
    cut(given.serif / "700Bold" / "NotoSerifSC_700Bold.ttf", out / FILES["bold"], titles)
    have = characters(out / FILES["serif"])
    first = given.hanazono / "HanaMinA.ttf"
    second = given.hanazono / "HanaMinB.ttf"
    in_first = characters(first) - have
    cut(first, out / FILES["hana_a"], in_first, thinner=TOLERANCE)
    in_second = characters(second) - have - in_first
    cut(second, out / FILES["hana_b"], {p for p in in_second if p < PARTING}, thinner=TOLERANCE)
    cut(second, out / FILES["hana_c"], {p for p in in_second if p >= PARTING}, thinner=TOLERANCE)
    shutil.copyfile(given.serif / "LICENSE_FONT", out / "LICENSE-NotoSerifSC.txt")
    shutil.copyfile(given.sans / "LICENSE_FONT", out / "LICENSE-NotoSansSC.txt")
    shutil.copyfile(given.hanazono_doc / "copyright", out / "LICENSE-HanaMin.txt")
    readme = gzip.decompress((given.hanazono_doc / "README.txt.gz").read_bytes())
    (out / "README-HanaMin.txt").write_bytes(readme)
    write_coverage(out)


if __name__ == "__main__":
    main()
