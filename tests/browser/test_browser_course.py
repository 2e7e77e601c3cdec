"""Lecture 01 and assignment a1 in a real JupyterLab: run to the end, answered, solved, and legible in both themes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from coursekit import exercises
from coursekit.exercises.sources import as_answer
from coursekit.scratch import losses
from coursekit.teach import quizzes
from coursekit.teach.quiz_files import ChoiceQuestion, Question

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Contrast = Callable[[Any, str], tuple[float, str]]


def outputs_are_sound(page: Any) -> None:
    """No errors, nothing on stderr, and every picture is there with words for it."""
    assert [output.text for output in page.all(page.errors)] == []
    pictures = page.js(
        "return [...document.querySelectorAll('.jp-OutputArea-output img')].map(i => [i.alt, i.naturalWidth])"
    )
    assert pictures
    assert all(len(alt) >= 20 and width > 0 for alt, width in pictures)


def outputs_read_well(page: Any, worst_contrast: Contrast) -> None:
    """Text stands out in both themes, and nothing sticks out of a narrow window."""
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        page.use_theme(theme)
        ratio, element = worst_contrast(page.window, ".jp-RenderedHTML *")
        assert ratio >= 4.5, f"{theme}: {element}"
    page.narrow(700)
    cut = page.js(
        "return [...document.querySelectorAll('.jp-RenderedHTML')]"
        ".filter(output => output.scrollWidth > output.clientWidth + 1).map(output => output.textContent)"
    )
    assert cut == []


def test_lecture_01_is_read_run_and_answered(page: Any, worst_contrast: Contrast) -> None:
    page.open("lectures/01_linear_classifiers.ipynb")
    page.run_all(seconds=240)
    outputs_are_sound(page)
    assert page.all(".jp-MarkdownOutput mjx-container")
    assert len(page.all("[data-kind=prediction][data-ready]")) >= 5

    clicked, chosen = answer_two_predictions(page)
    questions = quizzes.load("l01").questions
    notes = [answer(page, question) for question in questions]
    score = f"{len(questions)} of {len(questions)} right so far."
    assert page.text("[data-kind=quiz] .ck-score") == score
    panel = page.text("[data-kind=progress] .ck-browser")  # it follows along, without running its cell again
    assert f"{len(questions)} of {len(questions)} right" in panel
    assert clicked in panel
    assert chosen in panel

    move_the_scores(page)
    outputs_read_well(page, worst_contrast)

    page.reload()
    page.wait("return document.querySelector('[data-kind=quiz][data-ready]') !== null", "the quiz is back")
    assert page.text("[data-kind=quiz] .ck-score") == score
    assert [page.text(f"[data-id={question.id}] .ck-said") for question in questions] == notes
    ticked = page.js("return [...document.querySelectorAll('[data-kind=prediction] :checked')].map(e => e.value)")
    assert ticked == [clicked, chosen]


def answer_two_predictions(page: Any) -> tuple[str, str]:
    """Answer the first by mouse and the second by keyboard, and return both answers."""
    first, second = page.all("[data-kind=prediction]")[:2]
    first.find_elements("css selector", "label")[1].click()
    page.js("arguments[0].focus()", second.find_element("css selector", "input"))
    page.press(page.keys.SPACE)
    page.press(page.keys.ARROW_DOWN)
    page.press(page.keys.ARROW_DOWN)
    for box in (first, second):
        assert box.find_element("css selector", ".ck-said").text == "Noted. Run on and compare."
    answers = [box.find_element("css selector", ":checked") for box in (first, second)]
    assert [len(answer.find_elements("xpath", "../preceding-sibling::label")) for answer in answers] == [1, 2]
    return answers[0].get_attribute("value"), answers[1].get_attribute("value")


def answer(page: Any, question: Question) -> str:
    """Answer wrong, read why, answer right, and return what is said then."""
    form = f"[data-kind=quiz] [data-id={question.id}]"
    if isinstance(question, ChoiceQuestion):
        wrong = next(option for option in question.options if not option.correct)
        given = [(wrong.text, wrong.note), (question.right.text, question.right.note)]
    else:
        wrong = question.misconceptions[0]
        given = [(repr(wrong.answer), wrong.note), (repr(question.answer), question.note)]
    for (value, note), verdict in zip(given, ("✗ Not this.", "✓ Right."), strict=True):
        if isinstance(question, ChoiceQuestion):
            next(radio for radio in page.all(f"{form} input") if radio.get_attribute("value") == value).click()
            page.find(f"{form} button").click()
        else:
            page.fill(page.find(f"{form} input"), value + page.keys.ENTER)
        assert page.text(f"{form} .ck-said") == f"{verdict} {note}"
    return page.text(f"{form} .ck-said")


def move_the_scores(page: Any) -> None:
    """Move the interactive figure's scores by keyboard and by number; it says what NumPy computes from them."""
    scores = np.array([3.2, 5.1, -1.7])
    shows_what_numpy_computes(page, scores)
    cells = page.js("return jupyterapp.shell.currentWidget.content.widgets.length")
    for marker, key, step in ((1, page.keys.ARROW_DOWN, -0.1), (1, page.keys.PAGE_DOWN, -1), (2, page.keys.END, 9.7)):
        page.js("arguments[0].focus()", page.all(".ck-score-lab .marker")[marker])
        page.press(key)
        page.press("d")  # twice, in a cell's own keys: delete it
        page.press("d")
        scores[marker] += step
        shows_what_numpy_computes(page, scores)
    for place, typed in enumerate(("-2.25", "0.5", "0.75")):
        page.fill(page.all(".ck-score-lab tbody input[type=number]")[place], typed)
        scores[place] = float(typed)
        shows_what_numpy_computes(page, scores)
    # JupyterLab left the keys to the figure: its cell is still the active one, and none was added or deleted.
    assert len(page.all(".jp-Cell.jp-mod-active .ck-score-lab")) == 1
    assert page.js("return jupyterapp.shell.currentWidget.content.widgets.length") == cells


