"""The sanity ladder: a sound network climbs it; each planted mistake stops it at the rung that is there for it."""

import numpy as np
import pytest

from coursekit import training

pytestmark = pytest.mark.slow

SOUND, SCALED, GUESS, GRADIENTS, BATCH, LEARNS, LINEAR, SHUFFLED = (
    "the data are sound",
    "the inputs are scaled",
    "it starts by guessing",
    "gradients reach every layer",
    "it learns one batch by heart",
    "it learns from the data",
    "it is no worse than a linear model",
    "it learns nothing from shuffled labels",
)


@pytest.fixture
def climb(digits):
    def ladder(model, dataset=digits, **options):
        settings = {"examples": 400, "epochs": 10} | ({} if model.compiled else {"learning_rate": 0.01}) | options
        return training.sanity_ladder(model, dataset, **settings)

    return ladder


def test_a_sound_network_passes_and_stays_as_it_is(climb, build):
    model = build()
    ladder = climb(model)
    assert ladder.passed, ladder
    assert [rung.name for rung in ladder.rungs] == [SOUND, SCALED, GUESS, GRADIENTS, BATCH, LEARNS, LINEAR, SHUFFLED]
    assert repr(ladder).count("✓") == 8
    assert "ln 10 = 2.303" in repr(ladder)
    assert not model.compiled
    for ours, fresh in zip(model.get_weights(), build().get_weights(), strict=True):
        np.testing.assert_array_equal(ours, fresh)


def test_a_softmax_of_a_softmax(keras, climb, build):
    ladder = climb(keras.Sequential([keras.Input((8, 8, 1)), *build().layers, keras.layers.Softmax()]))
    assert BATCH in ladder.failed
    assert "a softmax of a softmax cannot get below a loss of 1.46" in repr(ladder)


def test_probabilities_taken_for_logits(keras, climb, build):
    model = build()
    model.compile(keras.optimizers.Adam(0.01), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    with pytest.warns(UserWarning, match="from_logits=True"):
        ladder = climb(model)
    assert BATCH in ladder.failed


def test_logits_taken_for_probabilities(climb, build):
    model = build(activation=None)
    model.compile("adam", "sparse_categorical_crossentropy")
    assert GUESS in climb(model).failed


def test_units_that_never_fire(keras, climb, build):
    ladder = climb(build(bias_initializer=keras.initializers.Constant(-20)))
    assert GRADIENTS in ladder.failed
    assert "hidden" in repr(ladder)


def test_labels_of_other_examples(climb, build, digits):
    shifted = digits.x_train, np.roll(digits.y_train, 1)
    failed = climb(build(), shifted).failed
    assert LEARNS in failed
    assert not {GUESS, GRADIENTS, BATCH} & set(failed)


def test_a_frozen_layer(climb, build):
    model = build()
    model.layers[1].trainable = False
    ladder = climb(model)
    assert GRADIENTS in ladder.failed
    assert "hidden cannot learn: frozen" in repr(ladder)


def test_inputs_that_nobody_scaled(climb, build, digits):
    assert {SCALED, GUESS} <= set(climb(build(), (digits.x_train * 255, digits.y_train)).failed)


def test_a_learning_rate_that_is_too_high(climb, build):
    ladder = climb(build(), learning_rate=10.0)
    assert {BATCH, LINEAR} <= set(ladder.failed)
    assert "lower the learning rate" in repr(ladder)


def test_examples_in_both_parts(climb, build, digits):
    twice = np.concatenate([digits.x_train[:200]] * 2), np.concatenate([digits.y_train[:200]] * 2)
    ladder = climb(build(), twice)
    assert ladder.failed == [SHUFFLED]
    assert "split before augmenting" in repr(ladder)


def test_broken_inputs_and_labels(climb, build, digits):
    broken = digits.x_train.copy()
    broken[:300, 3, 3] = np.nan
    ladder = climb(build(), (broken, digits.y_train))
    assert ladder.failed == [SOUND]
    assert "some inputs are NaN" in repr(ladder)
    from_one = climb(build(), (digits.x_train, digits.y_train + 1))
    assert len(from_one.rungs) == 1
    assert "number the classes from 0" in repr(from_one)
