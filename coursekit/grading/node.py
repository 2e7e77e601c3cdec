"""What grading on a cluster needs on each worker: a template of its own, its own sandbox, perhaps a share of a GPU.

A worker is trusted: it runs the judge. It is handed submissions by `coursekit.grading.cluster` and answers in JSON.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import hashlib
import json
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
from distributed import WorkerPlugin, get_worker

from coursekit.errors import CourseError
from coursekit.grading.bundle import Bundle
from coursekit.grading.keys import digest
from coursekit.grading.leases import HOST, Device, Ledger, NoRoom, device_files, devices, environment
from coursekit.grading.limits import Limits
from coursekit.grading.staging import Staged
from coursekit.grading.worker import faulty

if TYPE_CHECKING:
    from coursekit.grading.calibration import Peak
    from coursekit.grading.kernels import Kernel
    from coursekit.grading.pool import Grader
    from coursekit.grading.sandbox import Level
    from coursekit.grading.starting import Starter

_FRAMEWORKS = {"keras", "tensorflow", "torch", "jax"}


@dataclass(frozen=True)
class Setup:
    """How a run grades: goes to every worker, those that join later too.

    Attributes:
        run: its name, the same for the same class each time.
        bundle: the assignment.
        limits: of each submission.
        unsafe: whether to grade also where submissions cannot be shut in.
        hidden: folders that no kernel may see, should a worker have them.
        waiting: seconds that a submission may wait for others to leave the machine to it.
        grader: grades one submission in place of the sandboxed runner; None for that.
        code: digest of the grader's own program (`code_digest`).
    """

    run: str
    bundle: Bundle
    limits: Limits
    unsafe: bool
    hidden: tuple[Path, ...]
    waiting: float
    grader: Grader | None
    code: str


class Node(WorkerPlugin):
    """A worker's part in a run: made ready by its first task, taken down with the run."""

    def __init__(self, setup: Setup) -> None:
        self.name = setup.run
        self._setup = setup
        self._worker: Any = None

    def setup(self, worker: Any) -> None:
        """Take note of the worker that this is on."""
        self._worker = worker
        self._lock = threading.Lock()
        self._open = contextlib.ExitStack()
        self._grader: Grader | None = None
        self._device = HOST

    async def teardown(self, worker: Any) -> None:
        """End the template."""
        await asyncio.to_thread(self._close)

    def ready(self) -> dict[str, str]:
        """Get ready to grade; return where kernels run, or the ``problem`` that keeps this worker from it."""
        try:
            with self._lock:
                if self._grader is None:
                    self._grader = self._started()
            return {"device": self._device, "problem": ""}
        except Exception as error:
            traceback.print_exc(file=sys.stderr)
            self._close()
            said = error.problem if isinstance(error, CourseError) else f"{type(error).__name__}: {error}"
            return {"device": "", "problem": said[:500]}

    def grade(self, staged: Staged, key: str, alone: bool) -> str:
        """Grade a submission; return `Graded` as JSON. What goes wrong on our side is a fault, not the student's.

        Args:
            staged: the submission.
            key: by which to tell that it begins.
            alone: whether nothing else may run on the GPU meanwhile; without one, on this machine.
        """
        found = self.ready()
        if found["problem"] or self._grader is None:
            return faulty(staged, found["problem"]).to_json()
        try:
            with Ledger().using(self._device, alone, self._setup.waiting):
                self._worker.log_event(self._setup.run, {"started": key})
                return self._grader(self._setup.bundle, staged, self._setup.limits).to_json()
        except Exception as error:
            traceback.print_exc(file=sys.stderr)
            return faulty(staged, f"the grader failed: {type(error).__name__}: {error}"[:500]).to_json()

    def _close(self) -> None:
        with self._lock:
            self._grader = None
            self._open.close()

    def _started(self) -> Grader:
        from coursekit.grading.quick import quick_import
        from coursekit.grading.starting import level_here

        given = self._setup
        if given.grader is not None:
            return given.grader
        if given.code != code_digest():
            raise CourseError(
                "this worker has another version of coursekit.",
                fix="install the same everywhere, and start the workers anew.",
            )
        quick_import("nbformat")
        level = level_here(given.unsafe)
        found = devices() if _FRAMEWORKS & set(given.bundle.modules) else ()
        if not found:
            return self._open.enter_context(self._grading(level, {"CUDA_VISIBLE_DEVICES": ""}, ()))
        device, peak = self._leased(found, level)
        self._device = device.name
        variables = environment(device, peak.device_slice)
        return self._open.enter_context(self._grading(level, variables, device_files()))

    @contextlib.contextmanager
    def _grading(self, level: Level, variables: Mapping[str, str], files: tuple[str, ...]) -> Iterator[Grader]:
        """Keep a template whose kernels have further variables and device files."""
        from coursekit.grading.runner import grade
        from coursekit.grading.starting import started

        given = self._setup
        # The runner gets the assignment as it is: its digest seeds the judge, on every worker alike.
        here = replace(given.bundle, environment={**given.bundle.environment, **variables})
        with started(here, given.limits, level, given.hidden) as grader:
            start: Starter = grader.keywords["start"]  # type: ignore[attr-defined]
            yield functools.partial(grade, start=OnDevices(start, files), level=level.value)

    def _leased(self, found: tuple[Device, ...], level: Level) -> tuple[Device, Peak]:
        """Take a share of a GPU, and what goes with it of the machine's memory, for as long as this node is open."""
        ledger = Ledger()
        memory = int(psutil.virtual_memory().total)
        reasons = []
        for device in found:
            peak = self._peak(ledger, device, level)
            shares = [(device.name, device.memory_bytes, peak.device_slice), (HOST, memory, peak.host_slice)]
            try:
                self._open.enter_context(ledger.claimed(shares))
                return device, peak
            except NoRoom as error:
                reasons.append(str(error))
        raise CourseError(
            f"no share of a GPU is left for this worker: {', '.join(reasons)}.", fix="start fewer workers here."
        )

    def _peak(self, ledger: Ledger, device: Device, level: Level) -> Peak:
        """Return what one submission takes of a GPU: measured by the first worker of a machine that needs it."""
        from coursekit.grading.calibration import Peak, calibrate

        given = self._setup
        name = digest(given.bundle.source, given.code, device.name)[:16]
        kept = ledger.path(f"{name}.peak")
        with ledger.using(name, alone=True, seconds=given.waiting):
            if not kept.exists():
                variables = environment(device, device.memory_bytes)
                with (
                    ledger.using(device.name, alone=True, seconds=given.waiting),
                    self._grading(level, variables, device_files()) as grader,
                ):
                    start = grader.keywords["start"]  # type: ignore[attr-defined]
                    peak = calibrate(given.bundle, given.limits, start, level.value, device)
                fresh = kept.with_suffix(".new")
                fresh.write_text(peak.to_json(), encoding="utf-8")
                fresh.replace(kept)
            return Peak.from_json(kept.read_text(encoding="utf-8"))