def shows_what_numpy_computes(page: Any, scores: np.ndarray) -> None:
    table = page.js(
        "const number = e => Number(e.textContent.replace('−', '-'));"
        "return [...document.querySelectorAll('.ck-score-lab tbody tr')]"
        ".map(row => [...row.querySelectorAll('td')].slice(1).map(number))"
    )
    row, label = scores[np.newaxis], np.array([0])
    (hinge, hinge_slopes), (loss, slopes) = losses.hinge_loss(row, label), losses.softmax_loss(row, label)
    terms = np.maximum(0, scores - scores[0] + 1) * [0, 1, 1]
    expected = np.array([terms, hinge_slopes[0], losses.softmax(row)[0], slopes[0]]).T
    assert np.array(table) == pytest.approx(expected, abs=0.0051)
    said = [float(page.text(f".ck-score-lab strong:nth-of-type({n})").split()[-1]) for n in (1, 2)]
    assert said == pytest.approx([hinge, loss], abs=0.0051)


def test_a1_is_worked_on_by_a_student(page: Any, worst_contrast: Contrast, tmp_path: Path) -> None:
    exercise = exercises.get("hinge_loss_loops")
    mistake = exercise.misconceptions[0]
    solution, check = "hinge-loss-loops", "hinge-loss-loops-tests"
    report = ".ck-report"
    page.open("assignments/a1_losses/a1_losses.ipynb")
    page.run("setup")

    page.run(solution)
    page.run(check)
    assert page.output(check, report) == ["○ hinge_loss_loops: not written yet"]

    page.write(solution, as_answer(mistake.function, exercise.name))
    page.run(solution)
    page.run(check)
    [said] = page.output(check, report)
    headline = said.splitlines()[0]
    assert headline.startswith("✗ hinge_loss_loops: ")
    assert mistake.hint in said
    # What JupyterLab shows of the error is one line, not a traceback through the library.
    assert [error.strip() for error in page.output(check, page.errors)] == [headline]
    outputs_read_well(page, worst_contrast)

    page.write(solution, as_answer(exercise.reference, exercise.name))
    page.run(solution)
    page.run(check)
    [said] = page.output(check, report)
    assert said.startswith("✓ hinge_loss_loops: all ")
    assert page.output(check, page.errors) == []

    below = page.insert_below(check)
    page.write(below, "ck.progress()")
    page.run(below)
    [panel] = page.output(below, ".ck-box")
    assert "hinge_loss_loops\t✓ passed (2 tries)" in panel
    assert "1 of 9 passed" in panel
    kept = json.loads((tmp_path / "progress.json").read_text(encoding="utf-8"))
    assert kept["exercises"]["hinge_loss_loops"]["passed"]


def test_a1_of_the_instructor_passes_every_check(page: Any) -> None:
    page.open("solutions/a1_losses/a1_losses.ipynb")
    page.run_all(seconds=120)
    outputs_are_sound(page)
    reports = page.js("return [...document.querySelectorAll('.ck-report')].map(e => e.textContent)")
    names = [exercise.name for exercise in exercises.assignment("a1").exercises]
    assert [report.partition(": all ")[0] for report in reports] == [f"✓ {name}" for name in names]
