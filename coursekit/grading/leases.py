"""Sharing a machine among submissions that are graded at once: which GPU each may use, and how much memory.

How much one submission needs is measured on the reference solution (`coursekit.grading.calibration`). As many hold a
lease of a device as find room in its memory: floor(memory / slice). Claims and locks belong to processes and live in
files, so that all workers of a machine see them, and a worker that is killed gives back what it had.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from coursekit.errors import CourseError
from coursekit.grading.graded import Graded
from coursekit.grading.limits import MIB

HOST = "host"
"""What the machine itself is called among devices."""

_ASKING = 30.0  # seconds that nvidia-smi may take: it wakes the driver
_AGAIN = 0.05
_EXHAUSTED = ("ResourceExhaustedError", "OutOfMemoryError")
_SAYS_SO = ("RESOURCE_EXHAUSTED", "CUDA out of memory", "CUDA_ERROR_OUT_OF_MEMORY")


@dataclass(frozen=True)
class Device:
    """A GPU.

    Attributes:
        name: as CUDA knows it on every machine (``GPU-…``); unlike a number, it means the same in every process.
        memory_bytes: that it has.
    """

    name: str
    memory_bytes: int


class NoRoom(Exception):
    """All memory is claimed."""


def devices() -> tuple[Device, ...]:
    """Return the GPUs that this process may use, in the order of CUDA_VISIBLE_DEVICES; none without nvidia-smi.

    Parts of a GPU (MIG) are not told apart: a process that may use only such a part has none.
    """
    found = {}
    for number, name, memory in _ask("index,uuid,memory.total"):
        if memory.isdecimal():  # "[N/A]": its memory is the machine's
            found[number] = Device(name, int(memory) * MIB)
    allowed = os.environ.get("CUDA_VISIBLE_DEVICES")
    if allowed is None:
        return tuple(found.values())
    chosen = []
    for entry in map(str.strip, allowed.split(",")):
        device = found.get(entry) or next(
            (each for each in found.values() if entry.startswith("GPU-") and each.name.startswith(entry)), None
        )
        if device is None:
            break  # as CUDA does: what comes after something unknown is not used
        chosen.append(device)
    return tuple(dict.fromkeys(chosen))


def used_bytes(device: Device) -> int:
    """Return how much of a GPU's memory is in use, by whomever."""
    for name, memory in _ask("uuid,memory.used"):
        if name == device.name and memory.isdecimal():
            return int(memory) * MIB
    return 0


