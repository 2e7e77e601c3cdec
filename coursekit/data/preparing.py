"""Writes data sets into the TFDS data directory: ours from installed packages, others from the web.

``python -m coursekit.data.preparing NAME …`` does the same from a shell.
"""

import logging
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

from coursekit.child import run_python
from coursekit.data import catalogue, storage
from coursekit.errors import CourseError
from coursekit.quiet import quiet_import

DEADLINE = 600  # seconds for a set that needs no network; it takes 10 to 20
TIMEOUTS = (5, 60)  # seconds to wait for a connection, and for the next bytes of a download


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


def prepare_apart(*names: str) -> None:
    """Prepare tier-0 sets in one process of their own, which keeps TensorFlow out of this one."""
    _need_writable(catalogue.data_dir())
    listed = ", ".join(names)
    print(f"preparing {listed}, once (10 to 20 s each) …", flush=True)
    try:
        done = run_python("-m", "coursekit.data.preparing", *names, timeout=DEADLINE * len(names))
    except subprocess.TimeoutExpired:
        said = f"no end after {DEADLINE * len(names)} s"
    else:
        if done.returncode == 0:
            return
        said = "\n".join(done.stderr.strip().splitlines()[-2:]) or f"exit {done.returncode}"
    raise CourseError(
        f"{listed} could not be prepared in {catalogue.data_dir()}: {said}",
        fix=f"run `coursekit data prepare {names[0]}` to see the whole message, or set TFDS_DATA_DIR.",
    )


def _download_and_prepare(name: str, progress: bool) -> None:
    import requests
    import tensorflow_datasets as tfds
    from tensorflow_datasets.core.download import downloader

    downloader.MAX_RETRIES = 2  # the default of 10 sleeps for 205 s when there is no network
    if not isinstance(downloader._open_url, partial):  # the default waits for ever where packets are dropped
        downloader._open_url = partial(downloader._open_url, timeout=TIMEOUTS)
    logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)  # it warns of each retry
    if not progress:
        tfds.disable_progress_bar()
    builder = storage.open_builder(name)
    try:
        builder.download_and_prepare()
    except requests.exceptions.RequestException as error:
        raise CourseError(
            f"{name} could not be downloaded: {type(error).__name__}.",
            fix=f"run `coursekit data prepare {name}` again with a network connection{catalogue.or_else(name)}.",
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
        for wanted in sys.argv[1:]:
            prepare(wanted)
    except CourseError as error:
        sys.exit(str(error))
