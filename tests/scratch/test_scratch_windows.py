"""Sizes and views of sliding windows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit.scratch.windows import images, output_shape, output_size, pad_images, pair, unpad_images, windows


@pytest.mark.parametrize(
    ("n", "kernel", "stride", "pad", "expected"),
    [
        (7, 3, 1, 0, 5),
        (7, 3, 2, 0, 3),
        (7, 3, 3, 0, 2),  # the slide: "doesn't fit"; one pixel is left over
        (32, 5, 1, 2, 32),
        (7, 3, 1, 1, 7),
        (227, 11, 4, 0, 55),
        (28, 5, 1, 0, 24),
        (4, 4, 9, 0, 1),
        (1, 3, 1, 1, 1),
    ],
)
def test_output_size_by_hand(n, kernel, stride, pad, expected):
    assert output_size(n, kernel, stride, pad) == expected


@given(st.integers(1, 12), st.integers(1, 5), st.integers(1, 4), st.integers(0, 3))
def test_output_size_counts_places(n, kernel, stride, pad):
    places = [start for start in range(0, n + 2 * pad, stride) if start + kernel <= n + 2 * pad]
    if places:
        assert output_size(n, kernel, stride, pad) == len(places)
    else:
        with pytest.raises(ValueError, match="do not fit"):
            output_size(n, kernel, stride, pad)


def test_too_large_a_kernel_is_told_how_much_padding_it_needs():
    with pytest.raises(ValueError, match="kernel of at most 4, or pad by 2 or more"):
        output_size(4, 7)
    assert output_size(4, 7, pad=2) == 2


def test_windows_are_views_onto_the_same_memory(rng):
    x = rng.normal(size=(2, 5, 7, 3))
    view = windows(x, (3, 2), (2, 1))
    assert view.shape == (2, 2, 6, 3, 2, 3)
    assert np.shares_memory(view, x)
    np.testing.assert_array_equal(view[1, 1, 4], x[1, 2:5, 4:6])
    assert not view.flags.writeable


def test_padding_goes_on_all_sides_and_off_again(rng):
    x = rng.normal(size=(2, 3, 4, 2)).astype(np.float32)
    padded = pad_images(x, (1, 2))
    np.testing.assert_array_equal(padded, np.pad(x, [(0, 0), (1, 1), (2, 2), (0, 0)]))
    np.testing.assert_array_equal(unpad_images(padded, (1, 2)), x)
    assert padded.dtype == np.float32
    assert pad_images(x, (0, 0)) is x


def test_one_number_stands_for_rows_and_columns():
    assert pair("stride", 2) == (2, 2)
    assert pair("stride", (2, 1)) == (2, 1)
    assert pair("stride", [np.int64(3), 1]) == (3, 1)
    assert output_shape((7, 9), (3, 2), 2, (0, 1)) == (3, 5)


WRONG = [
    (lambda: pair("stride", 0), ValueError, "stride: got 0.*1 or more"),
    (lambda: pair("pad", (1, -1), least=0), ValueError, "pad: got -1.*0 or more"),
    (lambda: pair("stride", 1.5), TypeError, "whole numbers"),
    (lambda: pair("pad", "same"), TypeError, "whole numbers"),
    (lambda: pair("kernel", (1, 2, 3)), ValueError, r"\(rows, columns\)"),
    (lambda: output_size(5, 3, stride=0), ValueError, "stride: got 0"),
    (lambda: output_size(5, 0), ValueError, "kernel: got 0"),
    (lambda: output_size(5, 3, pad=-1), ValueError, "pad: got -1"),
    (lambda: images("x", np.ones((4, 5))), ValueError, r"x\[np.newaxis, :, :, np.newaxis\]"),
    (lambda: images("x", np.ones((4, 5, 3))), ValueError, r"x\[np.newaxis\] or x\[..., np.newaxis\]"),
    (lambda: images("x", np.ones(4)), ValueError, "reshape"),
    (lambda: images("x", np.ones((0, 4, 5, 1))), ValueError, "no pixel.*at least one image"),
    (lambda: images("x", np.full((1, 2, 2, 1), np.nan)), ValueError, "is nan"),
]


@pytest.mark.parametrize(("call", "error", "says"), WRONG)
def test_wrong_input_is_refused_with_the_fix(call, error, says):
    with pytest.raises(error, match=f"(?s){says}") as caught:
        call()
    assert "\n  fix: " in str(caught.value)
