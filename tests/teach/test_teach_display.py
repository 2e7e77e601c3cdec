import base64
import re
from html import unescape
from io import BytesIO

import matplotlib as mpl

mpl.use("agg")
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from coursekit.errors import CourseError
from coursekit.teach import forms
from coursekit.teach.display import figure

ALT = 'Loss "falls" from 2 to 0 & then stays <flat>.'


@pytest.fixture
def fig() -> Figure:
    fig, ax = plt.subplots(figsize=(2, 1))
    ax.plot([0, 1])
    return fig


def test_a_figure_is_one_html_output_with_its_alt(fig: Figure, shown: list[forms.Shown]) -> None:
    assert figure(fig, ALT) is None
    [output] = shown
    assert output.text == f"Figure: {ALT}"
    assert output.html.startswith("<figure")
    assert unescape(re.search(r'alt="([^"]*)"', output.html)[1]) == ALT
    assert "<figcaption" not in output.html
    assert "<details" not in output.html
    assert not plt.fignum_exists(fig.number)


def test_the_picture_stands_on_white(fig: Figure, shown: list[forms.Shown]) -> None:
    with mpl.rc_context({"savefig.transparent": True, "savefig.facecolor": "black"}):
        figure(fig, ALT)
    data = re.search(r'src="data:image/png;base64,([^"]+)"', shown[0].html)[1]
    pixels = plt.imread(BytesIO(base64.b64decode(data)))
    assert pixels[0, 0].tolist() == [1, 1, 1, 1]
    assert pixels.min() < 0.5  # and something is drawn on it


def test_an_alt_of_several_lines_is_one_sentence(fig: Figure, shown: list[forms.Shown]) -> None:
    figure(fig, "Loss falls\n    from two to zero.")
    assert shown[0].text == "Figure: Loss falls from two to zero."


@pytest.mark.parametrize("alt", ["", "   \n ", "a plot", "x" * 19])
def test_an_alt_that_says_nothing_is_refused(fig: Figure, shown: list[forms.Shown], alt: str) -> None:
    with pytest.raises(CourseError, match="say what the picture shows"):
        figure(fig, alt)
    assert not shown
    plt.close(fig)


def test_what_is_no_figure_is_refused(fig: Figure) -> None:
    with pytest.raises(CourseError, match=r"not Axes[\s\S]*ax\.figure"):
        figure(fig.axes[0], ALT)
    plt.close(fig)


def test_caption_and_table_follow(fig: Figure, shown: list[forms.Shown]) -> None:
    columns = {"margin": np.array([0, 1]), "loss <m>": [2.0, np.float32(1 / 3)]}
    figure(fig, ALT, caption="The `hinge`.", table=columns)
    html = shown[0].html
    assert "<code>hinge</code>" in html
    assert '<th scope="col">loss &lt;m&gt;</th>' in html
    assert "<tr><td>1</td><td>0.33333</td></tr>" in html
    assert html.index("<img") < html.index("<figcaption") < html.index("<details")


def test_a_table_of_rows_starts_with_its_header(fig: Figure, shown: list[forms.Shown]) -> None:
    figure(fig, ALT, table=[["epoch", "loss"], [1, 2.0], [2, 1.0]])
    assert shown[0].html.count('<th scope="col">') == 2
    assert shown[0].html.count("<tr><td>") == 2


@pytest.mark.parametrize("table", [{"a": [1], "b": [1, 2]}, [["a", "b"], [1]], []])
def test_an_uneven_table_is_refused_before_the_figure_closes(fig: Figure, table: object) -> None:
    with pytest.raises(CourseError, match=r"the figure's table"):
        figure(fig, ALT, table=table)
    assert plt.fignum_exists(fig.number)
    plt.close(fig)
