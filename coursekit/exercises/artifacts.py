"""Artifacts: what a notebook saves to be scored, such as predictions or a trained model.

The labels are never where the answer is made: the grader draws inputs and labels from a secret seed, gives the inputs
out and keeps the labels. While practising, both are drawn from seed `PRACTICE`.

An assignment lists its artifacts as ``ARTIFACTS`` beside its ``ASSIGNMENT``.
"""

from __future__ import annotations

import importlib
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from coursekit.exercises.checking import Failure, Verdict
from coursekit.exercises.comparing import MalformedError, number
from coursekit.exercises.core import Array

PRACTICE = 0
"""Draws what is practised on; no grade ever uses it."""

Draw = Callable[[np.random.Generator], tuple[Array, Array]]
Score = Callable[[Array, Array], float]

_MEMBERS = 64
_LIST = 16  # longer lists of numbers in a model's configuration are no shapes
_HEADER = 128
_ENTRY = b"PK\x01\x02"  # begins every entry of a zip archive's directory


def accuracy(labels: Array, outputs: Array) -> float:
    """Return the share of labels (n,) that outputs hit: labels (n,), or scores (n, classes)."""
    chosen = outputs.argmax(axis=1) if outputs.ndim == 2 else outputs
    return float(np.mean(chosen == labels))


@dataclass(frozen=True)
class Artifact:
    """Something saved that is worth points.

    Attributes:
        name: of its check.
        points: what it is worth.
        file: what the notebook saves: predictions (``.npz`` or ``.npy``, one array), a model (``.keras``) or weights
            (``.weights.h5``).
        draw: draws inputs (n, …) and labels (n,). Labels that can be looked up, or drawn again from what a notebook
            sees, are no secret: draw from data that is made.
        needed: the score that earns the points.
        shape: of the output for one input: ``()`` for labels, ``(10,)`` for scores of ten classes.
        score: takes labels and outputs (n, *shape).
        measure: what the score is called.
        build: gives the Keras model that the weights are for; a function of a module under `coursekit.exercises`.
        parameters: how many a model may have.
        seconds: how long a model may take to be loaded and to answer.
        hint: what to look at when the score is too low.
    """

    name: str
    points: int
    file: str
    draw: Draw
    needed: float
    shape: tuple[int, ...] = ()
    score: Score = accuracy
    measure: str = "accuracy"
    build: Callable[[], Any] | None = None
    parameters: int | None = None
    seconds: float = 120.0
    hint: str = ""

    @property
    def is_model(self) -> bool:
        """Whether the file holds a model, which must be run to be scored."""
        return self.file.endswith((".keras", ".weights.h5"))

    @property
    def inputs_file(self) -> str:
        """The file in which a graded notebook finds the inputs to predict for."""
        return f"{self.name}_inputs.npy"

    def drawn(self, seed: int) -> tuple[Array, Array]:
        """Return inputs and labels."""
        return self.draw(np.random.default_rng(seed))


def find(name: str) -> Artifact | None:
    """Return the artifact called `name`, or None."""
    return next((artifact for artifact in _all() if artifact.name == name), None)


def _all() -> list[Artifact]:
    from coursekit import exercises

    modules = [importlib.import_module(f"coursekit.exercises.{each}") for each in exercises.ASSIGNMENTS]
    return [artifact for module in modules for artifact in getattr(module, "ARTIFACTS", ())]


def judged(artifact: Artifact, outputs: Any, seed: int, parameters: int = 0) -> Verdict:
    """Score outputs.

    Args:
        artifact: what was asked.
        outputs: for the inputs drawn from the seed, in their order.
        seed: drew them; it is not told.
        parameters: of the model, if it is one.
    """
    inputs, labels = artifact.drawn(seed)
    about = f"{len(inputs)} inputs that were not seen before"
    if artifact.parameters is not None and parameters > artifact.parameters:
        return failed(artifact, "the budget", f"{parameters:,} parameters; {artifact.parameters:,} are allowed", about)
    try:
        array = np.asarray(outputs)
    except Exception as error:  # whatever NumPy says of lists that make no array
        raise MalformedError(f"{artifact.file} should hold one array") from error
    expected = (len(inputs), *artifact.shape)
    if array.dtype.kind not in "biuf":
        return failed(artifact, "the file", "its outputs should be real numbers", about)
    if array.shape != expected:
        return failed(artifact, "the file", f"shape of the outputs: expected {expected}, got {array.shape}", about)
    with np.errstate(all="ignore"):
        score = artifact.score(labels, array.astype(np.float64))
    if not score >= artifact.needed:
        problem = f"{artifact.measure} {number(score)}; {number(artifact.needed)} is needed"
        return failed(artifact, "the score", problem, about, artifact.hint)
    return Verdict(artifact.name, artifact.points, "passed", 1, (), "", "", PRACTICE)


