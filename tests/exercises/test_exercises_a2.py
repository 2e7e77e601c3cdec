import numpy as np
import pytest

from coursekit import exercises
from coursekit.exercises import Case, Exercise, caller, examine
from coursekit.exercises.a2_backprop.initialisation import TOLERANCE, as_spread
from coursekit.exercises.a2_backprop.ordering import in_order, ladder, long_chain, random_graphs
from coursekit.exercises.a2_backprop.tape import long_tape, random_tapes
from coursekit.scratch.gradients import numeric_gradient, relative_error
from coursekit.scratch.graph import Value
from coursekit.scratch.losses import softmax_loss
from coursekit.scratch.optimizers import SGD, Adam

ORDER = exercises.get("topological_order")
TAPE = exercises.get("tape_gradients")
FORWARD = exercises.get("two_layer_forward").reference
BACKWARD = exercises.get("two_layer_backward").reference
INITIAL = exercises.get("initial_weights")
DROPOUT = exercises.get("dropout")
MOMENTUM = exercises.get("momentum_step")
ADAM = exercises.get("adam_step")


def look(exercise, function, seed=0):
    return examine(exercise, caller(function, exercise.closed_book), seed)


def seeds(count):
    return [np.random.default_rng(seed) for seed in range(count)]


# A case that is judged by a rule.


def positive(calls, values):
    return None if values[0] > 0 else f"{values[0]:g} is not positive"


def test_a_case_with_a_rule_takes_every_answer_that_keeps_to_it():
    case = Case("any positive number", (1,), positive, "look at the sign.")
    exercise = Exercise("any_number", 1, lambda x: x, ("number",), [case])
    assert look(exercise, lambda x: 17.5).status == "passed"
    verdict = look(exercise, lambda x: -x)
    assert verdict.failures[0].problem == "-1 is not positive"
    assert verdict.hint == "look at the sign."
    shape = look(exercise, lambda x: [1, 2]).failures[0].problem
    assert shape == "shape of number: expected (), got (2,)"


# Orders.


def shuffled(parents, rng):
    """A right order, drawn from all of them."""
    order, left = [], set(range(len(parents)))
    while left:
        ready = [node for node in left if left.isdisjoint(parents[node])]
        node = ready[int(rng.integers(len(ready)))]
        order.append(node)
        left.remove(node)
    return order


def test_any_right_order_is_accepted():
    for rng in seeds(20):
        for (parents,) in [case.arguments for case in ORDER.cases] + random_graphs(rng) + ladder(rng):
            assert in_order([(parents,)], [np.array(shuffled(parents, rng), dtype=float)]) is None


@pytest.mark.parametrize(
    ("order", "problem"),
    [
        ([0, 1, 2, 2], "node 3 is missing from [0.0, 1.0, 2.0, 2.0]"),
        ([3, 1, 0, 2.5], "node 2 is missing from [3.0, 1.0, 0.0, 2.5]"),
        ([3, 2, 0, 1], "node 2 stands before its parent 1"),
        ([3, 0, 1, 2], "node 0 stands before its parent 2"),
    ],
)
def test_what_is_wrong_with_an_order_is_told(order, problem):
    assert in_order([([(2, 1), (3,), (1, 1), ()],)], [np.array(order, dtype=float)]) == problem


def test_drawn_graphs_have_no_order_in_their_numbers_and_a_double_parent():
    for rng in seeds(30):
        graphs = random_graphs(rng)
        assert all(any(len(p) == 2 and p[0] == p[1] for p in parents) for (parents,) in graphs)
        upwards = [in_order([g], [np.arange(len(g[0]), dtype=float)]) for g in graphs]
        downwards = [in_order([g], [np.arange(len(g[0]), dtype=float)[::-1]]) for g in graphs]
        assert any(upwards)
        assert any(downwards)


def test_the_chain_is_one_chain_of_5000_whose_result_is_node_0():
    [(parents,)] = long_chain(np.random.default_rng(0))
    child = {sources[0]: node for node, sources in enumerate(parents) if sources}
    node, length = parents.index(()), 1
    while node in child:
        node, length = child[node], length + 1
    assert (node, length) == (0, 5000)


def scan_again_and_again(parents):
    order, placed = [], set()
    while len(order) < len(parents):
        for node, sources in enumerate(parents):
            if node not in placed and placed.issuperset(sources):
                placed.add(node)
                order.append(node)
    return order


def calls_itself_with_a_memory(parents):
    order, seen = [], set()

    def visit(node):
        if node not in seen:
            seen.add(node)
            for parent in reversed(parents[node]):
                visit(parent)
            order.append(node)

    for node in reversed(range(len(parents))):
        visit(node)
    return order


