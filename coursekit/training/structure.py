"""What a network is made of."""

from collections.abc import Iterator
from typing import Any


def leaves(model: Any) -> Iterator[Any]:
    """Yield the layers of a network, those of models in it included, from the input on."""
    for layer in model.layers:
        if hasattr(layer, "layers"):
            yield from leaves(layer)
        else:
            yield layer


def heads(model: Any) -> list[Any]:
    """Return the outputs of a network; [] if it is a subclass of Model, which does not tell."""
    return list(getattr(model, "outputs", None) or [])
