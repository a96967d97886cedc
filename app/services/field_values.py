"""Reads what people type into the fields of a kind and writes stored values the way JSON has them."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from app.errors import BadInput
from app.models import fields_of, table_of
from app.models.fields import Field
from app.rules import account, codes, divisions, id_number, money, names, partial_date, phone, register_codes, text
from app.rules.benefits import code_of

_TABLES: Final[Mapping[str, str]] = {
    "class12": "collection_class", "benefit_code": "benefit", "disability_level": "disability_level",
    "disability_nature": "disability_nature", "sex": "sex", "ethnicity": "ethnicity", "political": "politics",
    "education": "education", "marital": "marriage", "health": "health", "relation": "relation",
}  # fmt: skip
_STRICT: Final = frozenset({"no_id_reason", "pending_fate"})
"""Lists without legacy words that take nothing but their own codes and labels."""
_MASKS: Final[Mapping[str, Callable[[str], str]]] = {
    "id_number": id_number.mask, "phone": phone.mask, "account": account.mask, "name": names.mask,
}  # fmt: skip
_YES: Final = frozenset({"true", "1", "是", "yes", "有"})
_NO: Final = frozenset({"false", "0", "否", "no", "无"})
_FUTURE_YEARS: Final = 1
_INTEGERS: Final = range(-(1 << 63), 1 << 63)


def writable(kind: str) -> dict[str, Field]:
    """The fields of a kind that a person may type."""
    return {name: field for name, field in fields_of(kind).items() if not field.internal}


def read(kind: str, values: Mapping[str, Any], today: dt.date) -> dict[str, Any]:
    """Values as they are stored; null or an empty text clears a field.

    Raises BadInput that names every unknown field and every bad value at once, keyed by field.
    """
    known = writable(kind)
    problems: dict[str, str] = {}
    out: dict[str, Any] = {}
    for name, value in values.items():
        if (field := known.get(name)) is None:
            problems[name] = "没有这个字段"
            continue
        try:
            out[name] = value_of(field, value, today)
        except BadInput as error:
            problems[name] = str(error)
        else:
            if field.required and out[name] is None:
                problems[name] = f"“{field.label}”不能为空"
    refuse(problems)
    return out


def refuse(problems: Mapping[str, str]) -> None:
    """Raise BadInput for all problems together, if there are any."""
    if problems:
        said = "; ".join(f"{name}: {why.rstrip('。')}" for name, why in problems.items())
        raise BadInput(f"{said}。没有改动任何数据。", dict(problems))


def value_of(field: Field, value: Any, today: dt.date) -> Any:
    """One value as it is stored. Raises BadInput with the reason alone."""
    if value is None or (isinstance(value, str) and not text.clean(value)):
        return None
    if field.editor == "flag":
        return _flag(value)
    if field.editor == "integer":
        return _integer(value)
    if field.editor == "money":
        return money.parse_yuan(value)
    if not isinstance(value, str):
        raise BadInput("要写成文字(加引号)")
    plain = text.clean(value)
    if found := text.problems(plain, lines=field.editor == "long"):
        raise BadInput("".join(found))
    return _text(field, plain, today)


def outward(field: Field, value: Any) -> Any:
    """A stored value as JSON has it: money in yuan as a string, ids and bytes as digits."""
    if field.editor == "money" and isinstance(value, int):
        return money.format_yuan(value)
    if isinstance(value, bytes):
        return value.hex()
    return value


def label_of(field: Field, value: Any) -> str:
    """A stored value as a person reads it: the words of a code, 是 or 否, money in yuan."""
    if value is None:
        return ""
    if field.editor == "flag":
        return "是" if value else "否"
    if field.editor == "code" and isinstance(value, str):
        return codes.label(field.codes, value)
    return str(outward(field, value))


HIDDEN: Final = "(已遮盖)"


def shown(field: Field, value: Any, *, full: bool = False) -> str:
    """`label_of` where anybody may look: what is sensitive is masked unless it is to be shown in full."""
    text = label_of(field, value)
    if full or not field.sensitive or not text:
        return text
    mask = _MASKS.get(field.editor)
    return mask(text) if mask is not None else HIDDEN


def shown_steps(kind: str, steps: Iterable[tuple[str, Any, Any]]) -> Iterator[str]:
    """Fields that change, each as 手机: 138****0000 → 138****0009."""
    known = fields_of(kind)
    for name, old, new in steps:
        before, after = shown(known[name], old) or "(空)", shown(known[name], new) or "(空)"
        # Two numbers may differ just where they are masked.
        said = f"{before} → {after}" if before != after else f"{before} → (改了)"
        yield f"{known[name].label}: {said}"


def columns_of(kind: str) -> list[str]:
    """Names of the fields of a kind that are shown to people, in the order of declaration."""
    shown = writable(kind)
    return [column.name for column in table_of(kind).columns if column.name in shown]


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    plain = str(value).strip().casefold()
    if plain in _YES or plain in _NO:
        return plain in _YES
    raise BadInput("只能填 是 或 否")


def _integer(value: Any) -> int:
    digits = text.half_width(value).strip() if isinstance(value, str) else value
    if isinstance(digits, str) and digits.removeprefix("-").isdecimal() and len(digits) < 20:
        digits = int(digits)
    if isinstance(digits, bool) or not isinstance(digits, int) or digits not in _INTEGERS:
        raise BadInput("要填整数")
    return digits


def _text(field: Field, plain: str, today: dt.date) -> str:
    if field.editor == "code":
        return _code(field, plain)
    reader = _READERS.get(field.editor)
    return plain if reader is None else reader(plain, today)


def _name(plain: str, _today: dt.date) -> str:
    name = names.clean(plain)
    if found := names.check(name):
        raise BadInput("".join(found))
    return name


def _id_number(plain: str, today: dt.date) -> str:
    number = id_number.check(plain, today=today)
    if isinstance(number, id_number.IdProblem):
        raise BadInput(number.text)
    return number.text


def _partial_date(plain: str, today: dt.date) -> str:
    reading = partial_date.read(plain, latest_year=today.year + _FUTURE_YEARS)
    if reading.value is None:
        raise BadInput(reading.problem)
    return str(reading.value)


def _account(plain: str, _today: dt.date) -> str:
    number = account.normalise(plain)
    if why := account.problem(number):
        raise BadInput(why)
    return number


def _division(plain: str, _today: dt.date) -> str:
    code = text.half_width(plain)
    if not divisions.is_code(code):
        raise BadInput("区划代码要 12 位数字")
    return code


def record_id(plain: str) -> str:
    """A record's id as it is kept. Raises BadInput unless it is 32 hexadecimal digits."""
    digits = plain.strip().lower()
    if len(digits) != 32 or set(digits) - set("0123456789abcdef"):
        raise BadInput(f"“{plain[:40]}”不是记录编号(32 位)。")
    return digits


