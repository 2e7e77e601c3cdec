import numpy as np
import pytest

from coursekit import exercises
from coursekit.exercises import caller, examine
from coursekit.exercises.a1_losses.fooling import random_images, steps_needed

FOOL = exercises.get("fool")
DEFAULTS = (0.05, 1000)


def leads(x, weights, bias, target, alpha, max_steps):
    """By how much the target's score beats the best other one, before each step that may be needed."""
    steps = np.arange(min(max_steps, 400) + 1)[:, None]
    scores = (x + steps * alpha * weights[:, target]) @ weights + bias
    return scores[:, target] - np.delete(scores, target, axis=1).max(axis=1)


def complete(arguments):
    return (*arguments, *DEFAULTS[len(arguments) - 4 :])


@pytest.mark.parametrize("case", FOOL.cases, ids=lambda case: case.name)
def test_no_case_hangs_on_the_last_digit(case):
    assert np.abs(leads(*complete(case.arguments))).min() > 1e-6


def test_the_cases_are_what_their_names_say():
    steps = {case.name: FOOL.reference(*case.arguments)[1] for case in FOOL.cases}
    last = next(case for case in FOOL.cases if "last step" in case.name)
    assert steps["already the target: nothing to do"] == 0
    assert steps["seven steps are not enough"] == 7
    assert leads(*next(case for case in FOOL.cases if "seven" in case.name).arguments)[-1] < 0
    assert steps[last.name] == last.arguments[-1]
    assert leads(*last.arguments)[-1] > 0 > leads(*last.arguments)[-2]


@pytest.mark.parametrize("seed", range(20))
def test_drawn_targets_are_clear_and_never_out_of_reach_for_ever(seed):
    calls = random_images(np.random.default_rng(seed))
    shapes = {arguments[1].shape for arguments in calls}
    assert shapes == {(11, 3), (3, 7)}
    enough = []
    for arguments in calls:
        needed = steps_needed(*arguments[:5])
        assert 3 < needed < 400
        assert np.abs(leads(*arguments)).min() > 1e-7
        enough.append(arguments[5] >= needed)
    assert {True, False} == set(enough)


def test_whoever_forgets_max_steps_is_told_so_and_not_left_in_a_loop():
    def without_end(x, weights, bias, target, alpha=0.05, max_steps=1000):
        x, steps = x.copy(), 0
        while np.argmax(x @ weights + bias) != target:
            x, steps = x + alpha * weights[:, target], steps + 1
        return x, steps

    for seed in range(10):
        assert examine(FOOL, caller(without_end), seed).misconception == "ignores max steps"


def test_an_image_that_is_fooled_already_comes_back_as_it_is():
    case = next(case for case in FOOL.cases if "already" in case.name)
    fooled, steps = FOOL.reference(*case.arguments)
    assert steps == 0
    assert fooled is not case.arguments[0]
    np.testing.assert_array_equal(fooled, case.arguments[0])


def test_a_right_answer_may_return_the_image_itself_when_there_is_nothing_to_do():
    def lazily(x, weights, bias, target, alpha=0.05, max_steps=1000):
        for steps in range(max_steps + 1):
            if steps == max_steps or (x @ weights + bias).argmax() == target:
                return x, np.int32(steps)
            x = x + alpha * weights[:, target]

    assert examine(FOOL, caller(lazily, FOOL.closed_book), 0).failures == ()


def test_the_librarys_own_attacks_are_closed():
    assert "coursekit.attack" in FOOL.closed_book