@dataclass(frozen=True)
class OnDevices:
    """Starts kernels that may use device files (a GPU's), besides what a `Starter` gives them."""

    start: Starter
    files: tuple[str, ...]

    def __call__(self, files: Mapping[str, bytes]) -> Kernel:
        """Start one, with files in its folder; a context manager."""
        from coursekit.grading.kernels import start
        from coursekit.grading.sandbox import Box

        if not self.files:
            return self.start(files)
        given = self.start
        box = Box(files, given.limits, given.level, "", given.readonly, given.hidden, self.files)
        return start(given.address, box, given.environment)


def ready(run: str) -> str:
    """Get this worker ready; a task of Dask's. Returns JSON, see `Node.ready`."""
    return json.dumps(_here(run).ready())


def grade(run: str, staged: Staged, key: str, alone: bool) -> str:
    """Grade a submission on this worker; a task of Dask's. Returns JSON, see `Node.grade`."""
    return _here(run).grade(staged, key, alone)


def _here(run: str) -> Node:
    node = get_worker().plugins[run]
    assert isinstance(node, Node)
    return node


@functools.cache
def code_digest() -> str:
    """Return a digest of the whole package: workers with another one would grade differently."""
    whole = hashlib.sha256()
    package = Path(__file__).resolve().parents[1]
    for path in sorted(package.rglob("*.py")):
        data = path.read_bytes()
        whole.update(f"{path.relative_to(package).as_posix()}\0{len(data)}\0".encode() + data)
    return whole.hexdigest()
