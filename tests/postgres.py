"""A throw-away PostgreSQL server for the tests that need a real one."""

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

GIVEN = "RONGGUI_TEST_POSTGRES"


def server_binaries() -> Path | None:
    """The folder of initdb and pg_ctl, the newest version Debian has installed, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def may_start() -> bool:
    """PostgreSQL refuses to run as root, so root needs the user that Debian's package makes."""
    if server_binaries() is None:
        return False
    return os.geteuid() != 0 or any(entry.pw_name == "postgres" for entry in pwd.getpwall())


def available() -> bool:
    return GIVEN in os.environ or may_start()


def where_from() -> str:
    """One line for the head of pytest's report."""
    if GIVEN in os.environ:
        return f"postgres: the server named by {GIVEN}"
    if may_start():
        return f"postgres: a throw-away server from {server_binaries()}"
    return f"postgres: no server installed and {GIVEN} unset, so the tests that need one are NOT collected"


@contextlib.contextmanager
def throw_away_server() -> Iterator[str]:
    """Start a server on a Unix socket in a temporary folder; gives SQLAlchemy's URL of its `postgres` database."""
    binaries = server_binaries()
    assert binaries is not None
    # Not pytest's folder: a socket's path may have 107 bytes only, and the user postgres must be able to enter.
    folder = Path(tempfile.mkdtemp(prefix="ronggui-pg-"))
    as_owner: list[str] = []
    owner = pwd.getpwuid(os.geteuid()).pw_name
    if os.geteuid() == 0:
        owner = "postgres"
        shutil.chown(folder, "postgres")
        as_owner = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]

    def run(programme: str, *arguments: str) -> None:
        # Into a file, not a pipe: the server inherits it, and a pipe would stay open as long as the server runs.
        said = folder.parent / f"{folder.name}.out"
        with said.open("wb") as stream:
            result = subprocess.run(
                [*as_owner, str(binaries / programme), *arguments],
                cwd=folder,
                env={**os.environ, "LC_ALL": "C.UTF-8", "HOME": str(folder)},
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                check=False,
            )
        assert result.returncode == 0, said.read_text("utf-8")

    data = folder / "data"
    try:
        run("initdb", "-D", str(data), "-A", "trust", "-U", owner, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        # What is thrown away needs no fsync; only the local socket, so no port can be taken already.
        settings = f"-F -k {folder} -c listen_addresses='' -c max_connections=60"
        run("pg_ctl", "-D", str(data), "-l", str(folder / "log"), "-w", "-t", "60", "-o", settings, "start")
        try:
            yield f"postgresql+psycopg://{owner}@/postgres?host={folder}"
        finally:
            run("pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        (folder.parent / f"{folder.name}.out").unlink(missing_ok=True)
