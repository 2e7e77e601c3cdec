"""VGG: nothing but 3×3 convolutions and 2×2 pooling, deeper and deeper.

K. Simonyan, A. Zisserman, "Very deep convolutional networks for large-scale image recognition", ICLR 2015, table 1.
At 224×224×3, with 1,000 classes:

    A, A-LRN  132,863,336 parameters     C (1×1 third layers)  133,638,952     E  143,667,240
    B         133,047,848                D                     138,357,544

A-LRN normalises after its first layer, without parameters of its own.
"""

from typing import Any

import keras
from keras import layers

from coursekit.errors import CourseError
from coursekit.models.layers import LocalResponseNormalization

# The columns of table 1: a block a line of the figure, a number a 3×3 layer's maps, negative where it is 1×1.
CONFIGURATIONS: dict[str, tuple[tuple[int, ...], ...]] = {
    "A": ((64,), (128,), (256, 256), (512, 512), (512, 512)),
    "B": ((64, 64), (128, 128), (256, 256), (512, 512), (512, 512)),
    "C": ((64, 64), (128, 128), (256, 256, -256), (512, 512, -512), (512, 512, -512)),
    "D": ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512)),
    "E": ((64, 64), (128, 128), (256,) * 4, (512,) * 4, (512,) * 4),
}


def vgg(
    configuration: str = "D",
    input_shape: tuple[int | None, ...] = (224, 224, 3),
    classes: int = 1000,
    *,
    width: float = 1.0,
    dropout: float = 0.5,
    include_top: bool = True,
    classifier_activation: str | None = "softmax",
) -> Any:
    """Return a VGG network.

    Weights start as Glorot and Bengio's, which the authors found to spare them their staged training.

    Args:
        configuration: "A", "A-LRN", "B", "C", "D" (VGG16) or "E" (VGG19).
        input_shape: at least 32×32, since five poolings halve it.
        classes: outputs.
        width: scales the numbers of maps and units, for miniatures: 1/8 gives 8 … 64 maps and 512 units.
        dropout: rate after fc6 and fc7.
        include_top: False ends after the last pooling.
        classifier_activation: None gives logits.

    Raises:
        CourseError: if there is no such configuration or the image is too small.
    """
    blocks = CONFIGURATIONS.get("A" if configuration == "A-LRN" else configuration)
    if blocks is None:
        raise CourseError(f"VGG has no {configuration!r}.", fix=f"take A-LRN, {', '.join(CONFIGURATIONS)}.")
    if any(side is not None and side < 32 for side in input_shape[:-1]):
        raise CourseError(
            f"five poolings leave nothing of {input_shape}.", fix="enlarge the images to 32×32 or more pixels."
        )
    x = inputs = keras.Input(input_shape, name="image")
    for i, block in enumerate(blocks, start=1):
        for j, maps in enumerate(block, start=1):
            kernel = 3 if maps > 0 else 1
            maps = max(1, round(abs(maps) * width))
            x = layers.Conv2D(maps, kernel, padding="same", activation="relu", name=f"conv{i}_{j}")(x)
            if configuration == "A-LRN" and i == 1:
                x = LocalResponseNormalization(name="lrn1")(x)
        x = layers.MaxPooling2D(2, name=f"pool{i}")(x)
    if include_top:
        x = layers.Flatten(name="flatten")(x)
        for name in ("fc6", "fc7"):
            x = layers.Dense(max(1, round(4096 * width)), activation="relu", name=name)(x)
            x = layers.Dropout(dropout, name=f"{name}_dropout")(x)
        x = layers.Dense(classes, activation=classifier_activation, name="fc8")(x)
    return keras.Model(inputs, x, name=f"vgg_{configuration.lower().replace('-', '_')}")
