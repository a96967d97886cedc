"""Dots, version vectors and heads of one record: the pure arithmetic of sync.md, without a store.

A *dot* is (origin, position); an origin is a (node, incarnation) pair, here a small local number (models.journal).
A *vector* maps origins to the highest position applied to this record. A field's *heads* are its writes that no
applied write of the same field has superseded. States are kept in a compact form beside each row.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import msgspec

_encode: Final = msgspec.msgpack.Encoder(order="sorted").encode
_decode: Final = msgspec.msgpack.Decoder().decode


class Dot(NamedTuple):
    """One act of one origin."""

    origin: int
    position: int


Vector = dict[int, int]


def covers(vector: Mapping[int, int], dot: Dot) -> bool:
    """Whether what the vector stands for includes the dot."""
    return vector.get(dot.origin, 0) >= dot.position


def includes(vector: Mapping[int, int], other: Mapping[int, int]) -> bool:
    """Whether a vector covers every entry of another."""
    return all(vector.get(origin, 0) >= position for origin, position in other.items())


def joined(one: Mapping[int, int], other: Mapping[int, int]) -> Vector:
    """The least vector that covers both."""
    out = dict(one)
    for origin, position in other.items():
        if position > out.get(origin, 0):
            out[origin] = position
    return out


@dataclass
class State:
    """What is known of one record: its vector and which writes are the heads of its fields.

    `base` is the dot that wrote every field not named in `heads`: a record made by one act needs nothing more.
    """

    vector: Vector = field(default_factory=dict)
    base: Dot | None = None
    heads: dict[str, tuple[Dot, ...]] = field(default_factory=dict)

    def encoded(self) -> bytes:
        """Compact bytes for the row; an untouched record made by one act takes three to eleven bytes."""
        if self.base is not None and not self.heads and self.vector == {self.base.origin: self.base.position}:
            return _encode([self.base.origin, self.base.position])
        return _encode(
            [
                sorted(self.vector.items()),
                self.base,
                {name: [n for dot in dots for n in dot] for name, dots in self.heads.items()},
            ]
        )

    @classmethod
    def decoded(cls, data: bytes) -> "State":
        """The inverse of `encoded`; empty bytes are a record nobody has written."""
        if not data:
            return cls()
        items: Any = _decode(data)
        if len(items) == 2:
            dot = Dot(*items)
            return cls({dot.origin: dot.position}, dot)
        vector, base, heads = items
        return cls(
            dict(map(tuple, vector)),
            Dot(*base) if base is not None else None,
            {name: tuple(Dot(*pair) for pair in zip(n[::2], n[1::2], strict=True)) for name, n in heads.items()},
        )

    def contested(self) -> tuple[str, ...]:
        """Fields with more than one head (whose values may still be equal)."""
        return tuple(sorted(name for name, dots in self.heads.items() if len(dots) > 1))

    def write_here(self, dot: Dot, names: Iterable[str]) -> None:
        """Apply a write made on this state itself: it supersedes every head of the fields it names."""
        if not self.vector:
            self.base = dot
        elif self.base != dot:
            for name in names:
                self.heads[name] = (dot,)
        self.vector[dot.origin] = dot.position

    def write_from(
        self, dot: Dot, context: Mapping[int, int], names: Iterable[str], base_fields: Iterable[str]
    ) -> tuple[str, ...]:
        """Apply a write made elsewhere on a state `context` that this one includes.

        `base_fields`: the fields the act `base` wrote. Gives the fields that now have more than one head.
        """
        if not self.vector:
            self.base = dot
            self.vector = {dot.origin: dot.position}
            return ()
        clashing = []
        known = set(base_fields)
        for name in names:
            present = self.heads.get(name) or ((self.base,) if self.base is not None and name in known else ())
            kept = tuple(head for head in present if not covers(context, head) and head != dot)
            self.heads[name] = tuple(sorted((*kept, dot)))
            if kept:
                clashing.append(name)
        self.vector = joined(self.vector, {dot.origin: dot.position})
        return tuple(clashing)

    def heads_of(self, name: str, base_fields: Iterable[str]) -> tuple[Dot, ...]:
        """The heads of one field."""
        if (found := self.heads.get(name)) is not None:
            return found
        return (self.base,) if self.base is not None and name in set(base_fields) else ()
