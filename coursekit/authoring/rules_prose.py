"""Rules about what stands in Markdown cells, for lectures and assignments alike."""

import re
from collections.abc import Iterator

from coursekit.authoring import prose
from coursekit.authoring.page import Page, Problem

_EMPTY_LINKS = frozenset({"here", "click here", "this", "link", "this link", ""})
_YEAR_FIRST = re.compile(r"^ *(\d{3,}\.)(?: |$)", re.MULTILINE)


def headings(page: Page) -> Iterator[Problem]:
    """One H1, in the first cell, and no level skipped on the way down."""
    found = [(entry, level, text) for entry in page.prose for level, text in prose.read(entry.cell.text).headings]
    titles = [entry for entry, level, _ in found if level == 1]
    if not page.entries or titles != [page.entries[0]]:
        yield page.problem(
            "title",
            f"{len(titles)} headings of level 1; there must be one, `# Title`, in the first cell.",
            next((entry for entry in titles if entry is not page.entries[0]), None),
        )
    previous = 0
    for entry, level, text in found:
        if level > previous + 1:
            message = f"{text!r} skips from level {previous} to {level}: write {'#' * (previous + 1)}."
            yield page.problem("heading-order", message, entry)
        previous = level


def links(page: Page) -> Iterator[Problem]:
    """A link's text says where it leads."""
    for entry in page.prose:
        for text in prose.read(entry.cell.text).links:
            if text.strip().lower() in _EMPTY_LINKS:
                yield page.problem("link-text", f"the link text {text!r} says nothing: name what it leads to.", entry)


def pictures(page: Page) -> Iterator[Problem]:
    """Every picture in Markdown has an alternative text."""
    for entry in page.prose:
        for picture in prose.read(entry.cell.text).pictures_without_alt:
            yield page.problem("alt-text", f"{picture} has no alternative text: write ![what it shows](…).", entry)


def years(page: Page) -> Iterator[Problem]:
    """No line begins with a year that ends a sentence: JupyterLab makes a numbered list of it."""
    for entry in page.prose:
        for year in _YEAR_FIRST.findall(entry.cell.text):
            yield page.problem(
                "year-first", f"a line begins with `{year}`, which starts a list: break it elsewhere.", entry
            )
