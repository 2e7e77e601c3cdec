import dataclasses

import numpy as np
import pytest

from coursekit import exercises
from coursekit.errors import CourseError
from coursekit.exercises import Assignment, Case, Exercise, Property


def draw_one(rng):
    return [(rng.normal(size=3),)]


def draw_two(rng):
    return [(rng.normal(size=2),), (rng.normal(size=4),)]


def total(x):
    return x.sum()


@pytest.fixture
def exercise():
    return Exercise(
        name="total",
        points=2,
        reference=total,
        returns=("total",),
        cases=[Case("three ones", (np.ones(3),)), Case("nothing", (np.zeros(0),))],
        properties=[Property("agrees", draw_one), Property("adds up", draw_two, lambda calls, values: None)],
    )


def test_trials_are_the_cases_and_then_the_properties(exercise):
    trials = exercise.trials(0)
    assert [trial.name for trial in trials] == ["three ones", "nothing", "agrees", "adds up"]
    assert [len(trial.calls) for trial in trials] == [1, 1, 1, 2]
    assert [trial.rule for trial in trials] == [None, None, *exercise.properties]


def drawn(exercise, seed):
    return np.concatenate([call[0] for trial in exercise.trials(seed) if trial.rule for call in trial.calls])


def test_a_seed_repeats_the_random_inputs_and_another_changes_them(exercise):
    np.testing.assert_array_equal(drawn(exercise, 5), drawn(exercise, 5))
    assert not np.isclose(drawn(exercise, 5), drawn(exercise, 6)).any()


def test_a_property_added_at_the_end_leaves_the_others_inputs_alone(exercise):
    longer = dataclasses.replace(exercise, properties=[*exercise.properties, Property("more", draw_one)])
    np.testing.assert_array_equal(drawn(longer, 5)[:-3], drawn(exercise, 5))


def test_properties_do_not_share_their_random_numbers(exercise):
    same = dataclasses.replace(exercise, properties=[Property("a", draw_one), Property("b", draw_one)])
    assert not np.isclose(drawn(same, 5)[:3], drawn(same, 5)[3:]).any()


def test_only_a_property_can_be_left_out_of_the_diagnosis(exercise):
    slow = dataclasses.replace(exercise, properties=[Property("slow", draw_one, diagnose=False)])
    assert [trial.diagnose for trial in slow.trials(0)] == [True, True, False]


def test_mistakes_and_variants_are_declared_where_they_are_written(exercise):
    @exercise.misconception("the mean is not the total.")
    def takes_the_mean(x):
        return x.mean()

    @exercise.variant
    def by_dot(x):
        return x @ np.ones(len(x))

    assert takes_the_mean(np.array([1.0, 3.0])) == 2
    [misconception] = exercise.misconceptions
    assert (misconception.name, misconception.hint) == ("takes the mean", "the mean is not the total.")
    assert exercise.variants == [by_dot]


def test_exercises_do_not_share_their_mistakes(exercise):
    other = Exercise("other", 1, total, ("total",), [])
    exercise.misconception("no.")(total)
    assert other.misconceptions == []


def test_an_assignment_is_worth_what_its_exercises_are(exercise):
    assert Assignment("a0", "Sums", (exercise, exercise)).points == 4
    assert exercises.assignment("a1").points == sum(e.points for e in exercises.assignment("a1").exercises) > 0


def test_an_assignment_is_found_by_name_and_by_number():
    assert exercises.assignment("a1") is exercises.assignment("a1_losses")
    with pytest.raises(CourseError, match="a1_losses"):
        exercises.assignment("a99")


@pytest.mark.parametrize(
    ("wrong", "near"),
    [("hinge_los", "hinge_loss"), ("numerical_gradient", "numeric_gradient"), ("fool_linear", "fool")],
)
def test_a_misspelt_exercise_names_the_nearest(wrong, near):
    with pytest.raises(CourseError, match=rf"\b{near}\b"):
        exercises.get(wrong)


def test_every_name_leads_to_its_exercise():
    assert exercises.names()[0] == "hinge_loss_loops"
    for name in exercises.names():
        assert exercises.get(name).name == name
