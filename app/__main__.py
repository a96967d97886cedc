"""Start of the programme: `python -m app` and the command `ronggui`."""

import sys

from app.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
