"""Values between the judge and a student's kernel: JSON that needs no quoting anywhere, arrays as their bytes.

What comes from a kernel is untrusted. It is decoded to plain values only (`decode`): numbers, text, lists, tuples,
dictionaries and arrays of numbers, within a `Purse` that bounds what they take. Nothing is ever unpickled, and no
archive is opened. Text travels as base64, so that a message holds neither quotes of Python's nor backslashes.
"""

from __future__ import annotations

import base64
import binascii
import importlib
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from types import FunctionType
from typing import Any

import numpy as np

from coursekit.errors import CourseError

Node = Any
"""What `json` makes of a message: nested lists, dictionaries of one entry (a tag and its body), numbers and None."""

DTYPES = ("bool", *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)))
DTYPES += ("float16", "float32", "float64", "complex64", "complex128")
FUNCTIONS = "coursekit.exercises."
"""Functions of these modules may travel, by name, from the judge to the kernel; never the other way."""
DEPTH = 32
"""How deep an answer's lists may lie inside each other; NumPy takes no more than 64 axes."""
NODES = 500_000
"""How many numbers, lists and other pieces one answer may have, arrays counting as one."""
NODE_BYTES = 64
_AS_THEY_ARE = (float, int, bool, type(None))
TEXT, INTEGER = 16, 2**127
"""Kept of text and of integers in an answer: NumPy makes a list of many short texts and one long of many long ones."""


class WireError(Exception):
    """A message that is not what `encode` writes, or is too large."""


@dataclass
class Purse:
    """How many bytes may still be decoded; each entry of an array costs as much as the float64 it is compared as."""

    left: int

    def spend(self, amount: int) -> None:
        """Take bytes out.

        Raises:
            WireError: if there are not as many.
        """
        self.left -= amount
        if self.left < 0:
            raise WireError("the answers of this function are too large")


class Foreign:
    """Stands for an object of another type, whose name its class has, and that NumPy cannot make numbers of."""


class Unarrayable(Foreign):
    """Stands for an object that will not become an array at all."""

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise TypeError("not an array")


class Arrayable(Foreign):
    """Stands for an object that becomes a plain array, such as a tensor."""

    array: Any

    def __array__(self, *_: Any, **__: Any) -> Any:
        return self.array


# Encoding -------------------------------------------------------------------------------------------------------------


def encode(value: Any, depth: int = 0) -> Node:
    """Return a value in the terms of JSON; whatever is not a plain value becomes an array, or its type's name."""
    if type(value) in _AS_THEY_ARE:
        return value
    if type(value) in (tuple, list) and depth < DEPTH:
        return _collection(value, depth)
    if isinstance(value, np.ndarray):
        return _array(np.asarray(value))
    if isinstance(value, np.generic) and not isinstance(value, str):
        plain = _array(np.asarray(value))
        return {"n": plain["a"]} if "a" in plain else plain
    if isinstance(value, str):
        if value.isascii() and value.isalnum():
            return str(value)
        return {"s": _packed(str(value).encode("utf-8", "replace"))}
    if isinstance(value, (int, float)):
        return int(value) if isinstance(value, int) else float(value)
    if value is ...:
        return {"e": 0}
    if isinstance(value, (list, tuple, dict)) and depth < DEPTH:
        return _collection(value, depth)
    return _foreign(value)


def encode_arguments(arguments: tuple[Any, ...]) -> list[Node]:
    """Return the arguments of a call; one that is the same array as another stays the same array."""
    seen: dict[int, int] = {}
    nodes: list[Node] = []
    for i, each in enumerate(arguments):
        first = seen.setdefault(id(each), i) if isinstance(each, np.ndarray) else i
        if isinstance(each, FunctionType):
            nodes.append({"f": name_of(each)})
        else:
            nodes.append(encode(each) if first == i else {"same": first})
    return nodes


