"""The import contracts of pyproject.toml hold, and each of them breaks when it is wronged.

A contract can be green and guard nothing (a wrong name in it is enough), so every one is tried on a copy of the
package with a single wrong import in it.
"""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent.parent
CONTRACTS = {
    contract["id"]: contract["name"]
    for contract in tomllib.loads((HERE / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
}

# (contract, file in app/, the line put into it); imports inside functions and for types only count as well.
WRONGS = [
    ("layers", "rules/wrong.py", "import app.models"),
    ("layers", "models/wrong.py", "def late():\n    import app.services"),
    ("layers", "documents/wrong.py", "import app.models"),
    ("layers", "sync/wrong.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import app.services"),
    ("layers", "services/wrong.py", "import app.cli"),
    ("layers", "errors.py", "import app.rules"),
    ("layers", "common.py", "import app.errors"),
    ("qt", "services/wrong.py", "from PySide6.QtCore import QObject"),
    ("qt", "documents/wrong.py", "def late():\n    import shiboken6"),
    ("terminal", "cli/wrong.py", "def late():\n    from PySide6 import QtWidgets"),
    ("sqlalchemy", "cli/wrong.py", "from sqlalchemy import select"),
    ("sqlalchemy", "services/wrong.py", "import sqlcipher3.dbapi2"),
    ("paper", "services/wrong.py", "import openpyxl"),
    ("paper", "models/wrong.py", "from reportlab.pdfgen import canvas"),
    ("secrets", "services/wrong.py", "import pyrage"),
    ("secrets", "cli/wrong.py", "from cryptography.hazmat.primitives import hashes"),
    ("psycopg", "models/wrong.py", "import psycopg"),
    ("card-reader", "services/wrong.py", "import serial"),
    ("card-reader", "ui/kit/wrong.py", "def late():\n    from serial.tools import list_ports"),
    ("pure-rules", "rules/wrong.py", "from app import clock"),
    ("pure-rules", "rules/wrong.py", "import random"),
    ("ui", "ui/kit/wrong.py", "import app.ui.shell.window"),
    ("ui", "ui/pages/wrong.py", "def late():\n    import app.ui.shell.rail"),
    ("ui", "ui/loose.py", "import app.errors"),
    ("pages", "ui/pages/wrong.py", "def late():\n    import app.ui.pages.people"),
    ("sessions", "ui/pages/wrong.py", "from app.models.database import Database"),
    ("cycles", "rules/wrong/__init__.py", "import app.rules.wrong_too"),
]


def lint(folder: Path, *only: str) -> subprocess.CompletedProcess[str]:
    """Run the contracts in a folder that holds an app/ and the pyproject.toml."""
    return subprocess.run(
        [
            Path(sys.executable).parent / "lint-imports",
            "--no-cache",
            "--no-logo",
            *(f"--contract={name}" for name in only),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_contracts_hold() -> None:
    result = lint(HERE)
    assert result.returncode == 0, result.stdout + result.stderr
    assert f"Contracts: {len(CONTRACTS)} kept, 0 broken." in result.stdout


@pytest.mark.parametrize(("contract", "file", "line"), WRONGS, ids=[f"{w[0]}-{w[1]}-{n}" for n, w in enumerate(WRONGS)])
def test_a_wrong_import_is_caught(tmp_path: Path, contract: str, file: str, line: str) -> None:
    shutil.copytree(HERE / "app", tmp_path / "app", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(HERE / "pyproject.toml", tmp_path)
    wrong = tmp_path / "app" / file
    wrong.parent.mkdir(exist_ok=True)
    with wrong.open("a", encoding="utf-8") as stream:
        stream.write(f"\n{line}\n")
    if contract == "cycles":
        (tmp_path / "app/rules/wrong_too.py").write_text("import app.rules.wrong\n", "utf-8")
    result = lint(tmp_path, contract)
    assert result.returncode == 1, result.stdout + result.stderr
    assert f"{CONTRACTS[contract]} BROKEN" in result.stdout


def test_every_contract_is_tried() -> None:
    assert {contract for contract, _, _ in WRONGS} == CONTRACTS.keys()
