"""Many record ids in little room: a list of a hundred thousand persons is held as their bytes, not as texts."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, overload

_SIZE: Final = 16


class Ids(Sequence[str]):
    """Ids in order, as 32 digits each; 16 bytes apiece."""

    __slots__ = ("_data",)

    def __init__(self, data: bytes = b"") -> None:
        """`data`: the ids' bytes, one after the other."""
        self._data = data

    @classmethod
    def of(cls, ids: Iterable[str | bytes]) -> "Ids":
        """From ids as digits or as bytes."""
        return cls(b"".join(bytes.fromhex(one) if isinstance(one, str) else bytes(one) for one in ids))

    def __len__(self) -> int:
        return len(self._data) // _SIZE

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> list[str]: ...
    def __getitem__(self, place: int | slice) -> str | list[str]:
        """One id, or a list of several."""
        if isinstance(place, slice):
            return [self[n] for n in range(*place.indices(len(self)))]
        if place < 0:
            place += len(self)
        if not 0 <= place < len(self):
            raise IndexError(place)
        return self._data[_SIZE * place : _SIZE * (place + 1)].hex()

    def __iter__(self) -> Iterator[str]:
        return (self[n] for n in range(len(self)))

    def find(self, id: str) -> int:
        """The place of an id, -1 if it is not there; the bytes are searched, which is quick enough for a click."""
        key = bytes.fromhex(id)
        at = self._data.find(key)
        while at >= 0 and at % _SIZE:
            at = self._data.find(key, at + 1)
        return at // _SIZE if at >= 0 else -1

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ids) and self._data == other._data

    def __hash__(self) -> int:
        return hash(self._data)


class Numbers(Sequence[str]):
    """Row numbers in order, 8 bytes apiece, given out as text; for lists of what has no id of its own."""

    __slots__ = ("_data",)

    def __init__(self, data: Iterable[int] = ()) -> None:
        self._data = array("q", data)

    def __len__(self) -> int:
        return len(self._data)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> list[str]: ...
    def __getitem__(self, place: int | slice) -> str | list[str]:
        """One number as text, or a list of several."""
        found = self._data[place]
        return str(found) if isinstance(found, int) else [str(one) for one in found]

    def find(self, id: str) -> int:
        """The place of a number, -1 if it is not there."""
        try:
            return self._data.index(int(id))
        except ValueError:
            return -1

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Numbers) and self._data == other._data

    def __hash__(self) -> int:
        return hash(self._data.tobytes())
