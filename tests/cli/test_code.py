"""`code` on the terminal: every table can be listed and read."""

import pytest

from app.errors import BadInput


def test_code_tables(run) -> None:
    tables = {row["table"]: row for row in run("code", "list")["tables"]}
    assert tables["rank"]["title"] == "军衔"
    assert len(tables) == len(run("code", "list")["tables"])
    for name, row in tables.items():
        assert len(run("code", "show", name)["codes"]) == row["codes"], name
    codes = {row["code"]: row for row in run("code", "show", "service_branch")["codes"]}
    assert codes["second_artillery"]["ends"] == "2015-12"
    with pytest.raises(BadInput, match="没有“x”这个代码表"):
        run("code", "show", "x")
