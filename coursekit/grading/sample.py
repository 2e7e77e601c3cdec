"""A class to try the grader on, put together from the answers that every exercise declares.

Correct answers in several styles, students with one to three misconceptions each (every exercise hit at least once),
one who stopped half-way, one whose browser renamed the notebook. What each should get is known from construction.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from coursekit import exercises
from coursekit.errors import CourseError
from coursekit.exercises import Exercise
from coursekit.exercises.sources import as_answer
from coursekit.grading.course import write
from coursekit.grading.results import exercise_name, is_graded

_CORRECT = ("ada", "ben", "chloe")
_MISTAKEN = ("dmitri", "emre", "fatima", "goran", "hana", "ines", "jonas", "kofi")
_HALF, _RENAMED = "leila", "maria"
_MOST_MISTAKES = 3
_WRITTEN = (
    "Each value moves by very little, but the score is a sum over all of them, and every one of them moves in the "
    "direction that the weights ask for. A change that no eye notices adds up to one that the classifier cannot miss."
)


@dataclass(frozen=True)
class SampleStudent:
    """A made-up student.

    Attributes:
        name: the id in the gradebook.
        about: what kind of submission it is.
        answers: source of the function handed in, by exercise; what is not there was left as it was.
        points: what they should get, by exercise (by cell for a written answer, where None waits for a grader).
        misconceptions: the name of the misconception built in, by exercise.
        filename: what the notebook is called.
        written: the text of written answers, or ``""``.
    """

    name: str
    about: str
    answers: Mapping[str, str]
    points: Mapping[str, float | None]
    misconceptions: Mapping[str, str] = field(default_factory=dict)
    filename: str = ""
    written: str = ""


def make_class(assignment: str, release: Path, folder: Path) -> list[SampleStudent]:
    """Write a class's submissions to a folder and return the students, sorted by name.

    Args:
        assignment: its name or number.
        release: the assignment as students get it.
        folder: gets one folder a student.

    Raises:
        CourseError: if the assignment is not built, or a function of it is not where it should be.
    """
    import nbformat

    declared = exercises.assignment(assignment)
    if not release.is_file():
        raise CourseError(f"{release} is not there.", fix="run `make notebooks` (or `coursekit build`) first.")
    notebook = nbformat.read(release, as_version=4)
    students = invent(declared.exercises, notebook, declared.name)
    for student in students:
        place = folder / student.name / declared.name / student.filename
        write(place, nbformat.writes(answered(notebook, student)) + "\n")
    return students


def invent(asked: tuple[Exercise, ...], notebook: Any, assignment: str) -> list[SampleStudent]:
    """Return the students of a class; the same ones each time."""
    worth = {exercise_name(cell): cell.metadata.nbgrader for cell in notebook.cells if is_graded(cell)}
    full = {name: float(settings.points) for name, settings in worth.items()}
    by_hand = [name for name, settings in worth.items() if settings.solution]
    graded = [exercise for exercise in asked if exercise.name in worth]

    def student(name: str, about: str, wrong: Mapping[str, int], style: int, **more: Any) -> SampleStudent:
        """Answer everything: `wrong` gives the number of a misconception, the rest is correct in the given style."""
        chosen = {each.name: each.misconceptions[wrong[each.name]] for each in graded if each.name in wrong}
        left_out = more.pop("left_out", ())
        answers = {
            each.name: as_answer(
                chosen[each.name].function if each.name in chosen else each.variants[style % len(each.variants)],
                each.name,
            )
            for each in graded
            if each.name not in left_out
        }
        lost = {*wrong, *left_out}
        points: dict[str, float | None] = {key: 0.0 if key in lost else most for key, most in full.items()}
        points |= dict.fromkeys(by_hand, None if more.get("written") else 0.0)
        names = {key: misconception.name for key, misconception in chosen.items()}
        filename = more.pop("filename", f"{assignment}.ipynb")
        return SampleStudent(name, about, answers, points, names, filename, **more)

    students = [student(name, "correct", {}, i, written=_WRITTEN) for i, name in enumerate(_CORRECT)]
    for number, wrong in enumerate(_spread(graded)):
        students.append(student(_MISTAKEN[number], "misconceptions", wrong, number))
    rest = [each.name for each in graded[len(graded) // 2 :]]
    students.append(student(_HALF, "half finished", {}, 0, left_out=rest))
    students.append(student(_RENAMED, "renamed notebook", {}, 1, filename=f"{assignment} (1).ipynb"))
    return students


def _spread(graded: list[Exercise]) -> list[dict[str, int]]:
    """Return, for each mistaken student, the number of the misconception in each exercise that they get wrong."""
    students = min(max(4, -(-len(graded) // _MOST_MISTAKES)), len(_MISTAKEN))
    chosen: list[dict[str, int]] = [{} for _ in range(students)]
    for turn in range(max(students, len(graded))):
        exercise = graded[turn % len(graded)]
        chosen[turn % students][exercise.name] = (5 * turn + turn // len(graded)) % len(exercise.misconceptions)
    return chosen


def answered(notebook: Any, student: SampleStudent) -> Any:
    """Return a student's notebook: the released one with their answers in its cells."""
    import nbformat

    notebook = nbformat.from_dict(notebook)
    unplaced = dict(student.answers)
    for cell in notebook.cells:
        if not cell.metadata.get("nbgrader", {}).get("solution"):
            continue
        if cell.metadata.nbgrader.grade:
            cell.source = student.written or cell.source
            continue
        for name in [name for name in unplaced if f"def {name}(" in cell.source]:
            cell.source = _replaced(cell.source, name, unplaced.pop(name))
    if unplaced:
        raise CourseError(
            f"no solution cell defines {', '.join(unplaced)}.",
            fix="give each exercise a solution cell that begins with its `def`.",
        )
    return notebook


def _replaced(source: str, name: str, answer: str) -> str:
    """Return a cell's text with one of its functions replaced."""
    functions = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    definition = next(node for node in functions if node.name == name)
    lines = source.split("\n")
    lines[definition.lineno - 1 : definition.end_lineno] = answer.rstrip("\n").split("\n")
    return "\n".join(lines)
