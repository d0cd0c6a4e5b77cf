"""The table: what was measured, its goal, and whether it was reached."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Line:
    """One figure."""

    what: str
    value: float
    at_most: float | None
    at_least: float | None

    @property
    def goal(self) -> str:
        """The goal in words."""
        if self.at_most is not None:
            return f"<= {self.at_most:.3g}"
        return f">= {self.at_least:.3g}"

    @property
    def reached(self) -> bool:
        """Whether the figure is on the right side of its goal."""
        if self.at_most is not None:
            return self.value <= self.at_most
        return self.at_least is not None and self.value >= self.at_least


@dataclass
class Report:
    """Figures in the order they were measured."""

    lines: list[Line] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(
        self, what: str, value: float | None, at_most: float | None = None, *, at_least: float | None = None
    ) -> None:
        """Note a figure with its goal."""
        self.lines.append(Line(what, -1 if value is None else value, at_most, at_least))

    def note(self, text: str) -> None:
        """Something to know besides."""
        self.notes.append(text)

    def table(self, looks: int) -> str:
        """Everything, ready to be printed."""
        width = max(len(line.what) for line in self.lines)
        rows = [f"{'':{width}}  {'measured':>9}  {'goal':>9}  ({looks} looks)"]
        rows += [
            f"{line.what:{width}}  {line.value:9.3g}  {line.goal:>9}  {'reached' if line.reached else 'MISSED'}"
            for line in self.lines
        ]
        return "\n".join([*rows, "", *self.notes])
