import numpy as np
import pytest

from coursekit.data import Dataset


@pytest.fixture(scope="session")
def keras():
    from coursekit import backend

    return backend.keras()


@pytest.fixture(scope="session")
def digits():
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(x))
    x, y = (x[order] / 16).astype("float32").reshape(-1, 8, 8, 1), y[order].astype("int64")
    return Dataset(x[:500], y[:500], x[500:700], y[500:700], tuple("0123456789"), "digits")


@pytest.fixture(scope="session")
def build(keras):
    """Return a function that builds a small classifier of the digits, always with the same weights."""
    from coursekit import backend

    def make(*between, activation="softmax", **dense):
        backend.seed(0)
        layers = keras.layers
        first = layers.Dense(32, activation="relu", name="hidden", **dense)
        last = layers.Dense(10, activation=activation, name="scores")
        return keras.Sequential([keras.Input((8, 8, 1)), layers.Flatten(), first, *between, last])

    return make
