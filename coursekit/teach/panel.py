"""The panel of ``ck.progress()``: what the progress file holds, and what this browser keeps."""

import json
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coursekit.teach import forms

if TYPE_CHECKING:
    from coursekit.exercises import Assignment


def show(held: Mapping[str, Any], assignments: Sequence["Assignment"], path: Path | None) -> None:
    """Display the panel.

    Args:
        held: the progress file's contents.
        assignments: every assignment of the course, in order.
        path: the progress file, None if no records are kept.
    """
    done = held.get("exercises", {})
    typed = {id: entry.get("choice", "") for id, entry in held.get("predictions", {}).items()}
    where = (
        f"Kept in {path}; nothing is sent anywhere."
        if path
        else "No record is kept (COURSEKIT_PROGRESS=off, or a grader is running the notebook)."
    )
    html = [
        '<p class="ck-title">Your progress</p>',
        *[_assignment_html(assignment, done) for assignment in assignments],
        _predictions_html(typed),
        f'<div class="ck-browser" data-saved="{escape(json.dumps(held, ensure_ascii=False))}"></div>',
        '<button type="button" class="ck-download" disabled>Download my answers (JSON)</button>',
        f"<p><small>{escape(where)}</small></p>",
    ]
    box = forms.box("progress", "all", "Your progress", "\n".join(html), "progress.js")
    lines = []
    for assignment in assignments:
        lines += [_title(assignment), *(f"  {n}: {state}" for n, state in _states(assignment, done))]
    lines += [f"predicted {id}: {choice}" for id, choice in typed.items()]
    forms.show(box, forms.outline("Your progress", [*lines, where]))


def _title(assignment: "Assignment") -> str:
    return f"Assignment {assignment.name.partition('_')[0]}, {assignment.title}"


def _states(assignment: "Assignment", done: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(exercise.name, _state(done.get(exercise.name))) for exercise in assignment.exercises]


def _state(entry: Mapping[str, Any] | None) -> str:
    if entry is None:
        return "○ not started"
    attempts = entry.get("attempts", 0)
    tries = f"{attempts} {'try' if attempts == 1 else 'tries'}"
    return f"✓ passed ({tries})" if entry.get("passed") else f"… not yet ({tries})"


def _assignment_html(assignment: "Assignment", done: Mapping[str, Any]) -> str:
    states = _states(assignment, done)
    passed = sum(state.startswith("✓") for _, state in states)
    rows = "\n".join(
        f'<tr><th scope="row"><code>{escape(name)}</code></th><td>{escape(state)}</td></tr>' for name, state in states
    )
    summary = f"{forms.inline(_title(assignment))}: {passed} of {len(states)} passed"
    begun = any(exercise.name in done for exercise in assignment.exercises)
    return (
        f"<details{' open' if begun else ''}><summary>{summary}</summary>\n"
        f'<table class="ck-table">\n{rows}\n</table>\n</details>'
    )


def _predictions_html(typed: Mapping[str, str]) -> str:
    if not typed:
        return ""
    items = "\n".join(f"<li><code>{escape(id)}</code>: {escape(choice)}</li>" for id, choice in typed.items())
    return f"<p>Predictions you typed:</p>\n<ul>\n{items}\n</ul>"
