"""Which loss fits a network's outputs: probabilities and logits look alike, and the wrong choice trains badly."""

from typing import Any

from coursekit import backend
from coursekit.errors import CourseError
from coursekit.training.structure import heads

# Layers after an activation that change no value.
PASSIVE = ("Flatten", "Reshape", "Permute", "Identity", "Dropout", "SpatialDropout2D")


def cross_entropy(model: Any) -> Any:
    """Return the Keras loss for a classifier with integer labels: on probabilities or logits, as its last layer says.

    A model with auxiliary heads gets one for each output.

    Raises:
        CourseError: if an output is not one score for each class, or unknown.
    """
    losses = []
    outputs = heads(model)
    if not outputs:
        raise CourseError(f"{model.name} does not say what it puts out.", fix="pass the loss that fits, loss=….")
    for output in outputs:
        if len(output.shape) != 2 or output.shape[1] == 1:
            raise CourseError(
                f"{model.name} puts out {tuple(output.shape)}, not one score for each class, (examples, classes).",
                fix="end it in Dense(classes) with two classes or more, or pass the loss that fits, loss=….",
            )
        losses.append(backend.keras().losses.SparseCategoricalCrossentropy(not puts_out_probabilities(output)))
    return losses if len(losses) > 1 else losses[0]


def puts_out_probabilities(output: Any) -> bool:
    """Say whether an output of a model comes from a softmax, or a sigmoid, and is not a logit."""
    layer = _computing_layer(output)
    if type(layer).__name__ == "Softmax":
        return True
    activations = backend.keras().activations
    return getattr(layer, "activation", None) in (activations.softmax, activations.sigmoid)


def _computing_layer(output: Any) -> Any:
    """Return the layer that computes an output: within nested models, and before layers that change no value."""
    while True:
        history = output._keras_history
        layer = history.operation
        if hasattr(layer, "layers"):  # a model in the model
            output = layer.outputs[history.tensor_index]
        elif _passive(layer):
            output = layer.input
        else:
            return layer


def _passive(layer: Any) -> bool:
    kind = type(layer).__name__
    return kind in PASSIVE or (kind == "Activation" and layer.activation is backend.keras().activations.linear)
