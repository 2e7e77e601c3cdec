"""Networks from scratch, in NumPy: each function is short enough to read beside its derivation."""

from coursekit.scratch import (
    convolution,
    filters,
    gradients,
    graph,
    initialisation,
    layers,
    loops,
    losses,
    matrices,
    network,
    optimizers,
    pooling,
    windows,
)

__all__ = [
    "convolution",
    "filters",
    "gradients",
    "graph",
    "initialisation",
    "layers",
    "loops",
    "losses",
    "matrices",
    "network",
    "optimizers",
    "pooling",
    "windows",
]
