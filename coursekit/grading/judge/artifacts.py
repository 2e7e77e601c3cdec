"""Marking what a notebook saved: fetched from its kernel, scored on labels that never leave the judge.

Predictions are read here, by a reader that trusts nothing. A model is code in disguise: it is run in a fresh kernel,
shut in like a student's, that gets the model and the inputs and gives outputs back.
"""

from __future__ import annotations

import base64
import binascii
import io
import time
from collections.abc import Callable, Mapping, MutableMapping
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from coursekit.exercises import artifacts
from coursekit.exercises.artifacts import Artifact
from coursekit.exercises.comparing import MalformedError
from coursekit.exercises.core import Array
from coursekit.grading.graded import CellGrade
from coursekit.grading.judge import wire
from coursekit.grading.judge.calls import AGENT, KEPT_BYTES, OVER, Channel, NotKept
from coursekit.grading.judge.marking import Marked, Output, files, judged, mark
from coursekit.grading.limits import Limits
from coursekit.grading.session import SessionError

Start = Callable[[Mapping[str, bytes]], AbstractContextManager[Channel]]
"""Starts a fresh kernel, shut in, whose folder holds the given files, and gives a session to it."""

_INPUTS = "inputs.npy"


def unlabelled(cell: Any, seed: int) -> dict[str, bytes]:
    """Return the files that a cell of the kind "artifact" needs beside the notebook when that is run.

    Args:
        cell: the instructor's.
        seed: the one with which the cell will be marked.
    """
    wanted = [artifact for artifact, _ in files(cell.source) if not artifact.is_model]
    return {artifact.inputs_file: _saved(artifact.drawn(seed)[0]) for artifact in wanted}


def mark_file(
    cell: Any,
    session: Channel | None,
    limits: Limits,
    seed: int,
    kept: MutableMapping[str, str],
    start: Start,
    until: float = float("inf"),
) -> tuple[CellGrade, list[Output]]:
    """Mark a cell of the kind "artifact".

    Args:
        cell: the instructor's.
        session: to the student's kernel, which saved the files; None to judge what was kept.
        limits: of the files.
        seed: secret; draws inputs and labels, see `marking.seed_of`.
        kept: takes small files, or holds them.
        start: starts the kernel that runs a model.
        until: when the submission's time is over, by `time.monotonic`.

    Returns:
        The grade, and the cell's outputs, for which nbgrader's own rule gives the same points.

    Raises:
        NotKept: without a session, if a file was not kept: the submission must be executed.
    """

    where = str(cell.metadata["nbgrader"]["grade_id"])

    def look(artifact: Artifact, path: str) -> Marked:
        try:
            key = f"file:{where}:{path}"
            data = _kept(key, kept) if session is None else _fetched(path, session, limits, until)
            if 4 * len(data) <= 3 * KEPT_BYTES:
                kept[key] = base64.b64encode(data).decode()
            if artifact.is_model:
                outputs, parameters = _asked(artifact, data, seed, limits, start, until)
            else:
                outputs, parameters = artifacts.read_predictions(data, limits.answer_bytes), 0
            return judged(artifacts.judged(artifact, outputs, seed, parameters))
        except MalformedError as error:
            return judged(artifacts.failed(artifact, "the file", str(error)))
        except SessionError as error:
            marked = judged(artifacts.failed(artifact, "the file", error.sentence))
            marked.cause = error.cause
            return marked

    return mark(cell, (look(*each) for each in files(cell.source)))


def _kept(key: str, kept: Mapping[str, str]) -> bytes:
    if key not in kept:
        raise NotKept(key)
    return base64.b64decode(kept[key])


def _fetched(path: str, session: Channel, limits: Limits, until: float) -> bytes:
    """Return a file of the kernel's."""
    expression = f"{AGENT}.file({path!r}, {limits.answer_bytes})"
    text = session.evaluate("", expression, _seconds(limits.cell_seconds, until))
    try:
        data = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error) as error:
        raise SessionError("malformed", "the file could not be read") from error
    if not data:
        raise MalformedError(f"there is no {path}; save it first")
    if len(data) > limits.answer_bytes:
        raise MalformedError(f"it is larger than {limits.answer_bytes / 2**20:.3g} MiB")
    return data


def _asked(artifact: Artifact, data: bytes, seed: int, limits: Limits, start: Start, until: float) -> tuple[Any, int]:
    """Return what a model makes of the inputs, and how many parameters it has, by a kernel of its own."""
    model = "model.keras" if artifact.file.endswith(".keras") else "model.weights.h5"
    build = wire.name_of(artifact.build) if artifact.build else ""
    with start({model: data, _INPUTS: _saved(artifact.drawn(seed)[0])}) as session:
        expression = f"{AGENT}.outputs({model!r}, {_INPUTS!r}, {build!r})"
        text = session.evaluate("", expression, _seconds(artifact.seconds, until))
    purse = wire.Purse(limits.answer_bytes)
    try:
        node = wire.parse(text, purse)
        if "x" in node:
            raise MalformedError(f"Keras cannot use it: {wire.text_of(node['x'][1], purse, 300)}")
        parameters = node["parameters"]
        if type(parameters) is not int:
            raise wire.WireError("the model's answer could not be read")
        return wire.decode(node["outputs"], purse), parameters
    except (wire.WireError, TypeError, KeyError, IndexError) as error:
        raise SessionError("malformed", "the model's answer could not be read") from error


def _seconds(wanted: float, until: float) -> float:
    """Return how long to wait.

    Raises:
        SessionError: if there is no time left.
    """
    left = until - time.monotonic()
    if left <= 0:
        raise SessionError("time", OVER)
    return min(wanted, left)


def _saved(array: Array) -> bytes:
    file = io.BytesIO()
    np.save(file, array, allow_pickle=False)
    return file.getvalue()