def name_of(function: Callable[..., Any]) -> str:
    """Return the name by which a kernel finds a function of an exercise, as ``"module:name"``.

    Raises:
        CourseError: if it cannot be found by one.
    """
    module, name = function.__module__ or "", function.__qualname__
    if not module.startswith(FUNCTIONS) or not name.isidentifier():
        raise CourseError(
            f"{module}.{name} cannot be named to a student's kernel.",
            fix=f"define it at the top of a module under {FUNCTIONS[:-1]}; a lambda or an inner function will not do.",
        )
    return f"{module}:{name}"


def decode_arguments(nodes: list[Node]) -> tuple[Any, ...]:
    """Return the arguments that the judge encoded, functions included: for the kernel."""
    purse = Purse(2**62)
    arguments: list[Any] = []
    for node in nodes:
        same = isinstance(node, dict) and "same" in node
        arguments.append(arguments[node["same"]] if same else decode(node, purse, functions=True))
    return tuple(arguments)


def _collection(value: Any, depth: int) -> Node:
    if isinstance(value, dict):
        if not all(type(key) is str for key in value):
            return _foreign(value)
        return {"d": [[_packed(key.encode("utf-8", "replace")), encode(value[key], depth + 1)] for key in value]}
    nodes = [each if type(each) in _AS_THEY_ARE else encode(each, depth + 1) for each in value]
    return {"t": nodes} if isinstance(value, tuple) else nodes


def _array(array: Any) -> dict[str, Any]:
    """Return a plain array; one that is not made of numbers by its shape alone."""
    kind = array.dtype.kind
    if kind not in "biufc":
        return {"not": ["U" if kind == "U" else "O", list(array.shape)]}
    wide = {"f": 8, "c": 16}.get(kind, 8)
    dtype = np.dtype(f"{kind}{wide}") if array.dtype.itemsize > wide else array.dtype.newbyteorder("=")
    array = array.astype(dtype, copy=False)
    columns_first = array.flags.f_contiguous and not array.flags.c_contiguous
    data = np.ascontiguousarray(array.T if columns_first else array)
    return {"a": [dtype.name, list(array.shape), _packed(data), *(["F"] if columns_first else [])]}


def _foreign(value: Any) -> Node:
    name = _packed(type(value).__name__.encode("utf-8", "replace"))
    try:
        array = np.asarray(value)
    except Exception:
        return {"o": [name, None]}
    return {"o": [name, _array(array)]}


def _packed(data: Any) -> str:
    return base64.b64encode(data).decode("ascii")


# Decoding -------------------------------------------------------------------------------------------------------------


def parse(text: str, purse: Purse) -> Node:
    """Read a message without believing it.

    Raises:
        WireError: if it is not JSON, or has too many pieces.
    """
    pieces = text.count(",") + text.count("[") + text.count("{")
    if pieces > NODES:
        raise WireError(f"an answer has {pieces} pieces; return large ones as a NumPy array")
    purse.spend(NODE_BYTES * pieces)
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise WireError("an answer could not be read") from error


def decode(node: Node, purse: Purse, functions: bool = False, depth: int = 0) -> Any:
    """Return the value that `encode` made a node of.

    Args:
        node: from `parse`.
        purse: pays for arrays and text.
        functions: in the kernel, whole texts are kept, and functions are looked up by their names; the judge refuses.
        depth: of lists around it.

    Raises:
        WireError: if it is not that, or too large.
    """
    kind = type(node)
    if kind is int:
        return max(-INTEGER, min(node, INTEGER))
    if kind in _AS_THEY_ARE:
        return node
    if kind is str:
        return node if functions else node[:TEXT]
    if depth > DEPTH + 2:
        raise WireError("an answer has too many lists inside each other")
    if kind is list:
        return [decode(each, purse, functions, depth + 1) for each in node]
    if kind is not dict or len(node) != 1:
        raise WireError("an answer could not be read")
    ((tag, body),) = node.items()
    if tag == "t" and type(body) is list:
        return tuple([decode(each, purse, functions, depth + 1) for each in body])
    if functions and tag in ("f", "s"):
        return _function(body) if tag == "f" else text_of(body, purse)
    make = _MAKERS.get(tag)
    if make is None:
        raise WireError("an answer holds something that is not a value")
    try:
        return make(body, purse, lambda each: decode(each, purse, functions, depth + 1))
    except (ValueError, TypeError, KeyError, IndexError, OverflowError, MemoryError) as error:
        raise WireError("an answer could not be read") from error