def test_a_slow_answer_is_a_right_answer():
    for seed in range(3):
        assert look(ORDER, scan_again_and_again, seed).status == "passed"


def test_a_deep_chain_of_calls_fails_where_its_name_says_why():
    [failure] = look(ORDER, calls_itself_with_a_memory).failures
    assert "too long for calls inside each other" in failure.trial
    assert "RecursionError" in failure.problem


def test_pythons_own_sorter_is_closed():
    def borrowed(parents):
        from graphlib import TopologicalSorter

        return list(TopologicalSorter(dict(enumerate(parents))).static_order())

    assert "closed book: it calls graphlib" in look(ORDER, borrowed).failures[0].problem


# Tapes.


def by_the_engine(inputs, tape):
    nodes = [Value(number) for number in inputs]
    for op, parents in tape:
        a, b = nodes[parents[0]], nodes[parents[-1]]
        nodes.append({"add": lambda: a + b, "mul": lambda: a * b, "tanh": a.tanh, "relu": a.relu}[op]())  # noqa: B023
    nodes[-1].backward()
    return [node.data for node in nodes], [node.grad for node in nodes]


def test_the_engine_of_the_course_gives_the_same_gradients():
    drawn = [arguments for rng in seeds(10) for arguments in random_tapes(rng)]
    for inputs, tape in [case.arguments for case in TAPE.cases] + drawn + long_tape(np.random.default_rng(0)):
        for mine, theirs in zip(TAPE.reference(inputs, tape), by_the_engine(inputs, tape), strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=1e-9, atol=1e-12)


def test_drawn_tapes_hold_every_operation_and_no_corner():
    for rng in seeds(10):
        for inputs, tape in random_tapes(rng):
            values, _ = TAPE.reference(inputs, tape)
            assert {op for op, _ in tape} == {"add", "mul", "tanh", "relu"}
            assert min(abs(values[parents[0]]) for op, parents in tape if op == "relu") > 0.05


def test_the_slope_at_the_corner_is_tried():
    values, gradients = TAPE.reference(*next(c.arguments for c in TAPE.cases if "exactly 0" in c.name))
    assert values[3] == 0
    assert gradients[3] == 0


# Networks.


def test_the_gradients_of_two_layers_agree_with_numeric_ones():
    rng = np.random.default_rng(0)
    x, labels = rng.normal(size=(5, 4)), rng.integers(0, 3, 5)
    arrays = [x, *(rng.normal(size=shape) for shape in ((4, 6), 6, (6, 3), 3))]
    dscores = softmax_loss(FORWARD(*arrays), labels)[1]
    dw1, db1, dw2, db2, dx = BACKWARD(dscores, *arrays)
    for place, derived in enumerate((dx, dw1, db1, dw2, db2)):
        numeric = numeric_gradient(
            lambda value, place=place: softmax_loss(FORWARD(*arrays[:place], value, *arrays[place + 1 :]), labels)[0],
            arrays[place],
        )
        assert relative_error(derived, numeric) < 1e-5


def layers(value):
    return np.full((4, 6), value), np.zeros(6), np.full((6, 3), value), np.zeros(3)


