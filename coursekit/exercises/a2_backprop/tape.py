"""a2: automatic differentiation on a tape: values forward, gradients backward."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from coursekit.exercises.core import Arguments, Array, Case, Exercise, Property

Tape = list[tuple[str, tuple[int, ...]]]
Answer = tuple[Any, Any]


def case(name: str, inputs: list[float], *tape: tuple[str, tuple[int, ...]]) -> Case:
    """Return a case; node numbers begin with the inputs and go on with the entries of the tape."""
    return Case(name, (inputs, list(tape)))


CASES = (
    case("(x + y) z at −2, 5, −4", [-2.0, 5.0, -4.0], ("add", (0, 1)), ("mul", (3, 2))),
    case("a + a", [3.0], ("add", (0, 0))),
    case("a times a", [-1.5], ("mul", (0, 0))),
    case("tanh of a product", [0.5, -0.8], ("mul", (0, 1)), ("tanh", (2,))),
    case("a diamond: a is used by a tanh and by a ReLU", [0.7], ("tanh", (0,)), ("relu", (0,)), ("mul", (1, 2))),
    case(
        "two ReLUs, one off and one on",
        [-2.0, 3.0, 0.5],
        *(("relu", (0,)), ("relu", (1,)), ("add", (3, 4)), ("mul", (5, 2))),
    ),
    case(
        "a ReLU that is on, with a negative gradient",
        [0.5, 1.5, -3.0],
        *(("add", (0, 1)), ("relu", (3,)), ("mul", (4, 2))),
    ),
    case(
        "a ReLU that gets exactly 0",
        [2.0, -2.0, 5.0],
        *(("add", (0, 1)), ("relu", (3,)), ("add", (4, 2)), ("mul", (5, 0))),
    ),
    case("a node that the result does not use", [1.5, -2.0], ("mul", (0, 1)), ("tanh", (0,)), ("add", (2, 2))),
    case(
        "a short way and a long way back to a",
        [0.6, 1.2],
        *(("tanh", (0,)), ("mul", (2, 1)), ("add", (3, 0)), ("mul", (4, 3))),
    ),
)


def random_tape(rng: np.random.Generator) -> Arguments:
    """Draw a tape with every operation, whose ReLUs are clearly on or off and whose numbers stay small."""
    while True:
        inputs = [float(each) for each in rng.uniform(-2, 2, rng.integers(2, 5))]
        tape: Tape = []
        for op in rng.permutation(["add", "mul", "tanh", "relu"] * 2):
            nodes = len(inputs) + len(tape)
            many = 2 if op in ("add", "mul") else 1
            # Mostly recent nodes, so that the result hangs on many of them.
            parents = tuple(int(nodes - 1 - min(back, nodes - 1)) for back in rng.geometric(0.35, many) - 1)
            tape.append((str(op), parents))
        values, gradients = reference(inputs, tape)
        kinks = [abs(values[parents[0]]) for op, parents in tape if op == "relu"]
        if min(kinks) > 0.05 and np.abs(values).max() < 20 and (np.abs(gradients) > 0.01).sum() > 6:
            return inputs, tape


def random_tapes(rng: np.random.Generator) -> list[Arguments]:
    """Draw a few tapes."""
    return [random_tape(rng) for _ in range(5)]


def nudged(rng: np.random.Generator) -> list[Arguments]:
    """Draw a tape, and the same with its inputs moved forth and back, too little to take a ReLU across its corner."""
    inputs, tape = random_tape(rng)
    move = 1e-5 * np.cos(np.arange(len(inputs)))
    return [(inputs, tape), ((inputs + move).tolist(), tape), ((inputs - move).tolist(), tape)]


def predicts_the_change(calls: Sequence[Arguments], values: Sequence[Answer]) -> str | None:
    (_, gradients), (above, _), (below, _) = values
    move = np.subtract(calls[1][0], calls[0][0])
    expected, got = above[-1] - below[-1], 2 * move @ gradients[: len(move)]
    if np.isclose(expected, got, rtol=1e-4, atol=1e-11):
        return None
    return f"the inputs moved, the last value changed by {expected:.6g}; the gradients say {got:.6g}"


def doubled(rng: np.random.Generator) -> list[Arguments]:
    """Draw a tape, and the same with its result added to itself."""
    inputs, tape = random_tape(rng)
    last = len(inputs) + len(tape) - 1
    return [(inputs, tape), (inputs, [*tape, ("add", (last, last))])]


def twice(calls: Sequence[Arguments], values: Sequence[Answer]) -> str | None:
    (_, once), (_, both) = values
    wrong = ~np.isclose(both[:-1], 2 * once)
    if not wrong.any():
        return None
    node = int(wrong.argmax())
    return f"the gradient of node {node} went from {once[node]:.6g} to {both[node]:.6g}"


def long_tape(rng: np.random.Generator) -> list[Arguments]:
    """Draw a tape of 5,000 operations, each on the result of the one before."""
    inputs = [float(each) for each in rng.uniform(0.5, 1, 2)] + [1.0005]
    # Either add input 1 or multiply by input 2, which are therefore used some 2,500 times each.
    tape = [(("add", (i + 2, 1)) if rng.random() < 0.5 else ("mul", (i + 2, 2))) for i in range(5000)]
    return [(inputs, tape)]


def reference(inputs: list[float], tape: Tape) -> Answer:
    """Each operation adds to its parents' gradients what the chain rule gives them."""
    first = len(inputs)
    values: Array = np.concatenate([inputs, np.zeros(len(tape))])
    forward: dict[str, Callable[..., Any]] = {
        "add": lambda a, b: a + b,
        "mul": lambda a, b: a * b,
        "tanh": np.tanh,
        "relu": lambda a: max(a, 0),
    }
    slopes: dict[str, Callable[..., Any]] = {
        "add": lambda out, a, b: (1, 1),
        "mul": lambda out, a, b: (b, a),
        "tanh": lambda out, a: (1 - out**2,),
        "relu": lambda out, a: (a > 0,),
    }
    for node, (op, parents) in enumerate(tape, first):
        values[node] = forward[op](*values[list(parents)])
    gradients = np.zeros(len(values))
    gradients[-1] = 1
    for node in reversed(range(first, len(values))):
        op, parents = tape[node - first]
        for parent, slope in zip(parents, slopes[op](values[node], *values[list(parents)]), strict=True):
            gradients[parent] += gradients[node] * slope
    return values, gradients


