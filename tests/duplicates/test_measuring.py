"""The search finds who is registered twice and leaves neighbours alone: 0.95 and better, on seeds nobody tuned with too."""

import pytest

from tests.duplicates import labelled, measuring

JUDGING = (20261123, 31)


@pytest.mark.parametrize("seed", [measuring.SEED, *JUDGING])
def test_precision_and_recall(seed: int) -> None:
    figures = measuring.measure(seed)
    print("\n".join(figures.lines()))
    assert figures.true >= 500
    assert figures.precision >= 0.95
    assert figures.recall >= 0.95
    for name in labelled.SAME:
        assert figures.found[name] >= 0.8 * labelled.PER_OPERATOR, name
    for name in labelled.OTHER:
        assert figures.wrong[name] <= 0.1 * labelled.PER_OPERATOR, name
