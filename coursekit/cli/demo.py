"""``coursekit demo``: a lecture that runs, a class that is graded, and a comparison with what it should have got."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from coursekit.errors import CourseError

if TYPE_CHECKING:
    from rich.console import Console

    from coursekit.authoring.execute import NotebookRun
    from coursekit.grading.results import Result
    from coursekit.grading.run import GradedClass
    from coursekit.grading.sample import SampleStudent

LECTURE = "01_linear_classifiers"
ASSIGNMENT = "a1_losses"
_CELL_SECONDS = 120
_MARK = ".coursekit-demo"  # only a folder that holds it is emptied


@dataclass(frozen=True)
class Demo:
    """What the demo did.

    Attributes:
        lecture: how the lecture ran.
        page: the lecture as HTML.
        students: the class as it was constructed.
        graded: the class as it was graded.
        differences: scores and diagnoses that are not as constructed; none if all is well.
    """

    lecture: NotebookRun
    page: Path
    students: tuple[SampleStudent, ...]
    graded: GradedClass
    differences: tuple[str, ...]


def demo(root: Path, into: Path | None = None, console: Console | None = None) -> Demo:
    """Run a lecture, make a class, grade it, show what came out, and hold it to what should have.

    Args:
        root: the course; its notebooks are built.
        into: a folder for everything that is made; ``root/build/demo`` if left out. An earlier demo's is replaced.
        console: where to print.

    Raises:
        CourseError: if notebooks are not built, the lecture fails, or any score is not as constructed.
    """
    from rich.console import Console

    from coursekit.grading import progress, report, run, sample

    console = console or Console()
    into = (into or root / "build" / "demo").resolve()
    release = root / "assignments" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    _require_built(root, release)
    _make_empty(into)
    console.print(f"[bold]1. Lecture {LECTURE}[/], from top to bottom in a fresh kernel")
    lecture, page = _lecture(root, into, console)
    console.print(
        f"   {len(lecture.cells)} cells ran in {lecture.seconds:.0f} s, and every claim in them was verified.\n"
    )
    console.print(f"[bold]2. A class for {ASSIGNMENT}[/], made of the answers and the mistakes that its exercises know")
    students = sample.make_class(ASSIGNMENT, release, into / "handed_in")
    for about in dict.fromkeys(student.about for student in students):
        console.print(f"   {about}: {', '.join(student.name for student in students if student.about == about)}")
    console.print("\n[bold]3. Grades[/], in nbgrader's gradebook")
    with progress.shown(console) as tell:
        # What is handed in here is the course's own: it may run where nothing can be shut in.
        graded = run.grade(ASSIGNMENT, into / "handed_in", into / "graded", root=root, on_progress=tell, unsafe=True)
    report.show(graded, console)
    console.print(f"  {'lecture':<10} {_short(page)}", soft_wrap=True, highlight=False, markup=False)
    found = tuple(differences(students, graded.results))
    _conclude(found, console)
    return Demo(lecture, page, tuple(students), graded, found)


def differences(students: Sequence[SampleStudent], results: Sequence[Result]) -> Iterator[str]:
    """Yield a sentence for every score and every diagnosis that is not as constructed."""
    graded = {result.student: result for result in results}
    for student in students:
        if student.name not in graded:
            yield f"{student.name} was not graded"
            continue
        exercises = {exercise.name: exercise for exercise in graded[student.name].exercises}
        if exercises.keys() != student.points.keys():
            yield f"{student.name}: graded {', '.join(exercises)}; constructed {', '.join(student.points)}"
            continue
        for name, points in student.points.items():
            if exercises[name].points != points:
                yield f"{student.name}, {name}: {exercises[name].points} points, not {points}"
            if exercises[name].misconception != student.misconceptions.get(name, ""):
                expected = student.misconceptions.get(name, "")
                yield f"{student.name}, {name}: diagnosed {exercises[name].misconception!r}, not {expected!r}"


def _require_built(root: Path, release: Path) -> None:
    for path in (root / "lectures" / f"{LECTURE}.ipynb", release):
        if not path.is_file():
            raise CourseError(f"{path} is not there.", fix="restore it (`git checkout`), or run `make notebooks`.")


def _make_empty(into: Path) -> None:
    """Remove an earlier demo; refuse to remove anything else."""
    if into.exists() and any(into.iterdir()):
        if not (into / _MARK).exists():
            raise CourseError(f"{into} is not empty, and no demo made it.", fix="choose another folder (--into).")
        shutil.rmtree(into)
    try:
        into.mkdir(parents=True, exist_ok=True)
        (into / _MARK).touch()
    except OSError as error:
        raise CourseError(
            f"{into} cannot be written: {error.strerror}.", fix="choose another folder (--into)."
        ) from error


def _lecture(root: Path, into: Path, console: Console) -> tuple[NotebookRun, Path]:
    """Run the lecture; return how it went, and its HTML page."""
    from coursekit.authoring.execute import execute

    with _status(console, "running the lecture") as tell:
        (run,) = execute(
            [root / "lectures" / f"{LECTURE}.ipynb"],
            root=root,
            timeout=_CELL_SECONDS,
            output_dir=into / "lectures",
            on_cell=lambda _, cell: tell(cell.heading or cell.id),
        )
        tell("writing the page")
        page = _page(into / "lectures" / f"{LECTURE}.ipynb")
    if run.failure:
        raise CourseError(
            f"lecture {LECTURE} fails at the cell {run.failure.id}: {run.failure.error}",
            fix=f"open {_short(page)} to see it; `coursekit doctor` says what this machine lacks.",
        )
    return run, page


def _page(executed: Path) -> Path:
    from nbconvert.exporters import HTMLExporter

    html, _ = HTMLExporter().from_filename(str(executed))
    page = executed.with_suffix(".html")
    page.write_text(html, encoding="utf-8")
    return page


@contextmanager
def _status(console: Console, text: str) -> Iterator[Callable[[str], None]]:
    with console.status(text) as status:
        yield lambda detail: status.update(f"{text}: {detail}")


def _conclude(found: Sequence[str], console: Console) -> None:
    console.print("\n[bold]make lab[/] opens the course; begin with lectures/01_linear_classifiers.ipynb.")
    if found:
        raise CourseError(
            "the grades are not as the class was constructed:\n" + "\n".join(f"    {each}" for each in found),
            fix="an exercise, its check or the grader is wrong: `make test` narrows it down.",
        )
    console.print("[green]✓[/] Every score and every diagnosis is as constructed.")


def _short(path: Path) -> Path:
    here = Path.cwd().resolve()
    return path.relative_to(here) if path.is_relative_to(here) else path
