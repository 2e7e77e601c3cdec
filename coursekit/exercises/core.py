"""What an exercise is: a reference, cases to picture, properties over random inputs, and the mistakes people make.

An exercise is declared once and used three times: to tell a learner what went wrong, to prove that the checks check,
and to make sample classes. Everything a check needs is data (arguments in, plain arrays out), so that the caller of
the learner's function and the judge of its answers may live in different processes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Arguments = tuple[Any, ...]
Function = Callable[..., Any]
Rule = Callable[[Sequence[Arguments], Sequence[Any]], str | None]
"""Given calls' arguments and the values returned, says what is wrong, or returns None."""
Structure = tuple[Any, ...]
"""Names of the outputs, nested as they are returned: ``("loss", ("dx", "dy"))``; ``("loss",)`` is one value."""

NUMPY_ONLY = (
    "coursekit.scratch",
    "coursekit.exercises",
    "keras",
    "tensorflow",
    "torch",
    "jax",
    "sklearn",
    "scipy",
)
"""Modules that a closed-book NumPy exercise may not call."""


@dataclass(frozen=True)
class Case:
    """Fixed arguments with a name that a person can picture.

    Attributes:
        name: what is special about them.
        arguments: of the one call.
        holds: judges the answer where more than one is right; left out, it must equal the reference's.
        hint: what to look at when it does not hold.
    """

    name: str
    arguments: Arguments
    holds: Rule | None = None
    hint: str = ""

    @property
    def rule(self) -> Property | None:
        """The case as a property that draws nothing, if it is judged by more than equality."""
        return self.holds and Property(self.name, lambda rng: [self.arguments], self.holds, self.hint)


@dataclass(frozen=True)
class Property:
    """Something that must hold over random inputs.

    Attributes:
        name: a sentence, such as "adding 1000 to every score changes nothing".
        draw: draws the arguments of one or more calls.
        holds: judges the values; left out, each must equal the reference's.
        hint: what to look at when it does not hold.
        diagnose: whether misconceptions are run on these inputs too (switch off for slow ones).
    """

    name: str
    draw: Callable[[np.random.Generator], Sequence[Arguments]]
    holds: Rule | None = None
    hint: str = ""
    diagnose: bool = True


@dataclass(frozen=True)
class Misconception:
    """A wrong implementation that people really write, and the sentence that helps them see it."""

    function: Function
    hint: str

    @property
    def name(self) -> str:
        """The function's name in words, such as ``"counts the correct class"``."""
        return self.function.__name__.replace("_", " ")


@dataclass(frozen=True)
class Trial:
    """A case or a property with its arguments drawn: what is called, and how the answers are judged."""

    name: str
    calls: tuple[Arguments, ...]
    rule: Property | None = None

    @property
    def diagnose(self) -> bool:
        """Whether misconceptions are run on these calls."""
        return self.rule is None or self.rule.diagnose


@dataclass
class Exercise:
    """One graded function.

    Attributes:
        name: the function's name in the notebook, and of its check.
        points: what it is worth; 0 for a micro-check of a lecture.
        reference: a correct implementation that is easy to read.
        returns: names of the outputs, see `Structure`.
        cases: the visible part.
        properties: the part with random inputs.
        rtol: relative tolerance of every comparison.
        atol: absolute tolerance of every comparison.
        closed_book: modules that the answer may not call, by dotted prefix.
    """

    name: str
    points: int
    reference: Function
    returns: Structure
    cases: Sequence[Case]
    properties: Sequence[Property] = ()
    rtol: float = 1e-6
    atol: float = 1e-8
    closed_book: tuple[str, ...] = NUMPY_ONLY
    misconceptions: list[Misconception] = field(default_factory=list)
    variants: list[Function] = field(default_factory=list)

    def misconception(self, hint: str) -> Callable[[Function], Function]:
        """Declare the decorated function a misconception, explained by `hint`.

        The function must stand alone (NumPy as ``np`` and built-ins only): it also becomes a sample submission.
        """

        def declare(function: Function) -> Function:
            self.misconceptions.append(Misconception(function, hint))
            return function

        return declare

    def variant(self, function: Function) -> Function:
        """Declare the decorated function another correct answer, in another style."""
        self.variants.append(function)
        return function

    def trials(self, seed: int) -> list[Trial]:
        """Return every case and every property, with the random ones drawn from `seed`."""
        fixed = [Trial(case.name, (case.arguments,), case.rule) for case in self.cases]
        streams = np.random.SeedSequence(seed).spawn(len(self.properties))
        drawn = [
            Trial(each.name, tuple(each.draw(np.random.default_rng(stream))), each)
            for each, stream in zip(self.properties, streams, strict=True)
        ]
        return fixed + drawn


@dataclass(frozen=True)
class Assignment:
    """The exercises of one notebook, in its order."""

    name: str
    title: str
    exercises: tuple[Exercise, ...]

    @property
    def points(self) -> int:
        """What the checked exercises are worth together."""
        return sum(exercise.points for exercise in self.exercises)
