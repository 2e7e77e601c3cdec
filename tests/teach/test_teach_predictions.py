import json
from pathlib import Path

import pytest

from coursekit.errors import CourseError
from coursekit.teach import forms
from coursekit.teach.predictions import predict

CHOICES = ["it grows", "it shrinks", "it stays"]


def test_a_prediction_is_a_form_and_nothing_else(shown: list[forms.Shown], progress_path: Path) -> None:
    assert predict("l01-x", "What does `loss` do?", CHOICES) is None
    [output] = shown
    assert output.html.count('type="radio"') == 3
    assert "checked" not in output.html.partition("<script>")[0]
    assert "<code>loss</code>" in output.html
    assert output.text.splitlines()[1].strip() == "A. it grows"
    assert not progress_path.exists()


@pytest.mark.parametrize("mine", ["B", "b", " B ", 2, "2", "it shrinks"])
def test_an_answer_in_the_cell_is_recorded_and_ticked(
    shown: list[forms.Shown], progress_path: Path, mine: str | int
) -> None:
    predict("l01-x", "?", CHOICES, mine=mine)
    assert json.loads(progress_path.read_text())["predictions"]["l01-x"]["choice"] == "it shrinks"
    assert 'value="it shrinks" checked' in shown[0].html
    assert shown[0].html.count(" checked>") == 1
    assert "→ B. it shrinks" in shown[0].text


def test_the_text_of_an_answer_comes_before_its_place(shown: list[forms.Shown]) -> None:
    predict("l01-x", "How many?", [2, 1, "A"], mine=1)
    predict("l01-x", "How many?", [2, 1, "A"], mine="A")
    assert [output.text.count("→ B. 1") for output in shown] == [1, 0]
    assert "→ C. A" in shown[1].text


@pytest.mark.parametrize("mine", ["D", 0, 4, "", "it grow"])
def test_an_answer_that_is_none_of_them_is_refused(
    shown: list[forms.Shown], progress_path: Path, mine: str | int
) -> None:
    with pytest.raises(CourseError, match=r"A, B, C.*place from 1 to 3"):
        predict("l01-x", "?", CHOICES, mine=mine)
    assert not shown
    assert not progress_path.exists()


@pytest.mark.parametrize(
    ("id", "choices", "message"),
    [
        ("l01-x", ["one"], "at least two"),
        ("l01-x", [], "at least two"),
        ("l01-x", "AB", "at least two"),
        ("l01-x", ["a", "a"], "not distinct"),
        ("l01-x", list(range(27)), "more than 26"),
        ("L01 x", ["a", "b"], "no prediction id"),
    ],
)
def test_a_malformed_prediction_is_refused(id: str, choices: list[object], message: str) -> None:
    with pytest.raises(CourseError, match=message):
        predict(id, "?", choices)


def test_the_same_cell_gives_the_same_output(shown: list[forms.Shown]) -> None:
    predict("l01-x", "?", CHOICES)
    predict("l01-x", "?", CHOICES)
    assert shown[0] == shown[1]
    assert " id=" not in shown[0].html  # two on one page cannot collide
