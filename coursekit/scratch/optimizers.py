"""Optimizers: what to change parameters by, given their gradients and what was learned before.

Each is a rule for one parameter in a few lines, ``change``, with a memory that starts empty. The
rules and their constants are Keras's, so that both take the same steps.

    optimizer = SGD(learning_rate=0.1, momentum=0.9)
    loss.backward()
    optimizer.step([weights, bias])
"""

from collections.abc import Iterable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from coursekit.scratch.inputs import FloatArray, nonnegative

Memory = dict[str, Any]


class Trainable(Protocol):
    """What an optimizer changes: a layer's `Parameter` or a graph's `Value`."""

    data: FloatArray
    grad: FloatArray


class Optimizer:
    """What all optimizers share. A new one is a subclass with its own `change`.

    Attributes:
        learning_rate: how far a step goes. It may be set anew at any time.
    """

    def __init__(self, learning_rate: float) -> None:
        self.learning_rate = nonnegative("learning_rate", learning_rate)
        self._memories: dict[Trainable, Memory] = {}

    def change(self, gradient: FloatArray, memory: Memory) -> FloatArray:
        """Return what to add to one parameter.

        Args:
            gradient: of the loss with respect to the parameter, of its shape.
            memory: what this rule noted of this parameter in earlier steps; it may write into it.
        """
        raise NotImplementedError

    def step(self, parameters: Iterable[Trainable]) -> None:
        """Change every parameter's ``data`` in place, by its ``grad``, which stays as it is.

        Raises:
            TypeError: if a parameter holds integers, which take no small steps.
            ValueError: if a gradient has another shape than its parameter, or is not finite.
        """
        for parameter in parameters:
            gradient = _checked(parameter)
            memory = self._memories.setdefault(parameter, {})
            parameter.data += self.change(gradient, memory).astype(parameter.data.dtype, copy=False)


class SGD(Optimizer):
    """Stochastic gradient descent: down the slope of a mini-batch's loss.

    With momentum, steps build up speed where gradients agree and cancel where they alternate: the
    velocity approaches ``1 / (1 - momentum)`` times a single step. Nesterov's variant goes where the
    velocity is about to lead and corrects from there.

    Args:
        learning_rate: 0 or more.
        momentum: the share of its velocity that a parameter keeps, 0 to less than 1.
        nesterov: whether to look ahead.

    Source: Polyak 1964; Nesterov 1983, as in Sutskever et al. 2013, "On the importance of
    initialization and momentum in deep learning".
    """

    def __init__(self, learning_rate: float = 0.01, momentum: float = 0.0, nesterov: bool = False) -> None:
        super().__init__(learning_rate)
        self.momentum, self.nesterov = _share("momentum", momentum), nesterov

    def change(self, gradient: FloatArray, memory: Memory) -> FloatArray:
        """Return the velocity; for Nesterov's variant, the one of the step after."""
        step = -self.learning_rate * gradient
        velocity = memory["velocity"] = self.momentum * memory.get("velocity", 0) + step
        return np.asarray(self.momentum * velocity + step if self.nesterov else velocity)


class RMSProp(Optimizer):
    """A step size for each number: its gradient is divided by its own recent root mean square.

    Args:
        learning_rate: 0 or more; about the size of each step.
        decay: the share of the mean square that is kept at each step, 0 to less than 1.
        epsilon: keeps the quotient small where all gradients were almost 0.

    Source: Tieleman & Hinton 2012, "Lecture 6.5, rmsprop", Neural Networks for Machine Learning.
    """

    def __init__(self, learning_rate: float = 0.001, decay: float = 0.9, epsilon: float = 1e-7) -> None:
        super().__init__(learning_rate)
        self.decay, self.epsilon = _share("decay", decay), nonnegative("epsilon", epsilon)

    def change(self, gradient: FloatArray, memory: Memory) -> FloatArray:
        """Return the scaled step."""
        square = memory["square"] = self.decay * memory.get("square", 0) + (1 - self.decay) * gradient**2
        return np.asarray(-self.learning_rate * gradient / np.sqrt(square + self.epsilon))


class Adam(Optimizer):
    """Momentum and a step size for each number in one: mean gradient over root mean square.

    Both means start at 0 and are too small at first; dividing by ``1 - decay**t`` at step t makes up
    for that. As in Keras, epsilon stands beside the uncorrected root (the paper's epsilon-hat).

    Args:
        learning_rate: 0 or more; about the size of each step.
        decay: the share of the mean gradient that is kept at each step (beta 1).
        decay_square: the share of the mean square that is kept (beta 2).
        epsilon: keeps the quotient small where all gradients were almost 0.

    Source: Kingma & Ba 2015, "Adam: a method for stochastic optimization".
    """

    def __init__(
        self,
        learning_rate: float = 0.001,
        decay: float = 0.9,
        decay_square: float = 0.999,
        epsilon: float = 1e-7,
    ) -> None:
        super().__init__(learning_rate)
        self.decay, self.decay_square = _share("decay", decay), _share("decay_square", decay_square)
        self.epsilon = nonnegative("epsilon", epsilon)

    def change(self, gradient: FloatArray, memory: Memory) -> FloatArray:
        """Return the scaled step."""
        t = memory["t"] = memory.get("t", 0) + 1
        mean = memory["mean"] = self.decay * memory.get("mean", 0) + (1 - self.decay) * gradient
        square = memory["square"] = self.decay_square * memory.get("square", 0) + (1 - self.decay_square) * gradient**2
        correction = (1 - self.decay_square**t) ** 0.5 / (1 - self.decay**t)
        return np.asarray(-self.learning_rate * correction * mean / (np.sqrt(square) + self.epsilon))


def _share(name: str, value: float) -> float:
    share = nonnegative(name, value)
    if share >= 1:
        raise ValueError(f"{name}: got {value}.\n  fix: pass a share that is less than 1, e.g. 0.9.")
    return share


def _checked(parameter: Trainable) -> NDArray[Any]:
    gradient, shape = np.asarray(parameter.grad), parameter.data.shape
    if parameter.data.dtype.kind != "f":
        raise TypeError(
            f"a parameter is of type {parameter.data.dtype}.\n  fix: learn real numbers: data.astype(float)."
        )
    if gradient.shape != shape:
        raise ValueError(
            f"a parameter of shape {shape} has a gradient of shape {gradient.shape}.\n"
            "  fix: each number needs its own; sum the gradient over what was broadcast, e.g. over the batch."
        )
    if not np.isfinite(gradient).all():
        raise ValueError(
            "a gradient is not finite.\n"
            "  fix: training has diverged: start again with a smaller learning rate, or smaller initial weights."
        )
    return gradient
