"""Lecture 09's micro-checks: when to stop, what to standardise with, and what batch normalisation remembers."""

from coursekit.exercises.core import Assignment
from coursekit.exercises.l09_training.remembering import moving_average
from coursekit.exercises.l09_training.standardising import standardise_test
from coursekit.exercises.l09_training.stopping import stopping_epoch

ASSIGNMENT = Assignment(
    name="l09_training",
    title="Training in practice",
    exercises=(stopping_epoch, standardise_test, moving_average),
)
