"""Runs notebooks as a stranger would, each in a fresh kernel, and records what every cell took."""

import asyncio
import json
import os
import re
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from coursekit.authoring import notebook
from coursekit.authoring.cells import headings_above
from coursekit.errors import CourseError

TIMINGS = "timings.json"
"""Name of the record in the output folder."""

_SAMPLE_SECONDS = 0.1


@dataclass(frozen=True)
class CellRun:
    """One code cell that ran.

    Attributes:
        id: the cell's id.
        heading: the heading it stands under.
        seconds: wall time.
        peak_rss: most memory that the kernel and its children held meanwhile, in bytes; pages that processes share
            count in each.
        error: what it raised, in one line, or None.
    """

    id: str
    heading: str
    seconds: float
    peak_rss: int
    error: str | None = None


@dataclass(frozen=True)
class NotebookRun:
    """One notebook that ran, to its end or to the first cell that failed.

    Attributes:
        path: the notebook.
        part: "lecture", "solution" or "release".
        seconds: wall time, with the start of the kernel.
        cells: the code cells that ran, in order; only the last may hold an error.
        output: the executed notebook, if an output folder was given.
    """

    path: Path
    part: str
    seconds: float
    cells: tuple[CellRun, ...]
    output: Path | None = None

    @property
    def peak_rss(self) -> int:
        """Most memory at any time, in bytes."""
        return max((cell.peak_rss for cell in self.cells), default=0)

    @property
    def failure(self) -> CellRun | None:
        """The cell that stopped the run, or None."""
        return next((cell for cell in self.cells if cell.error), None)


def execute(
    paths: Sequence[Path],
    *,
    root: Path,
    timeout: int,
    workers: int = 1,
    output_dir: Path | None = None,
    on_cell: Callable[[Path, CellRun], None] | None = None,
) -> list[NotebookRun]:
    """Run notebooks from top to bottom, each in its own kernel and its own empty working folder.

    A cell that raises ends its notebook's run, not the others'; cells tagged ``raises-exception`` may raise.

    Args:
        paths: built notebooks.
        root: the course root, which the kernels get as ``COURSEKIT_ROOT``.
        timeout: seconds a cell may take.
        workers: notebooks that run at the same time; more than one disturbs the timings.
        output_dir: where the executed notebooks and ``timings.json`` go; what that file says of other notebooks stays.
        on_cell: called after each code cell.

    Raises:
        CourseError: if a notebook cannot be read, two have the same name, no kernel starts or nothing can be written.
    """
    notebooks = [(path, notebook.load(path)) for path in paths]
    _refuse_same_names(paths)
    runs = asyncio.run(_execute_all(notebooks, root, timeout, workers, on_cell))
    if output_dir is None:
        return runs
    outputs = [output_dir / path.name for path in paths]
    for output, (_, node) in zip(outputs, notebooks, strict=True):
        notebook.write(output, notebook.dumps(node))
    runs = [NotebookRun(r.path, r.part, r.seconds, r.cells, output) for r, output in zip(runs, outputs, strict=True)]
    _record(runs, output_dir / TIMINGS)
    return runs


def _refuse_same_names(paths: Sequence[Path]) -> None:
    names = [path.name for path in paths]
    if twice := {name for name in names if names.count(name) > 1}:
        raise CourseError(
            f"two notebooks are called {', '.join(sorted(twice))}.",
            fix="run solutions/ and assignments/ one after the other, into different folders.",
        )


async def _execute_all(
    notebooks: Sequence[tuple[Path, notebook.Notebook]],
    root: Path,
    timeout: int,
    workers: int,
    on_cell: Callable[[Path, CellRun], None] | None,
) -> list[NotebookRun]:
    free = asyncio.Semaphore(workers)

    async def one(path: Path, node: notebook.Notebook) -> NotebookRun:
        async with free:
            return await _execute_one(path, node, root, timeout, on_cell)

    return list(await asyncio.gather(*(one(path, node) for path, node in notebooks)))


