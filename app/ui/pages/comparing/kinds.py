"""What kind of list it is: whether its people have died, and who of the register is missed when he is not on it."""

from dataclasses import dataclass
from typing import Final

from app.rules import benefits, codes, comparing
from app.services.comparing import Among
from app.ui.kit.list_columns import Words

NOBODY: Final = "-"
EVERYBODY: Final = ""
PAID: Final = "paid"
DEATH_COLUMN: Final = "去世日期(比对时用)"
COLUMNS: Final = Words(
    id="comparing",
    leave="(这一列不比)",
    known="每一列对应的项目已经选好, 请看一遍; 不对的改一下, 改过的下次还记得。比对不改动任何数据。",
    unknown="这一种表头没有认出来。请选好身份证号, 或姓名和另外一列。",
    least="要有身份证号, 或姓名和另外一列, 请先选好对应的项目。",
    enough=lambda fields: "id_number" in fields or ("name" in fields and len(fields) > 1),
    fixed=lambda heading: DEATH_COLUMN if comparing.is_death(heading) else "",
)


@dataclass(frozen=True)
class Kind:
    """One kind of list. `among`: who is asked for in it at first, a key of `among_choices`."""

    key: str
    text: str
    among: str
    deaths: bool = False


KINDS: Final = (
    Kind("deaths", "去世人员名单", NOBODY, deaths=True),
    Kind("village", "村里的名单", EVERYBODY),
    Kind("national", "国网导出的名单", EVERYBODY),
    Kind("insurance", "医保名单", EVERYBODY),
    Kind("relief", "低保、特困名单", NOBODY),
    Kind("other", "其他名单", NOBODY),
)


def kind(key: str) -> Kind:
    """By its key; the last where there is none."""
    return next((one for one in KINDS if one.key == key), KINDS[-1])


def among_choices() -> list[tuple[str, str]]:
    """(key, words) of whom the list should have."""
    classes = [(f"class:{code}", benefits.short_identity(code, None, None, None)) for code in codes.LISTS["class12"]]
    return [(NOBODY, "不看谁不在名单里"), (EVERYBODY, "全部在册人员"), (PAID, "所有优抚对象"), *classes]


def among(key: str, village: str) -> Among | None:
    """Who of the register is missed; None: nobody."""
    if key == NOBODY:
        return None
    if key == PAID:
        return Among(village, benefits=tuple(codes.LISTS["benefit_code"]))
    return Among(village, class12=(key.removeprefix("class:"),) if key else ())
