"""Calling a function in the student's kernel from the judge's process, and again without the kernel."""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections import Counter
from collections.abc import Mapping
from typing import Protocol

from coursekit.errors import CourseError
from coursekit.exercises import Exercise, Outcome
from coursekit.exercises.core import Arguments
from coursekit.grading.graded import Cause
from coursekit.grading.judge import wire
from coursekit.grading.judge.agent import SEPARATOR, SLICE
from coursekit.grading.limits import Limits
from coursekit.grading.session import SessionError

AGENT = '__import__("coursekit.grading.judge.agent", fromlist=["agent"])'
"""The agent, from anywhere: a notebook may call its variables what it likes."""

LOST = "Lost"
"""The kind of an outcome that never came, because the kernel ran out of time or ended."""

KEPT_BYTES = 2**21
"""What is kept of the answers to one check, to judge them again; beyond it they are forgotten."""

OVER = "the time of the whole submission was over"
UNTRIED = "not tried, because an earlier call had no end"

_LEFTOVERS_SECONDS = 5.0


class Channel(Protocol):
    """The part of `coursekit.grading.session.Session` that the judge uses."""

    def evaluate(self, code: str, expression: str, seconds: float) -> str:
        """Return the text that an expression gives in the kernel, or raise `SessionError`."""


class Unanswered(Exception):
    """There is nothing to judge: the function is missing, or what came cannot be read."""

    def __init__(self, cause: Cause, sentence: str) -> None:
        self.cause: Cause = cause
        self.sentence = sentence
        super().__init__(sentence)


class NotKept(KeyError):
    """An answer is not among those that were kept: the function must be called."""


class KernelCaller:
    """Calls a function in a kernel, for one `exercises.examine` with the same exercise and seed.

    All calls travel in one message, and come back in one; a slow function takes several. Outcomes are given in the
    order in which `examine` asks: the first call, which tells whether anything was written, and then every call.

    Args:
        session: to the kernel.
        where: names the cell.
        expression: gives the function in the notebook, such as its name.
        exercise: what is checked.
        seed: draws the arguments.
        limits: seconds of one call; bytes of all answers together.
        until: when the submission's time is over, by `time.monotonic`.

    Attributes:
        lost: what is said of outcomes that are missing, and
        cause: why they are, or ``""``.
    """

    def __init__(
        self,
        session: Channel,
        where: str,
        expression: str,
        exercise: Exercise,
        seed: int,
        limits: Limits,
        until: float = float("inf"),
    ) -> None:
        self.cause: Cause = ""
        self.lost: tuple[str, ...] = ()
        self._session, self._expression, self._exercise = session, expression, exercise
        self._limits, self._until = limits, until
        calls = [arguments for trial in exercise.trials(seed) for arguments in trial.calls]
        self._plan = [_described(arguments) for arguments in (calls[0], *calls)]
        self._many = len(calls[0])
        self._key = _Keys(exercise, where, expression)
        self._purse = wire.Purse(limits.answer_bytes)
        self._outcomes: list[Outcome] = []
        self._texts: dict[str, str] = {}
        self._given = 0

    def __call__(self, arguments: Arguments) -> Outcome:
        """Return the next outcome; `arguments` must be the next that `examine` asks for.

        Raises:
            Unanswered: if there is no function, or its answers cannot be read.
        """
        if _described(arguments) != self._plan[self._given]:
            raise CourseError(
                f"{self._exercise.name} draws other arguments from the same seed.",
                fix="draw everything that is random from the generator that a property is given.",
            )
        if self._given == len(self._outcomes):
            self._ask()
        self._given += 1
        return self._outcomes[self._given - 1]

    def _ask(self) -> None:
        """Ask for all outcomes that are missing; there is at least one more then."""
        seconds = min(SLICE + self._limits.call_seconds, self._until - time.monotonic())
        if seconds <= 0:
            self._lose("time", OVER)
            return
        settings = {
            "closed_book": self._exercise.closed_book,
            "room": self._limits.answer_bytes,
            "probe": not self._outcomes,
        }
        calls = ",".join(self._plan[len(self._outcomes) :])
        request = f'{wire.written(settings)[:-1]},"calls":[{calls}]}}'
        try:
            self._take(self._evaluate(f"answers(lambda: {self._expression}, '{request}')", seconds))
        except SessionError as error:
            self._rescue(error)

    def _evaluate(self, expression: str, seconds: float) -> str:
        return self._session.evaluate("", f"{AGENT}.{expression}", seconds)

    def _take(self, message: str) -> None:
        texts = message.split(SEPARATOR, len(self._plan))
        if len(texts) > len(self._plan) - len(self._outcomes):
            raise Unanswered("malformed", "the kernel gave more answers than it was asked for")
        for text in texts:
            self._texts[self._key(self._plan[len(self._outcomes)])] = text
            self._outcomes.append(_outcome(text, self._purse, self._many))

    @property
    def answers(self) -> dict[str, str]:
        """The answers so far, for `Replay`; none if some are missing, or if they are too large to keep."""
        large = sum(map(len, self._texts.values())) > KEPT_BYTES
        return {} if self.cause or large else dict(self._texts)

    def _rescue(self, error: SessionError) -> None:
        """Take what was answered before the kernel was interrupted, if it lives; the rest is lost."""
        if error.cause == "malformed":
            raise Unanswered("malformed", error.sentence) from None
        if error.cause != "died":
            with contextlib.suppress(SessionError):
                before, left = len(self._outcomes), self._evaluate("finished()", _LEFTOVERS_SECONDS)
                if left:
                    self._take(left)
                if len(self._outcomes) > before and self._outcomes[-1].kind == "KeyboardInterrupt":
                    del self._outcomes[-1]
        if error.cause == "time" and time.monotonic() < self._until:
            self._lose("time", f"it gave no answer within {self._limits.call_seconds:.3g} s")
        elif error.cause == "time":
            self._lose("time", OVER)
        else:
            self._lose(error.cause, error.sentence.replace("this cell", "this call"))

    def _lose(self, cause: Cause, sentence: str) -> None:
        if len(self._outcomes) < len(self._plan):
            self.cause = cause
            self.lost = (sentence, UNTRIED)
            # The first call is made twice, and judged the second time.
            self._outcomes += [Outcome(error=sentence, kind=LOST)] * (1 if self._outcomes else 2)
            self._outcomes += [Outcome(error=UNTRIED, kind=LOST)] * (len(self._plan) - len(self._outcomes))