async def _execute_one(
    path: Path,
    node: notebook.Notebook,
    root: Path,
    timeout: int,
    on_cell: Callable[[Path, CellRun], None] | None,
) -> NotebookRun:
    """Run ``node`` in place and tell what its cells took."""
    from jupyter_client.kernelspec import NoSuchKernel

    headings = list(headings_above((cell.cell_type, cell.source) for cell in node.cells))
    begin = time.perf_counter()
    runs: list[CellRun] = []
    try:
        async with _kernel(node, root, timeout) as (client, meter):
            for index, cell in enumerate(node.cells):
                if cell.cell_type != "code":
                    continue
                run = await _timed(client, meter, cell, index, headings[index])
                runs.append(run)
                if on_cell:
                    on_cell(path, run)
                if run.error:
                    break
    except (NoSuchKernel, RuntimeError) as error:
        raise CourseError(
            f"no kernel for {path.name}: {_one_line(str(error))}.",
            fix="`coursekit doctor` says what is missing from this environment.",
        ) from error
    part = node.metadata.get("coursekit", {}).get("part", "lecture")
    return NotebookRun(path, part, time.perf_counter() - begin, tuple(runs))


async def _timed(client: Any, meter: "_Meter", cell: Any, index: int, heading: str) -> CellRun:
    meter.reset()
    start = time.perf_counter()
    error = await _execute_cell(client, cell, index)
    return CellRun(cell.id, heading, time.perf_counter() - start, meter.peak(), error)


async def _execute_cell(client: Any, cell: Any, index: int) -> str | None:
    """Run one cell; return its error in one line, or None."""
    from nbclient.exceptions import CellControlSignal, CellExecutionError, DeadKernelError

    try:
        await client.async_execute_cell(cell, index)
    except CellExecutionError as error:
        return _one_line(f"{error.ename}: {error.evalue}")
    except DeadKernelError:
        return "the kernel died (out of memory, or a crash in compiled code)"
    except (CellControlSignal, TimeoutError):
        return f"still running after {client.timeout} s"
    return None


@asynccontextmanager
async def _kernel(node: notebook.Notebook, root: Path, timeout: int) -> AsyncIterator[tuple[Any, "_Meter"]]:
    """Start a kernel for ``node`` in an empty folder, watch its memory, and end it."""
    from nbclient import NotebookClient

    with tempfile.TemporaryDirectory(prefix="coursekit-run-") as folder:
        client: Any = NotebookClient(node, timeout=timeout, kernel_name="python3", record_timing=False)
        client.extra_arguments = ["--log-level=ERROR"]  # the kernel log, not the cells' stderr
        client.reset_execution_trackers()
        async with client.async_setup_kernel(cwd=folder, env=_environment(root, Path(folder))):
            meter = _Meter(client.km.provisioner.pid)
            watch = asyncio.create_task(meter.watch())
            try:
                yield client, meter
            finally:
                watch.cancel()


def _environment(root: Path, folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        "COURSEKIT_ROOT": str(root.resolve()),
        "COURSEKIT_PROGRESS": "off",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        # Start-up files and history of whoever runs this stay out of it.
        "IPYTHONDIR": str(folder / ".ipython"),
    }


class _Meter:
    """The memory of a kernel and its children, looked at ten times a second."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._peak = 0

    def reset(self) -> None:
        """Begin anew with what is held now."""
        self._peak = self._now()

    def peak(self) -> int:
        """Return the most bytes held since the last reset."""
        self._peak = max(self._peak, self._now())
        return self._peak

    async def watch(self) -> None:
        """Look until cancelled."""
        while True:
            self.peak()
            await asyncio.sleep(_SAMPLE_SECONDS)

    def _now(self) -> int:
        import psutil

        total = 0
        try:
            kernel = psutil.Process(self._pid)
            for process in (kernel, *kernel.children(recursive=True)):
                total += process.memory_info().rss
        except psutil.NoSuchProcess:
            pass  # it ended while we looked
        return total


def _one_line(text: str) -> str:
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    return " ".join(plain.split())[:300]


def _record(runs: Sequence[NotebookRun], path: Path) -> None:
    """Write what the runs took to ``path``, beside what it holds of other notebooks."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        record = {}
    for run in runs:
        record.setdefault(run.part, {})[run.path.stem] = {
            "seconds": round(run.seconds, 2),
            "peak_rss": run.peak_rss,
            "error": run.failure.error if run.failure else None,
            "cells": [{**asdict(cell), "seconds": round(cell.seconds, 3)} for cell in run.cells],
        }
    notebook.write(path, json.dumps(record, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
