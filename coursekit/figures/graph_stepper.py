"""The graph stepper: walk a computation forward and its gradient backward, one value at a time (lecture 02).

``coursekit.figures.graphs.graph`` draws its still picture.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from coursekit.figures.graphs import Drawing
from coursekit.figures.interactive import block

_IDLE = (
    "Run this cell to step through the graph here (this page shows it without scripts, or the notebook is not "
    "trusted). The still picture shows all values and gradients."
)
LARGEST = 40


class Drawable(Protocol):
    """A ``coursekit.scratch.graph.Value``."""

    def draw(self) -> Drawing:
        """Return the graph that it was computed by."""


def graph_stepper(value: Drawable) -> str:
    """Return the interactive figure as HTML; show it with ``IPython.display.HTML``.

    Steps are taken with buttons, a slider or the arrow keys: forward through the operations in the order of
    computation, then back through them. At each, every input gets upstream × local derivative, and what an input gets
    from all its uses is added up. The gradients are computed in the figure; ``backward`` need not have been called.

    Args:
        value: the result of a computation with single numbers, made of at most 40 values.

    Raises:
        ValueError: if it was not computed from anything, holds arrays or is too large.
    """
    drawing = value.draw()
    steps = [box.step for box in drawing.boxes]
    if not 3 <= len(steps) <= LARGEST or any(step.data.size != 1 for step in steps):
        raise ValueError(
            f"the graph has {len(steps)} values, the largest of size {max(step.data.size for step in steps)}.\n"
            f"  fix: step through a computation with single numbers, 3 to {LARGEST} values in all; "
            "look at others with value.draw()."
        )
    return block("graph_stepper", _settings(drawing), _IDLE)


def _settings(drawing: Drawing) -> Mapping[str, Any]:
    return {
        "size": drawing.layout.size,
        "box": drawing.layout.box,
        "routes": [[*ends, curve] for ends, curve in drawing.layout.routes.items()],
        "values": [
            {
                "name": box.name,
                "title": box.lines[0],
                "sign": box.sign,
                "formula": box.formula,
                "numbers": box.numbers,
                "value": box.step.data.item(),
                "centre": box.centre,
                "inputs": box.step.inputs,
                "local": [derivative.item() for derivative in box.step.local],
            }
            for box in drawing.boxes
        ],
    }
