"""Keeping hidden tests and mark schemes out of feedback: their text, and every output that shows any of it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import Any

from coursekit.grading.plaintext import printable

_BEGIN = ("BEGIN HIDDEN TESTS", "BEGIN MARK SCHEME")
_END = ("END HIDDEN TESTS", "END MARK SCHEME")
_SHORTEST = 8
"""A hidden line that holds less than so many letters and signs says nothing, such as ``else:``."""

REMOVED = "[Not shown: it would show a hidden test.]"


def hide(notebook: Any) -> None:
    """Take hidden regions out of a notebook, and the outputs that show a line of one; in place."""
    secrets: set[str] = set()
    visible: set[str] = set()
    for cell in notebook.cells:
        kept, hidden = split(cell.source)
        cell.source = kept
        visible |= set(_lines(kept))
        if not cell.metadata.get("nbgrader", {}).get("solution"):  # else a student would say what is secret
            secrets |= set(_lines(hidden))
    secrets -= visible
    if not secrets:
        return
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [_without(output, secrets) for output in cell.outputs]


def split(source: str) -> tuple[str, str]:
    """Return the visible and the hidden lines of a cell; a region that does not end goes to the end of the cell."""
    parts: tuple[list[str], list[str]] = ([], [])
    inside = False
    for line in source.split("\n"):
        if any(mark in line for mark in _BEGIN):
            inside = True
        elif any(mark in line for mark in _END):
            inside = False
        else:
            parts[inside].append(line)
    return "\n".join(parts[0]), "\n".join(parts[1])


def _lines(text: str) -> Iterable[str]:
    return (squeezed for line in text.split("\n") if len(squeezed := _squeezed(line)) >= _SHORTEST)


def _squeezed(text: str) -> str:
    """Return a text as it is recognised by, in a traceback, as a repr or in HTML: without blanks, quotes, escapes."""
    return re.sub(r"[\s\\'\"]+", "", html.unescape(re.sub(r"<[^<>]*>", "", text) if "</" in text else text))


def _without(output: Any, secrets: set[str]) -> Any:
    """Return an output, or what stands in for it if any of its text holds a hidden line."""
    shown = _squeezed(printable("\n".join(_texts(output))))
    if not any(secret in shown for secret in secrets):
        return output
    from nbformat.v4 import new_output

    if output.output_type == "error":
        # The kind of error stays: the check failed, and which line of it did is not for this page.
        name = printable(str(output.ename))
        return new_output("error", ename=name, evalue=REMOVED, traceback=[f"{name}: {REMOVED}"])
    return new_output("stream", name="stdout", text=REMOVED + "\n")


def _texts(value: Any) -> Iterable[str]:
    """Yield every text in an output, however deep, but pictures."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, each in value.items():
            if not str(key).startswith(("image/png", "image/jpeg")):
                yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
