"""The graph engine against hand-worked examples, finite differences and a second, independent reckoning."""

import gc
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from coursekit.scratch.gradients import check_gradient
from coursekit.scratch.graph import Value, topological_order


def worked_example():
    x, y, z = Value(-2.0, "x"), Value(5.0, "y"), Value(-4.0, "z")
    q = x + y
    q.name = "q"
    f = q * z
    f.name = "f"
    return x, y, z, q, f


# By hand


def test_the_lectures_example():
    x, y, z, q, f = worked_example()
    assert f.data == -12
    assert q.data == 3
    assert f.grad == 0, "no gradient before backward"
    f.backward()
    assert [v.grad for v in (x, y, z, q, f)] == [-4, -4, 3, -4, 1]


def test_a_sigmoid_neuron_taken_apart():
    w, x, b = [Value(2.0), Value(-3.0)], [Value(-1.0), Value(-2.0)], Value(-3.0)
    score = w[0] * x[0] + w[1] * x[1] + b
    out = 1 / (1 + (-score).exp())
    out.backward()
    assert out.data == pytest.approx(0.7310586)
    slope = 0.7310586 * (1 - 0.7310586)
    assert score.grad == pytest.approx(slope)
    assert [float(v.grad) for v in (*w, *x, b)] == pytest.approx([-slope, -2 * slope, 2 * slope, -3 * slope, slope])
    whole = Value(score.data).sigmoid()
    assert whole.data == pytest.approx(float(out.data))


def test_a_value_used_twice_gets_both_gradients():
    a = Value(3.0)
    (a + a).backward()
    assert a.grad == 2
    b = Value(3.0)
    (b * b).backward()
    assert b.grad == 6


def test_a_diamond_is_walked_once_each_way():
    a = Value(2.0)
    left, right = a * 3, a**2
    top = left * right  # 3 a³
    (top + top * right).backward()  # 3 a³ + 3 a⁵
    assert a.grad == 9 * 4 + 15 * 16
    assert left.grad == 4 + 16


def test_thirty_doublings_take_thirty_steps():
    """A walk along every path instead of every value would take 2³⁰."""
    x = y = Value(1.0)
    for _ in range(30):
        y = y + y
    y.backward()
    assert x.grad == 2**30


def test_gradients_add_up_until_they_are_zeroed():
    x, _, z, q, f = worked_example()
    f.backward()
    f.backward()
    assert [v.grad for v in (x, z, q, f)] == [-8, 6, -8, 2]
    f.zero_grad()
    assert [v.grad for v in (x, z, q, f)] == [0, 0, 0, 0]
    f.backward()
    assert x.grad == -4


def test_two_losses_of_the_same_value_add_up():
    x = Value(3.0)
    shared = x * x
    (shared * 2).backward()
    (shared * 5).backward()
    assert x.grad == 6 * 7
    assert shared.grad == 7


