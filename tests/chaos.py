"""Random histories, as many as one likes: `python -m tests.chaos --n 2000 --seed 1`.

Each history is made from the seed and its number alone, so a failure is repeated with `--only NUMBER`, and
`--only NUMBER --shrink` leaves out every act it does not need. Stops at the first failure, with its number and the acts
that led there, and an exit code other than 0.
"""

import argparse
import multiprocessing
import os
import random
import sys
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tests.exchange.acts import ACTS, do
from tests.exchange.chain import SHAPES, chain
from tests.exchange.history import History, summary

LONGEST = 40
HASH_SEED = "0"

Step = tuple[str, int, int, int]


@dataclass(frozen=True)
class Result:
    """What became of one history."""

    number: int
    figures: Counter[str]
    error: str = ""
    log: tuple[str, ...] = ()


def steps(seed: int, number: int) -> list[Step]:
    """The acts of a history."""
    chance = random.Random(f"{seed}/{number}")
    names = sorted(ACTS)
    weights = [ACTS[name][1] for name in names]
    count = chance.randint(6, LONGEST)
    # One draw after the other: a history keeps its acts when it is cut short.
    return [
        (
            chance.choices(names, weights)[0],
            chance.randrange(1_000),
            chance.randrange(1_000),
            chance.randrange(1_000),
        )
        for _ in range(count)
    ]


def play(number: int, acts: Sequence[Step]) -> Result:
    """One history of these acts."""
    history: History | None = None
    try:
        with chain(SHAPES[number % len(SHAPES)], number) as stores:
            history = History(stores)
            for name, a, b, c in acts:
                do(history, name, a, b, c)
            history.end()
    except Exception:  # noqa: BLE001 (whatever goes wrong is the finding)
        log = tuple(history.log) if history is not None else ()
        return Result(number, history.figures if history is not None else Counter(), traceback.format_exc(), log)
    history.figures["histories"] += 1
    return Result(number, history.figures)


def _job(job: tuple[int, int]) -> Result:
    seed, number = job
    return play(number, steps(seed, number))


def shrunk(number: int, acts: Sequence[Step]) -> Result:
    """The shortest history that can be found in which the same goes wrong."""
    kept = list(acts)
    best = play(number, kept)
    size = len(kept)
    while size:
        at = 0
        while at < len(kept):
            fewer = [*kept[:at], *kept[at + size :]]
            result = play(number, fewer)
            if result.error and _sort_of(result.error) == _sort_of(best.error):
                kept, best = fewer, result
            else:
                at += size
        size //= 2
    return best


def _sort_of(error: str) -> str:
    """Where it went wrong; ids and numbers differ once acts are left out."""
    lines = [line.strip() for line in error.splitlines() if line.strip().startswith("File ")]
    return lines[-1] if lines else error


def main() -> int:
    """Play them in several processes; 0 when all went well."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="number of the first history of the run")
    parser.add_argument("--only", type=int, help="play this one history of the seed, and show its acts")
    parser.add_argument("--shrink", action="store_true", help="with --only: leave out what the failure does not need")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--keep-going", action="store_true", help="list all failures instead of stopping at the first")
    options = parser.parse_args()
    if options.shrink:
        result = shrunk(options.only, steps(options.seed, options.only))
        tell(result, options.seed)
        return 1 if result.error else 0
    begun = time.monotonic()
    numbers = range(options.first, options.first + options.n) if options.only is None else [options.only]
    total: Counter[str] = Counter()
    failed: list[Result] = []
    with multiprocessing.get_context("fork").Pool(min(options.processes, len(numbers))) as pool:
        for result in pool.imap_unordered(_job, [(options.seed, number) for number in numbers]):
            total += result.figures
            if result.error:
                failed.append(result)
                tell(result, options.seed)
                if not options.keep_going:
                    pool.terminate()
                    break
            elif total["histories"] % 50 == 0:
                print(f"{total['histories']} … {time.monotonic() - begun:.0f} s", flush=True)
    print(f"seed {options.seed}: {summary(total)}, {len(failed)} failed, {time.monotonic() - begun:.0f} s")
    return 1 if failed else 0


def tell(result: Result, seed: int) -> None:
    """The failure, and how to see it again."""
    print("\n".join(result.log))
    print(result.error)
    print(
        f"history {result.number} failed; again: python -m tests.chaos --seed {seed} --only {result.number}", flush=True
    )


if __name__ == "__main__":
    if os.environ.get("PYTHONHASHSEED") != HASH_SEED:
        # Sets in another order give other salts to other parts: the same seed must play the same history.
        again = [sys.executable, "-m", "tests.chaos", *sys.argv[1:]]
        os.execve(sys.executable, again, os.environ | {"PYTHONHASHSEED": HASH_SEED})  # noqa: S606 (ourselves)
    sys.exit(main())
