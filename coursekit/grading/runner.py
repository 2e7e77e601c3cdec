"""Grading one submission: execute the notebook, judge it, keep every point earned, whatever happens. No gradebook.

The instructor's notebook says what is tested and how long a cell may run; a submission is only ever text to execute.
Hidden tests do not run where outputs are kept: a second run, in a kernel of its own, tells whether they pass.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import zmq

from coursekit.grading import judge, keys, scoring
from coursekit.grading.bundle import Bundle
from coursekit.grading.execution import NOT_RUN, OVER, Execution, Start, Unavailable
from coursekit.grading.graded import Cause, CellGrade, Graded
from coursekit.grading.kernels import KernelUnavailable
from coursekit.grading.limits import Limits
from coursekit.grading.outputs import Output, error_output
from coursekit.grading.plan import Plan, Planned
from coursekit.grading.reading import reread, written
from coursekit.grading.session import Ran
from coursekit.grading.staging import Staged

HIDDEN_FAILED = "HiddenTestFailed"
"""What the error of a cell whose hidden tests failed is called among its outputs."""

_HIDDEN: dict[Cause, str] = {
    "time": "a hidden test ran out of time",
    "output": "a hidden test wrote too much",
    "memory": "a hidden test used too much memory",
    "died": "the kernel died in a hidden test",
    "not run": "a hidden test was not run: the kernel or the time was gone",
}
_CAUSES: dict[str, Cause] = {
    "AssertionError": "wrong",
    "CheckFailed": "wrong",
    "NotImplementedError": "unwritten",
    "MemoryError": "memory",
}
"""What errors of a test say; any other is an "error"."""

_UNDEFINED = re.compile(r"NameError: name '(\w+)' is not defined")


def grade(bundle: Bundle, staged: Staged, limits: Limits, start: Start, level: str) -> Graded:
    """Execute and judge one submission.

    Args:
        bundle: the assignment.
        staged: the submission, set right.
        limits: what it may use; a second run, for hidden tests, has the same time again.
        start: starts its kernels.
        level: how they are shut in, for the record.

    Returns:
        A definite grade for every graded cell (None where a person decides), or a `Graded.fault`: something on our side
        was missing, and nothing is graded.

    Raises:
        CourseError: if the assignment itself says what cannot be.
    """
    began = time.monotonic()
    plan = Plan(bundle)
    try:
        first = _Run(bundle, staged, limits, plan)
        first.execute(start)
        hidden = {name for name, each in plan.graded.items() if each.hides and not first.failed(name)}
        second = _Run(bundle, staged, limits, plan, hidden)
        if hidden:
            second.execute(start)
    except (Unavailable, KernelUnavailable, zmq.ZMQError, OSError, MemoryError) as error:
        fault = f"{type(error).__name__}: {error}"[:500]
        return Graded(staged.student, staged.key, "", (), level, fault, time.monotonic() - began)
    for name in hidden:
        first.settle(name, second.grades.get(name))
    return Graded(
        student=staged.student,
        key=staged.key,
        notebook=first.text,
        cells=tuple(first.grades.get(name) or _missing(name, each) for name, each in plan.graded.items()),
        level=level,
        seconds=time.monotonic() - began,
        cpu_seconds=first.cpu_seconds + second.cpu_seconds,
        answers=first.answers,
    )


class _Run:
    """One execution of a notebook, cell by cell.

    Args:
        hidden: the cells whose hidden tests are run too, and graded; the run ends with the last of them. None for the
            run that is kept: no hidden test, all other grades.
    """

    def __init__(
        self, bundle: Bundle, staged: Staged, limits: Limits, plan: Plan, hidden: set[str] | None = None
    ) -> None:
        self.grades: dict[str, CellGrade] = {}
        self.answers: dict[str, str] = {}
        self.cpu_seconds = 0.0
        self._cut_short: list[tuple[str, str]] = []  # cells that are no tests: their text, and what is said of them
        self._notebook: Any = reread(staged.text)
        self._limits, self._plan, self._hidden = limits, plan, hidden
        self._seed = int.from_bytes(hashlib.sha256(bundle.assignment.encode()).digest()[:4])
        work = keys.work(bundle, staged, limits)
        self._seeds = {name: judge.seed_of(bundle.salt, work, name) for name in plan.graded}
        self._files = {**staged.files, **bundle.files}
        for name, each in plan.graded.items():
            if each.kind == "artifact":
                self._files |= judge.unlabelled(each.cell, self._seeds[name])

    def execute(self, start: Start) -> None:
        """Run the cells.

        Raises:
            Unavailable: if our side cannot.
        """
        with Execution(start, self._files, self._limits, self._seed) as execution:
            for cell in self._notebook.cells[: self._end()]:
                planned = self._plan.of(cell)
                if cell.cell_type == "code":
                    self._code(execution, cell, planned)
                if planned and planned.kind == "person":
                    self.grades[planned.name] = _for_a_person(cell, planned)
        self.cpu_seconds = execution.cpu_seconds

    @property
    def text(self) -> str:
        """The executed notebook as the text of its file."""
        return written(self._notebook)

    def failed(self, name: str) -> bool:
        """Say whether a cell has lost its points already, or is not there."""
        return name not in self.grades or self.grades[name].cause != ""

    def settle(self, name: str, hidden: CellGrade | None) -> None:
        """Give a cell the points that its hidden tests decide, and say no more about them than that."""
        most, seen = self._plan.graded[name].points, self.grades[name]
        points = (hidden.points if hidden else None) or 0.0
        if points < most:
            cause: Cause = hidden.cause if hidden and hidden.cause in _HIDDEN else "wrong"
            sentence = _HIDDEN.get(cause, f"hidden tests gave {points:g} of {most:g} points")
            note = scoring.value(points) if points else error_output(HIDDEN_FAILED, sentence)
            (cell,) = (each for each in self._notebook.cells if _name(each) == name)
            _show(cell, [note, *cell.outputs], cell.execution_count)
            seen = replace(seen, points=points, cause=cause, sentence=sentence)
        self.grades[name] = replace(seen, seconds=seen.seconds + (hidden.seconds if hidden else 0.0))

    def _end(self) -> int:
        """Return how many cells are run."""
        if self._hidden is None:
            return len(self._notebook.cells)
        return max((i + 1 for i, cell in enumerate(self._notebook.cells) if _name(cell) in self._hidden), default=0)

    def _code(self, execution: Execution, cell: Any, planned: Planned | None) -> None:
        if planned and planned.visible is not None:
            cell.source = planned.visible
        kind = planned.kind if planned else ""
        if planned and kind in ("call", "artifact"):
            if self._hidden is None:
                self._judge(execution, cell, planned)
            return
        text = cell.source
        if planned and planned.text is not None and self._hidden and planned.name in self._hidden:
            text = planned.text
        seconds = (planned and planned.seconds) or self._limits.cell_seconds
        skipped = not text.strip() or "skip-execution" in cell.metadata.get("tags", [])
        ran = Ran([], "", "", 0.0) if skipped else execution.run(text, seconds, again=kind != "kernel")
        outputs = ran.outputs
        if planned and kind == "kernel":
            hides = planned.hides and self._hidden is None
            outputs = scoring.displayed(outputs) if hides else scoring.plain(outputs, planned.points)
            self._keep(execution, _by_outputs(planned, ran, outputs))
        elif ran.cause:
            which = f"the cell {planned.name}" if planned and planned.name else "a cell above"
            self._cut_short.append((text, f"{which} did not come to its end ({ran.sentence})"))
        _show(cell, outputs, ran.count)

    def _judge(self, execution: Execution, cell: Any, planned: Planned) -> None:
        session, seed = execution.session(), self._seeds[planned.name]
        if session is None:
            _show(cell, [error_output(NOT_RUN, OVER)], None)
            self._keep(execution, CellGrade(planned.name, 0.0, planned.points, "judge", "not run", OVER))
            return
        if planned.kind == "call":
            grade, outputs = judge.mark_calls(
                planned.cell, session, self._limits, seed, self.answers, until=execution.until
            )
        else:
            grade, outputs = judge.mark_file(
                planned.cell, session, self._limits, seed, self.answers, execution.apart, until=execution.until
            )
        _show(cell, outputs, None)
        self._keep(execution, grade)

    def _keep(self, execution: Execution, grade: CellGrade) -> None:
        undefined = _UNDEFINED.match(grade.sentence) if grade.cause == "error" else None
        if undefined and execution.lost:
            grade = replace(grade, cause="not run", sentence=f"{grade.sentence}: lost when the kernel ended earlier")
        elif undefined:
            word = re.compile(rf"\b{undefined[1]}\b")
            reasons = [reason for text, reason in self._cut_short if word.search(text)]
            grade = replace(grade, sentence=": ".join((grade.sentence, *reasons[:1])))
        self.grades[grade.name] = grade


def _by_outputs(planned: Planned, ran: Ran, outputs: Sequence[Output]) -> CellGrade:
    """Grade a test cell as nbgrader does, by what it left; its kernel's word is taken for it."""
    most = planned.points
    points = scoring.points(outputs, most)
    cause, sentence = ran.cause, ran.sentence
    if cause == "error":
        cause = _CAUSES.get(ran.error, "error")
        sentence = "not written yet" if cause == "unwritten" else sentence
    elif not cause and points < most:
        cause, sentence = "wrong", f"the test gave {points:g} of {most:g} points"
    return CellGrade(planned.name, 0.0 if ran.cause else points, most, "kernel", cause, sentence, seconds=ran.seconds)


def _for_a_person(cell: Any, planned: Planned) -> CellGrade:
    if cell.metadata.nbgrader.get("solution") and scoring.unanswered(cell):
        return CellGrade(planned.name, 0.0, planned.points, "person", "unwritten", "no answer")
    return CellGrade(planned.name, None, planned.points, "person")


def _missing(name: str, planned: Planned) -> CellGrade:
    trust = {"kernel": "kernel", "person": "person"}.get(planned.kind, "judge")
    return CellGrade(name, 0.0, planned.points, trust, "not run", "the cell is not in the notebook")  # type: ignore[arg-type]


def _show(cell: Any, outputs: Sequence[Output], count: int | None) -> None:
    import nbformat

    cell.outputs, cell.execution_count = nbformat.from_dict(list(outputs)), count


def _name(cell: Any) -> str:
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))
