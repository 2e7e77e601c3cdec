"""A small JSON file that several processes may change without losing each other's changes."""

import json
import os
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

PATIENCE = 5.0
"""Seconds to wait for another process that is writing: it needs milliseconds."""

if sys.platform == "win32":
    import msvcrt

    def _try_lock(file: IO[str]) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _try_lock(file: IO[str]) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)


def read(path: Path, valid: Callable[[Any], bool]) -> dict[str, Any]:
    """Return what the file holds, ``{}`` if it does not exist or is not ``valid``.

    Raises:
        OSError: if the file exists but cannot be read.
    """
    held = _parse(path)
    return held if isinstance(held, dict) and valid(held) else {}


def update(path: Path, change: Callable[[dict[str, Any]], None], valid: Callable[[Any], bool]) -> None:
    """Apply ``change`` to what the file holds and write it back; readers see the old file or the new one.

    A file that is not JSON, or not ``valid``, is moved aside with a warning, never deleted.

    Raises:
        OSError: if the file cannot be written, or another process holds it for longer than ``PATIENCE``.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _locked(path):
        held = _parse(path)
        if not (isinstance(held, dict) and valid(held)):
            _move_aside(path)
            held = {}
        change(held)
        _replace(path, held)


def _parse(path: Path) -> object:
    """Return the parsed file, ``{}`` if there is none, None if it is not JSON."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError:  # not JSON, or not UTF-8
        return None


def _replace(path: Path, held: dict[str, Any]) -> None:
    draft = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        draft.write_text(json.dumps(held, indent=2, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _move_aside(path: Path) -> None:
    n = 1
    while (aside := path.with_name(f"{path.name}.broken-{n}")).exists():
        n += 1
    path.rename(aside)
    warnings.warn(
        f"{path} could not be read; it was kept as {aside.name} and a new one begun. "
        "To go back: mend that file and rename it.",
        stacklevel=2,
    )


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold ``path`` against other processes; the system lets go of it when a process dies."""
    deadline = time.monotonic() + PATIENCE
    with path.with_name(f"{path.name}.lock").open("a", encoding="utf-8") as file:
        while True:
            try:
                _try_lock(file)
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
        yield
