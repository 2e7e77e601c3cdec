"""What there is to tell about a class: counts, not pictures."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from coursekit.grading.course import Course
from coursekit.grading.journal import Entry
from coursekit.grading.page.charts import bars
from coursekit.grading.page.rendering import found
from coursekit.grading.results import ExerciseResult, Result

_BINS = 10
_SLOWEST = 5


@dataclass(frozen=True)
class Misconception:
    """A known mistake.

    Attributes:
        name: in words.
        hint: what students were told.
        students: who made it.
    """

    name: str
    hint: str
    students: tuple[str, ...]


@dataclass(frozen=True)
class ExerciseSummary:
    """One exercise over the class.

    Attributes:
        name: its name.
        max_points: what it is worth.
        mean: of the points given; None where nothing was given yet.
        outcomes: how many students, by what happened, most first.
        passed: how many got all the points.
        misconceptions: most frequent first.
        undiagnosed: who got it wrong in a way that is not known.
    """

    name: str
    max_points: float
    mean: float | None
    outcomes: tuple[tuple[str, int], ...]
    passed: int
    misconceptions: tuple[Misconception, ...]
    undiagnosed: tuple[str, ...]


@dataclass(frozen=True)
class Cause:
    """One way of not getting the points: in words, how often, how many students, in which exercises."""

    words: str
    count: int
    students: int
    exercises: tuple[str, ...]


@dataclass(frozen=True)
class Summary:
    """A class.

    Attributes:
        assignment: what was graded.
        results: one a student.
        exercises: one an exercise, in the assignment's order.
        causes: why points were lost, most frequent first.
        seconds: how long each submission took, by student, the longest first; only those known.
    """

    assignment: str
    results: tuple[Result, ...]
    exercises: tuple[ExerciseSummary, ...]
    causes: tuple[Cause, ...]
    seconds: tuple[tuple[str, float], ...]

    @property
    def max_score(self) -> float:
        """What the assignment is worth."""
        return max((result.max_score for result in self.results), default=0.0)

    @property
    def mean(self) -> float:
        """Of the scores."""
        return statistics.fmean(result.score for result in self.results)

    @property
    def median(self) -> float:
        """Of the scores."""
        return statistics.median(result.score for result in self.results)

    @property
    def waiting(self) -> int:
        """How many submissions wait for a grader."""
        return sum(result.needs_manual for result in self.results)

    @property
    def problems(self) -> tuple[Result, ...]:
        """Those that could not be graded."""
        return tuple(result for result in self.results if result.problem)

    @property
    def histogram(self) -> list[tuple[str, int]]:
        """How many students got which share of the points, in tenths; the last holds the full score, too."""
        width = 100 // _BINS
        labels = [f"{low}–{low + width - 1} %" for low in range(0, 100 - width, width)] + [f"{100 - width}–100 %"]
        shares = [result.score / result.max_score if result.max_score else 0.0 for result in self.results]
        counts = Counter(min(max(int(share * _BINS + 1e-9), 0), _BINS - 1) for share in shares)
        return [(label, counts[number]) for number, label in enumerate(labels)]

    @property
    def chart(self) -> str:
        """The histogram as a picture."""
        labels, counts = zip(*self.histogram, strict=True)
        words = f"Histogram of scores: {', '.join(f'{label}: {count}' for label, count in self.histogram)} students."
        return bars(labels, counts, "share of the points", words)

    @property
    def slowest(self) -> tuple[tuple[str, float], ...]:
        """The submissions that took longest."""
        return self.seconds[:_SLOWEST]

    @property
    def median_seconds(self) -> float:
        """Of the submissions whose time is known."""
        return statistics.median(took for _, took in self.seconds)


def summarise(assignment: str, results: Sequence[Result], seconds: Mapping[str, float] | None = None) -> Summary:
    """Count what happened in a class.

    Args:
        assignment: its name.
        results: one a student; at least one.
        seconds: how long submissions took, by student.
    """
    by_exercise: dict[str, list[tuple[str, ExerciseResult]]] = defaultdict(list)
    for result in results:
        for exercise in result.shown:
            by_exercise[exercise.name].append((result.student, exercise))
    there = {result.student for result in results}
    took = sorted(((who, each) for who, each in (seconds or {}).items() if who in there), key=lambda pair: -pair[1])
    return Summary(
        assignment,
        tuple(results),
        tuple(_exercise(name, answers) for name, answers in by_exercise.items()),
        _causes(results),
        tuple(took),
    )


def seconds(course: Course) -> dict[str, float]:
    """Return how long each submission took when it was last executed, by student, as the journal of the class has it.

    The journal is only read: another run may be writing it.
    """
    took: dict[str, float] = {}
    path = course.private / f"{course.assignment}.jsonl"
    if path.exists():
        with path.open("rb") as lines:
            for line in lines:
                try:
                    graded = Entry.from_line(line).graded
                except (ValueError, KeyError):
                    continue  # cut short, or spoiled on the disk
                took[graded.student] = graded.seconds
    return took


def _exercise(name: str, answers: Sequence[tuple[str, ExerciseResult]]) -> ExerciseSummary:
    given = [exercise.points for _, exercise in answers if exercise.points is not None]
    mistaken: dict[str, list[str]] = defaultdict(list)
    hints: dict[str, str] = {}
    for student, exercise in answers:
        if exercise.misconception:
            mistaken[exercise.misconception].append(student)
            hints[exercise.misconception] = exercise.hint
    known = [Misconception(each, hints[each], tuple(who)) for each, who in mistaken.items()]
    return ExerciseSummary(
        name,
        max(exercise.max_points for _, exercise in answers),
        statistics.fmean(given) if given else None,
        tuple(Counter(found(exercise) for _, exercise in answers).most_common()),
        sum(exercise.passed for _, exercise in answers),
        tuple(sorted(known, key=lambda each: (-len(each.students), each.name))),
        tuple(student for student, each in answers if each.status == "failed" and not each.misconception),
    )


def _causes(results: Sequence[Result]) -> tuple[Cause, ...]:
    lost: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for result in results:
        for exercise, shown in zip(result.exercises, result.shown, strict=True):
            if not exercise.passed and not exercise.manual:
                lost[found(shown)].append((result.student, exercise.name))
    made = [
        Cause(words, len(pairs), len({who for who, _ in pairs}), tuple(dict.fromkeys(name for _, name in pairs)))
        for words, pairs in lost.items()
    ]
    return tuple(sorted(made, key=lambda cause: -cause.count))
