"""A process that has everything imported and forks for each call: the programme's own `main`, without the cold start.

Each line in is one request, each line out its end. The child is a process of its own: it can be limited, it can run as
another user, and it can be killed.
"""

import base64
import json
import os
import resource
import signal
import sys
import tempfile
from typing import IO, Any


def serve(requests: IO[str], answers: IO[str]) -> None:
    """Answer until the end of input."""
    import app.cli.nouns
    from app.cli.main import main

    app.cli.nouns.load()
    for line in requests:
        print(json.dumps(answer(json.loads(line), main)), file=answers, flush=True)


def answer(request: dict[str, Any], main: Any) -> dict[str, Any]:
    """Fork, let the child be the programme, wait for its end."""
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as error:
        given.write(base64.b64decode(request["stdin"]))
        given.seek(0)
        child = os.fork()
        if child == 0:
            run(request, main, (given.fileno(), out.fileno(), error.fileno()))
        _, status = os.waitpid(child, 0)
        texts = []
        for file in (out, error):
            file.seek(0)
            texts.append(file.read().decode())
        return {"exit": os.waitstatus_to_exitcode(status), "out": texts[0], "error": texts[1]}


def run(request: dict[str, Any], main: Any, streams: tuple[int, int, int]) -> None:
    """In the child: streams, limits, environment, then the programme; never returns."""
    code = 70
    try:
        for target, source in enumerate(streams):
            os.dup2(source, target)
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - the process's own
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - the process's own
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - the process's own
        os.environ.clear()
        os.environ.update(request["environment"])
        tempfile.tempdir = None
        if limit := request.get("limit"):
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        if user := request.get("user"):
            os.setgroups([])
            os.setgid(user)
            os.setuid(user)
        code = main(request["words"])
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


if __name__ == "__main__":
    serve(sys.stdin, sys.stdout)
