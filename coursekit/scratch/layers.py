"""Layers: forward and backward beside each other. What all have in common is in `Layer`.

Images are (n, rows, columns, channels). Layers that start at random take ``rng``, NumPy's generator,
so that a network is the same whenever its seed is. Weights are float32; float32 stays float32.
"""

import numpy as np
from numpy.random import Generator

from coursekit.scratch.convolution import ConvCache, conv2d, conv2d_backward
from coursekit.scratch.initialisation import Initializer, he
from coursekit.scratch.inputs import FloatArray
from coursekit.scratch.layer import Layer, Parameter
from coursekit.scratch.pooling import Kind, PoolCache, pool2d, pool2d_backward
from coursekit.scratch.regularisation import BatchNorm, Dropout
from coursekit.scratch.windows import Pair, pair

__all__ = [
    "Affine",
    "BatchNorm",
    "Conv2D",
    "Dropout",
    "Flatten",
    "Layer",
    "Parameter",
    "Pool2D",
    "ReLU",
    "Sigmoid",
    "Tanh",
]


class Affine(Layer):
    """Fully connected: ``x @ weights + bias``.

    Args:
        inputs: features of an example.
        outputs: units.
        rng: draws the weights.
        init: `he` for units before a ReLU, `xavier` for others.
    """

    def __init__(self, inputs: int, outputs: int, rng: Generator, init: Initializer = he) -> None:
        self.weights = Parameter(init((inputs, outputs), rng))
        self.bias = Parameter(np.zeros(outputs, np.float32))
        self.parameters = (self.weights, self.bias)

    def forward(self, x: FloatArray, training: bool = False) -> FloatArray:
        """Map (n, inputs) to (n, outputs)."""
        expected = len(self.weights.data)
        if x.ndim != 2 or x.shape[1] != expected:
            raise ValueError(
                f"Affine: expected shape (n, {expected}), got {x.shape}.\n"
                "  fix: put Flatten() before the first Affine, and make its inputs rows * columns * channels of "
                "what arrives there."
            )
        self._x = x
        return np.asarray(x @ self.weights.data + self.bias.data)

    def backward(self, dout: FloatArray) -> FloatArray:
        """Map (n, outputs) to (n, inputs)."""
        self.weights.grad = self._x.T @ dout
        self.bias.grad = dout.sum(axis=0)
        return np.asarray(dout @ self.weights.data.T)


class Conv2D(Layer):
    """Convolution: see `coursekit.scratch.convolution.conv2d`.

    Args:
        c_in: channels of the input.
        c_out: kernels, which are channels of the output.
        kernel: its size, one number or (rows, columns).
        rng: draws the weights.
        stride: one number or (rows, columns).
        pad: zeros on each side, one number or (rows, columns).
        init: `he` for units before a ReLU, `xavier` for others.
    """

    _cache: ConvCache

    def __init__(
        self,
        c_in: int,
        c_out: int,
        kernel: Pair,
        rng: Generator,
        stride: Pair = 1,
        pad: Pair = 0,
        init: Initializer = he,
    ) -> None:
        self.weights = Parameter(init((*pair("kernel", kernel), c_in, c_out), rng))
        self.bias = Parameter(np.zeros(c_out, np.float32))
        self.parameters = (self.weights, self.bias)
        self.stride, self.pad = stride, pad

    def forward(self, x: FloatArray, training: bool = False) -> FloatArray:
        """Map (n, rows, columns, c_in) to (n, out_rows, out_columns, c_out)."""
        out, self._cache = conv2d(x, self.weights.data, self.bias.data, self.stride, self.pad)
        return out

    def backward(self, dout: FloatArray) -> FloatArray:
        """Map a gradient of the output's shape to one of the input's."""
        dx, self.weights.grad, self.bias.grad = conv2d_backward(dout, self._cache)
        return dx


class Pool2D(Layer):
    """Pooling: see `coursekit.scratch.pooling.pool2d`.

    Args:
        size: the window, one number or (rows, columns).
        stride: from one window to the next; None for the size.
        kind: "max", "average", "l2", "gaussian" or "disc".
    """

    _cache: PoolCache

    def __init__(self, size: Pair, stride: Pair | None = None, kind: Kind = "max") -> None:
        self.size, self.stride, self.kind = size, stride, kind

    def forward(self, x: FloatArray, training: bool = False) -> FloatArray:
        """Map (n, rows, columns, channels) to (n, out_rows, out_columns, channels)."""
        out, self._cache = pool2d(x, self.size, self.stride, self.kind)
        return out

    def backward(self, dout: FloatArray) -> FloatArray:
        """Map a gradient of the output's shape to one of the input's."""
        return pool2d_backward(dout, self._cache)


class Flatten(Layer):
    """All numbers of an example in one row."""

    def forward(self, x: FloatArray, training: bool = False) -> FloatArray:
        """Map (n, ...) to (n, features)."""
        self._shape = x.shape
        return x.reshape(len(x), -1)

    def backward(self, dout: FloatArray) -> FloatArray:
        """Map (n, features) to (n, ...)."""
        return dout.reshape(self._shape)


class ReLU(Layer):
    """max(0, x). At 0, where it has a corner, the derivative taken is 0."""

    def forward(self, x: FloatArray, training: bool = False) -> FloatArray:
        """Map any shape to itself."""
        self._on = x > 0
        return np.maximum(x, 0)

    def backward(self, dout: FloatArray) -> FloatArray:
        """Let gradients through where the unit is on."""
        return dout * self._on


class Tanh(Layer):
    """The hyperbolic tangent, from -1 to 1; its slope is 1 - tanh², at most 1."""

    def forward(self, x: FloatArray, training: bool = False) -> FloatArray:
        """Map any shape to itself."""
        self._out = np.tanh(x)
        return self._out

    def backward(self, dout: FloatArray) -> FloatArray:
        """Scale gradients by the slope."""
        return np.asarray(dout * (1 - self._out**2))


class Sigmoid(Layer):
    """1 / (1 + exp(-x)), from 0 to 1; its slope is s (1 - s), at most a quarter."""

    def forward(self, x: FloatArray, training: bool = False) -> FloatArray:
        """Map any shape to itself."""
        self._out = np.asarray((1 + np.tanh(x / 2)) / 2)  # the same function, and it cannot overflow
        return self._out

    def backward(self, dout: FloatArray) -> FloatArray:
        """Scale gradients by the slope."""
        return np.asarray(dout * self._out * (1 - self._out))
