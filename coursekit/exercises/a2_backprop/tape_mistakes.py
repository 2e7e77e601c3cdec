"""a2: the mistakes people make in automatic differentiation."""

from typing import Any

import numpy as np

from coursekit.exercises.a2_backprop.tape import Answer, Tape, tape_gradients

__all__ = ["tape_gradients"]


@tape_gradients.misconception(
    "`=` where `+=` belongs: a node used twice keeps the share of one use and loses the other."
)
def overwrites_gradients(inputs: list[float], tape: Tape) -> Answer:
    n, v = len(inputs), list(inputs)
    for op, p in tape:
        a, b = v[p[0]], v[p[-1]]
        v.append({"add": a + b, "mul": a * b, "tanh": np.tanh(a), "relu": max(a, 0)}[op])
    g = np.zeros(len(v))
    g[-1] = 1
    for i in range(len(tape))[::-1]:
        (op, p), up = tape[i], g[n + i]
        a, b = v[p[0]], v[p[-1]]
        slopes = {"add": (1, 1), "mul": (b, a), "tanh": (1 - v[n + i] ** 2,), "relu": (a > 0,)}[op]
        for parent, slope in zip(p, slopes, strict=True):
            g[parent] = up * slope
    return v, g


@tape_gradients.misconception(
    "the way back goes forwards: an operation hands on its gradient before it has one. Go through the tape from its "
    "end."
)
def walks_the_tape_forwards(inputs: list[float], tape: Tape) -> Answer:
    n, v = len(inputs), list(inputs)
    for op, p in tape:
        a, b = v[p[0]], v[p[-1]]
        v.append({"add": a + b, "mul": a * b, "tanh": np.tanh(a), "relu": max(a, 0)}[op])
    g = np.zeros(len(v))
    g[-1] = 1
    for i in range(len(tape)):
        (op, p), up = tape[i], g[n + i]
        a, b = v[p[0]], v[p[-1]]
        slopes = {"add": (1, 1), "mul": (b, a), "tanh": (1 - v[n + i] ** 2,), "relu": (a > 0,)}[op]
        for parent, slope in zip(p, slopes, strict=True):
            g[parent] += up * slope
    return v, g


@tape_gradients.misconception("the ReLU's slope at exactly 0 is 1 in yours; here it is 0.")
def calls_the_slope_at_0_one(inputs: list[float], tape: Tape) -> Answer:
    n, v = len(inputs), list(inputs)
    for op, p in tape:
        a, b = v[p[0]], v[p[-1]]
        v.append({"add": a + b, "mul": a * b, "tanh": np.tanh(a), "relu": max(a, 0)}[op])
    g = np.zeros(len(v))
    g[-1] = 1
    for i in range(len(tape))[::-1]:
        (op, p), up = tape[i], g[n + i]
        a, b = v[p[0]], v[p[-1]]
        slopes = {"add": (1, 1), "mul": (b, a), "tanh": (1 - v[n + i] ** 2,), "relu": (a >= 0,)}[op]
        for parent, slope in zip(p, slopes, strict=True):
            g[parent] += up * slope
    return v, g


@tape_gradients.misconception("the ReLU hands its gradient on even when it is off; below 0 its slope is 0.")
def lets_everything_through_a_relu(inputs: list[float], tape: Tape) -> Answer:
    n, v = len(inputs), list(inputs)
    for op, p in tape:
        a, b = v[p[0]], v[p[-1]]
        v.append({"add": a + b, "mul": a * b, "tanh": np.tanh(a), "relu": max(a, 0)}[op])
    g = np.zeros(len(v))
    g[-1] = 1
    for i in range(len(tape))[::-1]:
        (op, p), up = tape[i], g[n + i]
        a, b = v[p[0]], v[p[-1]]
        slopes = {"add": (1, 1), "mul": (b, a), "tanh": (1 - v[n + i] ** 2,), "relu": (1,)}[op]
        for parent, slope in zip(p, slopes, strict=True):
            g[parent] += up * slope
    return v, g


@tape_gradients.misconception("the ReLU stops gradients that are negative; it is its *input* that decides.")
def masks_by_the_gradient(inputs: list[float], tape: Tape) -> Answer:
    n, v = len(inputs), list(inputs)
    for op, p in tape:
        a, b = v[p[0]], v[p[-1]]
        v.append({"add": a + b, "mul": a * b, "tanh": np.tanh(a), "relu": max(a, 0)}[op])
    g = np.zeros(len(v))
    g[-1] = 1
    for i in range(len(tape))[::-1]:
        (op, p), up = tape[i], g[n + i]
        a, b = v[p[0]], v[p[-1]]
        slopes = {"add": (1, 1), "mul": (b, a), "tanh": (1 - v[n + i] ** 2,), "relu": (up > 0,)}[op]
        for parent, slope in zip(p, slopes, strict=True):
            g[parent] += up * slope
    return v, g


