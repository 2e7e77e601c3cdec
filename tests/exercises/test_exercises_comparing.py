import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit.exercises.comparing import MalformedError, assembled, difference, number, parts, summary

TWO = ("loss", "dscores")
NESTED = ("loss", ("da", "dp"))
ZEROS = np.zeros((2, 3))


class Stubborn:
    """Something of another library that will not become an array."""

    def __array__(self, *_, **__):
        raise RuntimeError("call detach() first")


@pytest.mark.parametrize(
    ("value", "returns", "message"),
    [
        (None, ("loss",), "loss is None; does every path of your function end in a return?"),
        ((1.0, None), TWO, "dscores is None; does every path of your function end in a return?"),
        (None, TWO, "expected 2 values, (loss, dscores); got None; does every path of your function end in a return?"),
        (3.5, TWO, "expected 2 values, (loss, dscores); got one number"),
        (np.float32(3.5), TWO, "expected 2 values, (loss, dscores); got one number"),
        (np.array(3.5), TWO, "expected 2 values, (loss, dscores); got one number"),
        (ZEROS, TWO, "expected 2 values, (loss, dscores); got one array of shape (2, 3)"),
        ((1.0, ZEROS, ZEROS), TWO, "expected 2 values, (loss, dscores); got 3"),
        ((1.0, ZEROS, ZEROS), NESTED, "expected 2 values, (loss, (da, dp)); got 3"),
        ((1.0, ZEROS), NESTED, "expected 2 values, (da, dp); got one array of shape (2, 3)"),
        ((1.0, (ZEROS,)), NESTED, "expected 2 values, (da, dp); got 1"),
        ({"loss": 1.0}, TWO, "expected 2 values, (loss, dscores); got dict"),
        ((1.0, [[1.0], [1.0, 2.0]]), TWO, "dscores should be one array or number; got a list of 2 parts"),
        ((1.0, ZEROS), ("loss",), "loss should be one array or number; got a tuple of 2 parts"),
        ("5.27", ("loss",), "loss should be made of real numbers; got text"),
        ((1.0, np.array(["a"])), TWO, "dscores should be made of real numbers; got text"),
        (1j, ("loss",), "loss should be made of real numbers; got complex numbers"),
        ((1.0, ZEROS * 1j), TWO, "dscores should be made of real numbers; got complex numbers"),
        ({}, ("loss",), "loss should be made of real numbers; got dict"),
        ((x for x in "ab"), ("loss",), "loss should be made of real numbers; got generator"),
        ([None, 1.0], ("loss",), "loss should be made of real numbers; got a list of 2 parts"),
        (Stubborn(), ("loss",), "loss should be one array or number; got Stubborn"),
        (len, ("loss",), "loss should be made of real numbers; got builtin_function_or_method"),
    ],
)
def test_an_answer_of_the_wrong_form_is_told_what_was_expected(value, returns, message):
    with pytest.raises(MalformedError) as caught:
        parts(value, returns)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("value", [2, 2.0, True, np.float32(2), np.int8(2), np.array(2), [1, 2], ((1, 2), (3, 4))])
def test_anything_made_of_numbers_becomes_an_array_of_floats(value):
    [array] = parts(value, ("loss",)).values()
    assert array.dtype == np.float64
    np.testing.assert_array_equal(array, np.asarray(value))


@pytest.mark.parametrize("value", [(1.0, ZEROS), [1, ZEROS.tolist()]])
def test_a_list_is_as_good_as_a_tuple_or_an_array(value):
    assert parts(value, TWO)["dscores"].shape == (2, 3)


def test_assembled_is_the_inverse_of_parts():
    loss, (da, dp) = assembled(parts([1, [[2, 3], ZEROS]], NESTED), NESTED)
    assert loss == 1
    np.testing.assert_array_equal(da, [2, 3])
    np.testing.assert_array_equal(dp, ZEROS)
    assert assembled(parts(5, ("loss",)), ("loss",)) == 5


def different(expected, got, rtol=1e-6, atol=1e-8):
    return difference("dx", np.asarray(expected, float), np.asarray(got, float), rtol, atol)


def test_shape_comes_before_values():
    assert different(np.zeros((2, 3)), np.ones((3, 2))) == "shape of dx: expected (2, 3), got (3, 2)"
    assert different(5.0, [5.0]) == "shape of dx: expected (), got (1,)"
    assert different(np.zeros((2, 1)), np.zeros(2)) == "shape of dx: expected (2, 1), got (2,)"


def test_the_first_bad_entry_is_shown_and_the_others_are_counted():
    expected = np.arange(6.0).reshape(2, 3)
    got = expected.copy()
    got[0, 2] = got[1, 1] = -1
    assert different(expected, got) == "dx[0, 2]: expected 2, got -1 (2 of 6 entries differ)"
    assert different(1 / 3, 0.25) == "dx: expected 0.333333, got 0.25"
    assert different([1.0], [2.0]) == "dx[0]: expected 1, got 2 (1 of 1 entries differ)"


@pytest.mark.parametrize(
    ("expected", "got", "message"),
    [
        ([1.0, 2.0], [1.0, np.nan], "dx[1]: expected 2, got nan (1 of 2 entries differ)"),
        (np.inf, -np.inf, "dx: expected inf, got -inf"),
        (1e308, -1e308, "dx: expected 1e+308, got -1e+308"),
        (0.0, 1e-7, "dx: expected 0, got 1e-07"),
        (np.nan, np.nan, None),
        (np.inf, np.inf, None),
        (1.0, 1.0 + 1e-7, None),
        (0.0, 1e-9, None),
        (np.zeros((0, 3)), np.zeros((0, 3)), None),
    ],
)
def test_unusual_numbers_are_compared_without_a_warning(expected, got, message):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert different(expected, got) == message


@given(st.floats(-1e6, 1e6), st.floats(0, 1e-7), st.sampled_from([-1, 1]))
def test_rounding_is_forgiven_and_one_part_in_a_thousand_is_not(value, error, sign):
    assert different(value, value * (1 + sign * error)) is None
    assert different(value, value + sign * 1e-3 * (1 + abs(value))) is not None


def test_numbers_and_arguments_are_said_briefly():
    assert number(np.float64(5.266666666)) == "5.26667"
    assert summary("scores", np.zeros((2, 3))) == "scores (2, 3)"
    assert summary("margin", 0.5) == "margin 0.5"
    assert summary("loss", test_numbers_and_arguments_are_said_briefly).startswith("loss test_numbers")
    assert len(summary("words", list(range(10_000)))) < 60
    assert summary("kernels", [np.zeros((3, 3, 2, 4)), np.zeros(4)]) == "kernels [(3, 3, 2, 4), (4,)]"


@pytest.mark.parametrize(
    ("value", "text"),
    [(2_408_448, "2408448"), (np.float64(15_872.0), "15872"), (1 / 3, "0.333333"), (1e20, "1e+20"), (np.nan, "nan")],
)
def test_counts_are_written_in_full(value, text):
    assert number(value) == text
