"""Lecture 06's micro-checks: a complex cell, LeNet-5's subsampling, and its output units."""

from coursekit.exercises.core import Assignment
from coursekit.exercises.l06_lenet.cells import complex_cell
from coursekit.exercises.l06_lenet.outputs import rbf_distances
from coursekit.exercises.l06_lenet.subsampling import subsample

ASSIGNMENT = Assignment(
    name="l06_lenet",
    title="From the visual cortex to LeNet",
    exercises=(complex_cell, subsample, rbf_distances),
)
