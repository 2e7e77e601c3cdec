"""a2: the mistakes people make when they order a graph."""

from typing import Any

import numpy as np

from coursekit.exercises.a2_backprop.ordering import Parents, topological_order

__all__ = ["topological_order"]


@topological_order.misconception(
    "one call for each node on the way: Python stops after about 1,000 calls inside each other. Keep a list of the "
    "nodes still to visit instead."
)
def calls_itself_for_every_parent(parents: Parents) -> list[int]:
    order: list[int] = []

    def visit(node: int) -> None:
        if node not in order:
            for p in parents[node]:
                visit(p)
            order.append(node)

    for node in range(len(parents)):
        visit(node)
    return order


@topological_order.misconception(
    "that is the order of the nodes' numbers; a number says nothing about what a node is computed from."
)
def trusts_the_numbers(parents: Parents) -> list[int]:
    return list(range(len(parents)))


@topological_order.misconception("the order is the wrong way round: children come first. That is the way *back*.")
def puts_children_first(parents: Parents) -> list[int]:
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
    return order[::-1]


@topological_order.misconception(
    "a node is entered each time a way leads to it; one that two others use stands in the order twice."
)
def enters_shared_nodes_again(parents: Parents) -> list[int]:
    used = {p for sources in parents for p in sources}
    stack = [(node, False) for node in range(len(parents)) if node not in used]
    order: list[int] = []
    while stack:
        node, finished = stack.pop()
        if finished:
            order.append(node)
        else:
            stack += [(node, True), *((p, False) for p in parents[node])]
    return order


@topological_order.misconception(
    "nodes are noted on the way in and the list is turned round. A shared node is then noted by its first user, before "
    "a later one: note a node when all its parents are done."
)
def notes_nodes_on_the_way_in(parents: Parents) -> list[int]:
    used = {p for sources in parents for p in sources}
    stack = [node for node in range(len(parents)) if node not in used]
    order: list[int] = []
    while stack:
        node = stack.pop()
        if node not in order:
            order.append(node)
            stack.extend(parents[node])
    return order[::-1]


@topological_order.misconception(
    "nodes are sorted by their *shortest* way from an input; a node has to wait for its longest one."
)
def goes_by_the_shortest_way(parents: Parents) -> list[int]:
    children: list[list[int]] = [[] for _ in parents]
    for node, sources in enumerate(parents):
        for p in sources:
            children[p].append(node)
    order = [node for node, sources in enumerate(parents) if not sources]
    seen = set(order)
    for node in order:
        for child in children[node]:
            if child not in seen:
                seen.add(child)
                order.append(child)
    return order


@topological_order.misconception("nodes are sorted by how many parents they have; what counts is where those stand.")
def sorts_by_the_number_of_parents(parents: Parents) -> list[int]:
    return sorted(range(len(parents)), key=lambda node: len(parents[node]))


@topological_order.misconception(
    "you look at every node once. One that is not ready then never gets another chance; go on until all are placed."
)
def looks_once(parents: Parents) -> list[int]:
    order: list[int] = []
    placed: set[int] = set()
    for node, sources in enumerate(parents):
        if placed.issuperset(sources):
            placed.add(node)
            order.append(node)
    return order


@topological_order.misconception(
    "a node whose two parents are the same one (a + a) waits for two and is told of one. Count either both or neither."
)
def waits_for_a_double_parent(parents: Parents) -> list[int]:
    children: list[set[int]] = [set() for _ in parents]
    for node, sources in enumerate(parents):
        for p in sources:
            children[p].add(node)
    waiting_for = [len(sources) for sources in parents]
    order = [node for node, count in enumerate(waiting_for) if count == 0]
    for node in order:
        for child in children[node]:
            waiting_for[child] -= 1
            if waiting_for[child] == 0:
                order.append(child)
    return order


@topological_order.misconception(
    "only what the last node is made of is there; the result may have any number, and all nodes are wanted."
)
def starts_from_the_last_number(parents: Parents) -> list[int]:
    order: list[int] = []
    seen: set[int] = set()
    stack = [(len(parents) - 1, False)]
    while stack:
        node, finished = stack.pop()
        if finished:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack += [(node, True), *((p, False) for p in parents[node])]
    return order


@topological_order.misconception("the inputs, which have no parents, are left out; they belong to the order.")
def leaves_out_the_inputs(parents: Parents) -> list[int]:
    order: list[int] = []
    seen: set[int] = set()
    for start in range(len(parents)):
        stack = [(start, False)]
        while stack:
            node, finished = stack.pop()
            if finished:
                order.append(node)
            elif node not in seen and parents[node]:
                seen.add(node)
                stack += [(node, True), *((p, False) for p in parents[node])]
    return order


@topological_order.misconception(
    "entry i says at which place node i stands; asked is the other way round: entry i is the node at place i."
)
def gives_the_places_of_the_nodes(parents: Parents) -> Any:
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
    return np.argsort(order)


@topological_order.misconception(
    "nodes are struck out of `parents` as they are placed; the caller's graph is gone then. Work on a copy."
)
def strikes_out_the_parents(parents: Parents) -> list[int]:
    children: list[list[int]] = [[] for _ in parents]
    for node, sources in enumerate(parents):
        for p in sources:
            children[p].append(node)
    order = [node for node, sources in enumerate(parents) if not sources]
    for node in order:
        for child in children[node]:
            if parents[child]:
                parents[child] = tuple(p for p in parents[child] if p != node)
                if not parents[child]:
                    order.append(child)
    return order
