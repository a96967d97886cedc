"""The guides are kept true: the list for adding a record is walked for every kind, the pages are complete and fresh."""

import importlib.util
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, UniqueConstraint, inspect

import app.models
from app import clock
from app.cli import fields as fields_noun
from app.models import fields_of, kinds, table_of
from app.models.base import LOCAL_COLUMNS
from app.models.digest import digest
from app.models.fields import LEVEL_MERGES
from app.models.receipts import STATUSES
from app.rules import campaign, hardship, levels
from app.services import lookup, staff, stores, tidying
from app.services.stores import Founding, Opened
from app.sync import enrolment, incoming, outgoing
from app.sync.exchange import Exchange

HERE = Path(__file__).resolve().parent.parent
DOCS = HERE / "docs"
GLOSSARY = (DOCS / "glossary.md").read_text("utf-8")
KINDS = sorted(kinds())
HAN = re.compile(r"[\u4e00-\u9fff]")
FROM_ABOVE = ("code_list", "division", "erasure", "node", "policy", "refusal", "share")
"""Kinds the upper unit writes; all others are written below and go up."""
UNSAID = {"node": {"sign_key", "seal_key", "former"}, "erasure": {"subject"}}
"""Fields left empty here because the exchange acts upon them."""


def rows(page: str) -> set[tuple[str, str]]:
    """(first, second) cell of every table row, without backticks."""
    found = re.findall(r"^\| *(.+?) *\| *(.+?) *\|", page, re.MULTILINE)
    return {(first.strip("`"), second) for first, second in found}


# -- the list, point by point -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
class TestEveryKind:
    def test_has_a_noun_of_its_own_and_a_docstring(self, kind: str) -> None:
        cls = kinds()[kind]
        assert HAN.search(cls.noun)
        assert [name for name, other in kinds().items() if other.noun == cls.noun] == [kind]
        assert cls.__doc__
        assert cls.scope in {"home", "downward"}

    def test_every_column_says_what_it_is(self, kind: str) -> None:
        for column in table_of(kind).columns:
            if column.name in LOCAL_COLUMNS:
                continue
            field = fields_of(kind)[column.name]
            assert HAN.search(field.label), column.name
            assert bool(field.codes) == (field.editor == "code"), column.name
            if field.target:
                assert field.editor == "record"
                assert field.target in kinds(), column.name
            if field.editor == "record" and not field.internal:
                assert field.target, column.name
        assert "home" in fields_of(kind)

    def test_nothing_makes_a_truthful_change_impossible(self, kind: str) -> None:
        table = table_of(kind)
        assert not [c for c in table.constraints if isinstance(c, UniqueConstraint | CheckConstraint)]
        assert not [index.name for index in table.indexes if index.unique]
        bound = [c.name for c in table.columns if not c.nullable and c.name not in (*LOCAL_COLUMNS, "deleted")]
        assert not bound
        for constraint in table.constraints:
            if isinstance(constraint, ForeignKeyConstraint):
                assert [column.name for column in constraint.columns] == [kinds()[kind].part_of]
                assert constraint.deferrable

    def test_nothing_loads_by_itself(self, kind: str) -> None:
        assert {relation.lazy for relation in inspect(kinds()[kind]).relationships} <= {"raise_on_sql", "noload"}

    def test_a_part_names_its_whole(self, kind: str) -> None:
        whole = kinds()[kind].part_of
        assert not whole or fields_of(kind)[whole].target in kinds()

    def test_is_exported_and_migrated(self, kind: str) -> None:
        assert kinds()[kind].__name__ in app.models.__all__
        versions = "".join(p.read_text("utf-8") for p in (HERE / "app/models/migrations/versions").glob("*.py"))
        assert f'"{kind}"' in versions

    def test_somebody_writes_it(self, kind: str) -> None:
        written = [p for room in ("services", "sync") for p in (HERE / "app" / room).glob("*.py")]
        name = kinds()[kind].__name__
        assert [p for p in written if re.search(rf'\b{name}\b|"{kind}"', p.read_text("utf-8"))]

    def test_the_terminal_lists_its_fields(self, kind: str) -> None:
        assert fields_noun.kind_of(kind) == kind

    def test_is_in_the_glossary(self, kind: str) -> None:
        cls = kinds()[kind]
        assert (kind, cls.noun) in rows(GLOSSARY)
        assert f"`{cls.__name__}`" in GLOSSARY

    def test_is_in_the_data_dictionary(self, kind: str) -> None:
        page = (DOCS / "data-dictionary.md").read_text("utf-8")
        part = page.split(f"\n### {kind}\n")[1].split("\n### ")[0]
        for name, field in fields_of(kind).items():
            if name not in ("home", "deleted"):
                assert f"| `{name}` | {field.label} |" in part


