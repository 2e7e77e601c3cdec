"""Assignment 2: automatic differentiation, a two-layer network, and what makes it learn."""

from coursekit.exercises.a2_backprop.adam_mistakes import adam_step
from coursekit.exercises.a2_backprop.dropout_mistakes import dropout
from coursekit.exercises.a2_backprop.initialisation_mistakes import initial_weights
from coursekit.exercises.a2_backprop.momentum_mistakes import momentum_step
from coursekit.exercises.a2_backprop.network import two_layer_forward
from coursekit.exercises.a2_backprop.network_mistakes import two_layer_backward
from coursekit.exercises.a2_backprop.ordering_mistakes import topological_order
from coursekit.exercises.a2_backprop.tape_mistakes import tape_gradients
from coursekit.exercises.core import Assignment

ASSIGNMENT = Assignment(
    name="a2_backprop",
    title="Backpropagation",
    exercises=(
        topological_order,
        tape_gradients,
        two_layer_forward,
        two_layer_backward,
        initial_weights,
        dropout,
        momentum_step,
        adam_step,
    ),
)