@pytest.mark.parametrize("value", [0, 0.1])
def test_what_the_written_answer_says_of_equal_weights(value):
    rng = np.random.default_rng(0)
    x, labels, parameters = rng.uniform(size=(8, 4)), rng.integers(0, 3, 8), layers(value)
    for _ in range(20):
        dscores = softmax_loss(FORWARD(x, *parameters), labels)[1]
        gradients = BACKWARD(dscores, x, *parameters)
        parameters = tuple(p - 0.5 * dp for p, dp in zip(parameters, gradients, strict=False))
    w1, b1, w2, b2 = parameters
    assert np.abs(b2).max() > 0.01
    np.testing.assert_allclose(w1, np.tile(w1[:, :1], 6), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(w2, np.tile(w2[:1], (6, 1)), rtol=1e-9, atol=1e-12)
    assert (np.abs(w1 - value).max() > 1e-3) == (value > 0)
    if value == 0:
        assert not any(part.any() for part in (w1, b1, w2))


# Weights to start from.


def scaled(draw, kind_to_scale):
    def answer(fan_in, fan_out, seed, kind="he"):
        return draw(np.random.RandomState(seed), kind_to_scale(fan_in, fan_out, kind), (fan_in, fan_out))

    return answer


def right(fan_in, fan_out, kind):
    return np.sqrt(2 / fan_in if kind == "he" else 2 / (fan_in + fan_out))


def normal(rng, scale, shape):
    return rng.normal(0, scale, shape)


def uniform(rng, scale, shape):
    return rng.uniform(-(3**0.5) * scale, 3**0.5 * scale, shape)


def cut_off(rng, scale, shape):
    drawn = rng.normal(0, 1, (*shape, 9))
    first = (np.abs(drawn) < 2).argmax(axis=-1)[..., None]
    return scale / 0.8796 * np.take_along_axis(drawn, first, axis=-1)[..., 0]


@pytest.mark.parametrize("draw", [normal, uniform, cut_off], ids=lambda draw: draw.__name__)
def test_weights_of_any_distribution_pass_whatever_the_seed(draw):
    for seed in range(8):
        assert look(INITIAL, scaled(draw, right), seed).failures == ()


def test_chance_has_seven_times_the_room_it_needs():
    entries = min(a[0] * a[1] for trial in INITIAL.trials(0) for a in trial.calls if trial.rule.holds is as_spread)
    of_the_variance, of_the_mean = (2 / entries) ** 0.5, (1 / entries) ** 0.5  # standard errors of normal numbers
    assert 7 * max(of_the_variance, of_the_mean) < TOLERANCE


@pytest.mark.parametrize(
    ("scale", "times"),
    [
        (lambda i, o, kind: right(i, o, kind) / 3**0.5, "0.33"),
        (lambda i, o, kind: right(i, o, kind) * 2**0.5, "2"),
        (lambda i, o, kind: right(o, i, kind), "4"),
    ],
)
def test_a_wrong_variance_is_told_in_numbers_where_no_mistake_is_recognised(scale, times):
    verdict = look(INITIAL, scaled(uniform, scale))
    got = float(verdict.failures[0].problem.split("got ")[1].split(" ")[0])
    assert got == pytest.approx(float(times), rel=0.05)
    assert verdict.hint.startswith("the variance is the square of the standard deviation")


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda i, o, seed, kind="he": np.random.randn(i, o) * right(i, o, kind), "make the random generator"),
        (
            lambda i, o, seed, kind="he": normal(np.random.RandomState(7), right(i, o, kind), (i, o)),
            "make the random generator",
        ),
        (
            lambda i, o, seed, kind="he": np.abs(normal(np.random.RandomState(seed), right(i, o, kind), (i, o))),
            "the variance is",
        ),
    ],
)
def test_weights_that_are_not_random_or_not_about_0_are_refused(answer, hint):
    verdict = look(INITIAL, answer)
    assert verdict.status == "failed"
    assert verdict.hint.startswith(hint)


# Dropout and optimisers.


def test_dropouts_slope_is_what_numeric_gradients_find():
    for x, rate, numbers, *training in [case.arguments for case in DROPOUT.cases]:
        slope = DROPOUT.reference(x, rate, numbers, *training)[1]
        numeric = numeric_gradient(lambda v: DROPOUT.reference(v, rate, numbers, *training)[0].sum(), x)  # noqa: B023
        np.testing.assert_allclose(slope, numeric, atol=1e-8)


def test_no_number_of_dropouts_cases_stands_at_the_rate_itself():
    for trial in DROPOUT.trials(0):
        for _, rate, numbers, *_ in trial.calls:
            assert np.abs(numbers - rate).min() > 1e-6


def test_momentum_takes_the_same_steps_as_the_courses_sgd():
    parameter, sgd = Value(np.array([1.0, -2.0, 3.0])), SGD(0.1, momentum=0.8)
    w, velocity = parameter.data.copy(), np.zeros(3)
    for t in range(6):
        parameter.grad = np.cos(t + parameter.data)
        w, velocity = MOMENTUM.reference(w, parameter.grad, velocity, 0.1, 0.8)
        sgd.step([parameter])
        np.testing.assert_allclose(w, parameter.data)


def test_adam_takes_the_same_steps_as_the_courses_own_but_for_epsilon():
    parameter, adam = Value(np.array([1.0, -2.0, 3.0])), Adam(0.1, epsilon=1e-12)
    w, m, v = parameter.data.copy(), np.zeros(3), np.zeros(3)
    for t in range(1, 8):
        parameter.grad = np.cos(t + parameter.data) * [1, 100, 0.01]
        w, m, v = ADAM.reference(w, parameter.grad, m, v, t, 0.1, epsilon=1e-12)
        adam.step([parameter])
        np.testing.assert_allclose(w, parameter.data)


def test_the_points_are_those_of_the_notebook():
    assert exercises.assignment("a2").points == 33
