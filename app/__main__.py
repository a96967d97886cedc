"""Start of the programme: `python -m app` and the command `ronggui`; without a command it is the window."""

import sys


def main() -> int:
    """The window where nothing but options is given, else the terminal."""
    words = sys.argv[1:]
    if _only_options(words):
        from app.bootstrap import open_window

        return open_window(words)
    from app.cli.main import main as terminal

    return terminal(words)


def _only_options(words: list[str]) -> bool:
    """Whether no command stands among the words: `ronggui`, `ronggui --data DIR`."""
    rest = iter(words)
    for word in rest:
        if word in ("--data", "--user"):
            if next(rest, None) is None:
                return False
        elif not word.startswith(("--data=", "--user=")):
            return False
    return True


if __name__ == "__main__":
    sys.exit(main())