@tape_gradients.misconception("the ReLU's gradient is multiplied by the ReLU's value; its slope is 1 where it is on.")
def multiplies_a_relu_by_its_value(inputs: list[float], tape: Tape) -> Answer:
    n, v = len(inputs), list(inputs)
    for op, p in tape:
        a, b = v[p[0]], v[p[-1]]
        v.append({"add": a + b, "mul": a * b, "tanh": np.tanh(a), "relu": max(a, 0)}[op])
    g = np.zeros(len(v))
    g[-1] = 1
    for i in range(len(tape))[::-1]:
        (op, p), up = tape[i], g[n + i]
        a, b = v[p[0]], v[p[-1]]
        slopes = {"add": (1, 1), "mul": (b, a), "tanh": (1 - v[n + i] ** 2,), "relu": (max(a, 0),)}[op]
        for parent, slope in zip(p, slopes, strict=True):
            g[parent] += up * slope
    return v, g


@tape_gradients.misconception("in a product each factor got its own value; it is the *other* one's that it is worth.")
def gives_each_factor_itself(inputs: list[float], tape: Tape) -> Answer:
    n, v = len(inputs), list(inputs)
    for op, p in tape:
        a, b = v[p[0]], v[p[-1]]
        v.append({"add": a + b, "mul": a * b, "tanh": np.tanh(a), "relu": max(a, 0)}[op])
    g = np.zeros(len(v))
    g[-1] = 1
    for i in range(len(tape))[::-1]:
        (op, p), up = tape[i], g[n + i]
        a, b = v[p[0]], v[p[-1]]
        slopes = {"add": (1, 1), "mul": (a, b), "tanh": (1 - v[n + i] ** 2,), "relu": (a > 0,)}[op]
        for parent, slope in zip(p, slopes, strict=True):
            g[parent] += up * slope
    return v, g


@tape_gradients.misconception("in a product both factors got the product itself; each gets the value of the other.")
def gives_the_product_to_both(inputs: list[float], tape: Tape) -> Answer:
    n, v = len(inputs), list(inputs)
    for op, p in tape:
        a, b = v[p[0]], v[p[-1]]
        v.append({"add": a + b, "mul": a * b, "tanh": np.tanh(a), "relu": max(a, 0)}[op])
    g = np.zeros(len(v))
    g[-1] = 1
    for i in range(len(tape))[::-1]:
        (op, p), up = tape[i], g[n + i]
        a, b = v[p[0]], v[p[-1]]
        slopes = {"add": (1, 1), "mul": (a * b, a * b), "tanh": (1 - v[n + i] ** 2,), "relu": (a > 0,)}[op]
        for parent, slope in zip(p, slopes, strict=True):
            g[parent] += up * slope
    return v, g


@tape_gradients.misconception("a product hands its gradient on as it is; each factor's slope is the other's value.")
def treats_a_product_as_a_sum(inputs: list[float], tape: Tape) -> Answer:
    n, v = len(inputs), list(inputs)
    for op, p in tape:
        a, b = v[p[0]], v[p[-1]]
        v.append({"add": a + b, "mul": a * b, "tanh": np.tanh(a), "relu": max(a, 0)}[op])
    g = np.zeros(len(v))
    g[-1] = 1
    for i in range(len(tape))[::-1]:
        (op, p), up = tape[i], g[n + i]
        a, b = v[p[0]], v[p[-1]]
        slopes = {"add": (1, 1), "mul": (1, 1), "tanh": (1 - v[n + i] ** 2,), "relu": (a > 0,)}[op]
        for parent, slope in zip(p, slopes, strict=True):
            g[parent] += up * slope
    return v, g


@tape_gradients.misconception("a sum shares its gradient out, half to each; both slopes are 1, so each gets all of it.")
def halves_the_gradient_of_a_sum(inputs: list[float], tape: Tape) -> Answer:
    n, v = len(inputs), list(inputs)
    for op, p in tape:
        a, b = v[p[0]], v[p[-1]]
        v.append({"add": a + b, "mul": a * b, "tanh": np.tanh(a), "relu": max(a, 0)}[op])
    g = np.zeros(len(v))
    g[-1] = 1
    for i in range(len(tape))[::-1]:
        (op, p), up = tape[i], g[n + i]
        a, b = v[p[0]], v[p[-1]]
        slopes = {"add": (0.5, 0.5), "mul": (b, a), "tanh": (1 - v[n + i] ** 2,), "relu": (a > 0,)}[op]
        for parent, slope in zip(p, slopes, strict=True):
            g[parent] += up * slope
    return v, g


