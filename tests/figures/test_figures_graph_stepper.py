"""The graph stepper: one block of HTML that needs nothing, and in a real browser steps as the engine computes."""

import html
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from coursekit.figures.graph_stepper import graph_stepper
from coursekit.scratch.graph import Value


def example():
    x, y, z = Value(-2.0, "x"), Value(5.0, "y"), Value(-4.0, "z")
    q = x + y
    f = q * z
    q.name, f.name = "q", "f"
    return f


def shared():
    """A value used three times, twice by one operation; a constant; a name that is no HTML."""
    a = Value(3.0, "<a>")
    b = (a * a + a) / 2
    b.name = "b"
    return b


def settings(block: str) -> dict[str, Any]:
    return json.loads(html.unescape(re.search('data-settings="([^"]*)"', block)[1]))


def test_the_block_carries_the_graph():
    block = graph_stepper(shared())
    values = settings(block)["values"]
    assert [v["name"] for v in values] == ["<a>", "v1", "v2", "2", "b"]
    assert [v["value"] for v in values] == [3, 9, 12, 2, 6]
    assert [v["inputs"] for v in values] == [[], [0, 0], [1, 0], [], [2, 3]]
    assert [v["local"] for v in values] == [[], [3, 3], [1, 1], [], [0.5, -3]]
    assert values[4]["formula"] == "v2 / 2"
    assert "<a>" not in block.partition("<script>")[0]


def test_the_block_asks_the_network_for_nothing():
    block = graph_stepper(example()).replace("http://www.w3.org/2000/svg", "")  # a name, not an address
    assert not re.search(r"https?:|//cdn|@import|url\(|\bfetch\b|\bid=", block)
    assert len(block) < 25_000


def test_whether_backward_was_called_makes_no_difference():
    f = example()
    before = graph_stepper(f)
    f.backward()
    f.backward()
    assert graph_stepper(f) == before


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Value(1.0),
        lambda: Value([1.0, 2.0]) * 2,
        lambda: sum([Value(1.0)] * 50),
    ],
    ids=["computed from nothing", "an array", "too large"],
)
def test_other_graphs_are_refused(wrong):
    with pytest.raises(ValueError, match=r"fix: step through a computation with single numbers"):
        graph_stepper(wrong())


class Stepper:
    """One stepper on a page, used as a reader would."""

    def __init__(self, browser: Any, which: int = 0) -> None:
        from selenium.webdriver.common.keys import Keys

        self.browser, self.keys = browser, Keys
        self.root = browser.find_elements("css selector", ".ck-graph-stepper")[which]

    def find(self, css: str) -> list[Any]:
        return self.root.find_elements("css selector", css)

    def words(self) -> list[str]:
        return [line.text for line in self.find(".words p")]

    def table(self) -> dict[str, tuple[str, ...]]:
        rows = self.browser.execute_script(
            "return [...arguments[0].tBodies[0].rows].map(r => [...r.cells].map(c => c.textContent))",
            self.find("table")[0],
        )
        return {name: tuple(cells) for name, *cells in rows}

    def boxes(self) -> list[list[str]]:
        script = "return [...arguments[0].querySelectorAll('.value')].map(g => [...g.children].map(c => c.textContent))"
        return [[text for text in texts if text] for texts in self.browser.execute_script(script, self.root)]

    def labels(self) -> list[str]:
        script = "return [...arguments[0].querySelectorAll('.edge text')].map(t => t.textContent)"
        return [label for label in self.browser.execute_script(script, self.root) if label]

    def press(self, *keys: str) -> None:
        for key in keys:
            self.browser.switch_to.active_element.send_keys(key)

    def step(self) -> str:
        return self.find(".controls span")[0].text


@pytest.fixture
def open_page(chromium: Any, tmp_path: Path) -> Callable[..., Any]:
    def open_blocks(*blocks: str) -> Any:
        page = tmp_path / "page.html"
        page.write_text('<!doctype html><meta charset="utf-8"><title>graphs</title>' + "".join(blocks), "utf-8")
        chromium.get(page.as_uri())
        return chromium

    return open_blocks


