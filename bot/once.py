"""What is worked out once for objects that are met again and again."""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")
KEPT = 200


class Once(Generic[T]):
    """Results by the identity of an object, which need be neither hashable nor quick to compare."""

    def __init__(self) -> None:
        self._kept: dict[tuple[int, Hashable], tuple[object, T]] = {}

    def __call__(self, of: object, also: Hashable, make: Callable[[], T]) -> T:
        """The result for an object and whatever else it depends on, made now or before."""
        key = (id(of), also)
        found = self._kept.get(key)
        if found is None:
            if len(self._kept) >= KEPT:
                self._kept.clear()
            # The object is kept with its result, so that no other one can have its id meanwhile.
            found = self._kept[key] = (of, make())
        return found[1]
