"""Figures about losses: what is drawn is what was computed, axes say what they are, wrong shapes are refused."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from coursekit.figures import losses

NAMES = ["cat", "car", "frog"]
SCORES = np.array([[3.2, 5.1, -1.7], [1.3, 4.9, 2.0], [2.2, 2.5, -3.1]])


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for axis in figure.axes for text in axis.texts] + [axis.get_title() for axis in figure.axes]


def test_margins_shows_the_worked_example():
    figure = losses.margins(SCORES, [0, 1, 2], NAMES)
    assert [axis.get_title() for axis in figure.axes] == [
        "a cat: hinge loss 2.9",
        "a car: hinge loss 0",
        "a frog: hinge loss 12.9",
    ]
    assert {"2.9", "6.3", "6.6"} <= set(texts(figure))
    assert all(axis.get_xlabel() == "score" for axis in figure.axes)
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == NAMES


def test_margins_follows_the_margin():
    assert losses.margins(SCORES[:1], [0], NAMES, margin=0).axes[0].get_title() == "a cat: hinge loss 1.9"


def test_the_correct_class_is_told_by_its_marker_too():
    markers = [line for line in losses.margins(SCORES[:1], [0], NAMES).axes[0].lines if line.get_marker() in "os^"]
    faces = [line.get_markerfacecolor() for line in markers]
    assert len({line.get_marker() for line in markers}) == 3
    assert faces[0] != faces[1] == faces[2]


def test_score_frame_has_a_panel_for_each_quantity():
    figure = losses.score_frame(SCORES[0], 0, NAMES, {"probability": [0.13, 0.87, 0.001], "gradient": [-1, 1, 0]})
    assert [axis.get_title() for axis in figure.axes] == ["a cat: hinge loss 2.9", "probability", "gradient"]
    assert {"0.13", "0.87", "0.00", "−1"} <= set(texts(figure))


def test_class_bars_writes_its_numbers_and_hatches_the_correct_class():
    figure = losses.class_bars(NAMES, {"score": SCORES[0], "exp(score)": np.exp(SCORES[0])}, label=0)
    assert {"3.2", "5.1", "−1.7", "24.5", "164", "0.18"} <= set(texts(figure))
    bars = figure.axes[0].patches
    assert [bar.get_width() for bar in bars] == pytest.approx(SCORES[0])
    assert [bool(bar.get_hatch()) for bar in bars] == [True, False, False]


BARS = {"gradient": [-0.87, 0.87, 0.0], "zeros": [0, 0, 0], "all below": [-0.13, -0.87, -1.5]}


@pytest.mark.parametrize("figure", [losses.class_bars(NAMES, BARS), losses.score_frame(SCORES[0], 0, NAMES, BARS)])
def test_numbers_of_bars_stay_inside_the_axes(figure):
    figure.canvas.draw()
    for axis in figure.axes:
        for text in axis.texts:
            box, frame = text.get_window_extent(), axis.get_window_extent()
            assert frame.x0 <= box.x0 <= box.x1 <= frame.x1


@pytest.mark.parametrize("margin", [0, 1, 10])
def test_hinge_curve_bends_at_the_margin(margin):
    axis = losses.hinge_curve((margin,)).axes[0]
    lead, term = axis.lines[0].get_data()
    assert term[0] == 0
    assert lead[term > 0].min() == pytest.approx(-margin, abs=0.1)
    assert term[-1] == pytest.approx(3 + margin)
    assert "s_j - s_y" in axis.get_xlabel()
    assert axis.get_ylabel()


def test_loss_comparison_draws_curves_that_differ_in_dash():
    lead = np.linspace(-4, 6, 50)
    figure = losses.loss_comparison(lead, {"hinge": np.maximum(0, 1 - lead), "softmax": np.log1p(np.exp(-lead))})
    axis = figure.axes[0]
    assert [text.get_text() for text in axis.get_legend().get_texts()] == ["hinge", "softmax"]
    assert axis.lines[0].get_linestyle() != axis.lines[1].get_linestyle()
    assert axis.get_xlabel()
    assert axis.get_ylabel()


def test_penalty_shapes_line_holds_every_weight_with_the_score():
    x = np.array([2.0, 1.0])
    axis = losses.penalty_shapes(x, 2.0, [1, 0], [0.8, 0.4]).axes[0]
    line = np.array(axis.lines[0].get_data())
    assert x @ line == pytest.approx([2, 2])
    diamond, circle = axis.patches
    assert np.abs(diamond.get_xy()).sum(axis=1) == pytest.approx(np.ones(5))
    assert circle.radius == pytest.approx(np.hypot(0.8, 0.4))
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("$w_1$", "$w_2$")


def test_triplet_gaps_counts_the_three_kinds():
    gaps = np.array([-0.3, 0.0, 0.1, 0.15, 0.2, 0.7, 0.9, 1.2, 1.3, 1.4])  # on both borders too
    figure = losses.triplet_gaps({"raw": gaps, "learned": gaps + 1}, margin=0.2)
    legend = figure.axes[0].get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["hard 20%", "semi-hard 20%", "easy 60%"]
    assert len({patch.get_hatch() for patch in legend.get_patches()}) == 3
    assert sum(bar.get_height() for bar in figure.axes[0].patches) == len(gaps)
    assert figure.axes[-1].get_xlabel()
    assert all(axis.get_ylabel() for axis in figure.axes)


@pytest.mark.parametrize(
    "draw",
    [
        lambda: losses.margins(SCORES[:, :2], [0, 1, 2], NAMES),
        lambda: losses.margins(SCORES, [0, 1, 3], NAMES),
        lambda: losses.margins(SCORES, [0, 1], NAMES),
        lambda: losses.score_frame(SCORES, 0, NAMES, {}),
        lambda: losses.score_frame(SCORES[0], -1, NAMES, {}),
        lambda: losses.score_frame(SCORES[0], 0, NAMES, {"p": [1, 2]}),
        lambda: losses.class_bars(NAMES, {"score": [1, 2]}),
        lambda: losses.class_bars(NAMES, {"score": [1, 2, 3]}, label=3),
        lambda: losses.loss_comparison([0, 1], {"hinge": [1, 0, 0]}),
        lambda: losses.penalty_shapes([2, 1, 1], 2, [1, 0], [0.8, 0.4]),
        lambda: losses.triplet_gaps({"raw": []}),
    ],
)
def test_wrong_shapes_are_refused(draw):
    with pytest.raises(ValueError, match=r"has shape|classes are|shorter|longer"):
        draw()
