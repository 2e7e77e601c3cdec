"""Automatic differentiation: each operation is written with its derivative beside it.

A `Value` holds an array (a number is an array of shape ``()``) and remembers the operation and the
inputs that it was computed from, so that computing a loss builds a graph. `Value.backward` walks
that graph from the loss to the inputs and hands every value its gradient by the chain rule:

    upstream × local derivative = downstream

    x, y, z = Value(-2.0), Value(5.0), Value(-4.0)
    loss = (x + y) * z        # -12
    loss.backward()           # x.grad = y.grad = -4, z.grad = 3

Gradients add up: a second `backward` adds to them, until `Value.zero_grad` sets them back to 0.

Source: CS 1674 (Kovashka); after the idea of Karpathy's micrograd.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from coursekit.scratch.graph_drawing import Drawing, Step, draw
from coursekit.scratch.inputs import FloatArray, real

Derivative = Callable[[Any], Any]  # upstream gradient -> downstream gradient


class Value:
    """An array that knows how it was computed.

    Attributes:
        data: the array; float32 stays float32, all else becomes float64.
        grad: its gradient, of the same shape; 0 until `backward`.
        name: what drawings call it.
        op: the operation that made it, "" for an input or a constant.
        inputs: what it was computed from, each with its derivative.
    """

    # Leaves `array + value` to Value.__radd__; NumPy alone would make an array of Values.
    __array_ufunc__ = None

    def __init__(self, data: ArrayLike, name: str = "") -> None:
        self.data: FloatArray = real("data", data).copy()
        self.grad: FloatArray = np.zeros_like(self.data)
        self.name, self.op = name, ""
        self.inputs: tuple[tuple[Value, Derivative], ...] = ()

    # Arithmetic. Arrays broadcast as in NumPy; `backward` sums over what was broadcast.

    def __add__(self, other: "Value | ArrayLike") -> "Value":
        other = self._constant(other)
        return _result("+", self.data + other.data, (self, lambda g: g), (other, lambda g: g))

    def __sub__(self, other: "Value | ArrayLike") -> "Value":
        other = self._constant(other)
        return _result("-", self.data - other.data, (self, lambda g: g), (other, lambda g: -g))

    def __mul__(self, other: "Value | ArrayLike") -> "Value":
        other = self._constant(other)
        a, b = self.data, other.data
        return _result("*", a * b, (self, lambda g: g * b), (other, lambda g: g * a))

    def __truediv__(self, other: "Value | ArrayLike") -> "Value":
        other = self._constant(other)
        a, b = self.data, other.data
        return _result("/", a / b, (self, lambda g: g / b), (other, lambda g: -g * a / b**2))

    def __pow__(self, n: "Value | float") -> "Value":
        if isinstance(n, Value):
            return (self.log() * n).exp()  # for a positive base
        a, n = self.data, float(n)
        return _result(f"**{n:g}", a**n, (self, lambda g: g * n * a ** (n - 1) if n else 0 * g))

    def __matmul__(self, other: "Value | ArrayLike") -> "Value":
        other = self._constant(other)
        a, b = self.data, other.data
        if min(a.ndim, b.ndim) < 2:
            raise ValueError(
                f"@ of shapes {a.shape} and {b.shape}.\n"
                "  fix: multiply matrices: x.reshape(1, -1) @ W; for two vectors, (x * w).sum()."
            )
        return _result("@", a @ b, (self, lambda g: g @ b.mT), (other, lambda g: a.mT @ g))

    def __neg__(self) -> "Value":
        return _result("neg", -self.data, (self, lambda g: -g))

    __radd__, __rmul__ = __add__, __mul__

    def __rsub__(self, other: ArrayLike) -> "Value":
        return self._constant(other) - self

    def __rtruediv__(self, other: ArrayLike) -> "Value":
        return self._constant(other) / self

    def __rmatmul__(self, other: ArrayLike) -> "Value":
        return self._constant(other) @ self

    # Functions of each number.

    def exp(self) -> "Value":
        """Return e to the power of each number."""
        out = np.exp(self.data)
        return _result("exp", out, (self, lambda g: g * out))

    def log(self) -> "Value":
        """Return the natural logarithm of each number."""
        a = self.data
        return _result("log", np.log(a), (self, lambda g: g / a))

    def tanh(self) -> "Value":
        """Return the hyperbolic tangent of each number."""
        out = np.tanh(self.data)
        return _result("tanh", out, (self, lambda g: g * (1 - out**2)))

    def sigmoid(self) -> "Value":
        """Return 1 / (1 + exp(-x)), written with tanh, which cannot overflow."""
        out = (1 + np.tanh(self.data / 2)) / 2
        return _result("sigmoid", out, (self, lambda g: g * out * (1 - out)))

    def relu(self) -> "Value":
        """Return max(0, x). At 0 there is a corner; the derivative taken is 0."""
        a = self.data
        return _result("relu", np.maximum(a, 0), (self, lambda g: g * (a > 0)))

    # Sums and shapes.

    def sum(self, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> "Value":
        """Return the sum over all axes or the given ones, as in NumPy."""
        a, lost = self.data, () if keepdims or axis is None else axis
        out = a.sum(axis=axis, keepdims=keepdims)
        return _result("sum", out, (self, lambda g: np.broadcast_to(np.expand_dims(g, lost), a.shape)))

    def mean(self, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> "Value":
        """Return the mean over all axes or the given ones, as in NumPy."""
        total = self.sum(axis, keepdims)
        return total * (total.data.size / self.data.size)

    def reshape(self, *shape: int) -> "Value":
        """Return the same numbers in another shape; one length may be -1."""
        a = self.data
        return _result("reshape", a.reshape(shape), (self, lambda g: g.reshape(a.shape)))

    @property
    def T(self) -> "Value":  # noqa: N802, as in NumPy
        """The transpose."""
        return _result("T", self.data.T, (self, lambda g: g.T))

    def __getitem__(self, index: Any) -> "Value":
        a = self.data

        def scatter(g: FloatArray) -> FloatArray:
            whole = np.zeros_like(a)
            np.add.at(whole, index, g)  # an entry picked twice gets both gradients
            return whole

        return _result("[ ]", a[index], (self, scatter))

    def backward(self, upstream: ArrayLike | None = None) -> None:
        """Add to every ``grad`` in this value's graph the gradient of this value.

        Args:
            upstream: gradient of some final number with respect to this value, of its shape. A
                single number needs none: it is then that final number, and its gradient is 1.
        """
        if upstream is None and self.data.size != 1:
            raise ValueError(
                f"backward() from a value of shape {self.data.shape}: a gradient is that of one number.\n"
                "  fix: reduce it first, e.g. loss.mean().backward(), or pass upstream of its shape."
            )
        start = np.broadcast_to(np.asarray(1 if upstream is None else upstream, self.data.dtype), self.data.shape)
        gradients: dict[Value, FloatArray] = {self: start}
        # From the loss back: a value's turn comes when all that was computed from it has had its own,
        # so that the gradients of all its uses have been added up.
        for value in reversed(topological_order(self)):
            upstream = gradients.pop(value)
            value.grad = value.grad + upstream
            for source, derivative in value.inputs:
                downstream = _summed_to(source.data.shape, derivative(upstream))
                gradients[source] = gradients[source] + downstream if source in gradients else downstream

    def zero_grad(self) -> None:
        """Set ``grad`` to 0 in this value and all that it was computed from."""
        for value in topological_order(self):
            value.grad = np.zeros_like(value.data)

    def trace(self) -> "list[Step]":
        """Return the graph as a list, inputs first: what drawings and the graph stepper show."""
        order = topological_order(self)
        place = {value: i for i, value in enumerate(order)}
        steps = []
        for value in order:
            inputs = tuple(place[source] for source, _ in value.inputs)
            local = tuple(np.asarray(derivative(np.ones_like(value.data))) for _, derivative in value.inputs)
            steps.append(Step(value.name, value.op, value.data, value.grad, inputs, local))
        return steps

    def draw(self) -> Drawing:
        """Return a picture of the graph with values and gradients, which a notebook shows."""
        return draw(self.trace())

    def __repr__(self) -> str:
        return f"Value({self.data}, grad={self.grad})"

    def _constant(self, other: "Value | ArrayLike") -> "Value":
        """Return ``other`` as a Value; a plain number takes this value's float type."""
        if isinstance(other, Value):
            return other
        return Value(np.asarray(other, self.data.dtype) if isinstance(other, int | float) else other)


