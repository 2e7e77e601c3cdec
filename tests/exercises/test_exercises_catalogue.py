"""Every exercise, by enumeration: each misconception is caught with its own hint, each correct answer is accepted."""

import dataclasses
import inspect

import numpy as np
import pytest

from coursekit import exercises
from coursekit.exercises import caller, examine
from coursekit.exercises.sources import as_answer

SEEDS = (1, pytest.param(2, marks=pytest.mark.slow))
ALL = [exercises.get(name) for name in exercises.names()]
GRADED = [exercise for assignment in exercises.assignments() for exercise in assignment.exercises]
WRONG = [pytest.param(e, m, id=f"{e.name}-{m.function.__name__}") for e in ALL for m in e.misconceptions]
RIGHT = [pytest.param(e, v, id=f"{e.name}-{v.__name__}") for e in ALL for v in (e.reference, *e.variants)]


def alone(exercise, function):
    """The function as a notebook cell would hold it: its source, run with NumPy and nothing else."""
    namespace = {"np": np}
    exec(as_answer(function, exercise.name), namespace)
    return namespace[exercise.name]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("exercise", "misconception"), WRONG)
def test_misconception_is_rejected_with_its_own_hint(exercise, misconception, seed):
    verdict = examine(exercise, caller(alone(exercise, misconception.function)), seed)
    assert verdict.status == "failed"
    assert verdict.misconception == misconception.name
    assert verdict.hint == misconception.hint


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("exercise", "function"), RIGHT)
def test_correct_answer_is_accepted(exercise, function, seed):
    verdict = examine(exercise, caller(alone(exercise, function), exercise.closed_book), seed)
    assert verdict.failures == ()


@pytest.mark.parametrize(("exercise", "misconception"), WRONG)
def test_misconception_answers_at_least_once(exercise, misconception):
    """One that only ever raises is a broken misconception, not a wrong answer."""
    call = caller(misconception.function)
    assert any(not call(arguments).error for trial in exercise.trials(0) for arguments in trial.calls)


@pytest.mark.parametrize("exercise", GRADED, ids=lambda e: e.name)
def test_graded_exercise_is_complete(exercise):
    assert len(exercise.misconceptions) >= 8
    assert len(exercise.variants) >= 3
    assert exercise.points > 0
    assert len(exercise.cases) >= 3
    assert len(exercise.properties) >= 1


@pytest.mark.slow
@pytest.mark.parametrize("exercise", GRADED, ids=lambda e: e.name)
def test_visible_cases_catch_most_misconceptions(exercise):
    visible = dataclasses.replace(exercise, properties=())
    caught = [examine(visible, caller(m.function), 0).status == "failed" for m in exercise.misconceptions]
    assert np.mean(caught) >= 0.6


@pytest.mark.parametrize("exercise", ALL, ids=lambda e: e.name)
def test_hints_are_distinct_and_names_are_said_once(exercise):
    hints = [m.hint for m in exercise.misconceptions]
    trials = [trial.name for trial in exercise.trials(0)]
    assert len(set(hints)) == len(hints)
    assert len(set(trials)) == len(trials)
    parameters = list(inspect.signature(exercise.reference).parameters)
    for function in (*exercise.variants, *(m.function for m in exercise.misconceptions)):
        assert list(inspect.signature(function).parameters) == parameters


def test_exercise_names_are_unique_over_the_course():
    every = [e.name for a in exercises.assignments() for e in a.exercises]
    assert len(set(every)) == len(every)
    assert len(exercises.names()) == len(ALL)


def test_an_answer_from_the_library_is_refused():
    import coursekit.scratch.losses as library

    exercise = exercises.get("hinge_loss")
    for borrowed in (library.hinge_loss, lambda *a: library.hinge_loss(*a)):
        verdict = examine(exercise, caller(borrowed, exercise.closed_book), 0)
        assert verdict.status == "failed"
        assert "closed book: it calls coursekit.scratch.losses" in verdict.failures[0].problem