def _day(plain: str, _today: dt.date) -> str:
    try:
        day = partial_date.PartialDate.parse(plain)
    except BadInput as error:
        raise BadInput("日期要写成 2026-09-28 这样") from error
    if not day.is_day():
        raise BadInput("日期要写到日, 例如 2026-09-28")
    return str(day)


def _phone(plain: str, _today: dt.date) -> str:
    numbers = phone.split(plain)
    if len(numbers) > 1:
        raise BadInput("这里只能填一个号码, 其余的填在“其他电话”")
    number = numbers[0] if numbers else phone.normalise(plain)
    if why := phone.problem(number):
        raise BadInput(why)
    return number


def _code(field: Field, plain: str) -> str:
    """A code by itself, its label or a legacy word; lists a bureau may add to take any other word as it is."""
    if (table := _TABLES.get(field.codes)) is not None:
        if (code := code_of(table, plain)) is None:
            raise BadInput(f"“{plain[:20]}”不在“{field.label}”的代码表里")
        return code
    if field.codes in register_codes.TABLES:
        if (code := register_codes.TABLES[field.codes].code_of(plain)) is None:
            raise BadInput(f"“{plain[:20]}”不在“{field.label}”的代码表里")
        return code
    if field.codes in _STRICT:
        words = codes.LISTS[field.codes]
        for code, label in words.items():
            if plain in (code, label):
                return code
        raise BadInput(f"“{plain[:20]}”不对, 只能是 {', '.join(words)}")
    return next((code for code, label in codes.LISTS.get(field.codes, {}).items() if plain == label), plain)


_READERS: Final[Mapping[str, Callable[[str, dt.date], str]]] = {
    "name": _name, "id_number": _id_number, "partial_date": _partial_date, "day": _day, "phone": _phone,
    "account": _account, "division": _division, "record": lambda plain, _today: record_id(plain),
}  # fmt: skip
