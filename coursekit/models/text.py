"""Two networks for sentences: Kim's, one convolution and the maximum over time, and Kalchbrenner's DCNN.

Y. Kim, "Convolutional neural networks for sentence classification", EMNLP 2014: figure 1, section 2.
N. Kalchbrenner, E. Grefenstette, P. Blunsom, "A convolutional neural network for modelling sentences", ACL 2014:
figure 3, section 3.

Sentences are rows of word numbers, padded at their end with 0. How much padding follows does not change the output.
"""

from typing import Any, Literal

import keras
from keras import layers, ops

from coursekit.errors import CourseError
from coursekit.models.masking import MaskedMaxPooling1D
from coursekit.models.sequences import Folding, KMaxPooling1D, RowConvolution1D, WideConvolution1D

# Kim's variants: whether each channel of word vectors goes on learning.
LEARNED = {"rand": [True], "static": [False], "non-static": [True], "multichannel": [False, True]}


def textcnn(
    input_shape: tuple[int | None],
    classes: int,
    *,
    vocabulary: int = 10_000,
    dimension: int = 300,
    variant: Literal["rand", "static", "non-static", "multichannel"] = "rand",
    vectors: Any = None,
    windows: tuple[int, ...] = (3, 4, 5),
    maps: int = 100,
    dropout: float = 0.5,
    max_norm: float = 3.0,
    classifier_activation: str | None = "softmax",
) -> keras.Model:
    """Build Kim's network: each filter's strongest response, wherever in the sentence it is, and a classifier.

    Args:
        input_shape: (words,) of a padded sentence; (None,) takes any number.
        classes: how many.
        vocabulary: how many word numbers there are, 0 for padding included.
        dimension: length of a word's vector.
        variant: where the words' vectors come from. "rand" learns them; "static" keeps given ones; "non-static" goes on
            from given ones; "multichannel" has both side by side, one channel kept and one learned.
        vectors: the given ones, (vocabulary, dimension).
        windows: how many words the filters see.
        maps: filters of each window.
        dropout: share of the responses dropped in training.
        max_norm: the longest that a class's weights may be.
        classifier_activation: ``None`` for scores.

    Raises:
        CourseError: a variant there is not, one that needs vectors without any, or the other way round.
    """
    if variant not in LEARNED:
        raise CourseError(f"there is no variant={variant!r}.", fix=f"take one of {', '.join(LEARNED)}.")
    if (vectors is None) != (variant == "rand"):
        problem = f"variant={variant!r} {'needs given' if vectors is None else 'takes no given'} word vectors."
        raise CourseError(problem, fix='pass vectors=… with "static", "non-static" or "multichannel", and only there.')

    words = keras.Input(input_shape, dtype="int32", name="words")
    channels = [_embed(vocabulary, dimension, trainable) for trainable in LEARNED[variant]]
    embedded = [channel(words) for channel in channels]
    x = layers.Concatenate(name="channels")(embedded) if len(channels) > 1 else embedded[0]
    strongest = []
    for size in windows:
        f = WideConvolution1D(maps, size, activation="relu", name=f"window{size}")(x)
        strongest.append(MaskedMaxPooling1D(name=f"strongest{size}")(f))
    x = layers.Concatenate(name="strongest")(strongest) if len(strongest) > 1 else strongest[0]
    x = layers.Dropout(dropout, name="dropout")(x)
    limit = keras.constraints.MaxNorm(max_norm, axis=0)
    classifier = layers.Dense(
        classes, classifier_activation, kernel_constraint=limit, name="classifier", dtype="float32"
    )
    model = keras.Model(words, classifier(x), name="textcnn")
    if vectors is not None:
        for channel in channels:
            channel.set_weights([vectors])
    return model


def dcnn(
    input_shape: tuple[int | None],
    classes: int,
    *,
    vocabulary: int = 10_000,
    dimension: int = 48,
    windows: tuple[int, ...] = (7, 5),
    maps: tuple[int, ...] = (6, 14),
    top_k: int = 4,
    dropout: float = 0.5,
    classifier_activation: str | None = "softmax",
) -> keras.Model:
    """Build the DCNN: wide convolution along each row, folding, dynamic k-max pooling, tanh, and all of it again.

    Layer l of L keeps k = max(top_k, ⌈(L − l)/L · words⌉) values of each row, the last one ``top_k``. The defaults are
    those of the paper for two classes; for five: ``windows=(10, 7), maps=(6, 12), top_k=5``.

    Args:
        input_shape: (words,) of a padded sentence; (None,) takes any number.
        classes: how many.
        vocabulary: how many word numbers there are, 0 for padding included.
        dimension: length of a word's vector; each layer halves it.
        windows: how many steps the filters of each layer see.
        maps: feature maps of each layer.
        top_k: how many values of each row reach the classifier.
        dropout: share of them dropped in training.
        classifier_activation: ``None`` for scores.

    Raises:
        CourseError: a dimension that cannot be halved as often as there are layers.
    """
    if dimension % 2 ** len(windows) or len(windows) != len(maps):
        raise CourseError(
            f"dimension={dimension}, windows={windows} and maps={maps} do not fit.",
            fix=f"each layer needs its window and its maps, and halves the dimension: take {16 * 2 ** len(windows)}.",
        )
    sentence = keras.Input(input_shape, dtype="int32", name="words")
    length = ops.sum(ops.cast(ops.not_equal(sentence, 0), "int32"), axis=1)
    x = _embed(vocabulary, dimension, trainable=True)(sentence)
    rows, depth = dimension, len(windows)
    for i, (size, count) in enumerate(zip(windows, maps, strict=True), start=1):
        x = RowConvolution1D(rows, count, size, name=f"conv{i}")(x)
        x = Folding(rows, name=f"fold{i}")(x)
        rows //= 2
        x = KMaxPooling1D(top_k, (depth - i) / depth, name=f"pool{i}")([x, length])
        x = layers.Activation("tanh", name=f"tanh{i}")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dropout(dropout, name="dropout")(x)
    scores = layers.Dense(classes, classifier_activation, name="classifier", dtype="float32")(x)
    return keras.Model(sentence, scores, name="dcnn")


def _embed(vocabulary: int, dimension: int, trainable: bool) -> Any:
    """Return the table of word vectors, from −0.25 to 0.25 as Kim draws them; it masks 0."""
    spread = keras.initializers.RandomUniform(-0.25, 0.25)
    name = "embedding" if trainable else "embedding_kept"
    return layers.Embedding(vocabulary, dimension, spread, mask_zero=True, trainable=trainable, name=name)
