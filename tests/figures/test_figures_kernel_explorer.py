"""The kernel explorer: one block of HTML that needs nothing, and in a real browser computes what conv2d computes."""

import html
import json
import math
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest

from coursekit.figures.kernel_explorer import kernel_explorer
from coursekit.scratch.convolution import conv2d

IMAGE = np.array([[1, 1, 1, 0, 0, 0, 2], [0, 1, 1, 1, 0, 1, 0], [0, 0, 1, 1, 1, 0, 1], [0, 0, 1, 1, 0, 0, 3]])
KERNELS = {
    "cross": np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]]),
    "lopsided": np.array([[2.5, 0, -1], [0, 1, 3]]),
    "tall": np.array([[1], [-2], [4]]),
}
START = {"stride": 1, "padding": 0, "dilation": 1, "same": False, "turn": False}


def convolved(
    image: np.ndarray, kernel: np.ndarray, stride: int, padding: int, dilation: int, same: bool, turn: bool
) -> np.ndarray:
    """What conv2d makes of the same settings; it knows no dilation, so zeros go between the weights."""
    reach = [dilation * (k - 1) + 1 for k in kernel.shape]
    spread = np.zeros(reach)
    spread[::dilation, ::dilation] = np.flip(kernel) if turn else kernel
    margins = [(padding, padding)] * 2
    if same:
        total = [max(0, (math.ceil(n / stride) - 1) * stride + r - n) for n, r in zip(image.shape, reach, strict=True)]
        margins = [(t // 2, t - t // 2) for t in total]
    padded = np.pad(image, margins)[np.newaxis, :, :, np.newaxis]
    return conv2d(padded, spread[:, :, np.newaxis, np.newaxis], stride=stride)[0][0, :, :, 0]


def test_the_block_carries_its_settings():
    block = kernel_explorer(IMAGE, {'a "blur" <b>': [[0.5, 0.5]]}, stride=2, pad=1, dilation=3, same=True)
    settings = json.loads(html.unescape(re.search('data-settings="([^"]*)"', block)[1]))
    assert settings["image"] == IMAGE.tolist()
    assert settings["kernels"] == [['a "blur" <b>', [[0.5, 0.5]]]]
    assert [settings[name] for name in ("stride", "pad", "dilation", "same")] == [2, 1, 3, True]
    assert "<b>" not in block.partition("<script>")[0]


def test_the_block_asks_the_network_for_nothing():
    block = kernel_explorer(IMAGE, KERNELS).replace("http://www.w3.org/2000/svg", "")  # a name, not an address
    assert not re.search(r"https?:|//cdn|@import|url\(|\bfetch\b|\bid=", block)
    assert len(block) < 20_000


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"kernels": {}}, "at least one"),
        ({"image": [1, 2, 3]}, "has shape"),
        ({"image": np.zeros((3, 13))}, "at most 12 rows"),
        ({"image": [[1, np.nan]]}, "not finite"),
        ({"kernels": {"wide": np.zeros((1, 8))}}, "wide has shape"),
        ({"stride": 0}, "from 1 to 9"),
        ({"pad": -1}, "from 0 to 9"),
        ({"dilation": 10}, "from 1 to 9"),
    ],
)
def test_wrong_settings_are_refused(wrong, says):
    with pytest.raises(ValueError, match=says):
        kernel_explorer(**{"image": IMAGE, "kernels": KERNELS, **wrong})


