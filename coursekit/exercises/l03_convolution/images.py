"""The feature map of a grey image and a kernel."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.core import Arguments, Array, Case, Exercise, Property

TOY = np.array([[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0]])
CROSS = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]])
L_SHAPE = np.array([[2, 0, 0], [1, 0, 0], [1, 3, 1]])


def random_images(rng: np.random.Generator) -> list[Arguments]:
    """Draw wide and tall images with wide and tall kernels, so that no two axes can be mixed up."""
    shapes = (((4, 7), (2, 3)), ((6, 3), (3, 2)), ((5, 9), (3, 3)))
    return [(rng.normal(0, 1, image), rng.normal(0, 1, kernel)) for image, kernel in shapes]


def doubled_kernels(rng: np.random.Generator) -> list[Arguments]:
    """Draw an image with a kernel, and with twice that kernel."""
    image, kernel = random_images(rng)[0]
    return [(image, kernel), (image, 2 * kernel)]


def twice_the_map(calls: Sequence[Arguments], values: Sequence[Any]) -> str | None:
    return None if np.allclose(2 * values[0], values[1]) else "the map did not double"


def feature_map_reference(image: Array, kernel: Array) -> Array:
    """The dot product of the kernel, as it stands, with every window that lies within the image."""
    h, w = kernel.shape
    out = np.zeros((image.shape[0] - h + 1, image.shape[1] - w + 1))
    for i, j in np.ndindex(out.shape):
        out[i, j] = (image[i : i + h, j : j + w] * kernel).sum()
    return out


feature_map = Exercise(
    name="feature_map",
    points=0,
    reference=feature_map_reference,
    returns=("map",),
    cases=(
        Case("the toy image and the X", (TOY, CROSS)),
        Case("the toy image and an L", (TOY, L_SHAPE)),
        Case("a wide image, a wide kernel", (np.arange(21).reshape(3, 7) % 5, np.array([[1, 0, -2], [3, 1, 0]]))),
        Case("a tall image, a tall kernel", (np.arange(20).reshape(5, 4) % 7, np.array([[1, 2], [0, -1], [3, 0]]))),
        Case("one row of pixels", (np.array([[4, 0, 2, 1, 3, 3]]), np.array([[1, 0, -1]]))),
    ),
    properties=[
        Property("agrees on random images", random_images),
        Property("twice the kernel gives twice the map", doubled_kernels, twice_the_map),
    ],
)


@feature_map.variant
def feature_map_in_four_loops(image: Array, kernel: Array) -> Any:
    rows, columns = len(image) - len(kernel) + 1, len(image[0]) - len(kernel[0]) + 1
    out = [[0.0] * columns for _ in range(rows)]
    for i in range(rows):
        for j in range(columns):
            for m in range(len(kernel)):
                for n in range(len(kernel[0])):
                    out[i][j] += image[i + m][j + n] * kernel[m][n]
    return out


@feature_map.variant
def feature_map_with_einsum(image: Array, kernel: Array) -> Any:
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return np.einsum("ijmn,mn->ij", windows, kernel)


@feature_map.variant
def feature_map_by_shifted_images(image: Array, kernel: Array) -> Any:
    rows, columns = np.array(image.shape) - kernel.shape + 1
    return sum(weight * image[m : m + rows, n : n + columns] for (m, n), weight in np.ndenumerate(kernel))


@feature_map.misconception(
    "the kernel is turned by 180°: that is a convolution. Here it slides as it stands, as in networks."
)
def turns_the_kernel(image: Array, kernel: Array) -> Any:
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return (windows * kernel[::-1, ::-1]).sum(axis=(2, 3))


@feature_map.misconception(
    "the image's height is used for both axes. Count the rows with shape[0] and the columns with shape[1]."
)
def uses_the_height_twice(image: Array, kernel: Array) -> Any:
    n, (h, w) = image.shape[0], kernel.shape
    out = np.zeros((n - h + 1, n - w + 1))
    for i, j in np.ndindex(out.shape):
        out[i, j] = (image[i : i + h, j : j + w] * kernel).sum()
    return out


@feature_map.misconception(
    "the map's rows and columns are swapped: the window at row i, column j belongs into map[i, j]."
)
def swaps_rows_and_columns(image: Array, kernel: Array) -> Any:
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return (windows * kernel).sum(axis=(2, 3)).T


@feature_map.misconception("the mean of the products is taken; the response is their sum.")
def averages_the_products(image: Array, kernel: Array) -> Any:
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return (windows * kernel).mean(axis=(2, 3))


@feature_map.misconception(
    "the last row and column of windows are missing: along n pixels, k weights have n − k + 1 places."
)
def misses_the_last_windows(image: Array, kernel: Array) -> Any:
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return (windows * kernel).sum(axis=(2, 3))[:-1, :-1]


@feature_map.misconception(
    "window and kernel are multiplied as matrices. Multiply each pixel with the weight above it, with *, then sum."
)
def multiplies_matrices(image: Array, kernel: Array) -> Any:
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return (windows @ kernel).sum(axis=(2, 3))
