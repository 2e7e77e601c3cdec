"""What workers import to grade attacks: the runner, with an artifact to save and limits that end attacks soon."""

from __future__ import annotations

from typing import Any

from coursekit.exercises import a1_losses
from coursekit.exercises.artifacts import Artifact
from coursekit.grading import runner
from coursekit.grading.bundle import Bundle
from coursekit.grading.execution import Start
from coursekit.grading.graded import Graded
from coursekit.grading.limits import MIB, Limits
from coursekit.grading.staging import Staged

LIMITS = Limits(
    cell_seconds=6,
    notebook_seconds=45,
    call_seconds=4,
    memory_bytes=1024 * MIB,
    processes=96,
    file_bytes=48 * MIB,
    disk_bytes=64 * MIB,
    output_bytes=MIB // 4,
    answer_bytes=4 * MIB,
)


def clouds(rng: Any) -> tuple[Any, Any]:
    """Draw points (400, 3) of two clouds, and to which each belongs."""
    labels = rng.integers(0, 2, 400)
    return rng.normal(0, 1, (400, 3)) + 4 * labels[:, None], labels


CLOUDS = Artifact("clouds", 3, "predictions.npz", clouds, needed=0.9)


def grade(bundle: Bundle, staged: Staged, limits: Limits, start: Start, level: str) -> Graded:
    """Grade one submission, as the grader does."""
    a1_losses.ARTIFACTS = (CLOUDS,)  # type: ignore[attr-defined]
    return runner.grade(bundle, staged, LIMITS, start, level)
