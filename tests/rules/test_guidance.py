import pytest

from app.rules import certificates, guidance


@pytest.mark.parametrize(
    ("kind", "wording", "level", "found"),
    [
        ("健在", "", "village", "健在"), ("benefit", "开健在证明", "village", "健在"), ("benefit", "换证", "village", None),
        ("service", "", "village", "服役情况"), ("registered", "", "village", "登记在册情况"),
        ("registered", "", "township", None), ("service", "", "county", None), ("nothing", "", "village", None),
        ("健在", "", "county", None),
    ],
)  # fmt: skip
def test_who_is_sent_where(kind: str, wording: str, level: str, found: str | None) -> None:
    guide = guidance.guide_for(kind, wording, level)
    assert (guide.kind if guide is not None else None) == found


def test_every_banned_kind_has_a_guide() -> None:
    assert set(guidance.GUIDES) == set(certificates.BANNED_IN_VILLAGES)
    assert all(guide.who and guide.bring and guide.instead for guide in guidance.GUIDES.values())
