import subprocess
import sys

import numpy as np
import pytest

from coursekit import exercises
from coursekit.exercises import caller, examine
from coursekit.exercises.a1_losses.training import company, softmax_cross_entropy, steady_pull
from coursekit.exercises.sources import as_answer
from coursekit.scratch.gradients import numeric_gradient, relative_error

TRAIN = exercises.get("train_linear_classifier")
RANDOM_IN_EVERY_CASE = {"draws_with_replacement", "shuffles_the_images_only"}
ORDER = "order = rng.permutation(len(x))"
GENERATOR = "rng = np.random.default_rng(seed)"


def defined(source):
    namespace = {"np": np}
    exec(source, namespace)
    return namespace["train_linear_classifier"]


def rewritten(function, *changes):
    """The function with parts of its source replaced; each must occur."""
    source = as_answer(function, "train_linear_classifier")
    for before, after in changes:
        assert before in source
        source = source.replace(before, after)
    return defined(source)


def look(function, seed=0):
    return examine(TRAIN, caller(function, TRAIN.closed_book), seed)


@pytest.mark.parametrize("loss", [softmax_cross_entropy, steady_pull, company])
def test_the_given_losses_have_the_slopes_they_say(loss):
    scores, labels = np.random.default_rng(0).normal(0, 2, (4, 6)), np.array([5, 0, 3, 1])
    before = scores.copy()
    _, dscores = loss(scores, labels)
    assert relative_error(dscores, numeric_gradient(lambda s: loss(s, labels)[0], scores)) < 1e-7
    np.testing.assert_array_equal(scores, before)


def test_where_answers_are_compared_the_order_cannot_matter():
    for trial in TRAIN.trials(3):
        if trial.rule is None or trial.rule.holds is None:
            for arguments in trial.calls:
                expected = TRAIN.reference(*arguments)
                for seed in (1, 22, 333):
                    names = dict(zip(TRAIN.reference.__code__.co_varnames, arguments, strict=False))
                    again = TRAIN.reference(**{**names, "seed": seed})
                    for one, other in zip(expected, again, strict=True):
                        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize(
    "order",
    [
        "order = rng.permutation(len(x))[::-1]",
        "order = np.argsort(rng.random(len(x)))",
        "order = rng.choice(len(x), len(x), replace=False)",
        "order = np.arange(len(x)); rng.shuffle(order)",
        "order = np.random.RandomState(seed + _).permutation(len(x))",
        "order = np.random.default_rng([seed, _]).permutation(len(x))",
        "order = rng.permutation(len(x)); x = x[order]; labels = labels[order]; order = np.arange(len(x))",
        "order = np.array(__import__('random').Random(seed * 1000 + _).sample(range(len(x)), len(x)))",
    ],
)
def test_any_random_order_will_do(order):
    function = rewritten(TRAIN.reference, (ORDER, order))
    for seed in range(5):
        assert look(function, seed).failures == ()


@pytest.mark.parametrize(
    "change",
    [
        ("weights, bias = (np.zeros((x.shape[1], classes)), np.zeros(classes))",
         "weights = np.zeros((x.shape[1], classes), np.float32); bias = np.zeros(classes, np.float32)"),
        ("return (weights, bias)", "loss(x @ weights + bias, labels); return [weights.tolist(), list(bias)]"),
        ("batch = order[start:start + batch_size]", "batch = np.sort(order[start:start + batch_size])"),
    ],
)  # fmt: skip
def test_precision_lists_and_sorted_batches_are_a_matter_of_taste(change):
    for seed in range(3):
        assert look(rewritten(TRAIN.reference, change), seed).failures == ()