tape_gradients = Exercise(
    name="tape_gradients",
    points=6,
    reference=reference,
    returns=("values", "gradients"),
    cases=CASES,
    properties=[
        Property("agrees on random tapes", random_tapes),
        Property(
            "the gradients predict what a nudge of the inputs does",
            nudged,
            predicts_the_change,
            hint="take the operations one by one: does each hand on its own gradient times its local slope?",
        ),
        Property(
            "the result plus itself has twice the gradients",
            doubled,
            twice,
            hint="a node that is used twice gets a share from each use; shares add up.",
        ),
        Property("a tape of 5,000 operations, too long for calls inside each other", long_tape, diagnose=False),
    ],
    rtol=1e-6,
    atol=1e-9,
)


@tape_gradients.variant
def with_plain_lists(inputs: list[float], tape: Tape) -> Answer:
    import math

    v, n = list(inputs), len(inputs)
    for op, p in tape:
        if op == "add":
            v.append(v[p[0]] + v[p[1]])
        elif op == "mul":
            v.append(v[p[0]] * v[p[1]])
        elif op == "tanh":
            v.append(math.tanh(v[p[0]]))
        else:
            v.append(v[p[0]] if v[p[0]] > 0 else 0.0)
    g = [0.0] * (len(v) - 1) + [1.0]
    for i in range(len(tape) - 1, -1, -1):
        op, p = tape[i]
        if op == "add":
            g[p[0]] += g[n + i]
            g[p[1]] += g[n + i]
        elif op == "mul":
            g[p[0]] += g[n + i] * v[p[1]]
            g[p[1]] += g[n + i] * v[p[0]]
        elif op == "tanh":
            g[p[0]] += g[n + i] / math.cosh(v[p[0]]) ** 2
        elif v[p[0]] > 0:
            g[p[0]] += g[n + i]
    return v, g


@tape_gradients.variant
def with_steps_recorded_on_the_way(inputs: list[float], tape: Tape) -> Answer:
    values = [float(number) for number in inputs]
    steps = []  # (from, to, local slope), one for each arrow of the graph
    for op, p in tape:
        out, a, b = len(values), values[p[0]], values[p[-1]]
        if op in ("add", "mul"):
            values.append(a + b if op == "add" else a * b)
            steps += [(out, p[0], 1.0 if op == "add" else b), (out, p[1], 1.0 if op == "add" else a)]
        else:
            values.append(float(np.tanh(a)) if op == "tanh" else a * (a > 0))
            steps.append((out, p[0], 1 - values[-1] ** 2 if op == "tanh" else float(a > 0)))
    gradients = [0.0] * len(values)
    gradients[-1] = 1.0
    while steps:
        out, parent, slope = steps.pop()
        gradients[parent] += slope * gradients[out]
    return np.array(values), np.array(gradients)


@tape_gradients.variant
def each_node_collects_from_its_uses(inputs: list[float], tape: Tape) -> Answer:
    n = len(inputs)
    values = list(map(float, inputs))
    uses: list[Any] = [[] for _ in range(n + len(tape))]
    for i, (op, p) in enumerate(tape):
        a = [values[k] for k in p]
        result = {"add": sum(a), "mul": a[0] * a[-1], "tanh": np.tanh(a[0]), "relu": max(a[0], 0.0)}[op]
        values.append(float(result))
        for turn, k in enumerate(p):
            other = a[1 - turn] if len(p) == 2 else 0
            slope = {"add": 1, "mul": other, "tanh": 1 - np.tanh(a[0]) ** 2, "relu": 1 if a[0] > 0 else 0}[op]
            uses[k].append((n + i, slope))
    gradients = np.zeros(len(values))
    for node in range(len(values))[::-1]:
        gradients[node] = sum(gradients[user] * slope for user, slope in uses[node]) + (node == len(values) - 1)
    return values, gradients
