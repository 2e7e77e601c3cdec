"""The list of networks, and ``build``, which makes any of them by its name."""

import difflib
import importlib
import inspect
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Any

from coursekit.errors import CourseError
from coursekit.quiet import quiet_import

Shape = tuple[int | None, ...]


@dataclass(frozen=True)
class Entry:
    """One network that `build` knows.

    Attributes:
        module: where its builder is, in ``coursekit.models``.
        function: the builder, called as ``function(input_shape=…, classes=…, **options)``.
        options: what makes this network one of its family; a caller cannot change them.
        input_shape: of one example, without the batch, as published.
        classes: outputs, as published.
        line: what it is, for a list.
    """

    module: str
    function: str
    options: Mapping[str, Any]
    input_shape: Shape
    classes: int
    line: str


def _vgg(configuration: str, line: str) -> Entry:
    return Entry("vgg", "vgg", {"configuration": configuration}, (224, 224, 3), 1000, line)


def _resnets() -> dict[str, Entry]:
    found = {}
    for depth, blocks, bottleneck, size in [
        (18, (2, 2, 2, 2), False, "11.7 M"),
        (34, (3, 4, 6, 3), False, "21.8 M"),
        (50, (3, 4, 6, 3), True, "25.6 M"),
        (101, (3, 4, 23, 3), True, "44.5 M"),
        (152, (3, 8, 36, 3), True, "60.2 M"),
    ]:
        options = {"blocks": blocks, "bottleneck": bottleneck, "skips": True}
        line = f"He et al. 2016: residual, {depth} layers, {size}"
        found[f"resnet{depth}"] = Entry("resnet", "imagenet_resnet", options, (224, 224, 3), 1000, line)
        if not bottleneck:
            line = f"the same {depth} layers without shortcuts"
            found[f"plain{depth}"] = replace(found[f"resnet{depth}"], options={**options, "skips": False}, line=line)
    for depth, size in [(20, "0.27 M"), (32, "0.46 M"), (44, "0.66 M"), (56, "0.85 M"), (110, "1.7 M")]:
        options = {"depth": depth, "skips": True}
        line = f"He et al. 2016, for CIFAR-10: residual, {depth} layers, {size}"
        found[f"resnet{depth}"] = Entry("resnet", "cifar_resnet", options, (32, 32, 3), 10, line)
        line = f"the same {depth} layers without shortcuts"
        found[f"plain{depth}"] = replace(found[f"resnet{depth}"], options={**options, "skips": False}, line=line)
    return found


def _densenet(blocks: tuple[int, ...], size: str) -> Entry:
    line = f"Huang et al. 2017: each layer sees all before it, {size}"
    return Entry("densenet", "densenet", {"blocks": blocks}, (224, 224, 3), 1000, line)


REGISTRY: dict[str, Entry] = {
    "neocognitron": Entry(
        "neocognitron", "neocognitron", {}, (16, 16, 1), 100, "Fukushima 1980: S and C layers that learn without labels"
    ),
    "lenet1": Entry("lenet", "lenet1", {}, (28, 28, 1), 10, "LeCun et al. 1989: 2,578 parameters"),
    "lenet5": Entry("lenet", "lenet5", {}, (32, 32, 1), 10, "LeCun et al. 1998: 60,000 parameters"),
    "alexnet": Entry("alexnet", "alexnet", {}, (227, 227, 3), 1000, "Krizhevsky et al. 2012: two groups, 61.0 M"),
    "vgg11": _vgg("A", "Simonyan and Zisserman 2015: configuration A, 133 M parameters"),
    "vgg11_lrn": _vgg("A-LRN", "configuration A with local response normalisation"),
    "vgg13": _vgg("B", "configuration B, 133 M"),
    "vgg16_1x1": _vgg("C", "configuration C, whose three extra layers are 1×1, 134 M"),
    "vgg16": _vgg("D", "configuration D, 138 M"),
    "vgg19": _vgg("E", "configuration E, 144 M"),
    "googlenet": Entry("googlenet", "googlenet", {}, (224, 224, 3), 1000, "Szegedy et al. 2015: nine Inceptions, 7 M"),
    **_resnets(),
    "densenet121": _densenet((6, 12, 24, 16), "8.0 M"),
    "densenet169": _densenet((6, 12, 32, 32), "14.1 M"),
    "densenet201": _densenet((6, 12, 48, 32), "20.0 M"),
    "textcnn": Entry("text", "textcnn", {}, (None,), 6, "Kim 2014: sentences, filters over 3, 4 and 5 words"),
    "dcnn": Entry("text", "dcnn", {}, (None,), 2, "Kalchbrenner et al. 2014: sentences, dynamic k-max pooling"),
    "spectrogram_cnn": Entry(
        "spectrogram", "spectrogram_cnn", {}, (32, 40, 1), 4, "Sainath and Parada 2015: sound as an image, 0.24 M"
    ),
    "conv3d_video": Entry(
        "video", "conv3d_video", {}, (16, 64, 64, 1), 10, "videos: convolution over time, or early or late fusion"
    ),
}


def names() -> list[str]:
    """Return the names that `build` knows, families in the order of their papers."""
    return list(REGISTRY)


def build(
    name: str, input_shape: Shape | None = None, classes: int | None = None, *, weights: bool = True, **options: Any
) -> Any:
    """Return a new, uncompiled ``keras.Model`` with random weights.

    Args:
        name: one of `names()`.
        input_shape: of one example, such as (32, 32, 3); None takes the published one.
        classes: outputs; None takes the published number.
        weights: False makes none: enough for a `ledger` or a summary, without VGG's half a gigabyte. Such a model
            keeps nothing: it cannot be trained.
        options: what else the network's builder takes, such as ``classifier_activation=None`` for logits.

    Raises:
        CourseError: if there is no such network or option, with the nearest.
    """
    entry = REGISTRY.get(name)
    if entry is None:
        near = difflib.get_close_matches(name, REGISTRY, n=3) or names()
        raise CourseError(f"there is no network {name!r}.", fix=f"did you mean {', '.join(near)}?")
    keras = quiet_import("keras")
    builder: Callable[..., Any] = getattr(importlib.import_module(f"coursekit.models.{entry.module}"), entry.function)
    _refuse_unknown(name, builder, entry, options)
    with nullcontext() if weights else keras.StatelessScope(initialize_variables=False):
        return builder(
            input_shape=entry.input_shape if input_shape is None else tuple(input_shape),
            classes=entry.classes if classes is None else classes,
            **entry.options,
            **options,
        )


def _refuse_unknown(name: str, builder: Callable[..., Any], entry: Entry, options: Mapping[str, Any]) -> None:
    free = [o for o in inspect.signature(builder).parameters if o not in {"input_shape", "classes", *entry.options}]
    for option in options:
        if option in entry.options:
            raise CourseError(
                f"{option}={entry.options[option]!r} is what makes it {name}.",
                fix="build another network: coursekit.models.names() lists them.",
            )
        if option not in free:
            near = difflib.get_close_matches(option, free, n=1)
            meant = f"did you mean {near[0]}? " if near else ""
            raise CourseError(f"{name} has no option {option!r}.", fix=f"{meant}It takes {', '.join(free)}.")
