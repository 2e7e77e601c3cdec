"""A layer that Keras lacks: a tint over the whole image."""

from typing import Any

import keras


@keras.saving.register_keras_serializable("coursekit")
class ColourCast(keras.layers.Layer):  # type: ignore[misc]
    """Add to each channel of each image a number of its own, in training; keep within 0 … 1.

    Args:
        reach: numbers are uniform in ±reach.
        seed: of the numbers.
    """

    def __init__(self, reach: float = 0.1, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.reach, self.seed = reach, seed
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, images: Any, training: bool = True) -> Any:
        """Return images of the same shape, (n, height, width, channels)."""
        if not training:
            return images
        shape = (keras.ops.shape(images)[0], 1, 1, images.shape[-1])
        cast = keras.random.uniform(shape, -self.reach, self.reach, dtype=images.dtype, seed=self.generator)
        return keras.ops.clip(images + cast, 0.0, 1.0)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the input's shape."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Return what rebuilds it."""
        own: dict[str, Any] = {"reach": self.reach, "seed": self.seed}
        return {**super().get_config(), **own}
