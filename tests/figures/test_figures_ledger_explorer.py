"""The ledger explorer: one block that needs nothing, and in a real browser says what the ledger says."""

import html
import json
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from coursekit.figures.ledger_explorer import ledger_explorer


@dataclass(frozen=True)
class Row:
    name: str
    output_shape: tuple[int | None, ...]
    params: int
    macs: int
    receptive_field: int | tuple[int, ...] | None


SMALL = [
    Row("conv1", (24, 20, 6), 156, 72_000, 5),
    Row("pool1", (12, 10, 6), 0, 0, 6),
    Row("fc2", (10,), 7_210, 7_200, None),
]
OTHER = [Row("<b>", (7, 3, 2), 62, 1_260, (5, 3)), Row("last", (4,), 172, 168, None)]
NETWORKS = {"small": SMALL, "other": OTHER}


def test_the_block_carries_the_ledgers_and_asks_the_network_for_nothing():
    block = ledger_explorer(NETWORKS, "outputs")
    settings = json.loads(html.unescape(re.search('data-settings="([^"]*)"', block)[1]))
    assert settings["networks"][0] == ["small", [[*row] for row in map(lines, SMALL)]]
    assert settings["networks"][1][1][0] == ["<b>", [7, 3, 2], 62, 1_260, [5, 3]]
    assert settings["quantity"] == "outputs"
    assert "<b>" not in block.partition("<script>")[0]
    assert not re.search(r"https?:|@import|\bfetch\b|\bid=", block.replace("http://www.w3.org/2000/svg", ""))


def lines(row):
    return row.name, list(row.output_shape), row.params, row.macs, row.receptive_field


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"networks": {}}, "has no rows"),
        ({"networks": {"empty": []}}, "has no rows"),
        ({"quantity": "price"}, "pass one of parameters"),
        ({"networks": {"open": [Row("conv1", (None, 4, 2), 8, 8, 3)]}}, "full input_shape"),
        ({"networks": {"long": SMALL * 200}}, "more than 400"),
    ],
)
def test_wrong_settings_are_refused(wrong, says):
    with pytest.raises(ValueError, match=says):
        ledger_explorer(**{"networks": NETWORKS, **wrong})


@pytest.mark.browser
@pytest.mark.slow
def test_the_explorer_in_a_browser(chromium, tmp_path: Path):
    from selenium.webdriver.common.keys import Keys

    page = tmp_path / "page.html"
    page.write_text(f'<!doctype html><meta charset="utf-8">{ledger_explorer(NETWORKS)}', encoding="utf-8")
    find, every = chromium.find_element, chromium.find_elements

    def said() -> str:
        return str(find("css selector", ".words").text)

    def bars() -> list[float]:
        return [float(bar.get_attribute("style").split()[1][:-2]) for bar in every("css selector", ".bar span")]

    def cells() -> list[str]:
        return [cell.text for cell in every("css selector", "tbody tr.here :is(th, td)")][:5]

    chromium.get(page.as_uri())
    assert find("css selector", "caption").text == "small: 7,366 parameters, 79,200 multiply-adds"
    assert cells() == ["conv1", "24×20×6", "156", "72,000", "5"]
    assert said().startswith("conv1: 24×20×6 = 2,880 numbers come out. 156 parameters, 2.1 % of the network's.")
    assert "works 480 times: 72,000 multiply-adds, 90.9 %. An output sees 5 pixels across." in said()
    assert bars() == pytest.approx([100 * 156 / 7210, 0, 100], abs=0.01)
    find("css selector", "tr.here").send_keys(Keys.ARROW_DOWN)
    assert "Nothing to learn" in said()
    chromium.switch_to.active_element.send_keys(Keys.END)
    assert cells() == ["fc2", "10", "7,210", "7,200", "all"]
    assert "works once" in said()
    assert "sees the whole input" in said()
    assert find("css selector", "tr.here").get_attribute("tabindex") == "0"
    find("css selector", "option[value='receptive field']").click()
    assert bars() == pytest.approx([100 * 5 / 6, 100, 100], abs=0.01)
    find("css selector", "option[value=other]").click()
    assert cells() == ["<b>", "7×3×2", "62", "1,260", "5×3"]
    find("css selector", "input").click()
    assert find("css selector", "thead th:last-child").text == "receptive field, logarithmic"
    find("css selector", "button").click()
    assert cells()[0] == "conv1"
    assert [entry for entry in chromium.get_log("browser") if entry["level"] == "SEVERE"] == []
