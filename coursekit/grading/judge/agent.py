"""The judge's hands in the student's kernel. They are as honest as the kernel is: nothing they say is believed.

Imported by name, so that what a notebook calls its own variables does not matter. `answers` is asked for one check at a
time, `finished` for what is left of one that was interrupted, `file` and `outputs` for what a notebook saved.
"""

from __future__ import annotations

import base64
import contextlib
import io
import json
import os
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from coursekit.exercises.calling import Caller, Outcome, caller
from coursekit.grading.judge import wire

SLICE = 1.0
"""Seconds after which no further call is begun: the judge asks again for the rest, so that one deadline fits a call."""

SEPARATOR = ";"

_finished: list[str] = []


def answers(find: Callable[[], Any], request: str) -> str:
    """Call a function of the notebook, as often as fits.

    Args:
        find: gives the function; only here, because its name may be missing.
        request: `calls` (the arguments of each), `closed_book`, `room` (characters of all answers) and `probe` (whether
            an answer that says "not written yet" to the first call ends it).

    Returns:
        An answer to each of the first calls, at least one, as texts.
    """
    asked = json.loads(request)
    _finished.clear()
    with quiet():
        try:
            function = find()
        except Exception as error:
            return _refusal("error", f"{type(error).__name__}: {error}")
        if not callable(function):
            return _refusal("error", f"the check takes a function; got {type(function).__name__}")
        call, end, room = caller(function, tuple(asked["closed_book"])), time.monotonic() + SLICE, asked["room"]
        for number, arguments in enumerate(asked["calls"]):
            outcome, text = _answered(call, arguments, asked["room"])
            room -= len(text)
            if number and room < 0:
                break
            _finished.append(text)
            unwritten = number == 0 and asked["probe"] and outcome.unwritten
            if unwritten or outcome.kind == "KeyboardInterrupt" or time.monotonic() > end:
                break
    return finished()


def finished() -> str:
    """Return the answers so far."""
    return SEPARATOR.join(_finished)


def file(name: str, most: int) -> str:
    """Return the first `most` + 1 bytes of a file, as base64; `""` where there is none."""
    try:
        with os.fdopen(os.open(name, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as opened:
            if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
                return ""
            return base64.b64encode(opened.read(most + 1)).decode()
    except OSError:
        return ""


def outputs(model: str, inputs: str, build: str) -> str:
    """Return what a saved model makes of inputs, and how many parameters it has. For a kernel of its own.

    Args:
        model: file of a model (``.keras``) or of weights (``.weights.h5``).
        inputs: file of an array.
        build: the function that gives the architecture of weights, as `wire.encode` writes it, or `""`.
    """
    with quiet():
        try:
            from coursekit.exercises.artifacts import load_model, parameters

            builder = wire.decode({"f": build}, wire.Purse(0), functions=True) if build else None
            loaded = load_model(Path(model), builder)
            found = np.asarray(loaded.predict(np.load(inputs, allow_pickle=False), verbose=0))
            return wire.written({"outputs": wire.encode(found), "parameters": parameters(loaded)})
        except Exception as error:
            return _refusal("error", f"{type(error).__name__}: {error}")


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Drop what is printed."""
    with contextlib.redirect_stdout(_Nowhere()), contextlib.redirect_stderr(_Nowhere()):
        yield


class _Nowhere(io.TextIOBase):
    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        return len(text)


def _answered(call: Caller, arguments: Any, room: int) -> tuple[Outcome, str]:
    try:
        outcome = call(wire.decode_arguments(arguments))
        return outcome, _written(outcome, room)
    except BaseException as error:  # an interrupt, too: the judge asks for what was finished before
        outcome = Outcome(error=f"{type(error).__name__}: {error}"[:300], kind=type(error).__name__)
        return outcome, _written(outcome, room)


def _written(outcome: Outcome, room: int) -> str:
    node = {
        "v": wire.encode(outcome.value),
        "e": wire.packed(outcome.error),
        "k": wire.packed(outcome.kind),
        "c": list(outcome.changed),
        "b": wire.packed(outcome.borrowed),
    }
    text = wire.written(node)
    return (
        text if len(text) <= room else _refusal("malformed", f"an answer of {len(text) / 2**20:.0f} MiB is too large")
    )


def _refusal(cause: str, reason: str) -> str:
    """Return why there is no answer: an "error" of the notebook's, or what makes it "malformed"."""
    return wire.written({"x": [cause, wire.packed(" ".join(reason.split())[:300])]})
