"""Lecture 08's micro-checks: back through a residual block, weights of two blocks, channels of a dense block."""

from coursekit.exercises.core import Assignment
from coursekit.exercises.l08_depth.backward import residual_backward
from coursekit.exercises.l08_depth.counting import block_weights
from coursekit.exercises.l08_depth.growth import dense_block_sizes

ASSIGNMENT = Assignment(
    name="l08_depth",
    title="Depth",
    exercises=(residual_backward, block_weights, dense_block_sizes),
)
