"""What a layer is: three things that a network asks of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from coursekit.scratch.inputs import FloatArray


@dataclass(eq=False)
class Parameter:
    """Numbers that are learned.

    Attributes:
        data: the numbers; optimizers change them in place.
        grad: the gradient of the loss with respect to them, of the same shape.
    """

    data: FloatArray
    grad: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        self.grad = np.zeros_like(self.data)


class Layer(Protocol):
    """A step of a network: a function, its derivative and its parameters.

    A layer remembers its last input, so `backward` belongs to the last `forward`. Any object with
    these three is a layer; a class derived from this one need not list parameters if it has none.

    Attributes:
        parameters: what it learns.
    """

    parameters: Sequence[Parameter] = ()

    def forward(self, x: FloatArray, training: bool = False) -> FloatArray:
        """Return the output for a batch, whose examples are its first axis.

        Args:
            x: the layer's class says which shape.
            training: some layers work differently while the network learns.
        """
        ...

    def backward(self, dout: FloatArray) -> FloatArray:
        """Return the loss's gradient with respect to the last input, and set each parameter's ``grad``.

        Args:
            dout: the loss's gradient with respect to the last output, of its shape.
        """
        ...
