"""Figures about slopes and training: what is drawn is what was computed, wrong shapes are refused."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from coursekit.figures import gradients, training

STEPS = np.array([1e-1, 1e-3, 1e-5])
CORNERS = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
FOLDED = np.array([[0.0, 0], [1, 0], [1, 0], [2, 1]])


def curves(figure: Figure, panel: int = 0) -> dict[str, np.ndarray]:
    """Return each named line of a panel as (points, 2)."""
    return {line.get_label(): line.get_xydata() for line in figure.axes[panel].lines if line.get_label()[0] != "_"}


def test_error_against_step_draws_every_error_and_leaves_out_exact_zeros():
    figure = gradients.error_against_step(
        STEPS, {"forward": [0.1, 1e-3, 1e-5], "centred": [1e-2, 1e-6, 0]}, chosen=1e-5
    )
    drawn = curves(figure)
    assert drawn["forward"] == pytest.approx(np.stack([STEPS, [0.1, 1e-3, 1e-5]], axis=1))
    assert np.isnan(drawn["centred"][2, 1])
    axis = figure.axes[0]
    assert (axis.get_xscale(), axis.get_yscale()) == ("log", "log")
    assert [text.get_text() for text in axis.texts] == [" h = 1e-05"]
    assert axis.get_xlabel()
    assert axis.get_ylabel()


def test_curves_differ_in_dash_and_marker_not_in_colour_alone():
    figures = (
        gradients.error_against_step(STEPS, {"a": STEPS, "b": STEPS}),
        gradients.gradient_by_layer({"a": [1.0, 2.0], "b": [3.0, 4.0]}),
        training.loss_curves({"a": ([1, 2], [3, 4]), "b": ([1], [2])}, "step"),
    )
    for figure in figures:
        a, b = (line for line in figure.axes[0].lines if line.get_label() in "ab")
        assert a.get_linestyle() != b.get_linestyle()
        assert a.get_marker() != b.get_marker()


def test_activations_have_a_panel_each_with_output_and_slope():
    z = np.linspace(-3, 3, 50)
    units = {"tanh": (np.tanh(z), 1 - np.tanh(z) ** 2), "ReLU": (np.maximum(0, z), z > 0), "line": (z, np.ones(50))}
    figure = gradients.activations(z, units, columns=2)
    assert [axis.get_title() for axis in figure.axes] == ["tanh", "ReLU", "line", ""]
    assert not figure.axes[3].axison
    for panel, (output, slope) in enumerate(units.values()):
        drawn = curves(figure, panel)
        assert drawn["output"][:, 1] == pytest.approx(output)
        assert drawn["slope"][:, 1] == pytest.approx(np.asarray(slope, dtype=float))


def test_gradient_by_layer_counts_layers_from_one():
    figure = gradients.gradient_by_layer({"sigmoid": [1e-3, 1e-2, 1e-1], "tanh": np.ones(3)})
    assert curves(figure)["sigmoid"] == pytest.approx(np.array([[1, 1e-3], [2, 1e-2], [3, 1e-1]]))
    assert figure.axes[0].get_yscale() == "log"


def test_two_planes_part_the_points_as_the_line_says():
    figure = gradients.two_planes(CORNERS, FOLDED, [0, 1, 1, 0], ["no", "yes"], [1, -2, -0.5])
    left, right = figure.axes
    assert [text.get_text() for text in left.texts] == ["(0, 0)", "(0, 1)", "(1, 0)", "(1, 1)"]
    assert [text.get_text() for text in right.texts] == ["(0, 0)", "(0, 1) and (1, 0)", "(1, 1)"]
    line = right.lines[-1].get_xydata()
    assert line @ [1, -2] == pytest.approx([0.5, 0.5])
    markers = [line.get_marker() for line in left.lines[:4]]
    assert markers[0] == markers[3] != markers[1] == markers[2]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["no", "yes"]


def test_bends_say_the_largest_error():
    x = np.linspace(0, 1, 11)
    figure = gradients.bends(x, x**2, {2: x**2 + 0.25 * (x == 0.5), 8: x**2 - 0.03})
    assert [axis.get_title() for axis in figure.axes] == [
        "2 units: off by at most 0.25",
        "8 units: off by at most 0.03",
    ]
    assert curves(figure, 1)["network"][:, 1] == pytest.approx(x**2 - 0.03)


def test_descents_draw_each_path_and_mark_the_lowest_point():
    w1, w2 = np.linspace(-2, 2, 41), np.linspace(-1, 3, 31)
    losses = 0.1 + (w1 - 1) ** 2 + (w2[:, None] - 2) ** 2
    paths = {"short": [[0, 0], [0.5, 1]], "long": [[0, 0], [0.5, 1], [0.8, 1.5]]}
    figure = training.descents(w1, w2, losses, paths)
    assert [axis.get_title() for axis in figure.axes[:2]] == ["short", "long"]
    for axis, path in zip(figure.axes, paths.values(), strict=False):
        lowest, walk, first = (line.get_xydata() for line in axis.lines)
        assert lowest == pytest.approx(np.array([[1, 2]]), abs=0.1)
        assert walk == pytest.approx(np.array(path, dtype=float))
        assert first == pytest.approx(np.zeros((1, 2)))
        assert axis.get_xlim() == (-2, 2)
        assert axis.get_ylim() == (-1, 3)


def test_loss_curves_keep_their_own_steps_and_obey_the_limits():
    figure = training.loss_curves({"a": ([1, 2, 3], [3, 2, 1]), "b": ([10], [0.5])}, "step", top=10, bottom=0.1)
    assert curves(figure)["a"] == pytest.approx(np.array([[1, 3], [2, 2], [3, 1]]))
    assert figure.axes[0].get_ylim() == (0.1, 10)
    assert (figure.axes[0].get_xlabel(), figure.axes[0].get_yscale()) == ("step", "log")


@pytest.mark.parametrize(
    "draw",
    [
        lambda: gradients.error_against_step(STEPS, {"a": [1, 2]}),
        lambda: gradients.activations([0, 1], {"a": ([0, 1], [0])}),
        lambda: gradients.gradient_by_layer({"a": [1.0, 2.0], "b": [1.0]}),
        lambda: gradients.two_planes(CORNERS, FOLDED[:2], [0, 1, 1, 0], ["no", "yes"], [1, -2, -0.5]),
        lambda: gradients.two_planes(CORNERS, FOLDED, [0, 1, 2, 0], ["no", "yes"], [1, -2, -0.5]),
        lambda: gradients.two_planes(CORNERS, FOLDED, [0, 1, 1], ["no", "yes"], [1, -2, -0.5]),
        lambda: gradients.bends([0, 1], [0, 1], {4: [0, 1, 2]}),
        lambda: training.descents([0, 1], [0, 1, 2], np.ones((2, 3)), {"a": [[0, 0]]}),
        lambda: training.descents([0, 1], [0, 1, 2], np.ones((3, 2)), {"a": [[0, 0, 0]]}),
        lambda: training.loss_curves({"a": ([1, 2], [3])}, "step"),
    ],
)
def test_wrong_shapes_are_refused(draw):
    with pytest.raises(ValueError, match=r"has shape|classes are|shorter|longer"):
        draw()
