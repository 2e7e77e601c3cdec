"""a4: four maxima for an image of any size, one a quadrant."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.a4_pooling.pixels import distinct
from coursekit.exercises.core import Arguments, Array, Case, Exercise, Property


def with_a_bright_pixel(seed: int, shape: tuple[int, ...], row: int, column: int) -> Array:
    """Return an image whose brightest pixel is where it is said to be."""
    x = distinct(seed, shape)
    x[0, row, column] = 9
    return x


CASES = (
    Case("a wide image", (distinct(40, (1, 4, 6, 1)),)),
    Case("two images of three channels", (distinct(41, (2, 6, 4, 3)),)),
    Case("five rows, the brightest pixel in the middle one", (with_a_bright_pixel(42, (1, 5, 6, 1), 2, 1),)),
    Case("seven columns, the brightest pixel in the middle one", (with_a_bright_pixel(43, (1, 4, 7, 2), 3, 3),)),
    Case("odd both ways, the brightest pixel in the centre", (with_a_bright_pixel(44, (1, 5, 3, 1), 2, 1),)),
    Case("negative pixels only", (distinct(45, (2, 4, 5, 1), -6.0),)),
    Case("a single row", (distinct(46, (1, 1, 6, 2)),)),
    Case("a single pixel of two channels", (distinct(47, (1, 1, 1, 2)),)),
)


def random_images(rng: np.random.Generator) -> list[Arguments]:
    """Draw images of even and odd sides."""
    shapes = (2, 6, 11, 2), (1, 9, 4, 3), (3, 7, 5, 1)
    return [(rng.normal(-1, 2, shape),) for shape in shapes]


def mirrored(rng: np.random.Generator) -> list[Arguments]:
    """Draw an image of odd sides, and the same upside down, left to right, and transposed."""
    x = rng.normal(-1, 2, (1, 7, 5, 2))
    x[0, 3], x[0, :, 2] = x[0, 3] + 2, x[0, :, 2] + 2
    return [(x,), (x[:, ::-1].copy(),), (x[:, :, ::-1].copy(),), (x.transpose(0, 2, 1, 3).copy(),)]


def mirrors_the_quadrants(calls: Sequence[Arguments], values: Sequence[Array]) -> str | None:
    upright, upside_down, reversed_, transposed = values
    wanted = (
        ("upside down", upside_down, upright[:, ::-1]),
        ("mirrored from left to right", reversed_, upright[:, :, ::-1]),
        ("with rows and columns exchanged", transposed, upright.transpose(0, 2, 1, 3)),
    )
    for how, got, expected in wanted:
        if not np.allclose(got, expected, rtol=1e-4, atol=1e-5):
            return f"of the image {how}, the quadrants are not those of the image {how}"
    return None


def reference(x: Array) -> Array:
    """The halves of an odd side share its middle."""
    n, h, w, channels = x.shape
    out = np.zeros((n, 2, 2, channels))
    for i, rows in enumerate((slice(0, (h + 1) // 2), slice(h // 2, h))):
        for j, columns in enumerate((slice(0, (w + 1) // 2), slice(w // 2, w))):
            out[:, i, j] = x[:, rows, columns].max(axis=(1, 2))
    return out


quadrant_pool = Exercise(
    name="quadrant_pool",
    points=3,
    reference=reference,
    returns=("out",),
    cases=CASES,
    properties=[
        Property(
            "a mirrored image has mirrored quadrants",
            mirrored,
            mirrors_the_quadrants,
            hint="no half is better than the other: both have the same size, and share the middle of an odd side.",
        ),
        Property("agrees on random images", random_images),
    ],
    rtol=1e-4,
    atol=1e-5,
)


@quadrant_pool.variant
def four_slices(x: Array) -> Any:
    h, w = x.shape[1:3]
    down, right = (h + 1) // 2, (w + 1) // 2
    top = [x[:, :down, :right].max(axis=(1, 2)), x[:, :down, -right:].max(axis=(1, 2))]
    bottom = [x[:, -down:, :right].max(axis=(1, 2)), x[:, -down:, -right:].max(axis=(1, 2))]
    return np.stack([np.stack(top, axis=1), np.stack(bottom, axis=1)], axis=1)


@quadrant_pool.variant
def rows_first_and_then_columns(x: Array) -> Any:
    for axis in (1, 2):
        half = int(np.ceil(x.shape[axis] / 2))
        first = x.take(np.arange(half), axis=axis).max(axis=axis)
        last = x.take(np.arange(x.shape[axis] - half, x.shape[axis]), axis=axis).max(axis=axis)
        x = np.stack([first, last], axis=axis)
    return x


@quadrant_pool.variant
def number_by_number(x: Array) -> Any:
    n, h, w, channels = x.shape
    out = np.full((n, 2, 2, channels), -np.inf)
    for b, row, column, c in np.ndindex(x.shape):
        for i in (0, 1):
            for j in (0, 1):
                if abs(2 * row - (h - 1) * 2 * i) <= h - 1 and abs(2 * column - (w - 1) * 2 * j) <= w - 1:
                    out[b, i, j, c] = max(out[b, i, j, c], x[b, row, column, c])
    return out


@quadrant_pool.variant
def with_windows(x: Array) -> Any:
    h, w = x.shape[1:3]
    windows = np.lib.stride_tricks.sliding_window_view(x, ((h + 1) // 2, (w + 1) // 2), axis=(1, 2))
    return windows[:, [0, -1]][:, :, [0, -1]].max(axis=(-2, -1))


@quadrant_pool.misconception(
    "the middle row and column of odd sides belong to the lower and right halves only; both halves share them."
)
def gives_the_middle_to_the_second_half(x: Array) -> Any:
    h, w = x.shape[1:3]
    rows = slice(0, h // 2), slice(h // 2, h)
    columns = slice(0, w // 2), slice(w // 2, w)
    quadrants = [[x[:, r, c].max(axis=(1, 2)) for c in columns] for r in rows]
    return np.stack([np.stack(row, axis=1) for row in quadrants], axis=1)


@quadrant_pool.misconception(
    "the middle row and column of odd sides belong to the upper and left halves only; both halves share them."
)
def gives_the_middle_to_the_first_half(x: Array) -> Any:
    h, w = x.shape[1:3]
    rows = slice(0, (h + 1) // 2), slice((h + 1) // 2, h)
    columns = slice(0, (w + 1) // 2), slice((w + 1) // 2, w)
    quadrants = [[x[:, r, c].max(axis=(1, 2)) for c in columns] for r in rows]
    return np.stack([np.stack(row, axis=1) for row in quadrants], axis=1)


@quadrant_pool.misconception(
    "the middle row and column of odd sides were left out, so their pixels count nowhere; both halves share them."
)
def leaves_the_middle_out(x: Array) -> Any:
    h, w = x.shape[1:3]
    rows = slice(0, h // 2), slice((h + 1) // 2, h)
    columns = slice(0, w // 2), slice((w + 1) // 2, w)
    quadrants = [[x[:, r, c].max(axis=(1, 2)) for c in columns] for r in rows]
    return np.stack([np.stack(row, axis=1) for row in quadrants], axis=1)


@quadrant_pool.misconception(
    "the middle row of an odd height is shared, the middle column of an odd width is not: the same rule holds for both."
)
def shares_the_middle_row_only(x: Array) -> Any:
    h, w = x.shape[1:3]
    rows = slice(0, (h + 1) // 2), slice(h // 2, h)
    columns = slice(0, w // 2), slice(w // 2, w)
    quadrants = [[x[:, r, c].max(axis=(1, 2)) for c in columns] for r in rows]
    return np.stack([np.stack(row, axis=1) for row in quadrants], axis=1)


@quadrant_pool.misconception(
    "the columns were halved where the rows are: the middle comes from the height. Use x.shape[2] for the columns."
)
def takes_the_height_for_both_axes(x: Array) -> Any:
    h = x.shape[1]
    rows = slice(0, (h + 1) // 2), slice(h // 2, None)
    quadrants = [[x[:, r, c].max(axis=(1, 2)) for c in rows] for r in rows]
    return np.stack([np.stack(row, axis=1) for row in quadrants], axis=1)


@quadrant_pool.misconception(
    "top right and bottom left are exchanged: out[:, 0, 1] is the upper right quadrant, rows come first."
)
def exchanges_rows_and_columns(x: Array) -> Any:
    h, w = x.shape[1:3]
    rows = slice(0, (h + 1) // 2), slice(h // 2, h)
    columns = slice(0, (w + 1) // 2), slice(w // 2, w)
    quadrants = [[x[:, r, c].max(axis=(1, 2)) for r in rows] for c in columns]
    return np.stack([np.stack(row, axis=1) for row in quadrants], axis=1)


@quadrant_pool.misconception("the lower quadrants come first; out[:, 0] is the upper half, as in the image.")
def begins_at_the_bottom(x: Array) -> Any:
    h, w = x.shape[1:3]
    rows = slice(h // 2, h), slice(0, (h + 1) // 2)
    columns = slice(0, (w + 1) // 2), slice(w // 2, w)
    quadrants = [[x[:, r, c].max(axis=(1, 2)) for c in columns] for r in rows]
    return np.stack([np.stack(row, axis=1) for row in quadrants], axis=1)


@quadrant_pool.misconception("those are averages of the quadrants; asked for are their maxima.")
def averages(x: Array) -> Any:
    h, w = x.shape[1:3]
    rows = slice(0, (h + 1) // 2), slice(h // 2, h)
    columns = slice(0, (w + 1) // 2), slice(w // 2, w)
    quadrants = [[x[:, r, c].mean(axis=(1, 2)) for c in columns] for r in rows]
    return np.stack([np.stack(row, axis=1) for row in quadrants], axis=1)


@quadrant_pool.misconception(
    "a quadrant of negative pixels gave 0: no pixel is 0 there. Start from the quadrant's own pixels."
)
def starts_from_zero(x: Array) -> Any:
    h, w = x.shape[1:3]
    rows = slice(0, (h + 1) // 2), slice(h // 2, h)
    columns = slice(0, (w + 1) // 2), slice(w // 2, w)
    quadrants = [[np.maximum(x[:, r, c].max(axis=(1, 2)), 0) for c in columns] for r in rows]
    return np.stack([np.stack(row, axis=1) for row in quadrants], axis=1)


@quadrant_pool.misconception(
    "that is pooling with 2 × 2 windows: its output grows with the image. A quadrant is as large as half the image."
)
def pools_two_by_two(x: Array) -> Any:
    n, h, w, channels = x.shape
    h, w = h // 2 * 2, w // 2 * 2
    return x[:, :h, :w].reshape(n, h // 2, 2, w // 2, 2, channels).max(axis=(2, 4), initial=-np.inf)


@quadrant_pool.misconception(
    "every second row and column was pooled, so each of the four sees pixels from all over the image. A quadrant is "
    "one "
    "connected quarter."
)
def takes_every_second_pixel(x: Array) -> Any:
    h, w = x.shape[1:3]
    rows, columns = (slice(0, h, 2), slice(1, h, 2)), (slice(0, w, 2), slice(1, w, 2))
    quadrants = [[x[:, r, c].max(axis=(1, 2)) for c in columns] for r in rows]
    return np.stack([np.stack(row, axis=1) for row in quadrants], axis=1)


@quadrant_pool.misconception("the channels were compared with each other as well; each has four maxima of its own.")
def pools_over_channels_too(x: Array) -> Any:
    h, w = x.shape[1:3]
    rows = slice(0, (h + 1) // 2), slice(h // 2, h)
    columns = slice(0, (w + 1) // 2), slice(w // 2, w)
    quadrants = [[x[:, r, c].max(axis=(1, 2, 3)) for c in columns] for r in rows]
    return np.stack([np.stack(row, axis=1) for row in quadrants], axis=1)[..., np.newaxis]


@quadrant_pool.misconception(
    "the four maxima are in one row; keep them as 2 rows and 2 columns, so that one sees where they are from."
)
def flattens_the_answer(x: Array) -> Any:
    h, w = x.shape[1:3]
    rows = slice(0, (h + 1) // 2), slice(h // 2, h)
    columns = slice(0, (w + 1) // 2), slice(w // 2, w)
    return np.concatenate([x[:, r, c].max(axis=(1, 2)) for r in rows for c in columns], axis=1)
