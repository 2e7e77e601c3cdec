import dataclasses
import warnings

import numpy as np
import pytest

from coursekit import exercises
from coursekit.exercises import Case, Exercise, Property, caller, examine
from coursekit.scratch.losses import hinge_loss as library_hinge_loss

HINGE = exercises.get("hinge_loss")


def right(scores, labels, margin=1.0):
    return HINGE.reference(scores, labels, margin)


def look(function, exercise=HINGE, seed=0, closed_book=()):
    return examine(exercise, caller(function, closed_book), seed)


def mistake(name):
    return next(m for m in HINGE.misconceptions if m.function.__name__ == name)


def test_a_right_answer_passes_every_trial():
    verdict = look(right)
    assert (verdict.status, verdict.failures, verdict.misconception, verdict.hint) == ("passed", (), "", "")
    assert (verdict.exercise, verdict.points, verdict.seed) == ("hinge_loss", HINGE.points, 0)
    assert verdict.trials == len(HINGE.cases) + len(HINGE.properties)


def test_a_stub_is_unwritten_and_called_once():
    calls = []

    def stub(*arguments):
        calls.append(arguments)
        raise NotImplementedError

    verdict = look(stub)
    assert (verdict.status, verdict.failures) == ("unwritten", ())
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("answer", "problem", "part"),
    [
        (lambda s, y, m: 1 / 0, "it raised ZeroDivisionError: division by zero (line 1 of your function)", ""),
        (lambda s: 1, "it raised TypeError: ", ""),
        (lambda s, y, m: None, "expected 2 values, (loss, dscores); got None", ""),
        (lambda s, y, m: (right(s, y, m)[0], None), "dscores is None", ""),
        (lambda s, y, m: right(s, y, m)[1], "expected 2 values, (loss, dscores); got one array of shape (3, 3)", ""),
        (lambda s, y, m: (*right(s, y, m), 0), "expected 2 values, (loss, dscores); got 3", ""),
        (lambda s, y, m: [(right(s, y, m))], "expected 2 values, (loss, dscores); got 1", ""),
        (lambda s, y, m: (right(s, y, m)[0], [*right(s, y, m)[1].tolist()[:2], [0]]), "dscores should be one", ""),
        (lambda s, y, m: (right(s, y, m)[0], right(s, y, m)[1][0]), "shape of dscores: expected (3, 3)", "dscores"),
        (lambda s, y, m: (np.full(3, right(s, y, m)[0]), right(s, y, m)[1]), "shape of loss: expected ()", "loss"),
        (lambda s, y, m: ("5.27", right(s, y, m)[1]), "loss should be made of real numbers; got text", ""),
        (lambda s, y, m: (right(s, y, m)[0] + 0j, right(s, y, m)[1]), "loss should be made of real numbers", ""),
        (lambda s, y, m: (np.nan, right(s, y, m)[1]), "loss: expected 5.26667, got nan", "loss"),
        (lambda s, y, m: (right(s, y, m)[0], -right(s, y, m)[1]), "dscores[0, 0]: expected", "dscores"),
    ],
)
def test_the_first_thing_wrong_is_told(answer, problem, part):
    verdict = look(answer)
    first = verdict.failures[0]
    assert verdict.status == "failed"
    assert first.trial == HINGE.cases[0].name
    assert first.inputs == "scores (3, 3), labels (3,), margin 1.0"
    assert first.problem.startswith(problem)
    assert first.part == part


def test_a_change_in_place_is_told_by_the_arguments_name():
    def sorts(scores, labels, margin):
        answer = right(scores, labels, margin)
        labels.sort()
        return answer

    first = look(sorts).failures[0]
    assert first.trial == "a margin of a half, labels out of order"
    assert first.problem == "it changes its argument labels in place; work on a copy"


def test_closed_book_comes_before_everything_else():
    for answer in (library_hinge_loss, lambda *a: library_hinge_loss(*a)):
        verdict = look(answer, closed_book=HINGE.closed_book)
        assert verdict.failures[0].problem.startswith("closed book: it calls coursekit.scratch.losses.hinge_loss;")
        assert (verdict.misconception, verdict.hint) == ("", "")


def test_closed_book_is_never_explained_by_a_mistake_that_is_right_where_answers_are_compared():
    train = exercises.get("train_linear_classifier")
    verdict = look(train.reference, train, closed_book=train.closed_book)
    assert "closed book" in verdict.failures[0].problem
    assert (verdict.misconception, verdict.hint) == ("", "")


@pytest.mark.parametrize("name", ["squares_the_violations", "forgets_the_margin", "works_in_place"])
def test_a_known_mistake_is_named_in_any_style(name):
    known = mistake(name)
    verdict = look(lambda *arguments: list(known.function(*arguments)))
    assert (verdict.misconception, verdict.hint) == (known.name, known.hint)


def test_a_known_wrong_loss_beside_the_right_gradient_gets_the_losss_hint():
    known = mistake("sums_over_images")
    verdict = look(lambda *a: (known.function(*a)[0], right(*a)[1]))
    assert verdict.failures[0].part == "loss"
    assert verdict.hint == known.hint


