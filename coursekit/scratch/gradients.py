"""Gradients by finite differences, to hold derived ones against."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from coursekit.scratch.inputs import real

Float64Array = NDArray[np.float64]
Function = Callable[[Float64Array], ArrayLike]


@dataclass(frozen=True)
class GradientCheck:
    """What `check_gradient` found. It is true, as in ``assert check_gradient(...)``, if it passed.

    Attributes:
        passed: whether every component agrees within the tolerance.
        error: the largest relative error of a component.
        index: that component's place in x.
        numeric: its value by finite differences.
        analytic: its value in the gradient under test.
    """

    passed: bool
    error: float
    index: tuple[int, ...]
    numeric: float
    analytic: float

    def __bool__(self) -> bool:
        return self.passed


def numeric_gradient(f: Function, x: ArrayLike, upstream: ArrayLike | None = None, step: float = 1e-5) -> Float64Array:
    """Return the gradient of ``f`` at ``x`` by centred differences, one component at a time.

    A component is ``(f(x + h) - f(x - h)) / 2h``, whose error shrinks with h²; that of the
    one-sided ``(f(x + h) - f(x)) / h`` shrinks only with h. All is computed in float64, since at
    h = 1e-5 float32 leaves no more than two correct digits. ``x`` is never touched, not even when
    ``f`` raises or writes into its argument: ``f`` gets a fresh copy each time.

    Args:
        f: takes a float64 array of x's shape; returns a number, or with ``upstream`` an array.
        x: any shape; integers are taken as float64.
        upstream: gradient of some final number with respect to ``f(x)``, of f(x)'s shape. The
            result is then the vector-Jacobian product ``sum over k of upstream_k * df_k/dx``,
            which is what the backward pass of a layer returns.
        step: h, in units of x.

    Returns:
        The gradient, float64, of x's shape.

    Raises:
        TypeError: if ``f`` returns a tuple, float32 or no numbers.
        ValueError: if shapes do not fit, or ``f`` is not finite beside ``x``.
    """
    x = _float64("x", x)
    weights = None if upstream is None else _float64("upstream", upstream)
    if not 0 < step < np.inf:
        raise ValueError(f"step: got {step}.\n  fix: pass a small positive number, e.g. 1e-5.")
    gradient = np.empty_like(x)
    for index in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[index] += step
        below[index] -= step
        width = above[index] - below[index]  # 2h as rounded at this x
        rise = _number(f(above), weights) - _number(f(below), weights)
        if width == 0 or not np.isfinite(rise):
            raise ValueError(
                f"f has no finite difference at x{list(index)} = {x[index]} with step {step}.\n"
                "  fix: choose x where f is finite on both sides, and a step that x can resolve."
            )
        gradient[index] = rise / width
    return gradient


def relative_error(a: ArrayLike, b: ArrayLike) -> float:
    """Return the largest ``|a - b| / max(|a|, |b|)`` of any component; 0 against 0 is no error.

    It runs from 0 (equal) to 2 (opposite).

    Raises:
        ValueError: on different shapes, empty arrays, NaN or infinity.
    """
    return float(_relative_errors(_float64("a", a), _float64("b", b)).max())


def check_gradient(
    f: Function,
    x: ArrayLike,
    analytic: ArrayLike,
    upstream: ArrayLike | None = None,
    *,
    step: float = 1e-5,
    rtol: float = 1e-5,
    atol: float = 1e-8,
) -> GradientCheck:
    """Compare a derived gradient with `numeric_gradient`.

    Choose ``x`` away from corners (of a hinge, a ReLU, a maximum): less than a step from one, the
    finite difference averages the slopes of both sides and agrees with neither.

    Args:
        f: see `numeric_gradient`.
        x: where to compare.
        analytic: the gradient under test, of x's shape.
        upstream: see `numeric_gradient`.
        step: see `numeric_gradient`.
        rtol: the relative error that still passes.
        atol: a difference up to this counts as 0. Rounding leaves about ``1e-16 * |f| / step`` in a
            finite difference, which is all there is of a gradient that should be 0.
    """
    derived = _float64("analytic", analytic)
    numeric = numeric_gradient(f, x, upstream, step)
    errors = _relative_errors(derived, numeric)
    errors = np.where(np.abs(derived - numeric) <= atol, 0, errors)
    worst = np.unravel_index(int(errors.argmax()), errors.shape)
    error = float(errors[worst])
    return GradientCheck(
        passed=error <= rtol,
        error=error,
        index=tuple(int(i) for i in worst),
        numeric=float(numeric[worst]),
        analytic=float(derived[worst]),
    )


def _float64(name: str, values: ArrayLike) -> Float64Array:
    return real(name, values).astype(np.float64)


def _relative_errors(a: Float64Array, b: Float64Array) -> Float64Array:
    if a.shape != b.shape or a.size == 0:
        raise ValueError(
            f"cannot compare gradients of shapes {a.shape} and {b.shape}.\n"
            "  fix: pass two gradients with respect to the same array, one number each for its own."
        )
    largest = np.maximum(np.abs(a), np.abs(b))
    scale = np.where(largest == 0, 1, largest)
    # Scaled first: the difference of huge numbers may overflow.
    return np.asarray(np.abs(a / scale - b / scale))


def _number(value: ArrayLike, weights: Float64Array | None) -> float:
    """Return ``f(x)`` as a number, weighted by ``upstream`` where it is an array."""
    if isinstance(value, tuple):
        raise TypeError("f returned a tuple.\n  fix: if f returns (loss, gradient), pass lambda x: f(x)[0].")
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"f returned type {array.dtype}.\n  fix: return numbers from f.")
    if array.dtype in (np.float16, np.float32):
        raise TypeError(
            f"f returned {array.dtype}, where the rounding error swamps a small step.\n"
            "  fix: keep x's float64 inside f; where you cannot, return np.float64(f(x)) and take "
            "step=1e-2."
        )
    if weights is not None and array.shape == weights.shape:
        return float((weights * array).sum())
    if weights is None and array.size == 1:
        return float(array.reshape(()))
    found = "no upstream" if weights is None else f"upstream of shape {weights.shape}"
    raise ValueError(
        f"f returned shape {array.shape}, with {found}.\n"
        "  fix: return one number from f, or pass upstream of f(x)'s shape: np.ones(f(x).shape) "
        "gives the gradient of the sum."
    )
