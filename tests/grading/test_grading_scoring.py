"""nbgrader's rules without nbgrader: the same points on whatever a cell left, and no stop where nbgrader stops."""

import copy
import subprocess
import sys

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from nbformat import from_dict, v4
from nbgrader.utils import compute_checksum, determine_grade

from coursekit.grading import scoring
from coursekit.grading.outputs import error_output

MOST = 3.0
STREAM = {"output_type": "stream", "name": "stdout", "text": "hello"}
NOISE = {"output_type": "stream", "name": "stderr", "text": "beware"}
SHOWN = {"output_type": "display_data", "data": {"text/plain": "1"}, "metadata": {}}


def result(text):
    return {"output_type": "execute_result", "data": {"text/plain": text}, "metadata": {}, "execution_count": 1}


def cell(outputs, points=MOST, **settings):
    settings = {"grade": True, "solution": False, "locked": True, "grade_id": "t", "points": points, **settings}
    return v4.new_code_cell(outputs=from_dict(copy.deepcopy(outputs)), metadata=from_dict({"nbgrader": settings}))


def theirs(outputs, points=MOST):
    return determine_grade(cell(outputs, points))[0]


OUTPUTS = st.sampled_from(
    [STREAM, SHOWN, error_output("E", "v")]
    + [result(text) for text in ("0", "1.5", "3", "3.0", "-1", "nan", "-0.0", "1e-3", "'2'", "None", "Report", " 2 ")]
    + [result(text) for text in (["1"], ["1", "2"], ["x"], "4", "inf", "1e400", "", [], "1_0", "٣")]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(OUTPUTS, max_size=4), st.sampled_from([0.0, 1.0, 2.0, 3.0]))
def test_the_points_are_nbgraders(outputs, most):
    try:
        expected = theirs(outputs, most)
    except (ValueError, KeyError, IndexError):
        assume(False)
    assert scoring.points(outputs, most) == expected


@settings(max_examples=300, deadline=None)
@given(st.lists(OUTPUTS, max_size=4), st.sampled_from([0.0, 1.0, 3.0]))
def test_nbgrader_takes_what_was_made_plain_and_gives_the_same(outputs, most):
    before = copy.deepcopy(outputs)
    plain = scoring.plain(outputs, most)
    assert theirs(plain, most) == scoring.points(outputs, most) == scoring.points(plain, most)
    assert outputs == before


def test_noise_costs_nothing():
    assert theirs([NOISE]) == 0
    assert scoring.points([NOISE], MOST) == MOST
    assert scoring.points([NOISE, result("1")], MOST) == 1
    assert scoring.points([NOISE, error_output("E", "v")], MOST) == 0


@pytest.mark.parametrize("text", ["7", "inf", ""])
def test_a_value_that_stops_nbgrader_is_passed_over(text):
    with pytest.raises((ValueError, KeyError)):
        theirs([result(text)])
    assert scoring.points([result(text)], MOST) == MOST
    without = {**result(""), "data": {"text/html": "<b>"}}
    assert scoring.points([without], MOST) == theirs(scoring.plain([without], MOST)) == MOST


def test_a_value_can_be_set_or_made_no_value():
    for number in (0.0, 0.5, 2.0, 1 / 3):
        assert theirs([scoring.value(number), error_output("E", "v")]) == number
    assert theirs(scoring.displayed([result("1"), STREAM])) == MOST
    assert scoring.displayed([STREAM, SHOWN]) == [STREAM, SHOWN]


SETTINGS = st.fixed_dictionaries(
    {
        "grade": st.booleans(),
        "solution": st.booleans(),
        "locked": st.booleans(),
        "grade_id": st.text(min_size=1, max_size=5),
        "points": st.sampled_from([0, 1, 2.5]),
    }
)


@given(SETTINGS, st.text(max_size=20), st.sampled_from(["code", "markdown"]))
def test_an_unchanged_answer_is_known_by_nbgraders_checksum(flags, source, kind):
    made = getattr(v4, f"new_{kind}_cell")(source, metadata=from_dict({"nbgrader": flags}))
    assert not scoring.unanswered(made)
    made.metadata.nbgrader.checksum = compute_checksum(made)
    assert scoring.unanswered(made)
    made.source += "x"
    assert not scoring.unanswered(made)


def test_a_worker_grades_without_nbgrader():
    program = "import sys, coursekit.grading.runner; assert not [m for m in sys.modules if m.startswith('nbgrader')]"
    subprocess.run([sys.executable, "-c", program], check=True)
