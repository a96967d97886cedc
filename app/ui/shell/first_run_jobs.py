"""What the first run does between its steps: founding, joining, practising, restoring. Each leaves nothing half made."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import UserError
from app.ui.shell.first_run_steps import Entries

if TYPE_CHECKING:
    from app.services.backups import Restored
    from app.services.stores import Opened
    from app.sync.enrolment import Offer


@dataclass(frozen=True)
class Founded:
    """A new store, open, and the 应急恢复码 that is shown once."""

    opened: "Opened"
    recovery: str


def found(folder: Path, given: Entries) -> Founded:
    """A unit of its own."""
    from app.rules import levels, text
    from app.services import divisions, stores

    scopes = levels.scope_codes(given.level, given.scopes)
    known = divisions.national()
    typed = {c: name for c, name in given.typed_places.items() if c in given.scopes and known.get(c) != name}
    # In the founding act itself: a store without its code having been shown must never stay behind.
    founding = stores.Founding(
        given.level, text.clean(given.name), scopes, given.staff, given.password,
        prepare=divisions.entering(scopes, typed),
    )  # fmt: skip
    return Founded(*stores.init(folder, founding))


@dataclass(frozen=True)
class Offered:
    """An enrolment file, opened, and its scope in words."""

    offer: "Offer"
    places: tuple[str, ...]

    @property
    def practice(self) -> bool:
        """Whether it leads into a chain of 练习 stores."""
        return self.offer.practice


def read_offer(given: Entries) -> Offered:
    """The enrolment file, opened with the code told by telephone."""
    from app.rules import divisions as rules
    from app.services import divisions
    from app.sync import enrolment

    offer = enrolment.read(Path(given.file), given.code)
    names = [rules.full_name(divisions.national(), rules.pad(code)) or code for code in offer.scopes]
    return Offered(offer, tuple(names))


def join(folder: Path, given: Entries, offered: Offered) -> Founded:
    """A unit opened by its superior."""
    from app.services import stores
    from app.sync import enrolment

    offer = offered.offer
    founding = stores.Founding(
        offer.level, offer.name, offer.scopes, given.staff, given.password, practice=offer.practice, node=offer.node,
        prepare=lambda station, work: enrolment.begin(station.db, work, offer),
    )  # fmt: skip
    return Founded(*stores.init(folder, founding))


def practise(folder: Path, level: str) -> "Opened":
    """The practice store beside, filled with made-up people where it is new."""
    from app.services import practice

    return practice.begin(practice.folder_beside(folder), level)


def restore(folder: Path, given: Entries) -> "Restored":
    """A backup in the place of the store; what was there stays beside it."""
    from app.services import backups

    secret = given.secret.strip() if given.by_code else given.secret
    if given.by_code:
        return backups.restore(folder, Path(given.backup), recovery=secret)
    return backups.restore(folder, Path(given.backup), user=given.user.strip() or None, password=secret)


def field_of_offer(error: UserError) -> str:
    """Whether the file is wrong or its code."""
    from app.sync import enrolment

    return "code" if str(error) == enrolment.WRONG_CODE else "file"


def field_of_restore(error: UserError) -> str:
    """Whether the backup is wrong or the login."""
    from app.services import backups

    return "secret" if str(error).endswith(backups.OF_THAT_TIME) else "backup"
