"""Comparing an answer with the reference: structure before shapes, shapes before values, the first bad index only."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np

from coursekit.exercises.core import Array, Structure


class MalformedError(Exception):
    """An answer that does not have the parts it should; the message says which."""


def parts(value: Any, returns: Structure) -> dict[str, Array]:
    """Return the outputs by name, as arrays of numbers.

    Raises:
        MalformedError: if a part is missing, or is not made of numbers.
    """
    if len(returns) == 1 and isinstance(returns[0], str):
        return {returns[0]: _numbers(returns[0], value)}
    if not isinstance(value, (tuple, list)) or len(value) != len(returns):
        got = f"{len(value)}" if isinstance(value, (tuple, list)) else _kind(value)
        raise MalformedError(f"expected {len(returns)} values, {_names(returns)}; got {got}")
    found: dict[str, Array] = {}
    for name, each in zip(returns, value, strict=True):
        found.update(parts(each, name if isinstance(name, tuple) else (name,)))
    return found


def assembled(found: dict[str, Array], returns: Structure) -> Any:
    """Return the outputs nested as `returns` says, the inverse of `parts`."""
    if len(returns) == 1 and isinstance(returns[0], str):
        return found[returns[0]]
    return tuple(assembled(found, name if isinstance(name, tuple) else (name,)) for name in returns)


def difference(name: str, expected: Array, got: Array, rtol: float, atol: float) -> str | None:
    """Say how `got` differs from `expected`, or return None if it does not."""
    if got.shape != expected.shape:
        return f"shape of {name}: expected {expected.shape}, got {got.shape}"
    with np.errstate(all="ignore"):
        wrong = ~np.isclose(got, expected, rtol=rtol, atol=atol, equal_nan=True)
    if not wrong.any():
        return None
    if expected.ndim == 0:
        return f"{name}: expected {number(expected)}, got {number(got)}"
    index = tuple(int(i) for i in np.argwhere(wrong)[0])
    where = ", ".join(map(str, index))
    return (
        f"{name}[{where}]: expected {number(expected[index])}, got {number(got[index])}"
        f" ({int(wrong.sum())} of {wrong.size} entries differ)"
    )


def number(value: Any) -> str:
    """Return a number as a person would write it: whole ones in full, others with six digits."""
    exact = float(value)
    return str(int(exact)) if exact.is_integer() and abs(exact) < 1e15 else f"{exact:.6g}"


def summary(name: str, value: Any) -> str:
    """Describe an argument in a few characters: arrays by their shapes, a number or a short list by its value."""
    if isinstance(value, np.ndarray):
        return f"{name} {value.shape}"
    if callable(value):
        return f"{name} {getattr(value, '__name__', 'function')}"
    if isinstance(value, (list, tuple)) and any(isinstance(each, np.ndarray) for each in value):
        value = [getattr(each, "shape", each) for each in value]
    return f"{name} {textwrap.shorten(str(value), 40, placeholder=' …')}"


def _numbers(name: str, value: Any) -> Array:
    if value is None:
        raise MalformedError(f"{name} is None; does every path of your function end in a return?")
    try:
        array = np.asarray(value)
    except Exception as error:  # whatever another library's object raises when it will not become an array
        raise MalformedError(f"{name} should be one array or number; got {_kind(value)}") from error
    if array.dtype.kind not in "biuf":
        kind = {"c": "complex numbers", "U": "text"}.get(array.dtype.kind, _kind(value))
        raise MalformedError(f"{name} should be made of real numbers; got {kind}")
    return array.astype(np.float64)


def _kind(value: Any) -> str:
    if value is None:
        return "None; does every path of your function end in a return?"
    if isinstance(value, (tuple, list)):
        return f"a {type(value).__name__} of {len(value)} parts that make no array"
    if isinstance(value, np.ndarray) and value.ndim:
        return f"one array of shape {value.shape}"
    return "one number" if isinstance(value, (int, float, np.number, np.ndarray)) else type(value).__name__


def _names(returns: Structure) -> str:
    return f"({', '.join(n if isinstance(n, str) else _names(n) for n in returns)})"
