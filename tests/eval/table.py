"""Rows of the table, and the table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Row:
    """One measure of one task.

    Attributes:
        value: of the program as it is installed first.
        beside: name of a baseline → its value on the same material in the same run.
    """

    task: str
    measure: str
    value: float
    beside: Mapping[str, float] = field(default_factory=dict)
    unit: str = ""


def shown(value: float | None, unit: str = "") -> str:
    """A share with three places, anything with a unit as a whole number; a dash where there is none."""
    if value is None:
        return "–"
    return f"{value:,.0f} {unit}" if unit else f"{value:.3f}"


def printed(rows: Sequence[Row], with_encoder: Sequence[Row]) -> str:
    """The table as Markdown."""
    other = {(row.task, row.measure): row.value for row in with_encoder}
    lines = ["| task | measure | Kurzclips | with encoder | beside it |", "|---|---|---:|---:|---|"]
    for row in rows:
        second = shown(other.get((row.task, row.measure)), row.unit)
        beside = ", ".join(f"{name} {shown(value, row.unit)}" for name, value in row.beside.items()) or "–"
        lines.append(f"| {row.task} | {row.measure} | {shown(row.value, row.unit)} | {second} | {beside} |")
    return "\n".join(lines)