class Explorer:
    """The first explorer on a page, used as a reader would."""

    def __init__(self, browser: Any) -> None:
        from selenium.webdriver.common.keys import Keys

        self.browser, self.keys = browser, Keys

    def find(self, css: str) -> list[Any]:
        return self.browser.find_element("css selector", ".ck-kernel-explorer").find_elements("css selector", css)

    def text(self, css: str) -> str:
        return self.find(css)[0].text.replace("−", "-")

    def control(self, name: str) -> Any:
        return next(
            label.find_element("css selector", "input, select")
            for label in self.find(".controls label")
            if name in label.text
        )

    def type_into(self, box: Any, value: object) -> None:
        box.send_keys(self.keys.CONTROL, "a")
        box.send_keys(str(value))

    def set(self, name: str, value: object) -> None:
        box = self.control(name)
        if isinstance(value, bool):
            if box.is_selected() != value:
                box.click()
        else:
            self.type_into(box, value)

    def choose(self, kernel: str) -> None:
        from selenium.webdriver.support.ui import Select

        Select(self.control("kernel")).select_by_visible_text(kernel)

    def output(self) -> np.ndarray:
        script = "return [...arguments[0].rows].map(r => [...r.querySelectorAll('[role]')].map(c => c.textContent))"
        rows = self.browser.execute_script(script, self.find(".output")[0])[1:]
        return np.array([[float(cell.replace("−", "-")) for cell in row] for row in rows])

    def here(self) -> tuple[int, int]:
        row, column = re.match(r"Output row (\d+), column (\d+)", self.text(".sum")).groups()
        return int(row), int(column)

    def check(self, kernel: np.ndarray, **settings: Any) -> None:
        """Hold the output, the marked window and the written sum to what conv2d and NumPy compute."""
        settings = START | settings
        expected = convolved(IMAGE, kernel, **settings)
        assert self.output() == pytest.approx(expected, abs=0.0051)
        assert f"Output {expected.shape[0]} × {expected.shape[1]}." in self.text(".words")
        terms, _, total = self.text(".sum").partition(": ")[2].partition(" = ")
        row, column = self.here()
        assert float(total) == pytest.approx(expected[row, column], abs=0.0051)
        pairs = [term.replace("(", "").replace(")", "").split("·") for term in terms.split(" + ")]
        values, weights = np.array(pairs, dtype=float).T
        assert weights == pytest.approx(np.ravel(np.flip(kernel) if settings["turn"] else kernel))
        assert values @ weights == pytest.approx(expected[row, column])
        marked = [cell.text.replace("−", "-").split("\n×") for cell in self.find(".input .tap")]
        assert np.array(marked, dtype=float) == pytest.approx(np.array([values, weights]).T)


@pytest.fixture
def explorer(chromium: Any, tmp_path: Path) -> Explorer:
    block = kernel_explorer(IMAGE, KERNELS)
    page = tmp_path / "page.html"
    page.write_text(f'<!doctype html><meta charset="utf-8"><title>two</title>{block}{block}', encoding="utf-8")
    chromium.get(page.as_uri())
    return Explorer(chromium)


@pytest.mark.browser
@pytest.mark.slow
def test_it_computes_what_conv2d_computes(explorer: Explorer) -> None:
    explorer.check(KERNELS["cross"])
    for kernel, settings in (
        ("lopsided", {"turn": True}),
        ("lopsided", {"stride": 2, "padding": 2}),
        ("tall", {"stride": 3, "padding": 1, "dilation": 2}),
        ("cross", {"stride": 2, "same": True}),
        ("lopsided", {"stride": 3, "same": True, "dilation": 3, "turn": True}),
        ("tall", {"stride": 9}),
    ):
        explorer.find("button")[0].click()
        explorer.choose(kernel)
        for name, value in settings.items():
            explorer.set("as Keras" if name == "same" else name, value)
        explorer.check(KERNELS[kernel], **settings)

    # Weights and the kernel's shape can be edited; what is there stays, and new weights are 0.
    explorer.find("button")[0].click()
    explorer.type_into(explorer.find(".kernel input")[1], "-1.5")
    edited = KERNELS["cross"].astype(float)
    edited[0, 1] = -1.5
    explorer.check(edited)
    explorer.set("kernel rows", 2)
    explorer.set("kernel columns", 5)
    explorer.check(np.pad(edited[:2], ((0, 0), (0, 2))))
    other = explorer.browser.find_elements("css selector", ".ck-kernel-explorer")[1]
    assert "kernel 3 × 3" in other.text  # the second on the page is left alone


