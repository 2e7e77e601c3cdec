"""Questions that a learner answers without a kernel, kept in ``source/quizzes/<id>.toml``.

A question's key may be computed: ``compute`` is a Python expression over ``np`` (NumPy) and ``ck`` (this package), and
``broken_keys`` finds the questions whose key is not what it gives. The course's tests call it on every quiz, so a key
cannot drift from the code. The answers lie readable in the page: these are questions to learn from, not to grade with.
"""

import math
from dataclasses import dataclass

from coursekit.teach import forms, quiz_files
from coursekit.teach.quiz_files import ChoiceQuestion, NumberQuestion, Question, Quiz

__all__ = ["KeyProblem", "broken_keys", "ids", "load", "quiz"]

load = quiz_files.load
ids = quiz_files.ids


def quiz(id: str) -> None:
    """Show the quiz of ``source/quizzes/<id>.toml``.

    Every answer gets a note of its own. Answers stay in the browser; nothing is sent anywhere.

    Raises:
        CourseError: if there is no such quiz, or its file is malformed.
    """
    loaded = load(id)
    title = f"Quiz: {loaded.title}"
    questions = [_form(i, question) for i, question in enumerate(loaded.questions, start=1)]
    body = "\n".join(
        [
            f'<p class="ck-title">{forms.inline(title)}</p>',
            *questions,
            '<p class="ck-score"></p>',
            '<button type="button" class="ck-again" disabled>Start again</button>',
        ]
    )
    forms.show(forms.box("quiz", id, title, body), _outline(title, loaded))


def _form(number: int, question: Question) -> str:
    legend = f"{number}. {question.text}"
    check = '<button type="submit" disabled>Check</button>\n'
    if isinstance(question, ChoiceQuestion):
        fields = forms.radio([option.text for option in question.options])
        notes = [forms.note(o.text, o.note, o.correct) for o in question.options]
        return forms.ask(question.id, legend, fields, extra=check + "\n".join(notes))
    notes = [forms.note(repr(question.answer), question.note, right=True)]
    notes += [forms.note(repr(m.answer), m.note, right=False) for m in question.misconceptions]
    return forms.ask(
        question.id,
        legend,
        forms.number(),
        extra=check + "\n".join(notes),
        tolerance=question.tolerance,
    )


def _outline(title: str, shown: Quiz) -> str:
    lines = []
    for i, question in enumerate(shown.questions, start=1):
        lines.append(f"{i}. {question.text}")
        if isinstance(question, ChoiceQuestion):
            lines += [f"   {forms.letter(k)}. {o.text}" for k, o in enumerate(question.options)]
    return forms.outline(title, [*lines, "answer in JupyterLab or in the HTML page"])


@dataclass(frozen=True)
class KeyProblem:
    """A question whose key is not what its ``compute`` gives."""

    quiz: str
    question: str
    problem: str

    def __str__(self) -> str:
        return f"{self.quiz}, question {self.question!r}: {self.problem}"


def broken_keys(checked: Quiz) -> list[KeyProblem]:
    """Return the questions of a quiz whose computed answer is not their key; an empty list when all hold.

    A number must lie within the question's tolerance. For a choice the expression gives True, or the ``value`` of the
    correct option (numbers to one part in a thousand) and of no other option.
    """
    problems = []
    for question in checked.questions:
        if question.compute is not None and (problem := _key_problem(question, question.compute)):
            problems.append(KeyProblem(checked.id, question.id, problem))
    return problems


def _key_problem(question: Question, expression: str) -> str | None:
    import numpy as np

    import coursekit

    try:
        # The expression is the course's own text, as trusted as the notebook beside it; only tests come here.
        value = eval(f"({expression.strip()})", {"ck": coursekit, "np": np})
        if isinstance(value, np.ndarray | np.generic):
            value = value.item()
        if isinstance(question, NumberQuestion):
            return _number_problem(question, float(value))
        return _choice_problem(question, value)
    except Exception as error:  # anything at all may go wrong in it, and the test should name the question
        return f"compute failed with {type(error).__name__}: {error}"


def _number_problem(question: NumberQuestion, value: float) -> str | None:
    if abs(value - question.answer) <= question.tolerance + 1e-12 * abs(question.answer):
        return None
    return f"the key is {question.answer} ± {question.tolerance}, compute gives {value}"


def _choice_problem(question: ChoiceQuestion, value: object) -> str | None:
    right = question.right
    if right.value is None:
        return None if value is True else f"compute gives {value!r}, not True"
    if not _same(value, right.value):
        return f"the key is {right.value!r}, compute gives {value!r}"
    wrong = [o for o in question.options if o is not right and o.value is not None]
    for option in wrong:
        if _same(value, option.value):
            return f"compute also gives the wrong option {option.text!r}"
    return None


def _same(value: object, key: object) -> bool:
    if isinstance(value, bool) or isinstance(key, bool):
        return value is key
    if isinstance(value, int | float) and isinstance(key, int | float):
        return math.isclose(value, key, rel_tol=1e-3)
    return value == key
