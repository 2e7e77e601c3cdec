"""What quizzes and predictions share: questions as HTML forms that need no kernel and no network.

A form is plain HTML with one inlined style sheet and one inlined script (``static/``), so it works the same in
JupyterLab, in a page made by nbconvert and from a file on disk. It carries no ``id`` attributes: running a cell twice,
or opening a notebook in two views, puts the same markup on one page, and nothing in it can collide.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.resources import files
from textwrap import indent

from coursekit.errors import CourseError

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

# Without scripts the buttons are dead, and a reader should know why: JupyterLab strips them from the outputs of a
# notebook that someone else ran, until its cells are run here.
_IDLE = (
    '<p class="ck-idle">Run this cell to answer here '
    "(this page shows it without scripts, or the notebook is not trusted).</p>"
)


@dataclass(frozen=True)
class Shown:
    """Something a notebook displays as HTML and a terminal as plain text."""

    html: str
    text: str

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/html": self.html, "text/plain": self.text}


def show(html: str, text: str) -> None:
    """Display ``html`` in a notebook, print ``text`` anywhere else."""
    from IPython.display import display

    display(Shown(html, text))


def inline(text: str) -> str:
    """Escape ``text`` for HTML; `` `code` `` and ``**bold**`` become tags, nothing else does."""
    pieces = re.split(r"(`[^`]+`)", text)
    return "".join(
        f"<code>{escape(piece[1:-1])}</code>"
        if re.fullmatch(r"`[^`]+`", piece)
        else re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", escape(piece))
        for piece in pieces
    )


def check_id(name: str, what: str) -> None:
    """Refuse an id that could not stand in a file name or a browser's storage.

    Raises:
        CourseError: unless ``name`` is made of lower-case letters, digits, ``-`` and ``_``.
    """
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", name):
        raise CourseError(
            f"{name!r} is no {what} id.",
            fix="use lower-case letters, digits, '-' and '_', starting with a letter or a digit.",
        )


def letter(position: int) -> str:
    """Return the letter that stands before the option at ``position`` (from 0)."""
    return LETTERS[position]


def radio(options: Sequence[str], chosen: str | None = None) -> str:
    """Return one labelled radio button an option, the ``chosen`` one ticked."""
    return "\n".join(
        f'<label><input type="radio" name="answer" value="{escape(option)}"'
        f"{' checked' if option == chosen else ''}>"
        f"<span>{letter(i)}. {inline(option)}</span></label>"
        for i, option in enumerate(options)
    )


def number() -> str:
    """Return a labelled field for a number."""
    return '<label>Your answer <input type="number" step="any" name="answer"></label>'


def note(answer: str, text: str, right: bool) -> str:
    """Return what the page says when ``answer`` is given.

    It waits in an attribute: JupyterLab would show a hidden element of a notebook that it does not trust.
    """
    return (
        f'<span class="ck-note" hidden data-answer="{escape(answer)}"'
        f'{" data-right" if right else ""} data-note="{escape(inline(text))}"></span>'
    )


def ask(name: str, legend: str, fields: str, *, extra: str = "", tolerance: float | None = None) -> str:
    """Return one question as a form.

    Args:
        name: the question's id, unique in its box.
        legend: the question.
        fields: what ``radio`` or ``number`` returned.
        extra: what follows the fields: a button, notes.
        tolerance: largest distance from a note's answer that still counts as it, for numbers.
    """
    within = "" if tolerance is None else f' data-tolerance="{tolerance!r}"'
    return (
        f'<form class="ck-ask" data-id="{escape(name)}"{within} autocomplete="off" novalidate>\n'
        f"<fieldset><legend>{inline(legend)}</legend>\n{fields}\n</fieldset>\n"
        f'{extra}<p class="ck-said" role="status"></p>\n</form>'
    )


def box(kind: str, name: str, title: str, body: str, script: str = "forms.js") -> str:
    """Return ``body`` in a labelled box with the style sheet and the script it needs.

    Args:
        kind: ``quiz``, ``prediction`` or ``progress``; with ``name`` it is the key of the browser's storage.
        name: the id of the quiz or the prediction.
        title: read out as the box's name.
        body: HTML.
        script: a file of ``static/``.
    """
    return (
        f'<section class="ck-box" data-kind="{kind}" data-name="{escape(name)}" data-title="{escape(title)}" '
        f'aria-label="{escape(title)}">\n'
        f"<style>{static('forms.css')}</style>\n{body}\n{_IDLE}\n"
        f"<script>{static(script)}</script>\n</section>"
    )


@cache
def static(name: str) -> str:
    """Return the text of a file in ``coursekit/teach/static``."""
    return (files("coursekit.teach") / "static" / name).read_text(encoding="utf-8").strip()


def outline(title: str, lines: Iterable[str]) -> str:
    """Return the plain-text form of a box: a title and indented lines."""
    return "\n".join([title, *(indent(line, "  ") for line in lines)])
