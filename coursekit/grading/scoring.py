"""What nbgrader gives for a cell: its rules, total and without nbgrader, which takes a worker a second to import.

`nbgrader.utils.determine_grade`, put right in two things: noise on the error stream costs nothing, and a value at which
nbgrader would stop, one above the maximum, is passed over like anything else that is displayed.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from typing import Any

from coursekit.grading.outputs import Output


def points(outputs: Sequence[Output], most: float) -> float:
    """Return what a test cell earned by its outputs, in nbgrader's order: the first error or value decides."""
    for output in outputs:
        if output["output_type"] == "error":
            return 0.0
        if output["output_type"] == "execute_result" and not _refused(output, most):
            return _partial(output, most)
    return most


def plain(outputs: Sequence[Output], most: float) -> list[Output]:
    """Return outputs at which nbgrader itself does not stop: a value that is too large, or no text, is displayed."""
    return [_displayed(output) if _refused(output, most) else output for output in outputs]


def displayed(outputs: Sequence[Output]) -> list[Output]:
    """Return outputs without a value of the cell, which nbgrader might take for points."""
    return [_displayed(output) if output["output_type"] == "execute_result" else output for output in outputs]


def value(number: float) -> Output:
    """Return the output by which a cell gives itself points."""
    return {
        "output_type": "execute_result",
        "execution_count": None,
        "data": {"text/plain": repr(float(number))},
        "metadata": {},
    }


def unanswered(cell: Any) -> bool:
    """Say whether a cell for an answer is as it was handed out."""
    return as_handed_out(cell.source, cell.cell_type, cell.metadata["nbgrader"])


def as_handed_out(source: str, kind: str, settings: Mapping[str, Any]) -> bool:
    """Say whether a cell's text fits the checksum in its metadata (nbgrader's ``compute_checksum``)."""
    graded, solution = bool(settings.get("grade")), bool(settings.get("solution"))
    locked = not solution and (graded or bool(settings.get("locked")))
    parts = [source, kind, str(graded), str(solution), str(locked), str(settings.get("grade_id"))]
    if graded:
        parts.append(str(float(settings["points"])))
    return bool(settings.get("checksum") == hashlib.md5("".join(parts).encode()).hexdigest())


def _partial(output: Output, most: float) -> float:
    number = _number(output)
    return number if number is not None and 0 <= number <= most else most


def _number(output: Output) -> float | None:
    """Return the number that a cell's value is, or None."""
    text = output["data"].get("text/plain")
    if isinstance(text, list):
        text = text[0] if len(text) == 1 else None
    try:
        return float(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _refused(output: Output, most: float) -> bool:
    if output["output_type"] != "execute_result":
        return False
    number = _number(output)
    return not output["data"].get("text/plain") or (number is not None and not math.isnan(number) and number > most)


def _displayed(output: Output) -> Output:
    return {"output_type": "display_data", "data": output["data"], "metadata": output["metadata"]}
