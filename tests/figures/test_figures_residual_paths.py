"""The residual paths: one block of HTML that needs nothing, and in a real browser counts what Python counts."""

import html
import itertools
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest

from coursekit.figures.residual_paths import path_table, residual_paths


def walked(depth: int, slope: float, skip: float, removed: set[int]) -> dict[int, list[float]]:
    """Every path, walked: the gradient of each, by the number of F's on it."""
    found: dict[int, list[float]] = {}
    ways = [("shortcut",) if i in removed else ("shortcut", "F") for i in range(depth)]
    for path in itertools.product(*ways):
        gradient = np.prod([slope if step == "F" else skip for step in path])
        found.setdefault(path.count("F"), []).append(float(gradient))
    return found


@pytest.mark.parametrize(
    ("depth", "slope", "skip", "removed"), [(5, 0.5, 1.0, set()), (6, -0.7, 0.4, {2}), (4, 0.3, 0.0, {0, 3})]
)
def test_the_table_counts_every_path(depth, slope, skip, removed):
    table, paths = path_table(depth, slope, skip, len(removed)), walked(depth, slope, skip, removed)
    assert table["blocks on the path"] == sorted(paths)
    assert table["paths"] == [len(paths[k]) for k in sorted(paths)]
    assert table["gradient together"] == pytest.approx([sum(paths[k]) for k in sorted(paths)])
    total = skip ** len(removed) * (slope + skip) ** (depth - len(removed))
    assert sum(table["gradient together"]) == pytest.approx(total)


def test_the_block_carries_its_settings_and_asks_the_network_for_nothing():
    block = residual_paths(7, -0.25, 1.5, removed=[4, 1])
    settings = json.loads(html.unescape(re.search('data-settings="([^"]*)"', block)[1]))
    assert [settings[name] for name in ("depth", "slope", "skip", "removed")] == [7, -0.25, 1.5, [1, 4]]
    assert not re.search(
        r"https?:|//cdn|@import|url\(|\bfetch\b|\bid=", block.replace("http://www.w3.org/2000/svg", "")
    )
    assert len(block) < 20_000


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"depth": 0}, "from 1 to 12"),
        ({"depth": 13}, "from 1 to 12"),
        ({"slope": 3.5}, "slope is 3.5"),
        ({"skip": float("nan")}, "skip is nan"),
        ({"depth": 4, "removed": [4]}, "numbers 0 to 3"),
    ],
)
def test_wrong_settings_are_refused(wrong, says):
    with pytest.raises(ValueError, match=says):
        residual_paths(**wrong)


class Figure:
    """The first figure on a page, used as a reader would."""

    def __init__(self, browser: Any) -> None:
        from selenium.webdriver.common.keys import Keys

        self.browser, self.keys = browser, Keys

    def find(self, css: str) -> list[Any]:
        return self.browser.find_element("css selector", ".ck-residual-paths").find_elements("css selector", css)

    def words(self) -> str:
        return self.find(".words")[0].text.replace("−", "-")

    def enter(self, label: str, value: object) -> None:
        box = next(
            each.find_element("css selector", "input") for each in self.find(".controls label") if label in each.text
        )
        box.send_keys(self.keys.CONTROL, "a")
        box.send_keys(str(value) or self.keys.BACKSPACE)

    def rows(self) -> list[list[float]]:
        cells = [row.find_elements("css selector", "td")[:4] for row in self.find("tbody tr")]
        return [[float(cell.text.replace("−", "-")) for cell in row] for row in cells]

    def check(self, depth: int, slope: float, skip: float, removed: set[int]) -> None:
        """Hold the table and the words to the paths as Python walks them."""
        paths = walked(depth, slope, skip, removed)
        expected = [[k, len(paths[k]), paths[k][0], sum(paths[k])] for k in sorted(paths)]
        assert np.array(self.rows()) == pytest.approx(np.array(expected), rel=0.006)
        total = sum(map(sum, paths.values()))
        assert float(self.words().partition(" = ")[2].partition(". ")[0]) == pytest.approx(total, rel=0.006)
        pressed = [button.get_attribute("aria-pressed") == "true" for button in self.find(".f")]
        assert pressed == [i in removed for i in range(depth)]


@pytest.mark.browser
@pytest.mark.slow
def test_it_counts_what_python_counts_by_mouse_and_keyboard(chromium: Any, tmp_path: Path) -> None:
    block = residual_paths(5, 0.5, 1.0)
    page = tmp_path / "page.html"
    page.write_text(f'<!doctype html><meta charset="utf-8"><title>two</title>{block}{block}', encoding="utf-8")
    chromium.get(page.as_uri())
    figure = Figure(chromium)
    figure.check(5, 0.5, 1.0, set())
    assert "32 paths carry it" in figure.words()

    figure.find(".f")[1].click()
    figure.find(".f")[3].send_keys(figure.keys.SPACE)
    figure.check(5, 0.5, 1.0, {1, 3})
    assert chromium.switch_to.active_element == figure.find(".f")[3]  # which keeps the focus while numbers change
    figure.enter("slope", -0.4)
    figure.enter("λ", 1.3)
    figure.check(5, -0.4, 1.3, {1, 3})
    figure.enter("blocks", 3)
    figure.check(3, -0.4, 1.3, {1})
    figure.find(".controls button")[0].click()  # plain
    figure.check(3, -0.4, 0.0, {1})
    assert "0 paths carry it: a plain network is cut" in figure.words()
    figure.find(".f")[1].click()
    figure.check(3, -0.4, 0.0, set())
    assert "1 path carries it" in figure.words()

    figure.enter("blocks", 12)
    figure.check(12, -0.4, 0.0, set())
    figure.enter("blocks", "2.5")
    assert figure.words() == "Not possible: blocks n must be a whole number from 1 to 12."
    figure.enter("λ", "")
    assert figure.words().startswith("Not possible: λ of each shortcut must be a number from -3 to 3")
    assert len(figure.find("[aria-invalid=true]")) == 1  # the other box went back to what holds
    figure.find(".controls button")[1].click()  # start again
    figure.check(5, 0.5, 1.0, set())
    assert [entry for entry in chromium.get_log("browser") if entry["level"] == "SEVERE"] == []
    assert len(chromium.find_elements("css selector", ".ck-residual-paths[data-ready]")) == 2


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_its_text_stands_out_in_a_static_page(
    chromium: Any, worst_contrast: Callable[[Any, str], tuple[float, str]], tmp_path: Path, theme: str
) -> None:
    from nbconvert import HTMLExporter

    output = nbformat.v4.new_output("display_data", data={"text/html": residual_paths(8, -0.5, 1.0, [2])})
    cell = nbformat.v4.new_code_cell("...", outputs=[output], execution_count=1)
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": kernel})
    page, _ = HTMLExporter(template_name="lab", theme=theme).from_notebook_node(notebook)
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    chromium.get((tmp_path / "page.html").as_uri())
    ratio, element = worst_contrast(chromium, ".ck-residual-paths *")
    assert ratio >= 4.5, element
    if folder := os.environ.get("COURSEKIT_SCREENSHOTS"):
        chromium.save_screenshot(str(Path(folder) / f"residual-paths-{theme}.png"))
