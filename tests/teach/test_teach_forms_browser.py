"""The forms in a real browser: by keyboard only, with no network, in nbconvert's page and in JupyterLab."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

from coursekit.teach import forms, predictions, quizzes, records

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PREDICTION, CHOICE, NUMBER = "[data-kind=prediction]", "[data-id=mean]", "[data-id=softmax]"


@pytest.fixture
def notebook(losses_quiz: str, shown: list[forms.Shown]) -> Any:
    """Return a notebook that was run: a prediction, a typed one, the quiz twice, the panel of progress."""
    predictions.predict("demo-clicked", "What does the `loss` do?", ["it grows", "it falls"])
    predictions.predict("demo-typed", "And then?", ["it grows", "it falls"], mine="B")
    quizzes.quiz(losses_quiz)
    quizzes.quiz(losses_quiz)
    records.progress()
    cells = []
    for output in shown:
        data = nbformat.v4.new_output("display_data", data=output._repr_mimebundle_())
        cells.append(nbformat.v4.new_code_cell("...", outputs=[data], execution_count=1))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


class Keyboard:
    """A browser window that is only ever typed into."""

    def __init__(self, window: Any) -> None:
        from selenium.webdriver.common.action_chains import ActionChains
        from selenium.webdriver.common.keys import Keys

        self.window, self.keys, self._chains = window, Keys, ActionChains

    def press(self, *keys: str) -> None:
        for key in keys:
            self._chains(self.window).send_keys(key).perform()

    def tab_to(self, selector: str) -> None:
        """Press Tab until the element that has the focus matches."""
        for _ in range(80):
            if self.window.execute_script("return document.activeElement.matches(arguments[0])", selector):
                return
            self.press(self.keys.TAB)
        raise AssertionError(f"{selector} cannot be reached by Tab")

    def said(self, selector: str) -> str:
        script = "return document.querySelector(arguments[0] + ' .ck-said').textContent"
        return self.window.execute_script(script, selector)

    def wait_for(self, selector: str, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not self.window.execute_script("return document.querySelector(arguments[0])", selector):
            assert time.monotonic() < deadline, f"no {selector} after {seconds} s"
            time.sleep(0.2)


def export(notebook: Any, path: Path, theme: str = "light") -> str:
    from nbconvert import HTMLExporter

    html, _ = HTMLExporter(template_name="lab", theme=theme).from_notebook_node(notebook)
    path.write_text(html, encoding="utf-8")
    return path.as_uri()


def test_a_page_is_worked_by_keyboard_and_remembers(
    chromium: Any, notebook: Any, requested: Callable[[Any], list[str]], tmp_path: Path
) -> None:
    page = export(notebook, tmp_path / "page.html")
    chromium.get(export(nbformat.v4.new_notebook(), tmp_path / "empty.html"))
    nothing = requested(chromium)
    chromium.get(page)
    user = Keyboard(chromium)
    key = user.keys
    assert "Noted" in user.said("[data-name=demo-typed]")  # typed in the cell with mine=

    user.tab_to(f"{PREDICTION} input")
    user.press(key.SPACE)
    assert user.said(PREDICTION) == "Noted. Run on and compare."

    user.tab_to(f"{CHOICE} button")
    user.press(key.ENTER)
    assert user.said(CHOICE) == "Choose an answer first."
    chromium.get(page)
    user.tab_to(f"{CHOICE} input")
    user.press(key.SPACE)
    notes = [
        "✗ Not this. That is the sum.",
        "✓ Right. 15.8 / 3.",
        "✗ Not this. That counts the correct class.",
    ]
    for note in notes:
        user.press(key.ENTER)
        assert user.said(CHOICE) == note
        user.press(key.ARROW_DOWN)
        assert user.said(CHOICE) == ""
    user.press(key.ARROW_DOWN, key.ENTER)
    assert user.said(CHOICE) == notes[1]

    user.tab_to(f"{NUMBER} input")
    user.press(key.ENTER)
    assert user.said(NUMBER) == "Type a number first."
    for typed, note in {
        "0.89": "✗ Not this. That is log10.",
        "7": "✗ Not this. Compute it in a cell and try again.",
        "2.05": "✓ Right. The natural logarithm of p, negated.",
        "2.0601": "✗ Not this. Compute it in a cell and try again.",
        "2.04": "✓ Right. The natural logarithm of p, negated.",
    }.items():
        user.press(key.BACKSPACE * 8 + typed, key.ENTER)
        assert user.said(NUMBER) == note
    assert chromium.execute_script("return document.querySelector('.ck-score').textContent") == "2 of 2 right so far."

    panel = "return document.querySelector('.ck-browser').innerText"
    told = chromium.execute_script(panel)  # it follows along
    assert "Quiz: Losses by hand: 2 of 2 right, 2 answered" in told
    assert "What does the loss do? → it grows" in told

    chromium.get(page)
    assert user.said(CHOICE) == notes[1]
    assert user.said(NUMBER).startswith("✓ Right.")
    assert user.said(PREDICTION).startswith("Noted.")
    ticked = "return document.querySelector('[data-name=demo-clicked] :checked').value"
    assert chromium.execute_script(ticked) == "it grows"
    assert chromium.execute_script(panel) == told

    user.tab_to(".ck-download")
    user.press(key.ENTER)
    answers = _downloaded(tmp_path / "downloads" / "coursekit-answers.json")
    assert answers["predictions"]["demo-typed"]["choice"] == "it falls"
    assert answers["browser"]["quizzes"]["losses"]["answers"]["softmax"] == {"given": "2.04", "right": True}

    chromium.get(page)
    user.tab_to(".ck-again")
    user.press(key.ENTER)
    chromium.get(page)
    assert user.said(CHOICE) == user.said(NUMBER) == ""
    assert user.said(PREDICTION).startswith("Noted.")
    assert set(requested(chromium)) <= set(nothing)  # what nbconvert's own page asks for, and no more


def _downloaded(path: Path) -> Any:
    deadline = time.monotonic() + 20
    while not path.exists():
        assert time.monotonic() < deadline, f"no {path.name} was downloaded"
        time.sleep(0.1)
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_stands_out_and_words_carry_the_verdict(
    notebook: Any, chromium: Any, worst_contrast: Callable[[Any, str], tuple[float, str]], tmp_path: Path, theme: str
) -> None:
    chromium.get(export(notebook, tmp_path / "page.html", theme))
    for button in ("[data-id=mean] input", "[data-id=mean] button"):
        chromium.execute_script("document.querySelector(arguments[0]).click()", button)
    assert chromium.execute_script("return document.querySelector('.ck-said[data-verdict=wrong]') !== null")
    ratio, element = worst_contrast(chromium, ".ck-box *")
    assert ratio >= 4.5, element
    if folder := os.environ.get("COURSEKIT_SCREENSHOTS"):
        chromium.save_screenshot(str(Path(folder) / f"forms-{theme}.png"))


@pytest.fixture
def lab(notebook: Any, jupyter_home: Path, tmp_path: Path, serve_lab: Callable[..., str]) -> str:
    """Serve the notebook in a JupyterLab of its own, trusted as one that was run here, and return its address."""
    from nbformat.sign import NotebookNotary

    root = tmp_path / "root"
    root.mkdir()
    nbformat.write(notebook, root / "lesson.ipynb")
    url = serve_lab(root)
    NotebookNotary(data_dir=str(jupyter_home / "data_dir")).sign(notebook)
    return f"{url}/lab/tree/lesson.ipynb"


def test_jupyterlab_leaves_the_keys_to_the_forms(
    chromium: Any, lab: str, requested: Callable[[Any], list[str]]
) -> None:
    chromium.get(lab)
    user = Keyboard(chromium)
    key = user.keys
    user.wait_for(".jp-Cell:nth-child(5) .ck-box[data-ready]")
    focus = "document.querySelector(arguments[0]).focus()"
    cells = "return document.querySelectorAll('.jp-Cell').length"

    chromium.execute_script(focus, f"{CHOICE} input")
    user.press(key.SPACE, key.ENTER)
    assert user.said(CHOICE) == "✗ Not this. That is the sum."
    user.press(key.ARROW_DOWN, key.ENTER)
    assert user.said(CHOICE) == "✓ Right. 15.8 / 3."

    user.tab_to(f"{NUMBER} input")
    user.press(*"0.89", key.ENTER)
    assert user.said(NUMBER) == "✗ Not this. That is log10."
    user.press("d", "d", "a", "b")  # in command mode: delete a cell, insert one above, one below
    assert chromium.execute_script(cells) == 5

    chromium.refresh()
    user.wait_for(f".jp-Cell .ck-box[data-ready] {NUMBER}")
    assert user.said(CHOICE) == "✓ Right. 15.8 / 3."
    assert user.said(NUMBER) == "✗ Not this. That is log10."
    hosts = {url.split("/")[2].rpartition(":")[0] for url in requested(chromium) if url.startswith("http")}
    assert hosts == {"127.0.0.1"}