@pytest.mark.browser
@pytest.mark.slow
def test_it_is_worked_by_mouse_and_keyboard_and_says_what_does_not_fit(explorer: Explorer) -> None:
    from selenium.webdriver.common.action_chains import ActionChains

    keys, cells = explorer.keys, explorer.find("td[role=gridcell]")
    ActionChains(explorer.browser).move_to_element(cells[7]).perform()
    assert explorer.here() == (1, 2)
    explorer.check(KERNELS["cross"])
    explorer.browser.execute_script("arguments[0].focus()", cells[7])
    focused = explorer.browser.switch_to.active_element
    for pressed, place in (
        ((keys.ARROW_LEFT,), (1, 1)),
        ((keys.ARROW_UP, keys.ARROW_UP), (0, 1)),
        ((keys.END,), (0, 4)),
        ((keys.PAGE_DOWN, keys.ARROW_RIGHT), (1, 4)),
        ((keys.HOME,), (1, 0)),
    ):
        for key in pressed:
            focused.send_keys(key)
            focused = explorer.browser.switch_to.active_element
        assert explorer.here() == place
    assert focused.get_attribute("aria-label").startswith("2, row 1, column 0: 0·1 + 1·0")
    assert len(explorer.find("td[tabindex='0']")) == 1
    explorer.check(KERNELS["cross"])

    explorer.set("stride", 3)
    assert "(7 - 3) / 3 + 1 = 2.33, rounded down to 2" in explorer.text(".words")
    assert "1 row and 1 column at the end lie beyond the last window" in explorer.text(".words")
    unread = len(explorer.find(".input .unread"))
    assert unread == 4 * 7 - 3 * 6
    explorer.set("dilation", 2)
    assert explorer.text(".words").startswith(
        "Does not fit: the window covers 5 × 5 pixels, the padded input has only 4"
    )
    assert explorer.find("td[role=gridcell]") == []
    assert explorer.text(".output caption") == "no output"
    explorer.set("padding", 1)
    explorer.check(KERNELS["cross"], stride=3, dilation=2, padding=1)
    before = explorer.output()
    for name, wrong in (("stride", "0"), ("stride", "0.5"), ("padding", "-1"), ("dilation", "")):
        box = explorer.control(name)
        explorer.type_into(box, wrong or explorer.keys.BACKSPACE)
        assert explorer.text(".words").startswith(f"Not possible: {name} must be a whole number")
        assert box.get_attribute("aria-invalid") == "true"
        box.send_keys(explorer.keys.TAB)
        assert box.get_attribute("aria-invalid") is None  # leaving it puts the old number back
        assert explorer.output() == pytest.approx(before)
    severe = [entry for entry in explorer.browser.get_log("browser") if entry["level"] == "SEVERE"]
    assert severe == []


def notebook(block: str) -> Any:
    output = nbformat.v4.new_output("display_data", data={"text/html": block})
    cells = [nbformat.v4.new_code_cell("...", outputs=[output], execution_count=1) for _ in range(2)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_its_text_stands_out_in_a_static_page(
    chromium: Any, worst_contrast: Callable[[Any, str], tuple[float, str]], tmp_path: Path, theme: str
) -> None:
    from nbconvert import HTMLExporter

    page, _ = HTMLExporter(template_name="lab", theme=theme).from_notebook_node(
        notebook(kernel_explorer(IMAGE, KERNELS, stride=3, pad=1))
    )
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    chromium.get((tmp_path / "page.html").as_uri())
    ratio, element = worst_contrast(chromium, ".ck-kernel-explorer *:not(option, [type=checkbox])")
    assert ratio >= 4.5, element
    if folder := os.environ.get("COURSEKIT_SCREENSHOTS"):
        chromium.save_screenshot(str(Path(folder) / f"kernel-explorer-{theme}.png"))


@pytest.mark.browser
@pytest.mark.slow
def test_jupyterlab_leaves_it_the_keys(
    chromium: Any, jupyter_home: Path, tmp_path: Path, serve_lab: Callable[..., str]
) -> None:
    from nbformat.sign import NotebookNotary
    from selenium.webdriver.support.ui import WebDriverWait

    (tmp_path / "root").mkdir()
    lesson = notebook(kernel_explorer(IMAGE, KERNELS))
    nbformat.write(lesson, tmp_path / "root" / "lesson.ipynb")
    url = serve_lab(tmp_path / "root")
    NotebookNotary(data_dir=str(jupyter_home / "data_dir")).sign(lesson)
    chromium.get(f"{url}/lab/tree/lesson.ipynb")
    ready = "return document.querySelectorAll('.jp-Cell .ck-kernel-explorer[data-ready]').length == 2"
    WebDriverWait(chromium, 60).until(lambda window: window.execute_script(ready))
    explorer = Explorer(chromium)
    chromium.execute_script("arguments[0].focus()", explorer.find(".here")[0])
    for key in (explorer.keys.ARROW_DOWN, explorer.keys.ARROW_RIGHT, "d", "d", "a", "b"):
        chromium.switch_to.active_element.send_keys(key)  # in command mode: delete a cell, insert one above, one below
    assert explorer.here() == (1, 1)
    assert chromium.execute_script("return document.querySelectorAll('.jp-Cell').length") == 2
    explorer.set("stride", 2)
    explorer.check(KERNELS["cross"], stride=2)
