"""A network that hears by looking: a spectrogram is an image of time by frequency.

T. Sainath, C. Parada, "Convolutional neural networks for small-footprint keyword spotting", Interspeech 2015: table 1,
"cnn-trad-fpool3". Its filters are long in time and short in frequency, and only frequencies are pooled: the same word
at another pitch is the same word, the same sounds in another order are not.
"""

import keras
from keras import layers

from coursekit.errors import CourseError

Pair = tuple[int, int]


def spectrogram_cnn(
    input_shape: tuple[int, int, int],
    classes: int,
    *,
    maps: int = 64,
    kernels: tuple[Pair, Pair] = ((20, 8), (10, 4)),
    pool: Pair = (1, 3),
    linear: int = 32,
    hidden: int = 128,
    dropout: float = 0.0,
    classifier_activation: str | None = "softmax",
) -> keras.Model:
    """Build two convolutions, a linear layer that saves parameters, a hidden layer and a classifier.

    Args:
        input_shape: (times, frequencies, 1); 32 frames by 40 mel bands in the paper. Smaller ones need other kernels.
        classes: how many.
        maps: feature maps of both convolutions.
        kernels: (times, frequencies) that the filters of each convolution see, without padding.
        pool: (times, frequencies) of the max pooling between them.
        linear: units of the linear layer.
        hidden: units of the hidden layer.
        dropout: share of the hidden units dropped in training.
        classifier_activation: ``None`` for scores.

    Raises:
        CourseError: a spectrogram that the kernels do not fit into.
    """
    _check_fit(input_shape, kernels, pool)
    spectrogram = keras.Input(input_shape, name="spectrogram")
    x = layers.Conv2D(maps, kernels[0], activation="relu", name="conv1")(spectrogram)
    x = layers.MaxPooling2D(pool, name="pool1")(x)
    x = layers.Conv2D(maps, kernels[1], activation="relu", name="conv2")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(linear, name="linear")(x)
    x = layers.Dense(hidden, "relu", name="hidden")(x)
    if dropout:
        x = layers.Dropout(dropout, name="dropout")(x)
    scores = layers.Dense(classes, classifier_activation, name="classifier", dtype="float32")(x)
    return keras.Model(spectrogram, scores, name="spectrogram_cnn")


def _check_fit(input_shape: tuple[int, int, int], kernels: tuple[Pair, Pair], pool: Pair) -> None:
    for axis, kind in enumerate(("times", "frequencies")):
        least = kernels[0][axis] - 1 + kernels[1][axis] * pool[axis]
        if input_shape[axis] < least:
            raise CourseError(
                f"the spectrogram has {input_shape[axis]} {kind}, and kernels={kernels} need {least}.",
                fix="pass smaller kernels, such as kernels=((5, 5), (3, 3)).",
            )
