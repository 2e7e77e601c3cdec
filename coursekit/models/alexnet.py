"""AlexNet: the network that won ImageNet 2012.

A. Krizhevsky, I. Sutskever, G. Hinton, "ImageNet classification with deep convolutional neural networks", NIPS 2012,
figure 2. Two halves on two GPUs, which exchange maps only before conv3 and the dense layers, are two groups here.
60,965,224 parameters at 227×227×3 (the paper says 224, from which its 55×55 outputs do not follow):

    conv1  55×55×96   34,944      conv3  13×13×384  885,120      fc6  4096  37,752,832
    conv2  27×27×256  307,456     conv4  13×13×384  663,936      fc7  4096  16,781,312
                                  conv5  13×13×256  442,624      fc8  1000   4,097,000

"One weird trick" (Krizhevsky 2014), which other libraries call AlexNet, is another network.
"""

from collections.abc import Collection
from typing import Any

import keras
from keras import layers

from coursekit.errors import CourseError
from coursekit.models.layers import LocalResponseNormalization


def alexnet(
    input_shape: tuple[int, int, int] = (227, 227, 3),
    classes: int = 1000,
    *,
    groups: int = 2,
    activation: str = "relu",
    lrn: bool = True,
    overlapping: bool = True,
    remove: Collection[int] = (),
    width: float = 1.0,
    stem: tuple[int, int] = (11, 4),
    dropout: float = 0.5,
    kernel_initializer: Any = None,
    classifier_activation: str | None = "softmax",
) -> Any:
    """Return AlexNet, whole or with something taken away.

    A miniature for 32×32 pixels: ``alexnet((32, 32, 3), 10, width=1/8, stem=(5, 1), kernel_initializer="he_normal")``;
    add ``groups=1`` where TensorFlow has no GPU, since it trains groups several times slower on a CPU.

    Args:
        input_shape: from 67×67 pixels with the published stem, from 19×19 with stem=(5, 1).
        classes: outputs.
        groups: 1 connects all maps of neighbouring layers in conv2, conv4 and conv5.
        activation: "tanh" for the comparison in section 3.1.
        lrn: local response normalisation after conv1 and conv2.
        overlapping: pool 3×3 every 2 pixels; False pools 2×2.
        remove: numbers of layers to leave out, of 3, 4, 6 and 7 (conv3, conv4, fc6, fc7), as in the ablation of
            M. Zeiler and R. Fergus, "Visualizing and understanding convolutional networks", ECCV 2014.
        width: scales the numbers of maps and units.
        stem: kernel and stride of conv1.
        dropout: rate after fc6 and fc7.
        kernel_initializer: None for the paper's: normal with deviation 0.01, made for the full width and fan-in.
            Biases of conv2, conv4, conv5, fc6 and fc7 start at 1, to feed ReLUs positive numbers; at 0 if the
            initialiser or the activation is another.
        classifier_activation: None gives logits.

    Raises:
        CourseError: if a layer cannot be removed or the image is too small.
    """
    if not set(remove) <= {3, 4, 6, 7}:
        raise CourseError(f"cannot remove layers {sorted(remove)}.", fix="choose among 3, 4, 6 and 7.")
    published = kernel_initializer is None
    normal = keras.initializers.RandomNormal(stddev=0.01) if published else kernel_initializer
    ones = "ones" if published and activation == "relu" else "zeros"
    window = 3 if overlapping else 2

    def maps(full: int) -> int:
        return groups * max(1, round(full * width / groups))

    def conv(x: Any, number: int, full: int, kernel: int = 3, bias: str = ones, **options: Any) -> Any:
        if number in remove:
            return x
        options = {"padding": "same", "bias_initializer": bias} | options
        return layers.Conv2D(
            maps(full), kernel, activation=activation, kernel_initializer=_own(normal), name=f"conv{number}", **options
        )(x)

    def dense(x: Any, number: int) -> Any:
        if number in remove:
            return x
        units, start = max(1, round(4096 * width)), _own(normal)
        x = layers.Dense(units, activation, kernel_initializer=start, bias_initializer=ones, name=f"fc{number}")(x)
        return layers.Dropout(dropout, name=f"fc{number}_dropout")(x)

    def pool(x: Any, number: int) -> Any:
        if min(x.shape[1:3]) < window:
            raise CourseError(
                f"nothing is left of an image of {input_shape} before pool{number}.",
                fix="enlarge it, or take smaller steps at first: stem=(5, 1).",
            )
        return layers.MaxPooling2D(window, 2, name=f"pool{number}")(x)

    kernel, stride = stem
    x = inputs = keras.Input(input_shape, name="image")
    x = conv(x, 1, 96, kernel, bias="zeros", strides=stride, padding="valid")
    x = LocalResponseNormalization(name="lrn1")(x) if lrn else x
    x = pool(x, 1)
    x = conv(x, 2, 256, 5, groups=groups)
    x = LocalResponseNormalization(name="lrn2")(x) if lrn else x
    x = pool(x, 2)
    x = conv(x, 3, 384, bias="zeros")
    x = conv(x, 4, 384, groups=groups)
    x = conv(x, 5, 256, groups=groups)
    x = pool(x, 5)
    x = layers.Flatten(name="flatten")(x)
    x = dense(x, 6)
    x = dense(x, 7)
    x = layers.Dense(classes, classifier_activation, kernel_initializer=_own(normal), name="fc8")(x)
    return keras.Model(inputs, x, name="alexnet")


def _own(initializer: Any) -> Any:
    """Return a copy, since an initialiser object gives every layer of one shape the same numbers."""
    found = keras.initializers.get(initializer)
    return found.clone()
