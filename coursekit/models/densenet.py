"""DenseNet: every layer sees the feature maps of all layers before it, and adds a few of its own.

G. Huang, Z. Liu, L. van der Maaten, K. Weinberger, "Densely connected convolutional networks", CVPR 2017: figure 2,
table 1 and section 3.
"""

from typing import Any

import keras
from keras import layers


def densenet(
    input_shape: tuple[int, int, int],
    classes: int,
    *,
    blocks: tuple[int, ...],
    growth: int = 32,
    bottleneck: bool = True,
    compression: float = 0.5,
    first_maps: int | None = None,
    small_images: bool = False,
    dropout: float = 0.0,
    epsilon: float = 1e-5,
    classifier_activation: str | None = "softmax",
) -> keras.Model:
    """Build the networks of the paper's tables 1 and 2.

    Args:
        input_shape: (rows, columns, channels); 224×224×3 in the paper, anything from 32×32 works; with
            ``small_images`` 32×32×3 in the paper, anything from 4×4 works with three blocks.
        classes: how many.
        blocks: how many layers each dense block has.
        growth: k, the feature maps that each layer adds.
        bottleneck: a 1×1 convolution to 4k feature maps comes before each 3×3 one (the B of DenseNet-BC).
        compression: θ, the share of feature maps that a transition keeps (the C; 1 without).
        first_maps: feature maps of the first convolution; 2k unless told.
        small_images: the first convolution is 3×3 without stride, and no pooling follows (CIFAR). The paper's
            DenseNet-BC with L = 100, k = 12 is ``blocks=(16, 16, 16), growth=12, small_images=True``.
        dropout: share dropped after each layer; 0.2 in the paper where images are not augmented.
        epsilon: what batch normalisation adds to the variance; keras.applications has 1.001e-5.
        classifier_activation: ``None`` for scores.
    """
    image = keras.Input(input_shape, name="image")
    maps = first_maps or 2 * growth
    if small_images:
        x = _convolution(image, maps, 3, "conv1")
    else:
        x = layers.ZeroPadding2D(3, name="conv1_pad")(image)
        x = _convolution(x, maps, 7, "conv1", strides=2, padding="valid")
        x = _normalise(x, epsilon, "conv1")
        x = layers.ZeroPadding2D(1, name="pool1_pad")(x)
        x = layers.MaxPooling2D(3, 2, name="pool1")(x)

    for block, count in enumerate(blocks, start=1):
        if block > 1:
            x = transition(x, int(x.shape[-1] * compression), epsilon, f"transition{block - 1}")
        for i in range(1, count + 1):
            x = dense_layer(x, growth, bottleneck, dropout, epsilon, f"dense{block}_{i}")

    x = _normalise(x, epsilon, "last")
    x = layers.GlobalAveragePooling2D(name="average")(x)
    # In float32 under mixed precision, too: half precision loses small probabilities.
    scores = layers.Dense(classes, classifier_activation, name="classifier", dtype="float32")(x)
    depth = 1 + sum(blocks) * (2 if bottleneck else 1) + len(blocks)
    return keras.Model(image, scores, name=f"densenet{depth}")


def dense_layer(x: Any, growth: int, bottleneck: bool, dropout: float, epsilon: float, name: str) -> Any:
    """Return x with ``growth`` feature maps more: BN, ReLU, (1×1 convolution, BN, ReLU,) 3×3 convolution."""
    new = _normalise(x, epsilon, f"{name}_1")
    if bottleneck:
        new = _convolution(new, 4 * growth, 1, f"{name}_conv1")
        new = _normalise(new, epsilon, f"{name}_2")
    new = _convolution(new, growth, 3, f"{name}_conv2")
    if dropout:
        new = layers.Dropout(dropout, name=f"{name}_dropout")(new)
    return layers.Concatenate(name=f"{name}_concat")([x, new])


def transition(x: Any, filters: int, epsilon: float, name: str) -> Any:
    """Mix the feature maps down to ``filters`` and halve both sides."""
    x = _normalise(x, epsilon, name)
    x = _convolution(x, filters, 1, f"{name}_conv")
    return layers.AveragePooling2D(2, name=f"{name}_pool")(x)


def _normalise(x: Any, epsilon: float, name: str) -> Any:
    # Keras's momentum of 0.99 averages over more steps than a short training has.
    x = layers.BatchNormalization(momentum=0.9, epsilon=epsilon, name=f"{name}_bn")(x)
    return layers.ReLU(name=f"{name}_relu")(x)


def _convolution(x: Any, filters: int, size: int, name: str, strides: int = 1, padding: str = "same") -> Any:
    return layers.Conv2D(filters, size, strides, padding, use_bias=False, kernel_initializer="he_normal", name=name)(x)
