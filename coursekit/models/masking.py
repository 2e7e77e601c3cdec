"""Pooling over the real steps of a padded batch: how much padding follows changes no bit of the result.

Keras's own layers do not keep that: ``Conv1D`` drops the mask and ``GlobalMaxPooling1D`` ignores it, so that the
maximum of all-negative features becomes the padding's. See Kim (2014), "Convolutional Neural Networks for Sentence
Classification", on max-over-time pooling. Everything is ``keras.ops``: the same on every back end.
"""

from typing import Any

import keras
from keras import ops

LEVELS = 16  # of pairwise sums where the number of steps is not known beforehand: enough for 65,536


class _MaskedPooling1D(keras.layers.Layer):  # type: ignore[misc]
    """What both poolings share: the mask comes in, is used, and goes no further."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.supports_masking = True

    def compute_mask(self, inputs: Any, mask: Any = None) -> None:
        """Return no mask: of the steps nothing is left."""

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return (batch, channels)."""
        return input_shape[0], input_shape[2]


@keras.saving.register_keras_serializable("coursekit")
class MaskedMaxPooling1D(_MaskedPooling1D):
    """The maximum over the steps where ``mask`` is true: (batch, steps, channels) to (batch, channels).

    A row of nothing but padding gives 0, and gradients of 0. Without a mask every step counts. The mask, bool of shape
    (batch, steps), arrives with the inputs or is passed: ``MaskedMaxPooling1D()(features, mask=mask)``.
    """

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """Return the maxima."""
        if mask is None:
            return ops.max(inputs, axis=1)
        kept = ops.expand_dims(ops.cast(mask, "bool"), -1)
        largest = ops.max(ops.where(kept, inputs, ops.cast(float("-inf"), inputs.dtype)), axis=1)
        return ops.where(ops.any(kept, axis=1), largest, ops.zeros_like(largest))


@keras.saving.register_keras_serializable("coursekit")
class MaskedAveragePooling1D(_MaskedPooling1D):
    """The mean over the steps where ``mask`` is true: (batch, steps, channels) to (batch, channels).

    A row of nothing but padding gives 0, and gradients of 0. Without a mask every step counts. The mask, bool of shape
    (batch, steps), arrives with the inputs or is passed: ``MaskedAveragePooling1D()(features, mask=mask)``.
    """

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """Return the means."""
        if mask is None:
            mask = ops.ones_like(inputs[..., 0], dtype="bool")
        kept = ops.expand_dims(ops.cast(mask, "bool"), -1)
        total = sum_in_pairs(ops.where(kept, inputs, ops.zeros_like(inputs)))
        count = ops.sum(ops.cast(kept, "int32"), axis=1)
        return total / ops.cast(ops.maximum(count, 1), inputs.dtype)


def sum_in_pairs(x: Any) -> Any:
    """Return the sum over the steps of x (batch, steps, channels), not depending on zeros that follow.

    Neighbours are added, then neighbouring sums, and so on. `ops.sum` splits the steps as suits their number, so that
    zeros at the end change the order of the additions, and with it the last digits.
    """
    steps = x.shape[1]
    for _ in range(LEVELS if steps is None else max(steps - 1, 0).bit_length()):
        x = x[:, ::2] + ops.concatenate([x, ops.zeros_like(x[:, :1])], axis=1)[:, 1::2]
    return ops.sum(x, axis=1)
