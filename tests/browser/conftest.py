"""A notebook of the course, open in a real JupyterLab, used the way a learner uses it."""

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from coursekit.paths import course_root

_WIDGETS = "const notebook = jupyterapp.shell.currentWidget.content, cells = [...notebook.widgets];"
_CELL = _WIDGETS + "const cell = cells.find(cell => cell.model.id === arguments[0]);"
_IDLE = "return window.jupyterapp?.shell.currentWidget?.context?.sessionContext?.session?.kernel?.status === 'idle'"


class Page:
    """One notebook in one browser window. Conditions are waited for; nothing sleeps for a fixed time."""

    errors = "[data-mime-type='application/vnd.jupyter.stderr']"  # JupyterLab shows errors so, and what goes to stderr

    def __init__(self, window: Any, address: str) -> None:
        from selenium.webdriver.common.action_chains import ActionChains
        from selenium.webdriver.common.keys import Keys

        self.window, self.address, self.keys, self._chains = window, address, Keys, ActionChains
        self.js = window.execute_script

    def open(self, path: str) -> None:
        """Open a notebook and wait until its kernel is idle and all of its cells are in the page."""
        self.window.get(f"{self.address}/lab/tree/{path}")
        self._wait_until_open()

    def reload(self) -> None:
        """Save, as a learner would, and load the page again."""
        self.press("s", self.keys.CONTROL)
        self.wait("return !jupyterapp.shell.currentWidget.context.model.dirty", "the notebook is saved")
        self.window.refresh()
        self._wait_until_open()

    def _wait_until_open(self) -> None:
        self.wait(_IDLE, "the kernel is idle")
        self.wait(
            _WIDGETS + "return cells.every(cell => cell.node.isConnected && !cell.isPlaceholder())",
            "all cells are there",
        )

    def wait(self, condition: str, what: str, *arguments: Any, seconds: float = 120) -> Any:
        """Wait until a script returns something true, and return that."""
        deadline = time.monotonic() + seconds
        while not (found := self.js(condition, *arguments)):
            assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
            time.sleep(0.1)
        return found

    def find(self, selector: str) -> Any:
        """Return the first element of a CSS selector."""
        return self.window.find_element("css selector", selector)

    def all(self, selector: str) -> list[Any]:
        """Return every element of a CSS selector."""
        return self.window.find_elements("css selector", selector)

    def text(self, selector: str) -> str:
        """Return the text of the first element of a CSS selector, seen or not, or ``""`` if there is none."""
        return self.js("return document.querySelector(arguments[0])?.textContent ?? ''", selector)

    def press(self, key: str, *held: str) -> None:
        """Press a key, others being held down."""
        chain = self._chains(self.window)
        for modifier in held:
            chain.key_down(modifier)
        chain.send_keys(key)
        for modifier in held:
            chain.key_up(modifier)
        chain.perform()

    def fill(self, field: Any, text: str) -> None:
        """Replace what a field holds by typing."""
        field.send_keys(self.keys.CONTROL, "a")
        field.send_keys(text)

    def run_all(self, seconds: float) -> None:
        """Choose Run → Run All Cells, and wait for the last cell."""
        next(item for item in self.all(".lm-MenuBar-item") if item.text == "Run").click()
        self.wait("return document.querySelector('[data-command=\"runmenu:run-all\"]')", "the menu is open").click()
        finished = _WIDGETS + (
            "const code = cells.filter(cell => cell.model.type === 'code');"
            "return code.every(cell => cell.model.executionCount) || document.querySelector(arguments[0]) !== null"
        )
        self.wait(finished, "the last cell is reached", self.errors, seconds=seconds)
        self.wait(_IDLE, "the kernel is idle", seconds=seconds)

    def _click(self, id: str, selector: str, seconds: float = 30) -> None:
        """Click on a part of a cell; again if what is drawn above has just moved another one into its place."""
        from selenium.common.exceptions import ElementClickInterceptedException

        deadline = time.monotonic() + seconds
        while True:
            try:
                self.js(_CELL + "return cell.node.querySelector(arguments[1])", id, selector).click()
                return
            except ElementClickInterceptedException:
                if time.monotonic() > deadline:
                    raise
            time.sleep(0.1)

    def run(self, id: str) -> None:
        """Click a cell's prompt and run it with Ctrl+Enter."""
        before = self.js(_CELL + "return cell.model.executionCount", id)
        self._click(id, ".jp-InputPrompt")
        self.press(self.keys.ENTER, self.keys.CONTROL)
        ran = _CELL + "return cell.model.executionState === 'idle' && cell.model.executionCount !== arguments[1]"
        self.wait(ran, f"{id} has run", id, before)
        self.wait(_IDLE, "the kernel is idle")

    def write(self, id: str, source: str) -> None:
        """Click into a cell and replace its text, as by pasting."""
        self._click(id, ".cm-content")
        self.press("a", self.keys.CONTROL)
        self.window.execute_cdp_cmd("Input.insertText", {"text": source})
        self.wait(_CELL + "return cell.model.sharedModel.getSource() === arguments[1]", f"{id} is written", id, source)

    def insert_below(self, id: str) -> str:
        """Insert a cell with Esc and B, and return its id."""
        self._click(id, ".jp-InputPrompt")
        self.press(self.keys.ESCAPE)
        self.press("b")
        below = _CELL + "const new_ = cells[cells.indexOf(cell) + 1].model; return new_.sharedModel.getSource() === ''"
        self.wait(below, "a cell is inserted", id)
        return self.js(_CELL + "return cells[cells.indexOf(cell) + 1].model.id", id)

    def output(self, id: str, selector: str) -> list[str]:
        """Return the texts of the elements of a selector in a cell's output."""
        script = (
            _CELL + "return [...cell.node.querySelectorAll('.jp-OutputArea ' + arguments[1])].map(e => e.innerText)"
        )
        return self.js(script, id, selector)

    def use_theme(self, name: str) -> None:
        """Change JupyterLab's theme, as Settings → Theme does."""
        self.js("jupyterapp.commands.execute('apputils:change-theme', {theme: arguments[0]})", name)
        self.wait("return document.body.dataset.jpThemeName === arguments[0]", f"{name} is used", name)

    def narrow(self, width: int) -> None:
        """Fold the file browser away, and make the window so many pixels wide."""
        self.js("jupyterapp.commands.execute('application:toggle-left-area')")
        self.window.set_window_size(width, 1400)
        fits = (
            _WIDGETS
            + "return notebook.node.clientWidth < arguments[0] && notebook.node.clientWidth > arguments[0] - 150"
        )
        self.wait(fits, f"the notebook is about {width} pixels wide", width)


@pytest.fixture
def page(chromium: Any, serve_lab: Callable[..., str], requested: Any, tmp_path: Path) -> Iterator[Page]:
    """Serve a copy of the course's notebooks; at the end, hold the page to silence in console and network."""
    root = tmp_path / "course"
    for folder in ("lectures", "assignments", "solutions"):
        shutil.copytree(course_root() / folder, root / folder)
    address = serve_lab(root, COURSEKIT_ROOT=str(course_root()), COURSEKIT_PROGRESS=str(tmp_path / "progress.json"))
    page = Page(chromium, address)
    yield page
    errors = [entry["message"] for entry in chromium.get_log("browser") if entry["level"] == "SEVERE"]
    # On a busy machine JupyterLab itself may remove a node twice while it draws a notebook.
    assert [error for error in errors if not ("/static/lab/" in error and "'removeChild'" in error)] == []
    assert {url.split("/")[2].partition(":")[0] for url in requested(chromium)} == {"127.0.0.1"}
