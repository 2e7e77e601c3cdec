from collections.abc import Callable
from pathlib import Path

import pytest

from coursekit.errors import CourseError
from coursekit.teach import forms, quiz_files, quizzes

Write = Callable[[str, str], None]

CHOICE = """
title = "T"
[[question]]
id = "q"
kind = "choice"
text = "?"
options = [{ text = "a", correct = true, note = "yes" }, { text = "b", note = "no" }]
"""
NUMBER = """
title = "T"
[[question]]
id = "q"
kind = "number"
text = "?"
answer = 2.0
tolerance = 0.1
note = "yes"
compute = "1 + 1"
"""


def test_every_key_of_the_course_is_what_its_computation_gives() -> None:
    broken = [problem for id in quizzes.ids() for problem in quizzes.broken_keys(quizzes.load(id))]
    assert not broken, "\n".join(map(str, broken))


def test_a_quiz_is_read_as_written(losses_quiz: str) -> None:
    quiz = quizzes.load(losses_quiz)
    choice, number = quiz.questions
    assert quizzes.ids() == ["losses"]
    assert (quiz.id, quiz.title) == ("losses", "Losses by hand")
    assert choice.right.text == "5.27"
    assert [option.value for option in choice.options] == [15.8, 5.27, 6.27]
    assert (number.answer, number.tolerance) == (2.04, 0.01)
    assert number.misconceptions[0].answer == 0.89
    assert quizzes.broken_keys(quiz) == []


def test_an_unknown_id_gets_the_nearest_name(losses_quiz: str) -> None:
    with pytest.raises(CourseError, match="did you mean losses") as raised:
        quizzes.quiz("loses")
    assert "no quiz 'loses'" in str(raised.value)


@pytest.mark.parametrize("id", ["../losses", "", "L01", "a b"])
def test_an_id_that_is_no_name_is_refused(losses_quiz: str, id: str) -> None:
    with pytest.raises(CourseError, match="is no quiz id"):
        quizzes.load(id)


@pytest.mark.parametrize(
    ("text", "old", "new", "message"),
    [
        (CHOICE, 'title = "T"', "title = T", r"quizzes/q1\.toml is not TOML.*line 2"),
        (CHOICE, 'title = "T"', "", "title is missing"),
        (CHOICE, "[[question]]", "[[questions]]", "question is missing"),
        (CHOICE, '"choice"', '"many"', "kind is 'many'"),
        (CHOICE, ", correct = true", "", r"question 'q': no option\(s\) marked correct"),
        (CHOICE, 'note = "no"', 'correct = true, note = "no"', "2 option.* marked correct"),
        (CHOICE, ', note = "no"', "", "question 'q', options 2: note is missing"),
        (CHOICE, 'note = "no"', 'note = " "', "note is missing"),
        (CHOICE, 'text = "b"', 'text = "a"', "two options read the same"),
        (CHOICE, 'note = "no"', 'note = "no", nota = ""', "did you mean 'note'"),
        (CHOICE, ', { text = "b", note = "no" }', "", "list of 2 or more"),
        (CHOICE, 'id = "q"', 'id = "Q 1"', "no question id"),
        (NUMBER, "answer = 2.0", 'answer = "2"', "answer is missing or wrong"),
        (NUMBER, "answer = 2.0", "answer = nan", "answer is missing or wrong"),
        (NUMBER, "tolerance = 0.1", "", "tolerance is missing"),
        (NUMBER, "tolerance = 0.1", "tolerance = -0.1", "tolerance is negative"),
        (NUMBER, 'note = "yes"', "", "note is missing"),
        (NUMBER, 'compute = "1 + 1"', "", "compute is missing"),
        (
            NUMBER,
            'note = "yes"',
            'note = "yes"\nmisconceptions = [{ answer = 2.05, note = "n" }]',
            "counts as right",
        ),
    ],
)
def test_a_malformed_quiz_is_told_where(write_quiz: Write, text: str, old: str, new: str, message: str) -> None:
    assert old in text
    write_quiz("q1", text)
    quizzes.load("q1")  # as it stands it is fine
    write_quiz("q1", text.replace(old, new, 1))
    with pytest.raises(CourseError, match=message):
        quizzes.load("q1")