class Replay:
    """Gives the outcomes that a `KernelCaller` kept, for one `exercises.examine`; nothing is executed.

    Args:
        answers: what was kept.
        where: names the cell.
        expression: gave the function.
        exercise: what is checked.
        limits: bytes of all answers together.
    """

    cause: Cause = ""
    lost: tuple[str, ...] = ()

    def __init__(
        self, answers: Mapping[str, str], where: str, expression: str, exercise: Exercise, limits: Limits
    ) -> None:
        self._answers = answers
        self._key = _Keys(exercise, where, expression)
        self._purse = wire.Purse(limits.answer_bytes)

    def __call__(self, arguments: Arguments) -> Outcome:
        """Return the outcome of a call.

        Raises:
            NotKept: if there is none.
            Unanswered: as `KernelCaller` raised it.
        """
        key = self._key(_described(arguments))
        if key not in self._answers:
            raise NotKept(key)
        return _outcome(self._answers[key], self._purse, len(arguments))


class _Keys:
    """Names calls: by the cell, the function, what it may not use, its arguments, and how often these came before.

    The first call of all, which tells whether anything was written, has a name of its own.
    """

    def __init__(self, exercise: Exercise, where: str, expression: str) -> None:
        self._about = repr((exercise.name, exercise.closed_book, where, expression))
        self._seen: Counter[str] | None = None

    def __call__(self, arguments: str) -> str:
        digest = hashlib.sha256(f"{self._about}\n{arguments}".encode()).hexdigest()[:40]
        if self._seen is None:
            self._seen = Counter()
            return f"{digest}-first"
        self._seen[digest] += 1
        return f"{digest}-{self._seen[digest]}"


def _described(arguments: Arguments) -> str:
    """Return arguments as the text in which they travel."""
    return wire.written(wire.encode_arguments(arguments))


def _outcome(text: str, purse: wire.Purse, arguments: int) -> Outcome:
    """Read an answer of the agent's.

    Raises:
        Unanswered: if it is a refusal, too large, or cannot be read.
    """
    try:
        node = wire.parse(text, purse)
        if isinstance(node, dict) and "x" in node:
            cause, said = node["x"]
            raise Unanswered("error" if cause == "error" else "malformed", wire.text_of(said, purse, 400))
        changed = node["c"]
        if not isinstance(changed, list) or not all(type(i) is int and 0 <= i < arguments for i in changed):
            raise wire.WireError("an answer could not be read")
        value = wire.decode(node["v"], purse)
        error, kind, borrowed = [
            wire.text_of(node[part], purse, most) for part, most in (("e", 400), ("k", 80), ("b", 200))
        ]
    except (KeyError, TypeError, ValueError) as reason:
        raise Unanswered("malformed", "an answer could not be read") from reason
    except wire.WireError as reason:
        raise Unanswered("malformed", str(reason)) from reason
    if kind == LOST:
        raise Unanswered("malformed", "an answer could not be read")
    return Outcome(value, error, kind, tuple(changed), borrowed)
