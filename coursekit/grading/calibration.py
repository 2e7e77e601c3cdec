"""How much memory an assignment takes: that of its reference solution, graded once like a submission."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from types import TracebackType

import psutil

from coursekit.errors import CourseError
from coursekit.grading.bundle import Bundle
from coursekit.grading.execution import Start
from coursekit.grading.leases import Device, used_bytes
from coursekit.grading.limits import MIB, Limits
from coursekit.grading.session import Kernel
from coursekit.grading.staging import Staged

HEADROOM = 1.5
"""A student's solution may take this many times what the reference took: another batch size, two models at once."""

LEAST = 1024 * MIB
"""The smallest slice of a GPU: CUDA itself takes half of that in every process."""

_LOOK_AGAIN = 0.1


@dataclass(frozen=True)
class Peak:
    """The most memory that one submission took at a time, in bytes.

    Attributes:
        host_bytes: of the machine's, by its kernels, shared with nobody.
        device_bytes: of the GPU's; 0 where there is none.
    """

    host_bytes: int
    device_bytes: int

    @property
    def host_slice(self) -> int:
        """What to reserve of the machine's memory for one submission."""
        return int(HEADROOM * self.host_bytes)

    @property
    def device_slice(self) -> int:
        """What to reserve of a GPU's memory for one submission."""
        return max(LEAST, int(HEADROOM * self.device_bytes))

    def to_json(self) -> str:
        """Return it as text."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Peak:
        """Read what `to_json` wrote."""
        return cls(**json.loads(text))


def calibrate(bundle: Bundle, limits: Limits, start: Start, level: str, device: Device | None = None) -> Peak:
    """Grade an assignment's reference solution and return the most memory that it took.

    Args:
        bundle: the assignment.
        limits: of the run.
        start: starts its kernels.
        level: how they are shut in.
        device: the GPU that they use, and nobody else meanwhile: what is in use of it is taken to be theirs.

    Raises:
        CourseError: if the reference solution could not be run.
    """
    from coursekit.grading.runner import grade

    meter = _Meter(device)
    reference = Staged("reference", bundle.source, {}, "", (), "")
    with meter:
        graded = grade(bundle, reference, limits, lambda files: meter.watched(start, files), level)
    if graded.fault:
        raise CourseError(
            f"the reference solution of {bundle.assignment} could not be run: {graded.fault}",
            fix="see that `coursekit grade` works on that machine by itself.",
        )
    return Peak(meter.host_bytes, meter.device_bytes)


class _Meter:
    """Looks at memory ten times a second."""

    def __init__(self, device: Device | None) -> None:
        self.host_bytes = self.device_bytes = 0
        self._device = device
        self._before = used_bytes(device) if device else 0
        self._running: set[int] = set()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> _Meter:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over.set()
        self._thread.join(60.0)

    @contextlib.contextmanager
    def watched(self, start: Start, files: Mapping[str, bytes]) -> Iterator[Kernel]:
        """Start a kernel that is looked at while it runs."""
        with start(files) as kernel:
            self._running.add(kernel.pid)
            try:
                yield kernel
            finally:
                self._running.discard(kernel.pid)

    def _watch(self) -> None:
        while not self._over.wait(_LOOK_AGAIN):
            self.host_bytes = max(self.host_bytes, sum(map(_private_bytes, tuple(self._running))))
            if self._device:
                self.device_bytes = max(self.device_bytes, used_bytes(self._device) - self._before)


def _private_bytes(pid: int) -> int:
    """Return the memory that a process and those under it share with nobody; 0 if it is gone."""
    try:
        outer = psutil.Process(pid)
        return sum(int(each.memory_full_info().uss) for each in (outer, *outer.children(recursive=True)))
    except psutil.Error:
        return 0
