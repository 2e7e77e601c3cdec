"""A ledger's table and chart say what its rows say."""

from dataclasses import dataclass

import pytest

from coursekit.figures import ledgers


@dataclass(frozen=True)
class Row:
    name: str
    output_shape: tuple
    params: int
    macs: int
    receptive_field: object


ROWS = [
    Row("conv<1>", (28, None, 6), 156, 117_600, 5),
    Row("pool1", (14, 14, 6), 0, 0, (6, 7)),
    Row("fc", (84,), 1_000_000, 2_000_000_000, None),
]


def test_table_as_text_and_html():
    table = ledgers.table(ROWS)
    lines = str(table).splitlines()
    assert [line.split() for line in lines] == [
        ["layer", "output", "parameters", "multiply-adds", "sees"],
        ["conv<1>", "28×?×6", "156", "117,600", "5"],
        ["pool1", "14×14×6", "0", "0", "6×7"],
        ["fc", "84", "1,000,000", "2,000,000,000", "all"],
        ["total", "1,000,156", "2,000,117,600"],
    ]
    assert len({len(line) for line in lines}) == 1
    assert "conv&lt;1&gt;" in table._repr_html_()
    assert table._repr_html_().count("<tr>") == 5


def test_chart_has_a_bar_for_each_layer_that_counts():
    figure = ledgers.chart(ROWS, "title")
    parameters, work = figure.axes
    assert [bar.get_width() for bar in parameters.patches] == [156, 1_000_000]
    assert [bar.get_width() for bar in work.patches] == [117_600, 2_000_000_000]
    assert parameters.patches[0].get_hatch() != parameters.patches[1].get_hatch()
    assert [label.get_text() for label in parameters.get_yticklabels()] == ["conv<1>", "fc"]
    assert [text.get_text() for text in parameters.texts] == ["156 (0%)", "1 M (100%)"]
    assert work.get_title() == "2 G multiply-adds"


def test_chart_of_nothing_says_so():
    with pytest.raises(ValueError, match="none of the rows"):
        ledgers.chart(ROWS[1:2])


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0"), (999, "999"), (60_000, "60 k"), (999_999, "1000 k"), (15_470_264_320, "15.5 G")]
)
def test_short_counts(count, text):
    assert ledgers._short(count) == text
