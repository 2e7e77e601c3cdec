"""Holds a number in the text to a computation: the cell fails when the two part."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from coursekit.errors import CourseError
from coursekit.teach import forms


class ClaimFailed(AssertionError):
    """A claim that the computation beside it does not bear out."""

    def _render_traceback_(self) -> list[str]:
        """Tell IPython to print the message alone: where this library noticed helps nobody."""
        return [f"✗ {self}"]


def verify(claim: str, value: ArrayLike, expected: ArrayLike, rtol: float = 1e-3, atol: float = 0.0) -> None:
    """Show ``claim`` with its computed value, or fail if that is not what the text says.

    Args:
        claim: what the number is, as ``"mean hinge loss"``.
        value: what was computed: a number, or an array of any shape; True is shown as "yes".
        expected: what the text says, of the same shape.
        rtol: largest difference that counts as agreement, relative to ``expected``; text rounds.
        atol: the same, absolute: needed where ``expected`` is 0 and the computation is not exact.

    Raises:
        ClaimFailed: if the shapes differ, a value is NaN, or a difference exceeds ``atol + rtol * |expected|``.
        CourseError: if either side is not numeric.
    """
    computed, said = _numbers(claim, value, "value"), _numbers(claim, expected, "expected")
    if computed.shape != said.shape:
        raise ClaimFailed(
            f"{claim}: computed {_text(computed)} of shape {computed.shape}, "
            f"but expected {_text(said)} of shape {said.shape}."
        )
    for name, numbers in (("computed", computed), ("expected", said)):
        if np.isnan(numbers).any():
            raise ClaimFailed(f"{claim}: the {name} value holds NaN: {_text(numbers)}.")
    agree = np.isclose(computed, said, rtol=rtol, atol=atol)
    if not agree.all():
        raise ClaimFailed(_difference(claim, computed, said, agree, rtol, atol))
    truth = np.ndim(value) == 0 and np.asarray(value).dtype.kind == "b"
    _show(claim, ("yes" if computed else "no") if truth else _text(computed))


def _numbers(claim: str, numbers: ArrayLike, name: str) -> NDArray[np.generic]:
    array = np.asarray(numbers)
    if array.dtype.kind not in "biuf" or array.size == 0:
        raise CourseError(
            f"{claim}: {name} is no number and no array of numbers, but {numbers!r}.",
            fix="pass what was computed, then what the text says: verify('loss', loss, 2.9).",
        )
    return array.astype(np.int64) if array.dtype.kind == "b" else array


def _difference(
    claim: str,
    computed: NDArray[np.generic],
    said: NDArray[np.generic],
    agree: NDArray[np.bool_],
    rtol: float,
    atol: float,
) -> str:
    allowed = f"(allowed: rtol={rtol:g}, atol={atol:g})"
    if computed.ndim == 0:
        return f"{claim}: computed {_text(computed)}, but expected {_text(said)} {allowed}."
    where = tuple(int(i) for i in np.argwhere(~agree)[0])
    return (
        f"{claim}: {int((~agree).sum())} of {agree.size} values of shape {computed.shape} differ; first at "
        f"{where}: computed {_text(computed[where])}, but expected {_text(said[where])} {allowed}."
    )


def _text(numbers: NDArray[np.generic] | np.generic) -> str:
    """Write a number with five significant digits, whole ones in full; an array if it is short, else its shape."""
    array = np.asarray(numbers)
    if array.ndim == 0:
        return _digits(array)
    if array.size > 100:
        return f"{array.size:,} values of shape {array.shape}"
    return np.array2string(array, separator=", ", formatter={"all": lambda x: _digits(np.asarray(x))})


def _digits(number: NDArray[np.generic]) -> str:
    exact = number.item()
    if isinstance(exact, int) or (exact.is_integer() and abs(exact) < 1e15):
        return f"{int(exact):,}"
    return f"{exact:.5g}"


def _show(claim: str, value: str) -> None:
    gap, line, font = ("\n", "<br>", "; font-family: monospace") if "\n" in value else (" ", " ", "")
    html = (
        '<div style="padding-left: .6em; border-left: 4px solid var(--jp-success-color1, #388e3c)">'
        f'✓ {forms.inline(claim)}:{line}<span style="white-space: pre{font}">{forms.inline(value)}</span></div>'
    )
    forms.show(html, f"✓ {claim}:{gap}{value}")
