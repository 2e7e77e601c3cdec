"""How many parameters a convolutional layer has, in one group or several."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.core import Arguments, Case, Exercise, Property


def random_layers(rng: np.random.Generator) -> list[Arguments]:
    """Draw layers of two, three and five groups, and one that is not divided."""
    calls: list[Arguments] = []
    for groups in (1, 2, 3, 5):
        kernel, maps_in, maps_out = (int(n) for n in rng.integers((2, 3, 7), (8, 7, 12)))
        calls.append((kernel, groups * maps_in, groups * maps_out, groups))
    return calls


def with_twice_the_filters(rng: np.random.Generator) -> list[Arguments]:
    kernel, maps_in, maps_out, groups = random_layers(rng)[2]
    return [(kernel, maps_in, maps_out, groups), (kernel, maps_in, 2 * maps_out, groups)]


def doubled(calls: Sequence[Arguments], values: Sequence[Any]) -> str | None:
    once, twice = (float(value) for value in values)
    return None if twice == 2 * once else f"twice the filters took {once:,.0f} parameters to {twice:,.0f}"


def conv_parameters_reference(kernel: int, maps_in: int, maps_out: int, groups: int) -> int:
    """Each filter reads the maps of its own group; each has one bias."""
    return kernel * kernel * (maps_in // groups) * maps_out + maps_out


conv_parameters = Exercise(
    name="conv_parameters",
    points=0,
    reference=conv_parameters_reference,
    returns=("parameters",),
    cases=(
        Case("AlexNet's conv1: 96 filters of 11 × 11 on three colours", (11, 3, 96, 1)),
        Case("AlexNet's conv2: 256 filters of 5 × 5 on 96 maps, two groups", (5, 96, 256, 2)),
        Case("VGG's conv1_2: 64 filters of 3 × 3 on 64 maps", (3, 64, 64, 1)),
        Case("GoogLeNet's first 5 × 5 reduction: 16 filters of 1 × 1 on 192 maps", (1, 192, 16, 1)),
        Case("three groups: 12 filters of 2 × 2 on 6 maps", (2, 6, 12, 3)),
    ),
    properties=[
        Property("agrees on random layers", random_layers),
        Property(
            "twice as many filters have twice the parameters",
            with_twice_the_filters,
            doubled,
            hint="every filter has the same number of weights, and a bias of its own.",
        ),
    ],
)


@conv_parameters.variant
def conv_parameters_by_group(kernel: int, maps_in: int, maps_out: int, groups: int) -> Any:
    weights = 0
    for _ in range(groups):
        weights += kernel**2 * (maps_in // groups) * (maps_out // groups)
    return weights + maps_out


@conv_parameters.variant
def conv_parameters_by_filter(kernel: int, maps_in: int, maps_out: int, groups: int) -> Any:
    return sum(kernel * kernel * maps_in / groups + 1 for _ in range(maps_out))


@conv_parameters.variant
def conv_parameters_from_arrays(kernel: int, maps_in: int, maps_out: int, groups: int) -> Any:
    weights = np.broadcast_to(0.0, (kernel, kernel, maps_in // groups, maps_out))
    return weights.size + np.zeros(maps_out).size


@conv_parameters.misconception("the biases are missing: one for each filter.")
def forgets_biases(kernel: int, maps_in: int, maps_out: int, groups: int) -> Any:
    return kernel**2 * (maps_in // groups) * maps_out


@conv_parameters.misconception("every filter was given all input maps; with groups it reads those of its own group.")
def ignores_groups(kernel: int, maps_in: int, maps_out: int, groups: int) -> Any:
    return kernel**2 * maps_in * maps_out + maps_out


@conv_parameters.misconception("that is one group of the layer; there are as many as `groups` says.")
def counts_one_group(kernel: int, maps_in: int, maps_out: int, groups: int) -> Any:
    return kernel**2 * (maps_in // groups) * (maps_out // groups) + maps_out // groups


@conv_parameters.misconception("a filter got a bias for each map it reads; it has one, however many it reads.")
def biases_for_every_map(kernel: int, maps_in: int, maps_out: int, groups: int) -> Any:
    return (kernel**2 + 1) * (maps_in // groups) * maps_out


@conv_parameters.misconception("the kernel has rows and columns: count kernel × kernel weights a map.")
def counts_one_row(kernel: int, maps_in: int, maps_out: int, groups: int) -> Any:
    return kernel * (maps_in // groups) * maps_out + maps_out


@conv_parameters.misconception("a filter spans all the maps of its group, not one of them.")
def forgets_depth(kernel: int, maps_in: int, maps_out: int, groups: int) -> Any:
    return kernel**2 * maps_out + maps_out


@conv_parameters.misconception("the biases are as many as the maps that come in; each map that goes out has one.")
def biases_of_the_input(kernel: int, maps_in: int, maps_out: int, groups: int) -> Any:
    return kernel**2 * (maps_in // groups) * maps_out + maps_in


@conv_parameters.misconception("groups make more weights here; they make fewer, since each filter reads fewer maps.")
def multiplies_by_groups(kernel: int, maps_in: int, maps_out: int, groups: int) -> Any:
    return kernel**2 * maps_in * maps_out * groups + maps_out
