"""Writes data sets into the TFDS data directory: ours from installed packages, others from the web.

``python -m coursekit.data.preparing NAME`` does the same from a shell.
"""

import os
import subprocess
import sys
from pathlib import Path

from coursekit.child import run_python
from coursekit.data import catalogue, storage
from coursekit.errors import CourseError
from coursekit.quiet import quiet_import

DEADLINE = 600  # seconds for a set that needs no network; it takes about 10


def prepare(name: str) -> Path:
    """Prepare a data set, downloading it if it is of tier 1, and return its folder.

    Nothing happens if it is prepared already. An interrupted preparation leaves nothing that the
    next one would trip over: TFDS writes to a temporary folder and renames it at the end. This
    imports TensorFlow, as TFDS does while it writes.

    Raises:
        CourseError: if the name is unknown, the folder cannot be written to, or the download fails.
    """
    source = catalogue.find(name)
    if not storage.is_prepared(name):
        _need_writable(catalogue.data_dir())
        quiet_import("tensorflow")
        _download_and_prepare(name, progress=source.tier > 0)
    return Path(storage.open_builder(name).data_path)


def prepare_apart(name: str) -> None:
    """Prepare a tier-0 set in a process of its own, which keeps TensorFlow out of this one."""
    _need_writable(catalogue.data_dir())
    print(f"preparing {name}, once (about 10 s) …", flush=True)
    try:
        done = run_python("-m", "coursekit.data.preparing", name, timeout=DEADLINE)
    except subprocess.TimeoutExpired:
        said = f"no end after {DEADLINE} s"
    else:
        if done.returncode == 0:
            return
        said = "\n".join(done.stderr.strip().splitlines()[-2:]) or f"exit {done.returncode}"
    raise CourseError(
        f"{name} could not be prepared in {catalogue.data_dir()}: {said}",
        fix=f"run `coursekit data prepare {name}` to see the whole message, or set TFDS_DATA_DIR.",
    )


def _download_and_prepare(name: str, progress: bool) -> None:
    import requests
    import tensorflow_datasets as tfds
    from tensorflow_datasets.core.download import downloader

    downloader.MAX_RETRIES = 2  # the default of 10 sleeps for 205 s when there is no network
    if not progress:
        tfds.disable_progress_bar()
    builder = storage.open_builder(name)
    try:
        builder.download_and_prepare()
    except requests.exceptions.RequestException as error:
        raise CourseError(
            f"{name} could not be downloaded: {type(error).__name__}.",
            fix=f"run `coursekit data prepare {name}` again with a network connection.",
        ) from error
    except OSError:
        # Another process that prepared the same set came first: then its folder is in the way.
        if not storage.is_prepared(name):
            raise


def _need_writable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        reason = None if os.access(folder, os.W_OK) else "permission denied"
    except OSError as error:
        reason = error.strerror
    if reason:
        raise CourseError(
            f"data sets cannot be written to {folder}: {reason}.",
            fix="set TFDS_DATA_DIR to a folder you may write to.",
        )


if __name__ == "__main__":
    try:
        prepare(sys.argv[1])
    except CourseError as error:
        sys.exit(str(error))
