"""What a check found."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one check found.

    Attributes:
        is_good: nothing has to be done.
        words: one sentence, with the mend where it is bad.
    """

    name: str
    is_good: bool
    words: str
