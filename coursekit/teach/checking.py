"""``ck.check``: the learner's and the grader's one way to check an answer.

``ck.check.hinge_loss(hinge_loss)`` shows what was found and raises `CheckFailed` if the answer is not right yet;
``ck.check.hinge_loss.report(hinge_loss)`` only shows it. Both run the same trials on fresh random inputs.
"""

from __future__ import annotations

import copy
import html
import secrets
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from coursekit import exercises
from coursekit.errors import CourseError
from coursekit.exercises import artifacts
from coursekit.exercises.artifacts import Artifact
from coursekit.exercises.comparing import MalformedError
from coursekit.exercises.core import Arguments, Array, Exercise, Function
from coursekit.teach import forms

MIMETYPE = "application/vnd.coursekit.check+json"
"""Beside the text and HTML that people read, a report carries itself as JSON of this type for the grader."""


class Report:
    """What a check found, as text, as HTML and as JSON.

    Args:
        verdict: what was found.
        answer: what the learner calls the function; the line to try is to run where it was defined.
    """

    def __init__(self, verdict: exercises.Verdict, answer: str | None = None) -> None:
        self.verdict = verdict
        self._answer = answer or verdict.exercise

    @property
    def passed(self) -> bool:
        """Whether every trial was passed."""
        return self.verdict.status == "passed"

    def __str__(self) -> str:
        return "\n".join([self._headline(), *(f"  {name:<8} {text}" for name, text in self._rows())])

    __repr__ = __str__

    def _headline(self) -> str:
        verdict = self.verdict
        if verdict.status == "unwritten":
            return f"○ {verdict.exercise}: not written yet"
        if verdict.trials == 1:
            return f"✓ {verdict.exercise}: passed" if self.passed else f"✗ {verdict.exercise}: not passed"
        if self.passed:
            return f"✓ {verdict.exercise}: all {verdict.trials} checks passed"
        return f"✗ {verdict.exercise}: {len(verdict.failures)} of {verdict.trials} checks failed"

    def _rows(self) -> list[tuple[str, str]]:
        """Name and text of each line below the headline."""
        if not self.verdict.failures:
            return []
        first, verdict = self.verdict.failures[0], self.verdict
        rows = [("case", f"{first.trial} — {first.inputs}"), ("found", first.problem)]
        if verdict.hint:
            rows.append(("because" if verdict.misconception else "look at", verdict.hint))
        others = [failure.trial for failure in verdict.failures[1:4]]
        if others:
            rows.append(("also in", "; ".join(others)))
        if verdict.exercise not in exercises.names():
            return rows  # an artifact: there is nothing to call
        call = f", {verdict.seed}, {first.call}" if first.trial not in _fixed(verdict.exercise) else ""
        rows.append(("try", f"{self._answer}(*ck.check.{verdict.exercise}.case({first.trial!r}{call}))"))
        return rows

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return {"text/plain": str(self), "text/html": self._html(), MIMETYPE: asdict(self.verdict)}

    def _html(self) -> str:
        # Styles stand on each element: JupyterLab's own for tables are specific, and a notebook that is not trusted
        # keeps no style sheet. Text takes the theme's colours.
        cell = "text-align:left;vertical-align:baseline;line-height:1.5;padding:.1em 0"
        rows = "".join(
            f"<tr style='background:none'>"
            f"<th scope='row' style='{cell};white-space:nowrap;padding-right:1em'>{name}</th>"
            f"<td style='{cell};white-space:pre-wrap;overflow-wrap:anywhere'>{_marked(name, text)}</td></tr>"
            for name, text in self._rows()
        )
        table = f"<table style='margin:.3em 0 0;font-size:inherit'>{rows}</table>" if rows else ""
        colour = {"passed": "#1a7f37", "unwritten": "#6e7781"}.get(self.verdict.status, "#b35900")
        return (
            f"<div class='ck-report' style='border-left:4px solid {colour};padding:.3em .8em'>"
            f"<strong>{html.escape(self._headline())}</strong>{table}</div>"
        )


class CheckFailed(AssertionError):
    """The answer is not right yet. `report` says why."""

    def __init__(self, report: Report, shown: bool) -> None:
        self.report = report
        self._shown = shown
        super().__init__(str(report))

    def _render_traceback_(self) -> list[str]:
        """Tell IPython what to print: where the learner erred, not where this library noticed."""
        return [str(self.report).splitlines()[0] if self._shown else str(self.report)]


