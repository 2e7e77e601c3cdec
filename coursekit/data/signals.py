"""``signals``: a template somewhere in noise, the one-dimensional picture of what a convolution is for."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

LENGTH = 128
WIDTH = 24
NOISE = 0.5  # standard deviation at each sample
WEAKEST, STRONGEST = 0.75, 1.5
CLASSES = ("bump", "box", "rise", "fall", "swing", "pair")
STEP = 2.0**-12  # all values are multiples of it: machines differ in the last digits of a sine


def templates() -> NDArray[np.float32]:
    """Return the templates, float32 (6, 24), in the order of `CLASSES`; each has a root mean square of 1.

    A bump is a Gaussian, a box is constant, a rise climbs in a straight line and a fall is a rise backwards, a swing is
    one period of a sine, a pair is two narrow bumps.
    """
    t = (np.arange(WIDTH) + 0.5) / WIDTH  # 0 to 1
    shapes = np.stack(
        [
            np.exp(-(((t - 0.5) / 0.15) ** 2) / 2),
            np.ones(WIDTH),
            t,
            t[::-1],
            np.sin(2 * np.pi * t),
            np.exp(-(((t - 0.2) / 0.06) ** 2) / 2) + np.exp(-(((t - 0.8) / 0.06) ** 2) / 2),
        ]
    )
    return _rounded(shapes / np.sqrt(np.mean(shapes**2, axis=1, keepdims=True)))


def draw(n: int, seed: int = 0) -> dict[str, NDArray[Any]]:
    """Return n signals, each class equally often, in random order.

    Returns:
        ``signal``, float32 (n, 128, 1); ``label``, int64 (n,); ``position``, int64 (n,), the index of the template's
        first sample, from 0 to 104; ``amplitude``, float32 (n,), what the template is multiplied by, from 0.75 to 1.5.
    """
    random = np.random.RandomState(seed)  # whose numbers NumPy promises never to change
    labels = random.permutation(np.arange(n) % len(CLASSES))
    positions = random.randint(0, LENGTH - WIDTH + 1, n)
    amplitudes = _rounded(random.uniform(WEAKEST, STRONGEST, n))
    x = random.normal(0, NOISE, (n, LENGTH))
    samples = positions[:, np.newaxis] + np.arange(WIDTH)
    x[np.arange(n)[:, np.newaxis], samples] += amplitudes[:, np.newaxis] * templates()[labels]
    return {
        "signal": _rounded(x)[..., np.newaxis],
        "label": labels.astype(np.int64),
        "position": positions.astype(np.int64),
        "amplitude": amplitudes,
    }


def _rounded(x: NDArray[np.float64]) -> NDArray[np.float32]:
    return (np.rint(x / STEP) * STEP).astype(np.float32)