@pytest.mark.browser
@pytest.mark.slow
def test_the_lectures_example_step_by_step(open_page) -> None:
    browser = open_page(graph_stepper(example()), graph_stepper(shared()))
    stepper = Stepper(browser)
    back, forward = stepper.find("button")[1:3]
    assert stepper.words()[0] == "Start. Known are the inputs: x −2, y 5, z −4."
    assert stepper.table()["q"] == ("x + y", "?", "?")
    assert stepper.table()["x"] == ("input", "−2", "?")
    for headline in (
        "Forward, 1 of 2: q = x + y = −2 + 5 = 3",
        "Forward, 2 of 2: f = q × z = 3 × (−4) = −12",
        "Turn round: f is the end, and its gradient for itself is 1.",
        "Backward, 1 of 2: f = q × z hands on its gradient 1",
    ):
        forward.click()
        assert stepper.words()[0] == headline
    assert stepper.words()[1:] == [
        "to q: upstream 1 × local (−4) = downstream −4",
        "to z: upstream 1 × local 3 = downstream 3",
    ]
    assert stepper.labels() == ["× −4", "× 3"]
    assert len(stepper.find(".edge.on")) == 2
    assert [texts[0] for texts in stepper.boxes()] == ["x", "y", "q", "z", "f"]
    assert stepper.table()["x"][2] == "?"
    forward.click()
    assert stepper.words()[0] == "Backward, 2 of 2: q = x + y hands on its gradient −4"
    assert stepper.words()[-1] == "Done. Gradients: x −4, y −4, z 3."
    assert {name: cells[1:] for name, cells in stepper.table().items()} == {
        "x": ("−2", "−4 × 1 = −4"),
        "y": ("5", "−4 × 1 = −4"),
        "q": ("3", "1 × (−4) = −4"),
        "z": ("−4", "1 × 3 = 3"),
        "f": ("−12", "1"),
    }
    forward.click()
    assert stepper.step() == "step 5 of 5", "there is nothing after the last"
    assert forward.get_attribute("aria-disabled") == "true"
    back.click()
    assert stepper.words()[0].startswith("Backward, 1 of 2")
    assert Stepper(browser, 1).step() == "step 0 of 7", "the other one on the page is left alone"
    assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []


@pytest.mark.browser
@pytest.mark.slow
def test_by_keyboard_alone_and_with_a_value_that_is_used_three_times(open_page) -> None:
    stepper = Stepper(open_page(graph_stepper(shared())))
    stepper.browser.execute_script("arguments[0].focus()", stepper.find("button")[2])
    stepper.press(*[stepper.keys.ARROW_RIGHT] * 6)
    assert stepper.words()[0] == "Backward, 2 of 3: v2 = v1 + <a> hands on its gradient 0.5"
    assert stepper.table()["<a>"][2] == "0.5 × 1 + … = 0.5 + …", "two uses are still to come"
    stepper.press(stepper.keys.ARROW_LEFT)
    assert stepper.table()["<a>"][2] == "?"
    stepper.press(stepper.keys.END)
    assert stepper.table()["<a>"][2] == "0.5 × 1 + 0.5 × 3 + 0.5 × 3 = 3.5"
    assert stepper.table()["2"] == ("constant", "2", "1 × (−3) = −3")
    assert stepper.words()[-1] == "Done. Gradients: <a> 3.5."
    stepper.press(stepper.keys.HOME)
    assert stepper.step() == "step 0 of 7"
    stepper.browser.execute_script("arguments[0].focus()", stepper.find("input")[0])
    stepper.press(stepper.keys.ARROW_RIGHT, stepper.keys.ARROW_RIGHT)
    assert stepper.step() == "step 2 of 7"
    assert stepper.find("input")[0].get_attribute("aria-valuetext").startswith("Forward, 2 of 3: v2 = v1 + <a>")
    assert stepper.find(".words")[0].get_attribute("role") == "status"
    assert "Forward, 2 of 3" in stepper.find("svg")[0].get_attribute("aria-label")


@pytest.mark.browser
@pytest.mark.slow
def test_its_gradients_are_the_engines(open_page) -> None:
    rng = np.random.default_rng(3)
    inputs = [Value(number, f"i{k}") for k, number in enumerate(rng.normal(size=4))]
    made = list(inputs)
    for _ in range(9):
        a, b = (made[k] for k in rng.integers(0, len(made), 2))
        made.append([a * b, a + b, a - b, a.tanh(), (a + b).exp(), a / (b * b + 1)][rng.integers(0, 6)])
    loss = sum(made)
    loss.backward()
    stepper = Stepper(open_page(graph_stepper(loss)))
    stepper.find("button")[3].click()
    shown = [texts[2].removeprefix("grad ").replace("−", "-") for texts in stepper.boxes()]
    assert [float(text) for text in shown] == pytest.approx([float(s.grad) for s in loss.trace()], rel=1e-3)


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_its_text_stands_out_in_a_static_page(
    chromium: Any, worst_contrast: Callable[[Any, str], tuple[float, str]], tmp_path: Path, theme: str
) -> None:
    import nbformat
    from nbconvert import HTMLExporter

    output = nbformat.v4.new_output("display_data", data={"text/html": graph_stepper(example())})
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("...", outputs=[output], execution_count=1)])
    page, _ = HTMLExporter(template_name="lab", theme=theme).from_notebook_node(notebook)
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    chromium.get((tmp_path / "page.html").as_uri())
    Stepper(chromium).find("button")[3].click()
    ratio, element = worst_contrast(chromium, ".ck-graph-stepper *:not(svg, svg *, input)")
    assert ratio >= 4.5, element