def text_of(body: Any, purse: Purse, most: int = 10**6) -> str:
    """Return text that was packed, at most so many characters of it, without what a terminal would act on."""
    if not isinstance(body, str):
        raise WireError("an answer could not be read")
    purse.spend(len(body))
    try:
        text = base64.b64decode(body, validate=True).decode("utf-8", "replace")[:most]
    except (ValueError, binascii.Error) as error:
        raise WireError("an answer could not be read") from error
    return text if text.isprintable() else "".join(each if each.isprintable() else " " for each in text)


Inner = Callable[[Node], Any]


def _to_array(body: Any, purse: Purse, _: Inner) -> Any:
    name, shape, data, *order = body
    if name not in DTYPES:
        raise WireError("an answer holds an array of something that is not numbers")
    size = _size(shape, purse)
    raw = base64.b64decode(data, validate=True)
    dtype = np.dtype(name)
    if len(raw) != size * dtype.itemsize:
        raise WireError("an array has not as many numbers as its shape says")
    array = np.frombuffer(bytearray(raw), dtype)
    return array.reshape(shape[::-1]).T if order == ["F"] else array.reshape(shape)


def _size(shape: Any, purse: Purse) -> int:
    """Return how many entries a shape has, paid for."""
    if not isinstance(shape, list) or len(shape) > DEPTH:
        raise WireError("an array has a shape that is none")
    if not all(type(n) is int and 0 <= n < 2**31 for n in shape):
        raise WireError("an array has a shape that is none")
    size = math.prod(shape)
    purse.spend(8 * size)
    return size


def _to_scalar(body: Any, purse: Purse, inner: Inner) -> Any:
    return _to_array(body, purse, inner)[()]


def _to_others(body: Any, purse: Purse, _: Inner) -> Any:
    """Return an array that is not made of numbers: empty text, or None."""
    kind, shape = body
    _size(shape, purse)
    return np.full(shape, "" if kind == "U" else None, dtype="<U1" if kind == "U" else object)


def _to_foreign(body: Any, purse: Purse, inner: Inner) -> Foreign:
    name, array = text_of(body[0], purse, 60), body[1]
    name = name if name.isidentifier() else "object"
    kind: type[Foreign] = Unarrayable
    held: dict[str, Any] = {}
    if array is not None:
        if not isinstance(array, dict) or not {"a", "not"} & array.keys():
            raise WireError("an answer could not be read")
        found = inner(array)
        opaque = found.dtype == object and found.ndim == 0
        kind, held = (Foreign, {}) if opaque else (Arrayable, {"array": found})
    made: Foreign = type(name, (kind,), held)()
    return made


_MAKERS: dict[str, Callable[[Any, Purse, Inner], Any]] = {
    "a": _to_array,
    "n": _to_scalar,
    "not": _to_others,
    "o": _to_foreign,
    "s": lambda body, purse, inner: text_of(body, purse, TEXT),
    "e": lambda body, purse, inner: ...,
    "d": lambda body, purse, inner: {text_of(key, purse, TEXT): inner(each) for key, each in body},
}


def _function(body: Any) -> Any:
    module, _, name = str(body).partition(":")
    if not module.startswith(FUNCTIONS) or not name.isidentifier():
        raise WireError(f"no function of an exercise: {body!r}")
    return getattr(importlib.import_module(module), name)


def written(node: Node) -> str:
    """Return a node as the text of a message: ASCII, with neither single quotes nor backslashes nor semicolons."""
    return json.dumps(node, separators=(",", ":"))


def packed(text: str) -> str:
    """Return text as it stands in a node that `text_of` reads."""
    return _packed(text.encode("utf-8", "replace"))
