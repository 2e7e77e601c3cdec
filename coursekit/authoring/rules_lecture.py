"""Rules for lectures: how long they are, how they open and close, and how often they ask."""

import ast
import math
import re
from collections.abc import Iterator

from coursekit.authoring import budgets, prose
from coursekit.authoring.page import Entry, Page, Problem
from coursekit.errors import CourseError

_OPENING = {
    "goals": r"\bgoals?\b|you will\b|you can\b",
    "what the reader needs": r"\bneeds?\b|\bprerequisites?\b",
    "the minutes it takes": r"\b\d+\s*(min|minutes)\b",
}
_SOURCES = re.compile(r"\b(sources|references|further reading)\b", re.IGNORECASE)


def length(page: Page) -> Iterator[Problem]:
    """Cells, words, lines of code and bytes."""
    yield from within(page, "cells", len(page.entries), *budgets.LECTURE_CELLS)
    yield from within(page, "words", sum(words(entry) for entry in page.prose), *budgets.LECTURE_WORDS)
    lines = sum(len(entry.code_lines) for entry in page.code)
    yield from within(page, "code-lines", lines, 0, budgets.LECTURE_CODE_LINES)
    if not page.executed:
        yield from within(page, "bytes", page.size, 0, budgets.SOURCE_BYTES)


def code_cells(page: Page) -> Iterator[Problem]:
    """No code cell is long, and few are longish."""
    lengths = sorted(len(entry.code_lines) for entry in page.code)
    for entry in page.code:
        if len(entry.code_lines) > budgets.CODE_CELL_LINES:
            message = f"{len(entry.code_lines)} lines; at most {budgets.CODE_CELL_LINES}: split the cell."
            yield page.problem("cell-lines", message, entry)
    p90 = lengths[math.ceil(0.9 * len(lengths)) - 1] if lengths else 0
    if p90 > budgets.CODE_CELL_LINES_P90:
        yield page.problem(
            "cell-lines-p90",
            f"one code cell in ten has {p90} lines or more; at most {budgets.CODE_CELL_LINES_P90}: split the longest.",
        )


def prose_cells(page: Page) -> Iterator[Problem]:
    """No wall of text; what explains a result is shorter still. The first and the last cell may be longer."""
    for before, entry in zip(page.entries, page.entries[1:-1], strict=False):
        if entry.cell.type != "markdown":
            continue
        explains = before.cell.type == "code" and not entry.cell.text.startswith("#")
        most = budgets.EXPLANATION_WORDS if explains else budgets.PROSE_CELL_WORDS
        if words(entry) > most:
            what = "explanation" if explains else "text"
            yield page.problem("cell-words", f"{what} of {words(entry)} words; at most {most}: cut or split.", entry)


def opening(page: Page) -> Iterator[Problem]:
    """The first cell says what it is for, what it needs and how long it takes."""
    first = page.entries[0] if page.entries else None
    for what, pattern in _OPENING.items():
        if not first or not re.search(pattern, first.cell.text, re.IGNORECASE):
            yield page.problem("opening", f"the first cell does not say {what} (/{pattern}/).", first)


def sources(page: Page) -> Iterator[Problem]:
    """There is a section of sources."""
    if not any(_SOURCES.search(text) for entry in page.prose for _, text in prose.read(entry.cell.text).headings):
        yield page.problem("sources", "no section of sources: add a heading `## Sources` near the end.")


def questions(page: Page) -> Iterator[Problem]:
    """It asks before it shows, and lets the reader check."""
    names = [name for entry in page.code for name, _ in entry.calls]
    yield from within(page, "predictions", names.count("ck.predict"), budgets.PREDICTIONS, None)
    checks = sum(name.startswith("ck.check.") for name in names)
    yield from within(page, "micro-checks", checks, budgets.MICRO_CHECKS, None)


def quiz_items(page: Page) -> Iterator[Problem]:
    """The quizzes exist and hold enough questions."""
    from coursekit.teach import quizzes

    items = 0
    for entry in page.code:
        for name, call in entry.calls:
            if name != "ck.quiz":
                continue
            match call.args:
                case [ast.Constant(value=str(quiz_id))]:
                    try:
                        items += len(quizzes.load(quiz_id).questions)
                    except CourseError as error:
                        yield page.problem("quiz", f"{error.problem} {error.fix}", entry)
                case _:
                    yield page.problem("quiz", 'write the quiz by name: ck.quiz("losses").', entry)
    yield from within(page, "quiz-items", items, budgets.QUIZ_ITEMS, None)


def tagged_cells(page: Page) -> Iterator[Problem]:
    """Something is broken on purpose, and something moves."""
    for tag, least in (("break-it", budgets.BREAK_IT_CELLS), ("interactive", budgets.INTERACTIVE_CELLS)):
        found = sum(tag in entry.cell.tags for entry in page.entries)
        if found < least:
            yield page.problem(tag, f'{found} cells with tags=["{tag}"]; at least {least}.')


def words(entry: Entry) -> int:
    """Return how many words a Markdown cell holds."""
    return prose.read(entry.cell.text).words


def within(page: Page, rule: str, value: int, least: int, most: int | None) -> Iterator[Problem]:
    """Yield a problem if a number of the whole page is out of its range."""
    if value < least:
        yield page.problem(rule, f"{value:,}; at least {least:,}.")
    if most is not None and value > most:
        yield page.problem(rule, f"{value:,}; at most {most:,}: cut, or split the notebook.")
