"""Two kernels to design: one that brightens, one that smooths."""

from typing import Any

import numpy as np

from coursekit.exercises.core import Arguments, Array, Case, Exercise, Property


def random_factor(rng: np.random.Generator) -> list[Arguments]:
    """Draw a factor that brightens and one that darkens."""
    return [(float(rng.uniform(1.2, 4)),), (float(rng.uniform(0.2, 0.8)),)]


def brightening_kernel_reference(factor: float) -> Array:
    """Only the centre has a weight, so no neighbour gets a say."""
    kernel = np.zeros((3, 3))
    kernel[1, 1] = factor
    return kernel


brightening_kernel = Exercise(
    name="brightening_kernel",
    points=0,
    reference=brightening_kernel_reference,
    returns=("kernel",),
    cases=(
        Case("one and a half times as bright", (1.5,)),
        Case("three times as bright", (3,)),
        Case("half as bright", (0.5,)),
    ),
    properties=[Property("agrees on random factors", random_factor)],
)


@brightening_kernel.variant
def brightening_by_an_outer_product(factor: float) -> Any:
    centre = np.array([0, 1, 0])
    return factor * np.outer(centre, centre)


@brightening_kernel.variant
def brightening_as_a_list(factor: float) -> Any:
    return [[0, 0, 0], [0, factor, 0], [0, 0, 0]]


@brightening_kernel.variant
def brightening_by_padding(factor: float) -> Any:
    return np.pad([[factor]], 1)


@brightening_kernel.misconception("every neighbour votes too: this blurs, and makes an even area 9 × factor as bright.")
def gives_every_pixel_the_factor(factor: float) -> Any:
    return np.full((3, 3), float(factor))


@brightening_kernel.misconception(
    "the weights sum to the factor, but they spread over the neighbours: this also blurs."
)
def spreads_the_factor(factor: float) -> Any:
    return np.full((3, 3), factor / 9)


@brightening_kernel.misconception(
    "an identity matrix is no identity filter: its diagonal reads two neighbours. Only the centre may have a weight."
)
def scales_an_identity_matrix(factor: float) -> Any:
    return factor * np.eye(3)


@brightening_kernel.misconception("the factor is added to the weight 1 of the identity; that makes 1 + factor.")
def adds_the_factor(factor: float) -> Any:
    kernel = np.zeros((3, 3))
    kernel[1, 1] = 1 + factor
    return kernel


@brightening_kernel.misconception("the weight is in the corner: the image gets brighter, and moves by a pixel.")
def puts_the_factor_in_the_corner(factor: float) -> Any:
    kernel = np.zeros((3, 3))
    kernel[0, 0] = factor
    return kernel


def random_sizes(rng: np.random.Generator) -> list[Arguments]:
    """Draw a few sizes, odd and even."""
    return [(int(size),) for size in rng.permutation(np.arange(2, 10))[:4]]


def smoothing_kernel_reference(size: int) -> Array:
    """Equal weights that sum to 1: the mean of the window."""
    return np.full((size, size), 1 / size**2)


smoothing_kernel = Exercise(
    name="smoothing_kernel",
    points=0,
    reference=smoothing_kernel_reference,
    returns=("kernel",),
    cases=(Case("size 3", (3,)), Case("size 5", (5,)), Case("size 4", (4,)), Case("size 1", (1,))),
    properties=[Property("agrees on random sizes", random_sizes)],
)


@smoothing_kernel.variant
def smoothing_by_dividing(size: int) -> Any:
    kernel = np.ones((size, size))
    return kernel / kernel.sum()


@smoothing_kernel.variant
def smoothing_by_two_means(size: int) -> Any:
    return np.outer(np.ones(size) / size, np.ones(size) / size)


@smoothing_kernel.variant
def smoothing_as_lists(size: int) -> Any:
    return [[1 / (size * size)] * size for _ in range(size)]


@smoothing_kernel.misconception("the weights sum to size², and that is how much brighter the picture gets. Divide.")
def forgets_to_divide(size: int) -> Any:
    return np.ones((size, size))


@smoothing_kernel.misconception("divided by size only; a window holds size × size pixels.")
def divides_by_the_side(size: int) -> Any:
    return np.ones((size, size)) / size


@smoothing_kernel.misconception("this averages along a diagonal. A mean over the window needs a weight for each pixel.")
def averages_the_diagonal(size: int) -> Any:
    return np.eye(size) / size


@smoothing_kernel.misconception("`//` rounds every weight down to 0; divide with `/`.")
def divides_whole_numbers(size: int) -> Any:
    return np.ones((size, size), dtype=int) // size**2


@smoothing_kernel.misconception("the kernel is 3 × 3 whatever the size; use `size` in its shape.")
def is_always_three(size: int) -> Any:
    return np.ones((3, 3)) / 9


@smoothing_kernel.misconception("this is one row: it smooths sideways only. A window has size rows as well.")
def is_one_row(size: int) -> Any:
    return np.ones(size) / size
