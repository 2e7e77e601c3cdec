"""Marking the cells of checks: the verdict in the judge's process, the grade, and what the notebook shows."""

from __future__ import annotations

import ast
import hashlib
import time
from collections.abc import Iterable, MutableMapping
from dataclasses import asdict, replace
from typing import Any, Literal

from coursekit import exercises
from coursekit.errors import CourseError
from coursekit.exercises import Exercise, Verdict, artifacts
from coursekit.grading.graded import Cause, CellGrade
from coursekit.grading.judge.calls import Channel, KernelCaller, NotKept, Replay, Unanswered
from coursekit.grading.limits import Limits
from coursekit.teach.checking import CheckFailed, Report

Kind = Literal["call", "artifact", "kernel", "person"]
Output = dict[str, Any]
"""An output of a cell, as nbformat stores it."""

_RAISED = "it raised "


def kind(cell: Any) -> Kind:
    """Say who can tell what a graded cell of the instructor's notebook is worth.

    Returns:
        "call" or "artifact" if every statement is the check of an exercise or of an artifact, so that the judge can;
        "person" for written answers; else "kernel": the cell itself is run where the student's code was.
    """
    settings = cell.metadata.get("nbgrader", {})
    if cell.cell_type != "code" or settings.get("solution") or settings.get("task"):
        return "person"
    if checks(cell.source):
        return "call"
    return "artifact" if files(cell.source) else "kernel"


def checks(source: str) -> list[tuple[Exercise, str]]:
    """Return the exercises that a cell checks with the names of the functions; none if it does anything else."""
    found = [
        (exercises.get(name), argument.id)
        for name, argument in _calls(source)
        if isinstance(argument, ast.Name) and name in exercises.names()
    ]
    return found if len(found) == len(_calls(source)) else []


def files(source: str) -> list[tuple[artifacts.Artifact, str]]:
    """Return the artifacts that a cell checks with the names of the files; none if it does anything else."""
    found = [
        (artifact, argument.value)
        for name, argument in _calls(source)
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
        if (artifact := artifacts.find(name)) is not None
    ]
    return found if len(found) == len(_calls(source)) else []


def _calls(source: str) -> list[tuple[str, ast.expr]]:
    """Return name and only argument of every ``ck.check.name(argument)``; none if a statement is anything else."""
    try:
        statements = ast.parse(source).body
    except SyntaxError:
        return []
    found = []
    for each in statements:
        match each:
            case ast.Expr(ast.Call(ast.Attribute(ast.Attribute(ast.Name("ck"), "check"), name), [argument], [])):
                found.append((name, argument))
            case _:
                return []
    return found


def seed_of(salt: str, work: str, name: str) -> int:
    """Return what draws the inputs of a graded cell.

    Args:
        salt: secret of the class.
        work: digest of the submission without the tests, so that answers can be judged again when these change.
        name: of the cell.
    """
    return int.from_bytes(hashlib.sha256("\0".join((salt, work, name)).encode()).digest()[:16])


def mark_calls(
    cell: Any,
    session: Channel | None,
    limits: Limits,
    seed: int,
    kept: MutableMapping[str, str],
    until: float = float("inf"),
) -> tuple[CellGrade, list[Output]]:
    """Mark a cell of the kind "call".

    Args:
        cell: the instructor's.
        session: to the student's kernel; None to judge what was kept, without executing anything.
        limits: of each call.
        seed: see `seed_of`.
        kept: takes the answers, or holds them.
        until: when the submission's time is over, by `time.monotonic`.

    Returns:
        The grade, and the cell's outputs, for which nbgrader's own rule gives the same points.

    Raises:
        NotKept: without a session, if an answer was not kept: the submission must be executed.
    """

    where = str(cell.metadata["nbgrader"]["grade_id"])

    def examine(exercise: Exercise, name: str) -> Marked:
        # A report shows the seed, to draw the same inputs by hand: a short one.
        short = seed % 10**6
        if session is None:
            return _examined(exercise, name, Replay(kept, where, name, exercise, limits), short)
        call = KernelCaller(session, where, name, exercise, short, limits, until)
        try:
            return _examined(exercise, name, call, short)
        finally:
            kept.update(call.answers)

    return mark(cell, (examine(*each) for each in checks(cell.source)))


