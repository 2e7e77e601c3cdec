"""The augmentation lab: one block of HTML that needs nothing, and in a real browser changes pictures as Python does."""

import html
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest

from coursekit.figures.augmentation_lab import augmentation_lab, changed

RNG = np.random.default_rng(0)
PICTURE = RNG.integers(0, 256, (9, 9, 3)) / 255
OTHER = RNG.integers(0, 256, (6, 6, 3)) / 255


def test_changes_do_what_they_say():
    assert (changed(PICTURE) == PICTURE).all()
    assert (changed(PICTURE, flip=True) == PICTURE[:, ::-1]).all()
    moved = changed(PICTURE, right=2, down=-1)
    assert (moved[:-1, 2:] == PICTURE[1:, :-2]).all()
    assert (moved[-1] == 0).all()
    assert (moved[:, :2] == 0).all()
    assert changed(PICTURE, turn=90) == pytest.approx(np.rot90(PICTURE))  # counter-clockwise
    assert changed(PICTURE, turn=-90, flip=True) == pytest.approx(np.rot90(PICTURE[:, ::-1], -1))
    tinted = changed(PICTURE, red=0.3, blue=-0.3)
    assert tinted == pytest.approx(np.clip(PICTURE + np.array([0.3, 0, -0.3]), 0, 1))


def test_the_block_carries_its_pictures_and_asks_the_network_for_nothing():
    block = augmentation_lab({"a <b>": PICTURE, "other": OTHER})
    settings = json.loads(html.unescape(re.search('data-settings="([^"]*)"', block)[1]))
    assert list(settings["pictures"]) == ["a <b>", "other"]
    assert np.array(settings["pictures"]["other"]) / 255 == pytest.approx(OTHER)
    assert "<b>" not in block.partition("<script>")[0]
    assert not re.search(
        r"https?:|//cdn|@import|url\(|\bfetch\b|\bid=", block.replace("http://www.w3.org/2000/svg", "")
    )


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({}, "got 0 pictures"),
        (dict.fromkeys("abcd", OTHER), "got 4 pictures"),
        ({"tall": OTHER[:, :4]}, "tall has shape"),
        ({"large": np.zeros((33, 33, 3))}, "2 to 32"),
        ({"bright": OTHER + 0.5}, "outside 0 to 1"),
        ({"grey": OTHER[..., 0]}, "grey has shape"),
    ],
)
def test_wrong_pictures_are_refused(wrong, says):
    with pytest.raises(ValueError, match=says):
        augmentation_lab(wrong)


@pytest.mark.browser
@pytest.mark.slow
def test_it_changes_pictures_as_python_does_by_keyboard(chromium: Any, tmp_path: Path) -> None:
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.support.ui import Select

    block = augmentation_lab({"first": PICTURE, "other": OTHER})
    page = tmp_path / "page.html"
    page.write_text(f'<!doctype html><meta charset="utf-8"><title>two</title>{block}{block}', encoding="utf-8")
    chromium.get(page.as_uri())
    lab = chromium.find_element("css selector", ".ck-augmentation-lab")
    flip, right, down, turn, red, _, blue = lab.find_elements("css selector", "input")
    read = (
        "const c = arguments[0]; return [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]"
        ".filter((_, i) => i % 4 < 3);"
    )

    def shows(picture: Any, **how: Any) -> None:
        expected = changed(picture, **how)
        canvas = lab.find_elements("css selector", "canvas")[1]
        pixels = np.array(chromium.execute_script(read, canvas)).reshape(expected.shape)
        assert pixels == pytest.approx(255 * expected, abs=0.51)
        cells = [float(cell.text.replace("−", "-")) for cell in lab.find_elements("css selector", "td")]
        assert cells[4:7] == pytest.approx(expected.mean(axis=(0, 1)), abs=6e-4)
        assert cells[11] == pytest.approx(np.sqrt(((expected - picture) ** 2).mean()), abs=6e-4)

    shows(PICTURE)
    flip.send_keys(Keys.SPACE)
    shows(PICTURE, flip=True)
    right.send_keys(Keys.ARROW_RIGHT * 2)
    down.send_keys(Keys.ARROW_LEFT)
    turn.send_keys(Keys.ARROW_RIGHT * 3)
    shows(PICTURE, flip=True, right=2, down=-1, turn=15)
    red.send_keys(Keys.ARROW_RIGHT * 3)
    blue.send_keys(Keys.ARROW_LEFT * 2)
    shows(PICTURE, flip=True, right=2, down=-1, turn=15, red=0.3, blue=-0.2)
    assert "flipped, moved by 2 and −1 pixels, turned by 15°" in lab.find_element("css selector", ".words").text
    Select(lab.find_element("css selector", "select")).select_by_value("other")
    shows(OTHER, flip=True, right=2, down=-1, turn=15, red=0.3, blue=-0.2)
    lab.find_element("css selector", "button").click()
    shows(OTHER)
    assert [entry for entry in chromium.get_log("browser") if entry["level"] == "SEVERE"] == []
    assert len(chromium.find_elements("css selector", ".ck-augmentation-lab[data-ready]")) == 2


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_its_text_stands_out_in_a_static_page(
    chromium: Any, worst_contrast: Callable[[Any, str], tuple[float, str]], tmp_path: Path, theme: str
) -> None:
    from nbconvert import HTMLExporter

    output = nbformat.v4.new_output("display_data", data={"text/html": augmentation_lab({"one": PICTURE})})
    cell = nbformat.v4.new_code_cell("...", outputs=[output], execution_count=1)
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": kernel})
    page, _ = HTMLExporter(template_name="lab", theme=theme).from_notebook_node(notebook)
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    chromium.get((tmp_path / "page.html").as_uri())
    ratio, element = worst_contrast(chromium, ".ck-augmentation-lab :is(p, label, button, select, th, td, figcaption)")
    assert ratio >= 4.5, element
