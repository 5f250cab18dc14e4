"""Worked out once for an object that is met again, anew for another or for other circumstances."""

from bot.once import KEPT, Once


def test_the_same_object_is_worked_out_once_and_its_equal_is_another() -> None:
    once: Once[int] = Once()
    made: list[object] = []

    def result(of: list[int], also: str) -> int:
        def make() -> int:
            made.append(of)
            return len(made)

        return once(of, also, make)

    first, equal = [1], [1]
    assert [result(first, "de"), result(first, "de"), result(first, "en"), result(equal, "de")] == [1, 1, 2, 3]


def test_however_many_there_are_few_are_kept_and_none_is_taken_for_another() -> None:
    once: Once[str] = Once()
    for number in range(3 * KEPT):
        of = [number]
        assert once(of, (), lambda of=of: str(of)) == str(of)  # type: ignore[misc]
