"""Gradient norms of each layer: against a formula, without a trace in the model."""

import numpy as np
import pytest

from coursekit import training

pytestmark = pytest.mark.slow


def test_against_the_formula_of_softmax_regression(keras, digits):
    model = keras.Sequential(
        [keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax", name="scores")]
    )
    x, y = digits.x_train[:50], digits.y_train[:50]
    error = (model.predict(x, verbose=0) - np.eye(10)[y]) / 50
    (row,) = training.gradient_norms(model, x, y)
    assert row.layer == "scores"
    expected = np.hypot(np.linalg.norm(x.reshape(50, 64).T @ error), np.linalg.norm(error.sum(axis=0)))
    assert row.norm == pytest.approx(expected, rel=1e-4)
    assert row.weight_norm == pytest.approx(np.linalg.norm(model.get_weights()[0]), rel=1e-5)
    # The border pixels that are 0 in all images have no gradient.
    blank = (x.reshape(50, 64) == 0).all(axis=0).sum()
    assert row.zero == pytest.approx(10 * blank / 650)


def test_every_layer_in_order_and_nothing_changed(keras, build, digits):
    model = build(keras.layers.BatchNormalization(name="norm"), keras.layers.Dropout(0.5))
    before = [np.array(each) for each in model.variables]
    rows = training.gradient_norms(model, digits.x_train[:20], digits.y_train[:20])
    assert [row.layer for row in rows] == ["hidden", "norm", "scores"]
    assert all(row.norm > 0 for row in rows)
    predicting = training.gradient_norms(model, digits.x_train[:20], digits.y_train[:20], training=False)
    assert predicting[0].norm != pytest.approx(rows[0].norm, rel=1e-3)
    for old, new in zip(before, model.variables, strict=True):
        np.testing.assert_array_equal(old, np.array(new))
