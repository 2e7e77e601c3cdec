"""What a submission may use: time, memory, processes, disk, output."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 2**20


@dataclass(frozen=True)
class Limits:
    """What one submission may use; beyond it the cell that did it is stopped, with the cause.

    Attributes:
        cell_seconds: how long a cell may run whose metadata say nothing else (``coursekit.seconds``).
        notebook_seconds: how long all cells and calls of one submission may run together.
        call_seconds: how long one call of a student's function by the judge may run.
        memory_bytes: of a kernel and its processes.
        processes: of a kernel, threads counted.
        file_bytes: of one file.
        disk_bytes: of everything a kernel writes (its folder and /tmp).
        output_bytes: kept of what one cell writes; a cell that writes 64 times as much is interrupted.
        answer_bytes: of one answer to the judge, and of one file that it is handed.
    """

    cell_seconds: float = 60.0
    notebook_seconds: float = 600.0
    call_seconds: float = 20.0
    memory_bytes: int = 4096 * MIB
    processes: int = 512
    file_bytes: int = 256 * MIB
    disk_bytes: int = 512 * MIB
    output_bytes: int = MIB
    answer_bytes: int = 64 * MIB