@pytest.mark.parametrize("length", [5_000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_long_chains_need_no_recursion(length):
    x = y = Value(1.0)
    for _ in range(length):
        y = y + 0.001
    y.backward()
    assert x.grad == 1
    assert len(topological_order(y)) == 2 * length + 1
    del y
    gc.collect()  # nor does letting go of one


def test_inputs_come_before_what_is_made_of_them():
    *_, f = worked_example()
    order = topological_order(f)
    assert len(order) == len(set(order)) == 5
    assert order[-1] is f
    for i, value in enumerate(order):
        assert all(order.index(source) < i for source, _ in value.inputs)


# Against finite differences

OPERATIONS = {
    "add": lambda a: a + 2.5,
    "radd": lambda a: 2.5 + a,
    "subtract": lambda a: a - 3,
    "rsubtract": lambda a: 3 - a,
    "multiply": lambda a: a * -1.5,
    "rmultiply": lambda a: np.float64(-1.5) * a,
    "divide": lambda a: a / 4,
    "rdivide": lambda a: 4 / a,
    "negate": lambda a: -a,
    "square": lambda a: a**2,
    "cube": lambda a: a**3,
    "inverse": lambda a: a**-1,
    "root": lambda a: (a * a) ** 0.5,
    "power 0": lambda a: a**0,
    "value power": lambda a: (a * a) ** a,
    "exp": lambda a: a.exp(),
    "log": lambda a: (a * a).log(),
    "tanh": lambda a: a.tanh(),
    "sigmoid": lambda a: a.sigmoid(),
    "relu": lambda a: a.relu(),
    "sum": lambda a: a.sum(),
    "sum of columns": lambda a: a.sum(axis=0),
    "sum of rows": lambda a: a.sum(axis=-1, keepdims=True),
    "sum of both": lambda a: a.sum(axis=(0, 1)),
    "mean": lambda a: a.mean(),
    "mean of columns": lambda a: a.mean(axis=0),
    "reshape": lambda a: a.reshape(3, -1),
    "transpose": lambda a: a.T,
    "pick": lambda a: a[[0, 1, 0, 0], [2, 0, 2, 1]],  # one entry twice
    "slice": lambda a: a[:, ::2],
    "matmul": lambda a: a @ np.arange(12.0).reshape(3, 4),
    "rmatmul": lambda a: np.arange(10.0).reshape(5, 2) @ a,
    "by itself": lambda a: a @ a.T,
    "array before": lambda a: np.array([1.0, 2.0, 3.0]) - a,
    "array divided": lambda a: np.array([[1.0], [2.0]]) / a,
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_each_operation_against_finite_differences(name, rng):
    x = rng.choice([-1, 1], (2, 3)) * rng.uniform(0.4, 2, (2, 3))  # away from 0, where some have a corner or a pole

    def result(array):
        return OPERATIONS[name](Value(array)).data

    upstream = rng.normal(size=result(x).shape)
    value = Value(x)
    OPERATIONS[name](value).backward(upstream)
    check = check_gradient(result, x, value.grad, upstream)
    assert check, check


SHAPES = [(), (1,), (3,), (1, 3), (2, 1), (2, 3), (1, 1), (4, 1, 3), (4, 2, 1)]
TWO = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide}


@given(st.sampled_from(SHAPES), st.sampled_from(SHAPES), st.sampled_from(list(TWO)), st.integers(0, 2**32 - 1))
def test_broadcast_gradients_are_summed_back(first, second, sign, seed):
    rng = np.random.default_rng(seed)
    a, b = rng.uniform(0.5, 2, first), rng.uniform(0.5, 2, second)
    upstream = rng.normal(size=np.broadcast_shapes(first, second))
    x, y = Value(a), Value(b)
    out = {"+": x + y, "-": x - y, "*": x * y, "/": x / y}[sign]
    np.testing.assert_allclose(out.data, TWO[sign](a, b))
    out.backward(upstream)
    assert x.grad.shape == first
    assert y.grad.shape == second
    assert check_gradient(lambda v: TWO[sign](v, b), a, x.grad, upstream)
    assert check_gradient(lambda v: TWO[sign](a, v), b, y.grad, upstream)


@given(
    arrays(np.float64, (2, 1, 3, 4), elements=st.floats(-3, 3)),
    arrays(np.float64, (5, 4, 2), elements=st.floats(-3, 3)),
)
def test_stacks_of_matrices_broadcast_too(a, b):
    x, y = Value(a), Value(b)
    (x @ y).sum().backward()
    upstream = np.ones((2, 5, 3, 2))
    np.testing.assert_allclose(x.grad, (upstream @ b.swapaxes(1, 2)).sum(axis=1, keepdims=True), atol=1e-9)
    np.testing.assert_allclose(y.grad, (a.swapaxes(2, 3) @ upstream).sum(axis=0), atol=1e-9)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=12))
def test_random_expressions_against_forward_differentiation(plan):
    """Forward mode carries the derivative along with the value: another road to the same number."""
    x = Value(0.7)
    made, slopes = [x], [1.0]
    for kind, i, j in plan:
        a, b, da, db = made[i % len(made)], made[j % len(made)], slopes[i % len(made)], slopes[j % len(made)]
        new, slope = [
            (a + b, da + db),
            (a * b, da * b.data + a.data * db),
            (a - b, da - db),
            (a.tanh(), da * (1 - np.tanh(a.data) ** 2)),
            (a / (b * b + 1), da / (b.data**2 + 1) - a.data * 2 * b.data * db / (b.data**2 + 1) ** 2),
        ][kind]
        made.append(new)
        slopes.append(slope)
    made[-1].backward()
    np.testing.assert_allclose(x.grad, slopes[-1], rtol=1e-9, atol=1e-9)


def test_a_two_layer_network(rng):
    x, labels = rng.normal(size=(6, 4)), np.array([0, 2, 1, 1, 0, 2])
    weights = [rng.normal(size=shape) for shape in [(4, 5), (5,), (5, 3), (3,)]]

    def loss(*parameters):
        w1, b1, w2, b2 = (p if isinstance(p, Value) else Value(p) for p in parameters)
        scores = (x @ w1 + b1).relu() @ w2 + b2
        scores = scores - scores.data.max(axis=1, keepdims=True)
        log_p = scores - scores.exp().sum(axis=1, keepdims=True).log()
        return -log_p[np.arange(6), labels].mean()

    values = [Value(w) for w in weights]
    loss(*values).backward()
    for i, value in enumerate(values):

        def f(array, i=i):
            return loss(*weights[:i], array, *weights[i + 1 :]).data

        assert check_gradient(f, weights[i], value.grad)


def test_gradient_descent_learns_xor():
    rng = np.random.default_rng(0)
    x, target = np.array([[0, 0], [0, 1], [1, 0], [1, 1.0]]), np.array([[0], [1], [1], [0.0]])
    weights = [Value(rng.normal(size=shape)) for shape in [(2, 8), (8,), (8, 1), (1,)]]
    for _ in range(300):
        w1, b1, w2, b2 = weights
        loss = (((x @ w1 + b1).tanh() @ w2 + b2 - target) ** 2).mean()
        loss.zero_grad()
        loss.backward()
        for w in weights:
            w.data -= 0.3 * w.grad
    assert loss.data < 1e-3