def test_the_list_names_files_that_exist() -> None:
    page = (DOCS / "adding-a-record.md").read_text("utf-8")
    named = set(re.findall(r"`((?:app|tests|installer|docs)/[\w./-]+)`", page))
    assert len(named) > 5
    assert [path for path in named if not (HERE / path).exists()] == []
    linked = re.findall(r"\]\(([^)]+)\)", page)
    assert [path for path in linked if not (DOCS / path).exists()] == []


# -- the pages ----------------------------------------------------------------------------------------------------


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("data_dictionary", HERE / "installer" / "data_dictionary.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_data_dictionary_is_fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    made = generator()
    assert (DOCS / "data-dictionary.md").read_text("utf-8") == made.page(), "run installer/data_dictionary.py"
    assert made.main(["--check"]) == 0
    stale = tmp_path / "page.md"
    monkeypatch.setattr(made, "PAGE", stale)
    stale.write_text(made.page().replace("姓名", "名字", 1), "utf-8")
    assert made.main(["--check"]) == 1
    assert "stale" in capsys.readouterr().out
    made.main([])
    assert stale.read_text("utf-8") == made.page()


def test_the_generator_runs_as_a_script() -> None:
    script = HERE / "installer" / "data_dictionary.py"
    done = subprocess.run([sys.executable, script, "--check"], cwd="/", capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_code_lists_with_words_are_complete() -> None:
    words = generator().WORDS
    used = {field.codes for kind in KINDS for field in fields_of(kind).values() if field.codes}
    assert set(words) <= used
    assert all(HAN.search(word) for table in words.values() for word in table.values())


@pytest.mark.parametrize(
    "pairs",
    [
        pytest.param(levels.NAMES, id="levels"),
        pytest.param(STATUSES, id="statuses"),
        pytest.param(staff.ROLE_NAMES, id="roles"),
        pytest.param({rule.code: rule.label for rule in hardship.DEFAULT.steps}, id="steps"),
    ],
)
def test_the_glossary_has_every_word_of_a_table(pairs: dict[str, str]) -> None:
    known = rows(GLOSSARY)
    assert [(code, word) for code, word in pairs.items() if (code, word) not in known] == []


@pytest.mark.parametrize("pairs", [campaign.STATES, campaign.LINE_STATES, hardship.RESULTS])
def test_the_glossary_has_every_word_of_a_sentence(pairs: dict[str, str]) -> None:
    assert [code for code, word in pairs.items() if f"`{code}` {word}" not in GLOSSARY] == []


def test_the_glossary_names_no_kind_that_is_gone() -> None:
    part = GLOSSARY.split("## Kinds of record")[1].split("\n## ")[0]
    named = set(re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE))
    assert named == set(KINDS)


def test_the_glossary_names_every_file_of_a_store() -> None:
    known = {first for first, _ in rows(GLOSSARY)}
    assert {stores.STORE, stores.KEYS, stores.LOCK, stores.UNFOUNDED, tidying.MARK, *stores.FOLDERS} <= known


def test_links_between_the_guides_hold() -> None:
    for page in DOCS.rglob("*.md"):
        for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text("utf-8")):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name} -> {target}"


# -- the promise of the list: it travels --------------------------------------------------------------------------


@dataclass
class Pair:
    """A township below a county, joined; each has written every kind it may write."""

    county: Opened
    township: Opened
    stick: Path
    made: dict[str, str]
    taken: list[incoming.Taken]

    def carry(self, sender: Opened, receiver: Opened, to: str) -> list[incoming.Taken]:
        done = outgoing.export(exchange(sender), to, self.stick)
        return incoming.take_all(exchange(receiver), [Path(done.parts[0])])


def exchange(opened: Opened) -> Exchange:
    return Exchange(opened.station.db, opened.station.folder)