class Marked:
    """What came of one check: a report, or why there is none.

    Args:
        report: what was found, if it could be judged.
        cause: why it gives no points, or ``""``.
        sentence: the same for the student.
    """

    def __init__(self, report: Report | None, cause: Cause, sentence: str) -> None:
        self.report, self.cause, self.sentence = report, cause, sentence


def mark(cell: Any, steps: Iterable[Marked]) -> tuple[CellGrade, list[Output]]:
    """Take the checks of a cell as they come, up to the first that is not passed, as the cell itself would."""
    began = time.monotonic()
    settings = cell.metadata["nbgrader"]
    points = float(settings["points"])
    outputs: list[Output] = []
    marked = Marked(None, "", "")
    for marked in steps:
        outputs = _shown(marked)  # of a check that is passed, a cell shows only the last
        if marked.cause:
            break
    grade = CellGrade(
        name=str(settings["grade_id"]),
        points=0.0 if marked.cause else points,
        max_points=points,
        trust="judge",
        cause=marked.cause,
        sentence=marked.sentence,
        verdict=asdict(marked.report.verdict) if marked.report else None,
        seconds=time.monotonic() - began,
    )
    return grade, outputs


def judged(verdict: Verdict, answer: str | None = None) -> Marked:
    """Return what a verdict says about a cell.

    Args:
        verdict: what was found.
        answer: what the function is called in the notebook.
    """
    report = Report(verdict, answer)
    if verdict.status == "passed":
        return Marked(report, "", "")
    if verdict.status == "unwritten":
        return Marked(report, "unwritten", "not written yet")
    first = verdict.failures[0]
    sentence = f"{first.trial}: {first.problem}" + (f" ({verdict.hint})" if verdict.hint else "")
    return Marked(report, "error" if first.problem.startswith(_RAISED) else "wrong", sentence)


def _examined(exercise: Exercise, name: str, call: KernelCaller | Replay, seed: int) -> Marked:
    try:
        verdict = exercises.examine(exercise, call, seed)
    except Unanswered as reason:
        return Marked(None, reason.cause, reason.sentence)
    except (NotKept, CourseError, MemoryError):
        raise
    except Exception as error:
        # A rule stumbled over the answer. It must not be the rule's own fault, or the machine's.
        exercises.examine(exercise, exercises.caller(exercise.reference), seed)
        return Marked(
            None, "malformed", f"the answer makes no sense to the check ({type(error).__name__}: {error})"[:300]
        )
    if not call.cause:
        return judged(verdict, name)
    said = {f"{_RAISED}{sentence}": sentence for sentence in call.lost}
    failures = tuple(replace(each, problem=said.get(each.problem, each.problem)) for each in verdict.failures)
    marked = judged(replace(verdict, failures=failures), name)
    if failures[0].problem in call.lost:
        marked.cause = call.cause
    return marked


def _shown(marked: Marked) -> list[Output]:
    """Return the outputs that the cell would have, run by the student."""
    if marked.report is None:
        name, _, said = marked.sentence.partition(": ")
        if not (marked.cause == "error" and name.isidentifier()):
            name, said = "CheckError", marked.sentence
        return [_error(name, said, [marked.sentence])]
    bundle = {"data": marked.report._repr_mimebundle_(), "metadata": {}}
    if not marked.cause:
        return [{"output_type": "execute_result", "execution_count": None, **bundle}]
    failed = CheckFailed(marked.report, shown=True)
    return [{"output_type": "display_data", **bundle}, _error("CheckFailed", str(failed), failed._render_traceback_())]


def _error(name: str, said: str, traceback: list[str]) -> Output:
    return {"output_type": "error", "ename": name, "evalue": said, "traceback": traceback}
