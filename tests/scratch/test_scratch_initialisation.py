"""Initial weights: the variances that the papers ask for, and what they are for."""

import numpy as np
import pytest

from coursekit.scratch.initialisation import fans, he, xavier

SHAPES = [(300, 200), (50, 900), (5, 3, 16, 60)]


def test_fans_of_kernels_count_the_window():
    assert fans((300, 200)) == (300, 200)
    assert fans((5, 3, 16, 60)) == (240, 900)


@pytest.mark.parametrize("shape", SHAPES)
def test_variances(shape, rng):
    fan_in, fan_out = fans(shape)
    for init, variance in [(he, 2 / fan_in), (xavier, 2 / (fan_in + fan_out))]:
        weights = init(shape, rng)
        assert weights.shape == shape
        assert weights.dtype == np.float32
        assert abs(weights.mean()) < 4 * (variance / weights.size) ** 0.5
        assert weights.var() == pytest.approx(variance, rel=0.04)


def test_xavier_is_uniform_and_he_is_normal(rng):
    uniform, normal = xavier((400, 300), rng), he((400, 300), rng)
    limit = (6 / 700) ** 0.5
    assert np.abs(uniform).max() <= limit * (1 + 1e-6)
    assert np.histogram(uniform, 10, (-limit, limit))[0] == pytest.approx(np.full(10, 12_000), rel=0.05)
    within = np.abs(normal) < normal.std()
    assert within.mean() == pytest.approx(0.6827, abs=0.01)


def test_the_seed_decides():
    first, again, other = (he((3, 4), np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


@pytest.mark.parametrize(
    ("init", "activation"),
    [(he, lambda x: np.maximum(x, 0)), (xavier, lambda x: x)],
    ids=["he with relu", "xavier with linear"],
)
def test_signals_keep_their_strength_through_thirty_layers(init, activation, rng):
    x = rng.normal(size=(200, 400))
    before = (x**2).mean()
    for _ in range(30):
        x = activation(x @ init((400, 400), rng))
    # A tenth too much variance a layer would be 17 times the power after thirty.
    assert 0.3 < (x**2).mean() / before < 3


@pytest.mark.parametrize("shape", [(3,), (), (0, 4), (3, 3, 0, 4)])
def test_shapes_without_fans_are_refused(shape):
    with pytest.raises(ValueError, match="fix: pass"):
        he(shape, np.random.default_rng(0))
