"""Figures about matrices draw what was computed; the matrix viewer says in a browser what NumPy says."""

import html
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest

from coursekit.figures import matrices
from coursekit.figures.matrix_viewer import matrix_viewer
from coursekit.scratch.matrices import conv2d_matrix, doubly_block_circulant

IMAGE = np.array([[1, 0, 2, 1, 0], [3, 1, 0, 2, 1], [0, 2, 1, 0, 3], [1, 0, 1, 2, 0]], float)
KERNEL = np.array([[1.5, 2, -1], [3, -2, 2]])
LAYERS = {
    "stride 1": (conv2d_matrix(KERNEL[:, :, None, None], (4, 5)), np.array([[1, -2, 0], [2, 1, 3], [-1, 0, 2]], float)),
    "stride (1, 2)": (conv2d_matrix(KERNEL[:, :, None, None], (4, 5), (1, 2)), np.array([[1, -2], [2, 3], [0, 5.5]])),
    "torus": (doubly_block_circulant(KERNEL, (4, 5)), np.arange(20.0).reshape(4, 5) - 7),
}


def test_matrices_writes_every_number_but_zeros():
    table = np.array([[3.0, -2, 0], [0, 3, -2]])
    figure = matrices.matrices({"T": table, "long": np.eye(30)}, blocks={"T": (1, 2)}, rows=[1], columns=[0])
    first, second = figure.axes
    assert [text.get_text() for text in first.texts] == ["3", "−2", "3", "−2"]
    assert len(second.texts) == 0  # too many to be read
    assert [axis.get_title(loc="left") for axis in figure.axes] == ["T", "long"]
    frames = [(p.get_xy(), p.get_width(), p.get_height(), p.get_linestyle()) for p in first.patches]
    assert frames == [((-0.5, 0.5), 3, 1, "solid"), ((-0.5, -0.5), 1, 2, "--")]
    assert len(first.lines) == (3 + 4) + (1 + 1)  # cells, and one line each between two blocks


def test_footprints_frames_what_is_seen():
    slopes = np.zeros((9, 9))
    slopes[2:5, 3] = slopes[2, 7] = 0.5
    (axis,) = matrices.footprints({"unit": slopes}).axes
    (frame,) = axis.patches
    assert (frame.get_xy(), frame.get_width(), frame.get_height()) == ((2.5, 1.5), 5, 3)
    assert axis.get_xlabel() == "3 × 5 pixels"


@pytest.mark.parametrize(
    ("draw", "says"),
    [
        (lambda: matrices.matrices({"a": [1, 2, 3]}), "has shape"),
        (lambda: matrices.footprints({"a": np.zeros((3, 3))}), "0 everywhere"),
        (lambda: matrix_viewer(IMAGE, {}), "at least one"),
        (lambda: matrix_viewer(IMAGE[0], LAYERS), "has shape"),
        (lambda: matrix_viewer(IMAGE, {"a": (np.ones((9, 19)), np.ones((3, 3)))}), "a has shape"),
        (lambda: matrix_viewer(IMAGE, {"a": (np.ones((8, 20)), np.ones((3, 3)))}), "a has shape"),
        (lambda: matrix_viewer(IMAGE, {"a": (np.full((1, 20), np.nan), np.ones((1, 1)))}), "not finite"),
        (lambda: matrix_viewer(np.ones((6, 7)), {"a": (np.ones((1, 42)), np.ones((1, 1)))}), "at most 36"),
    ],
)
def test_wrong_arrays_are_refused(draw, says):
    with pytest.raises(ValueError, match=says):
        draw()


def test_the_viewer_carries_its_settings_and_asks_the_network_for_nothing():
    block = matrix_viewer(IMAGE, {'a "wide" <b>': LAYERS["stride 1"]})
    settings = json.loads(html.unescape(re.search('data-settings="([^"]*)"', block)[1]))
    assert settings["image"] == IMAGE.tolist()
    matrix, arriving = LAYERS["stride 1"]
    assert settings["layers"] == [['a "wide" <b>', matrix.tolist(), arriving.tolist()]]
    assert "<b>" not in block.partition("<script>")[0]
    assert not re.search(r"https?:|@import|\bfetch\b|\bid=", block.replace("http://www.w3.org/2000/svg", ""))


