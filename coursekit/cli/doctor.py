"""``coursekit doctor``: what is installed, what is missing, and what to do about each gap."""

import importlib.metadata
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from coursekit.child import run_python
from coursekit.data import catalogue, storage
from coursekit.errors import CourseError

if TYPE_CHECKING:
    from packaging.requirements import Requirement

DEADLINE = 120  # seconds to import Keras and its back end; 6 to 20 are usual
ENOUGH_DISK = 2e9  # bytes: the tier-0 data, a class's notebooks and room to work
ASK_BACKEND = (
    "import json; from coursekit import backend; "
    "print(json.dumps([backend.name(), backend.keras().__version__, backend.devices()]))"
)


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        subject: what.
        state: ``ok``; ``gap``, something to mend; ``info``, good to know, or optional.
        found: what is there, in words.
        fix: what to do; empty where nothing need be done.
    """

    subject: str
    state: Literal["ok", "gap", "info"]
    found: str
    fix: str = ""


def diagnose() -> list[Finding]:
    """Look at everything the course needs; takes about as long as importing Keras does."""
    return [
        *_packages(),
        _backend(),
        *_data_sets(),
        _progress_file(),
        *_programs(),
        _disk(catalogue.data_dir()),
    ]


def _packages() -> Iterator[Finding]:
    """Yield Python and each package, held against the ranges that coursekit declares."""
    from packaging.requirements import Requirement
    from packaging.specifiers import SpecifierSet

    try:
        declared = importlib.metadata.metadata("coursekit")
    except importlib.metadata.PackageNotFoundError:
        yield Finding("coursekit", "gap", "not installed", "run `make course` in the clone.")
        return
    python, wanted = platform.python_version(), declared["Requires-Python"]
    if python in SpecifierSet(wanted):
        yield Finding("Python", "ok", python)
    else:
        yield Finding("Python", "gap", f"{python}, needs {wanted}", "install a Python in range.")
    for line in importlib.metadata.requires("coursekit") or []:
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield _package(requirement)


def _package(requirement: "Requirement") -> Finding:
    install = f'pip install "{requirement.name}{requirement.specifier}"'
    try:
        version = importlib.metadata.version(requirement.name)
    except importlib.metadata.PackageNotFoundError:
        return Finding(requirement.name, "gap", "not installed", install)
    if not requirement.specifier.contains(version, prereleases=True):
        found = f"{version}, needs {requirement.specifier}"
        return Finding(requirement.name, "gap", found, install)
    return Finding(requirement.name, "ok", version)


def _backend() -> Finding:
    """Ask a process of its own: importing the back end may take long, or fail, or crash."""
    subject = "back end"
    fix = "run `python -c 'import keras'` to see the whole message."
    try:
        done = run_python("-c", ASK_BACKEND, timeout=DEADLINE)
    except subprocess.TimeoutExpired:
        return Finding(subject, "gap", f"importing Keras did not end within {DEADLINE} s", fix)
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()[-1:] or [f"exit {done.returncode}"]
        return Finding(subject, "gap", f"Keras cannot be imported: {said[0]}", fix)
    # The last line: a back end may print as it starts.
    name, version, devices = json.loads(done.stdout.strip().splitlines()[-1])
    found = f"Keras {version} on {name}, computes on {', '.join(devices)}"
    if shutil.which("nvidia-smi") and not any(device.startswith("gpu") for device in devices):
        fix = f'for {name} to use the GPU of this computer: pip install "coursekit[gpu]"'
        return Finding(subject, "gap", found, fix)
    return Finding(subject, "ok", found)


def _data_sets() -> Iterator[Finding]:
    folder = catalogue.data_dir()
    for name, source in catalogue.CATALOGUE.items():
        subject, command = f"data: {name}", f"coursekit data prepare {name}"
        try:
            prepared = storage.is_prepared(name)
        except CourseError as error:
            yield Finding(subject, "gap", error.problem, error.fix)
            continue
        except Exception as error:  # TFDS itself does not start
            fix = "run `make course` again; `python -c 'import tensorflow_datasets'` says more."
            yield Finding("data", "gap", f"TFDS cannot be used: {error}", fix)
            return
        if prepared:
            yield Finding(subject, "ok", f"prepared in {folder / name}")
        elif source.tier > 0:
            yield Finding(subject, "info", "not prepared; optional", f"online: {command}")
        elif _writable(folder):
            yield Finding(subject, "info", "not prepared; the first use will", command)
        else:
            found = f"not prepared, and {folder} cannot be written to"
            yield Finding(subject, "gap", found, "set TFDS_DATA_DIR to a folder you may write to.")


def _progress_file() -> Finding:
    from coursekit.teach.records import progress_file

    subject, path = "progress", progress_file()
    if path is None:
        return Finding(subject, "info", "not recorded (COURSEKIT_PROGRESS is off)")
    if _writable(path):
        return Finding(subject, "ok", f"recorded in {path}")
    fix = "set COURSEKIT_PROGRESS to a file you may write to, or to off."
    return Finding(subject, "gap", f"{path} cannot be written to", fix)


def _programs() -> Iterator[Finding]:
    beside = Path(sys.executable).parent
    for program in ("nbgrader", "alembic"):  # nbgrader calls alembic for its gradebook
        subject = f"command {program}"
        if path := shutil.which(program):
            yield Finding(subject, "ok", path)
        elif shutil.which(program, path=str(beside)):
            fix = f'to use it outside of coursekit: export PATH="{beside}:$PATH"'
            yield Finding(subject, "info", f"in {beside}, which is not on PATH", fix)
        else:
            yield Finding(subject, "gap", "not found", "pip install nbgrader")
    optional = {
        "Chromium": (("chromium", "chromium-browser", "google-chrome"), "browser tests"),
        "Graphviz": (("dot",), "drawing graphs of computations"),
    }
    for subject, (commands, use) in optional.items():
        if path := next(filter(None, map(shutil.which, commands)), None):
            yield Finding(subject, "ok", path)
        else:
            fix = f"for {use}: install {subject.lower()} with the system's package manager."
            yield Finding(subject, "info", "not found; optional", fix)


def _disk(folder: Path) -> Finding:
    free = shutil.disk_usage(_nearest(folder)).free
    found = f"{free / 1e9:.0f} GB free at {folder}"
    if free < ENOUGH_DISK:
        fix = "free some space, or set TFDS_DATA_DIR to another disk."
        return Finding("disk", "gap", found, fix)
    return Finding("disk", "ok", found)


def _writable(path: Path) -> bool:
    """Return whether ``path`` can be written to, or made."""
    return os.access(_nearest(path), os.W_OK) and (path.exists() or _nearest(path).is_dir())


def _nearest(path: Path) -> Path:
    """Return ``path``, or the nearest folder above it that exists."""
    return next(candidate for candidate in (path, *path.absolute().parents) if candidate.exists())
