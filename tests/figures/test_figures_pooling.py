"""Figures about pooling draw what was computed; the pooling lab says in a browser what NumPy says."""

import html
import json
import re
from pathlib import Path

import numpy as np
import pytest

from coursekit.figures import pooling
from coursekit.figures.pooling_lab import KINDS, pooling_lab
from coursekit.scratch.pooling import pool2d

IMAGE = np.random.default_rng(3).integers(0, 10, (7, 9)).astype(float)


def test_stages_marks_what_changed_and_writes_every_number():
    before, after = ([0.1, 1, 0.2, 0.1], [1, 1, 1, 0.2]), ([0.3, 0.1, 1, 0.2], [0.3, 1, 1, 1])
    figure = pooling.stages({"before": before, "after": after}, width=3, before=1)
    bold = [[text.get_text() for text in axis.texts if text.get_fontweight() == "bold"] for axis in figure.axes]
    assert bold == [[], ["0.30", "1", "0.30", "0.10", "1", "0.20"]]
    assert [axis.get_title() for axis in figure.axes] == ["before", "after"]
    assert len(figure.axes[0].lines) == 10  # two pools of three detectors, and two of two at the ends


def test_curves_draws_means_and_the_spread_of_seeds():
    table = np.array([[0.9, 0.5], [0.7, 0.3]])
    axis = pooling.curves({"shift": ([0, 1], {"a": table, "b": table / 2})}, "accuracy", chance=0.1).axes[0]
    assert axis.lines[0].get_ydata() == pytest.approx([0.8, 0.4])
    band = axis.collections[0].get_paths()[0].vertices[:, 1]
    assert (band.min(), band.max()) == (0.3, 0.9)
    assert axis.lines[0].get_linestyle() != axis.lines[1].get_linestyle()
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("shift", "accuracy")


def test_pairs_draws_a_point_a_seed():
    axis = pooling.pairs({"linear": ([0.3, 0.4], [0.3, 0.4]), "conv": ([0.8, 0.9], [0.4, 0.5])}, ("a", "b"), "x").axes[
        0
    ]
    assert [label.get_text() for label in axis.get_yticklabels()] == ["linear", "conv"]
    assert [line.get_xdata().tolist() for line in axis.lines if line.get_marker() == "s"] == [[0.3, 0.4], [0.4, 0.5]]
    assert [text.get_text() for text in axis.get_legend().get_texts()] == ["a", "b"]


def test_regions_numbers_each_region():
    axis = pooling.regions({"title": (np.zeros((2, 4)), [[0, 0, 1, 1], [0, 0, 1, 1]])}).axes[0]
    assert [text.get_text() for text in axis.texts] == ["1", "2"]
    assert len(axis.lines) == 2


@pytest.mark.parametrize(
    "draw",
    [
        lambda: pooling.stages({"a": ([1, 2, 3], [3]), "b": ([1, 2], [2])}, width=3),
        lambda: pooling.curves({"x": ([0, 1], {"a": [[1, 2, 3]]})}, "y"),
        lambda: pooling.regions({"a": (np.zeros((2, 3)), np.zeros((3, 2)))}),
    ],
)
def test_wrong_shapes_are_refused(draw):
    with pytest.raises(ValueError, match="has shape"):
        draw()


def test_the_lab_carries_its_settings_and_asks_the_network_for_nothing():
    block = pooling_lab(IMAGE, "l2", 2, 3, (1, -1))
    settings = json.loads(html.unescape(re.search('data-settings="([^"]*)"', block)[1]))
    assert settings["image"] == IMAGE.tolist()
    assert [settings[name] for name in ("kind", "width", "stride", "shift")] == ["l2", 2, 3, [1, -1]]
    assert not re.search(r"https?:|@import|\bfetch\b|\bid=", block.replace("http://www.w3.org/2000/svg", ""))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"image": np.zeros(4)}, "has shape"),
        ({"image": np.zeros((15, 3))}, "at most 14"),
        ({"image": [[np.nan]]}, "finite"),
        ({"kind": "median"}, "pass one of"),
        ({"width": 0}, "from 1 to 9"),
        ({"stride": 10}, "from 1 to 9"),
    ],
)
def test_wrong_settings_are_refused(wrong, says):
    with pytest.raises(ValueError, match=says):
        pooling_lab(**{"image": IMAGE, **wrong})


def moved(image: np.ndarray, down: int, right: int) -> np.ndarray:
    rows, columns = image.shape
    out = np.zeros_like(image)
    for i, j in np.ndindex(rows, columns):
        if 0 <= i - down < rows and 0 <= j - right < columns:
            out[i, j] = image[i - down, j - right]
    return out


@pytest.mark.browser
@pytest.mark.slow
def test_the_lab_in_a_browser(chromium, tmp_path: Path):
    from selenium.webdriver.common.keys import Keys

    page = tmp_path / "page.html"
    page.write_text(f'<!doctype html><meta charset="utf-8">{pooling_lab(IMAGE)}', encoding="utf-8")
    find = chromium.find_element

    def check(kind: str, width: int, stride: int, shift: tuple[int, int]) -> None:
        now, rest = (
            pool2d(image[None, :, :, None], width, stride, kind)[0][0, :, :, 0]
            for image in (moved(IMAGE, *shift), IMAGE)
        )
        lines = find("css selector", "table.output").find_elements("css selector", "tr")
        cells = [line.find_elements("css selector", "td") for line in lines]
        shown = [[float(cell.text.replace("−", "-")) for cell in line] for line in cells]
        assert np.array(shown) == pytest.approx(now, abs=0.0051)
        marked = np.array([["changed" in cell.get_attribute("class") for cell in line] for line in cells])
        assert (marked == ~np.isclose(now, rest)).all()
        assert f"{marked.sum()} of {marked.size} (" in find("css selector", ".words").text

    chromium.get(page.as_uri())
    check("max", 3, 1, (0, 0))
    find("css selector", "table.input").send_keys(Keys.ARROW_RIGHT)
    check("max", 3, 1, (0, 1))
    find("css selector", "table.input").send_keys(Keys.ARROW_DOWN, Keys.ARROW_DOWN, Keys.ARROW_LEFT, Keys.ARROW_LEFT)
    for kind in KINDS:
        find("css selector", f"option[value={kind}]").click()
        check(kind, 3, 1, (2, -1))
    width, stride = chromium.find_elements("css selector", "input")
    for box, key in ((width, "4"), (stride, "2")):
        box.send_keys(Keys.CONTROL, "a")
        box.send_keys(key)
    check("disc", 4, 2, (2, -1))
    stride.send_keys(Keys.CONTROL, "a")
    stride.send_keys("0")
    assert "Not possible" in find("css selector", ".words").text
    chromium.find_elements("css selector", "button")[-1].click()
    check("max", 3, 1, (0, 0))
    assert [entry for entry in chromium.get_log("browser") if entry["level"] == "SEVERE"] == []
