"""Remembers what a learner has done, in one readable file on this computer; nothing is sent anywhere.

The file is ``~/.coursekit/progress.json``, or what the environment variable ``COURSEKIT_PROGRESS`` names; ``off`` keeps
no record. While nbgrader executes a notebook (``NBGRADER_EXECUTION``) nothing is recorded: that is not the learner.
"""

import os
import warnings
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from coursekit.teach import jsonfile, panel


def record_check(exercise: str, passed: bool) -> None:
    """Count an attempt at an exercise; one that has passed once stays passed."""

    def change(held: dict[str, Any]) -> None:
        entry = held.setdefault("exercises", {}).setdefault(exercise, {})
        entry["attempts"] = entry.get("attempts", 0) + 1
        entry["passed"] = bool(passed) or entry.get("passed", False)
        entry["last"] = _now()

    _record(change)


def record_prediction(id: str, choice: str) -> None:
    """Keep a prediction that was typed in a cell; a later one of the same id takes its place."""

    def change(held: dict[str, Any]) -> None:
        held.setdefault("predictions", {})[id] = {"choice": choice, "at": _now()}

    _record(change)


def progress() -> None:
    """Show what has been done: exercises and typed predictions, and what this browser keeps of quizzes."""
    from coursekit import exercises

    path = progress_file()
    try:
        held = jsonfile.read(path, _valid) if path else {}
    except OSError as error:
        _warn(path, error)
        held = {}
    panel.show(held, exercises.assignments(), path)


def progress_file() -> Path | None:
    """Return the file that records are kept in, or None if none are to be kept."""
    chosen = os.environ.get("COURSEKIT_PROGRESS", "")
    if chosen == "off" or "NBGRADER_EXECUTION" in os.environ:
        return None
    return Path(chosen or "~/.coursekit/progress.json").expanduser()


def _record(change: Callable[[dict[str, Any]], None]) -> None:
    path = progress_file()
    if path is None:
        return
    try:
        jsonfile.update(path, change, _valid)
    except OSError as error:
        _warn(path, error)


_told: set[Path | None] = set()


def _warn(path: Path | None, error: OSError) -> None:
    """Say once that nothing is recorded; a lesson goes on without its record."""
    if path not in _told:
        _told.add(path)
        warnings.warn(
            f"progress is not recorded: {path}: {error.strerror or error}. "
            "Set COURSEKIT_PROGRESS to a file you may write to, or to 'off'.",
            stacklevel=4,
        )


def _valid(held: Any) -> bool:
    """Tell whether a file has the form that this module writes."""
    if not isinstance(held, dict):
        return False
    kinds = [held.get("exercises", {}), held.get("predictions", {})]
    return all(isinstance(kind, dict) and all(isinstance(entry, dict) for entry in kind.values()) for kind in kinds)


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="seconds")