@tape_gradients.misconception("tanh's slope is 1 − out², with the output; yours squares the input.")
def takes_the_input_for_the_output(inputs: list[float], tape: Tape) -> Answer:
    n, v = len(inputs), list(inputs)
    for op, p in tape:
        a, b = v[p[0]], v[p[-1]]
        v.append({"add": a + b, "mul": a * b, "tanh": np.tanh(a), "relu": max(a, 0)}[op])
    g = np.zeros(len(v))
    g[-1] = 1
    for i in range(len(tape))[::-1]:
        (op, p), up = tape[i], g[n + i]
        a, b = v[p[0]], v[p[-1]]
        slopes = {"add": (1, 1), "mul": (b, a), "tanh": (1 - a**2,), "relu": (a > 0,)}[op]
        for parent, slope in zip(p, slopes, strict=True):
            g[parent] += up * slope
    return v, g


@tape_gradients.misconception("the value is tanh already; yours takes its tanh again before the slope 1 − out².")
def takes_tanh_twice(inputs: list[float], tape: Tape) -> Answer:
    n, v = len(inputs), list(inputs)
    for op, p in tape:
        a, b = v[p[0]], v[p[-1]]
        v.append({"add": a + b, "mul": a * b, "tanh": np.tanh(a), "relu": max(a, 0)}[op])
    g = np.zeros(len(v))
    g[-1] = 1
    for i in range(len(tape))[::-1]:
        (op, p), up = tape[i], g[n + i]
        a, b = v[p[0]], v[p[-1]]
        slopes = {"add": (1, 1), "mul": (b, a), "tanh": (1 - np.tanh(v[n + i]) ** 2,), "relu": (a > 0,)}[op]
        for parent, slope in zip(p, slopes, strict=True):
            g[parent] += up * slope
    return v, g


@tape_gradients.misconception("out (1 − out) is the slope of a sigmoid; tanh's is 1 − out².")
def takes_the_slope_of_a_sigmoid(inputs: list[float], tape: Tape) -> Answer:
    n, v = len(inputs), list(inputs)
    for op, p in tape:
        a, b = v[p[0]], v[p[-1]]
        v.append({"add": a + b, "mul": a * b, "tanh": np.tanh(a), "relu": max(a, 0)}[op])
    g = np.zeros(len(v))
    g[-1] = 1
    for i in range(len(tape))[::-1]:
        (op, p), up = tape[i], g[n + i]
        a, b = v[p[0]], v[p[-1]]
        slopes = {"add": (1, 1), "mul": (b, a), "tanh": (v[n + i] * (1 - v[n + i]),), "relu": (a > 0,)}[op]
        for parent, slope in zip(p, slopes, strict=True):
            g[parent] += up * slope
    return v, g


@tape_gradients.misconception(
    "what comes from above is missing: multiply each local slope by the gradient of the operation's own node."
)
def stops_at_the_local_slopes(inputs: list[float], tape: Tape) -> Answer:
    n, v = len(inputs), list(inputs)
    for op, p in tape:
        a, b = v[p[0]], v[p[-1]]
        v.append({"add": a + b, "mul": a * b, "tanh": np.tanh(a), "relu": max(a, 0)}[op])
    g = np.zeros(len(v))
    g[-1] = 1
    for i in range(len(tape))[::-1]:
        op, p = tape[i]
        a, b = v[p[0]], v[p[-1]]
        slopes = {"add": (1, 1), "mul": (b, a), "tanh": (1 - v[n + i] ** 2,), "relu": (a > 0,)}[op]
        for parent, slope in zip(p, slopes, strict=True):
            g[parent] += slope
    return v, g


@tape_gradients.misconception(
    "the way back starts from the last value; the gradient of a result with respect to itself is 1."
)
def starts_from_the_value(inputs: list[float], tape: Tape) -> Answer:
    n, v = len(inputs), list(inputs)
    for op, p in tape:
        a, b = v[p[0]], v[p[-1]]
        v.append({"add": a + b, "mul": a * b, "tanh": np.tanh(a), "relu": max(a, 0)}[op])
    g = np.zeros(len(v))
    g[-1] = v[-1]
    for i in range(len(tape))[::-1]:
        (op, p), up = tape[i], g[n + i]
        a, b = v[p[0]], v[p[-1]]
        slopes = {"add": (1, 1), "mul": (b, a), "tanh": (1 - v[n + i] ** 2,), "relu": (a > 0,)}[op]
        for parent, slope in zip(p, slopes, strict=True):
            g[parent] += up * slope
    return v, g


