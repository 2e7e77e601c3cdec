"""The style: figures look alike whatever the caller's settings, and wrong shapes are refused."""

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from coursekit.figures import style


def test_a_figure_ignores_the_settings_of_its_caller_and_leaves_them_alone():
    @style.styled
    def draw() -> Figure:
        figure, axes = style.panels(1, 1, (3, 2))
        axes[0, 0].set_title("title")
        return figure

    with mpl.rc_context({"axes.titlesize": 40, "axes.spines.top": True}):
        axis = draw().axes[0]
        assert mpl.rcParams["axes.titlesize"] == 40
    assert axis.title.get_fontsize() == style.STYLE["axes.titlesize"]
    assert not axis.spines["top"].get_visible()


def test_style_is_a_context():
    with style.style():
        assert mpl.rcParams["image.cmap"] == style.SEQUENTIAL
    assert mpl.rcParams["image.cmap"] != style.SEQUENTIAL


@pytest.mark.parametrize("wrong", [np.zeros(3), np.zeros((2, 4)), np.zeros((0, 3)), 1.0])
def test_numbers_refuses_other_shapes_and_says_both(wrong):
    with pytest.raises(ValueError, match=r"scores has shape \(.*not \(any, 3\)") as caught:
        style.numbers("scores", wrong, (None, 3))
    assert "fix:" in str(caught.value)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1))
def test_the_middle_of_a_symmetric_map_is_zero(values):
    norm = style.symmetric(values)
    assert norm.vmin == -norm.vmax < 0
    assert float(norm(0.0)) == pytest.approx(0.5)
    assert norm.vmax >= max(map(abs, values)) or norm.vmax == 1


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.12998, "0.13"),
        (24.533, "24.5"),
        (164.02, "164"),
        (0.00097, "0.00"),
        (-1.7, "−1.7"),
        (0.0, "0"),
        (-0.87, "−0.87"),
    ],
)
def test_labels_carry_the_numbers_of_the_slides(value, text):
    assert style.short(value) == text


def test_text_and_lines_stand_out_from_white():
    def light(colour):
        parts = np.array(mpl.colors.to_rgb(colour))
        parts = np.where(parts <= 0.03928, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        return parts @ [0.2126, 0.7152, 0.0722]

    contrast = {colour: 1.05 / (light(colour) + 0.05) for colour in (*style.COLOURS, style.INK, style.GREY)}
    assert min(contrast.values()) >= 3  # WCAG 2.1, graphics
    assert contrast[style.INK] >= 4.5  # and text
    assert contrast[style.GREY] >= 4.5
