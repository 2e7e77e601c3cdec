"""A graph as a picture and in words. `coursekit.figures.graphs` makes a matplotlib figure of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from coursekit.scratch.graph_layout import BOX, Layout, Point, layout
from coursekit.scratch.inputs import FloatArray

LARGEST = 300  # values; more than that nobody reads
SIGNS = {"*": "×", "-": "−", "neg": "−"}


@dataclass(frozen=True)
class Step:
    """One value of a graph, as `Value.trace` lists it.

    Attributes:
        name: its name, or "".
        op: the operation that made it, "" for an input or a constant.
        data: what it is.
        grad: its gradient.
        inputs: places in the list of what it was computed from.
        local: for each input, the gradient that an upstream of 1 sends there: the local derivative,
            where values are numbers.
    """

    name: str
    op: str
    data: FloatArray
    grad: FloatArray
    inputs: tuple[int, ...]
    local: tuple[FloatArray, ...]


@dataclass(frozen=True)
class Box:
    """One value of a graph, as a picture shows it.

    Attributes:
        step: the value.
        name: its name; without one, a constant's number, or v and its place in the list.
        sign: the operation, e.g. "×"; "" for an input or a constant.
        formula: how it was computed, in names, e.g. "q × z".
        numbers: the same in numbers, e.g. "3 × (−4)".
        lines: what stands in the box.
        centre: where the box is, in pixels from the upper left corner.
    """

    step: Step
    name: str
    sign: str
    formula: str
    numbers: str
    lines: tuple[str, str, str]
    centre: Point

    def __str__(self) -> str:
        parts = dict.fromkeys(part for part in (self.name, self.formula, written(self.step.data)) if part)
        return f"{' = '.join(parts)}, gradient {written(self.step.grad)}"


@dataclass(frozen=True)
class Drawing:
    """A picture of a graph. A notebook shows it; in a terminal, `print` lists it in words.

    Attributes:
        boxes: the values, inputs first.
        layout: where the boxes and the arrows between them go.
        svg: the picture.
    """

    boxes: tuple[Box, ...]
    layout: Layout
    svg: str

    def _repr_svg_(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        return "\n".join(map(str, self.boxes))


def draw(steps: Sequence[Step]) -> Drawing:
    """Draw the graph that `Value.trace` lists.

    Raises:
        ValueError: on more than 300 values.
    """
    if len(steps) > LARGEST:
        raise ValueError(
            f"the graph has {len(steps)} values, and a picture holds up to {LARGEST}.\n"
            "  fix: draw a smaller example, e.g. one with a single input and few units."
        )
    names = [_name(i, step) for i, step in enumerate(steps)]
    where = layout([step.inputs for step in steps])
    boxes = tuple(
        Box(
            step=step,
            name=name,
            sign=SIGNS.get(step.op, step.op),
            formula=_formula(step.op, [names[i] for i in step.inputs]),
            numbers=_formula(step.op, _operands(step.op, [written(steps[i].data) for i in step.inputs])),
            lines=_lines(step, name),
            centre=centre,
        )
        for step, name, centre in zip(steps, names, where.places, strict=True)
    )
    return Drawing(boxes, where, _svg(boxes, where))


def written(array: FloatArray) -> str:
    """Return a number with up to four digits, and of an array the size of the largest."""
    if array.size == 1:
        return f"{array.item():.4g}".replace("-", "−")
    return f"up to {np.abs(array).max(initial=0):.2g}"


def _name(i: int, step: Step) -> str:
    constant = not step.op and step.data.size == 1
    return step.name or (written(step.data) if constant else f"v{i}")


def _formula(op: str, inputs: Sequence[str]) -> str:
    if not op:
        return ""
    if len(inputs) == 2:
        return f" {SIGNS.get(op, op)} ".join(inputs)
    if op == "neg":
        return f"−{inputs[0]}"
    after = {"T": ".T", "[ ]": "[…]"}.get(op, op if op.startswith("**") else "")
    return f"{inputs[0]}{after}" if after else f"{op}({inputs[0]})"


def _operands(op: str, numbers: Sequence[str]) -> list[str]:
    """Put negative numbers in brackets where a sign or a power would be misread without."""
    tight = op == "neg" or op.startswith("**")
    return [f"({n})" if n.startswith("−") and (tight or i > 0) else n for i, n in enumerate(numbers)]


def _lines(step: Step, name: str) -> tuple[str, str, str]:
    if step.data.size > 1:
        name += f"  {'×'.join(map(str, step.data.shape))}"
    elif not step.op and not step.name:
        name = "constant"
    return name, f"value {written(step.data)}", f"grad {written(step.grad)}"


def _svg(boxes: Sequence[Box], where: Layout) -> str:
    width, height = where.size
    arrows = [
        f'<path d="M{_pair(curve[0])} C{" ".join(map(_pair, curve[1:]))}" fill="none" stroke="#6B6B6B"/>'
        for curve in where.routes.values()
    ]
    words = escape("Graph. " + "; ".join(map(str, boxes)))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{words}" '
        f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}" '
        'style="max-width: 100%; height: auto; background: white" font-family="sans-serif" font-size="13">'
        f"{''.join(arrows)}{''.join(map(_box, boxes))}</svg>"
    )


def _box(box: Box) -> str:
    (x, y), (width, height) = box.centre, BOX
    left, top = x - width / 2, y - height / 2
    parts = [
        f'<rect x="{left:.0f}" y="{top:.0f}" width="{width:.0f}" height="{height:.0f}" rx="4" fill="white" '
        'stroke="#222222"/>'
    ]
    for row, (weight, line) in enumerate(zip(("bold", "normal", "normal"), box.lines, strict=True)):
        parts.append(
            f'<text x="{x + 6:.0f}" y="{top + 18 + 18 * row:.0f}" text-anchor="middle" font-weight="{weight}" '
            f'fill="#222222">{escape(line)}</text>'
        )
    if box.sign:  # in a pill on the left border, where the arrows arrive
        wide = 18 + 6.5 * len(box.sign)
        parts.append(
            f'<rect x="{left - wide / 2:.0f}" y="{y - 12:.0f}" width="{wide:.0f}" height="24" rx="12" '
            f'fill="#222222"/><text x="{left:.0f}" y="{y + 4:.0f}" text-anchor="middle" fill="white" '
            f'font-size="12">{escape(box.sign)}</text>'
        )
    return "".join(parts)


def _pair(point: Point) -> str:
    return f"{point[0]:.0f},{point[1]:.0f}"