def shared(opened: Opened) -> str:
    with opened.station.db.read() as session:
        return digest(opened.station.db, session.connection(), ("361002100",))


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    root = tmp_path_factory.mktemp("kinds")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RONGGUI_SETTINGS", str(root / "settings"))
        county, _ = stores.init(
            root / "county", Founding("county", "临川区局", ("361002",), "钱芳", "demo", practice=True)
        )
        invited = enrolment.enrol(
            exchange(county), level="township", name="上顿渡镇站", scopes=("361002100",), out=root / "t.rge"
        )
        offer = enrolment.read(invited.file, invited.code)
        township, _ = stores.init(
            root / "township",
            Founding(
                offer.level, offer.name, offer.scopes, "孙立", "demo", practice=True, node=offer.node,
                prepare=lambda station, work: enrolment.begin(station.db, work, offer),
            ),
        )  # fmt: skip
        (root / "stick").mkdir()
        found = Pair(county, township, root / "stick", {}, [])
        found.carry(township, county, "parent")
        found.carry(county, township, offer.node)
        ids = {kind: clock.new_id() for kind in KINDS}
        for opened, some in ((county, FROM_ABOVE), (township, [k for k in KINDS if k not in FROM_ABOVE])):
            with opened.station.db.work("各类记录") as work:
                for kind in some:
                    values = {
                        name: made_up(kind, name, ids, found) for name in fields_of(kind) if not above(kind, name)
                    }
                    cls: Any = kinds()[kind]
                    work.session.add(cls(id=ids[kind], **values | {"deleted": False}))
                    work.session.flush()
        found.made = ids
        found.taken += found.carry(township, county, "parent")
        with county.station.db.work("上级填写") as work:
            for kind in KINDS:
                for name in fields_of(kind):
                    if above(kind, name):
                        record: Any = work.session.get_one(kinds()[kind], ids[kind])
                        setattr(record, name, made_up(kind, name, ids, found))
        found.taken += found.carry(county, township, offer.node)
        yield found
        county.close()
        township.close()


def above(kind: str, name: str) -> bool:
    """Whether only a higher level may write the field."""
    return fields_of(kind)[name].merge in LEVEL_MERGES


def made_up(kind: str, name: str, ids: dict[str, str], pair: Pair) -> Any:
    """A value for any field by its editor; where the exchange looks at it, one that it takes."""
    field = fields_of(kind)[name]
    fixed: dict[tuple[str, str], Any] = {
        ("case_step", "step"): "apply",
        ("erasure", "subject"): None,
        ("node", "level"): "village",
        ("node", "scopes"): "361002100200",
        ("node", "sign_key"): None,
        ("node", "seal_key"): None,
        ("node", "former"): None,
        ("node", "parent"): pair.county.station.place.node,
        ("refusal", "node"): pair.township.station.place.node,
        ("refusal", "position"): 1 << 40,
        ("replacement", "node"): pair.township.station.place.node,
        ("replacement", "position"): 1 << 41,
    }
    if (kind, name) in fixed:
        return fixed[kind, name]
    if name == "home":
        return "361002100000" if kind not in ("code_list", "policy") else "361002000000"
    if field.editor == "record":
        return ids.get(field.target or "person")
    by_editor = {
        "money": 123_450, "integer": 7, "stamp": 1 << 40, "flag": True, "bytes": b"\x01" * 32, "day": "2026-09-28",
        "partial_date": "1979-12", "division": "361002100200", "id_number": "110105194912310029", "phone": "16400000001",
    }  # fmt: skip
    return by_editor.get(field.editor, f"{field.label}甲")


def test_all_kinds_travel_and_both_units_then_hold_the_same(pair: Pair) -> None:
    for taken in pair.taken:
        assert (taken.counts.refused, taken.counts.held, taken.error) == (0, 0, "")
    assert [taken.counts.accepted > 0 for taken in pair.taken] == [True, True]
    assert shared(pair.county) == shared(pair.township)
    again = pair.carry(pair.township, pair.county, "parent")
    assert again[0].counts.accepted == 0


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_whole_at_the_other_end(pair: Pair, kind: str) -> None:
    table = table_of(kind)
    found = []
    for opened in (pair.county, pair.township):
        with opened.station.db.read() as session:
            row = session.execute(table.select().where(table.c.id == pair.made[kind])).mappings().one()
            found.append({name: row[name] for name in fields_of(kind)})
    assert found[0] == found[1]
    empty = {name for name, value in found[0].items() if value is None}
    assert empty <= UNSAID.get(kind, set())


def test_nouns_before_an_id_are_kinds() -> None:
    assert set(lookup.NOUNS.values()) <= set(kinds().values())
