"""How a dense block grows."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.core import Arguments, Array, Case, Exercise, Property


def random_dense_blocks(rng: np.random.Generator) -> list[Arguments]:
    """Draw blocks of several lengths."""
    return [
        (int(first), int(growth), length)
        for first, growth, length in zip(rng.integers(5, 70, 4), rng.integers(2, 40, 4), (2, 5, 6, 9), strict=True)
    ]


def grows_evenly(calls: Sequence[Arguments], values: Sequence[Any]) -> str | None:
    for (_, growth, _), (channels, _) in zip(calls, values, strict=True):
        steps = np.diff(np.asarray(channels, dtype=float))
        if not np.allclose(steps, growth):
            return f"with growth {growth} the maps grew by {steps}"
    return None


def dense_block_sizes_reference(first: int, growth: int, layers: int) -> tuple[Array, int]:
    """Return the maps before layer 1, 2, … and after the last, (layers + 1,), and all weights of the 3×3 kernels."""
    channels = first + growth * np.arange(layers + 1)
    return channels, int(9 * growth * channels[:-1].sum())


dense_block_sizes = Exercise(
    name="dense_block_sizes",
    points=0,
    reference=dense_block_sizes_reference,
    returns=("channels", "weights"),
    cases=(
        Case("as in the paper's figure 1: 5 layers that add 4, here to 6 maps", (6, 4, 5)),
        Case("one layer", (10, 3, 1)),
        Case("DenseNet's first block for CIFAR-10: 16 maps, 12 layers that add 12", (16, 12, 12)),
        Case("growth larger than what comes in", (3, 8, 4)),
    ),
    properties=[
        Property("agrees on random blocks", random_dense_blocks),
        Property(
            "every layer adds the same number of maps",
            random_dense_blocks,
            grows_evenly,
            hint="a layer puts out `growth` new maps, which are joined to all that were there.",
        ),
    ],
)


@dense_block_sizes.variant
def dense_block_sizes_layer_by_layer(first: int, growth: int, layers: int) -> Any:
    channels, weights = [first], 0
    for _ in range(layers):
        weights += 3 * 3 * channels[-1] * growth
        channels.append(channels[-1] + growth)
    return channels, weights


@dense_block_sizes.variant
def dense_block_sizes_by_formula(first: int, growth: int, layers: int) -> Any:
    channels = np.linspace(first, first + layers * growth, layers + 1)
    return channels, 9 * growth * (layers * first + growth * layers * (layers - 1) / 2)


@dense_block_sizes.variant
def dense_block_sizes_by_accumulating(first: int, growth: int, layers: int) -> Any:
    channels = np.cumsum([first] + [growth] * layers)
    return channels, sum(9 * int(seen) * growth for seen in channels[:layers])


@dense_block_sizes.misconception("the maps doubled at each layer; a layer adds `growth` maps, however many it sees.")
def doubles(first: int, growth: int, layers: int) -> Any:
    channels = first * 2 ** np.arange(layers + 1)
    return channels, 9 * growth * channels[:-1].sum()


@dense_block_sizes.misconception(
    "each layer saw only what the one before it put out; a dense layer sees all before it."
)
def replaces(first: int, growth: int, layers: int) -> Any:
    channels = np.array([first] + [growth] * layers)
    return channels, 9 * growth * channels[:-1].sum()


@dense_block_sizes.misconception("the maps that came into the block are missing; they are joined too.")
def forgets_the_input(first: int, growth: int, layers: int) -> Any:
    channels = growth * np.arange(layers + 1)
    return channels, 9 * growth * channels[:-1].sum()


@dense_block_sizes.misconception(
    "what the last layer adds is missing: the list has one number more than there are layers."
)
def forgets_the_last(first: int, growth: int, layers: int) -> Any:
    channels = first + growth * np.arange(layers)
    return channels, 9 * growth * channels.sum()


@dense_block_sizes.misconception("the list begins after the first layer; it begins with what comes into the block.")
def starts_late(first: int, growth: int, layers: int) -> Any:
    channels = first + growth * np.arange(1, layers + 2)
    return channels, 9 * growth * (channels - growth)[:-1].sum()


@dense_block_sizes.misconception(
    "each layer was charged for the maps that leave it; its kernels read the maps before it."
)
def charges_the_output(first: int, growth: int, layers: int) -> Any:
    channels = first + growth * np.arange(layers + 1)
    return channels, 9 * growth * channels[1:].sum()


@dense_block_sizes.misconception(
    "the weights are those of convolutions that put out all maps; each makes only `growth` new ones."
)
def makes_all_maps_anew(first: int, growth: int, layers: int) -> Any:
    channels = first + growth * np.arange(layers + 1)
    return channels, 9 * (channels[:-1] * channels[1:]).sum()


@dense_block_sizes.misconception("the 9 places of a 3×3 kernel are missing from the weights.")
def forgets_the_places(first: int, growth: int, layers: int) -> Any:
    channels = first + growth * np.arange(layers + 1)
    return channels, growth * channels[:-1].sum()


@dense_block_sizes.misconception(
    "maps were added like a residual block's, so their number stayed; here they are joined."
)
def adds_instead_of_joining(first: int, growth: int, layers: int) -> Any:
    channels = np.full(layers + 1, first)
    return channels, 9 * growth * channels[:-1].sum()
