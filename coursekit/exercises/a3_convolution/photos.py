"""a3: a kernel designed by hand, which sharpens or smooths a photograph and makes it brighter or darker."""

from collections.abc import Sequence

import numpy as np

from coursekit.exercises.core import Arguments, Array, Case, Exercise, Property

Shape = tuple[int, int]

CASES = (
    Case("leave it as it is", ((3, 5), 0.0)),
    Case("smooth: the mean of 3 × 5 pixels", ((3, 5), -1.0)),
    Case("brighten by a half", ((3, 3), 0.0, 1.5)),
    Case("sharpen", ((3, 3), 1.0)),
    Case("sharpen a tall window, and darken", ((7, 3), 2.5, 0.8)),
    Case("smooth by half, and brighten", ((1, 5), -0.5, 1.2)),
    Case("a window of one pixel", ((1, 1), 3.0, 0.5)),
)


def random_wishes(rng: np.random.Generator) -> list[Arguments]:
    """Draw a wide and a tall window; no wish is near one that changes nothing."""
    wishes = []
    for least in ((1, 3), (3, 1)):
        rows, columns = (2 * int(rng.integers(n, n + 2)) + 1 for n in least)
        wishes.append(((rows, columns), float(rng.uniform(0.3, 2.5)), float(rng.uniform(1.2, 2.5))))
    return wishes


def keeps_even_areas_even(calls: Sequence[Arguments], values: Sequence[Array]) -> str | None:
    for (_, _, brightness), kernel in zip(calls, values, strict=True):
        if not np.isclose(kernel.sum(), brightness, rtol=1e-4, atol=1e-5):
            return (
                f"the weights sum to {kernel.sum():.6g}, so an even area comes out {kernel.sum():.6g} times as bright"
            )
    return None