class Viewer:
    """The first viewer on a page, used as a reader would."""

    def __init__(self, browser: Any) -> None:
        from selenium.webdriver.common.keys import Keys

        self.browser, self.keys = browser, Keys

    def find(self, css: str) -> list[Any]:
        return self.browser.find_element("css selector", ".ck-matrix-viewer").find_elements("css selector", css)

    def words(self) -> str:
        return self.find(".words")[0].text.replace("−", "-")

    def cells(self, name: str, of: str) -> list[list[Any]]:
        """Return one property of every cell of a table, computed in the page."""
        script = f"return [...arguments[0].rows].map(row => [...row.cells].map(cell => {of}))"
        return self.browser.execute_script(script, self.find(f"table.{name}")[0])

    def values(self, name: str) -> np.ndarray:
        shown = self.cells(name, "(cell.querySelector('span') ?? cell).textContent")
        return np.array([[float(text.replace("−", "-") or 0) for text in row] for row in shown])

    def marked(self, name: str, css: str = "tap") -> np.ndarray:
        return np.array(self.cells(name, f"cell.classList.contains('{css}')"))

    def choose(self, layer: str) -> None:
        from selenium.webdriver.common.action_chains import ActionChains

        ActionChains(self.browser).move_to_element(self.find(".words")[0]).perform()  # away from the tables
        self.find("select")[0].send_keys(layer)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.browser.switch_to.active_element.send_keys(key)

    def check(self, layer: str, at: tuple[int, int], back: bool = False) -> None:
        """Hold all numbers, marks and the sum in words to what NumPy computes from the matrix."""
        matrix, arriving = LAYERS[layer]
        p, q = at
        forward, backward = (matrix @ IMAGE.ravel()), (matrix.T @ arriving.ravel())
        assert self.values("matrix") == pytest.approx(matrix)
        assert self.values("input").ravel() == pytest.approx(backward if back else IMAGE.ravel())
        assert self.values("output").ravel() == pytest.approx(arriving.ravel() if back else forward)
        weights, source, other = (matrix[:, q], "output", "input") if back else (matrix[p], "input", "output")
        assert (self.marked(source).ravel() == (weights != 0)).all()
        assert not self.marked(other).any()
        assert self.marked(other, "here").ravel().nonzero()[0].tolist() == [q if back else p]
        line = np.zeros(matrix.shape, bool)
        line[:, q if back else slice(None)] = back
        line[p] |= not back
        assert (self.marked("matrix") == (line & (matrix != 0))).all()
        assert (self.marked("matrix", "here").nonzero()[0][0], self.marked("matrix", "here").nonzero()[1][0]) == at
        terms, _, total = self.words().rpartition(": ")[2].rpartition(" = ")
        pairs = [term.replace("(", "").replace(")", "").split("·") for term in terms.split(" + ")]
        values = (arriving if back else IMAGE).ravel()[weights != 0]
        assert np.array(pairs, float) == pytest.approx(np.array([weights[weights != 0], values]).T)
        assert float(total) == pytest.approx(backward[q] if back else forward[p])
        assert self.words().startswith(f"Column {q}, pixel {divmod(q, 5)}" if back else f"Row {p}, output")


def page_of(block: str) -> str:
    return f'<!doctype html><meta charset="utf-8"><title>viewer</title>{block}{block}'


