"""Checking an answer: run every trial, judge it, and find the misconception that explains what is wrong."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from coursekit.exercises.calling import Caller, Outcome, caller, hushed
from coursekit.exercises.comparing import MalformedError, assembled, difference, parts, summary
from coursekit.exercises.core import Array, Exercise, Misconception, Trial


@dataclass(frozen=True)
class Failure:
    """A trial that the answer did not pass.

    Attributes:
        trial: the case's or property's name.
        inputs: its arguments in a few words.
        problem: what is wrong, with the first bad entry.
        part: the output it is about, or ``""``.
        call: which of the trial's calls went wrong.
    """

    trial: str
    inputs: str
    problem: str
    part: str = ""
    call: int = 0


@dataclass(frozen=True)
class Verdict:
    """What a check found.

    Attributes:
        exercise: the exercise's name.
        points: what it is worth.
        status: ``"passed"``, ``"failed"`` or ``"unwritten"``.
        trials: how many trials were run.
        failures: those that were not passed, in order.
        misconception: the name of the misconception that gives the same answers, or ``""``.
        hint: what to look at, or ``""``.
        seed: draws the same random inputs again.
    """

    exercise: str
    points: int
    status: str
    trials: int
    failures: tuple[Failure, ...]
    misconception: str
    hint: str
    seed: int


def examine(exercise: Exercise, call: Caller, seed: int) -> Verdict:
    """Check one answer.

    Args:
        exercise: what was asked.
        call: runs the answer on given arguments, here or elsewhere.
        seed: draws the random inputs.
    """
    trials = exercise.trials(seed)
    first = call(trials[0].calls[0])
    if first.unwritten:
        return Verdict(exercise.name, exercise.points, "unwritten", len(trials), (), "", "", seed)
    outcomes = [[call(arguments) for arguments in trial.calls] for trial in trials]
    reference = caller(exercise.reference)
    failures = [
        failure
        for trial, outcome in zip(trials, outcomes, strict=True)
        if (failure := _judge(exercise, trial, outcome, reference))
    ]
    name, hint = _explain(exercise, trials, outcomes, failures, reference)
    status = "failed" if failures else "passed"
    return Verdict(exercise.name, exercise.points, status, len(trials), tuple(failures), name, hint, seed)


def _judge(exercise: Exercise, trial: Trial, outcomes: Sequence[Outcome], reference: Caller) -> Failure | None:
    names = list(inspect.signature(exercise.reference).parameters)

    def fail(call: int, problem: str, part: str = "") -> Failure:
        inputs = ", ".join(map(summary, names, trial.calls[call]))
        return Failure(trial.name, inputs, problem, part, call)

    values: list[Any] = []
    for i, (arguments, outcome) in enumerate(zip(trial.calls, outcomes, strict=True)):
        if outcome.borrowed:
            return fail(i, f"closed book: it calls {outcome.borrowed}; write it with NumPy alone")
        if outcome.error:
            return fail(i, f"it raised {outcome.error}")
        if outcome.changed:
            changed = names[outcome.changed[0]]
            return fail(i, f"it changes its argument {changed} in place; work on a copy", "inputs")
        try:
            got = parts(outcome.value, exercise.returns)
        except MalformedError as error:
            return fail(i, str(error))
        expected = parts(reference(arguments).value, exercise.returns)
        for part in expected:
            # A rule judges values alone: it is only asked about parts that have the shape they should.
            if trial.rule is None or trial.rule.holds is None or got[part].shape != expected[part].shape:
                problem = difference(part, expected[part], got[part], exercise.rtol, exercise.atol)
                if problem:
                    return fail(i, problem, part)
        values.append(assembled(got, exercise.returns))
    if trial.rule is not None and trial.rule.holds is not None:
        with hushed():
            problem = trial.rule.holds(trial.calls, values)
        if problem:
            return fail(0, problem)
    return None


def _explain(
    exercise: Exercise,
    trials: Sequence[Trial],
    outcomes: Sequence[Sequence[Outcome]],
    failures: Sequence[Failure],
    reference: Caller,
) -> tuple[str, str]:
    """Return the name and hint of the misconception that answers as the learner's function does."""
    if not failures:
        return "", ""
    first = [trial.name for trial in trials].index(failures[0].trial)
    if any(outcome.borrowed for outcome in outcomes[first]):
        return "", ""
    chosen = [i for i, trial in enumerate(trials) if trial.diagnose]
    calls = [arguments for i in chosen for arguments in trials[i].calls]
    mine = [_signature(exercise, outcome) for i in chosen for outcome in outcomes[i]]
    best: tuple[int, Misconception] | None = None
    for misconception in exercise.misconceptions:
        theirs = [_signature(exercise, caller(misconception.function)(a)) for a in calls]
        shared = _shared(exercise, mine, theirs)
        explains = failures[0].part in shared if failures[0].part else len(shared) == len(mine[0])
        better = explains and (best is None or len(shared) > best[0])
        if better and _fails_only_in_the_last(exercise, trials[: first + 1], misconception, reference):
            best = len(shared), misconception
    if best is not None:
        return best[1].name, best[1].hint
    if not _is_about_values(trials[first], outcomes[first], failures[0]):
        return "", ""
    failed = [each.trial for each in failures]
    hints = [each.rule.hint for each in trials if each.rule and each.name in failed and each.rule.hint]
    return "", hints[0] if hints else ""


def _fails_only_in_the_last(
    exercise: Exercise, trials: Sequence[Trial], misconception: Misconception, reference: Caller
) -> bool:
    """Whether a misconception fails the last of these trials and none before it, as the learner's function does.

    Where answers were compared and are the same, that is certain. It must be tried if the function failed where they
    are not compared, such as in a rule about random orders.
    """
    if trials[-1].diagnose:
        return True
    call = caller(misconception.function)
    unsure = [trial for trial in trials if not trial.diagnose]
    failed = (trial for trial in unsure if _judge(exercise, trial, [call(a) for a in trial.calls], reference))
    return next(failed, None) is trials[-1]


def _is_about_values(trial: Trial, outcomes: Sequence[Outcome], failure: Failure) -> bool:
    """Whether an answer was wrong, rather than an exception, a change in place or something of another form."""
    if failure.part:
        return failure.part != "inputs"
    ruled = trial.rule is not None and trial.rule.holds is not None
    return ruled and not any(outcome.error for outcome in outcomes)


Signature = dict[str, Array | str]


def _signature(exercise: Exercise, outcome: Outcome) -> Signature:
    """Return what a call gave, part by part; a part that is not there is the reason why."""
    names = [*_flat(exercise.returns), "inputs"]
    if outcome.error:
        return dict.fromkeys(names, outcome.kind)
    try:
        found = parts(outcome.value, exercise.returns)
    except MalformedError as error:
        return dict.fromkeys(names, str(error))
    return {**found, "inputs": str(outcome.changed)}


def _flat(returns: tuple[object, ...]) -> list[str]:
    return [name for each in returns for name in (_flat(each) if isinstance(each, tuple) else [str(each)])]


def _shared(exercise: Exercise, mine: list[Signature], theirs: list[Signature]) -> set[str]:
    """Return the parts in which two implementations agree on every call."""

    def same(a: Array | str, b: Array | str) -> bool:
        if isinstance(a, str) or isinstance(b, str):
            return isinstance(a, str) and isinstance(b, str) and a == b
        return difference("", a, b, exercise.rtol, exercise.atol) is None

    return {part for part in mine[0] if all(same(a[part], b[part]) for a, b in zip(mine, theirs, strict=True))}
