"""a2: the order in which a graph is computed. Any order will do in which every node follows its parents."""

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.core import NUMPY_ONLY, Arguments, Array, Case, Exercise, Property

Parents = list[tuple[int, ...]]


def in_order(calls: Sequence[Arguments], values: Sequence[Array]) -> str | None:
    """Say which node is missing, or which stands before one of its parents."""
    for (parents,), order in zip(calls, values, strict=True):
        missing = set(range(len(parents))) - set(order)
        if missing:
            return f"node {min(missing)} is missing from {np.round(order, 3).tolist()}"[:150]
        place = {int(node): i for i, node in enumerate(order)}
        for node in map(int, order):
            late = [parent for parent in parents[node] if place[parent] > place[node]]
            if late:
                return f"node {node} stands before its parent {late[0]}"
    return None


HINT = "a node may enter the order once all its parents stand in it, and only then."


def case(name: str, *parents: tuple[int, ...]) -> Case:
    """Return a case that any right order passes."""
    return Case(name, (list(parents),), in_order, HINT)


CASES = (
    case("(x + y) z: two nodes made of three", (), (), (), (0, 1), (3, 2)),
    case("(x + y) z, numbered the other way round", (4, 1), (3, 2), (), (), ()),
    case("a + a: one node is both parents", (1, 1), ()),
    case("a diamond: two ways lead back to the same node", (2,), (0, 3), (), (2,), (1,)),
    case("a short way and a long way", (3, 2), (3,), (1,), (), (0, 3)),
    case("a chain of six nodes, numbered at random", (4,), (5,), (0,), (), (1,), (3,)),
    case("two graphs that have nothing in common", (1,), (), (4, 3), (), (3,)),
)


def renumbered(parents: Parents, rng: np.random.Generator) -> Parents:
    """Return the same graph with its nodes' numbers drawn anew."""
    number = rng.permutation(len(parents))
    graph: Parents = [()] * len(parents)
    for node, sources in enumerate(parents):
        graph[number[node]] = tuple(int(number[source]) for source in sources)
    return graph


def random_graphs(rng: np.random.Generator) -> list[Arguments]:
    """Draw graphs whose nodes have none, one or two parents, sometimes the same one twice."""
    graphs = []
    for size in (7, 10, 12):
        graph: Parents = [(), (0,), (1, 1), (0, 2)]
        while len(graph) < size:
            many = int(rng.integers(0, 3))
            graph.append(tuple(int(source) for source in rng.integers(0, len(graph), many)))
        graphs.append((renumbered(graph, rng),))
    return graphs


def ladder(rng: np.random.Generator) -> list[Arguments]:
    """Draw the numbers of ten diamonds one after the other: 31 nodes, and 1,024 ways from the last to the first."""
    graph: Parents = [()]
    for _ in range(10):
        top = len(graph) - 1
        graph += [(top,), (top,), (top + 1, top + 2)]
    return [(renumbered(graph, rng),)]


def long_chain(rng: np.random.Generator) -> list[Arguments]:
    """Draw 5,000 nodes, each the parent of the next, the last of which has number 0.

    The others are in order but for 20 pieces: a slow answer, which looks through all the nodes again and again, is
    right too, and has to look some ten times only.
    """
    pieces = np.array_split(np.arange(1, 5000), 20)
    number = [int(each) for i in rng.permutation(20) for each in pieces[i]] + [0]
    graph: Parents = [()] * 5000
    for parent, child in itertools.pairwise(number):
        graph[child] = (parent,)
    return [(graph,)]


def reference(parents: Parents) -> Array:
    """Kahn's way: a node enters when the last of its parents has."""
    children: list[list[int]] = [[] for _ in parents]
    for node, sources in enumerate(parents):
        for source in sources:
            children[source].append(node)
    waiting_for = [len(sources) for sources in parents]
    ready = [node for node, count in enumerate(waiting_for) if count == 0]
    order = []
    while ready:
        node = ready.pop()
        order.append(node)
        for child in children[node]:
            waiting_for[child] -= 1
            if waiting_for[child] == 0:
                ready.append(child)
    return np.array(order)


topological_order = Exercise(
    name="topological_order",
    points=4,
    reference=reference,
    returns=("order",),
    cases=CASES,
    properties=[
        Property("every node follows its parents in random graphs", random_graphs, in_order, hint=HINT),
        Property(
            "a node that many ways lead to stands once",
            ladder,
            in_order,
            hint="note which nodes were seen, and pass over them the next time.",
        ),
        Property(
            "a chain of 5,000 nodes, too long for calls inside each other",
            long_chain,
            in_order,
            hint=HINT,
            diagnose=False,
        ),
    ],
    closed_book=(*NUMPY_ONLY, "graphlib", "networkx"),
)


@topological_order.variant
def depth_first_with_a_stack(parents: Parents) -> list[int]:
    order: list[int] = []
    seen: set[int] = set()
    for start in range(len(parents)):
        stack = [(start, False)]
        while stack:
            node, finished = stack.pop()
            if finished:
                order.append(node)
            elif node not in seen:
                seen.add(node)
                stack += [(node, True), *((p, False) for p in parents[node])]
    return order


@topological_order.variant
def by_the_longest_way_from_an_input(parents: Parents) -> Any:
    edges = np.array([(p, child) for child, sources in enumerate(parents) for p in sources]).reshape(-1, 2)
    depth = np.zeros(len(parents), dtype=int)
    while True:
        deeper = depth.copy()
        np.maximum.at(deeper, edges[:, 1], depth[edges[:, 0]] + 1)
        if (deeper == depth).all():
            return np.argsort(depth, kind="stable")
        depth = deeper


@topological_order.variant
def from_the_end(parents: Parents) -> list[int]:
    from collections import deque

    uses = [0] * len(parents)
    for sources in parents:
        for p in sources:
            uses[p] += 1
    unused = deque(i for i, count in enumerate(uses) if not count)
    order: deque[int] = deque()
    while unused:
        node = unused.popleft()
        order.appendleft(node)
        for p in parents[node]:
            uses[p] -= 1
            if not uses[p]:
                unused.append(p)
    return list(order)


@topological_order.variant
def with_a_deeper_stack(parents: Parents) -> Any:
    import sys

    order: dict[int, None] = {}  # keeps what was put in first in front

    def visit(node: int) -> None:
        for p in parents[node]:
            if p not in order:
                visit(p)
        order[node] = None

    before = sys.getrecursionlimit()
    sys.setrecursionlimit(before + 2 * len(parents))
    try:
        for node in range(len(parents)):
            if node not in order:
                visit(node)
    finally:
        sys.setrecursionlimit(before)
    return np.array(list(order))
