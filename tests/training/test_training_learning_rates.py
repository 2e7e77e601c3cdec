"""The range test: the rates it tries, the one it suggests, and a model that stays as it is."""

import numpy as np
import pytest

from coursekit import training
from coursekit.errors import CourseError

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def tested(build, digits):
    model = build()
    return training.learning_rate_range(model, digits, optimizer="sgd", low=1e-3, high=300.0, steps=80), model


def test_losses_fall_and_then_break(tested):
    found, _ = tested
    np.testing.assert_allclose(found.rates, np.geomspace(1e-3, 300, 80)[: len(found.rates)])
    assert len(found.rates) == len(found.losses) == len(found.smooth)
    assert found.smooth.argmin() not in (0, len(found.smooth) - 1)
    assert found.suggested == pytest.approx(found.rates[found.smooth.argmin()] / 10)
    assert f"{found.suggested:.2g}" in repr(found)
    assert found.figure().axes[0].get_xlabel() == "learning rate"


def test_the_suggestion_trains_better_than_a_hundred_times_less_or_more(tested, build, digits):
    found, _ = tested
    losses = [
        training.fit(build(), digits, epochs=2, optimizer="sgd", learning_rate=found.suggested * factor).loss[-1]
        for factor in (0.01, 1, 100)
    ]
    assert not losses[0] <= losses[1]
    assert not losses[2] <= losses[1]


def test_the_model_stays_as_it_is(tested, build):
    _, model = tested
    assert not model.compiled
    for ours, fresh in zip(model.get_weights(), build().get_weights(), strict=True):
        np.testing.assert_array_equal(ours, fresh)


def test_ranges_that_are_none(build, digits):
    with pytest.raises(CourseError, match="0 < low < high"):
        training.learning_rate_range(build(), digits, low=1.0, high=0.1)
    with pytest.raises(CourseError, match="scale the inputs"):
        training.learning_rate_range(build(), digits, optimizer="sgd", low=1e6, high=1e12)


def test_a_model_that_cannot_be_copied(keras, digits):
    with pytest.raises(CourseError, match=r"keras\.Input"):
        training.learning_rate_range(keras.Sequential([keras.layers.Dense(10)]), digits)
