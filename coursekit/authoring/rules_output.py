"""Rules about what an executed notebook shows."""

from collections.abc import Iterator
from typing import Any

from coursekit.authoring import budgets
from coursekit.authoring.page import Page, Problem
from coursekit.authoring.prose import has_alt

_MAY_RAISE = "raises-exception"


def pictures(page: Page) -> Iterator[Problem]:
    """Every picture among the outputs has an alternative text."""
    for entry in page.code:
        for output in entry.outputs:
            if not _has_alt(output):
                yield page.problem("alt-text", "a picture without alt text: show it with ck.figure(fig, alt=…).", entry)


def _has_alt(output: Any) -> bool:
    data, metadata = output.get("data", {}), output.get("metadata", {})
    images = [kind for kind in data if kind.startswith("image/")]
    described = all(str(metadata.get(kind, {}).get("alt") or metadata.get("alt") or "").strip() for kind in images)
    return described and has_alt("".join(data.get("text/html", "")))


def noise(page: Page) -> Iterator[Problem]:
    """No warnings, no errors but those that are shown on purpose."""
    for entry in page.code:
        for output in entry.outputs:
            if output.output_type == "stream" and output.name == "stderr":
                first = output.text.strip().partition("\n")[0][:100]
                yield page.problem("stderr", f"{first!r}: silence it at its source.", entry)
            if output.output_type == "error" and _MAY_RAISE not in entry.cell.tags:
                yield page.problem(
                    "error", f'{output.ename}: mend it, or tag the cell "{_MAY_RAISE}" if it is the point.', entry
                )


def size(page: Page) -> Iterator[Problem]:
    """The page that a reader downloads is not too big."""
    if page.executed is None:
        return
    from nbconvert import HTMLExporter

    html, _ = HTMLExporter().from_notebook_node(page.executed)
    if len(html.encode()) > budgets.HTML_BYTES:
        message = f"{len(html.encode()) / budgets.MB:.1f} MB of HTML; at most {budgets.HTML_BYTES / budgets.MB:g}."
        yield page.problem("html-size", message + " Show smaller or fewer pictures.")
