"""LeNet-1 and LeNet-5 as published, and LeNet-5 as it is built today.

LeNet-5: Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document recognition",
Proceedings of the IEEE 86, 1998, section II-B. 60,000 trainable parameters on images of 32×32:

    C1  6@28×28   156        C3  16@10×10  1,516      C5  120@1×1   48,120      output  10 radial basis functions
    S2  6@14×14    12        S4  16@5×5       32      F6  84        10,164              with fixed codes

LeNet-1: Y. LeCun et al., "Handwritten digit recognition with a back-propagation network", NIPS 1989. 2,578 parameters
on images of 28×28:

    H1  4@24×24   104        H3  12@8×8      512      output  10     1,930
    H2  4@12×12     8        H4  12@4×4       24

The authors feed images whose paper is −0.1 and whose ink is 1.175, so that pixels have mean 0 and variance near 1.
"""

from typing import Any

import keras
from keras import layers

from coursekit.errors import CourseError
from coursekit.models.digit_codes import digit_codes
from coursekit.models.layers import RBF, PartialConv2D, TrainableSubsampling, scaled_tanh

# Which of S2's maps (rows) each map of C3 (columns) sees: table I of the paper.
C3_TABLE = (
    "X...XXX..XXXX.XX",
    "XX...XXX..XXXX.X",
    "XXX...XXX..X.XXX",
    ".XXX..XXXX..X.XX",
    "..XXX..XXXX.XX.X",
    "...XXX..XXXX.XXX",
)
# LeNet-1: which of H2's maps each map of H3 sees; 20 connections.
H3_TABLE = (
    "XXX.XX......",
    ".XXXXX......",
    "......XXX.XX",
    ".......XXXXX",
)


def lenet1(
    input_shape: tuple[int, int, int] = (28, 28, 1), classes: int = 10, *, classifier_activation: Any = "softmax"
) -> Any:
    """Return LeNet-1.

    One deviation: its ten outputs were squashed like every other layer and trained to ±1 by squared error; here they
    end in a softmax. ``classifier_activation=coursekit.models.layers.scaled_tanh`` gives the published ones.
    """
    _require_size(input_shape, (28,))
    x = inputs = keras.Input(input_shape, name="image")
    x = _convolution(x, 4, "h1")
    x = TrainableSubsampling(2, scaled_tanh, _uniform(4), name="h2")(x)
    x = PartialConv2D(H3_TABLE, 5, scaled_tanh, _uniform(25 * 20 / 12), name="h3")(x)
    x = TrainableSubsampling(2, scaled_tanh, _uniform(4), name="h4")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(classes, classifier_activation, kernel_initializer=_uniform(192), name="output")(x)
    return keras.Model(inputs, x, name="lenet1")


def lenet5(
    input_shape: tuple[int, int, int] = (32, 32, 1),
    classes: int = 10,
    *,
    modern: bool = False,
    classifier_activation: Any = "softmax",
) -> Any:
    """Return LeNet-5.

    The radial basis functions give a distance to each class's code, and the scores are minus the distances, so that
    the largest wins. A softmax over them with cross-entropy is the paper's criterion (equation 9) without its constant
    for rubbish. The codes are drawn by us in the paper's format: see ``coursekit.models.digit_codes``.

    Args:
        input_shape: 32×32, or 28×28, which C1 then pads by two pixels.
        classes: 10, unless modern.
        modern: ReLU, max-pooling, all connections in C3 and a dense output layer: 61,706 parameters. Takes any size
            from 32×32 and any number of channels.
        classifier_activation: None gives logits.

    Raises:
        CourseError: if the published network is asked for another size or number of classes.
    """
    if modern:
        return _modern_lenet5(input_shape, classes, classifier_activation)
    _require_size(input_shape, (28, 32))
    if classes != 10:
        raise CourseError(
            f"LeNet-5's output codes are pictures of ten digits, not of {classes} classes.",
            fix="pass modern=True for a dense output layer.",
        )
    x = inputs = keras.Input(input_shape, name="image")
    x = _convolution(x, 6, "c1", "same" if input_shape[0] == 28 else "valid")
    x = TrainableSubsampling(2, scaled_tanh, _uniform(4), name="s2")(x)
    x = PartialConv2D(C3_TABLE, 5, scaled_tanh, _uniform(25 * 60 / 16), name="c3")(x)
    x = TrainableSubsampling(2, scaled_tanh, _uniform(4), name="s4")(x)
    x = _convolution(x, 120, "c5")
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(84, scaled_tanh, kernel_initializer=_uniform(120), name="f6")(x)
    x = RBF(digit_codes(), name="output")(x)
    x = layers.Rescaling(-1.0, name="score")(x)
    x = layers.Activation(classifier_activation, name="classifier")(x)
    return keras.Model(inputs, x, name="lenet5")


def _modern_lenet5(input_shape: tuple[int, int, int], classes: int, classifier_activation: Any) -> Any:
    padding = "same" if input_shape[:2] == (28, 28) else "valid"
    x = inputs = keras.Input(input_shape, name="image")
    x = layers.Conv2D(6, 5, padding=padding, activation="relu", name="c1")(x)
    x = layers.MaxPooling2D(2, name="s2")(x)
    x = layers.Conv2D(16, 5, activation="relu", name="c3")(x)
    x = layers.MaxPooling2D(2, name="s4")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(120, activation="relu", name="c5")(x)
    x = layers.Dense(84, activation="relu", name="f6")(x)
    x = layers.Dense(classes, classifier_activation, name="output")(x)
    return keras.Model(inputs, x, name="lenet5_modern")


def _convolution(x: Any, maps: int, name: str, padding: str = "valid") -> Any:
    fan_in = 25 * x.shape[-1]
    return layers.Conv2D(
        maps, 5, padding=padding, activation=scaled_tanh, kernel_initializer=_uniform(fan_in), name=name
    )(x)


def _uniform(fan_in: float) -> Any:
    """Return the paper's initialiser: between −2.4/F and 2.4/F, for F inputs (their mean, where maps differ)."""
    return keras.initializers.RandomUniform(-2.4 / fan_in, 2.4 / fan_in)


def _require_size(input_shape: tuple[int, ...], sizes: tuple[int, ...]) -> None:
    if len(input_shape) != 3 or input_shape[0] != input_shape[1] or input_shape[0] not in sizes:
        wanted = " or ".join(f"{n}×{n}×channels" for n in sizes)
        raise CourseError(
            f"the published network reads {wanted}, not {input_shape}.",
            fix='resize the images, or build("lenet5", modern=True), which takes any size from 32×32.',
        )
