"""Optimizers against the published rules worked by hand, and step by step against Keras."""

import numpy as np
import pytest

from coursekit.scratch.graph import Value
from coursekit.scratch.layers import Parameter
from coursekit.scratch.optimizers import SGD, Adam, RMSProp

EVERY = {
    "sgd": lambda: SGD(0.1),
    "momentum": lambda: SGD(0.1, momentum=0.9),
    "nesterov": lambda: SGD(0.1, momentum=0.9, nesterov=True),
    "rmsprop": lambda: RMSProp(0.1),
    "adam": lambda: Adam(0.1),
}


def walk(optimizer, gradients, start=1.0):
    """Return where a single number stands after each step."""
    parameter, places = Parameter(np.array([start])), []
    for gradient in gradients:
        parameter.grad = np.array([gradient])
        optimizer.step([parameter])
        places.append(float(parameter.data[0]))
    return places


def test_sgd_by_hand():
    assert walk(SGD(0.1), [2, -1, 0]) == pytest.approx([0.8, 0.9, 0.9])


def test_momentum_by_hand():
    # velocities -0.2, -0.18 + 0.1 = -0.08, -0.072
    assert walk(SGD(0.1, momentum=0.9), [2, -1, 0]) == pytest.approx([0.8, 0.72, 0.648])


def test_nesterov_by_hand():
    # the same velocities; each change is 0.9 of the new one plus the plain step
    expected = np.cumsum([0.9 * -0.2 - 0.2, 0.9 * -0.08 + 0.1, 0.9 * -0.072]) + 1
    assert walk(SGD(0.1, momentum=0.9, nesterov=True), [2, -1, 0]) == pytest.approx(expected.tolist())


def test_rmsprop_by_hand():
    # mean squares 0.1 * 4 = 0.4, then 0.9 * 0.4 + 0.1 * 1 = 0.46
    expected = np.cumsum([-0.01 * 2 / 0.4**0.5, 0.01 / 0.46**0.5]) + 1
    assert walk(RMSProp(0.01, decay=0.9), [2, -1]) == pytest.approx(expected.tolist(), abs=1e-8)


def test_rmsprops_epsilon_stands_under_the_root():
    # mean square 0.1 * 1e-8 = 1e-9, less than epsilon
    assert walk(RMSProp(0.01, epsilon=1e-7), [1e-4], start=0.0)[0] == pytest.approx(-1e-6 / 1.01e-7**0.5)


@pytest.mark.parametrize("gradient", [1e-3, 7.0, -250.0])
def test_adams_first_step_is_the_learning_rate_whatever_the_gradient(gradient):
    assert walk(Adam(0.01), [gradient], start=0.0)[0] == pytest.approx(-np.sign(gradient) * 0.01, rel=4e-3)


def test_adam_by_the_papers_algorithm():
    gradients, m, v, place, expected = [2.0, -1.0, 0.5, 3.0], 0.0, 0.0, 1.0, []
    for t, g in enumerate(gradients, start=1):
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        place -= 0.01 * (m / (1 - 0.9**t)) / ((v / (1 - 0.999**t)) ** 0.5 + 1e-12)
        expected.append(place)
    assert walk(Adam(0.01, epsilon=1e-12), gradients) == pytest.approx(expected)


def test_momentum_speeds_up_by_the_factor_that_its_docstring_says():
    places = walk(SGD(0.01, momentum=0.9), [1.0] * 200)
    assert places[-2] - places[-1] == pytest.approx(0.01 / (1 - 0.9))


@pytest.mark.parametrize("name", EVERY)
def test_each_one_finds_the_bottom_of_a_bowl(name):
    parameter, target = Parameter(np.array([4.0, -3.0])), np.array([1.0, 2.0])
    optimizer = EVERY[name]()
    for i in range(400):
        optimizer.learning_rate = 0.1 * (1 - i / 400)
        parameter.grad = np.array([1.0, 3.0]) * (parameter.data - target)
        optimizer.step([parameter])
    np.testing.assert_allclose(parameter.data, target, atol=0.02)


