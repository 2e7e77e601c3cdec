"""How far a class has come, in a terminal while it is graded (Rich)."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from coursekit.grading.results import plain

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from coursekit.grading.run import Progress, Step

_LAST = 6  # finished submissions that stay in sight
_NAME = 24

_MARKS = {
    "graded": "[green]✓[/] graded",
    "judged": "[green]✓[/] judged again",
    "kept": "[dim]○ kept[/]",
    "failed": "[red]![/] not graded",
}


@contextmanager
def shown(console: Console) -> Iterator[Progress]:
    """Show a table that lives while a class is graded; yields what to pass as ``on_progress``. Quiet in a pipe."""
    from rich.live import Live

    if not console.is_terminal:
        yield lambda step: None
        return
    table = LiveTable()
    with Live(console=console, get_renderable=table.draw, refresh_per_second=4, transient=True):
        yield table.take


class LiveTable:
    """Remembers the steps of a run, and draws where it is."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._running: dict[str, float] = {}  # when each began
        self._ended: deque[Step] = deque(maxlen=_LAST)
        self._last: Step | None = None
        self._told = self._began

    def take(self, step: Step) -> None:
        """Take note of a step."""
        self._last, self._told = step, time.monotonic()
        if step.state == "grading":
            self._running[step.student] = self._told
        else:
            self._running.pop(step.student, None)
            self._ended.append(step)

    def draw(self) -> RenderableType:
        """Return what a terminal shows now."""
        from rich.console import Group
        from rich.progress_bar import ProgressBar
        from rich.table import Table

        now, last = time.monotonic(), self._last
        table = Table.grid(padding=(0, 2))
        for step in self._ended:
            result = step.result
            points = f"{plain(result.score)}/{plain(result.max_score)}" if result else ""
            table.add_row(_name(step.student), _MARKS[step.state], points)
        for student, since in self._running.items():
            table.add_row(_name(student), "[cyan]…[/] running", f"{now - since:.0f} s")
        if last is None:
            return Group("[cyan]…[/] collecting and setting up")
        line = Table.grid(padding=(0, 2))
        bar = ProgressBar(total=max(last.total, 1), completed=last.done, width=30)
        line.add_row(bar, f"{last.done}/{last.total}", self._times(now))
        return Group(table, line)

    def _times(self, now: float) -> str:
        text = f"{_clock(now - self._began)} so far"
        left = self._last.seconds_left if self._last else None
        return text if left is None else f"{text}, about {_clock(max(0.0, left - (now - self._told)))} left"


def _name(student: str) -> str:
    from rich.markup import escape

    return escape(student if len(student) <= _NAME else f"{student[: _NAME - 1]}…")


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"