class Checker:
    """The check of one exercise."""

    def __init__(self, exercise: Exercise) -> None:
        self._exercise = exercise
        self.__doc__ = f"Check {exercise.name} ({exercise.points} points)."

    def __call__(self, function: Function, seed: int | None = None) -> Report:
        """Check `function`.

        Args:
            function: the learner's answer.
            seed: repeats the random inputs of an earlier check; fresh ones are drawn if it is left out.

        Raises:
            CheckFailed: if it is not right yet.
        """
        return _insisted(self.report(function, seed))

    def report(self, function: Function, seed: int | None = None) -> Report:
        """Check `function` and return the report, whatever it says."""
        if not callable(function):
            raise CourseError(
                f"check.{self._exercise.name} takes the function itself; got {type(function).__name__}.",
                fix=f"write ck.check.{self._exercise.name}({self._exercise.name}), without calling it.",
            )
        from coursekit.teach import records

        call = exercises.caller(function, self._exercise.closed_book)
        verdict = exercises.examine(self._exercise, call, secrets.randbelow(10**6) if seed is None else int(seed))
        if verdict.status != "unwritten":
            records.record_check(self._exercise.name, verdict.status == "passed")
        return Report(verdict, _name(function))

    def case(self, name: str, seed: int = 0, call: int = 0) -> Arguments:
        """Return the arguments of a case, to try by hand: ``f(*ck.check.f.case("one image"))``."""
        for trial in self._exercise.trials(seed):
            if trial.name == name:
                return copy.deepcopy(trial.calls[call])
        known = ", ".join(repr(trial.name) for trial in self._exercise.trials(seed))
        raise CourseError(f"{self._exercise.name} has no case {name!r}.", fix=f"it has {known}.")


class FileChecker:
    """The check of one artifact: of what a notebook saves.

    Here it is scored on inputs that are drawn for practice; a grader draws others, whose labels no notebook sees.
    """

    def __init__(self, artifact: Artifact) -> None:
        self._artifact = artifact
        self.__doc__ = f"Check {artifact.file} ({artifact.points} points)."

    def inputs(self) -> Array:
        """Return the inputs to predict for: those that a grader put beside the notebook, else those for practice."""
        path = Path(self._artifact.inputs_file)
        if path.is_file():
            return np.load(path, allow_pickle=False)  # type: ignore[no-any-return]
        return self._artifact.drawn(artifacts.PRACTICE)[0]

    def __call__(self, path: str | None = None) -> Report:
        """Check a file, `path` or the artifact's own.

        Raises:
            CheckFailed: if it is not good enough yet.
        """
        return _insisted(self.report(path))

    def report(self, path: str | None = None) -> Report:
        """Check a file and return the report, whatever it says."""
        from coursekit.teach import records

        artifact, file = self._artifact, Path(path or self._artifact.file)
        try:
            outputs, parameters = artifacts.read(artifact, file)
            verdict = artifacts.judged(artifact, outputs, artifacts.PRACTICE, parameters)
        except OSError:
            verdict = artifacts.failed(artifact, "the file", f"there is no {file}; save it first")
        except MalformedError as error:
            verdict = artifacts.failed(artifact, "the file", str(error))
        records.record_check(artifact.name, verdict.status == "passed")
        return Report(verdict)


class Check:
    """Every exercise's and every artifact's check, as an attribute."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        artifact = artifacts.find(name)
        if artifact is not None:
            return FileChecker(artifact)
        try:
            return Checker(exercises.get(name))
        except CourseError as error:
            raise AttributeError(str(error)) from None

    def __dir__(self) -> list[str]:
        return exercises.names()


check = Check()


def _insisted(report: Report) -> Report:
    """Return a report if it is passed, else show it and raise."""
    if not report.passed:
        raise CheckFailed(report, shown=_show(report))
    return report


def _name(function: Function) -> str | None:
    """Return the name that a function was defined by, or None for a lambda and for what has none."""
    name = getattr(function, "__name__", "")
    return name if name.isidentifier() else None


def _fixed(exercise: str) -> set[str]:
    return {case.name for case in exercises.get(exercise).cases}


def _show(report: Report) -> bool:
    """Display the report if there is a notebook to show it in."""
    try:
        from IPython import get_ipython
        from IPython.display import display
    except ImportError:
        return False
    if get_ipython() is None:
        return False
    display(report)
    return True


def _marked(name: str, text: str) -> str:
    return f"<code>{html.escape(text)}</code>" if name in ("try", "found") else forms.inline(text)
