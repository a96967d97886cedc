"""Precision and recall of the search for duplicates, operator by operator: `python -m tests.duplicates.measuring [SEED…]`."""

import sys
from collections import Counter
from dataclasses import dataclass
from typing import Final

from app.rules import duplicates
from tests.duplicates import labelled

SEED: Final = 1
"""A seed the rules were looked at with while they were written (as 5, 77, 400 and 2026); others only judge."""


@dataclass(frozen=True)
class Figures:
    """What the search found of a set. `found` and `wrong` are by operator; people of none are `background`."""

    seed: int
    true: int
    right: int
    reported: int
    found: Counter[str]
    wrong: Counter[str]

    @property
    def precision(self) -> float:
        return self.right / self.reported

    @property
    def recall(self) -> float:
        return self.right / self.true

    def lines(self) -> list[str]:
        """A table: recall and precision of each mistake, how often each kind of neighbour was reported."""
        each = labelled.PER_OPERATOR
        out = [f"{'the same person once more':<60}{'recall':>9}{'precision':>11}"]
        for name in labelled.SAME:
            found, wrong = self.found[name], self.wrong[name]
            precision = f"{found / (found + wrong):.3f}" if found + wrong else "–"
            out.append(f"{name:<60}{found / each:>9.3f}{precision:>11}")
        out.append(f"{'somebody else who is near':<60}{'reported':>9}{'of':>11}")
        out += [f"{name:<60}{self.wrong[name]:>9}{each:>11}" for name in labelled.OTHER]
        out.append(f"{'people of no pair':<60}{self.wrong['background']:>9}{labelled.BACKGROUND:>11}")
        out.append(
            f"seed {self.seed}: precision {self.precision:.4f}, recall {self.recall:.4f} "
            f"({self.right} of {self.true} pairs, {self.reported} reported)"
        )
        return out


def measure(seed: int) -> Figures:
    """Search a whole set at once, so that everybody in it can be taken for everybody else."""
    made = labelled.build(seed, labelled.villages())
    pairs = duplicates.search([duplicates.traces(record) for record in made.records]).pairs
    reported = {frozenset((pair.first, pair.second)) for pair in pairs}
    operator_of = {place: pair.operator for pair in made.pairs for place in (pair.first, pair.second)}
    found: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for pair in made.pairs:
        found[pair.operator] += pair.same and frozenset((pair.first, pair.second)) in reported
    for both in reported - made.truth:
        wrong.update({operator_of.get(place, "background") for place in both})
    right = len(reported & made.truth)
    return Figures(seed, len(made.truth), right, len(reported), found, wrong)


if __name__ == "__main__":
    for given in sys.argv[1:] or [str(SEED)]:
        print("\n".join(measure(int(given)).lines()))