def failed(artifact: Artifact, what: str, problem: str, inputs: str = "", hint: str = "") -> Verdict:
    """Return the verdict on an artifact that is not good enough, or cannot be scored."""
    failure = Failure(what, inputs or artifact.file, problem)
    return Verdict(artifact.name, artifact.points, "failed", 1, (failure,), "", hint, PRACTICE)


def read_predictions(data: bytes, most: int) -> Array:
    """Read the one array of an ``.npy`` or ``.npz`` file that is not trusted.

    Args:
        data: the file.
        most: bytes that it may hold when unpacked.

    Raises:
        MalformedError: if it is anything else, or larger; the message is for the student.
    """
    if data.startswith(np.lib.format.MAGIC_PREFIX):
        return _array(data, most)
    try:
        members = _members(data, most)
    except MalformedError:
        raise
    except Exception as error:  # so does `zipfile`
        raise MalformedError("it is no .npz file that np.savez would write") from error
    if len(members) != 1:
        raise MalformedError(f"it should hold one array; it holds {len(members)}")
    return _array(members[0], most)


def _members(data: bytes, most: int) -> list[bytes]:
    """Return the files in a zip archive, none unpacked beyond the size that all of them say they have together."""
    if data.count(_ENTRY) > _MEMBERS:  # counted before `zipfile` makes an object of each
        raise MalformedError(f"it holds more than {_MEMBERS} files")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
        if sum(entry.file_size for entry in entries) > most + _HEADER * len(entries):
            raise MalformedError(f"it holds more than {most} bytes")
        if any(entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for entry in entries):
            raise MalformedError("it is packed in a way that np.savez never uses")
        found = []
        for entry in entries:
            with archive.open(entry) as file:
                found.append(file.read(entry.file_size + 1))  # without a number it unpacks whatever there is
        return found


def _array(data: bytes, most: int) -> Array:
    """Read an ``.npy`` file: the header first, because NumPy makes room for as much as it says."""
    file = io.BytesIO(data)
    try:
        version = np.lib.format.read_magic(file)
        reader = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }.get(version)
        if reader is None:
            raise MalformedError("it is written in a way that np.save never uses for numbers")
        shape, _, dtype = reader(file)
        if dtype.kind not in "biuf" or dtype.itemsize > 16:
            raise MalformedError("it should hold real numbers")
        size = int(np.prod([int(n) for n in shape], dtype=object)) * dtype.itemsize
        if not 0 <= size <= min(most, len(data)) or min(shape, default=0) < 0:
            raise MalformedError("it holds fewer numbers than it says, or too many")
        file.seek(0)
        loaded: Array = np.lib.format.read_array(file, allow_pickle=False)
        return loaded
    except MalformedError:
        raise
    except Exception as error:  # NumPy reads the header with Python's own parser, which raises many kinds
        raise MalformedError("it is no file that np.save would write") from error


def read(artifact: Artifact, path: Path, most: int = 2**26) -> tuple[Any, int]:
    """Return the outputs for the inputs of practice, and the number of a model's parameters, in this process.

    Raises:
        OSError: if there is no such file.
        MalformedError: if it does not hold what it should.
    """
    if not artifact.is_model:
        return read_predictions(path.read_bytes(), most), 0
    path.open("rb").close()
    try:
        model = load_model(path, artifact.build)
        return model.predict(artifact.drawn(PRACTICE)[0], verbose=0), parameters(model)
    except Exception as error:  # Keras raises many kinds
        raise MalformedError(f"Keras cannot use it: {' '.join(str(error).split())[:200]}") from error


def load_model(path: Path, build: Callable[[], Any] | None) -> Any:
    """Load a Keras model, or weights into what `build` gives; nothing that the file brings as code is run.

    Raises:
        ValueError: whatever Keras finds wrong with it.
    """
    import keras

    if build is None:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    model = build()
    model.load_weights(path)
    return model


def parameters(model: Any) -> int:
    """Return how many numbers a Keras model holds: its weights, moving averages included, and its constants.

    Constants are arrays that operations were called with, or layers made with. Keras keeps them in the configuration,
    and does not count them, though they work like weights.
    """
    import keras

    def numbers(node: Any) -> int:
        return sum(map(numbers, node)) if isinstance(node, (list, tuple)) else isinstance(node, (int, float))

    def constants(node: Any, array: bool = False) -> int:
        if isinstance(node, dict):
            array = array or node.get("class_name") in ("__numpy__", "__tensor__")
            return sum(constants(each, array) for each in node.values())
        if not isinstance(node, (list, tuple)):
            return int(array) * numbers(node)
        held = numbers(node)
        inner = sum(constants(each) for each in node if isinstance(each, (dict, list, tuple)) and not numbers(each))
        return inner + (held if array or held > _LIST else 0)

    return int(model.count_params()) + constants(keras.saving.serialize_keras_object(model))
