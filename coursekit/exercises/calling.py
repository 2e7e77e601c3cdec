"""Calling a learner's function: on copies, watched for closed-book calls, its exceptions and warnings caught."""

from __future__ import annotations

import contextlib
import copy
import gc
import io
import itertools
import logging
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FrameType, FunctionType
from typing import Any

import numpy as np

from coursekit.exercises.core import Arguments, Function


@dataclass(frozen=True)
class Outcome:
    """What came of one call.

    Attributes:
        value: what the function returned.
        error: the exception as ``"ValueError: message (line 3 of your function)"``, or ``""``.
        kind: the exception's type name, or ``""``.
        changed: positions of the arguments that the function changed in place.
        borrowed: the first closed-book function it called, or ``""``.
    """

    value: Any = None
    error: str = ""
    kind: str = ""
    changed: tuple[int, ...] = ()
    borrowed: str = ""

    @property
    def unwritten(self) -> bool:
        """Whether the function is still the stub that the notebook came with."""
        return self.kind == "NotImplementedError" or (not self.error and self.value is ...)


Caller = Callable[[Arguments], Outcome]


def caller(function: Function, closed_book: tuple[str, ...] = ()) -> Caller:
    """Return a `Caller` that runs `function` in this process."""

    def call(arguments: Arguments) -> Outcome:
        mine, theirs = copy.deepcopy(arguments), copy.deepcopy(arguments)
        value, error, kind = None, "", ""
        borrowed: list[str] = []
        with hushed(), _collecting() as collecting:
            hook = _watch(closed_book, theirs, borrowed, collecting) if closed_book else sys.getprofile()
            try:
                value = _profiled(hook, function, theirs)
            except (Exception, SystemExit) as exception:
                kind, error = type(exception).__name__, _described(exception, function)
        changed = tuple(i for i, (a, b) in enumerate(zip(mine, theirs, strict=True)) if not _same(a, b))
        return Outcome(value, error, kind, changed, borrowed[0] if borrowed else "")

    return call


@contextlib.contextmanager
def hushed() -> Iterator[None]:
    """Keep warnings and stderr out of the cell, where they would cost points in nbgrader. Prints are welcome."""
    disabled = logging.root.manager.disable
    logging.disable(logging.WARNING)  # TensorFlow's, which keep a stderr of their own
    try:
        with (
            warnings.catch_warnings(),
            np.errstate(all="ignore"),
            contextlib.redirect_stderr(io.StringIO()),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(disabled)


Hook = Callable[[FrameType, Any, Any], object]


@contextlib.contextmanager
def _collecting() -> Iterator[Callable[[], bool]]:
    """Tell whether the garbage collector is at work: what it runs, such as finalizers of TensorFlow, nobody called."""
    at_work = False

    def first(phase: str, _: object) -> None:
        nonlocal at_work
        if phase == "start":
            at_work = True

    def last(phase: str, _: object) -> None:
        nonlocal at_work
        if phase == "stop":
            at_work = False

    gc.callbacks.insert(0, first)  # around everybody else's, JAX's for one
    gc.callbacks.append(last)
    try:
        yield lambda: at_work
    finally:
        gc.callbacks.remove(first)
        gc.callbacks.remove(last)


def _watch(
    closed_book: tuple[str, ...], arguments: Arguments, borrowed: list[str], collecting: Callable[[], bool]
) -> Hook:
    """Return a profile hook that collects the names of closed-book functions as they are entered.

    It sees every Python function, so an alias or a ``from … import`` is seen as well. Functions that the check itself
    passes in as arguments are free to be called, and so is whatever they call; an import alone is no call, and nor is
    what garbage collection runs, which may come at any line.
    """
    given = {a.__code__ for a in arguments if isinstance(a, FunctionType)}

    def closed(frame: FrameType) -> bool:
        module = frame.f_globals.get("__name__") or ""  # not this one, whose callbacks the garbage collector runs
        return module != __name__ and any(module == name or module.startswith(name + ".") for name in closed_book)

    def free(frame: FrameType) -> bool:
        return frame.f_code in given or (frame.f_code.co_name == "<module>" and closed(frame))

    def hook(frame: FrameType, event: str, _: object) -> None:
        if event != "call" or borrowed or not closed(frame) or collecting():
            return
        stack = itertools.takewhile(_is_not_ours, (each for each, _ in traceback.walk_stack(frame)))
        if not any(map(free, stack)):
            borrowed.append(f"{frame.f_globals['__name__']}.{frame.f_code.co_qualname}")

    return hook


def _is_not_ours(frame: FrameType) -> bool:
    return frame.f_code is not _profiled.__code__


def _profiled(hook: Hook | None, function: Function, arguments: Arguments) -> Any:
    before = sys.getprofile()
    sys.setprofile(hook)
    try:
        return function(*arguments)
    finally:
        sys.setprofile(before)


def _described(exception: BaseException, function: Function) -> str:
    code = getattr(function, "__code__", None)
    lines = [
        line - code.co_firstlineno + 1
        for frame, line in traceback.walk_tb(exception.__traceback__)
        if code is not None and frame.f_code is code
    ]
    where = f" (line {lines[-1]} of your function)" if lines else ""
    said = str(exception).strip().splitlines()
    if said[:1] == ["in user code:"]:  # TensorFlow says first where in its files it was, last what happened
        said = said[-1:]
    kind = type(exception).__name__
    text = " ".join(" ".join(said).split()).removeprefix(f"{kind}: ")
    text = text.split(" for '{{node ", 1)[0]  # TensorFlow's own words for the operation
    return f"{kind}: {text}"[:300] + where


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, np.ndarray):
        return a.shape == b.shape and bool(np.array_equal(a, b, equal_nan=a.dtype.kind in "fc"))
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(_same, a, b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(_same(a[key], b[key]) for key in a)
    return callable(a) or bool(a == b) or (a != a and b != b)
