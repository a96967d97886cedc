"""Division codes of 12 digits (province 2, city 2, county 2, township 3, village 3): levels, parents, names, look-up."""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

LENGTHS = MappingProxyType({"province": 2, "city": 4, "county": 6, "township": 9, "village": 12})
CODE_LENGTH = 12

# Names in the national list that only fill a level and are never said when an address is spoken.
_FILLERS = frozenset({"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"})
# Endings that people leave out or swap when they write a village's name; the longest first.
_VILLAGE_ENDINGS = (
    "社区居民委员会",
    "居民委员会",
    "村民委员会",
    "社区居委会",
    "社区村委会",
    "村村委会",
    "居委会",
    "村委会",
    "社区",
    "村",
)


def parse(text: str) -> dict[str, str]:
    """Names by 12-digit code from lines `code,name`; short codes are padded with zeros, other lines are left out."""
    names: dict[str, str] = {}
    for code, name in entries(text.splitlines()):
        # A city without counties (东莞) stands in the list twice under one padded code: the first is kept.
        names.setdefault(code, name)
    return names


def entries(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(12-digit code, name) of each line that has one, as they stand."""
    for line in lines:
        code, _, name = line.partition(",")
        code, name = code.strip(), name.strip()
        if code.isascii() and code.isdigit() and len(code) in LENGTHS.values() and name:
            yield pad(code), name


def pad(code: str) -> str:
    """The 12-digit form of a shorter code."""
    return code.ljust(CODE_LENGTH, "0")


def is_code(text: str) -> bool:
    """Whether a text has the form of a 12-digit division code (not whether the division exists)."""
    return len(text) == CODE_LENGTH and text.isascii() and text.isdigit() and text[:2] != "00"


def level(code: str) -> str:
    """province, city, county, township or village, told by the zeros at the end of a 12-digit code."""
    if code[9:] != "000":
        return "village"
    if code[6:9] != "000":
        return "township"
    if code[4:6] != "00":
        return "county"
    return "city" if code[2:4] != "00" else "province"


def scope(code: str) -> str:
    """The prefix that all divisions inside this one share: 2, 4, 6, 9 or 12 digits."""
    return code[: LENGTHS[level(code)]]


def within(code: str, prefix: str) -> bool:
    """Whether a division lies inside a scope given as a prefix or as a padded code."""
    return code.startswith(scope(prefix) if len(prefix) == CODE_LENGTH else prefix)


def parent(code: str) -> str | None:
    """The 12-digit code one level up, None above a province."""
    order = list(LENGTHS.values())
    place = order.index(LENGTHS[level(code)])
    return pad(code[: order[place - 1]]) if place else None


def ancestors(code: str) -> list[str]:
    """The codes above this one, the province first."""
    above: list[str] = []
    upper = parent(code)
    while upper is not None:
        above.append(upper)
        upper = parent(upper)
    return above[::-1]


def children(names: Mapping[str, str], code: str) -> list[str]:
    """The known divisions right below this one, in the order of their codes."""
    return sorted(each for each in names if each != code and _known_parent(names, each) == code)


def full_name(names: Mapping[str, str], code: str) -> str:
    """The name with all names above it, such as 江西省抚州市临川区上顿渡镇林源村委会; unknown levels are left out."""
    parts = [names.get(each, "") for each in [*ancestors(code), code]]
    return "".join(part for part in parts if part not in _FILLERS)


def find(names: Mapping[str, str], text: str, under: str) -> list[str]:
    """Codes inside a scope (prefix or padded code) whose name, or whose full name's end, is this text.

    Endings of villages (村, 村委会, 村民委员会, 社区, 居委会) may be missing or differ.
    The answer is empty, one code, or several that share the name.
    """
    wanted = "".join(text.split())
    if not wanted:
        return []
    inside = [code for code in names if within(code, under)]
    exact = [code for code in inside if names[code] == wanted]
    if exact:
        return sorted(exact)
    short = short_name(wanted)
    return sorted(code for code in inside if _ends_with(names, code, wanted, short))


def short_name(name: str) -> str:
    """A village's or community's name without the ending that says what it is: 林源村委会 and 林源村 are 林源."""
    for ending in _VILLAGE_ENDINGS:
        if name.endswith(ending) and len(name) > len(ending):
            return name[: -len(ending)]
    return name


def _known_parent(names: Mapping[str, str], code: str) -> str | None:
    """The nearest division above that the list knows: townships of a city without counties hang on the city."""
    upper = parent(code)
    while upper is not None and upper not in names:
        upper = parent(upper)
    return upper


def _ends_with(names: Mapping[str, str], code: str, wanted: str, short: str) -> bool:
    if level(code) == "village":
        if short == short_name(names[code]):
            return True
        return any(short == tail + short_name(names[code]) for tail in _upper_tails(names, code))
    return any(wanted == tail + names[code] for tail in _upper_tails(names, code))


def _upper_tails(names: Mapping[str, str], code: str) -> Iterator[str]:
    """What may be written before a name: the township, the county and township, and so on up to the province."""
    tail = ""
    for upper in reversed(ancestors(code)):
        name = names.get(upper, "")
        if name and name not in _FILLERS:
            tail = name + tail
            yield tail