@pytest.mark.slow
@pytest.mark.parametrize("misconception", TRAIN.misconceptions, ids=lambda m: m.function.__name__)
def test_a_mistake_is_recognised_whatever_order_was_drawn(misconception):
    source = as_answer(misconception.function, "train_linear_classifier")
    other = source.replace("np.random.default_rng(", "np.random.RandomState(")
    if "bit_generator" in source:
        other = source.replace("default_rng(seed)", "default_rng(seed + 17)")
    verdict = look(defined(other))
    assert verdict.status == "failed"
    if misconception.function.__name__ not in RANDOM_IN_EVERY_CASE:
        assert verdict.hint == misconception.hint


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("draws_with_replacement", "go through one permutation of all the images in an epoch"),
        ("shuffles_the_images_only", "images and labels must go in the same order"),
    ],
)
def test_a_mistake_whose_every_answer_is_random_gets_the_hint_of_its_property(name, hint):
    mistake = next(m.function for m in TRAIN.misconceptions if m.function.__name__ == name)
    verdict = look(rewritten(mistake, (GENERATOR, "rng = np.random.RandomState(seed)")))
    assert verdict.hint.startswith(hint)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("order", "hint"),
    [
        ("order = np.random.default_rng(seed).permutation(len(x))", "every epoch has the same order"),
        ("order = np.roll(np.arange(len(x)), 1)", "every epoch has the same order"),
        ("order = np.arange(len(x))", "the images come in the order in which they stand"),
        ("order = np.random.default_rng(_).permutation(len(x))", "the seed has no effect"),
        ("order = np.random.default_rng().permutation(len(x))", "the order cannot be repeated"),
        ("order = np.random.permutation(len(x))", "the order cannot be repeated"),
    ],
)
def test_what_is_wrong_with_the_order_is_told_apart(order, hint):
    for seed in range(5):
        assert look(rewritten(TRAIN.reference, (ORDER, order)), seed).hint.startswith(hint)


def rule(name):
    return next(each for each in TRAIN.properties if each.name == name)


def test_real_digits_are_recognised_and_what_has_not_learnt_them_is_told_how_many_are():
    digits = rule("recognises real digits that it has not seen")
    calls = digits.draw(np.random.default_rng(0))
    x, labels, classes, _ = calls[0]
    assert x.shape == (1437, 64)
    assert set(labels) == set(range(classes))
    weights, bias = TRAIN.reference(*calls[0])
    assert digits.holds(calls, [(weights, bias)]) is None
    problem = digits.holds(calls, [(np.zeros_like(weights), bias)])
    assert problem.endswith("of the digits held out are recognised; 94 % is easy to reach")
    assert float(problem.split("%")[0]) < 20


def test_the_digits_are_real_the_first_time_and_the_same_the_second():
    draw = rule("recognises real digits that it has not seen").draw
    first, second = draw(np.random.default_rng(1))[0], draw(np.random.default_rng(2))[0]
    assert not np.array_equal(first[0], second[0])
    np.testing.assert_allclose(np.sort(first[0].sum(axis=1)), np.sort(second[0].sum(axis=1)), rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "answer", "problem"),
    [
        ("no image is visited more often than another", lambda w: w * (np.arange(len(w)) != 2)[:, None],
         "image 0 was visited more often than image 2 in 3 epochs"),
        ("every image keeps its own label", lambda w: np.roll(w, 1, axis=1), "image 0 has label"),
        ("the images are shuffled", lambda w: np.kron(np.eye(7), np.ones((4, 4)))[:24, :26] * 5, "every batch held"),
        ("every epoch has a new order", lambda w: np.where(w > 2, 5, 0), "in all five epochs the same images"),
    ],
)  # fmt: skip
def test_the_weights_tell_who_was_visited_with_whom(name, answer, problem):
    each = rule(name)
    calls = each.draw(np.random.default_rng(0))
    values = [TRAIN.reference(*arguments) for arguments in calls]
    assert each.holds(calls, values) is None
    weights, bias = values[0]
    assert each.holds(calls, [(answer(weights), bias)]).startswith(problem)


def test_declaring_the_exercises_imports_no_data_set_and_no_framework():
    script = "from coursekit import exercises; exercises.names(); import sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    heavy = {"tensorflow", "tensorflow_datasets", "sklearn", "scipy", "keras", "coursekit.data"}
    assert heavy.isdisjoint(done.stdout.split())
