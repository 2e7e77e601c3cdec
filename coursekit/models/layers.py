"""Layers that the old networks need and Keras lacks. All compute with ``keras.ops``, so any back end runs them."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from coursekit.errors import CourseError

Shape = tuple[int | None, ...]


@keras.saving.register_keras_serializable("coursekit")  # type: ignore[untyped-decorator]
def scaled_tanh(x: Any) -> Any:
    """Return A·tanh(S·x), A = 1.7159, S = 2/3: about ±1 at ±1, where its curvature is largest (LeCun et al. 1998)."""
    return 1.7159 * ops.tanh(2.0 / 3.0 * x)


@keras.saving.register_keras_serializable("coursekit")
class LocalResponseNormalization(keras.layers.Layer):  # type: ignore[misc]
    """Divide each value by (bias + alpha · Σ a²)^beta, the sum over `window` neighbouring maps at its place.

    Section 3.3 of Krizhevsky, Sutskever and Hinton, 2012, with their constants. At the ends the sum has fewer terms.
    Some libraries divide alpha by the window; the paper does not.
    """

    def __init__(self, window: int = 5, bias: float = 2.0, alpha: float = 1e-4, beta: float = 0.75, **kwargs: Any):
        super().__init__(**kwargs)
        if window < 1 or window % 2 == 0:
            raise CourseError(f"the window of {self.name} is {window} maps.", fix="take an odd number: 5 in the paper.")
        self.window, self.bias, self.alpha, self.beta = window, bias, alpha, beta

    def call(self, inputs: Any) -> Any:
        """Normalise (batch, …, maps)."""
        place = np.arange(inputs.shape[-1])
        near = np.abs(place[:, None] - place) <= self.window // 2
        # One matrix product and a logarithm take a ninth of the time of shifted sums and a power.
        sums = ops.matmul(ops.square(inputs), ops.cast(near, inputs.dtype))
        return inputs * ops.exp(-self.beta * ops.log(self.bias + self.alpha * sums))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return the input's shape."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Return what makes this layer again."""
        own = {"window": self.window, "bias": self.bias, "alpha": self.alpha, "beta": self.beta}
        return {**super().get_config(), **own}


@keras.saving.register_keras_serializable("coursekit")
class TrainableSubsampling(keras.layers.Layer):  # type: ignore[misc]
    """Sum each `pool_size` × `pool_size` block of a map, times the map's coefficient, plus its bias: layers S2 and S4.

    LeCun et al. 1998, section II-B. Blocks do not overlap; what does not fill one is left out.
    """

    def __init__(
        self, pool_size: int = 2, activation: Any = None, initializer: Any = "random_uniform", **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.pool_size = self.strides = pool_size
        self.activation = keras.activations.get(activation)
        self.initializer = keras.initializers.get(initializer)

    def build(self, input_shape: Shape) -> None:
        """Make one coefficient and one bias a map."""
        self.coefficient = self.add_weight((input_shape[-1],), self.initializer, name="coefficient")
        self.offset = self.add_weight((input_shape[-1],), "zeros", name="bias")

    def call(self, inputs: Any) -> Any:
        """Shrink (batch, rows, columns, maps) to (batch, rows / pool_size, columns / pool_size, maps)."""
        sums = ops.average_pool(inputs, self.pool_size, self.pool_size) * self.pool_size**2
        return self.activation(sums * self.coefficient + self.offset)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return the shape of the blocks."""
        batch, rows, columns, maps = input_shape
        return batch, rows and rows // self.pool_size, columns and columns // self.pool_size, maps

    def get_config(self) -> dict[str, Any]:
        """Return what makes this layer again."""
        own = {
            "pool_size": self.pool_size,
            "activation": keras.activations.serialize(self.activation),
            "initializer": keras.initializers.serialize(self.initializer),
        }
        return {**super().get_config(), **own}


@keras.saving.register_keras_serializable("coursekit")
class PartialConv2D(keras.layers.Layer):  # type: ignore[misc]
    """A valid convolution in which each output map sees only some input maps: C3 of LeNet-5.

    The kernels of connections that exist lie side by side in `kernel`, (rows, columns, connections), so that counting
    its entries counts the network's parameters.

    Args:
        table: one string an input map, one character an output map, ``X`` where they are connected.
        kernel_size: rows and columns of a kernel.
        activation: as in Keras.
        kernel_initializer: as in Keras, for the shape above.
    """

    def __init__(
        self,
        table: Sequence[str],
        kernel_size: int,
        activation: Any = None,
        kernel_initializer: Any = "glorot_uniform",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.table, self.kernel_size, self.strides = list(table), kernel_size, 1
        self.activation = keras.activations.get(activation)
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        if len({len(line) for line in self.table}) != 1 or set("".join(self.table)) - set("X."):
            raise CourseError(f"the table of {self.name} is no rectangle of X and dots.", fix='write ("X.", "XX").')

    @property
    def connected(self) -> Any:
        """Which input map (row) each output map (column) sees, as booleans."""
        return np.array([[mark == "X" for mark in line] for line in self.table])

    def build(self, input_shape: Shape) -> None:
        """Make a kernel for each connection and a bias for each output map."""
        inputs, outputs = self.connected.shape
        if input_shape[-1] != inputs:
            raise CourseError(
                f"{self.name} gets {input_shape[-1]} maps, but its table has a line for {inputs}.",
                fix="give the table one line for each input map.",
            )
        connections = int(self.connected.sum())
        size = (self.kernel_size, self.kernel_size)
        self.kernel = self.add_weight((*size, connections), self.kernel_initializer, name="kernel")
        self.bias = self.add_weight((outputs,), "zeros", name="bias")

    def call(self, inputs: Any) -> Any:
        """Convolve (batch, rows, columns, input maps) with the kernels put in their places, zeros elsewhere."""
        places = np.eye(self.connected.size, dtype="float32")[self.connected.ravel()]
        full = ops.matmul(self.kernel, ops.cast(places, self.kernel.dtype))
        full = ops.reshape(full, (self.kernel_size, self.kernel_size, *self.connected.shape))
        return self.activation(ops.conv(inputs, full) + self.bias)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return the shape of a valid convolution's output."""
        batch, *sides, _ = input_shape
        return batch, *(n and n - self.kernel_size + 1 for n in sides), len(self.table[0])

    def get_config(self) -> dict[str, Any]:
        """Return what makes this layer again."""
        own = {
            "table": self.table,
            "kernel_size": self.kernel_size,
            "activation": keras.activations.serialize(self.activation),
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
        }
        return {**super().get_config(), **own}


@keras.saving.register_keras_serializable("coursekit")
class RBF(keras.layers.Layer):  # type: ignore[misc]
    """Euclidean radial basis functions: the squared distance to each fixed code, the output layer of LeNet-5.

    Codes are part of the configuration, not weights: in the paper, too, they are chosen by hand and kept.

    Args:
        codes: (classes, features), the outputs' parameter vectors.
    """

    def __init__(self, codes: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.codes = np.asarray(codes, dtype="float32")

    def call(self, inputs: Any) -> Any:
        """Return Σ (x − w)² for (batch, features): (batch, classes)."""
        codes = ops.cast(self.codes, self.compute_dtype)
        return ops.sum(ops.square(ops.expand_dims(inputs, 1) - codes), axis=-1)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return (batch, classes)."""
        return input_shape[0], len(self.codes)

    def get_config(self) -> dict[str, Any]:
        """Return what makes this layer again."""
        return {**super().get_config(), "codes": self.codes.tolist()}