@tape_gradients.misconception("every node starts with a gradient of 1; only the result does, the others with 0.")
def starts_from_ones(inputs: list[float], tape: Tape) -> Answer:
    n, v = len(inputs), list(inputs)
    for op, p in tape:
        a, b = v[p[0]], v[p[-1]]
        v.append({"add": a + b, "mul": a * b, "tanh": np.tanh(a), "relu": max(a, 0)}[op])
    g = np.ones(len(v))
    for i in range(len(tape))[::-1]:
        (op, p), up = tape[i], g[n + i]
        a, b = v[p[0]], v[p[-1]]
        slopes = {"add": (1, 1), "mul": (b, a), "tanh": (1 - v[n + i] ** 2,), "relu": (a > 0,)}[op]
        for parent, slope in zip(p, slopes, strict=True):
            g[parent] += up * slope
    return v, g


@tape_gradients.misconception(
    "where both parents are the same node (a + a, a times a), only one share is counted; it gets both."
)
def counts_a_double_parent_once(inputs: list[float], tape: Tape) -> Answer:
    n, v = len(inputs), list(inputs)
    for op, p in tape:
        a, b = v[p[0]], v[p[-1]]
        v.append({"add": a + b, "mul": a * b, "tanh": np.tanh(a), "relu": max(a, 0)}[op])
    g = np.zeros(len(v))
    g[-1] = 1
    for i in range(len(tape))[::-1]:
        (op, p), up = tape[i], g[n + i]
        a, b = v[p[0]], v[p[-1]]
        slopes = {"add": (1, 1), "mul": (b, a), "tanh": (1 - v[n + i] ** 2,), "relu": (a > 0,)}[op]
        for parent, slope in dict(zip(p, slopes, strict=True)).items():
            g[parent] += up * slope
    return v, g


@tape_gradients.misconception(
    "the gradients of the inputs are there; those of the operations' nodes are asked for too."
)
def returns_the_inputs_gradients_alone(inputs: list[float], tape: Tape) -> Answer:
    n, v = len(inputs), list(inputs)
    for op, p in tape:
        a, b = v[p[0]], v[p[-1]]
        v.append({"add": a + b, "mul": a * b, "tanh": np.tanh(a), "relu": max(a, 0)}[op])
    g = np.zeros(len(v))
    g[-1] = 1
    for i in range(len(tape))[::-1]:
        (op, p), up = tape[i], g[n + i]
        a, b = v[p[0]], v[p[-1]]
        slopes = {"add": (1, 1), "mul": (b, a), "tanh": (1 - v[n + i] ** 2,), "relu": (a > 0,)}[op]
        for parent, slope in zip(p, slopes, strict=True):
            g[parent] += up * slope
    return v, g[:n]


@tape_gradients.misconception("the caller's list of inputs has grown: append to a copy, such as `list(inputs)`.")
def writes_into_the_inputs(inputs: list[float], tape: Tape) -> Answer:
    n, v = len(inputs), inputs
    for op, p in tape:
        a, b = v[p[0]], v[p[-1]]
        v.append({"add": a + b, "mul": a * b, "tanh": np.tanh(a), "relu": max(a, 0)}[op])
    g = np.zeros(len(v))
    g[-1] = 1
    for i in range(len(tape))[::-1]:
        (op, p), up = tape[i], g[n + i]
        a, b = v[p[0]], v[p[-1]]
        slopes = {"add": (1, 1), "mul": (b, a), "tanh": (1 - v[n + i] ** 2,), "relu": (a > 0,)}[op]
        for parent, slope in zip(p, slopes, strict=True):
            g[parent] += up * slope
    return v, g


@tape_gradients.misconception(
    "one call for each way back: on a long tape Python stops after about 1,000 calls inside each other, and where "
    "ways fork and meet they multiply. Go through the tape once, from its end."
)
def follows_every_way(inputs: list[float], tape: Tape) -> Answer:
    n, v = len(inputs), list(inputs)
    for op, p in tape:
        a, b = v[p[0]], v[p[-1]]
        v.append({"add": a + b, "mul": a * b, "tanh": np.tanh(a), "relu": max(a, 0)}[op])
    g = np.zeros(len(v))

    def receive(node: int, up: Any) -> None:
        g[node] += up
        if node >= n:
            op, p = tape[node - n]
            a, b = v[p[0]], v[p[-1]]
            slopes = {"add": (1, 1), "mul": (b, a), "tanh": (1 - v[node] ** 2,), "relu": (a > 0,)}[op]
            for parent, slope in zip(p, slopes, strict=True):
                receive(parent, up * slope)

    receive(len(v) - 1, 1)
    return v, g
