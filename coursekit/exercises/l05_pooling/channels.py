"""Max pooling over channels."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.core import Arguments, Array, Case, Exercise, Property

ONE_PIXEL = np.array([0.3, 0.9, -0.2, 0.5, 0.1, 0.4]).reshape(1, 1, 1, 6)
TWO_BY_THREE = np.array([[[1, 7], [2, 0], [-3, 4]], [[5, 5.5], [8, -1], [6, 9]]])[np.newaxis]


def random_maps(rng: np.random.Generator) -> list[Arguments]:
    """Draw maps of which no two axes have the same length."""
    return [
        (rng.normal(0, 2, (2, 5, 3, 6)), 3),
        (rng.normal(0, 2, (3, 2, 4, 8)), 2),
        (rng.normal(0, 2, (2, 3, 4, 5)), 5),
    ]


def swapped_inside_groups(rng: np.random.Generator) -> list[Arguments]:
    """Draw maps, and the same with the channels of each group in another order."""
    maps = rng.normal(0, 2, (2, 4, 3, 6))
    return [(maps, 3), (maps[..., [2, 0, 1, 4, 5, 3]], 3)]


def same_maps(calls: Sequence[Arguments], values: Sequence[Any]) -> str | None:
    return None if np.allclose(values[0], values[1]) else "another order within the groups gave another result"


def pool_channels_reference(maps: Array, group: int) -> Array:
    """Take the maximum over each run of `group` neighbouring channels, pixel by pixel."""
    starts = range(0, maps.shape[3], group)
    return np.stack([maps[..., start : start + group].max(axis=3) for start in starts], axis=3)


pool_channels = Exercise(
    name="pool_channels",
    points=0,
    reference=pool_channels_reference,
    returns=("pooled",),
    cases=(
        Case("one pixel, six channels in groups of three", (ONE_PIXEL, 3)),
        Case("one pixel, six channels in groups of two", (ONE_PIXEL, 2)),
        Case("2 × 3 pixels, two channels in one group", (TWO_BY_THREE, 2)),
        Case("groups of one change nothing", (TWO_BY_THREE, 1)),
        Case("two images, 2 × 3 pixels, four channels", (np.sin(np.arange(48.0) * 1.7).reshape(2, 2, 3, 4), 2)),
    ),
    properties=[
        Property("agrees on random maps", random_maps),
        Property(
            "the order of the channels within a group does not matter",
            swapped_inside_groups,
            same_maps,
            hint="the groups are channels 0 to group − 1, then the next group: neighbours belong together.",
        ),
    ],
)


@pool_channels.variant
def pool_channels_by_reshaping(maps: Array, group: int) -> Any:
    n, rows, columns, channels = maps.shape
    return maps.reshape(n, rows, columns, channels // group, group).max(axis=-1)


@pool_channels.variant
def pool_channels_with_maximum(maps: Array, group: int) -> Any:
    pooled = maps[..., ::group]
    for k in range(1, group):
        pooled = np.maximum(pooled, maps[..., k::group])
    return pooled


@pool_channels.variant
def pool_channels_pixel_by_pixel(maps: Array, group: int) -> Any:
    n, rows, columns, channels = maps.shape
    pooled = np.empty((n, rows, columns, channels // group))
    for i, r, c, q in np.ndindex(*pooled.shape):
        pooled[i, r, c, q] = max(maps[i, r, c, group * q + k] for k in range(group))
    return pooled


@pool_channels.misconception(
    "channels that lie far apart were grouped: a group holds neighbours, such as channels 0, 1 and 2."
)
def takes_every_other_channel(maps: Array, group: int) -> Any:
    n, rows, columns, channels = maps.shape
    return maps.reshape(n, rows, columns, group, channels // group).max(axis=3)


@pool_channels.misconception("all channels were pooled into one; each group keeps a channel of its own.")
def pools_all_channels(maps: Array, group: int) -> Any:
    return maps.max(axis=3, keepdims=True)


@pool_channels.misconception("that is spatial pooling, over pixels; here each pixel keeps its place.")
def pools_over_pixels(maps: Array, group: int) -> Any:
    return maps[..., ::group].max(axis=(1, 2), keepdims=True)


@pool_channels.misconception("that is the average of each group; asked for is its largest value.")
def averages_the_group(maps: Array, group: int) -> Any:
    n, rows, columns, channels = maps.shape
    return maps.reshape(n, rows, columns, channels // group, group).mean(axis=-1)


@pool_channels.misconception("only the first channel of each group was kept; compare all of them.")
def keeps_the_first(maps: Array, group: int) -> Any:
    return maps[..., ::group]


@pool_channels.misconception("the groups overlap: each starts one channel after the last; start it `group` later.")
def slides_over_channels(maps: Array, group: int) -> Any:
    count = maps.shape[3] - group + 1
    return np.stack([maps[..., k : k + group].max(axis=3) for k in range(count)], axis=3)


@pool_channels.misconception("those are the numbers of the winning channels; asked for are their values.")
def gives_the_winners(maps: Array, group: int) -> Any:
    n, rows, columns, channels = maps.shape
    return maps.reshape(n, rows, columns, channels // group, group).argmax(axis=-1).astype(float)
