"""What every page about grades shares: looks, words and signs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from coursekit.grading.plaintext import line
from coursekit.grading.results import ExerciseResult, plain

SIGNS = {
    "passed": ("✓", "passed"),
    "graded": ("✓", "graded by hand"),
    "failed": ("✗", "not right yet"),
    "unwritten": ("○", "not written yet"),
    "empty": ("○", "no answer"),
    "to grade": ("–", "waits for a grader"),
    "error": ("!", "raised an error"),
    "stopped": ("!", "did not run to its end"),
    "ungraded": ("!", "the submission could not be graded"),
}
"""A sign and words for each status of an `ExerciseResult`; no colour says anything that these do not."""

CAUSES = {
    "time": "ran out of time",
    "output": "wrote too much",
    "memory": "needed too much memory",
    "died": "the kernel ended",
    "not run": "not run",
    "malformed": "the answer could not be read",
}
"""Words for a cause that says more than the status; see `coursekit.grading.graded.Cause`."""

_UNKNOWN = ("!", "not graded")


def sign(exercise: ExerciseResult) -> str:
    """Return one character for what happened."""
    return SIGNS.get(exercise.status, _UNKNOWN)[0]


def found(exercise: ExerciseResult) -> str:
    """Return what happened in a few words: ``"not right yet"``, ``"ran out of time"``."""
    return CAUSES.get(exercise.cause) or SIGNS.get(exercise.status, _UNKNOWN)[1]


def tone(exercise: ExerciseResult) -> str:
    """Return the class that colours what happened."""
    return {"✓": "good", "✗": "bad", "!": "bad"}.get(sign(exercise), "soft")


def environment(folder: Path, style: str, *more_styles: str) -> Any:
    """Return a Jinja environment that escapes everything, for the templates in a folder.

    Args:
        folder: holds the templates and `style`.
        style: a file of CSS, which goes behind what all pages share.
        more_styles: further CSS.
    """
    from jinja2 import Environment, FileSystemLoader
    from markupsafe import Markup

    from coursekit.teach.forms import inline

    made = Environment(loader=FileSystemLoader(folder), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    made.filters |= {"points": plain, "sign": sign, "found": found, "tone": tone}
    made.filters["inline"] = lambda text: Markup(inline(line(text)))
    common = Path(__file__).with_name("common.css")
    sheets = [path.read_text(encoding="utf-8") for path in (common, folder / style)]
    made.globals["style"] = Markup("\n".join([*sheets, *more_styles]))
    # Nothing is loaded, run or sent, whatever slipped through.
    made.globals["policy"] = (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    )
    return made
