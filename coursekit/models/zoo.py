"""Small networks with trained weights, which come with the package: nothing to download.

``python -m coursekit.models.train NAME`` made each; its card says with which data and seeds, and how good it is.
"""

import difflib
import json
from dataclasses import dataclass
from importlib.resources import as_file, files
from typing import Any

from coursekit.errors import CourseError
from coursekit.models.registry import build

WEIGHTS = files("coursekit.models") / "weights"


@dataclass(frozen=True)
class Card:
    """What is known of a trained network.

    Attributes:
        name: in the zoo.
        network: what `build` makes it from.
        input_shape: of one example.
        classes: what its outputs stand for, in order.
        options: what else `build` is given.
        parameters: how many numbers were learned or measured.
        data: the data set that it was trained and tested on.
        enlarge: every pixel of the data is so many by so many of the network's input.
        command: what trained it.
        epochs: passes over the training data.
        seeds: one training each. The weights are those of the first; none was chosen for its accuracy.
        accuracy: on the test set, by seed.
        seconds: of processor time, the first training's, on `machine`.
        machine: what it was trained on, and with which back end.
    """

    name: str
    network: str
    input_shape: tuple[int, ...]
    classes: tuple[str, ...]
    options: dict[str, Any]
    parameters: int
    data: str
    enlarge: int
    command: str
    epochs: int
    seeds: tuple[int, ...]
    accuracy: tuple[float, ...]
    seconds: float
    machine: str


def names() -> list[str]:
    """Return the names of the trained networks."""
    return sorted(each.name.removesuffix(".json") for each in WEIGHTS.iterdir() if each.name.endswith(".json"))


def card(name: str) -> Card:
    """Return what is known of a trained network.

    Raises:
        CourseError: if there is none of this name.
    """
    if name not in names():
        near = difflib.get_close_matches(str(name), names(), n=1) or names()
        raise CourseError(f"there is no trained network {name!r}.", fix=f"did you mean {', '.join(near)}?")
    found: dict[str, Any] = json.loads((WEIGHTS / f"{name}.json").read_text("utf-8"))
    return Card(**{key: _frozen(value) for key, value in found.items()})


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def load(name: str) -> Any:
    """Return a trained ``keras.Model``, not compiled; it takes images in 0 … 1 and gives probabilities.

    Raises:
        CourseError: if there is none of this name.
    """
    described = card(name)
    model = build(described.network, described.input_shape, len(described.classes), **described.options)
    with as_file(WEIGHTS / f"{name}.weights.h5") as path:
        model.load_weights(path)
    return model
