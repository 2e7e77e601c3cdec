"""Optimizers and compilation, as `fit` and everything that imitates it need them."""

from typing import Any

from coursekit import backend

LEARNING_RATE = 1e-3  # Adam's own default
AUXILIARY_WEIGHT = 0.3  # of the loss of each head after the first, as in GoogLeNet


def fresh_optimizer(optimizer: Any, rate: Any = None, weight_decay: float | None = None) -> Any:
    """Return a new optimizer like ``optimizer``: one that has trained keeps moments, and weights, of its network.

    Args:
        optimizer: a Keras optimizer, its name, or None for Adam.
        rate: its learning rate, a number or a Keras schedule. None keeps that of an optimizer, and is 0.001 for a name.
        weight_decay: for weights other than biases and those of batch normalisation; None keeps the optimizer's own.
    """
    chosen = backend.keras().optimizers.get(optimizer or "adam")
    config = chosen.get_config()
    if rate is not None or not hasattr(optimizer, "get_config"):
        config["learning_rate"] = LEARNING_RATE if rate is None else rate
    if weight_decay is not None:
        config["weight_decay"] = weight_decay
    chosen = type(chosen).from_config(config)
    if weight_decay is not None:
        chosen.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return chosen


def compile_model(model: Any, optimizer: Any, loss: Any) -> None:
    """Compile for a loss and accuracy; with a list of losses the heads after the first weigh less."""
    heads = len(model.outputs) if isinstance(loss, list) else 1
    weights = [1.0] + [AUXILIARY_WEIGHT] * (heads - 1) if heads > 1 else None
    metrics = [["accuracy"]] * heads if heads > 1 else ["accuracy"]
    model.compile(optimizer=optimizer, loss=loss, loss_weights=weights, metrics=metrics)
