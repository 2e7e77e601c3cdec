"""From a notebook that is safe to show, to a page."""

from __future__ import annotations

import html
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

from nbconvert.exporters import Exporter
from nbgrader.converters import GenerateFeedback
from traitlets import List, default

from coursekit.grading.converting import StepsInPlace
from coursekit.grading.feedback.preprocessors import RESULT, FindGrades, Hide, Sanitise
from coursekit.grading.page.rendering import environment
from coursekit.grading.results import Result

_MOST_COLOURED = 50_000
"""A longer text is shown without colours: they would take seconds."""


class FeedbackExporter(StepsInPlace, Exporter):
    """Writes the page; nbconvert's own exporter takes three times as long, and loads scripts from the network."""

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".html"

    def from_notebook_node(self, nb: Any, resources: Any = None, **more: Any) -> tuple[Any, Any]:
        """Return a notebook as HTML, and the resources."""
        nb, resources = super().from_notebook_node(nb, resources, **more)
        return _template().render(cells=nb.cells, resources=resources, grading=resources["nbgrader"]), resources


class SafeFeedback(GenerateFeedback):  # type: ignore[misc]
    """nbgrader's converter with our steps, wherever a class's settings name no others."""

    result: ClassVar[Result | None] = None

    preprocessors = List([Hide, FindGrades, Sanitise]).tag(config=True)

    @default("exporter_class")
    def _exporter_class_default(self) -> type[Exporter]:
        return FeedbackExporter

    def init_single_notebook_resources(self, notebook_filename: str) -> dict[str, Any]:
        """Hand the result on to the steps."""
        resources: dict[str, Any] = super().init_single_notebook_resources(notebook_filename)
        known = self.result if self.result and self.result.student == resources["nbgrader"]["student"] else None
        return resources | {RESULT: known}


@lru_cache(maxsize=1)
def _template() -> Any:
    from markupsafe import Markup
    from nbconvert.filters.ansi import ansi2html

    made = environment(Path(__file__).parent, "page.css", _colours())
    made.filters |= {
        "coloured": lambda text: Markup(_coloured(text)),
        "terminal": lambda text: Markup(ansi2html(text)),
        "base64": _base64,
    }
    return made.get_template("page.html.j2")


@lru_cache(maxsize=512)  # most cells are everybody's
def _coloured(source: str) -> str:
    """Return Python as HTML."""
    if len(source) > _MOST_COLOURED:
        return f'<div class="highlight"><pre>{html.escape(source)}</pre></div>'
    from pygments import highlight  # type: ignore[import-untyped]
    from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]
    from pygments.lexers import PythonLexer  # type: ignore[import-untyped]

    return str(highlight(source, PythonLexer(), HtmlFormatter()))


def _colours() -> str:
    from jupyterlab_pygments import JupyterStyle  # type: ignore[import-untyped]
    from pygments.formatters import HtmlFormatter

    return str(HtmlFormatter(style=JupyterStyle).get_style_defs(".highlight"))


def _base64(text: str) -> str:
    import base64

    return base64.b64encode(text.encode("utf-8", "replace")).decode("ascii")
