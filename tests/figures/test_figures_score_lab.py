"""The score lab: one block of HTML that needs nothing, and in a real browser says what Python says."""

import html
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from coursekit.figures.score_lab import score_lab
from coursekit.scratch.losses import hinge_loss, softmax, softmax_loss

NAMES = ("cat", "car", "frog")
START = (3.2, 5.1, -1.7)


def test_the_block_carries_its_settings():
    block = score_lab(START, 0, ['a "cat"', "<b>", "frog"], margin=2)
    settings = json.loads(html.unescape(re.search('data-settings="([^"]*)"', block)[1]))
    expected = {"scores": [3.2, 5.1, -1.7], "label": 0, "names": ['a "cat"', "<b>", "frog"], "margin": 2, "reach": 8}
    assert settings == expected
    assert "<b>" not in block.partition("<script>")[0]


def test_the_block_asks_the_network_for_nothing():
    block = score_lab(START, 0, NAMES).replace("http://www.w3.org/2000/svg", "")  # a name, not an address
    assert not re.search(r"https?:|//cdn|@import|url\(|\bfetch\b|\bid=", block)
    assert len(block) < 20_000


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"scores": [1, 2]}, "has shape"),
        ({"scores": [1, 2, 9]}, "larger reach"),
        ({"scores": [1, 2, np.nan]}, "finite scores"),
        ({"label": 3}, "classes are 0 to 2"),
        ({"names": ["a", "b"]}, "three class names"),
        ({"margin": -1}, "0 or more"),
    ],
)
def test_wrong_settings_are_refused(wrong, says):
    with pytest.raises(ValueError, match=says):
        score_lab(**{"scores": START, "label": 0, "names": NAMES, **wrong})


class Lab:
    """The first lab on a page, used as a reader would."""

    def __init__(self, browser: Any) -> None:
        self.browser = browser

    def find(self, css: str) -> list[Any]:
        return self.browser.find_element("css selector", ".ck-score-lab").find_elements("css selector", css)

    @property
    def markers(self) -> list[Any]:
        return self.find(".marker")

    @property
    def inputs(self) -> list[Any]:
        return self.find("tbody input[type=number]")

    def press(self, marker: int, *keys: str) -> None:
        self.browser.execute_script("arguments[0].focus()", self.markers[marker])
        self.browser.switch_to.active_element.send_keys(*keys)

    def scores(self) -> list[float]:
        return [float(marker.get_attribute("aria-valuenow")) for marker in self.markers]

    def shown(self) -> np.ndarray:
        """Return the table's numbers: hinge term, hinge gradient, probability, softmax gradient a class."""
        cells = [row.find_elements("css selector", "td")[1:] for row in self.find("tbody tr")]
        return np.array([[float(cell.text.replace("−", "-")) for cell in row] for row in cells])

    def losses(self) -> tuple[float, float]:
        return tuple(float(strong.text.split()[-1]) for strong in self.find("strong"))

    def check(self, label: int = 0, margin: float = 1.0) -> None:
        """Hold every number shown to what NumPy computes from the scores shown."""
        scores, labels = np.array([self.scores()]), np.array([label])
        (hinge, hinge_gradient), (loss, gradient) = hinge_loss(scores, labels, margin), softmax_loss(scores, labels)
        terms = np.maximum(0, scores - scores[0, label] + margin)
        terms[0, label] = 0
        expected = np.array([terms[0], hinge_gradient[0], softmax(scores)[0], gradient[0]]).T
        assert self.shown() == pytest.approx(expected, abs=0.0051)
        assert self.losses() == pytest.approx((hinge, loss), abs=0.0051)


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not (chromium and driver):
        pytest.skip("Chromium and chromedriver are not installed: `.ci/run` installs them")
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in (
        "headless=new",
        "no-sandbox",
        "disable-gpu",
        "disable-background-networking",
        "host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        f"user-data-dir={tmp_path / 'chromium'}",
    ):
        options.add_argument(f"--{flag}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    block = score_lab(START, 0, NAMES)
    page = tmp_path / "page.html"
    page.write_text(f'<!doctype html><meta charset="utf-8"><title>labs</title>{block}{block}', encoding="utf-8")
    browser = webdriver.Chrome(options, webdriver.ChromeService(driver))
    try:
        browser.get(page.as_uri())
        yield Lab(browser)
        assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []
    finally:
        browser.quit()


@pytest.mark.browser
@pytest.mark.slow
def test_the_lab_in_a_browser(lab: Lab):
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    lab.check()
    assert lab.losses() == (2.9, 2.04)

    # By keyboard, on a marker: a step, a big step, the ends.
    lab.press(1, Keys.ARROW_LEFT, Keys.ARROW_LEFT, Keys.PAGE_DOWN)
    assert lab.scores()[1] == pytest.approx(3.9)
    lab.check()
    lab.press(2, Keys.END, Keys.ARROW_RIGHT)
    assert lab.scores()[2] == 8
    lab.press(2, Keys.HOME)
    lab.check()

    # By number: half-typed input neither moves the caret nor counts until it is a number.
    field = lab.inputs[0]
    field.send_keys(Keys.CONTROL, "a")
    field.send_keys("-2.25")
    assert lab.scores()[0] == -2.25
    assert field.get_attribute("value") == "-2.25"
    lab.check()

    # With the mouse.
    before = lab.scores()[1]
    ActionChains(lab.browser).drag_and_drop_by_offset(lab.markers[1], -100, 0).perform()
    assert lab.scores()[1] < before - 1
    lab.check()

    # Another correct class, another margin; the second lab on the page is left alone.
    lab.find("input[type=radio]")[2].click()
    margin = lab.find(".controls input")[0]
    margin.send_keys(Keys.CONTROL, "a")
    margin.send_keys("2.5")
    lab.check(label=2, margin=2.5)
    lab.find("button")[0].click()
    assert lab.scores() == list(START)
    lab.check()
    others = lab.browser.find_elements("css selector", ".ck-score-lab")[1]
    assert others.find_elements("css selector", "input[type=radio]")[0].is_selected()
