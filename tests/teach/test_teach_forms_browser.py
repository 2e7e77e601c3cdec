"""The forms in a real browser: by keyboard only, with no network, in nbconvert's page and in JupyterLab."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from coursekit.teach import forms, predictions, quizzes, records

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PREDICTION, CHOICE, NUMBER = "[data-kind=prediction]", "[data-id=mean]", "[data-id=softmax]"

# Worst contrast of text against what lies behind it, by WCAG 2's formula, and the element that has it.
CONTRAST = """
const parse = colour => { const c = colour.match(/[\\d.]+/g).map(Number); return c.length < 4 ? [...c, 1] : c; };
const over = (top, under) => [0, 1, 2].map(i => top[i] * top[3] + under[i] * (1 - top[3]));
const behind = node => {
  const layers = [];
  for (; node; node = node.parentElement) layers.push(parse(getComputedStyle(node).backgroundColor));
  return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255]);
};
const light = c => {
  const [r, g, b] = c.map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
  return .2126 * r + .7152 * g + .0722 * b;
};
return [...document.querySelectorAll('.ck-box *:not([type=radio])')]
  .filter(e => e.offsetParent && e.textContent + e.value)
  .map(e => {
    const under = behind(e), [a, b] = [light(over(parse(getComputedStyle(e).color), under)), light(under)];
    return [(Math.max(a, b) + .05) / (Math.min(a, b) + .05), `${e.tagName} ${e.className}`];
  }).sort((a, b) => a[0] - b[0])[0];
"""


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


def requests(window: Any) -> list[str]:
    """Return the addresses asked for since the last call, those inside the page and its own file left out."""
    events = [json.loads(entry["message"])["message"] for entry in window.get_log("performance")]
    urls = [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]
    return sorted(url for url in urls if not url.startswith(("file:", "data:", "blob:")))


def export(notebook: Any, path: Path, theme: str = "light") -> str:
    from nbconvert import HTMLExporter

    html, _ = HTMLExporter(template_name="lab", theme=theme).from_notebook_node(notebook)
    path.write_text(html, encoding="utf-8")
    return path.as_uri()


def test_a_page_is_worked_by_keyboard_and_remembers(chromium: Any, notebook: Any, tmp_path: Path) -> None:
    page = export(notebook, tmp_path / "page.html")
    chromium.get(export(nbformat.v4.new_notebook(), tmp_path / "empty.html"))
    nothing = requests(chromium)
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

    chromium.get(page)
    assert user.said(CHOICE) == notes[1]
    assert user.said(NUMBER).startswith("✓ Right.")
    assert user.said(PREDICTION).startswith("Noted.")
    ticked = "return document.querySelector('[data-name=demo-clicked] :checked').value"
    assert chromium.execute_script(ticked) == "it grows"
    panel = chromium.execute_script("return document.querySelector('.ck-browser').innerText")
    assert "Quiz: Losses by hand: 2 of 2 right, 2 answered" in panel
    assert "What does the `loss` do? → it grows" in panel

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
    assert set(requests(chromium)) <= set(nothing)  # what nbconvert's own page asks for, and no more


def _downloaded(path: Path) -> Any:
    deadline = time.monotonic() + 20
    while not path.exists():
        assert time.monotonic() < deadline, f"no {path.name} was downloaded"
        time.sleep(0.1)
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_stands_out_and_words_carry_the_verdict(notebook: Any, chromium: Any, tmp_path: Path, theme: str) -> None:
    chromium.get(export(notebook, tmp_path / "page.html", theme))
    for button in ("[data-id=mean] input", "[data-id=mean] button"):
        chromium.execute_script("document.querySelector(arguments[0]).click()", button)
    assert chromium.execute_script("return document.querySelector('.ck-said[data-verdict=wrong]') !== null")
    ratio, element = chromium.execute_script(CONTRAST)
    assert ratio >= 4.5, element
    if folder := os.environ.get("COURSEKIT_SCREENSHOTS"):
        chromium.save_screenshot(str(Path(folder) / f"forms-{theme}.png"))


@pytest.fixture
def lab(notebook: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Serve the notebook in a JupyterLab of its own, trusted as one that was run here, and yield its address."""
    for variable in ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR"):
        (tmp_path / variable).mkdir()
        monkeypatch.setenv(f"JUPYTER_{variable}", str(tmp_path / variable))
    from nbformat.sign import NotebookNotary

    root = tmp_path / "root"
    root.mkdir()
    nbformat.write(notebook, root / "lesson.ipynb")
    NotebookNotary(data_dir=str(tmp_path / "DATA_DIR")).sign(notebook)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--IdentityProvider.token="]
    with (tmp_path / "lab.log").open("w") as log:
        server = subprocess.Popen(
            [*command, f"--ServerApp.port={port}", f"--ServerApp.root_dir={root}"], stdout=log, stderr=log
        )
        try:
            _wait_for_server(f"http://127.0.0.1:{port}/api", server, tmp_path / "lab.log")
            yield f"http://127.0.0.1:{port}/lab/tree/lesson.ipynb"
        finally:
            server.terminate()
            server.wait(30)


def _wait_for_server(url: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(url, timeout=5)
            return
        except OSError:
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.3)


def test_jupyterlab_leaves_the_keys_to_the_forms(chromium: Any, lab: str) -> None:
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
    hosts = {url.split("/")[2].rpartition(":")[0] for url in requests(chromium) if url.startswith("http")}
    assert hosts == {"127.0.0.1"}