# Corners


def test_relu_at_zero_has_slope_zero():
    x = Value([-1.0, 0.0, 2.0])
    x.relu().sum().backward()
    np.testing.assert_array_equal(x.grad, [0, 0, 1])


@pytest.mark.parametrize("large", [-1000.0, 1000.0])
def test_sigmoid_and_tanh_do_not_overflow(large):
    for f in (Value.sigmoid, Value.tanh):
        x = Value(large)
        with np.errstate(all="raise"):
            f(x).backward()
        assert x.grad == 0


def test_power_zero_has_slope_zero_even_at_zero():
    x = Value(0.0)
    with np.errstate(all="raise"):
        (x**0).backward()
    assert x.grad == 0


# Types, and inputs left alone


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_float_type_is_kept(dtype):
    w, x = Value(np.ones((3, 2), dtype)), Value(np.full((4, 3), 0.5, dtype))
    h = x @ w * 2 + np.float64(1) - 1
    loss = ((h.relu() / 3).tanh().sigmoid() ** 2).mean() + h.exp().log().sum(axis=1)[1:].reshape(3, 1).T.mean()
    loss.backward()
    assert {v.data.dtype for v in topological_order(loss)} == {np.dtype(dtype)}
    assert {v.grad.dtype for v in topological_order(loss)} == {np.dtype(dtype)}


def test_integers_become_float64():
    assert Value(3).data.dtype == np.float64
    assert Value([1, 2]).data.dtype == np.float64
    assert (Value(7) / 2).data == 3.5


def test_an_update_does_not_reach_the_callers_array():
    mine = np.ones(3)
    value = Value(mine)
    value.data -= 1
    np.testing.assert_array_equal(mine, [1, 1, 1])


@pytest.mark.parametrize(
    ("wrong", "error", "says"),
    [
        (lambda: Value([1.0, 2.0]).backward(), ValueError, "reduce it first"),
        (lambda: Value([1.0, 2.0]) @ Value([1.0, 2.0]), ValueError, r"\(x \* w\).sum\(\)"),
        (lambda: Value("x"), TypeError, "real numbers"),
        (lambda: Value(np.nan), ValueError, "fix: "),
        (lambda: sum([Value(1.0)] * 400).draw(), ValueError, "draw a smaller"),
    ],
)
def test_wrong_use_is_refused_with_the_fix(wrong, error, says):
    with pytest.raises(error, match=f"(?s){says}"):
        wrong()


# Looking at it


def test_the_trace_holds_values_gradients_and_local_derivatives():
    *_, f = worked_example()
    f.backward()
    steps = f.trace()
    assert [(s.name, s.op, float(s.data), float(s.grad), s.inputs) for s in steps] == [
        ("x", "", -2, -4, ()),
        ("y", "", 5, -4, ()),
        ("q", "+", 3, -4, (0, 1)),
        ("z", "", -4, 3, ()),
        ("f", "*", -12, 1, (2, 3)),
    ]
    assert [[float(d) for d in s.local] for s in steps] == [[], [], [1, 1], [], [-4, 3]]


def test_every_gradient_is_the_sum_of_upstream_times_local():
    x = Value(0.5)
    h = (x * x + x).tanh()
    loss = h / (x + 2) - h
    loss.backward()
    steps = loss.trace()
    for i, step in enumerate(steps[:-1]):
        uses = [
            float(user.grad * local)
            for user in steps
            for source, local in zip(user.inputs, user.local, strict=True)
            if source == i
        ]
        assert step.grad == pytest.approx(sum(uses))


def test_a_drawing_is_an_image_that_says_what_it_shows():
    *_, f = worked_example()
    f.backward()
    drawing = f.draw()
    picture = ElementTree.fromstring(drawing._repr_svg_())
    assert picture.get("role") == "img"
    assert "q = x + y = 3, gradient −4" in picture.get("aria-label")
    texts = [node.text for node in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert texts.count("grad −4") == 3
    assert {"x", "y", "z", "q", "f", "+", "×", "value −12"} <= set(texts)
    assert len(list(picture.iter("{http://www.w3.org/2000/svg}path"))) == 4
    assert str(drawing).splitlines()[-1] == "f = q × z = −12, gradient 1"


def test_a_drawing_in_words_shows_how_each_value_was_made():
    x = Value(np.ones((2, 3)), "<x>")
    loss = (-((x.T[0] ** 2).relu()) - 1).sum()
    drawing = loss.draw()
    assert [line.split(",")[0] for line in str(drawing).splitlines()] == [
        "<x> = up to 1",
        "v1 = <x>.T = up to 1",
        "v2 = v1[…] = up to 1",
        "v3 = v2**2 = up to 1",
        "v4 = relu(v3) = up to 1",
        "v5 = −v4 = up to 1",
        "1",
        "v7 = v5 − 1 = up to 2",
        "v8 = sum(v7) = −4",
    ]
    ElementTree.fromstring(drawing.svg)  # names are escaped
