"""The first run as a walk from step to step, without a window: what is asked, what is wrong with it, what is done next.

    way -> unit -> staff -> [found]  -> code -> open
        -> file -> [read] -> offer -> staff -> [join] -> code -> open
        -> level -> [practise] -> open
        -> backup -> [restore] -> restored -> login

In brackets stands work that takes a while; while it is under way nothing can be changed, and when it fails the walk
stays at the step before it with everything that was typed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Final, Protocol

from app.errors import BadInput, UserError
from app.rules import levels, names, text

SHORTEST: Final = 6
"""Characters of a login password; in 练习 any that is not empty will do."""
CODE_DIGITS: Final = 20


class Way(Enum):
    """What somebody wants who starts the programme on an empty folder."""

    FOUND = "found"
    JOIN = "join"
    PRACTISE = "practise"
    RESTORE = "restore"


class Step(Enum):
    """One page of the walk."""

    WAY = "way"
    UNIT = "unit"
    STAFF = "staff"
    FILE = "file"
    OFFER = "offer"
    LEVEL = "level"
    BACKUP = "backup"
    CODE = "code"
    RESTORED = "restored"
    END = "end"


class Job(Enum):
    """Work between two steps."""

    READ = "read"
    FOUND = "found"
    JOIN = "join"
    PRACTISE = "practise"
    RESTORE = "restore"


STEPS: Final[Mapping[Way, tuple[Step, ...]]] = {
    Way.FOUND: (Step.WAY, Step.UNIT, Step.STAFF, Step.CODE),
    Way.JOIN: (Step.WAY, Step.FILE, Step.OFFER, Step.STAFF, Step.CODE),
    Way.PRACTISE: (Step.WAY, Step.LEVEL),
    Way.RESTORE: (Step.WAY, Step.BACKUP, Step.RESTORED),
}
"""The pages of each way in their order."""
_JOBS: Final[Mapping[tuple[Way, Step], Job]] = {
    (Way.FOUND, Step.STAFF): Job.FOUND,
    (Way.JOIN, Step.FILE): Job.READ,
    (Way.JOIN, Step.STAFF): Job.JOIN,
    (Way.PRACTISE, Step.LEVEL): Job.PRACTISE,
    (Way.RESTORE, Step.BACKUP): Job.RESTORE,
}
_FINAL: Final = frozenset({Step.CODE, Step.RESTORED, Step.END})
"""From here nothing can be taken back: the store is there."""


class Offer(Protocol):
    """What an enrolment file says (sync.enrolment.Offer)."""

    @property
    def practice(self) -> bool: ...


@dataclass
class Entries:
    """Everything that is typed or chosen, whichever way it belongs to; going back loses none of it."""

    level: str = "village"
    name: str = ""
    scopes: dict[str, str] = field(default_factory=dict)
    """Division codes with their names."""
    typed_places: dict[str, str] = field(default_factory=dict)
    """Those of them that the national list lacks: their names go into the new store."""
    staff: str = ""
    password: str = ""
    again: str = ""
    file: str = ""
    code: str = ""
    agreed: bool = False
    """The eight words were compared by telephone."""
    noted: bool = False
    """The 应急恢复码 is on paper."""
    backup: str = ""
    user: str = ""
    secret: str = ""
    """Password or 应急恢复码 of the time the backup was made."""
    by_code: bool = False


class Walk:
    """Where somebody stands in the first run."""

    def __init__(self, way: Way | None = None, *, backup: str = "") -> None:
        """`way`: begin with it, without asking; then going back from its first step leaves the walk."""
        self.way = way
        self.entries = Entries(backup=backup)
        self.step = STEPS[way][1] if way is not None else Step.WAY
        self.running: Job | None = None
        self.offer: Offer | None = None
        self.problems: dict[str, str] = {}
        """What is wrong, by the field it stands at; an empty key: by none."""
        self._alone = way is not None

    # -- where one is ------------------------------------------------------------------------------------------------

    @property
    def place(self) -> tuple[int, int]:
        """(number of this step, number of steps), counted from 1 after the choice of a way."""
        if self.way is None:
            return 0, 0
        steps = STEPS[self.way]
        last = len(steps) - 1
        return (steps.index(self.step) if self.step in steps else last), last

    @property
    def can_go_back(self) -> bool:
        """Whether the step before can still be changed."""
        if self.running is not None or self.step in _FINAL or self.step is Step.WAY:
            return False
        return not (self._alone and self.way is not None and self.step is STEPS[self.way][1])

    @property
    def is_practice(self) -> bool:
        """Whether the store to come is marked 练习."""
        return self.way is Way.JOIN and self.offer is not None and self.offer.practice

    # -- going -------------------------------------------------------------------------------------------------------

    def choose(self, way: Way) -> None:
        """Take a way at the first step."""
        if self.step is not Step.WAY:
            raise ValueError(f"a way is chosen at the beginning, not at {self.step}")
        self.way, self.problems = way, {}
        self.step = STEPS[way][1]

    def back(self) -> bool:
        """One step back; what was typed stays. False where there is no way back."""
        if not self.can_go_back or self.way is None:
            return False
        steps = STEPS[self.way]
        self.step = steps[steps.index(self.step) - 1]
        self.problems = {}
        return True

    def forward(self) -> Job | None:
        """Go on if everything is right; gives the work that must be done first, if there is any.

        With problems the walk stays where it is.
        """
        if self.running is not None or self.way is None or self.step is Step.END:
            return None
        self.problems = self._wrong()
        if self.problems:
            return None
        job = _JOBS.get((self.way, self.step))
        if job is None:
            self._next()
            return None
        self.running = job
        return job

    def done(self, result: object = None) -> None:
        """The work has been done."""
        job, self.running = self.running, None
        if job is Job.READ:
            self.offer = result  # type: ignore[assignment]  # what reading an enrolment file gives
            self.entries.agreed = False
        self._next()

    def failed(self, error: UserError | None = None, *, field: str = "") -> None:
        """The work could not be done, or was stopped (no error): nothing was changed, so the step is the one before."""
        self.running = None
        self.problems = {}
        if error is None:
            return
        known = self._names()
        if isinstance(error, BadInput) and set(error.problems) & known:
            self.problems = {name: why for name, why in error.problems.items() if name in known}
        else:
            self.problems = {field if field in known else "": str(error)}

    def _next(self) -> None:
        steps = STEPS[self.way] if self.way is not None else ()
        place = steps.index(self.step) + 1
        self.step = steps[place] if place < len(steps) else Step.END

    # -- what is asked -------------------------------------------------------------------------------------------------

    def _names(self) -> frozenset[str]:
        """The fields of the step one stands at."""
        return _FIELDS.get(self.step, frozenset())

    def _wrong(self) -> dict[str, str]:
        found = {
            Step.UNIT: self._wrong_unit,
            Step.STAFF: self._wrong_staff,
            Step.FILE: self._wrong_file,
            Step.OFFER: self._wrong_offer,
            Step.BACKUP: self._wrong_backup,
            Step.CODE: self._wrong_code,
        }.get(self.step, dict)()
        return {name: why for name, why in found.items() if why}

    def _wrong_unit(self) -> dict[str, str]:
        given = self.entries
        scopes = "请选本单位管哪里: 输入地名、拼音首字母, 或一级一级往下选。" if not given.scopes else ""
        if given.scopes:
            try:
                levels.scope_codes(given.level, given.scopes)
            except BadInput as error:
                scopes = str(error)
        return {"scopes": scopes, "name": names.unit_problem(text.clean(given.name))}

    def _wrong_staff(self) -> dict[str, str]:
        given = self.entries
        found = {"staff": "".join(names.check(names.clean(given.staff)))}
        if not given.password:
            found |= {"password": "没有设登录密码。"}
        elif len(given.password) < SHORTEST and not self.is_practice:
            found |= {"password": f"登录密码至少 {SHORTEST} 个字符。"}
        elif given.again != given.password:
            found["again"] = "两次输入的登录密码不一样。请再输一次。"
        return found

    def _wrong_file(self) -> dict[str, str]:
        given = self.entries
        file = ""
        if not given.file.strip():
            file = "请选上级给的开通文件(.rge)。"
        elif not Path(given.file).is_file():
            file = "没有这个文件。请插好 U 盘, 再选一次。"
        digits = [char for char in text.half_width(given.code) if char not in " -·"]
        right = len(digits) == CODE_DIGITS and all(char.isascii() and char.isdigit() for char in digits)
        code = (
            "" if right else f"开通码是 {CODE_DIGITS} 位数字, 这里是 {len(digits)} 个字。请对照电话里听到的再输一次。"
        )
        return {"file": file, "code": code}

    def _wrong_offer(self) -> dict[str, str]:
        said = "请打电话给上级, 八个词一个一个对上了, 再在这里打勾。"
        return {"agreed": "" if self.entries.agreed else said}

    def _wrong_backup(self) -> dict[str, str]:
        given = self.entries
        backup = ""
        if not given.backup.strip():
            backup = "请选备份文件(.rgb)。"
        elif not Path(given.backup).is_file():
            backup = "没有这个文件。请插好 U 盘, 再选一次。"
        secret = "" if given.secret.strip() else ("请填应急恢复码。" if given.by_code else "请填做备份时的登录密码。")
        return {"backup": backup, "secret": secret}

    def _wrong_code(self) -> dict[str, str]:
        said = "这个码只显示这一次。请打印或抄好, 再在这里打勾。"
        return {"noted": "" if self.entries.noted else said}


_FIELDS: Final[Mapping[Step, frozenset[str]]] = {
    Step.UNIT: frozenset({"level", "name", "scopes"}),
    Step.STAFF: frozenset({"staff", "password", "again"}),
    Step.FILE: frozenset({"file", "code"}),
    Step.OFFER: frozenset({"agreed"}),
    Step.LEVEL: frozenset({"level"}),
    Step.BACKUP: frozenset({"backup", "user", "secret"}),
    Step.CODE: frozenset({"noted"}),
}
