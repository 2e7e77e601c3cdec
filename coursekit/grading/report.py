"""What a person sees of a graded class in a terminal (Rich)."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from coursekit.grading.plaintext import line
from coursekit.grading.results import ExerciseResult, Result, plain

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from coursekit.grading.run import GradedClass

LEGEND = "[green]✓[/] passed   [red]✗[/] failed   [dim]○[/] not written   [yellow]![/] did not run   – to grade by hand"

_NAME = 16  # longest student name that is shown whole

_MARKS = {
    "passed": ("✓", "green"),
    "graded": ("✓", "green"),
    "failed": ("✗", "red"),
    "unwritten": ("○", "dim"),
    "empty": ("○", "dim"),
    "to grade": ("–", "dim"),
    "error": ("!", "yellow"),
    "stopped": ("!", "yellow"),
    "ungraded": ("!", "yellow"),
}


def points_table(results: Sequence[Result], width: int = 100) -> Table:
    """Return a table of points: a row a student, a column an exercise; numbered where names do not fit the width."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, padding=0)
    table.add_column("student", no_wrap=True, overflow="ellipsis", max_width=_NAME, vertical="bottom")
    columns = {exercise.name: exercise.max_points for result in results for exercise in result.exercises}
    headings = [re.sub("[_-]", "\n", name) for name in columns]
    needed = sum(1 + max(map(len, heading.split())) for heading in headings)
    others = max(min(len(result.student), _NAME) for result in results) + len(" total ")
    if needed + others > width:
        headings = [str(number) for number in range(1, len(columns) + 1)]
        key = "  ".join(f"{number}:{name}" for number, name in zip(headings, columns, strict=True))
        table.caption, table.caption_justify, table.caption_style = key, "left", ""
    for heading, most in zip(headings, columns.values(), strict=True):
        table.add_column(f"{heading}\n[dim]of {plain(most)}[/]", justify="right", vertical="bottom", overflow="fold")
    table.add_column("total", justify="right", no_wrap=True, vertical="bottom")
    for result in results:
        cells = {exercise.name: _points(exercise) for exercise in result.shown}
        total = f"[bold]{plain(result.score)}[/]/{plain(result.max_score)}"
        table.add_row(_safe(result.student), *(cells.get(name, "") for name in columns), total)
    return table


def _points(exercise: ExerciseResult) -> str:
    if exercise.status == "to grade":
        return _share(exercise)
    mark, colour = _MARKS[exercise.status]
    return f"[{colour}]{mark} {plain(exercise.points)}[/]"


def _share(exercise: ExerciseResult) -> str:
    return f"{plain(exercise.points) or '–'}/{plain(exercise.max_points)}"


def points_list(result: Result) -> Table:
    """Return one student's points: a row an exercise."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False, show_footer=True)
    table.add_column("exercise", "total", no_wrap=True)
    table.add_column("points", f"{plain(result.score)}/{plain(result.max_score)}", justify="right", no_wrap=True)
    table.add_column("what was found", _safe(" ".join((result.problem, *result.notes)).strip()))
    for exercise in result.exercises:
        found = exercise.hint or exercise.diagnosis or exercise.status
        mark, colour = _MARKS[exercise.status]
        table.add_row(exercise.name, f"[{colour}]{mark}[/] {_share(exercise)}", _safe(found))
    return table


def diagnosis_table(results: Iterable[Result]) -> Table:
    """Return a table of what went wrong: a row for each thing worth saying."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    table.add_column("student", no_wrap=True, overflow="ellipsis", max_width=_NAME)
    table.add_column("exercise", no_wrap=True)
    table.add_column("what happened")
    for result in results:
        shown = ""
        for where, what in _remarks(result):
            table.add_row(_safe(result.student) if not shown else "", _safe(where), _safe(what))
            shown = result.student
    return table


def _remarks(result: Result) -> Iterator[tuple[str, str]]:
    if result.problem:
        yield "", result.problem
    for note in result.notes:
        yield "", note
    unwritten = [exercise.name for exercise in result.exercises if exercise.status == "unwritten"]
    if unwritten and not result.problem:
        yield f"{len(unwritten)} exercises" if len(unwritten) > 1 else unwritten[0], "not written yet"
    for exercise in result.exercises:
        if exercise.diagnosis:
            yield exercise.name, exercise.diagnosis


def show(graded: GradedClass, console: Console) -> None:
    """Print a graded class: points, what went wrong, where everything lies."""

    here, jupyter = Path.cwd().resolve(), Path(sys.executable).with_name("jupyter")

    def shown(path: Path) -> Path:
        return path.relative_to(here) if path.is_relative_to(here) else path

    if graded.results:
        console.print(points_table(graded.results, console.width))
        console.print(LEGEND)
    if any(True for result in graded.results for _ in _remarks(result)):
        console.print(diagnosis_table(graded.results))
    waiting = sum(result.needs_manual for result in graded.results)
    if waiting:
        console.print(f"{waiting} written answer{'s wait' if waiting > 1 else ' waits'} for a grader (see below).")
    again = f" ({graded.kept} unchanged, kept)" if graded.kept else ""
    count = len(graded.results)
    console.print(f"{count} submission{'s' * (count != 1)}{again} in {graded.seconds:.0f} s.")
    if any(result.level == "none" for result in graded.results):
        console.print("[yellow]Submissions were not shut in (--unsafe): what they ran, ran as you.[/]")
    if graded.faults:
        console.print(
            f"\n[bold red]{len(graded.faults)} not graded[/], through no fault of theirs; run the command again:"
        )
        for student, fault in graded.faults:
            console.print(f"  {_safe(student)}: {_safe(fault)}", soft_wrap=True)
    for name, where in (
        ("gradebook", shown(graded.gradebook)),
        ("table", shown(graded.csv)),
        ("feedback", shown(graded.feedback)),
        ("to grade", f"cd {quote(str(shown(graded.course.folder)))} && {quote(str(jupyter))} lab"),
        ("", "then in its menu: nbgrader → Formgrader"),
    ):
        console.print(f"  {name:<10} {where}", soft_wrap=True, highlight=False, markup=False, emoji=False)


def _safe(text: str) -> str:
    """Return what students wrote as Rich prints it: no markup, and nothing that a terminal would obey."""
    from rich.markup import escape

    return escape(line(text))
