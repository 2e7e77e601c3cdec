"""Rules about code cells, for lectures and assignments alike."""

import ast
from collections.abc import Iterator

from coursekit.authoring.page import Page, Problem

_BANNED_CALLS = {
    "plt.show": "end the cell with `ck.figure(fig, alt=…)`",
    "matplotlib.pyplot.show": "end the cell with `ck.figure(fig, alt=…)`",
}
_BANNED_IMPORTS = {
    "ipywidgets": "its widgets die in static HTML; use the course's interactive figures",
    "plotly": "its figures need a network or megabytes; use the course's interactive figures",
}
# Maps whose lightness goes up and down: they draw edges where there are none, and fail the colour-blind.
_BANNED_COLOURS = frozenset(
    name + suffix for name in ("jet", "rainbow", "gist_rainbow", "nipy_spectral") for suffix in ("", "_r")
)


def figures(page: Page) -> Iterator[Problem]:
    """Every ``ck.figure`` says in words what it shows."""
    for entry in page.code:
        for name, call in entry.calls:
            if name != "ck.figure":
                continue
            alts: list[ast.expr] = [keyword.value for keyword in call.keywords if keyword.arg == "alt"] + call.args[1:2]
            if not alts or (isinstance(alts[0], ast.Constant) and not str(alts[0].value or "").strip()):
                yield page.problem("alt-text", 'a figure without alt text: ck.figure(fig, alt="what it shows").', entry)


def banned_calls(page: Page) -> Iterator[Problem]:
    """No ``plt.show()``, which loses the alt text."""
    for entry in page.code:
        for name, _ in entry.calls:
            if name in _BANNED_CALLS:
                yield page.problem("banned-call", f"{name}(): {_BANNED_CALLS[name]}.", entry)


def banned_colours(page: Page) -> Iterator[Problem]:
    """No jet, no rainbow, by keyword (``cmap="jet"``) or as an attribute (``plt.cm.jet``)."""
    for entry in page.code:
        for node in ast.walk(entry.tree):
            name = _colour_map(node)
            if name in _BANNED_COLOURS:
                yield page.problem("colour-map", f"the colour map {name!r} misleads: use viridis or gray.", entry)


def _colour_map(node: ast.AST) -> str | None:
    match node:
        case ast.keyword(arg="cmap", value=ast.Constant(value=str(name))):
            return name
        case ast.Attribute(value=ast.Name(id="cm") | ast.Attribute(attr="cm" | "colormaps"), attr=name):
            return name
        case ast.Subscript(value=ast.Attribute(attr="colormaps"), slice=ast.Constant(value=str(name))):
            return name
        case ast.Call(func=ast.Attribute(attr="get_cmap" | "set_cmap"), args=[ast.Constant(value=str(name)), *_]):
            return name
    return None


def banned_imports(page: Page) -> Iterator[Problem]:
    """No library whose figures need a kernel or a network to be seen."""
    for entry in page.code:
        for node in ast.walk(entry.tree):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for name in {name.partition(".")[0] for name in names} & set(_BANNED_IMPORTS):
                yield page.problem("banned-import", f"{name}: {_BANNED_IMPORTS[name]}.", entry)
