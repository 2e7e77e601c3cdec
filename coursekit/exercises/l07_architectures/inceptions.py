"""The multiply-adds of one Inception module."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.core import Arguments, Case, Exercise, Property

Maps = tuple[int, int, int, int, int, int]


def random_modules(rng: np.random.Generator) -> list[Arguments]:
    """Draw modules whose six numbers of maps all differ."""
    calls: list[Arguments] = []
    for size in (5, 7, 12):
        maps = rng.choice(np.arange(3, 40), 6, replace=False)
        calls.append((size, int(rng.integers(40, 90)), tuple(int(n) for n in maps)))
    return calls


def twice_as_wide(rng: np.random.Generator) -> list[Arguments]:
    size, maps_in, maps = random_modules(rng)[1]
    return [(size, maps_in, maps), (2 * size, maps_in, maps)]


def quadrupled(calls: Sequence[Arguments], values: Sequence[Any]) -> str | None:
    small, large = (float(value) for value in values)
    return None if large == 4 * small else f"twice the side took {small:,.0f} multiply-adds to {large:,.0f}"


def inception_work_reference(size: int, maps_in: int, maps: Maps) -> int:
    """Each branch does maps in × kernel × maps out at every place; all layers keep the size."""
    ones, reduce3, threes, reduce5, fives, projected = maps
    narrow = maps_in * (ones + reduce3 + reduce5 + projected)
    return size * size * (narrow + 9 * reduce3 * threes + 25 * reduce5 * fives)


inception_work = Exercise(
    name="inception_work",
    points=0,
    reference=inception_work_reference,
    returns=("multiply_adds",),
    cases=(
        Case("GoogLeNet's 3a: 28 × 28 × 192", (28, 192, (64, 96, 128, 16, 32, 32))),
        Case("GoogLeNet's 5b: 7 × 7 × 832", (7, 832, (384, 192, 384, 48, 128, 128))),
        Case("a tiny module on one pixel of ten maps", (1, 10, (1, 2, 3, 4, 5, 6))),
        Case("the same on 3 × 3 pixels", (3, 10, (1, 2, 3, 4, 5, 6))),
    ),
    properties=[
        Property("agrees on random modules", random_modules),
        Property(
            "twice the side, four times the work",
            twice_as_wide,
            quadrupled,
            hint="all branches are padded: each has size × size outputs.",
        ),
    ],
)


@inception_work.variant
def inception_work_as_a_list(size: int, maps_in: int, maps: Maps) -> Any:
    layers = [
        (1, maps_in, maps[0]),
        (1, maps_in, maps[1]),
        (3, maps[1], maps[2]),
        (1, maps_in, maps[3]),
        (5, maps[3], maps[4]),
        (1, maps_in, maps[5]),
    ]
    return sum(size**2 * kernel**2 * a * b for kernel, a, b in layers)


@inception_work.variant
def inception_work_with_arrays(size: int, maps_in: int, maps: Maps) -> Any:
    out = np.array(maps)
    into = np.array([maps_in, maps_in, maps[1], maps_in, maps[3], maps_in])
    return size * size * (np.array([1, 1, 9, 1, 25, 1]) * into * out).sum()


@inception_work.variant
def inception_work_by_branch(size: int, maps_in: int, maps: Maps) -> Any:
    total = 0
    for reduced, kept, kernel in ((maps[1], maps[2], 3), (maps[3], maps[4], 5)):
        total += reduced * (maps_in + kernel * kernel * kept)
    return (total + maps_in * (maps[0] + maps[5])) * size * size


@inception_work.misconception(
    "the 3 × 3 and the 5 × 5 read all maps that come in; they read only what their reductions leave."
)
def reads_past_the_reductions(size: int, maps_in: int, maps: Maps) -> Any:
    ones, reduce3, threes, reduce5, fives, projected = maps
    return size**2 * maps_in * (ones + reduce3 + reduce5 + projected + 9 * threes + 25 * fives)


@inception_work.misconception("that is the naive module, without the 1 × 1 reductions and the projection.")
def leaves_the_reductions_out(size: int, maps_in: int, maps: Maps) -> Any:
    ones, _, threes, _, fives, _ = maps
    return size**2 * maps_in * (ones + 9 * threes + 25 * fives)


@inception_work.misconception("the reductions work, too: they read all maps that come in.")
def forgets_the_reductions(size: int, maps_in: int, maps: Maps) -> Any:
    ones, reduce3, threes, reduce5, fives, projected = maps
    return size**2 * (maps_in * (ones + projected) + 9 * reduce3 * threes + 25 * reduce5 * fives)


@inception_work.misconception(
    "pooling is free, but the 1 × 1 convolution after it is not: the last of the six numbers."
)
def forgets_the_projection(size: int, maps_in: int, maps: Maps) -> Any:
    ones, reduce3, threes, reduce5, fives, _ = maps
    return size**2 * (maps_in * (ones + reduce3 + reduce5) + 9 * reduce3 * threes + 25 * reduce5 * fives)


@inception_work.misconception("those are the weights. Each works once at every place: size × size times.")
def counts_weights(size: int, maps_in: int, maps: Maps) -> Any:
    ones, reduce3, threes, reduce5, fives, projected = maps
    return maps_in * (ones + reduce3 + reduce5 + projected) + 9 * reduce3 * threes + 25 * reduce5 * fives


@inception_work.misconception("a 3 × 3 kernel has nine taps and a 5 × 5 twenty-five, not three and five.")
def counts_one_row_of_a_kernel(size: int, maps_in: int, maps: Maps) -> Any:
    ones, reduce3, threes, reduce5, fives, projected = maps
    return size**2 * (maps_in * (ones + reduce3 + reduce5 + projected) + 3 * reduce3 * threes + 5 * reduce5 * fives)


@inception_work.misconception(
    "the larger kernels lost their borders; all branches are padded, so that their maps stack."
)
def loses_the_borders(size: int, maps_in: int, maps: Maps) -> Any:
    ones, reduce3, threes, reduce5, fives, projected = maps
    narrow = size**2 * maps_in * (ones + reduce3 + reduce5 + projected)
    return narrow + (size - 2) ** 2 * 9 * reduce3 * threes + (size - 4) ** 2 * 25 * reduce5 * fives


@inception_work.misconception("the maps have size × size places; only one side was counted.")
def counts_one_side(size: int, maps_in: int, maps: Maps) -> Any:
    ones, reduce3, threes, reduce5, fives, projected = maps
    return size * (maps_in * (ones + reduce3 + reduce5 + projected) + 9 * reduce3 * threes + 25 * reduce5 * fives)
