"""Assignment 1: losses and their gradients, a linear classifier, and how to fool it."""

from coursekit.exercises.a1_losses.fooling import fool
from coursekit.exercises.a1_losses.hinge import hinge_loss_loops
from coursekit.exercises.a1_losses.hinge_gradient import hinge_loss
from coursekit.exercises.a1_losses.numeric_gradient import numeric_gradient
from coursekit.exercises.a1_losses.penalties import l1_penalty, l2_penalty
from coursekit.exercises.a1_losses.softmax import softmax_loss
from coursekit.exercises.a1_losses.training_mistakes import train_linear_classifier
from coursekit.exercises.a1_losses.triplet import triplet_loss
from coursekit.exercises.core import Assignment

ASSIGNMENT = Assignment(
    name="a1_losses",
    title="Losses",
    exercises=(
        hinge_loss_loops,
        hinge_loss,
        softmax_loss,
        triplet_loss,
        l2_penalty,
        l1_penalty,
        numeric_gradient,
        train_linear_classifier,
        fool,
    ),
)
