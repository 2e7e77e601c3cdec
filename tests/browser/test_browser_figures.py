"""The interactive figures of lectures 06 to 09 in a real JupyterLab: used by mouse and keyboard, quiet, legible."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from coursekit.figures.cortex_lab import bar
from coursekit.figures.residual_paths import path_table
from coursekit.scratch.filters import gabor

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Contrast = Callable[[Any, str], tuple[float, str]]


@pytest.fixture(autouse=True)
def _as_a_learner_starts_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let JupyterLab start without the setting that keeps TensorFlow silent: the notebooks must see to that."""
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)


def run_cells(page: Any, lecture: str, *ids: str) -> None:
    """Open a lecture and run some of its cells: what they show has no errors, and nothing from stderr."""
    page.open(f"lectures/{lecture}.ipynb")
    for id in ids:
        page.run(id)
        assert [output.text for output in page.all(page.errors)] == []


def count_cells(page: Any) -> int:
    return page.js("return jupyterapp.shell.currentWidget.content.widgets.length")


def press_in(page: Any, element: Any, *keys: str) -> None:
    """Put an element in focus, press keys, then d twice: in a cell's own keys that deletes the cell."""
    before = count_cells(page)
    page.js("arguments[0].focus()", element)
    for key in (*keys, "d", "d"):
        page.press(key)
    assert count_cells(page) == before
    assert page.js("return arguments[0].closest('[data-settings]').contains(document.activeElement)", element)


def reads_well(page: Any, worst_contrast: Contrast, figure: str) -> None:
    """Words stand out in both themes, and nothing sticks out of a narrow window."""
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        page.use_theme(theme)
        ratio, element = worst_contrast(page.window, f"{figure} :not(input[type=range], input[type=checkbox])")
        assert ratio >= 4.5, f"{theme}: {element}"
    page.narrow(700)
    outside = "const box = document.querySelector(arguments[0]); return box.scrollWidth - box.clientWidth"
    assert page.js(outside, figure) <= 1


def test_lecture_06_a_bar_is_turned_and_moved(page: Any, worst_contrast: Contrast) -> None:
    run_cells(page, "06_from_cortex_to_lenet", "setup", "networks", "turn", "move", "cortex-lab")
    lab, keys = ".ck-cortex-lab", page.keys
    fields = gabor(21, 10, phase=0), gabor(21, 10, phase=90)

    def answers(angle: float, offset: float) -> None:
        even, odd = ((bar(21, angle, offset, width=5) * field).sum() for field in fields)
        shown = page.js(f"return [...document.querySelectorAll('{lab} td.number')].map(e => Number(e.textContent))")
        assert shown == pytest.approx([max(0, even), max(0, odd), np.hypot(even, odd)], abs=0.006)

    answers(0, 0)
    turn, move = page.all(f"{lab} input")
    press_in(page, turn, *[keys.ARROW_RIGHT] * 3, keys.ARROW_LEFT)
    answers(10, 0)
    press_in(page, move, *[keys.ARROW_DOWN] * 4)
    answers(10, -2)
    press_in(page, move, keys.HOME)
    answers(10, -10)
    page.find(f"{lab} button").click()
    answers(0, 0)
    reads_well(page, worst_contrast, lab)


def test_lecture_07_layers_are_looked_up(page: Any, worst_contrast: Contrast) -> None:
    run_cells(page, "07_architectures", "setup", "ledgers", "vgg-table", "googlenet", "explorer")
    lab, keys = ".ck-ledger-explorer", page.keys
    assert page.text(f"{lab} caption") == "LeNet-5: 60,000 parameters, 325,680 multiply-adds"
    network, quantity = page.all(f"{lab} select")
    press_in(page, network, keys.ARROW_DOWN)
    page.all(f"{lab} tbody tr")[2].click()
    assert page.text(f"{lab} .words").startswith(page.text(f"{lab} tbody tr:nth-child(3) th") + ": ")
    press_in(page, page.find(f"{lab} tr.here"), keys.HOME)
    assert page.text(f"{lab} .words").startswith("conv1: 55×55×96 = 290,400 numbers come out.")
    press_in(page, quantity, keys.HOME)
    press_in(page, page.find(f"{lab} input"), keys.SPACE)
    assert page.text(f"{lab} thead th:last-child") == "parameters, logarithmic"
    page.find(f"{lab} button").click()
    assert page.text(f"{lab} caption").startswith("LeNet-5: ")
    reads_well(page, worst_contrast, lab)


def test_lecture_08_blocks_are_taken_away(page: Any, worst_contrast: Contrast) -> None:
    run_cells(page, "08_depth", "setup", "paths")
    lab, keys = ".ck-residual-paths", page.keys

    def shows(depth: int, slope: float, skip: float, removed: int) -> None:
        rows = page.js(
            "const number = e => Number(e.textContent.replaceAll('−', '-'));"
            "return [...document.querySelectorAll('.ck-residual-paths tbody tr')]"
            ".map(row => [...row.children].slice(0, 4).map(number))"
        )
        table = path_table(depth, slope, skip, removed)
        assert np.array(rows)[:, [0, 1, 3]] == pytest.approx(np.array(list(table.values())).T, rel=0.006)

    shows(8, 0.5, 1, 0)
    page.all(f"{lab} .f")[2].click()
    shows(8, 0.5, 1, 1)
    press_in(page, page.all(f"{lab} .f")[5], keys.SPACE)
    shows(8, 0.5, 1, 2)
    press_in(page, page.all(f"{lab} .f")[2], keys.ENTER)
    shows(8, 0.5, 1, 1)
    blocks, slope, _ = page.all(f"{lab} input")
    press_in(page, blocks, keys.ARROW_UP, keys.ARROW_UP, keys.ARROW_DOWN)
    shows(9, 0.5, 1, 1)
    page.fill(slope, "-0.5")
    shows(9, -0.5, 1, 1)
    plain, again = page.all(f"{lab} .controls button")
    press_in(page, plain, keys.ENTER)
    shows(9, -0.5, 0, 1)
    assert "a plain network is cut" in page.text(f"{lab} .words")
    again.click()
    shows(8, 0.5, 1, 0)
    reads_well(page, worst_contrast, lab)


def test_lecture_09_a_picture_is_changed(page: Any, worst_contrast: Contrast) -> None:
    run_cells(page, "09_training", "setup", "augmentation-lab")
    lab, keys = ".ck-augmentation-lab", page.keys
    flip, right, _, turn, *_ = page.all(f"{lab} input")
    press_in(page, flip, keys.SPACE)
    press_in(page, right, keys.ARROW_RIGHT, keys.ARROW_RIGHT)
    press_in(page, turn, keys.PAGE_UP, keys.ARROW_LEFT)
    said = page.text(f"{lab} .words")
    assert said.startswith("cat: flipped, moved by 2 and 0 pixels, turned by ")
    press_in(page, page.find(f"{lab} select"), keys.ARROW_DOWN)
    assert page.text(f"{lab} .words").startswith("seven: flipped, ")
    page.find(f"{lab} button").click()
    assert page.text(f"{lab} .words").startswith("seven: moved by 0 and 0 pixels, turned by 0°")
    reads_well(page, worst_contrast, lab)