@pytest.mark.browser
@pytest.mark.slow
def test_the_viewer_in_a_browser(chromium: Any, tmp_path: Path) -> None:
    from selenium.webdriver.common.action_chains import ActionChains

    (tmp_path / "page.html").write_text(page_of(matrix_viewer(IMAGE, LAYERS)), encoding="utf-8")
    chromium.get((tmp_path / "page.html").as_uri())
    viewer = Viewer(chromium)
    viewer.check("stride 1", (0, 0))
    ActionChains(chromium).move_to_element(viewer.find("table.matrix tr:nth-child(5) td")[7]).perform()
    viewer.check("stride 1", (4, 7))
    viewer.find("input[type=checkbox]")[0].click()
    viewer.check("stride 1", (4, 7), back=True)
    ActionChains(chromium).move_to_element(viewer.find("table.input td")[13]).perform()
    viewer.check("stride 1", (4, 13), back=True)

    viewer.choose("stride (1, 2)")
    viewer.check("stride (1, 2)", (0, 0), back=True)
    chromium.execute_script("arguments[0].focus()", viewer.find("table.matrix td.here")[0])
    viewer.press(viewer.keys.ARROW_RIGHT, viewer.keys.ARROW_RIGHT, viewer.keys.ARROW_DOWN)
    viewer.check("stride (1, 2)", (1, 2), back=True)
    assert chromium.switch_to.active_element.get_attribute("aria-label").startswith(
        "weight 1.5 in row 1, column 2. Column"
    )
    viewer.press(viewer.keys.END, viewer.keys.PAGE_DOWN, viewer.keys.ARROW_LEFT)
    viewer.check("stride (1, 2)", (5, 18), back=True)
    assert len(viewer.find("td[tabindex='0']")) == 1

    viewer.choose("torus")
    viewer.find("input[type=checkbox]")[0].click()
    ActionChains(chromium).move_to_element(viewer.find("table.output td")[17]).perform()
    viewer.check("torus", (17, 0))
    viewer.find("button")[0].click()
    viewer.check("stride 1", (0, 0))
    assert [entry for entry in chromium.get_log("browser") if entry["level"] == "SEVERE"] == []


def notebook(block: str) -> Any:
    output = nbformat.v4.new_output("display_data", data={"text/html": block})
    cells = [nbformat.v4.new_code_cell("...", outputs=[output], execution_count=1) for _ in range(2)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_viewers_text_stands_out_in_a_static_page(
    chromium: Any, worst_contrast: Callable[[Any, str], tuple[float, str]], tmp_path: Path, theme: str
) -> None:
    from nbconvert import HTMLExporter

    page, _ = HTMLExporter(template_name="lab", theme=theme).from_notebook_node(notebook(matrix_viewer(IMAGE, LAYERS)))
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    chromium.get((tmp_path / "page.html").as_uri())
    ratio, element = worst_contrast(chromium, ".ck-matrix-viewer *:not(option, [type=checkbox])")
    assert ratio >= 4.5, element
    if folder := os.environ.get("COURSEKIT_SCREENSHOTS"):
        chromium.save_screenshot(str(Path(folder) / f"matrix-viewer-{theme}.png"))


@pytest.mark.browser
@pytest.mark.slow
def test_jupyterlab_leaves_the_viewer_its_keys(
    chromium: Any, jupyter_home: Path, tmp_path: Path, serve_lab: Callable[..., str]
) -> None:
    from nbformat.sign import NotebookNotary
    from selenium.webdriver.support.ui import WebDriverWait

    (tmp_path / "root").mkdir()
    lesson = notebook(matrix_viewer(IMAGE, LAYERS))
    nbformat.write(lesson, tmp_path / "root" / "lesson.ipynb")
    url = serve_lab(tmp_path / "root")
    NotebookNotary(data_dir=str(jupyter_home / "data_dir")).sign(lesson)
    chromium.get(f"{url}/lab/tree/lesson.ipynb")
    ready = "return document.querySelectorAll('.jp-Cell .ck-matrix-viewer[data-ready]').length == 2"
    WebDriverWait(chromium, 60).until(lambda window: window.execute_script(ready))
    viewer = Viewer(chromium)
    chromium.execute_script("arguments[0].focus()", viewer.find("table.matrix td.here")[0])
    viewer.press(viewer.keys.ARROW_DOWN, viewer.keys.ARROW_RIGHT, "d", "d", "a", "b")  # delete, insert above, below
    viewer.check("stride 1", (1, 1))
    assert chromium.execute_script("return document.querySelectorAll('.jp-Cell').length") == 2
