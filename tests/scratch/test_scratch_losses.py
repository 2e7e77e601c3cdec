"""Losses against the worked example, slow loops, outside libraries and finite differences."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import log_softmax
from scipy.special import softmax as scipy_softmax
from sklearn.metrics import log_loss

from coursekit.scratch.gradients import check_gradient
from coursekit.scratch.losses import (
    hinge_loss,
    l1_penalty,
    l2_penalty,
    softmax,
    softmax_loss,
    triplet_loss,
)

SCORES = np.array([[3.2, 5.1, -1.7], [1.3, 4.9, 2.0], [2.2, 2.5, -3.1]])
LABELS = np.array([0, 1, 2])
FLOATS = (np.float32, np.float64)


@st.composite
def scored_batches(draw):
    """Draw scores (n, classes), never only square, and labels that fit."""
    n, classes = draw(st.integers(1, 6)), draw(st.integers(2, 7))
    scores = draw(arrays(np.float64, (n, classes), elements=st.floats(-50, 50)))
    labels = draw(arrays(np.int64, (n,), elements=st.integers(0, classes - 1)))
    return scores, labels


def hinge_by_loops(scores, labels, margin):
    total, dscores = 0.0, np.zeros_like(scores)
    for i, y in enumerate(labels):
        for j in range(scores.shape[1]):
            term = scores[i, j] - scores[i, y] + margin
            if j != y and term > 0:
                total += term
                dscores[i, j] += 1
                dscores[i, y] -= 1
    return total / len(labels), dscores / len(labels)


def triplet_by_loops(anchor, positive, negative, margin):
    total = 0.0
    for a, p, n in zip(anchor, positive, negative, strict=True):
        near = sum((x - y) ** 2 for x, y in zip(a, p, strict=True))
        far = sum((x - y) ** 2 for x, y in zip(a, n, strict=True))
        total += max(0.0, near - far + margin)
    return total / len(anchor)


# The worked example of lecture 01


@pytest.mark.parametrize(("image", "loss"), [(0, 2.9), (1, 0.0), (2, 12.9)])
def test_hinge_of_each_image(image, loss):
    one = slice(image, image + 1)
    assert hinge_loss(SCORES[one], LABELS[one])[0] == pytest.approx(loss)


def test_hinge_of_the_batch():
    loss, dscores = hinge_loss(SCORES, LABELS)
    assert loss == pytest.approx(5.2667, abs=5e-5)
    np.testing.assert_allclose(dscores * 3, [[-1, 1, 0], [0, 0, 0], [1, 1, -2]])
    assert not np.signbit(dscores[1]).any(), "a satisfied example must not show -0."


def test_softmax_of_the_first_image():
    unnormalised = np.exp(SCORES[0])
    np.testing.assert_allclose(unnormalised, [24.5, 164.0, 0.18], rtol=0.02)
    p = softmax(SCORES[:1])[0]
    np.testing.assert_allclose(p, unnormalised / unnormalised.sum())
    loss, _ = softmax_loss(SCORES[:1], LABELS[:1])
    assert round(p[0], 2) == 0.13
    assert round(float(loss), 2) == 2.04
    assert round(float(loss) / math.log(10), 2) == 0.89  # the slide's value


# Against loops, libraries and finite differences


@given(scored_batches(), st.sampled_from([0.0, 0.5, 1.0, 7.25]))
def test_hinge_equals_loops(batch, margin):
    scores, labels = batch
    expected, dexpected = hinge_by_loops(scores, labels, margin)
    loss, dscores = hinge_loss(scores, labels, margin)
    np.testing.assert_allclose(loss, expected, atol=1e-12)
    np.testing.assert_allclose(dscores, dexpected, atol=1e-12)


@given(scored_batches())
def test_softmax_loss_equals_scipy(batch):
    scores, labels = batch
    loss, _ = softmax_loss(scores, labels)
    rows = np.arange(len(labels))
    np.testing.assert_allclose(loss, -log_softmax(scores, axis=1)[rows, labels].mean(), atol=1e-12)
    np.testing.assert_allclose(softmax(scores), scipy_softmax(scores, axis=1), atol=1e-12)


def test_softmax_loss_equals_sklearn(rng):
    scores, labels = rng.normal(size=(9, 4)), rng.integers(0, 4, 9)
    loss, _ = softmax_loss(scores, labels)
    assert loss == pytest.approx(log_loss(labels, softmax(scores), labels=range(4)))


@pytest.mark.parametrize("loss", [hinge_loss, softmax_loss])
def test_gradient_with_respect_to_scores(loss, rng):
    scores, labels = rng.normal(scale=3, size=(5, 4)), np.array([3, 0, 0, 2, 1])
    assert check_gradient(lambda s: loss(s, labels)[0], scores, loss(scores, labels)[1])


@pytest.mark.parametrize("which", [0, 1, 2])
def test_gradient_of_triplets(which, rng):
    triplets = [rng.normal(size=(6, 3)) for _ in range(3)]
    loss, gradients = triplet_loss(*triplets)
    assert loss == pytest.approx(triplet_by_loops(*triplets, 0.2))

    def f(x):
        return triplet_loss(*triplets[:which], x, *triplets[which + 1 :])[0]

    assert check_gradient(f, triplets[which], gradients[which])


@pytest.mark.parametrize("penalty", [l2_penalty, l1_penalty])
def test_gradient_of_penalties(penalty, rng):
    weights = rng.normal(size=(2, 3, 2)) + 0.1
    assert check_gradient(lambda w: penalty(w, 0.3)[0], weights, penalty(weights, 0.3)[1])


def test_penalties_by_hand():
    weights = np.array([[1.0, -2.0], [0.0, 3.0]])
    assert l2_penalty(weights, 0.5)[0] == 7
    assert l1_penalty(weights, 0.5)[0] == 3
    np.testing.assert_array_equal(l2_penalty(weights, 0.5)[1], weights)
    np.testing.assert_array_equal(l1_penalty(weights, 0.5)[1], [[0.5, -0.5], [0, 0.5]])


# Corners and extremes


def test_hinge_at_exactly_zero_has_subgradient_zero():
    loss, dscores = hinge_loss([[2.0, 1.0]], [0], margin=1.0)
    assert loss == 0
    np.testing.assert_array_equal(dscores, [[0, 0]])


def test_triplets_satisfied_and_identical():
    here, far = np.zeros((1, 2)), np.full((1, 2), 5.0)
    loss, gradients = triplet_loss(here, here, far)
    assert loss == 0
    assert all((g == 0).all() for g in gradients)
    assert triplet_loss(here, here, here, margin=0.3)[0] == pytest.approx(0.3)
    # |a - n|² is exactly the margin: nothing to spare, gradient 0.
    _, gradients = triplet_loss(here, here, [[1.0, 0.0]], margin=1.0)
    assert all((g == 0).all() for g in gradients)


@given(scored_batches(), st.floats(-1e3, 1e3))
def test_softmax_does_not_change_when_scores_shift(batch, shift):
    scores, labels = batch
    np.testing.assert_allclose(softmax(scores + shift), softmax(scores), atol=1e-9)
    np.testing.assert_allclose(softmax(scores).sum(axis=1), 1)
    np.testing.assert_allclose(softmax_loss(scores + shift, labels)[0], softmax_loss(scores, labels)[0], atol=1e-9)


@pytest.mark.parametrize("dtype", FLOATS)
def test_softmax_of_huge_scores_stays_finite(dtype):
    scores = np.array([[1e4, -1e4, 0], [-1e4, -1e4, -1e4]], dtype)
    np.testing.assert_allclose(softmax(scores), [[1, 0, 0], [1 / 3] * 3], rtol=1e-6)
    loss, dscores = softmax_loss(scores, [1, 0])
    assert loss == pytest.approx((2e4 + math.log(3)) / 2)
    assert np.isfinite(dscores).all()


# Types, and inputs left alone


@pytest.mark.parametrize("dtype", FLOATS)
def test_float_type_is_kept(dtype, rng):
    x, y = rng.normal(size=(4, 3)).astype(dtype), np.array([0, 2, 1, 1], np.uint8)
    numpy_scalar = np.float64(0.5)  # which would turn float32 arrays into float64
    results = [
        softmax(x),
        *hinge_loss(x, y, numpy_scalar),
        *softmax_loss(x, y),
        triplet_loss(x, x + 1, x - 1, numpy_scalar)[0],
        *triplet_loss(x, x + 1, x - 1, numpy_scalar)[1],
        *l2_penalty(x, numpy_scalar),
        *l1_penalty(x, numpy_scalar),
    ]
    assert {r.dtype for r in results} == {np.dtype(dtype)}


def test_integers_and_lists_are_computed_in_float64():
    loss, dscores = hinge_loss([[1, 3], [5, 2]], [0, 1])
    assert loss == 3.5
    assert dscores.dtype == np.float64
    assert l2_penalty(np.array([3, 4]), 1)[0].dtype == np.float64
    assert softmax(np.array([[0, 0]], np.float16)).dtype == np.float64


def test_inputs_are_not_modified(rng):
    x, y = rng.normal(size=(4, 3)), np.array([0, 2, 1, 1])
    inputs = [x, x + 0.1, x - 0.1, y]
    for array in inputs:
        array.flags.writeable = False
    hinge_loss(x, y), softmax_loss(x, y), triplet_loss(*inputs[:3]), l1_penalty(x, 1)
    for result in (softmax(x), l2_penalty(x, 1)[1], triplet_loss(*inputs[:3])[1][0]):
        assert not np.shares_memory(result, x)


# Wrong input is refused with the fix

ONE_HOT = np.eye(3)[LABELS]
WRONG = [
    (lambda: hinge_loss(SCORES[0], 0), ValueError, r"scores\[np.newaxis\]"),
    (lambda: hinge_loss(SCORES[None], LABELS), ValueError, r"reshape\(len\(scores\), -1\)"),
    (lambda: softmax_loss(SCORES, ONE_HOT), ValueError, r"onehot.argmax\(axis=1\)"),
    (lambda: softmax_loss(SCORES, LABELS[:, None]), ValueError, r"labels.reshape\(-1\)"),
    (lambda: hinge_loss(SCORES, [0, 1, 3]), ValueError, r"labels\[2\] is 3.*0 to 2"),
    (lambda: hinge_loss(SCORES, [0, -1, 2]), ValueError, r"labels\[1\] is -1"),
    (lambda: hinge_loss(SCORES, [0, 1]), ValueError, "expected 3.*got 2"),
    (lambda: hinge_loss(SCORES, [0.0, 1.0, 2.0]), TypeError, r"labels.astype\(int\)"),
    (lambda: hinge_loss(SCORES, [True, False, True]), TypeError, "integers"),
    (lambda: softmax(np.array([[1, np.nan]])), ValueError, r"at \[0, 1\] is nan"),
    (lambda: softmax_loss([[1, -np.inf]], [0]), ValueError, "is -inf"),
    (lambda: softmax([["a", "b"]]), TypeError, "real numbers"),
    (lambda: softmax(np.array([[1j, 0]])), TypeError, "real numbers"),
    (lambda: softmax_loss(np.empty((0, 3)), np.empty(0, int)), ValueError, "at least one"),
    (lambda: softmax(np.empty((3, 0))), ValueError, "at least one"),
    (lambda: hinge_loss(SCORES, LABELS, margin=-1), ValueError, "margin: got -1"),
    (lambda: triplet_loss(SCORES, SCORES, SCORES, margin=-0.1), ValueError, "margin"),
    (lambda: triplet_loss(SCORES, SCORES[:2], SCORES), ValueError, "one shape"),
    (lambda: triplet_loss(SCORES[0], SCORES[0], SCORES[0]), ValueError, "anchor.*newaxis"),
    (lambda: l2_penalty(SCORES, -1e-3), ValueError, "strength: got -0.001"),
    (lambda: l1_penalty(SCORES, np.nan), ValueError, "strength: got nan"),
    (lambda: l1_penalty([np.inf], 1), ValueError, "weights.*inf"),
]


@pytest.mark.parametrize(("call", "error", "says"), WRONG)
def test_wrong_input_is_refused_with_the_fix(call, error, says):
    with pytest.raises(error, match=f"(?s){says}") as caught:
        call()
    assert "\n  fix: " in str(caught.value)
