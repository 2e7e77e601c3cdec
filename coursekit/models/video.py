"""Networks for videos: where along the layers do frames of different times meet?

D. Tran et al., "Learning spatiotemporal features with 3D convolutional networks", ICCV 2015 (C3D): figure 3; and
A. Karpathy et al., "Large-scale video classification with convolutional neural networks", CVPR 2014: figure 1.
"""

from typing import Any, Literal

import keras
from keras import layers

from coursekit.errors import CourseError

Fusion = Literal["3d", "early", "late", "single"]
FUSIONS = ("3d", "early", "late", "single")


@keras.saving.register_keras_serializable("coursekit")
class Frame(layers.Layer):  # type: ignore[misc]
    """One frame of each video: (batch, frames, rows, columns, channels) to (batch, rows, columns, channels)."""

    def __init__(self, index: int, **options: Any) -> None:
        super().__init__(**options)
        self.index = index

    def call(self, videos: Any) -> Any:
        """Return the frames."""
        return videos[:, self.index]

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape without its frames."""
        return (input_shape[0], *input_shape[2:])

    def get_config(self) -> dict[str, Any]:
        """Return what rebuilds the layer."""
        return {**super().get_config(), "index": self.index}


def conv3d_video(
    input_shape: tuple[int, int, int, int],
    classes: int,
    *,
    fusion: Fusion = "3d",
    maps: tuple[int, ...] = (16, 32, 64),
    hidden: int = 128,
    dropout: float = 0.5,
    classifier_activation: str | None = "softmax",
) -> keras.Model:
    """Build C3D in miniature, or one of the ways to look at a video with convolutions over rows and columns alone.

    Args:
        input_shape: (frames, rows, columns, channels); every layer halves the rows and columns.
        classes: how many.
        fusion: "3d" convolves 3×3×3 over time, too, as C3D does: frames meet little by little. "early" takes all frames
            as channels of one image. "late" looks at the first and at the last frame with the same filters, and only
            the hidden layer sees both. "single" looks at the middle frame: what can be told without motion.
        maps: feature maps of each convolution; (64, 128, 256, 256, 256) in C3D's first experiments.
        hidden: units of the hidden layer.
        dropout: share of them dropped in training.
        classifier_activation: ``None`` for scores.

    Raises:
        CourseError: a fusion there is not.
    """
    if fusion not in FUSIONS:
        raise CourseError(f"there is no fusion={fusion!r}.", fix=f"take one of {', '.join(FUSIONS)}.")
    frames, rows, columns, channels = input_shape
    video = keras.Input(input_shape, name="video")
    if fusion == "3d":
        x = _spacetime_tower(video, maps)
    elif fusion == "early":
        x = layers.Permute((2, 3, 1, 4), name="time_last")(video)
        x = layers.Reshape((rows, columns, frames * channels), name="times_as_channels")(x)
        x = _tower((rows, columns, frames * channels), maps)(x)
    elif fusion == "late":
        tower = _tower((rows, columns, channels), maps)
        ends = [tower(Frame(0, name="first")(video)), tower(Frame(frames - 1, name="last")(video))]
        x = layers.Concatenate(name="fusion")(ends)
    else:
        x = _tower((rows, columns, channels), maps)(Frame(frames // 2, name="middle")(video))
    x = layers.Dense(hidden, "relu", kernel_initializer="he_normal", name="hidden")(x)
    x = layers.Dropout(dropout, name="dropout")(x)
    scores = layers.Dense(classes, classifier_activation, name="classifier", dtype="float32")(x)
    return keras.Model(video, scores, name="conv3d_video")


def _spacetime_tower(x: Any, maps: tuple[int, ...]) -> Any:
    """Convolve and pool over time, rows and columns; the first pooling keeps all times, as in C3D."""
    for i, filters in enumerate(maps, start=1):
        x = layers.Conv3D(
            filters, 3, padding="same", activation="relu", kernel_initializer="he_normal", name=f"conv{i}"
        )(x)
        # Short videos run out of times before they run out of rows.
        times = 1 if i == 1 or x.shape[1] < 2 else 2
        x = layers.MaxPooling3D((times, 2, 2), name=f"pool{i}")(x)
    return layers.Flatten(name="flatten")(x)


def _tower(input_shape: tuple[int, int, int], maps: tuple[int, ...]) -> keras.Model:
    """Return the same stack for images, to be used on one or on several of them."""
    image = keras.Input(input_shape)
    x = image
    for i, filters in enumerate(maps, start=1):
        x = layers.Conv2D(
            filters, 3, padding="same", activation="relu", kernel_initializer="he_normal", name=f"conv{i}"
        )(x)
        x = layers.MaxPooling2D(2, name=f"pool{i}")(x)
    return keras.Model(image, layers.Flatten(name="flatten")(x), name="tower")
