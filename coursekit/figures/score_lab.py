"""The score lab: drag three scores and watch both losses and both gradients (lecture 01).

One block of HTML, CSS and JavaScript without a kernel, a network or a global id, so it works in JupyterLab, in exported
HTML, several times on a page. ``coursekit.figures.losses.score_frame`` draws its still picture.
"""

import json
from collections.abc import Sequence
from html import escape
from importlib.resources import files

import numpy as np
from numpy.typing import ArrayLike

from coursekit.figures.style import class_index, numbers

_IDLE = (
    "<p>Run this cell to move the scores here (this page shows it without scripts, or the notebook is "
    "not trusted). The still picture shows where it starts.</p>"
)


def score_lab(scores: ArrayLike, label: int, names: Sequence[str], margin: float = 1.0, reach: float = 8.0) -> str:
    """Return the interactive figure as HTML; show it with ``IPython.display.HTML``.

    Scores are set by dragging the markers, with the arrow keys on a marker, or as numbers in the table.

    Args:
        scores: (3,) where the markers start.
        label: the true class at the start.
        names: three class names.
        margin: the hinge loss's margin at the start; 0 or more.
        reach: the line goes from -reach to reach.

    Raises:
        ValueError: if there are not three classes, a score lies outside the line, or the
            margin is negative.
    """
    row = numbers("scores", scores, (3,))
    if len(names) != 3:
        raise ValueError(f"{len(names)} names for 3 scores.\n  fix: pass three class names.")
    if not np.abs(row).max() <= reach:  # NaN is outside too
        raise ValueError(f"scores {row} do not lie within ±{reach:g}.\n  fix: pass finite scores, or a larger reach.")
    if not 0 <= margin < np.inf:
        raise ValueError(f"margin is {margin}.\n  fix: pass a finite number that is 0 or more.")
    settings = {
        "scores": row.tolist(),
        "label": class_index("label", label, 3),
        "names": list(names),
        "margin": float(margin),
        "reach": float(reach),
    }
    static = files("coursekit.figures") / "static"
    style = (static / "score_lab.css").read_text(encoding="utf-8")
    script = (static / "score_lab.js").read_text(encoding="utf-8")
    return (
        f"<style>{style}</style>\n"
        f'<div class="ck-score-lab" data-settings="{escape(json.dumps(settings))}">{_IDLE}</div>\n'
        f"<script>{script}</script>\n"
    )
