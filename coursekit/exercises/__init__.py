"""Exercises: what an assignment asks, and how an answer is checked and explained.

exercises.get("hinge_loss")    one exercise      exercises.assignment("a1")    one assignment
exercises.examine(exercise, caller(function), seed)    the check itself
"""

from __future__ import annotations

import difflib
import functools
import importlib
from collections.abc import Iterator

from coursekit.errors import CourseError
from coursekit.exercises.calling import Caller, Outcome, caller
from coursekit.exercises.checking import Failure, Verdict, examine
from coursekit.exercises.core import (
    NUMPY_ONLY,
    Array,
    Assignment,
    Case,
    Exercise,
    Misconception,
    Property,
    Trial,
)

ASSIGNMENTS = ("a1_losses", "a2_backprop", "a3_convolution", "a4_pooling", "a5_architectures")
LECTURES = (
    "l01_linear_classifiers",
    "l02_backpropagation",
    "l03_convolution",
    "l04_matrices",
    "l05_pooling",
    "l06_lenet",
    "l07_architectures",
    "l08_depth",
    "l09_training",
)

__all__ = [
    "ASSIGNMENTS",
    "LECTURES",
    "NUMPY_ONLY",
    "Array",
    "Assignment",
    "Caller",
    "Case",
    "Exercise",
    "Failure",
    "Misconception",
    "Outcome",
    "Property",
    "Trial",
    "Verdict",
    "assignment",
    "assignments",
    "caller",
    "examine",
    "get",
    "names",
]


def assignments() -> list[Assignment]:
    """Return every assignment, in the course's order."""
    return [_load(name) for name in ASSIGNMENTS]


def assignment(name: str) -> Assignment:
    """Return an assignment by its name or number, such as ``"a1_losses"`` or ``"a1"``.

    Raises:
        CourseError: if there is none, with the nearest names.
    """
    for each in ASSIGNMENTS:
        if name in (each, each.partition("_")[0]):
            return _load(each)
    raise CourseError(
        f"there is no assignment {name!r}.",
        fix=f"the course has {', '.join(ASSIGNMENTS)} ({ASSIGNMENTS[0].partition('_')[0]} will do).",
    )


def get(name: str) -> Exercise:
    """Return the exercise called `name`.

    Raises:
        CourseError: if there is none, with the nearest names.
    """
    found = _find(name)
    if found is None:
        near = difflib.get_close_matches(name, names(), n=3) or names()
        raise CourseError(f"there is no exercise {name!r}.", fix=f"did you mean {', '.join(near)}?")
    return found


def names() -> list[str]:
    """Return the names of all exercises, assignments before lectures."""
    return [exercise.name for exercise in _all()]


@functools.cache
def _find(name: str) -> Exercise | None:
    return next((exercise for exercise in _all() if exercise.name == name), None)


def _all() -> Iterator[Exercise]:
    """Yield every exercise; those further on are imported only if somebody asks for them."""
    for each in (*ASSIGNMENTS, *LECTURES):
        yield from _load(each).exercises


def _load(name: str) -> Assignment:
    module = importlib.import_module(f"coursekit.exercises.{name}")
    loaded: Assignment = module.ASSIGNMENT
    return loaded
