"""Vectors, heads and their compact form, against a plain model that keeps every write."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from app.models.causality import Dot, State, Vector, covers, includes, joined

NAMES = ("a", "b", "c")
vectors = st.dictionaries(st.integers(1, 4), st.integers(1, 9), max_size=4)


@given(vectors, vectors, vectors)
def test_joining_is_the_least_vector_that_covers_both(one: Vector, two: Vector, three: Vector) -> None:
    both = joined(one, two)
    assert includes(both, one)
    assert includes(both, two)
    assert both == joined(two, one)
    assert joined(both, three) == joined(one, joined(two, three))
    assert joined(one, one) == one
    assert includes(three, both) == (includes(three, one) and includes(three, two))
    assert all(
        covers(both, Dot(o, p)) == (covers(one, Dot(o, p)) or covers(two, Dot(o, p)))
        for o in range(1, 5)
        for p in range(1, 10)
    )


def test_what_covers_means() -> None:
    assert covers({1: 3}, Dot(1, 3))
    assert covers({1: 3}, Dot(1, 1))
    assert not covers({1: 3}, Dot(1, 4))
    assert not covers({1: 3}, Dot(2, 1))
    assert includes({}, {})
    assert not includes({}, {1: 1})


@dataclass(frozen=True)
class Write:
    dot: Dot
    context: tuple[tuple[int, int], ...]
    names: frozenset[str]


def plain_heads(writes: list[Write], name: str) -> set[Dot]:
    """Writes of a field that no other write of it has in its context."""
    mine = [w for w in writes if name in w.names]
    return {w.dot for w in mine if not any(covers(dict(o.context), w.dot) for o in mine if o is not w)}


def vector_of(writes: list[Write]) -> Vector:
    out: Vector = {}
    for write in writes:
        out = joined(out, {write.dot.origin: write.dot.position})
    return out


@st.composite
def histories(draw: st.DrawFn) -> list[Write]:
    """Acts of three authors on one record; each knows all of its own and some whole prefix of what was made before.

    The first act makes the record, as in a store: nobody writes what does not exist.
    """
    first = Write(Dot(1, 1), (), frozenset(draw(st.sets(st.sampled_from(NAMES)))))
    writes, known = [first], {1: [first], 2: [first], 3: [first]}
    positions = {1: 1, 2: 0, 3: 0}
    for author, source, names in draw(
        st.lists(
            st.tuples(
                st.sampled_from((1, 2, 3)), st.sampled_from((0, 1, 2, 3)), st.sets(st.sampled_from(NAMES), min_size=1)
            ),
            max_size=9,
        )
    ):
        if source:  # hears all another author knows
            known[author] += [w for w in known[source] if w not in known[author]]
        positions[author] += 1
        write = Write(Dot(author, positions[author]), tuple(vector_of(known[author]).items()), frozenset(names))
        known[author].append(write)
        writes.append(write)
    return writes


def applied(writes: list[Write]) -> State:
    """Applied one by one, as soon as what each builds on is there."""
    state, base_fields = State(), frozenset[str]()
    waiting = list(writes)
    while waiting:
        write = next(w for w in waiting if includes(state.vector, dict(w.context)))
        waiting.remove(write)
        if not state.vector:
            base_fields = write.names
        state.write_from(write.dot, dict(write.context), sorted(write.names), base_fields)
    return state


@given(histories(), st.randoms(use_true_random=False))
def test_heads_are_the_unsuperseded_writes_in_every_order(writes: list[Write], chance: object) -> None:
    base_fields = writes[0].names
    shuffled = list(writes)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # a random.Random
    for order in (writes, shuffled):
        state = applied(order)
        assert state.vector == vector_of(writes)
        for name in NAMES:
            assert set(state.heads_of(name, base_fields)) == plain_heads(writes, name)
        assert set(state.contested()) == {name for name in NAMES if len(plain_heads(writes, name)) > 1}


@given(histories())
def test_the_compact_form_loses_nothing(writes: list[Write]) -> None:
    state = applied(writes)
    back = State.decoded(state.encoded())
    assert back == state
    assert back.encoded() == state.encoded()


@given(st.lists(st.sets(st.sampled_from(NAMES), min_size=1), min_size=1, max_size=6))
def test_writing_here_is_writing_with_the_whole_context(acts: list[set[str]]) -> None:
    here, there = State(), State()
    base = sorted(acts[0])
    for number, names in enumerate(acts, 1):
        dot = Dot(7, number)
        there.write_from(dot, dict(there.vector), sorted(names), base)
        here.write_here(dot, sorted(names))
    assert here.vector == there.vector
    for name in NAMES:
        assert here.heads_of(name, base) == there.heads_of(name, base)


def test_a_record_made_by_one_act_needs_few_bytes() -> None:
    state = State()
    state.write_here(Dot(1, 1), ["a"])
    assert len(state.encoded()) == 3
    state.write_here(Dot(1, 1), ["b"])  # a second flush of the same act
    assert len(state.encoded()) == 3
    large = State({1 << 20: 1 << 40}, Dot(1 << 20, 1 << 40))
    assert len(large.encoded()) <= 15
    assert State.decoded(b"") == State()
    assert State().encoded() == State.decoded(State().encoded()).encoded()
