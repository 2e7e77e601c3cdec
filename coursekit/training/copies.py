"""A copy of a network to try things on: the network itself keeps its weights, optimizer and history."""

from typing import Any

from coursekit import backend
from coursekit.errors import CourseError
from coursekit.training.compiling import compile_model, fresh_optimizer
from coursekit.training.losses import cross_entropy
from coursekit.training.structure import heads


def copy(model: Any, *, learning_rate: Any = None, optimizer: Any = None, loss: Any = None) -> Any:
    """Return a compiled copy of a network with the same weights and a fresh optimizer.

    What is not given is taken from the model if it is compiled, else as `fit` chooses it.

    Raises:
        CourseError: if the model is not built of connected layers, or not built yet.
    """
    if not heads(model):
        raise CourseError(
            f"{model.name} is no network of connected layers with a known input shape, so it cannot be copied.",
            fix="build it from keras.Input, as a Sequential or functional model.",
        )
    twin = backend.keras().models.clone_model(model)
    twin.set_weights(model.get_weights())
    if model.compiled:
        optimizer, loss = optimizer or model.optimizer, loss or model.loss
    compile_model(twin, fresh_optimizer(optimizer, learning_rate), loss or cross_entropy(twin))
    return twin
