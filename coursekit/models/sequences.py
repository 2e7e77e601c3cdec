"""Layers for padded sentences: wide convolutions, folding and k-max pooling that carry the mask along.

Keras's own convolutions drop the mask. Here a window counts as soon as it holds one word, and what lies beyond a
sentence is zero, so that outputs do not depend on how much padding follows. Masks are bool of shape (batch, steps),
true for words, which come first. See Kalchbrenner, Grefenstette and Blunsom (2014), "A convolutional neural network for
modelling sentences", sections 3.1 to 3.5.
"""

from typing import Any

import keras
from keras import layers, ops

Shape = tuple[int | None, ...]


@keras.saving.register_keras_serializable("coursekit")
class WideConvolution1D(layers.Conv1D):  # type: ignore[misc]
    """A convolution over every window that holds at least one word.

    (batch, steps, channels) to (batch, steps + size − 1, filters), with size − 1 zeros before and after the sentence.
    """

    def __init__(self, filters: int, kernel_size: int, **options: Any) -> None:
        super().__init__(filters, kernel_size, **options)
        self.supports_masking = True

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """Return the responses of all windows."""
        return super().call(_surround(inputs, mask, self.kernel_size[0] - 1))

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Return the mask of the windows that hold a word."""
        return _extend(mask, self.kernel_size[0] - 1)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return (batch, steps + size − 1, filters)."""
        batch, steps, _ = input_shape
        return batch, steps and steps + self.kernel_size[0] - 1, self.filters