def topological_order(root: Value) -> list[Value]:
    """Return all values that ``root`` was computed from and itself, each after its inputs.

    The walk is depth first with its own stack: Python's would overflow after 1,000 operations.
    """
    order: list[Value] = []
    seen = {root}
    stack: list[tuple[Value, Iterator[tuple[Value, Derivative]]]] = [(root, iter(root.inputs))]
    while stack:
        value, unvisited = stack[-1]
        for source, _ in unvisited:
            if source not in seen:
                seen.add(source)
                stack.append((source, iter(source.inputs)))
                break
        else:  # all its inputs are in the list
            order.append(value)
            stack.pop()
    return order


def _result(op: str, data: FloatArray, *inputs: tuple[Value, Derivative]) -> Value:
    value = Value.__new__(Value)  # past __init__, which checks and copies what comes from outside
    value.data = np.asarray(data)
    value.grad = np.zeros_like(value.data)
    value.name, value.op, value.inputs = "", op, inputs
    return value


def _summed_to(shape: tuple[int, ...], gradient: FloatArray) -> FloatArray:
    """Undo broadcasting: a number used many times gets the sum of all its gradients."""
    if gradient.shape == shape:
        return gradient
    gradient = gradient.sum(axis=tuple(range(gradient.ndim - len(shape))))
    stretched = tuple(i for i, length in enumerate(shape) if length == 1)
    return np.asarray(gradient.sum(axis=stretched, keepdims=True))
