"""What interactive figures share: one block of HTML, CSS and JavaScript that needs no kernel, no network, no global id.

So it works in JupyterLab, in exported HTML and several times on a page. A figure called ``kernel_explorer`` keeps its
script and its style in ``static/kernel_explorer.js`` and ``.css``; ``static/interactive.js`` comes before its script.
"""

import json
from collections.abc import Mapping
from html import escape
from importlib.resources import files


def block(name: str, settings: Mapping[str, object], idle: str) -> str:
    """Return a figure as HTML; show it with ``IPython.display.HTML``.

    Args:
        name: the figure's name; its element has the class ``ck-`` and that name, with dashes.
        settings: what the script starts from; numbers, texts, lists and dicts.
        idle: says what to do where scripts do not run: before the cell runs, or in a notebook that is not trusted.
    """
    static = files("coursekit.figures") / "static"
    style, shared, script = (
        (static / file).read_text(encoding="utf-8") for file in (f"{name}.css", "interactive.js", f"{name}.js")
    )
    element = f"ck-{name.replace('_', '-')}"
    return (
        f"<style>{style}</style>\n"
        f'<div class="{element}" data-settings="{escape(json.dumps(settings))}"><p>{escape(idle)}</p></div>\n'
        f'<script>(() => {{\n"use strict";\n{shared}{script}'
        f'document.querySelectorAll(".{element}:not([data-ready])").forEach((root) => {{\n'
        f'  keepKeys(root);\n  root.dataset.ready = "yes";\n  build(root);\n}});\n}})();</script>\n'
    )