@pytest.mark.parametrize("name", EVERY)
def test_each_parameter_has_a_memory_of_its_own(name, rng):
    together, apart = EVERY[name](), (EVERY[name](), EVERY[name]())
    pair = [Parameter(rng.normal(size=shape)) for shape in [(2, 3), (3,)]]
    copies = [Parameter(p.data.copy()) for p in pair]
    for _ in range(4):
        for p, q in zip(pair, copies, strict=True):
            p.grad = q.grad = rng.normal(size=p.data.shape)
        together.step(pair[::-1])
        for q, optimizer in zip(copies, apart, strict=True):
            optimizer.step([q])
    for p, q in zip(pair, copies, strict=True):
        np.testing.assert_array_equal(p.data, q.data)


@pytest.mark.parametrize("name", EVERY)
def test_float32_stays_float32_and_gradients_stay_as_they_are(name, rng):
    parameter = Parameter(np.ones((2, 3), np.float32))
    data, gradient = parameter.data, rng.normal(size=(2, 3)).astype(np.float32)
    parameter.grad = gradient.copy()
    optimizer = EVERY[name]()
    optimizer.step([parameter])
    optimizer.step([parameter])
    assert parameter.data is data, "in place"
    assert data.dtype == np.float32
    np.testing.assert_array_equal(parameter.grad, gradient)


def test_integers_are_refused():
    with pytest.raises(TypeError, match="astype"):
        walk(SGD(), [1.0], start=3)


def test_values_of_a_graph_can_be_trained_too():
    x, b = Value([3.0, -2.0]), Value(5.0)
    optimizer = SGD(0.1)
    for _ in range(100):
        loss = ((x - 1) ** 2).sum() + (b + 1) ** 2
        loss.zero_grad()
        loss.backward()
        optimizer.step([x, b])
    np.testing.assert_allclose(x.data, [1, 1], atol=1e-6)
    assert b.data == pytest.approx(-1)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda: SGD(-0.1), "learning_rate: got -0.1"),
        (lambda: SGD(0.1, momentum=1), "less than 1"),
        (lambda: RMSProp(decay=1), "decay: got 1"),
        (lambda: Adam(epsilon=-1), "epsilon: got -1"),
        (lambda: walk(SGD(), [np.nan]), "diverged"),
        (lambda: walk(Adam(), [np.inf]), "diverged"),
        (lambda: walk(SGD(), [[1.0, 2.0]]), r"\(1,\) has a gradient of shape \(1, 2\)"),
    ],
)
def test_wrong_input_is_refused_with_the_fix(wrong, says):
    with pytest.raises(ValueError, match=f"(?s){says}") as caught:
        wrong()
    assert "\n  fix: " in str(caught.value)


@pytest.mark.slow
def test_step_by_step_against_keras(rng):
    """In float64, with settings that are exact in the float32 that Keras rounds them to."""
    from keras import Variable, ops, optimizers

    rate, decay, epsilon = 0.125, 0.875, 2.0**-23
    for ours, theirs in [
        (SGD(rate), optimizers.SGD(rate)),
        (SGD(rate, momentum=decay), optimizers.SGD(rate, momentum=decay)),
        (SGD(rate, momentum=decay, nesterov=True), optimizers.SGD(rate, momentum=decay, nesterov=True)),
        (RMSProp(rate, decay, epsilon), optimizers.RMSprop(rate, rho=decay, epsilon=epsilon)),
        (Adam(rate, decay, 0.96875, epsilon), optimizers.Adam(rate, decay, 0.96875, epsilon)),
    ]:
        parameters = [Parameter(rng.normal(size=shape)) for shape in [(4, 3), (3,)]]
        variables = [Variable(p.data, dtype="float64") for p in parameters]
        for step in range(30):
            for p in parameters:
                # From large to hardly more than epsilon: where rules differ in its place, they part.
                p.grad = rng.normal(scale=10.0 ** -(step % 7), size=p.data.shape)
            ours.step(parameters)
            theirs.apply([ops.convert_to_tensor(p.grad, "float64") for p in parameters], variables)
            for p, variable in zip(parameters, variables, strict=True):
                message = f"{theirs.name}, step {step}"
                np.testing.assert_allclose(p.data, ops.convert_to_numpy(variable), rtol=1e-9, err_msg=message)
