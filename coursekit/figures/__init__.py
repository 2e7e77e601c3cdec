"""Figures: one matplotlib style, one function a figure, drawn from arrays that the notebook computed."""

from coursekit.figures import (
    classifiers,
    convolution,
    gradients,
    graph_stepper,
    graphs,
    interactive,
    kernel_explorer,
    losses,
    matrices,
    matrix_viewer,
    pooling,
    pooling_lab,
    score_lab,
    style,
    training,
)

__all__ = [
    "classifiers",
    "convolution",
    "gradients",
    "graph_stepper",
    "graphs",
    "interactive",
    "kernel_explorer",
    "losses",
    "matrices",
    "matrix_viewer",
    "pooling",
    "pooling_lab",
    "score_lab",
    "style",
    "training",
]
