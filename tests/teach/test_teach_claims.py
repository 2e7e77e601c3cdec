import numpy as np
import pytest

from coursekit.errors import CourseError
from coursekit.teach import forms
from coursekit.teach.claims import ClaimFailed, verify


@pytest.mark.parametrize(
    ("value", "expected", "text"),
    [
        (1.3 + 1.6, 2.9, "✓ loss: 2.9"),
        (15.8 / 3, 5.27, "✓ loss: 5.2667"),
        (np.float32(0.1353), 0.1353, "✓ loss: 0.1353"),
        (60_965_224, 60_965_224, "✓ loss: 60,965,224"),
        (943_728_500.0, 943_728_500, "✓ loss: 943,728,500"),
        (0, 0, "✓ loss: 0"),
        (True, True, "✓ loss: yes"),
        (np.bool_(False), False, "✓ loss: no"),
        ([1.0, 2.5], [1, 2.5], "✓ loss: [1, 2.5]"),
        (np.inf, np.inf, "✓ loss: inf"),
    ],
)
def test_a_claim_that_holds_is_shown(shown: list[forms.Shown], value: object, expected: object, text: str) -> None:
    assert verify("loss", value, expected) is None
    assert shown[0].text == text
    assert text.removeprefix("✓ loss: ") in shown[0].html


def test_a_long_array_is_shown_by_its_shape(shown: list[forms.Shown]) -> None:
    verify("weights", np.ones((20, 30)), np.ones((20, 30)))
    assert shown[0].text == "✓ weights: 600 values of shape (20, 30)"


def test_a_matrix_starts_on_its_own_line(shown: list[forms.Shown]) -> None:
    verify("scores", np.eye(2), np.eye(2))
    assert shown[0].text == "✓ scores:\n[[1, 0],\n [0, 1]]"


@pytest.mark.parametrize(
    ("value", "expected", "message"),
    [
        (2.04, 0.89, r"loss: computed 2\.04, but expected 0\.89 \(allowed: rtol=0\.001"),
        ([1, 2, 3.5], [1, 2, 3], r"1 of 3 values of shape \(3,\) differ; first at \(2,\): computed 3\.5"),
        ([1.0], 1.0, r"of shape \(1,\), but expected 1 of shape \(\)"),
        (np.nan, np.nan, "the computed value holds NaN"),
        ([1, 2.0], [1, np.nan], "the expected value holds NaN"),
        (1e-9, 0, "computed 1e-09, but expected 0"),
        (np.inf, 3, "computed inf"),
        (-2.9, 2.9, r"computed -2\.9"),
    ],
)
def test_a_claim_that_fails_says_both_numbers(
    shown: list[forms.Shown], value: object, expected: object, message: str
) -> None:
    with pytest.raises(ClaimFailed, match=message) as raised:
        verify("loss", value, expected)
    assert isinstance(raised.value, AssertionError)
    assert raised.value._render_traceback_() == [f"✗ {raised.value}"]  # all that a notebook shows of it
    assert not shown


def test_tolerances_are_the_caller_s(shown: list[forms.Shown]) -> None:
    verify("rounded", 0.1353, 0.13, rtol=0.05)
    verify("zero", 1e-9, 0, atol=1e-8)
    with pytest.raises(ClaimFailed):
        verify("rounded", 0.1353, 0.13)
    assert len(shown) == 2


@pytest.mark.parametrize("value", ["2.9", None, [], object()])
def test_what_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(CourseError, match=r"loss: value is no number.*\n.*fix"):
        verify("loss", value, 2.9)