@keras.saving.register_keras_serializable("coursekit")
class RowConvolution1D(layers.Layer):  # type: ignore[misc]
    """A wide convolution along each row of a sentence by itself: rows meet only where they are folded.

    A sentence has ``rows`` rows (at first one for each number of a word's vector), each with several feature maps:
    (batch, steps, rows·maps before) to (batch, steps + size − 1, rows·maps). Each row has its own weights.
    """

    def __init__(self, rows: int, maps: int, kernel_size: int, **options: Any) -> None:
        super().__init__(**options)
        self.rows = rows
        self.maps = maps
        self.kernel_size = (kernel_size,)
        self.strides = (1,)
        self.supports_masking = True

    def build(self, input_shape: Shape) -> None:
        """Make the weights: those of Keras's ``Conv1D`` with ``groups=rows``, which TensorFlow has on GPUs only."""
        channels = input_shape[-1] or 0
        filters = self.rows * self.maps
        self.kernel = self.add_weight(shape=(*self.kernel_size, channels // self.rows, filters), name="kernel")
        self.bias = self.add_weight(shape=(filters,), initializer="zeros", name="bias")

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """Return the responses of all windows."""
        size = self.kernel_size[0]
        x = _surround(inputs, mask, size - 1)
        x = ops.reshape(x, (-1, ops.shape(x)[1], self.rows, x.shape[-1] // self.rows))
        kernel = ops.reshape(self.kernel, (size, -1, self.rows, self.maps))
        steps = ops.shape(inputs)[1] + size - 1
        windows = ops.stack([x[:, i : i + steps] for i in range(size)], axis=2)
        responses = ops.einsum("nswrc,wcrm->nsrm", windows, kernel)
        return ops.reshape(responses, (-1, steps, self.rows * self.maps)) + self.bias

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Return the mask of the windows that hold a word."""
        return _extend(mask, self.kernel_size[0] - 1)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return (batch, steps + size − 1, rows·maps)."""
        batch, steps, _ = input_shape
        return batch, steps and steps + self.kernel_size[0] - 1, self.rows * self.maps

    def get_config(self) -> dict[str, Any]:
        """Return what rebuilds the layer."""
        own = {"rows": self.rows, "maps": self.maps, "kernel_size": self.kernel_size[0]}
        return {**super().get_config(), **own}


@keras.saving.register_keras_serializable("coursekit")
class Folding(layers.Layer):  # type: ignore[misc]
    """The sum of every two neighbouring rows: (batch, steps, rows·maps) to (batch, steps, rows/2·maps)."""

    def __init__(self, rows: int, **options: Any) -> None:
        super().__init__(**options)
        self.rows = rows
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        """Return the sums."""
        maps = inputs.shape[-1] // self.rows
        pairs = ops.reshape(inputs, (-1, ops.shape(inputs)[1], self.rows // 2, 2, maps))
        return ops.reshape(ops.sum(pairs, axis=3), (-1, ops.shape(inputs)[1], self.rows // 2 * maps))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return the shape with half the channels."""
        *first, channels = input_shape
        return (*first, channels and channels // 2)

    def get_config(self) -> dict[str, Any]:
        """Return what rebuilds the layer."""
        return {**super().get_config(), "rows": self.rows}


@keras.saving.register_keras_serializable("coursekit")
class KMaxPooling1D(layers.Layer):  # type: ignore[misc]
    """The largest values of each channel over the sentence, in the order in which they stand.

    The inputs are [features (batch, steps, channels), words (batch,)], how many words each sentence has. With a
    ``share`` of 0 the k largest come out: (batch, k, channels), zeros where the sentence has fewer. Otherwise k is
    dynamic, max(k, ⌈share · words⌉) for each sentence: (batch, steps, channels), masked after its k values.
    """

    def __init__(self, k: int, share: float = 0.0, **options: Any) -> None:
        super().__init__(**options)
        self.k = k
        self.share = share
        self.supports_masking = True

    def call(self, inputs: list[Any], mask: list[Any] | None = None) -> Any:
        """Return the largest values."""
        features = inputs[0]
        kept, places, count = self._count(inputs, mask)
        low = ops.where(kept[..., None], features, ops.cast(float("-inf"), features.dtype))
        rank = ops.argsort(ops.argsort(-low, axis=1), axis=1)
        chosen = rank < count[:, None, None]
        # The chosen places keep their order and come before all others.
        behind = places[..., None] + ops.where(chosen, 0, ops.shape(features)[1])
        pooled = ops.take_along_axis(features, ops.argsort(behind, axis=1), axis=1)
        pooled = ops.where((places < count[:, None])[..., None], pooled, ops.zeros_like(pooled))
        return pooled if self.share else pooled[:, : self.k]

    def compute_mask(self, inputs: list[Any], mask: list[Any] | None = None) -> Any:
        """Return the mask of each sentence's own k values; none where k is the same for all."""
        if not self.share:
            return None
        _, places, count = self._count(inputs, mask)
        return places < count[:, None]

    def _count(self, inputs: list[Any], mask: list[Any] | None) -> tuple[Any, Any, Any]:
        """Return which steps are real and the number of each step (batch, steps), and k for each sentence (batch,)."""
        features, words = inputs
        kept = ops.ones_like(features[..., 0], dtype="bool") if mask is None or mask[0] is None else mask[0]
        places = ops.cumsum(ops.ones_like(kept, dtype="int32"), axis=1) - 1
        dynamic = ops.cast(ops.ceil(self.share * ops.cast(words, "float32")), "int32")
        real = ops.sum(ops.cast(kept, "int32"), axis=1)
        return kept, places, ops.minimum(ops.maximum(dynamic, self.k), real)

    def compute_output_shape(self, input_shape: list[Shape]) -> Shape:
        """Return (batch, k, channels), or the features' own shape where k is dynamic."""
        batch, steps, channels = input_shape[0]
        return batch, steps if self.share else self.k, channels

    def get_config(self) -> dict[str, Any]:
        """Return what rebuilds the layer."""
        return {**super().get_config(), "k": self.k, "share": self.share}


def _surround(features: Any, mask: Any, margin: int) -> Any:
    """Return the features with zeros for padding, and ``margin`` zeros before and after."""
    if mask is not None:
        features = ops.where(mask[..., None], features, ops.zeros_like(features))
    return ops.pad(features, [[0, 0], [margin, margin], [0, 0]])


def _extend(mask: Any, margin: int) -> Any:
    """Return the mask of windows: those that end on a word or up to ``margin`` steps after the last one."""
    return None if mask is None else ops.pad(mask, [[0, 0], [margin, 0]], constant_values=True)
