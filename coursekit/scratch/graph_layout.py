"""Where the boxes of a graph go: Graphviz decides if it is installed, a small layered layout if not.

Coordinates are pixels, x to the right and y down, from the picture's upper left corner. Data flow
from left to right.
"""

import shutil
import subprocess
from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import pairwise

Point = tuple[float, float]
Inputs = Sequence[tuple[int, ...]]
"""For each node its inputs, which stand before it."""

BOX = (136.0, 62.0)
GAP = (72.0, 20.0)
EDGE = 14.0


@dataclass(frozen=True)
class Layout:
    """Places for a graph's boxes and arrows.

    Attributes:
        size: of the picture, (width, height).
        box: size of every box.
        places: the centre of each box.
        routes: (from, to) -> cubic Bézier curves: a start, then two control points and an end each.
    """

    size: Point
    box: Point
    places: list[Point]
    routes: dict[tuple[int, int], list[Point]]


def layout(inputs: Inputs) -> Layout:
    """Place the nodes of a graph so that every arrow points to the right."""
    return by_graphviz(inputs) or by_layers(inputs)


def by_layers(inputs: Inputs) -> Layout:
    """Place each node one column left of the first that uses it, near the height of its neighbours.

    An arrow past several columns keeps a slot free in each, so that it crosses no box.
    """
    depth = [0] * len(inputs)
    for i in reversed(range(len(inputs))):
        for source in inputs[i]:
            depth[source] = max(depth[source], depth[i] + 1)
    columns: dict[int, list[Hashable]] = defaultdict(list)
    for i in range(len(inputs)):
        columns[max(depth) - depth[i]].append(i)
    chains: dict[tuple[int, int], list[Hashable]] = {}
    for i, sources in enumerate(inputs):
        for source in sources:
            between = range(max(depth) - depth[source] + 1, max(depth) - depth[i])
            slots: list[Hashable] = [(source, i, column) for column in between]
            if (source, i) not in chains:  # x * x has one arrow
                chains[source, i] = [source, *slots, i]
                for column, slot in zip(between, slots, strict=True):
                    columns[column].append(slot)
    rows = _rows([columns[c] for c in sorted(columns)], list(chains.values()))
    top = min(rows.values())
    centres = {
        node: (
            EDGE + BOX[0] / 2 + column * (BOX[0] + GAP[0]),
            EDGE + BOX[1] / 2 + (rows[node] - top) * (BOX[1] + GAP[1]),
        )
        for column, nodes in columns.items()
        for node in nodes
    }
    routes = {ends: _through([centres[node] for node in chain]) for ends, chain in chains.items()}
    right, bottom = (max(centre[axis] for centre in centres.values()) + BOX[axis] / 2 + EDGE for axis in (0, 1))
    return Layout((right, bottom), BOX, [centres[i] for i in range(len(inputs))], routes)


def _rows(columns: list[list[Hashable]], chains: list[list[Hashable]]) -> dict[Hashable, float]:
    """Return a height for each node, in rows: columns are centred and sorted by their neighbours' mean height."""
    before, after = defaultdict(list), defaultdict(list)
    for chain in chains:
        for left, right in pairwise(chain):
            before[right].append(left)
            after[left].append(right)
    rows: dict[Hashable, float] = {}

    def settle(column: list[Hashable]) -> None:
        rows.update({node: k - (len(column) - 1) / 2 for k, node in enumerate(column)})

    for column in columns:
        settle(column)
    for neighbours, sweep in [(after, columns[::-1]), (before, columns), (after, columns[::-1])]:
        for column in sweep:
            mean = {node: _mean([rows[other] for other in neighbours[node]], rows[node]) for node in column}
            column.sort(key=mean.__getitem__)
            settle(column)
    return rows


def _mean(numbers: list[float], default: float) -> float:
    return sum(numbers) / len(numbers) if numbers else default


def _through(centres: list[Point]) -> list[Point]:
    """Return curves from the first box's right side through free slots to the last box's left side."""
    half = BOX[0] / 2
    curve: list[Point] = [(centres[0][0] + half, centres[0][1])]
    for i, (x, y) in enumerate(centres[1:], start=2):
        enter, leave = (x - half, y), (x + half, y)
        middle = (curve[-1][0] + enter[0]) / 2
        curve += [(middle, curve[-1][1]), (middle, y), enter]
        if i < len(centres):  # straight on through a free slot
            curve += [enter, leave, leave]
    return curve


def by_graphviz(inputs: Inputs, seconds: float = 10) -> Layout | None:
    """Return the layout of Graphviz's ``dot``; None if there is none, or it fails or takes too long."""
    dot = shutil.which("dot")
    if dot is None:
        return None
    width, height = (length / 72 for length in BOX)  # dot counts in inches of 72 points
    edges = dict.fromkeys((source, i) for i, sources in enumerate(inputs) for source in sources)
    lines = [
        f"digraph {{ rankdir=LR; ranksep={GAP[0] / 72}; nodesep={GAP[1] / 72};",
        f'node [shape=box, fixedsize=true, label="", width={width}, height={height}]; edge [arrowhead=none];',
        *(f"{i};" for i in range(len(inputs))),
        *(f"{source}:e -> {i}:w;" for source, i in edges),
        "}",
    ]
    try:
        run = subprocess.run(
            [dot, "-Tplain"], input="\n".join(lines), capture_output=True, text=True, check=True, timeout=seconds
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return _plain(run.stdout)


def _plain(text: str) -> Layout:
    """Read dot's "plain" format: lines of words, lengths in inches, y upwards."""
    places: dict[int, Point] = {}
    routes = {}
    width = height = 0.0

    def point(x: str, y: str) -> Point:
        return EDGE + 72 * float(x), EDGE + height - 72 * float(y)

    for kind, *words in map(str.split, text.splitlines()):
        if kind == "graph":
            width, height = 72 * float(words[1]), 72 * float(words[2])
        elif kind == "node":
            places[int(words[0])] = point(words[1], words[2])
        elif kind == "edge":
            numbers = words[3 : 3 + 2 * int(words[2])]
            routes[int(words[0]), int(words[1])] = [
                point(x, y) for x, y in zip(numbers[::2], numbers[1::2], strict=True)
            ]
    return Layout((width + 2 * EDGE, height + 2 * EDGE), BOX, [places[i] for i in range(len(places))], routes)
