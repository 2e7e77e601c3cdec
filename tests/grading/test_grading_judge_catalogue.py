"""Every exercise through the judge: the check's own verdict, and again when replayed."""

import numpy as np
import pytest

from coursekit import exercises
from coursekit.exercises import caller, examine
from coursekit.exercises.sources import as_answer
from coursekit.grading.judge.calls import KernelCaller, Replay
from coursekit.grading.limits import Limits

pytestmark = pytest.mark.slow

LIMITS = Limits()
SEED = 11
ALL = [exercises.get(name) for name in exercises.names()]


class Loop:
    def __init__(self, **namespace):
        self.namespace = namespace

    def evaluate(self, code, expression, seconds):
        return eval(expression, self.namespace)


def alone(exercise, function):
    namespace = {"np": np}
    exec(as_answer(function, exercise.name), namespace)
    return namespace[exercise.name]


def agree(exercise, function):
    # Each has its own copy of the function: some remember.
    here = examine(exercise, caller(alone(exercise, function), exercise.closed_book), SEED)
    call = KernelCaller(Loop(f=alone(exercise, function)), "cell", "f", exercise, SEED, LIMITS)
    assert examine(exercise, call, SEED) == here
    if call.answers:  # else they are too large to be kept
        assert examine(exercise, Replay(call.answers, "cell", "f", exercise, LIMITS), SEED) == here
    return here


@pytest.mark.parametrize("exercise", ALL, ids=lambda e: e.name)
def test_a_right_and_a_wrong_answer_of_each_exercise(exercise):
    assert agree(exercise, exercise.variants[0]).status == "passed"
    assert agree(exercise, exercise.misconceptions[-1].function).status == "failed"


@pytest.mark.slow
@pytest.mark.parametrize("exercise", ALL, ids=lambda e: e.name)
def test_every_variant_and_misconception(exercise):
    for function in (exercise.reference, *exercise.variants):
        assert agree(exercise, function).status == "passed"
    for mistake in exercise.misconceptions:
        assert agree(exercise, mistake.function).misconception == mistake.name


@pytest.mark.parametrize("exercise", ALL, ids=lambda e: e.name)
@pytest.mark.parametrize(
    "function",
    [
        lambda *a: None,
        lambda *a: a[0],
        lambda *a: list(a),
        lambda *a: "text",
        lambda *a: {"loss": 1},
        lambda *a: {1, 2},
        lambda *a: [[1], [2, 3]],
        lambda *a: (np.float32(1), [np.int64(2), True]),
        lambda *a: (1j, np.array(["a"]), object()),
        lambda *a: range(3),
        lambda: 0,
        lambda *a: 1 / 0,
        lambda *a: ...,
        lambda *a: int("x\x1b"),
        lambda *a: exit(3),
    ],
)
def test_answers_of_all_forms(exercise, function):
    here = examine(exercise, caller(function, exercise.closed_book), SEED)
    call = KernelCaller(Loop(f=function), "cell", "f", exercise, SEED, LIMITS)
    assert examine(exercise, call, SEED) == here
