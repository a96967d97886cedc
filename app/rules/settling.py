"""Which level may settle what two sides filled in differently: villages addresses, townships identities, counties money."""

from typing import Final

from app.rules import levels

_MONEY: Final = frozenset({"money", "account"})
_COUNTY_KINDS: Final = frozenset({"payment", "roster", "roster_line", "person_account", "issued_document", "campaign"})
_IDENTITY: Final = frozenset({"name", "id_number"})


def level_for(kind: str, editor: str, merge: str) -> levels.Level:
    """The lowest level that may settle a field; `editor` and `merge` as the field declares them."""
    if merge in ("township", "county", "city"):
        return levels.LEVELS[levels.order(merge)]
    if editor in _MONEY or kind in _COUNTY_KINDS:
        return "county"
    if editor in _IDENTITY or merge == "ask":
        return "township"
    return "village"


def may_settle(own: str, needed: str) -> bool:
    """Whether a unit of one level may settle what another level must."""
    return levels.order(own) >= levels.order(needed)
