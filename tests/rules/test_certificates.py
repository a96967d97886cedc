import pytest

from app.rules import certificates


@pytest.mark.parametrize(
    ("wording", "kind"),
    [
        ("健在证明", "健在"), ("开一份 亲属关系证明", "亲属关系"), ("未婚证明", "婚姻状况"), ("婚姻状况证明", "婚姻状况"),
        ("退伍证遗失证明", "证件遗失"), ("收入状况证明", "财产状况"), ("残疾情况证明", "残疾状况"), ("健在的证明", "健在"),
        ("办理残疾军人证换证", ""), ("慰问健在老兵", ""), ("享受待遇证明", ""), ("", ""),
    ],
)  # fmt: skip
def test_what_people_ask_for(wording: str, kind: str) -> None:
    assert certificates.asked_for(wording) == kind


@pytest.mark.parametrize(
    ("kind", "level", "allowed"),
    [
        ("benefit", "village", True), ("help", "village", True), ("registered", "village", False),
        ("registered", "township", True), ("service", "township", False), ("service", "county", True), ("service", "city", True),
        ("健在", "village", False), ("nothing", "county", False),
    ],
)  # fmt: skip
def test_who_may_issue_what(kind: str, level: str, allowed: bool) -> None:
    assert (certificates.problem(kind, "", level) == "") is allowed


def test_only_villages_are_bound_by_the_list() -> None:
    assert certificates.problem("benefit", "开健在证明", "village").startswith('"健在证明"不由村里开')
    assert certificates.problem("benefit", "开健在证明", "township") == ""


def test_every_kind_is_complete() -> None:
    assert all(kind.label and kind.basis and kind.code == code for code, kind in certificates.KINDS.items())
