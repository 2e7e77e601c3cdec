"""GoogLeNet: 22 layers of Inception modules, with a ninth of AlexNet's parameters.

C. Szegedy et al., "Going deeper with convolutions", CVPR 2015, table 1 and figure 3. At 224×224×3 with 1,000 classes
6,998,552 parameters in the network that classifies: 5,973,552 in its 57 convolutions, biases included, and 1,025,000
in the classifier. The two auxiliary heads, which only training uses, would add 6,379,728.
"""

from typing import Any

import keras
from keras import layers

from coursekit.errors import CourseError
from coursekit.models.layers import LocalResponseNormalization

Maps = tuple[int, int, int, int, int, int]

# Table 1: maps of the 1×1, 3×3 reduction, 3×3, 5×5 reduction, 5×5 and pooling projection.
MODULES: dict[str, Maps] = {
    "3a": (64, 96, 128, 16, 32, 32),
    "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}


def googlenet(
    input_shape: tuple[int | None, ...] = (224, 224, 3),
    classes: int = 1000,
    *,
    auxiliary_heads: bool = False,
    width: float = 1.0,
    lrn: bool = True,
    dropout: float = 0.4,
    classifier_activation: str | None = "softmax",
) -> Any:
    """Return GoogLeNet.

    Weights start as Glorot and Bengio's, since the paper does not say how its own do.

    Args:
        input_shape: any size; five halvings make 7×7 of 224×224 and 1×1 of 32×32.
        classes: outputs.
        auxiliary_heads: also return the two classifiers after 4a and 4d, as the second and third outputs, whose losses
            the paper adds at weights of 0.3: ``compile(loss=[…] * 3, loss_weights=[1, 0.3, 0.3])``.
        width: scales all numbers of maps and the auxiliary heads' units, for miniatures.
        lrn: local response normalisation around conv2, as figure 3 has it.
        dropout: rate before the classifier.
        classifier_activation: None gives logits.

    Raises:
        CourseError: if the image is too small for the auxiliary heads.
    """

    def scaled(full: int) -> int:
        return max(1, round(full * width))

    heads = []
    x = inputs = keras.Input(input_shape, name="image")
    x = _conv(x, scaled(64), 7, "conv1", strides=2)
    x = _pool(x, "pool1")
    x = LocalResponseNormalization(name="lrn1")(x) if lrn else x
    x = _conv(x, scaled(64), 1, "conv2_reduce")
    x = _conv(x, scaled(192), 3, "conv2")
    x = LocalResponseNormalization(name="lrn2")(x) if lrn else x
    x = _pool(x, "pool2")
    for name, maps in MODULES.items():
        x = inception(x, tuple(map(scaled, maps)), f"inception_{name}")
        if name in ("3b", "4e"):
            x = _pool(x, f"pool{name[0]}")
        if auxiliary_heads and name in ("4a", "4d"):
            heads.append(_head(x, scaled(128), scaled(1024), classes, classifier_activation, f"auxiliary_{name}"))
    x = layers.GlobalAveragePooling2D(name="average")(x)
    x = layers.Dropout(dropout, name="dropout")(x)
    x = layers.Dense(classes, classifier_activation, name="classifier")(x)
    return keras.Model(inputs, [x, *heads] if heads else x, name="googlenet")


def inception(x: Any, maps: tuple[int, ...], name: str, *, reduce: bool = True) -> Any:
    """Return an Inception module's output: four branches side by side, their maps stacked (figure 2b).

    Args:
        x: (batch, rows, columns, maps).
        maps: of the 1×1, 3×3 reduction, 3×3, 5×5 reduction, 5×5 and pooling projection.
        name: what names of the layers begin with.
        reduce: False leaves out the reductions and the projection: the naive version of figure 2a.
    """
    ones, reduce3, threes, reduce5, fives, projected = maps
    narrow3 = _conv(x, reduce3, 1, f"{name}_3x3_reduce") if reduce else x
    narrow5 = _conv(x, reduce5, 1, f"{name}_5x5_reduce") if reduce else x
    pooled = _pool(x, f"{name}_pool", strides=1)
    branches = [
        _conv(x, ones, 1, f"{name}_1x1"),
        _conv(narrow3, threes, 3, f"{name}_3x3"),
        _conv(narrow5, fives, 5, f"{name}_5x5"),
        _conv(pooled, projected, 1, f"{name}_pool_proj") if reduce else pooled,
    ]
    return layers.Concatenate(name=f"{name}_output")(branches)


def _head(x: Any, maps: int, units: int, classes: int, activation: str | None, name: str) -> Any:
    """Return a small classifier half-way, which sends gradients into the lower layers (section 5)."""
    if any(side is not None and side < 5 for side in x.shape[1:3]):
        raise CourseError(
            f"the maps under {name} are only {x.shape[1]}×{x.shape[2]}, and it pools 5×5.",
            fix="enlarge the images to 80×80 or more, or leave auxiliary_heads out.",
        )
    x = layers.AveragePooling2D(5, 3, name=f"{name}_pool")(x)
    x = _conv(x, maps, 1, f"{name}_conv")
    x = layers.Flatten(name=f"{name}_flatten")(x)
    x = layers.Dense(units, "relu", name=f"{name}_dense")(x)
    x = layers.Dropout(0.7, name=f"{name}_dropout")(x)
    return layers.Dense(classes, activation, name=f"{name}_classifier")(x)


def _conv(x: Any, maps: int, kernel: int, name: str, strides: int = 1) -> Any:
    return layers.Conv2D(maps, kernel, strides, "same", activation="relu", name=name)(x)


def _pool(x: Any, name: str, strides: int = 2) -> Any:
    return layers.MaxPooling2D(3, strides, "same", name=name)(x)
