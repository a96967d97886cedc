"""Who may decide between two answers: villages addresses and telephones, townships identities, counties money."""

import pytest

from app.rules.settling import level_for, may_settle


@pytest.mark.parametrize(
    ("kind", "editor", "merge", "level"),
    [
        ("person", "phone", "latest", "village"),
        ("person", "text", "latest", "village"),
        ("visit", "long", "latest", "village"),
        ("person", "name", "ask", "township"),
        ("person", "id_number", "ask", "township"),
        ("family_member", "text", "ask", "township"),
        ("hardship_case", "money", "ask", "county"),
        ("person", "money", "latest", "county"),
        ("person_account", "account", "ask", "county"),
        ("someone_else", "account", "latest", "county"),
        ("person_account", "text", "ask", "county"),
        ("roster_line", "text", "latest", "county"),
        ("hardship_case", "text", "city", "city"),
        ("hardship_case", "money", "township", "township"),
    ],
)
def test_the_lowest_level_that_may_settle(kind: str, editor: str, merge: str, level: str) -> None:
    assert level_for(kind, editor, merge) == level


def test_every_level_above_may_too() -> None:
    assert [may_settle(own, "township") for own in ("village", "township", "county", "city")] == [
        False,
        True,
        True,
        True,
    ]
