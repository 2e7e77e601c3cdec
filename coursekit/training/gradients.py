"""How large the gradient is in each layer of a network."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from coursekit import backend
from coursekit.training.losses import cross_entropy


@dataclass(frozen=True)
class GradientRow:
    """The gradient of the loss in one layer.

    Attributes:
        layer: its name; ``outer/inner`` inside a nested model.
        norm: Euclidean norm over all the layer's trainable weights.
        weight_norm: of those weights themselves.
        zero: share of the gradient's numbers that are exactly 0.
    """

    layer: str
    norm: float
    weight_norm: float
    zero: float


def gradient_norms(model: Any, x: Any, y: Any, *, loss: Any = None, training: bool = True) -> list[GradientRow]:
    """Return for each layer with trainable weights, from the input on, how large its gradient is; changes nothing.

    Args:
        model: a built Keras model.
        x: inputs, one batch, (n, …).
        y: labels, (n,).
        loss: a Keras loss; cross-entropy if not given.
        training: True measures what a training step would see (batch statistics, dropout), False the network as it
            predicts.
    """
    loss = loss or total(cross_entropy(model))
    gradients = backend.weight_gradients(model, x, y, loss, training)
    rows: dict[str, list[tuple[Any, Any]]] = {}
    for variable, gradient in zip(model.trainable_variables, gradients, strict=True):
        layer = variable.path.rpartition("/")[0].removeprefix(f"{model.name}/")
        rows.setdefault(layer, []).append((gradient, backend.keras().ops.convert_to_numpy(variable.value)))
    return [_row(layer, *map(_flat, zip(*pairs, strict=True))) for layer, pairs in rows.items()]


def total(loss: Any) -> Any:
    """Return a Keras loss, or its name, as a function of labels and outputs: of the first head if there are several."""
    keras = backend.keras()
    first = keras.losses.get(loss[0] if isinstance(loss, list) else loss)

    def of_first(labels: Any, outputs: Any) -> Any:
        return keras.ops.mean(first(labels, outputs[0] if isinstance(outputs, list | tuple) else outputs))

    return of_first


def _flat(arrays: Any) -> Any:
    return np.concatenate([np.asarray(each, dtype=np.float64).ravel() for each in arrays])


def _row(layer: str, gradient: Any, weights: Any) -> GradientRow:
    return GradientRow(
        layer, float(np.linalg.norm(gradient)), float(np.linalg.norm(weights)), float(np.mean(gradient == 0))
    )