def _ask(what: str) -> list[list[str]]:
    """Return what nvidia-smi says of each GPU, memory in MiB."""
    try:
        answer = subprocess.run(
            ["nvidia-smi", f"--query-gpu={what}", "--format=csv,noheader,nounits"],
            capture_output=True,
            text=True,
            timeout=_ASKING,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return []
    lines = [[part.strip() for part in line.split(",")] for line in answer.stdout.splitlines()]
    return [line for line in lines if len(line) == what.count(",") + 1]


def device_files() -> tuple[str, ...]:
    """Return the device files through which GPUs are used, for `coursekit.grading.sandbox.Box.devices`."""
    return tuple(sorted(str(path) for path in Path("/dev").glob("nvidia*") if not path.is_dir()))


def environment(device: Device, slice_bytes: int) -> dict[str, str]:
    """Return the variables of kernels that hold a lease.

    TensorFlow takes what it needs as it needs it, JAX no more than its slice. TensorFlow has no variable for a limit,
    and limited by a call it would refuse ``set_memory_growth``, which notebooks begin with: so its slice is not forced
    upon it, but has room to spare, and what runs out of memory is tried again alone (`out_of_memory`).
    """
    return {
        "CUDA_VISIBLE_DEVICES": device.name,
        "TF_FORCE_GPU_ALLOW_GROWTH": "true",
        "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
        "XLA_PYTHON_CLIENT_MEM_FRACTION": f"{min(1.0, slice_bytes / device.memory_bytes):.3f}",
    }


def out_of_memory(graded: Graded) -> bool:
    """Say whether a submission ran out of memory, which others beside it may have taken: it is tried again, alone."""
    import json

    if any(cell.cause == "memory" for cell in graded.cells):
        return True
    cells = json.loads(graded.notebook)["cells"] if graded.notebook else []
    errors = [each for cell in cells for each in cell.get("outputs", []) if each.get("output_type") == "error"]
    return any(
        str(each.get("ename", "")).endswith(_EXHAUSTED) or any(text in str(each.get("evalue", "")) for text in _SAYS_SO)
        for each in errors
    )


class Ledger:
    """Who has claimed what of this machine's memory, and who uses a device: files that its processes share.

    Args:
        folder: holds them; one of this user's in the folder for temporary files if left out.

    Raises:
        CourseError: if that folder is somebody else's.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or Path(tempfile.gettempdir(), f"coursekit-leases-{os.getuid()}")
        self._folder.mkdir(mode=0o700, exist_ok=True)
        if self._folder.is_symlink() or self._folder.stat().st_uid != os.getuid():
            raise CourseError(
                f"{self._folder} belongs to somebody else.", fix="set TMPDIR to a folder of your own for the workers."
            )

    def path(self, name: str) -> Path:
        """Return the path of a file beside the claims."""
        return self._folder / name

    @contextlib.contextmanager
    def claimed(self, shares: Iterable[tuple[str, int, int]]) -> Iterator[None]:
        """Hold memory of devices.

        Args:
            shares: of each device its name, how much memory it has, and how much is wanted, in bytes.

        Raises:
            NoRoom: if others have claimed too much of one.
        """
        with contextlib.ExitStack() as held:
            for name, capacity, amount in shares:
                held.enter_context(self._claim(name, capacity, amount))
            yield

    @contextlib.contextmanager
    def _claim(self, name: str, capacity: int, amount: int) -> Iterator[None]:
        with contextlib.ExitStack() as held:
            with self.using(f"{name}.claims", alone=True, seconds=_ASKING):
                taken = sum(self._living(name))
                if taken + min(amount, capacity) > capacity:
                    raise NoRoom(f"{taken // MIB} of {capacity // MIB} MiB of {name} are claimed")
                path = self._folder / f"{name}-{secrets.token_hex(8)}.claim"
                file = held.enter_context(path.open("w"))
                held.callback(path.unlink, missing_ok=True)
                _try_lock(file.fileno(), alone=True)
                file.write(str(min(amount, capacity)))
                file.flush()
            yield

    def _living(self, name: str) -> Iterator[int]:
        """Yield what each process has claimed that still runs; the claims of others are removed."""
        for path in self._folder.glob(f"{name}-*.claim"):
            with contextlib.suppress(FileNotFoundError), path.open("r+") as file:
                if _try_lock(file.fileno(), alone=True):
                    path.unlink(missing_ok=True)
                else:
                    yield int(file.read() or 0)

    @contextlib.contextmanager
    def using(self, name: str, alone: bool, seconds: float) -> Iterator[None]:
        """Use a device beside others, or alone.

        Args:
            name: of the device.
            alone: wait until nobody uses it, and let nobody begin.
            seconds: how long to wait at most.

        Raises:
            TimeoutError: if it could not be had in that time.
        """
        until = time.monotonic() + seconds
        with (self._folder / f"{name}.lock").open("w") as file:
            while not _try_lock(file.fileno(), alone):
                if time.monotonic() > until:
                    raise TimeoutError(f"{name} was in use for {seconds:.0f} s")
                time.sleep(_AGAIN)
            yield


def _try_lock(file: int, alone: bool) -> bool:
    """Lock an open file, for as long as it is open; say whether that could be done."""
    import fcntl

    try:
        fcntl.flock(file, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