def test_two_questions_of_one_id_are_refused(write_quiz: Write) -> None:
    write_quiz("q1", CHOICE + CHOICE.replace('title = "T"', ""))
    with pytest.raises(CourseError, match="two questions 'q'"):
        quizzes.load("q1")


def with_values(compute: str) -> str:
    valued = CHOICE.replace('"a",', '"a", value = 3,').replace('"b",', '"b", value = 4,')
    return f'{valued}compute = "{compute}"\n'


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (NUMBER, None),
        (NUMBER.replace("1 + 1", "np.float32(2.05)"), None),
        (NUMBER.replace("1 + 1", "2.2"), "compute gives 2.2"),
        (NUMBER.replace("1 + 1", "float('nan')"), "compute gives nan"),
        (NUMBER.replace("1 + 1", "nope"), "NameError"),
        (NUMBER.replace("1 + 1", "[1, 2]"), "TypeError"),
        (CHOICE + 'compute = "ck.__version__ != ()"\n', None),
        (CHOICE + 'compute = "np.all([True])"\n', None),
        (CHOICE + 'compute = "1"\n', "not True"),
        (with_values("np.array([1, 2]).sum()"), None),
        (with_values("4"), "the key is 3, compute gives 4"),
        (with_values("3.5"), "compute gives 3.5"),
        (with_values("3").replace("value = 4", "value = 3.001"), "also gives the wrong option 'b'"),
    ],
)
def test_a_key_that_drifted_is_found(write_quiz: Write, text: str, problem: str | None) -> None:
    write_quiz("q1", text)
    found = quizzes.broken_keys(quizzes.load("q1"))
    if problem is None:
        assert found == []
    else:
        assert len(found) == 1
        assert problem in str(found[0])
        assert str(found[0]).startswith("q1, question 'q': ")


def test_a_quiz_shows_every_question_and_note(losses_quiz: str, shown: list[forms.Shown]) -> None:
    quizzes.quiz(losses_quiz)
    [output] = shown
    assert output.html.count("<form ") == 2
    assert output.html.count('type="radio"') == 3
    assert output.html.count('type="number"') == 1
    assert output.html.count(" data-right") == 2
    assert "<strong>mean</strong>" in output.html
    assert "<code>losses</code>" in output.html
    for note in ("That is the sum.", "15.8 / 3.", "That counts the correct class.", "That is log10."):
        assert note in output.html
    assert "B. 5.27" in output.text
    assert "15.8 / 3." not in output.text  # the plain text gives nothing away


def test_text_of_a_quiz_cannot_become_markup(write_quiz: Write, shown: list[forms.Shown]) -> None:
    evil = "<script>alert(1)</script>"
    text = CHOICE.replace('"?"', f'"{evil}"').replace('"b"', f"'\"{evil}'").replace('"no"', f'"{evil}"')
    write_quiz("q1", text.replace('"T"', f'"{evil}"'))
    quizzes.quiz("q1")
    assert "<script>alert" not in shown[0].html
    assert shown[0].html.count("<script>") == 1


def test_an_installed_package_brings_its_quizzes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere() -> Path:
        raise CourseError("no course", fix="none")

    (tmp_path / "quizzes").mkdir()
    (tmp_path / "quizzes" / "packed.toml").write_text(NUMBER, encoding="utf-8")
    monkeypatch.setattr(quiz_files, "course_root", nowhere)
    monkeypatch.setattr(quiz_files, "files", lambda _: tmp_path)
    assert quizzes.ids() == ["packed"]
    assert quizzes.load("packed").title == "T"
