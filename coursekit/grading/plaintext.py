"""Text from students, made harmless where it is printed: in a terminal or a log, and in a spreadsheet."""

from __future__ import annotations

import re

# Escape sequences by ECMA-48: control sequences; strings (titles, links, clipboard) up to their end or the line's; and
# those of two bytes.
_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*+[ -/]*+[@-~]?"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\n\x07\x1b\x90\x98\x9b-\x9f]*+(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*+[0-~]?"
)
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
# Other control characters, and marks that turn the order of text around them.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufff9-\ufffb\ud800-\udfff]")
_FORMULA = re.compile(r"(^|[,;|\t\r\n\"])([ \u00a0]*)(?=[=+\-@\t\r\uff1d\uff0b\uff0d\uff20])(?!-$)")


def printable(text: str, *, colours: bool = False) -> str:
    """Return a text without anything that a terminal would obey: escape sequences and control characters.

    Line feeds and tabs stay. A carriage return becomes a line feed, so that nothing is overwritten.

    Args:
        text: whatever a student's code wrote.
        colours: keep the sequences that change colours and weights, for `nbconvert`'s ``ansi2html``.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not colours:
        return _CONTROLS.sub("", _ESCAPES.sub("", text))
    parts = _COLOURS.split(text)
    kept = [*_COLOURS.findall(text), ""]
    return "".join(printable(part) + colour for part, colour in zip(parts, kept, strict=True))


def line(text: str) -> str:
    """Return a text as one printable line."""
    return " ".join(printable(text).split())


def spreadsheet(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula, whichever separator it splits cells at.

    An apostrophe goes before what would begin a formula, at the start and behind separators; see OWASP, "CSV
    Injection" (owasp.org/www-community/attacks/CSV_Injection).
    """
    return _FORMULA.sub(r"\1\2'", text)
