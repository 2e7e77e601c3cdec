"""Lecture 05's micro-checks: pool a row, send gradients back through the maxima, pool over channels."""

from coursekit.exercises.core import Assignment
from coursekit.exercises.l05_pooling.channels import pool_channels
from coursekit.exercises.l05_pooling.routing import unpool_row
from coursekit.exercises.l05_pooling.rows import pool_row

ASSIGNMENT = Assignment(
    name="l05_pooling",
    title="Pooling and invariance",
    exercises=(pool_row, unpool_row, pool_channels),
)
