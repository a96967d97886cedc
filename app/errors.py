"""Errors by whose fault they are; the text of each is written for the person at the desk."""


class UserError(Exception):
    """Something the person at the desk can act on. The message is shown as it stands (Chinese)."""

    exit_code = 3


class BadInput(UserError):
    """A wrong call or bad values; `problems` names every one of them, keyed by field or place."""

    exit_code = 2

    def __init__(self, text: str, problems: dict[str, str] | None = None) -> None:
        self.problems = problems or {}
        super().__init__(text)


class Refused(UserError):
    """A rule, a right or a broken, foreign or forged package says no; nothing was changed."""


class EnvironmentTrouble(UserError):
    """The machine is at fault (disk, folder, damage, second instance); what was saved is safe."""

    exit_code = 4


class Damaged(EnvironmentTrouble):
    """A file of the store cannot be read: what helps is a backup."""


class Busy(EnvironmentTrouble):
    """The store is open in another window or command: what helps is to close that one and try again."""


class Newer(Refused):
    """The store was saved by a later version: what helps is an update, and nothing else."""


class Cancelled(Exception):
    """The person at the desk stopped a job: no fault of anybody's, nothing was changed, nothing is said."""
