"""Finite differences against derivatives known in closed form, and the mistakes they must avoid."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from coursekit.scratch.gradients import check_gradient, numeric_gradient, relative_error

NUMBERS = st.floats(-10, 10)


@given(arrays(np.float64, array_shapes(min_dims=0, max_dims=3, max_side=3), elements=NUMBERS))
def test_cubes_at_any_shape(x):
    gradient = numeric_gradient(lambda v: (v**3).sum(), x)
    assert gradient.shape == x.shape
    assert gradient.dtype == np.float64
    np.testing.assert_allclose(gradient, 3 * x**2, rtol=1e-6, atol=1e-6)


def test_differences_are_centred():
    # x³ at 1: centred errs by step² = 1e-4, one-sided by 3 step = 3e-2.
    error = numeric_gradient(lambda v: v**3, 1.0, step=1e-2) - 3
    assert abs(error) == pytest.approx(1e-4, rel=1e-3)


def test_upstream_gives_the_vector_jacobian_product(rng):
    matrix, x, upstream = rng.normal(size=(4, 3)), rng.normal(size=3), rng.normal(size=4)
    got = numeric_gradient(lambda v: matrix @ v, x, upstream)
    np.testing.assert_allclose(got, matrix.T @ upstream, rtol=1e-8)


@pytest.mark.parametrize("dtype", [np.int64, np.uint8, np.float16, np.float32, np.float64])
def test_x_of_any_number_type_is_computed_in_float64(dtype):
    seen = set()

    def f(v):
        seen.add(v.dtype)
        return (v**2).sum()

    np.testing.assert_allclose(numeric_gradient(f, np.array([1, 2, 3], dtype)), [2, 4, 6], 1e-9)
    assert seen == {np.dtype(np.float64)}


def test_x_is_untouched_by_f_that_writes_or_raises():
    x = np.array([1.0, 2.0, 3.0])

    def writes(v):
        v *= 2
        return v.sum()

    np.testing.assert_allclose(numeric_gradient(writes, x), [2, 2, 2])
    np.testing.assert_array_equal(x, [1, 2, 3])

    def raises(v):
        v[:] = 0
        raise RuntimeError("inside f")

    with pytest.raises(RuntimeError, match="inside f"):
        numeric_gradient(raises, x)
    np.testing.assert_array_equal(x, [1, 2, 3])


def test_f_gets_its_own_array_each_time():
    seen = []
    numeric_gradient(lambda v: seen.append(v) or v.sum(), np.zeros(2))
    assert len({id(v) for v in seen}) == len(seen) == 4
    np.testing.assert_allclose(seen, [[1e-5, 0], [-1e-5, 0], [0, 1e-5], [0, -1e-5]])


def test_f_may_return_a_python_number_or_one_number_in_an_array():
    np.testing.assert_allclose(numeric_gradient(lambda v: float(v[0]) * 3, [5.0]), [3])
    np.testing.assert_allclose(numeric_gradient(lambda v: v.reshape(1, 1), [5.0]), [1])
    np.testing.assert_array_equal(numeric_gradient(lambda v: 7, [5.0]), [0])


X = np.array([1.0, 2.0])
WRONG = [
    (lambda: numeric_gradient(lambda v: v**2, X), ValueError, "pass upstream"),
    (lambda: numeric_gradient(lambda v: v, X, np.ones(3)), ValueError, r"\(2,\).*\(3,\)"),
    (lambda: numeric_gradient(lambda v: (v.sum(), v), X), TypeError, r"lambda x: f\(x\)\[0\]"),
    (lambda: numeric_gradient(lambda v: np.float32(v.sum()), X), TypeError, "float64 inside f"),
    (lambda: numeric_gradient(lambda v: None, X), TypeError, "return numbers"),
    (lambda: numeric_gradient(lambda v: np.nan, X), ValueError, r"x\[0\] = 1.0"),
    (lambda: numeric_gradient(lambda v: np.inf, X), ValueError, "finite on both sides"),
    (lambda: numeric_gradient(lambda v: v.sum(), [1.0, 1e20]), ValueError, r"x\[1\].*resolve"),
    (lambda: numeric_gradient(lambda v: v.sum(), X, step=0), ValueError, "step"),
    (lambda: numeric_gradient(lambda v: v.sum(), [np.nan]), ValueError, "nan"),
    (lambda: relative_error([1.0, np.nan], [1.0, 2.0]), ValueError, "nan"),
    (lambda: relative_error([1.0], [np.inf]), ValueError, "inf"),
    (lambda: relative_error(X, X[:, None]), ValueError, "shapes"),
    (lambda: relative_error([], []), ValueError, "shapes"),
    (lambda: check_gradient(lambda v: v.sum(), X, 1.0), ValueError, "shapes"),
]


@pytest.mark.parametrize(("call", "error", "says"), WRONG)
def test_wrong_input_is_refused_with_the_fix(call, error, says):
    with pytest.raises(error, match=f"(?s){says}") as caught:
        call()
    assert "\n  fix: " in str(caught.value)


def test_relative_error_by_hand():
    assert relative_error([0.0, 3.0], [0.0, 4.0]) == pytest.approx(0.25)
    assert relative_error([1e-300], [-1e-300]) == pytest.approx(2)
    assert relative_error([1e308], [-1e308]) == pytest.approx(2)
    assert relative_error([0.0], [1e-300]) == 1
    assert relative_error(3, 3) == 0


@given(arrays(np.float64, 3, elements=NUMBERS), arrays(np.float64, 3, elements=NUMBERS))
def test_relative_error_equals_a_loop_and_is_symmetric(a, b):
    by_hand = max(0.0 if x == y == 0 else abs(x - y) / max(abs(x), abs(y)) for x, y in zip(a, b, strict=True))
    assert relative_error(a, b) == relative_error(b, a) == pytest.approx(by_hand)


def test_check_gradient_passes_and_fails_with_the_worst_place():
    x = np.array([[1.0, 2.0], [3.0, -4.0]])
    right = 2 * x

    def f(v):
        return (v**2).sum()

    assert check_gradient(f, x, right).passed
    wrong = right.copy()
    wrong[1, 0] *= 1.001
    check = check_gradient(f, x, wrong)
    assert not check
    assert not check.passed
    assert check.index == (1, 0)
    assert check.error == pytest.approx(1e-3, rel=1e-2)
    assert check.numeric == pytest.approx(6)
    assert check.analytic == pytest.approx(6.006)
    assert check_gradient(f, x, wrong, rtol=1e-2)


def test_check_gradient_forgives_rounding_beside_zero_only():
    def f(v):
        return 1e3 + (v**2).sum()

    assert check_gradient(f, [0.0, 1.0], [1e-12, 2.0])
    assert not check_gradient(f, [0.0, 1.0], [1e-3, 2.0])
    assert not check_gradient(f, [0.0, 1.0], [0.0, 0.0]), "a gradient of nothing but 0 must not pass"


def test_check_gradient_with_upstream_and_no_axes(rng):
    upstream = rng.normal(size=3)
    assert check_gradient(lambda v: v * np.arange(3), 2.0, (upstream * np.arange(3)).sum(), upstream)