def test_the_right_loss_beside_a_known_wrong_gradient_gets_the_gradients_hint():
    known = mistake("puts_violations_into_the_gradient")
    verdict = look(lambda *a: (right(*a)[0], known.function(*a)[1]))
    assert verdict.failures[0].part == "dscores"
    assert verdict.hint == known.hint


def test_two_mistakes_at_once_get_a_hint_for_the_first():
    first, second = mistake("sums_over_images"), mistake("turns_the_gradient_round")
    verdict = look(lambda *a: (first.function(*a)[0], second.function(*a)[1]))
    assert verdict.hint == first.hint


def test_an_unknown_mistake_gets_no_invented_cause():
    verdict = look(lambda *a: (right(*a)[0] + 0.001, right(*a)[1]))
    assert (verdict.status, verdict.misconception, verdict.hint) == ("failed", "", "")


def absolute(x):
    return np.abs(x)


def draw(rng):
    x = rng.normal(size=4)
    return [(x,), (-x,)]


def even(calls, values):
    first, second = values
    return None if np.allclose(first.sum(), second.sum()) else f"the sums are {first.sum()} and {second.sum()}"


@pytest.fixture
def exercise():
    return Exercise(
        "absolute",
        1,
        absolute,
        ("y",),
        [Case("two numbers", (np.array([1.0, 2.0]),))],
        [Property("agrees", draw), Property("even", draw, even, hint="what becomes of a minus sign?")],
    )


def test_an_unknown_mistake_gets_the_hint_of_the_property_it_breaks(exercise):
    verdict = look(lambda x: x + 0.0, exercise)
    assert [failure.trial for failure in verdict.failures] == ["agrees", "even"]
    assert verdict.hint == "what becomes of a minus sign?"


@pytest.mark.parametrize("answer", [lambda x: 1 / 0, lambda x: None, lambda x: [str(v) for v in x], lambda: 0])
def test_a_propertys_hint_is_not_given_for_what_has_nothing_to_do_with_values(answer, exercise):
    verdict = look(answer, exercise)
    assert len(verdict.failures) == 3
    assert verdict.hint == ""


def test_a_propertys_hint_is_not_given_for_a_change_in_place(exercise):
    assert look(lambda x: np.abs(x, out=x), exercise).hint == ""


def test_a_rule_is_given_arrays_whatever_the_answer_was_made_of(exercise):
    assert look(lambda x: [abs(v) for v in x], exercise).status == "passed"
    assert look(lambda x: tuple(float(v) for v in x), exercise).failures[-1].problem.startswith("the sums are")


def test_a_rule_is_not_asked_about_an_answer_of_another_shape(exercise):
    problems = [failure.problem for failure in look(lambda x: np.abs(x).sum(), exercise).failures]
    assert problems[-1] == "shape of y: expected (4,), got ()"


def test_a_rule_over_odd_numbers_leaves_no_warning(exercise, capfd):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert look(lambda x: np.array([np.inf, -np.inf, np.nan, 1e308])[: len(x)], exercise).status == "failed"
    assert capfd.readouterr().err == ""


def test_each_trial_says_which_of_its_calls_went_wrong(exercise):
    lengths = Property("short and long", lambda rng: [(np.ones(2),), (np.ones(7),)])
    verdict = look(lambda x: x * (len(x) < 7), dataclasses.replace(exercise, properties=[lengths]))
    [failure] = verdict.failures
    assert (failure.trial, failure.call, failure.inputs) == ("short and long", 1, "x (7,)")


def test_a_mistake_that_shows_in_a_rule_alone_must_break_that_rule_first(exercise):
    """Two mistakes with right answers wherever answers are compared are told apart by the rules they break."""

    def large(calls, values):
        return "the first is too large" if values[0].max() > 1e6 else None

    def negative(calls, values):
        return "negative" if values[0].min() < 0 else None

    unlike = dataclasses.replace(
        exercise,
        properties=[
            Property("never negative", lambda rng: [(np.full(5, 3.0),)], negative, diagnose=False),
            Property("never large", lambda rng: [(np.full(5, 3.0),)], large, diagnose=False),
        ],
        misconceptions=[],
    )

    @unlike.misconception("negative and too large.")
    def both(x):
        return np.array([-1, 0, 0, 0, 1e7]) if len(x) == 5 else np.abs(x)

    @unlike.misconception("too large.")
    def grows(x):
        return np.full(5, 1e7) if len(x) == 5 else np.abs(x)

    @unlike.misconception("negative.")
    def sinks(x):
        return -np.ones(5) if len(x) == 5 else np.abs(x)

    assert look(grows, unlike).hint == "too large."
    assert look(both, unlike).hint == "negative and too large."
    assert look(sinks, unlike).hint == "negative and too large."
    assert look(absolute, unlike).status == "passed"


def test_the_same_seed_gives_the_same_verdict():
    assert look(mistake("fixes_the_margin").function, seed=7) == look(mistake("fixes_the_margin").function, seed=7)


def test_a_verdict_never_holds_an_answer_whole():
    def off_by_a_little(scores, labels, margin):
        loss, dscores = right(scores, labels, margin)
        return loss, dscores + 0.1

    verdict = look(off_by_a_little)
    for failure in verdict.failures:
        assert failure.problem.count("expected") == 1
        assert len(failure.problem) < 120
