"""The house's vocabulary: what must not be written, each with the word to use instead."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent.parent
MODULES = sorted((HERE / "app").rglob("*.py"))
TESTS = sorted((HERE / "tests").rglob("*.py"))
PAPERS = sorted(
    path
    for folder in ("docs", "installer", ".ci", "resources")
    for path in (HERE / folder).rglob("*")
    if path.suffix in {".md", ".sh", ".py", ".csv", ".json", ".toml", ".txt", ""} and path.is_file()
) + sorted(path for path in HERE.glob("*") if path.suffix in {".md", ".toml", ".txt"} or path.name == "Makefile")

# A file may pass 500 lines when splitting it would hurt more; the reason stands beside its name.
LONG_WITH_REASON: dict[str, str] = {}
LONGEST = 500

FORBIDDEN_NAMES = {"utils", "util", "misc", "helpers", "helper", "common", "manager", "managers"}

# (pattern, what to do instead, files it does not apply to)
LINES = [
    (r"\bdatetime\.now\(|\btime\.time(_ns)?\(", "ask app.clock, the only source of time", {"app/clock.py"}),
    (r"\bdate\.today\(|\butcnow\(", "ask app.clock, the only source of time", set()),
    (r"\buuid[14]\(", "app.clock.new_id() rises with time", set()),
    (r"#\s*noqa(?!: [A-Z]+[0-9]+)", "name the rule: # noqa: ABC123 - the reason", set()),
    (r"#\s*type:\s*ignore(?!\[)", "name the error: # type: ignore[code]", set()),
    (r"#\s*(TODO|FIXME|XXX|HACK)\b", "do it now, or open an issue", set()),
    (r"\bprocessEvents\(", "use ui/kit/operations.py; events in between are where windows break", set()),
]

# Words of plans and of other programmes; right of them what a service station says.
SCREEN_WORDS = {
    "预演": "先核对(不改数据)",
    "冲突": "两边填的不一样 / 待核对",
    "节点": "服务站 / 单位",
    "封包": "上报包",
    "导入包": "接收上级回包 / 接收下级上报",
    "导出包": "上报包",
    "发件箱": "待上报",
    "入网": "开通",
    "吊销": "停用(电脑丢失、更换)",
    "恢复密钥": "应急恢复码",
    "主密码": "登录密码",
    "恢复演练": "备份试恢复",
    "撤回上一步": "撤销",
    "退回补正": "退回补充材料",
    "结案": "办结",
    "收款人": "领取人",
    "政策找人": "快符合条件 / 应享受未享受",
    "重复人员": "疑似同一人",
    "套打校准": "对一对打印位置",
    "风险等级": "nothing: the programme grades nobody",
    "重点人员": "重点联系对象",
    "包保": "nothing: the programme does not know the word",
}
# A legacy name may stand where old papers are read or quoted.
SCREEN_WORD_EXCEPTIONS = {
    ("app/models/visit.py", "节点"): "on the notices and rosters 节点 is the festival a round belongs to",
}


def name_of(path: Path) -> str:
    return path.relative_to(HERE).as_posix()


def strings(tree: ast.AST) -> Iterator[ast.Constant]:
    """All string constants but docstrings."""
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node


def wrong_lines(text: str, name: str) -> list[str]:
    return [
        f"{name}:{number}: {instead}"
        for number, line in enumerate(text.splitlines(), 1)
        for pattern, instead, exempt in LINES
        if name not in exempt and re.search(pattern, line)
    ]


def wrong_words(text: str, name: str) -> list[str]:
    return [
        f"{name}:{node.lineno}: {word} is not a word of the stations; write: {instead}"
        for node in strings(ast.parse(text))
        for word, instead in SCREEN_WORDS.items()
        if word in str(node.value) and (name, word) not in SCREEN_WORD_EXCEPTIONS
    ]


def wrong_prints(text: str, name: str) -> list[str]:
    if name.startswith("app/cli/") or name == "app/__main__.py":
        return []
    return [
        f"{name}:{node.lineno}: only the terminal prints; raise, return or log"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]


def test_vocabulary() -> None:
    wrong = []
    for path in MODULES:
        text, name = path.read_text("utf-8"), name_of(path)
        wrong += wrong_lines(text, name) + wrong_words(text, name) + wrong_prints(text, name)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("check", "text"),
    [
        (wrong_lines, "moment = datetime.now()"),
        (wrong_lines, "start = time.time()"),
        (wrong_lines, "day = date.today()"),
        (wrong_lines, "key = uuid4()"),
        (wrong_lines, "import os  # noqa"),
        (wrong_lines, "x = 1  # type: ignore"),
        (wrong_lines, "# TODO later"),
        (wrong_lines, "app.processEvents()"),
        (wrong_words, 'raise ValueError(f"{place}有冲突")'),
        (wrong_words, 'label = "恢复密钥"'),
        (wrong_prints, 'def f():\n    print("x")'),
    ],
)
def test_each_check_can_fail(check, text):
    assert check(text, "app/services/example.py")


@pytest.mark.parametrize(
    ("check", "text"),
    [
        (wrong_lines, "import os  # noqa: F401 - registers the tables"),
        (wrong_lines, "x = f()  # type: ignore[no-any-return]"),
        (wrong_words, '"""The word 冲突 explained to developers."""'),
        (wrong_prints, 'sheet.print("x")'),
    ],
)
def test_what_is_allowed_passes(check, text):
    assert check(text, "app/services/example.py") == []


def test_exceptions_are_still_needed() -> None:
    stale = [
        (name, word)
        for name, word in SCREEN_WORD_EXCEPTIONS
        if not any(word in str(node.value) for node in strings(ast.parse((HERE / name).read_text("utf-8"))))
    ]
    assert not stale, f"drop these from SCREEN_WORD_EXCEPTIONS: {stale}"


def test_no_dumping_grounds() -> None:
    wrong = [name_of(path) for path in MODULES if {path.stem, *path.relative_to(HERE).parts} & FORBIDDEN_NAMES]
    assert not wrong, f"name these after what is in them: {wrong}"


def test_files_stay_readable() -> None:
    lengths = {name_of(path): len(path.read_text("utf-8").splitlines()) for path in MODULES}
    long = {name: length for name, length in lengths.items() if length > LONGEST}
    assert long.keys() == LONG_WITH_REASON.keys(), f"split these, or give the reason here (and drop stale ones): {long}"


def test_every_module_says_what_it_is() -> None:
    silent = [name_of(path) for path in MODULES if not ast.get_docstring(ast.parse(path.read_text("utf-8")))]
    assert not silent, f"one opening sentence is missing: {silent}"


def test_nothing_of_one_machine() -> None:
    own_folder = re.compile(r"(?<![\w.\-])/(?:root|work|home/\w+)/")
    index = re.compile(r"--(?:extra-)?index-url|--find-links|pypi\.org/simple")
    wrong = []
    for path in [*MODULES, *TESTS, *PAPERS]:
        if path == Path(__file__) or name_of(path) == "installer/lock.sh":
            continue
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if own_folder.search(line) or index.search(line):
                wrong.append(f"{name_of(path)}:{number}: {line.strip()[:80]}")
    assert not wrong, "paths and package addresses of one machine:\n" + "\n".join(wrong)