def neighbours_are_equal(calls: Sequence[Arguments], values: Sequence[Array]) -> str | None:
    for ((rows, columns), _, _), kernel in zip(calls, values, strict=True):
        others = np.delete(kernel.ravel(), rows // 2 * columns + columns // 2)
        if not np.allclose(others, others[0], rtol=1e-4, atol=1e-5):
            return f"apart from the centre, weights range from {others.min():.6g} to {others.max():.6g}"
    return None


def reference(shape: Shape, sharpness: float, brightness: float = 1.0) -> Array:
    """Brightness times: the pixel, and `sharpness` times what it has above the mean of its window."""
    rows, columns = shape
    pixel = np.zeros(shape)
    pixel[rows // 2, columns // 2] = 1
    mean = np.full(shape, 1 / (rows * columns))
    return np.asarray(brightness * (pixel + sharpness * (pixel - mean)))


photo_kernel = Exercise(
    name="photo_kernel",
    points=3,
    reference=reference,
    returns=("kernel",),
    cases=CASES,
    properties=[
        Property(
            "an even area comes out brightness times as bright",
            random_wishes,
            keeps_even_areas_even,
            hint="where all pixels are equal there is nothing to sharpen: the weights must sum to `brightness`.",
        ),
        Property(
            "apart from the centre, all weights are equal",
            random_wishes,
            neighbours_are_equal,
            hint="the mean treats all pixels of the window alike; only the pixel in the middle has a say of its own.",
        ),
        Property("agrees on random wishes", random_wishes),
    ],
    rtol=1e-4,
    atol=1e-5,
)


@photo_kernel.variant
def filled_then_corrected(shape: Shape, sharpness: float, brightness: float = 1.0) -> Array:
    kernel = -sharpness * np.ones(shape) / np.prod(shape)
    kernel[shape[0] // 2, shape[1] // 2] += 1 + sharpness
    return kernel * brightness


@photo_kernel.variant
def in_loops(shape: Shape, sharpness: float, brightness: float = 1.0) -> list[list[float]]:
    rows, columns = shape
    kernel = []
    for i in range(rows):
        kernel.append([-sharpness * brightness / (rows * columns) for j in range(columns)])
        if i == rows // 2:
            kernel[i][columns // 2] += brightness * (1 + sharpness)
    return kernel


@photo_kernel.variant
def from_a_flat_row(shape: Shape, sharpness: float, brightness: float = 1.0) -> Array:
    size = shape[0] * shape[1]
    flat = np.eye(size)[size // 2] * (1 + sharpness) - sharpness / size
    return np.asarray(brightness * flat.reshape(shape))


@photo_kernel.misconception(
    "what is subtracted is the window's sum, not its mean: divide those weights by the number of pixels."
)
def subtracts_the_sum(shape: Shape, sharpness: float, brightness: float = 1.0) -> Array:
    kernel = np.full(shape, -sharpness)
    kernel[shape[0] // 2, shape[1] // 2] += 1 + sharpness
    return brightness * kernel


@photo_kernel.misconception("the mean divides by the number of rows alone; a window has rows × columns pixels.")
def divides_by_the_rows(shape: Shape, sharpness: float, brightness: float = 1.0) -> Array:
    kernel = np.full(shape, -sharpness / shape[0])
    kernel[shape[0] // 2, shape[1] // 2] += 1 + sharpness
    return brightness * kernel


@photo_kernel.misconception(
    "the mean is taken over the neighbours only; the mean of the window has the pixel itself in it."
)
def leaves_the_centre_out_of_the_mean(shape: Shape, sharpness: float, brightness: float = 1.0) -> Array:
    kernel = np.full(shape, -sharpness / max(1, shape[0] * shape[1] - 1))
    kernel[shape[0] // 2, shape[1] // 2] = 1 + sharpness
    return brightness * kernel


@photo_kernel.misconception(
    "`sharpness` times the mean is taken away and nothing is given back, so that the picture gets darker. What is "
    "amplified is the pixel minus the mean."
)
def takes_the_mean_away(shape: Shape, sharpness: float, brightness: float = 1.0) -> Array:
    kernel = np.full(shape, -sharpness / (shape[0] * shape[1]))
    kernel[shape[0] // 2, shape[1] // 2] += 1
    return brightness * kernel


@photo_kernel.misconception(
    "the sign of `sharpness` is turned: a positive one smooths. Sharpening moves a pixel away from its window's mean."
)
def smooths_where_it_should_sharpen(shape: Shape, sharpness: float, brightness: float = 1.0) -> Array:
    kernel = np.full(shape, sharpness / (shape[0] * shape[1]))
    kernel[shape[0] // 2, shape[1] // 2] += 1 - sharpness
    return brightness * kernel


@photo_kernel.misconception(
    "the pixel is amplified, but its window's mean was not taken off: that brightens, it does not sharpen."
)
def forgets_the_mean(shape: Shape, sharpness: float, brightness: float = 1.0) -> Array:
    kernel = np.zeros(shape)
    kernel[shape[0] // 2, shape[1] // 2] = 1 + sharpness
    return brightness * kernel


@photo_kernel.misconception(
    "only the difference to the mean is left, the picture itself is lost: add the pixel, a 1 at the centre."
)
def forgets_the_picture(shape: Shape, sharpness: float, brightness: float = 1.0) -> Array:
    kernel = np.full(shape, -sharpness / (shape[0] * shape[1]))
    kernel[shape[0] // 2, shape[1] // 2] += sharpness
    return brightness * kernel


@photo_kernel.misconception(
    "the pixel's own weight stands in the top left corner, which moves the picture; it belongs in the window's centre."
)
def puts_the_pixel_into_the_corner(shape: Shape, sharpness: float, brightness: float = 1.0) -> Array:
    kernel = np.full(shape, -sharpness / (shape[0] * shape[1]))
    kernel[0, 0] += 1 + sharpness
    return brightness * kernel


@photo_kernel.misconception(
    "the column of the centre was computed from the number of rows; it is the middle of the columns."
)
def takes_the_rows_for_both_axes(shape: Shape, sharpness: float, brightness: float = 1.0) -> Array:
    kernel = np.full(shape, -sharpness / (shape[0] * shape[1]))
    kernel[shape[0] // 2, shape[0] // 2] += 1 + sharpness
    return brightness * kernel


@photo_kernel.misconception("`brightness` is not used; an even area should come out that many times as bright.")
def ignores_brightness(shape: Shape, sharpness: float, brightness: float = 1.0) -> Array:
    kernel = np.full(shape, -sharpness / (shape[0] * shape[1]))
    kernel[shape[0] // 2, shape[1] // 2] += 1 + sharpness
    return kernel


@photo_kernel.misconception(
    "`brightness` is added to every weight; brighter means that each weight, and so each output, is multiplied by it."
)
def adds_brightness(shape: Shape, sharpness: float, brightness: float = 1.0) -> Array:
    kernel = np.full(shape, -sharpness / (shape[0] * shape[1]))
    kernel[shape[0] // 2, shape[1] // 2] += 1 + sharpness
    return kernel + brightness


@photo_kernel.misconception(
    "`brightness` changes the centre alone, so that it sharpens or smooths as well; it multiplies the whole kernel."
)
def brightens_the_centre_alone(shape: Shape, sharpness: float, brightness: float = 1.0) -> Array:
    kernel = np.full(shape, -sharpness / (shape[0] * shape[1]))
    kernel[shape[0] // 2, shape[1] // 2] += brightness + sharpness
    return kernel


@photo_kernel.misconception("the kernel has as many columns as rows; `shape` gives the two one by one.")
def makes_it_square(shape: Shape, sharpness: float, brightness: float = 1.0) -> Array:
    rows = shape[0]
    kernel = np.full((rows, rows), -sharpness / rows**2)
    kernel[rows // 2, rows // 2] += 1 + sharpness
    return brightness * kernel


@photo_kernel.misconception("rows and columns are exchanged: `shape` is (rows, columns).")
def exchanges_rows_and_columns(shape: Shape, sharpness: float, brightness: float = 1.0) -> Array:
    columns, rows = shape
    kernel = np.full((rows, columns), -sharpness / (rows * columns))
    kernel[rows // 2, columns // 2] += 1 + sharpness
    return brightness * kernel
