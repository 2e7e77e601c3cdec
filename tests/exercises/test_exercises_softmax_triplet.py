"""What the enumeration cannot see: the lecture's numbers, far spreads, shapes, unlisted mistakes still explained."""

import numpy as np
import pytest

from coursekit import exercises
from coursekit.exercises import caller, examine

ANSWERS = {name: exercises.get(name).reference for name in exercises.names()}
CAT = np.array([[3.2, 5.1, -1.7]])


def verdict(name, answer, seed=0):
    return examine(exercises.get(name), caller(answer), seed)


def test_the_numbers_of_the_lecture():
    assert np.round(ANSWERS["softmax"](CAT), 2).tolist() == [[0.13, 0.87, 0.0]]
    assert ANSWERS["softmax_loss"](CAT, np.array([0]))[0] == pytest.approx(2.04, abs=0.005)
    rows = exercises.get("hinge_one").cases[:3]
    assert [round(float(ANSWERS["hinge_one"](*case.arguments)), 6) for case in rows] == [2.9, 0, 12.9]


def test_softmax_loss_is_exact_however_far_off():
    loss, dscores = ANSWERS["softmax_loss"](np.array([[0.0, 2000.0, -1e6]]), np.array([0]))
    assert loss == 2000
    assert dscores.tolist() == [[-1, 1, 0]]


def test_three_points_in_one_place_cost_the_margin():
    point = np.ones((2, 3))
    loss, gradients = ANSWERS["triplet_loss"](point, point, point, 0.3)
    assert loss == 0.3
    assert not np.any(gradients)


@pytest.mark.parametrize("name", exercises.names())
def test_an_answer_of_another_shape_is_judged_and_not_a_crash(name):
    exercise = exercises.get(name)

    def stretched(*arguments):
        def stretch(value):
            return tuple(map(stretch, value)) if isinstance(value, tuple) else np.stack([value, value])

        return stretch(exercise.reference(*arguments))

    failures = verdict(name, stretched).failures
    assert len(failures) == len(exercise.trials(0))
    assert all(failure.problem.startswith("shape of ") for failure in failures)


@pytest.mark.parametrize("epsilon", [1e-15, 1e-9, 1e-6])
def test_a_capped_logarithm_gets_a_hint_whatever_the_cap(epsilon):
    def capped(scores, labels):
        p = ANSWERS["softmax"](scores)
        loss = -np.log(np.maximum(p[np.arange(len(labels)), labels], epsilon)).mean()
        return loss, ANSWERS["softmax_loss"](scores, labels)[1]

    found = verdict("softmax_loss", capped)
    assert found.misconception == ""
    assert "cap the loss" in found.hint


def test_a_gradient_of_something_else_gets_a_hint():
    def twice(*arguments):
        loss, gradients = ANSWERS["triplet_loss"](*arguments)
        return loss, tuple(3 * each for each in gradients)

    found = verdict("triplet_loss", twice)
    assert found.failures[0].part == "danchor"
    assert found.misconception == ""
    assert "nudge one coordinate" in found.hint


@pytest.mark.parametrize("seed", range(20))
def test_no_random_triplet_sits_on_the_corner_of_the_hinge(seed):
    for trial in exercises.get("triplet_loss").trials(seed)[6:]:
        for anchor, positive, negative, margin in trial.calls:
            excess = ((anchor - positive) ** 2).sum(1) - ((anchor - negative) ** 2).sum(1) + margin
            assert np.abs(excess).min() > 0.01
