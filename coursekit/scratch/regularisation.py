"""Layers that behave differently in training and after it: dropout and batch normalisation."""

import numpy as np
from numpy.random import Generator

from coursekit.scratch.inputs import FloatArray, nonnegative
from coursekit.scratch.layer import Layer, Parameter


class Dropout(Layer):
    """In training, set each number to 0 with probability ``rate``; afterwards do nothing.

    Dropout is inverted: what stays is divided by ``1 - rate``, which keeps the expected value, so
    that nothing has to be rescaled after training.

    Args:
        rate: 0 to less than 1.
        rng: draws what is dropped, anew at each forward pass.

    Source: Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from overfitting".
    """

    def __init__(self, rate: float, rng: Generator) -> None:
        if not 0 <= rate < 1:
            raise ValueError(f"rate: got {rate}.\n  fix: pass the share to drop, from 0 to less than 1, e.g. 0.5.")
        self.rate, self._rng = float(rate), rng

    def forward(self, x: FloatArray, training: bool = False) -> FloatArray:
        """Map any shape to itself."""
        self._mask = None
        if training and self.rate > 0:
            keep = self._rng.random(x.shape, np.float32) >= self.rate
            self._mask = keep.astype(x.dtype) / (1 - self.rate)
        return x if self._mask is None else x * self._mask

    def backward(self, dout: FloatArray) -> FloatArray:
        """Scale gradients as the numbers were."""
        return dout if self._mask is None else dout * self._mask


class BatchNorm(Layer):
    """Give each feature mean 0 and variance 1, then a learned scale and shift.

    Features are the last axis; an image's are its channels, so that all its pixels count. In training,
    mean and variance are those of the mini-batch, through which gradients flow; running averages of
    them are kept, and used afterwards.

    Args:
        features: length of the last axis.
        momentum: share of the running averages that is kept at each step, 0 to less than 1. Until
            they have forgotten where they started, which takes several times ``1 / (1 - momentum)``
            steps, they are of no use.
        epsilon: added to the variance; keeps constant features finite.

    Source: Ioffe & Szegedy 2015, "Batch normalization".
    """

    def __init__(self, features: int, momentum: float = 0.9, epsilon: float = 1e-5) -> None:
        self.scale = Parameter(np.ones(features, np.float32))
        self.shift = Parameter(np.zeros(features, np.float32))
        self.parameters = (self.scale, self.shift)
        self.momentum, self.epsilon = nonnegative("momentum", momentum), nonnegative("epsilon", epsilon)
        self.mean = np.zeros(features, np.float32)
        self.variance = np.ones(features, np.float32)

    def forward(self, x: FloatArray, training: bool = False) -> FloatArray:
        """Map (..., features) to itself."""
        features = len(self.mean)
        if x.ndim < 2 or x.shape[-1] != features:
            raise ValueError(
                f"BatchNorm: expected shape (n, ..., {features}), got {x.shape}.\n"
                "  fix: make its features the units or channels of the layer before."
            )
        self._training = training
        mean, variance = self.mean, self.variance
        if training:
            axes = tuple(range(x.ndim - 1))
            mean, variance = x.mean(axis=axes), x.var(axis=axes)
            keep = self.momentum
            self.mean = (keep * self.mean + (1 - keep) * mean).astype(np.float32)
            self.variance = (keep * self.variance + (1 - keep) * variance).astype(np.float32)
        self._deviation = np.sqrt(variance + self.epsilon)
        self._normal = (x - mean) / self._deviation
        return np.asarray(self.scale.data * self._normal + self.shift.data)

    def backward(self, dout: FloatArray) -> FloatArray:
        """Return the gradient of the input; in training, mean and variance depend on all of the batch."""
        axes = tuple(range(dout.ndim - 1))
        self.scale.grad = (dout * self._normal).sum(axis=axes)
        self.shift.grad = dout.sum(axis=axes)
        dnormal = dout * self.scale.data
        if self._training:
            # Moving all inputs together, or stretching them, changes no output: those two parts go.
            along = (dnormal * self._normal).mean(axis=axes)
            dnormal = dnormal - dnormal.mean(axis=axes) - self._normal * along
        return np.asarray(dnormal / self._deviation)
