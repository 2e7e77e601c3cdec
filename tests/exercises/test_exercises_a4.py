"""What the enumeration cannot see of a4: the library agrees, slopes are slopes, and mistakes that are not listed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursekit import exercises
from coursekit.exercises import caller, examine
from coursekit.exercises.a4_pooling import meters
from coursekit.exercises.sources import as_answer
from coursekit.scratch import convolution, pooling
from coursekit.scratch.gradients import numeric_gradient

A4 = {each.name: each for each in exercises.assignment("a4").exercises}
RIGHT = {name: each.reference for name, each in A4.items()}
POOLS = ("max_pool", "max_pool_backward", "average_pool", "l2_pool")

pools = st.tuples(*(st.integers(1, most) for most in (3, 9, 9, 3, 5, 5, 4, 4)), st.integers(0, 10**6)).filter(
    lambda s: s[4] <= s[1] and s[5] <= s[2]
)


def rewritten(exercise, *changes):
    """The reference with parts of its source replaced; each must occur."""
    source = as_answer(exercise.reference, exercise.name)
    for before, after in changes:
        assert before in source
        source = source.replace(before, after)
    namespace = {"np": np}
    exec(source, namespace)
    return namespace[exercise.name]


def look(name, function, seed=0):
    return examine(A4[name], caller(function), seed)


@settings(deadline=None, max_examples=80)
@given(pools, st.booleans())
def test_pools_and_their_gradients_agree_with_scratch(sizes, after_relu):
    n, h, w, channels, kh, kw, down, right, seed = sizes
    x = np.random.default_rng(seed).normal(0, 1, (n, h, w, channels))
    x = np.maximum(x, 0) if after_relu else x  # zeros tie, and whole windows of them come up
    size, stride = (kh, kw), (down, right)
    for kind in ("max", "average", "l2"):
        out, cache = pooling.pool2d(x, size, stride, kind)
        dout = np.cos(np.arange(out.size)).reshape(out.shape)
        dx = pooling.pool2d_backward(dout, cache)
        if kind == "max":
            mine = RIGHT["max_pool"](x, size, stride), RIGHT["max_pool_backward"](dout, x, size, stride)
        else:
            mine = RIGHT[f"{kind}_pool"](x, dout, size, stride)
        np.testing.assert_allclose(mine[0], out, atol=1e-12)
        np.testing.assert_allclose(mine[1], dx, atol=1e-12)
    assert len(RIGHT["windows_per_pixel"](h, kh, down)) == h


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 11), st.integers(1, 11), st.integers(1, 3), st.integers(0, 10**6))
def test_quadrants_of_any_size_agree_with_scratch_and_are_two_by_two_regions(h, w, channels, seed):
    x = np.random.default_rng(seed).normal(0, 1, (2, h, w, channels))
    quadrants = RIGHT["quadrant_pool"](x)
    np.testing.assert_array_equal(quadrants, pooling.quadrant_pool(x))
    np.testing.assert_array_equal(quadrants, RIGHT["adaptive_pool"](x, (2, 2)))


@pytest.mark.parametrize(("n", "k"), [(8, 3), (7, 3), (5, 4), (3, 5), (12, 4), (1, 2), (10, 7)])
def test_regions_hold_every_pixel_that_they_touch_and_no_other(n, k):
    wanted = [[p for p in range(n) if p * k < (i + 1) * n and i * n < (p + 1) * k] for i in range(k)]
    rising = np.arange(float(n)).reshape(1, 1, n, 1)
    last = RIGHT["adaptive_pool"](rising, (1, k)).ravel()
    first = -RIGHT["adaptive_pool"](-rising, (1, k)).ravel()
    assert [(region[0], region[-1]) for region in wanted] == list(zip(first, last, strict=True))
    assert sorted({p for region in wanted for p in region}) == list(range(n))


@pytest.mark.parametrize(("size", "stride"), [((3, 2), (1, 2)), ((2, 3), (2, 1)), ((2, 2), (3, 2))])
def test_the_gradients_are_slopes(size, stride):
    x = np.random.default_rng(5).normal(0, 1, (2, 7, 6, 2))
    out = RIGHT["max_pool"](x, size, stride)
    dout = np.random.default_rng(6).normal(0, 1, out.shape)
    routed = numeric_gradient(lambda a: RIGHT["max_pool"](a, size, stride), x, dout)
    np.testing.assert_allclose(RIGHT["max_pool_backward"](dout, x, size, stride), routed, atol=1e-7)
    for name in ("average_pool", "l2_pool"):
        shared = numeric_gradient(lambda a, f=RIGHT[name]: f(a, dout, size, stride)[0], x, dout)
        np.testing.assert_allclose(RIGHT[name](x, dout, size, stride)[1], shared, atol=1e-7)


def test_overlap_is_what_average_pooling_hands_back():
    counts = np.multiply.outer(RIGHT["windows_per_pixel"](7, 3, 2), RIGHT["windows_per_pixel"](9, 4, 3))
    x = np.zeros((1, 7, 9, 1))
    dx = RIGHT["average_pool"](x, np.ones((1, 3, 2, 1)), (3, 4), (2, 3))[1]
    np.testing.assert_allclose(dx[0, :, :, 0], counts / 12)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [  # the holes of known checkers: increasing, tie-free, non-overlapping, divisible, square inputs
        ("max_pool", "takes_the_bottom_right"),
        ("max_pool", "rounds_up"),
        ("max_pool", "takes_the_height_for_both_axes"),
        ("max_pool", "starts_from_zero"),
        ("max_pool_backward", "pays_the_bottom_right"),
        ("max_pool_backward", "overwrites"),
        ("max_pool_backward", "pays_every_tie"),
        ("l2_pool", "takes_the_mean_of_squares"),
        ("average_pool", "overwrites_dx"),
    ],
)
def test_holes_of_other_courses_are_closed_by_the_named_cases(name, wrong):
    (function,) = [m.function for m in A4[name].misconceptions if m.function.__name__ == wrong]
    failed = {failure.trial for failure in look(name, function).failures}
    assert failed & {case.name for case in A4[name].cases}


def test_cases_have_no_ties_but_where_they_say_so():
    for case in A4["max_pool"].cases:
        assert np.unique(case.arguments[0]).size == case.arguments[0].size
    ties = {
        case.name
        for case in A4["max_pool_backward"].cases
        if np.unique(case.arguments[1]).size != case.arguments[1].size
    }
    assert ties == {"after a ReLU: windows of zeros", "equal maxima"}


def test_after_a_relu_some_windows_are_zeros_and_some_are_not():
    (arguments,) = [c.arguments for c in A4["max_pool_backward"].cases if c.name.startswith("after a ReLU")]
    share = (RIGHT["max_pool"](*arguments[1:]) == 0).mean()
    assert 0.2 < share < 0.8


def test_a_window_of_zeros_hands_on_nothing_in_l2_pooling_and_everything_in_max_pooling():
    zeros, dout = np.zeros((1, 2, 2, 1)), np.ones((1, 1, 1, 1))
    assert RIGHT["max_pool_backward"](dout, zeros, (2, 2), (2, 2)).ravel().tolist() == [1, 0, 0, 0]
    assert RIGHT["l2_pool"](zeros, dout, (2, 2), (2, 2))[1].ravel().tolist() == [0, 0, 0, 0]


def test_meters_read_what_is_known():
    x = meters.pictures(0, (2, 12, 14, 1))
    kernel = np.random.default_rng(0).normal(0, 1, (3, 3, 1, 4))
    shifts = [(1, 2), (-2, 1)]
    gaps = RIGHT["equivariance_meter"](lambda a: convolution.conv2d(a, kernel)[0], x, shifts, 2)
    np.testing.assert_allclose(gaps, 0, atol=1e-12)
    np.testing.assert_allclose(RIGHT["invariance_meter"](lambda a: a.max(axis=(1, 2)), x, shifts), 0)
    # Two images that share no pixel, moved onto each other's place: the gap is the diagonal of a square.
    one = np.zeros((1, 1, 4, 1))
    one[0, 0, 1, 0] = 3
    np.testing.assert_allclose(RIGHT["invariance_meter"](lambda a: a, one, [(0, 1), (0, 4)]), [2**0.5, 0])


@pytest.mark.parametrize("name", POOLS)
def test_single_precision_is_a_matter_of_taste(name):
    def in_single(*arguments):
        single = (a.astype(np.float32) if isinstance(a, np.ndarray) else a for a in arguments)
        value = RIGHT[name](*single)
        return tuple(np.asarray(part, np.float32) for part in value) if isinstance(value, tuple) else np.float32(value)

    assert all(look(name, in_single, seed).failures == () for seed in range(10))


@pytest.mark.parametrize(
    ("name", "change", "hint"),
    [
        ("max_pool", (".max(axis=(1, 2))", ".max(axis=(1, 2)) + x.mean()"), "a window spans rows and columns only"),
        ("max_pool", (".max(axis=(1, 2))", ".max(axis=(1, 2)) * 2"), "something that is no pixel takes part"),
        ("max_pool", (".max(axis=(1, 2))", ".min(axis=(1, 2))"), "compute out[0, 0, 1, 0] by hand"),
        ("windows_per_pixel", ("+= 1", "+= 2"), "each window that fits wholly on the axis adds 1"),
        ("max_pool_backward", ("+= dout", "+= 2 * dout"), "each output hands all of its slope to one pixel"),
        ("max_pool_backward", ("argmax", "argmin"), "set dout to 0 but for a single 1"),
        ("average_pool", ("+= share", "+= share + x.mean()"), "an average has the same slope for bright and dark"),
        ("average_pool", ("+= share", "+= 2 * share"), "both sums are pixel"),
        ("l2_pool", ("* window /", "* window**3 /"), "out is a length"),
        ("quadrant_pool", ("slice(h // 2, h)", "slice(h // 2 + 1, h)"), "no half is better than the other"),
        ("adaptive_pool", ("slice(i * h // regions[0]", "slice(-(-i * h // regions[0])"), "rounding the start down"),
        ("adaptive_pool", ("max(axis", "min(axis"), "write down where the 3 regions of 8 pixels begin"),
        ("invariance_meter", ("moved - rest", "moved - 2 * rest"), "compare f of the moved images with f of the"),
        ("equivariance_meter", ("left - right", "left - 2 * right"), "both sides are maps of the moved image"),
        (
            "equivariance_meter",
            ("np.sum(right ** 2)", "(1 + np.sum(right ** 2))"),
            "divide the length of the difference",
        ),
    ],
)
def test_an_unlisted_mistake_gets_the_hint_of_what_it_breaks(name, change, hint):
    for seed in range(3):
        found = look(name, rewritten(A4[name], change), seed)
        assert found.status == "failed"
        assert found.misconception == ""
        assert found.hint.startswith(hint)


def test_random_pools_overlap_leave_pixels_over_and_are_not_square():
    for seed in range(10):
        for name in ("max_pool", "average_pool", "l2_pool"):
            for x, *_, size, stride in A4[name].trials(seed)[-1].calls:
                assert x.shape[1] != x.shape[2]
                assert size[0] != size[1]
                assert any((x.shape[1 + a] - size[a]) % stride[a] for a in (0, 1))
                assert any(size[a] > stride[a] for a in (0, 1))
