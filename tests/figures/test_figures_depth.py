"""Figures about depth show the numbers they are given, and refuse what does not fit."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from coursekit.figures import depth

CURVES = {"plain 20": np.linspace([0.8] * 2, [0.2, 0.1], 4).T, "plain 38": np.linspace([0.9] * 2, [0.6, 0.5], 4).T}
TESTS = {"plain 20": [0.25, 0.15], "plain 38": [0.65, 0.6]}
REUSE = np.array([[1, 0.5, 0.25], [np.nan, 1, 0.75], [np.nan, np.nan, 1]])


def every_figure() -> list[Figure]:
    return [
        depth.degradation(CURVES, TESTS),
        depth.by_layer({"a": {"plain": [1e-3, 1e-2, 1], "residual": [1, 1, 2]}, "b": {"plain": [10, 5, 1]}}),
        depth.growth([0, 5], {"λ = 1": [1, 3]}, {"λ = 1": [1, 3.05]}, "growth"),
        depth.path_bars({"n = 2": ([1, 2, 1], [1, 1, 0.25]), "plain": ([0, 0, 1], [0, 0, 0.25])}),
        depth.reuse({"block 1": REUSE, "block 2": REUSE}, ["input", "1", "2"]),
    ]


def test_every_figure_draws_and_leaves_nothing_open():
    before = plt.get_fignums()
    for figure in every_figure():
        figure.canvas.draw()
    assert plt.get_fignums() == before


def test_degradation_shows_seeds_and_their_mean():
    left, right = depth.degradation(CURVES, TESTS).axes
    thick = [line for line in left.lines if line.get_label() in CURVES]
    assert [line.get_ydata()[-1] for line in thick] == pytest.approx([0.15, 0.55])
    assert len(left.lines) == 2 * 2 + 2
    assert sorted(y for line in right.lines for y in line.get_ydata()) == pytest.approx([0.15, 0.25, 0.6, 0.65])


def test_layers_of_all_panels_share_one_logarithmic_axis():
    first, second = depth.by_layer({"a": {"plain": [1e-3, 1]}, "b": {"plain": [1e3, 1]}}).axes
    assert first.get_yscale() == "log"
    assert first.get_ylim() == second.get_ylim()


def test_bars_are_shares():
    axis = depth.path_bars({"n = 2": ([1, 2, 1], [1, -1, 0.5])}).axes[0]
    assert [bar.get_height() for bar in axis.patches] == pytest.approx([0.25, 0.5, 0.25, 0.4, -0.4, 0.2])


def test_reuse_writes_only_what_a_layer_can_see():
    axis = depth.reuse({"block": REUSE}, ["input", "1", "2"]).axes[0]
    assert sorted(text.get_text() for text in axis.texts) == ["0.25", "0.50", "0.75", "1", "1", "1"]
    assert [label.get_text() for label in axis.get_xticklabels()] == ["1", "2", "next"]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: depth.degradation(CURVES, {"plain 20": [0.1], "plain 38": [0.1]}),
        lambda: depth.growth([0, 5], {"a": [1, 2, 3]}, {"a": [1, 2, 3]}, ""),
        lambda: depth.path_bars({"a": ([1, 2], [1])}),
        lambda: depth.reuse({"a": REUSE}, ["input", "1"]),
    ],
)
def test_what_does_not_fit_is_refused(wrong):
    with pytest.raises(ValueError, match="fix"):
        wrong()
