from pathlib import Path

import pytest

from app.errors import BadInput, Refused
from app.services.station import Station
from tests.services.records import person

pytestmark = pytest.mark.usefixtures("fixed_now")
ROUND = {"name": "2026年八一慰问", "year": 2026, "festival": "八一", "source": "village", "standard": "300.00"}


def test_a_round_from_plan_to_close(station: Station, run, tmp_path: Path) -> None:
    paid, back = person(station), person(station, "李四")
    campaign = run("campaign", "add", "-", stdin=ROUND)["id"]
    found = run("campaign", "candidates", campaign)["candidates"]
    assert {(one["person"], one["amount"]) for one in found} == {(paid, "300.00"), (back, "300.00")}
    assert all(one["why"] for one in found)
    lines = {who: run("campaign", "line", "add", campaign, who, "--amount", "300.00")["id"] for who in (paid, back)}
    out = tmp_path / "八一.pdf"
    sheet = run("campaign", "roster", campaign, "--out", str(out))
    assert out.read_bytes().startswith(b"%PDF")
    assert {(line["id"], line["person"], line["amount"], line["state"]) for line in sheet["lines"]} == {
        (lines[paid], paid, "300.00", "planned"), (lines[back], back, "300.00", "planned"),
    }  # fmt: skip
    run("campaign", "pay", lines[paid], "--paid", "--date", "2026-11-20")
    with pytest.raises(Refused, match=r"还差 300\.00 元没有去向: 李四"):
        run("campaign", "close", campaign)
    run("campaign", "pay", lines[back], "--missing", "--reason", "外出未联系上")
    shown = run("campaign", "show", campaign)
    assert {name: shown[name] for name in ("planned", "paid", "returned", "open")} == {
        "planned": "600.00", "paid": "300.00", "returned": "0.00", "open": "300.00",
    }  # fmt: skip
    assert "double" not in shown
    run("campaign", "pay", lines[back], "--returned")
    assert run("campaign", "close", campaign)["returned"] == "300.00"
    assert run("campaign", "list")["campaigns"][0]["status"] == "settled"
    assert (
        run("form", "print", "F04", "--for", f"roster:{sheet['roster']}", "--out", str(out))["number"]
        == sheet["number"]
    )


def test_an_amount_is_a_text(station: Station, run) -> None:
    for wrong in (300, "300.001", "-1", "0"):
        with pytest.raises(BadInput) as error:
            run("campaign", "add", "-", stdin={**ROUND, "standard": wrong})
        assert error.value.exit_code == 2
    with pytest.raises(BadInput, match="用引号"):
        run("campaign", "add", "-", stdin='{"name": "x", "standard": 300.5}')
    campaign = run("campaign", "add", "-", stdin=ROUND)["id"]
    with pytest.raises(BadInput):
        run("campaign", "line", "add", campaign, person(station), "--amount", "-3")


def test_a_witness_is_named(station: Station, run) -> None:
    campaign = run("campaign", "add", "-", stdin=ROUND)["id"]
    line = run("campaign", "line", "add", campaign, person(station, "周敏"), "--amount", "300.00")["id"]
    run("campaign", "roster", campaign)
    with pytest.raises(Refused, match="回避"):
        run("campaign", "pay", line, "--paid")
    assert run("campaign", "pay", line, "--paid", "--witness", "吴主任")["state"] == "paid"


@pytest.mark.parametrize(
    "words", [["pay", "0" * 32], ["pay", "0" * 32, "--paid", "--returned"], ["line", "add", "x"], ["show"]]
)
def test_wrong_calls(run, words: list[str]) -> None:
    with pytest.raises(BadInput, match="命令写法不对"):
        run("campaign", *words)
