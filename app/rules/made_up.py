"""Made-up people for demonstrations, practice and tests: reproducible from a seed, valid in form, real in nothing."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Protocol, TypeVar

from app.rules import divisions, id_number

# Sequence numbers are handed out from below; these are beyond what a county gives out on one day.
FIRST_SEQUENCE, LAST_SEQUENCE = 900, 995
BANK = "示例农村商业银行"
LONG_NAME = "阿卜杜热西提·阿卜杜喀迪尔·伊斯坎德尔·穆罕默德江"
RARE_NAMES = ("龚䶮", "李㛃", "杨𠮷明", "司徒建军", "单小平", "仇玉兰")
MINORITY_NAMES = (
    (LONG_NAME, "05"),
    ("古丽巴哈尔·阿不都热合曼", "05"),
    ("扎西·次仁", "04"),
    ("巴特尔", "02"),
    ("蓝秀英", "22"),
)
_SURNAMES = "王李张刘陈杨黄吴赵周徐孙马朱胡林郭何高罗郑梁谢宋唐许邓韩冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金"
_MALE = (
    "建国 国强 志明 卫东 军 勇 海波 建华 文斌 光荣 爱民 新民 永红 "
    "援朝 福生 水根 金根 火生 木生 长根 德胜 春生 小龙 志刚 俊杰 浩然 子轩"
)
_FEMALE = "秀英 桂兰 玉兰 春梅 水莲 细妹 红英 金凤 小红 美华 丽娟 雪梅 桂花 玲 静 婷 爱莲 菊香 翠萍 梦洁"
_BRANCHES = ("陆军", "海军", "空军", "武警部队", "火箭军")
_MERITS = ("三等功一次", "嘉奖两次", "优秀士兵", "二等功一次")
_POLITICAL = ("01", "01", "13", "13", "13", "03")
_EDUCATION = ("80", "70", "70", "60", "41", "30", "20")
# (class, benefit code, share, earliest and latest year of birth, served himself)
_KINDS: tuple[tuple[str, str, int, int, int, bool], ...] = (
    ("02", "", 46, 1968, 2003, True),
    ("02", "81", 18, 1945, 1964, True),
    ("02", "51", 8, 1955, 1963, True),
    ("02", "42", 5, 1945, 1962, True),
    ("02", "61", 2, 1945, 1958, True),
    ("07", "11", 6, 1950, 1998, True),
    ("01", "", 3, 1960, 1985, True),
    ("05", "41", 1, 1930, 1934, True),
    ("09", "21", 4, 1940, 1975, False),
    ("12", "", 7, 1962, 1982, False),
)
_OLDEST_RURAL = 60


_T = TypeVar("_T")


class Chance(Protocol):
    """What is used of a seeded `random.Random`."""

    def random(self) -> float: ...
    def randint(self, a: int, b: int) -> int: ...
    def randrange(self, start: int, stop: int | None = None) -> int: ...
    def choice(self, seq: Sequence[_T]) -> _T: ...
    def choices(self, population: Sequence[_T], weights: Sequence[float]) -> list[_T]: ...


def people(
    count: int,
    rng: Chance,
    villages: Sequence[str],
    *,
    today: dt.date,
    names: Mapping[str, str] | None = None,
) -> list[dict[str, str]]:
    """So many people as flat fields (the names of `person_rows`), the same for the same arguments.

    `rng` is a fresh `random.Random(seed)`: rules keep no chance of their own.
    `villages` are 12-digit codes people are spread over; `names` (of divisions) gives their addresses words.
    The first ones bear the rare and the long names; about one in fifty has no ID number, with a reason.
    """
    makers = _Maker(rng, today, names or {})
    return [makers.person(place, villages[rng.randrange(len(villages))]) for place in range(count)]


def made_up_id(rng: Chance, county: str, birth: dt.date, sex: str) -> str:
    """A valid ID number of a 6-digit county that nobody has: its sequence is at least FIRST_SEQUENCE."""
    sequence = rng.randrange(FIRST_SEQUENCE, LAST_SEQUENCE + 1)
    if sequence % 2 != int(sex) % 2:
        sequence -= 1 if sequence > FIRST_SEQUENCE else -1
    seventeen = f"{county}{birth:%Y%m%d}{sequence:03d}"
    return seventeen + id_number.check_digit(seventeen)


def made_up_card(rng: Chance) -> str:
    """A 19-digit card number with a right check digit (ISO/IEC 7812-1) below an issuer number nobody uses."""
    body = "629999" + f"{rng.randrange(10**12):012d}"
    total = sum(
        sum(divmod(int(digit) * (2 if place % 2 == 0 else 1), 10)) for place, digit in enumerate(reversed(body))
    )
    return body + str(-total % 10)


class _Maker:
    """Keeps what must not come twice: ID numbers, phones, households."""

    def __init__(self, rng: Chance, today: dt.date, names: Mapping[str, str]) -> None:
        self.rng = rng
        self.today = today
        self.names = names
        self.numbers: set[str] = set()
        self.phones = 0
        self.heads: dict[str, list[tuple[str, str]]] = {}

    def person(self, place: int, village: str) -> dict[str, str]:
        rng = self.rng
        class12, benefit, _, first, last, served = rng.choices(_KINDS, [kind[2] for kind in _KINDS])[0]
        if benefit == "81":
            last = min(last, self.today.year - _OLDEST_RURAL - 1)
        birth = dt.date(rng.randint(first, last), rng.randint(1, 12), rng.randint(1, 28))
        sex = "1" if (served and rng.random() < 0.95) or rng.random() < 0.4 else "2"
        name, ethnicity = self._name(place, sex)
        number = self._number(village[:6], birth, sex)
        values = {
            "name": name,
            "id_number": number,
            "sex": sex,
            "birth_date": birth.isoformat(),
            "ethnicity": ethnicity,
            "division": village,
            "village_group": f"{rng.randint(1, 9)}组",
            "political": rng.choice(_POLITICAL),
            "education": rng.choice(_EDUCATION),
            "marital": "20",
            "health": rng.choice(("10", "10", "20", "30")),
            "class12": class12,
            "bank": BANK,
            "account_holder": name,
            "account_number": made_up_card(rng),
            "plaque": rng.choice(("已悬挂", "已悬挂", "未悬挂")),
            "phone": self._phone(),
        }
        values["address"] = divisions.full_name(self.names, village) + values["village_group"]
        if rng.random() < 0.2:
            values["phone2"] = self._phone()
        if benefit:
            values |= {"benefit_code": benefit, "benefit_state": "正常"}
        if benefit == "11":
            nature = rng.choice("123")
            level = rng.randint(1, 6 if nature == "3" else 10)
            values |= {"disability_level": f"{level:02d}", "disability_nature": nature}
        if served:
            values |= self._service(birth)
        if place % 50 == 49:
            del values["id_number"]
            values["no_id_reason"] = rng.choice(("uncollected", "pending"))
        self._household(values)
        return values

    def _name(self, place: int, sex: str) -> tuple[str, str]:
        if place < len(RARE_NAMES):
            return RARE_NAMES[place], "01"
        if place < len(RARE_NAMES) + len(MINORITY_NAMES):
            return MINORITY_NAMES[place - len(RARE_NAMES)]
        given = self.rng.choice((_MALE if sex == "1" else _FEMALE).split())
        return self.rng.choice(_SURNAMES) + given, "01"

    def _number(self, county: str, birth: dt.date, sex: str) -> str:
        number = made_up_id(self.rng, county, birth, sex)
        while number in self.numbers:
            number = made_up_id(self.rng, county, birth, sex)
        self.numbers.add(number)
        return number

    def _phone(self) -> str:
        """Numbers beginning 164 are given to no operator."""
        self.phones += 1
        return f"164{self.phones * 7919 % 10**8:08d}"

    def _service(self, birth: dt.date) -> dict[str, str]:
        """Enlisted at 18 to 20, mostly in December, for two to twelve years; not every paper knows the day."""
        rng = self.rng
        start = dt.date(birth.year + rng.randint(18, 20), 12, rng.randint(1, 28))
        end = dt.date(min(start.year + rng.choice((2, 2, 3, 4, 5, 8, 12)), self.today.year - 1), 12, rng.randint(1, 28))
        end = max(end, start)
        length = rng.choice((4, 7, 7, 10))
        found = {
            "enlisted": start.isoformat()[:length],
            "discharged": end.isoformat()[:length],
            "branch": rng.choice(_BRANCHES),
            "rank": rng.choice(("上等兵", "下士", "中士")),
            "unit_code": f"{rng.randint(90000, 99999)}部队",
            "discharge_cert": f"退字第{rng.randint(100000, 999999)}号",
        }
        if rng.random() < 0.2:
            found["merits"] = rng.choice(_MERITS)
        return found

    def _household(self, values: dict[str, str]) -> None:
        """One in eight lives in a household that is there already; the others are heads of their own."""
        known = self.heads.setdefault(values["division"], [])
        if known and self.rng.random() < 0.125:
            number, head = self.rng.choice(known)
            values |= {"household_number": number, "head_name": head, "head_relation": "97"}
            return
        number = f"{values['division'][6:]}{len(known) + 1:04d}"
        known.append((number, values["name"]))
        values |= {"household_number": number, "head_name": values["name"], "head_relation": "02"}
