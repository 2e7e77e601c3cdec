"""Lecture 04's micro-checks: a strided convolution's matrix, its way back, the kernel's gradient, what a unit sees."""

from coursekit.exercises.core import Assignment
from coursekit.exercises.l04_matrices.fields import receptive_field
from coursekit.exercises.l04_matrices.folding import fold_windows
from coursekit.exercises.l04_matrices.rows import strided_matrix
from coursekit.exercises.l04_matrices.slopes import kernel_slopes

ASSIGNMENT = Assignment(
    name="l04_matrices",
    title="Convolution as a matrix, and its gradient",
    exercises=(strided_matrix, fold_windows, kernel_slopes, receptive_field),
)
