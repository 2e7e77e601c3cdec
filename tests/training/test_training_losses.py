"""Probabilities are told from logits wherever the softmax is."""

import pytest

from coursekit.training.losses import puts_out_probabilities

pytestmark = pytest.mark.slow


def probabilities(keras, *layers):
    return puts_out_probabilities(keras.Sequential([keras.Input((4,)), *layers]).outputs[0])


def test_the_last_activation_decides(keras):
    dense, layers = keras.layers.Dense, keras.layers
    assert probabilities(keras, dense(3, activation="softmax"))
    assert probabilities(keras, dense(3, activation="sigmoid"))
    assert probabilities(keras, dense(3), layers.Softmax())
    assert probabilities(keras, dense(3), layers.Activation("softmax"))
    assert probabilities(keras, dense(3, activation="softmax"), layers.Reshape((3,)), layers.Activation("linear"))
    assert not probabilities(keras, dense(3))
    assert not probabilities(keras, dense(3, activation="relu"))
    assert not probabilities(keras, dense(3, activation="softmax"), dense(3))


def test_within_a_model_in_the_model(keras):
    inner = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation="softmax")], name="inner")
    assert probabilities(keras, inner)
    assert not probabilities(keras, inner, keras.layers.Dense(3))
