"""Loss surfaces: the loss at other weights, which the model never has."""

import numpy as np
import pytest

from coursekit import training
from coursekit.errors import CourseError
from coursekit.training.surfaces import LossSurface, filter_normalised


def test_directions_have_the_norm_of_each_filter():
    rng = np.random.default_rng(0)
    kernel, bias, dense = rng.normal(size=(3, 3, 2, 4)), rng.normal(size=4), rng.normal(size=(5, 3))
    kernel[..., 1] *= 100
    moves = filter_normalised([kernel, bias, dense], rng)
    np.testing.assert_allclose(
        np.linalg.norm(moves[0].reshape(18, 4), axis=0), np.linalg.norm(kernel.reshape(18, 4), axis=0)
    )
    np.testing.assert_allclose(np.linalg.norm(moves[2], axis=0), np.linalg.norm(dense, axis=0))
    assert not moves[1].any()
    assert not np.allclose(moves[0], kernel)


def test_a_surface_shows_itself():
    line = LossSurface(np.array([-1.0, 0, 1]), np.array([3.0, 1, 2]), np.zeros(3))
    assert line.centre == 1
    assert repr(line) == "loss 1 at the centre, up to 3 within ±1, 3 points"
    assert list(line.figure("a line").axes[0].lines[0].get_ydata()) == [3, 1, 2]
    plane = LossSurface(line.offsets, np.arange(1.0, 10).reshape(3, 3), np.zeros((3, 3)))
    assert plane.centre == 5
    assert plane.figure("a plane").axes[0].get_title() == "a plane"


@pytest.fixture(scope="module")
def trained(keras, build, digits):
    model = build(keras.layers.BatchNormalization(momentum=0.5), keras.layers.Dropout(0.3))
    training.fit(model, digits, epochs=4, learning_rate=0.01)
    return model


@pytest.mark.slow
def test_every_point_is_the_loss_of_those_weights(trained, digits):
    x, y = digits.x_test[:150], digits.y_test[:150]
    before = [np.array(each) for each in trained.variables]
    plane = training.loss_surface(trained, x, y, steps=3, span=0.5, batch_size=64, seed=4)
    for old, new in zip(before, trained.variables, strict=True):
        np.testing.assert_array_equal(old, np.array(new))
    assert plane.loss.shape == plane.accuracy.shape == (3, 3)
    loss, accuracy = trained.evaluate(x, y, verbose=0)
    assert (plane.centre, plane.accuracy[1, 1]) == (pytest.approx(loss, rel=1e-4), pytest.approx(accuracy))

    rng = np.random.default_rng(4)
    start = [np.array(each) for each in trained.trainable_variables]
    first, second = filter_normalised(start, rng), filter_normalised(start, rng)
    try:
        for row, column in ((0, 2), (1, 0)):
            a, b = plane.offsets[column], plane.offsets[row]
            for variable, w, p, q in zip(trained.trainable_variables, start, first, second, strict=True):
                variable.assign(w + a * p + b * q)
            loss, accuracy = trained.evaluate(x, y, verbose=0)
            assert plane.loss[row, column] == pytest.approx(loss, rel=1e-4)
            assert plane.accuracy[row, column] == pytest.approx(accuracy)
    finally:
        for variable, w in zip(trained.trainable_variables, start, strict=True):
            variable.assign(w)
    line = training.loss_surface(trained, x, y, steps=3, span=0.5, directions=1, seed=4)
    np.testing.assert_allclose(line.loss, plane.loss[1], rtol=1e-4)


@pytest.mark.slow
def test_new_statistics_are_those_of_the_examples(keras, trained, digits):
    x, y = digits.x_test[:100], digits.y_test[:100]
    norm = trained.layers[2]
    kept = norm.momentum, np.array(norm.moving_mean)
    line = training.loss_surface(trained, x, y, steps=3, directions=1, new_statistics=True)
    hidden = keras.Model(trained.inputs[0], trained.layers[1].output).predict(x, verbose=0)
    assert norm.momentum == kept[0]
    np.testing.assert_array_equal(norm.moving_mean, kept[1])
    moving = norm.moving_mean, norm.moving_variance
    before = [np.array(each) for each in moving]
    try:
        for variable, value in zip(moving, (hidden.mean(axis=0), hidden.var(axis=0)), strict=True):
            variable.assign(value)
        loss, _ = trained.evaluate(x, y, verbose=0)
    finally:
        for variable, value in zip(moving, before, strict=True):
            variable.assign(value)
    assert line.centre == pytest.approx(loss, rel=1e-4)


@pytest.mark.slow
def test_what_makes_no_surface_is_refused(keras, trained, digits):
    for wrong in ({"steps": 4}, {"steps": 1}, {"directions": 3}):
        with pytest.raises(CourseError, match="odd steps"):
            training.loss_surface(trained, digits.x_test, digits.y_test, **wrong)
    frozen = keras.models.clone_model(trained)
    frozen.trainable = False
    with pytest.raises(CourseError, match="unfreeze"):
        training.loss_surface(frozen, digits.x_test, digits.y_test)
