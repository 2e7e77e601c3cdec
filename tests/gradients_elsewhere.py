"""Computes gradients of a small network on the back end of the moment, as a program: `test_backend.py` compares them.

    KERAS_BACKEND=jax python gradients_elsewhere.py GIVEN.npz FOUND.npz

The network has what is hard: batch normalisation and dropout, which must stay untouched, and weights that are given.
"""

import sys

import numpy as np

from coursekit import backend


def network():
    """Return an untrained network of 6×6 images in 3 classes; tanh has no kinks, where differences would mislead."""
    keras = backend.keras()
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((6, 6, 2)),
            layers.Conv2D(4, 3, activation="tanh"),
            layers.BatchNormalization(),
            layers.Dropout(0.5),
            layers.Flatten(),
            layers.Dense(3),
        ]
    )


def own_score(outputs, labels, factor):
    """Return the sum over a batch of each example's score of its own class, times a factor."""
    ops = backend.keras().ops
    return factor * ops.sum(ops.take_along_axis(outputs, ops.expand_dims(labels, -1), axis=-1))


def gradients(weights, x, y):
    """Return score, input gradients with and without compilation, and gradients of the weights, of given weights."""
    keras = backend.keras()
    model = network()
    model.set_weights(weights)
    score, compiled = backend.input_gradient(model, own_score)(x, y, 2.0)
    _, plain = backend.input_gradient(model, own_score, jit=False)(x, y, 2.0)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    of_weights = backend.weight_gradients(model, x, y, loss, training=False)
    backend.weight_gradients(model, x, y, loss)
    for before, after in zip(weights, model.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)
    return [np.float64(score), compiled, plain, *of_weights]


if __name__ == "__main__":
    given = np.load(sys.argv[1])
    x, y, *weights = (given[name] for name in given.files)
    np.savez(sys.argv[2], *gradients(weights, x, y))
