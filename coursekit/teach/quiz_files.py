"""Reads a quiz from its TOML file, and says what is wrong with the file when something is.

title = "Losses by hand"

[[question]]
id = "mean"
kind = "choice"                          # exactly one option is correct, every option has a note
text = "The **mean** of `losses`?"
options = [
  { text = "5.27", value = 5.27, correct = true, note = "15.8 / 3." },
  { text = "15.8", value = 15.8, note = "That is the sum." },
]
compute = "np.mean([2.9, 0, 12.9])"      # optional for a choice: the correct option's value, or True

[[question]]
id = "softmax"
kind = "number"
text = "The softmax loss at p = 0.13?"
answer = 2.04
tolerance = 0.01                         # absolute
note = "−ln 0.13."
misconceptions = [{ answer = 0.89, note = "That is log10." }]     # optional
compute = "-np.log(0.13)"
"""

import difflib
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from coursekit.errors import CourseError
from coursekit.paths import course_root
from coursekit.teach import forms


@dataclass(frozen=True)
class Option:
    """One answer to choose; ``note`` says why it is right, or which misconception leads to it."""

    text: str
    correct: bool
    note: str
    value: float | str | bool | None


@dataclass(frozen=True)
class Misconception:
    """A wrong number that a known mistake leads to."""

    answer: float
    note: str


@dataclass(frozen=True)
class ChoiceQuestion:
    """One right answer among several."""

    id: str
    text: str
    options: tuple[Option, ...]
    compute: str | None

    @property
    def right(self) -> Option:
        """The correct option."""
        return next(option for option in self.options if option.correct)


@dataclass(frozen=True)
class NumberQuestion:
    """A number to compute, right within ``tolerance`` (absolute)."""

    id: str
    text: str
    answer: float
    tolerance: float
    note: str
    misconceptions: tuple[Misconception, ...]
    compute: str | None


Question = ChoiceQuestion | NumberQuestion


@dataclass(frozen=True)
class Quiz:
    """A title and its questions, as read from ``<id>.toml``."""

    id: str
    title: str
    questions: tuple[Question, ...]


def ids() -> list[str]:
    """Return the ids of the course's quizzes, sorted."""
    folder = _folder()
    if not folder.is_dir():
        return []
    names = [entry.name for entry in folder.iterdir()]
    return sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml"))


def load(id: str) -> Quiz:
    """Return the quiz of ``source/quizzes/<id>.toml``.

    Raises:
        CourseError: if there is no such quiz, or its file is malformed; the message names the question.
    """
    forms.check_id(id, "quiz")
    known = ids()
    if id not in known:
        near = difflib.get_close_matches(id, known, n=3) or known
        raise CourseError(
            f"there is no quiz {id!r}.",
            fix=f"did you mean {', '.join(near)}?" if near else f"write source/quizzes/{id}.toml.",
        )
    return parse(id, (_folder() / f"{id}.toml").read_text(encoding="utf-8"))


def _folder() -> Traversable:
    """Return the clone's quizzes, or those that an installed package carries."""
    try:
        return course_root() / "source" / "quizzes"
    except CourseError:
        return files("coursekit.teach") / "quizzes"


def parse(id: str, text: str) -> Quiz:
    """Return the quiz that ``text`` (TOML) spells.

    Raises:
        CourseError: if it is not TOML, lacks something or holds something unknown.
    """
    where = f"quizzes/{id}.toml"
    try:
        table = _Table(tomllib.loads(text), where)
    except tomllib.TOMLDecodeError as error:
        raise CourseError(f"{where} is not TOML: {error}", fix="mend that line.") from None
    title = table.text("title")
    questions = tuple(_question(entry) for entry in table.tables("question", least=1))
    table.end()
    repeated = [q.id for i, q in enumerate(questions) if q.id in {p.id for p in questions[:i]}]
    if repeated:
        raise CourseError(f"{where} has two questions {repeated[0]!r}.", fix="rename one.")
    return Quiz(id, title, questions)


