"""Lecture 02's micro-checks: a shared node, a sigmoid, the error of a hidden layer, gradient descent."""

from coursekit.exercises.core import Assignment
from coursekit.exercises.l02_backpropagation.descend import descend
from coursekit.exercises.l02_backpropagation.hidden_error import hidden_error
from coursekit.exercises.l02_backpropagation.shared_slopes import shared_slopes
from coursekit.exercises.l02_backpropagation.through_sigmoid import through_sigmoid

ASSIGNMENT = Assignment(
    name="l02_backpropagation",
    title="Gradients, graphs, backpropagation",
    exercises=(shared_slopes, through_sigmoid, hidden_error, descend),
)
