"""What the runner and the judge found out about one submission: plain data, no gradebook.

It crosses processes and machines, and is what the journal keeps.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, Literal

Trust = Literal["judge", "kernel", "person"]
"""Who says so: the judge compared answers itself; the student's own kernel ran the check; a person will."""

Cause = Literal[
    "",
    "wrong",  # the judge compared, and it is not right
    "error",  # it raised
    "unwritten",  # still as it was handed out
    "time",  # ran out of time, and was interrupted
    "output",  # flooded its output, and was interrupted
    "memory",  # was killed for its memory
    "died",  # the kernel ended in this cell
    "not run",  # what it needed was lost with the kernel, or the submission's time was over
    "malformed",  # the answer to the judge could not be read, or was too large
]
"""Why a check gave no points, for programs."""


@dataclass(frozen=True)
class CellGrade:
    """One graded cell.

    Attributes:
        name: nbgrader's id of the cell.
        points: what it earned; None where a person grades.
        max_points: what it is worth.
        trust: who says so.
        cause: why it earned less, or ``""``.
        sentence: the same for the student, or ``""``.
        verdict: the judge's `coursekit.exercises.Verdict` as a dictionary, where the cell is a call test.
        seconds: how long it took.
    """

    name: str
    points: float | None
    max_points: float
    trust: Trust
    cause: Cause = ""
    sentence: str = ""
    verdict: dict[str, Any] | None = None
    seconds: float = 0.0


@dataclass(frozen=True)
class Graded:
    """One submission, executed and judged.

    Attributes:
        student: whose it is.
        key: digest of what was graded (`coursekit.grading.staging.Staged.key`).
        notebook: the executed notebook, as the text of its file; nothing of hidden tests in its outputs.
        cells: each graded cell, in the assignment's order.
        level: how the kernel was shut in (`coursekit.grading.sandbox.Level`).
        fault: what went wrong on our side (no kernel could be started, a worker was lost); nothing is graded then.
        seconds: from start to end.
        cpu_seconds: of the kernels, where known.
        answers: what the student's functions answered the judge, by digest of the call, base64; for judging again.
    """

    student: str
    key: str
    notebook: str
    cells: tuple[CellGrade, ...]
    level: str
    fault: str = ""
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    answers: dict[str, str] | None = None

    def to_json(self) -> str:
        """Return it as one line of JSON."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Graded:
        """Read what `to_json` wrote.

        Raises:
            ValueError: if it is not that.
        """
        try:
            found = json.loads(text)
            cells = tuple(CellGrade(**each) for each in found.pop("cells"))
            return cls(**found, cells=cells)
        except (TypeError, KeyError, AttributeError) as error:
            raise ValueError(f"not a graded submission: {error}") from error