def _question(table: "_Table") -> Question:
    id = table.text("id")
    forms.check_id(id, "question")
    table.where += f", question {id!r}"
    kind = table.text("kind")
    if kind == "choice":
        question: Question = _choice(id, table)
    elif kind == "number":
        question = _number(id, table)
    else:
        raise CourseError(f"{table.where}: kind is {kind!r}.", fix='write kind = "choice" or kind = "number".')
    table.end()
    return question


def _choice(id: str, table: "_Table") -> ChoiceQuestion:
    options = []
    for entry in table.tables("options", least=2):
        options.append(Option(entry.text("text"), entry.flag("correct"), entry.text("note"), entry.value()))
        entry.end()
    right = [option for option in options if option.correct]
    if len(right) != 1:
        raise CourseError(
            f"{table.where}: {len(right) or 'no'} option(s) marked correct.",
            fix="write correct = true in exactly one option.",
        )
    if len({option.text for option in options}) < len(options):
        raise CourseError(f"{table.where}: two options read the same.", fix="reword one.")
    return ChoiceQuestion(id, table.text("text"), tuple(options), table.text_or_none("compute"))


def _number(id: str, table: "_Table") -> NumberQuestion:
    answer = table.number("answer")
    tolerance = table.number("tolerance")
    wrong = []
    for entry in table.tables("misconceptions", least=0):
        wrong.append(Misconception(entry.number("answer"), entry.text("note")))
        entry.end()
    if any(abs(m.answer - answer) <= tolerance for m in wrong) or tolerance < 0:
        raise CourseError(
            f"{table.where}: a misconception's answer counts as right, or the tolerance is negative.",
            fix="narrow the tolerance, or drop that misconception.",
        )
    # A number with no computation behind it would be the one key that can drift.
    compute = table.text("compute")
    return NumberQuestion(id, table.text("text"), answer, tolerance, table.text("note"), tuple(wrong), compute)


class _Table:
    """A TOML table that is read key by key, and in which nothing may stay unread."""

    def __init__(self, entries: Mapping[str, object], where: str) -> None:
        self.entries = dict(entries)
        self.seen: set[str] = set()
        self.where = where

    def _take(self, key: str) -> object:
        self.seen.add(key)
        return self.entries.pop(key, None)

    def _wrong(self, key: str, expected: str) -> CourseError:
        return CourseError(f"{self.where}: {key} is missing or wrong.", fix=f"give it {expected}.")

    def text(self, key: str) -> str:
        value = self._take(key)
        if not isinstance(value, str) or not value.strip():
            raise self._wrong(key, f'some text: {key} = "…"')
        return value.strip()

    def text_or_none(self, key: str) -> str | None:
        return self.text(key) if key in self.entries else None

    def flag(self, key: str) -> bool:
        value = self._take(key)
        if value not in (None, True, False):
            raise self._wrong(key, "true or false")
        return value is True

    def number(self, key: str) -> float:
        value = self._take(key)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise self._wrong(key, f"a number: {key} = 2.04")
        return value

    def value(self) -> float | str | bool | None:
        value = self._take("value")
        if value is not None and not isinstance(value, int | float | str):
            raise self._wrong("value", "a number, true, false or text")
        return value

    def tables(self, key: str, least: int) -> list["_Table"]:
        value = self._take(key)
        entries = [] if value is None and least == 0 else value
        if (
            not isinstance(entries, list)
            or len(entries) < least
            or not all(isinstance(entry, dict) for entry in entries)
        ):
            raise self._wrong(key, f"a list of {least} or more tables")
        return [_Table(entry, f"{self.where}, {key} {i}") for i, entry in enumerate(entries, 1)]

    def end(self) -> None:
        """Refuse what nobody asked for: most often a key with a letter wrong."""
        for key in self.entries:
            near = difflib.get_close_matches(key, self.seen, n=1)
            raise CourseError(
                f"{self.where}: unknown key {key!r}.",
                fix=f"did you mean {near[0]!r}?" if near else f"use {', '.join(sorted(self.seen))}.",
            )
