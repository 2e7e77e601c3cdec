"""LeNet-5's subsampling layers S2 and S4."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.core import Arguments, Array, Case, Exercise, Property


def random_maps(rng: np.random.Generator) -> list[Arguments]:
    """Draw maps that are not square, of even sides."""
    return [
        (rng.normal(0, 1, shape), float(rng.uniform(0.3, 1.5)), float(rng.uniform(-1, -0.2)))
        for shape in ((2, 6), (4, 2), (6, 8), (2, 2))
    ]


def scaled_maps(rng: np.random.Generator) -> list[Arguments]:
    """Draw a map, and the same map with 1 added to every pixel."""
    image = rng.normal(0, 1, (4, 6))
    return [(image, 0.5, 0.25), (image + 1, 0.5, 0.25)]


def grows_by_four_coefficients(calls: Sequence[Arguments], values: Sequence[Any]) -> str | None:
    before, after = (np.asarray(value) for value in values)
    if before.shape == after.shape == (2, 3) and np.allclose(after - before, 2.0):
        return None
    return "every pixel rose by 1 and the coefficient is 0.5, so each output should rise by 0.5 · 4 = 2"


def subsample_reference(image: Array, coefficient: float, bias: float) -> Any:
    """Sum each block of 2 × 2 pixels; times the coefficient, plus the bias."""
    rows, columns = image.shape
    return image.reshape(rows // 2, 2, columns // 2, 2).sum(axis=(1, 3)) * coefficient + bias


RAMP = np.array([[1.0, 2.0, 5.0, 3.0], [0.0, 4.0, 1.0, 2.0]])

subsample = Exercise(
    name="subsample",
    points=0,
    reference=subsample_reference,
    returns=("map",),
    cases=(
        Case("two blocks, coefficient 0.25 and bias 0: their averages", (RAMP, 0.25, 0.0)),
        Case("coefficient 1 and bias −2", (RAMP, 1.0, -2.0)),
        Case("a tall map, coefficient 0.5 and bias 0.1", (RAMP.T.copy(), 0.5, 0.1)),
        Case("a negative coefficient", (np.array([[3.0, -1.0], [2.0, 2.5]]), -0.5, 1.0)),
    ),
    properties=[
        Property("agrees on random maps", random_maps),
        Property(
            "a rise of all pixels shows in the outputs",
            scaled_maps,
            grows_by_four_coefficients,
            hint="the four pixels are summed, not averaged, and the bias is added once.",
        ),
    ],
)


@subsample.variant
def subsample_by_loops(image: Array, coefficient: float, bias: float) -> Any:
    out = []
    for top in range(0, len(image), 2):
        line = []
        for left in range(0, len(image[0]), 2):
            block = image[top : top + 2, left : left + 2]
            line.append(coefficient * sum(value for row in block for value in row) + bias)
        out.append(line)
    return out


@subsample.variant
def subsample_by_slices(image: Array, coefficient: float, bias: float) -> Any:
    total = image[::2, ::2] + image[1::2, ::2] + image[::2, 1::2] + image[1::2, 1::2]
    return coefficient * total + bias


@subsample.variant
def subsample_by_matrices(image: Array, coefficient: float, bias: float) -> Any:
    rows, columns = (np.kron(np.eye(side // 2), np.ones((1, 2))) for side in image.shape)
    return coefficient * (rows @ image @ columns.T) + bias


@subsample.misconception("those are averages; LeNet-5 sums the four pixels, and the coefficient does the scaling.")
def averages_the_block(image: Array, coefficient: float, bias: float) -> Any:
    rows, columns = image.shape
    return image.reshape(rows // 2, 2, columns // 2, 2).mean(axis=(1, 3)) * coefficient + bias


@subsample.misconception("that is max pooling; this layer sums.")
def takes_the_maximum(image: Array, coefficient: float, bias: float) -> Any:
    rows, columns = image.shape
    return image.reshape(rows // 2, 2, columns // 2, 2).max(axis=(1, 3)) * coefficient + bias


@subsample.misconception("the bias was added to each of the four pixels; it belongs to the output, once.")
def adds_the_bias_four_times(image: Array, coefficient: float, bias: float) -> Any:
    rows, columns = image.shape
    return (image * coefficient + bias).reshape(rows // 2, 2, columns // 2, 2).sum(axis=(1, 3))


@subsample.misconception("the coefficient was applied to the bias, too: multiply the sum, then add the bias.")
def scales_the_bias(image: Array, coefficient: float, bias: float) -> Any:
    rows, columns = image.shape
    return (image.reshape(rows // 2, 2, columns // 2, 2).sum(axis=(1, 3)) + bias) * coefficient


@subsample.misconception("the bias is missing.")
def forgets_the_bias(image: Array, coefficient: float, bias: float) -> Any:
    rows, columns = image.shape
    return image.reshape(rows // 2, 2, columns // 2, 2).sum(axis=(1, 3)) * coefficient


@subsample.misconception("the coefficient is missing.")
def forgets_the_coefficient(image: Array, coefficient: float, bias: float) -> Any:
    rows, columns = image.shape
    return image.reshape(rows // 2, 2, columns // 2, 2).sum(axis=(1, 3)) + bias


@subsample.misconception("every second pixel was kept and the others dropped; sum all four of a block.")
def drops_pixels(image: Array, coefficient: float, bias: float) -> Any:
    return coefficient * image[::2, ::2] + bias


@subsample.misconception("the blocks overlap: windows move by one pixel; here they move by two.")
def moves_by_one(image: Array, coefficient: float, bias: float) -> Any:
    return coefficient * (image[:-1, :-1] + image[1:, :-1] + image[:-1, 1:] + image[1:, 1:]) + bias
