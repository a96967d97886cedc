"""Saving a form: whatever comes in front before the answer is there, it reaches the form, the draft and the files it is about."""

from collections.abc import Callable
from typing import Final, TypeVar

import shiboken6

from app.errors import UserError
from app.ui.kit import drafts
from app.ui.kit.drafts import DraftKeeper
from app.ui.kit.messages import Way
from app.ui.kit.operations import Task
from app.ui.kit.page import Link, Page

T = TypeVar("T")

_OF_THE_MACHINE: Final = 4
"""exit_code of errors the window itself offers to try again."""


def save(
    page: Page,
    keeper: DraftKeeper,
    work: Callable[[], T],
    done: Callable[[T], object],
    *,
    failed: Callable[[UserError], bool] | None = None,
    late: Callable[[T], object] | None = None,
    what: str = "保存",
    word: str = "已保存",
) -> Task:
    """Write what the keeper's form holds now.

    `done` is called while the person still has that form in front, `late` when he has gone on. `failed` is told what is
    wrong as long as the form holds the same: it shows it there, and makes it possible to save again. `what` and `word`
    are for the sentences a person reads who has gone on.
    """
    moment, memory = keeper.moment(), page.desk.memory

    def write() -> T:
        result = work()
        # By this thread, not by the answer: nobody hears an answer any more when the window is being closed.
        drafts.soon(memory.drop, moment.place, moment.content)
        return result

    def alive() -> bool:
        # It goes with its form.
        return shiboken6.isValid(keeper)

    def saved(result: T) -> None:
        if alive() and keeper.stands(moment):
            keeper.done()
            done(result)
            return
        page.desk.messages.tell(f"{moment.title} {word}。")
        if late is not None:
            late(result)

    def refused(error: UserError) -> bool:
        told = alive() and keeper.holds(moment) and failed is not None and failed(error)
        if alive() and keeper.stands(moment):
            return told
        if error.exit_code == _OF_THE_MACHINE:
            return False
        name, _, about = moment.place.partition(":")
        again = (Way("接着填", lambda: page.wanted.emit(Link(name, about))),) if shiboken6.isValid(page) else ()
        page.desk.messages.say(f"{moment.title} 没有{what}: {error} 填的内容都留着。", Way("知道了"), *again)
        return True

    return page.desk.operations.write(write, saved, failed=refused, what=what)
