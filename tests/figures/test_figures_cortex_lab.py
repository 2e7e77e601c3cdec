"""The cortex lab: one block of HTML that needs nothing, and in a real browser answers as Python does."""

import html
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from coursekit.figures.cortex_lab import bar, cortex_lab
from coursekit.scratch.filters import gabor

EVEN, ODD = gabor(15, 8), gabor(15, 8, phase=90)


def test_a_bar_has_its_width_and_turns_counter_clockwise():
    upright = bar(15, width=3)
    assert upright[7].tolist() == [0] * 6 + [1] * 3 + [0] * 6
    assert bar(15, 90, width=3) == pytest.approx(upright.T)
    assert bar(15, 0, offset=2)[0].argmax() == upright[0].argmax() + 2
    leaning = bar(15, 30, width=1)
    assert leaning[0].argmax() < 7 < leaning[-1].argmax()  # its upper end to the left


def test_the_block_carries_its_settings_and_asks_the_network_for_nothing():
    block = cortex_lab(EVEN, ODD, angle=-20, offset=1.5, width=2)
    settings = json.loads(html.unescape(re.search('data-settings="([^"]*)"', block)[1]))
    assert [settings[name] for name in ("angle", "offset", "width")] == [-20, 1.5, 2]
    assert np.array(settings["odd"]) == pytest.approx(ODD, abs=1e-4)
    assert not re.search(
        r"https?:|//cdn|@import|url\(|\bfetch\b|\bid=", block.replace("http://www.w3.org/2000/svg", "")
    )


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"even": EVEN[:, :9], "odd": ODD}, "even has shape"),
        ({"odd": ODD[:, :9]}, "odd"),
        ({"even": np.full((15, 15), np.nan)}, "finite"),
        ({"even": gabor(33, 8), "odd": gabor(33, 8)}, "from 5 to 31"),
        ({"angle": 120}, "angle is 120"),
        ({"offset": 9}, "offset 9"),
        ({"width": 0}, "width 0"),
    ],
)
def test_wrong_settings_are_refused(wrong, says):
    with pytest.raises(ValueError, match=says):
        cortex_lab(**{"even": EVEN, "odd": ODD} | wrong)


@pytest.mark.browser
@pytest.mark.slow
def test_it_answers_as_python_does_by_keyboard(chromium: Any, tmp_path: Path) -> None:
    from selenium.webdriver.common.keys import Keys

    block = cortex_lab(EVEN, ODD)
    page = tmp_path / "page.html"
    page.write_text(f'<!doctype html><meta charset="utf-8"><title>two</title>{block}{block}', encoding="utf-8")
    chromium.get(page.as_uri())
    lab = chromium.find_element("css selector", ".ck-cortex-lab")
    turn, move = lab.find_elements("css selector", "input")

    def answers(angle: float, offset: float) -> None:
        sums = [(bar(15, angle, offset) * field).sum() for field in (EVEN, ODD)]
        expected = [max(0, sums[0]), max(0, sums[1]), np.hypot(*sums)]
        shown = [float(cell.text) for cell in lab.find_elements("css selector", "td.number")]
        assert shown == pytest.approx(expected, abs=0.006)

    answers(0, 0)
    turn.send_keys(Keys.ARROW_RIGHT * 3)
    answers(15, 0)
    move.send_keys(Keys.ARROW_LEFT * 4)
    answers(15, -2)
    assert "turned by 15°, −2 pixels" in lab.find_element("css selector", ".words").text
    lab.find_element("css selector", "button").click()
    answers(0, 0)
    assert [entry for entry in chromium.get_log("browser") if entry["level"] == "SEVERE"] == []
    assert len(chromium.find_elements("css selector", ".ck-cortex-lab[data-ready]")) == 2
