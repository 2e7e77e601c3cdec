"""Loss surfaces: what is drawn is what was computed, on one scale for all panels."""

import numpy as np
import pytest

from coursekit.figures import surfaces

OFFSETS = np.linspace(-1, 1, 5)
BOWL = 0.1 + OFFSETS[:, None] ** 2 + OFFSETS**2


def test_planes_share_contours_and_colours():
    figure = surfaces.contours(OFFSETS, {"with": BOWL, "without": 30 * BOWL})
    left, right, bar = figure.axes
    assert [left.get_title(), right.get_title(), bar.get_ylabel()] == ["with", "without", "loss"]
    fills = [axis.collections[0] for axis in (left, right)]
    np.testing.assert_allclose(fills[0].levels, fills[1].levels)
    assert fills[0].norm.vmin == fills[1].norm.vmin == pytest.approx(0.1)
    assert fills[0].norm.vmax == fills[1].norm.vmax == pytest.approx(30 * 2.1)
    assert fills[0].cmap.name == "cividis"
    assert list(left.lines[0].get_xdata()) == [0]


def test_a_top_cuts_and_infinite_losses_are_drawn():
    broken = BOWL.copy()
    broken[0, 0] = np.inf
    figure = surfaces.contours(OFFSETS, {"": broken}, top=1.0)
    assert figure.axes[0].collections[0].norm.vmax == 1.0


def test_rows_go_up():
    steep = np.tile(np.exp(OFFSETS)[:, None], (1, 5))  # along the second direction only
    lines = surfaces.contours(OFFSETS, {"": steep}).axes[0].collections[1]
    for path in lines.get_paths():
        if len(path.vertices):
            assert np.ptp(path.vertices[:, 1]) < 1e-6


def test_slices():
    figure = surfaces.slices(OFFSETS, {"plain": BOWL[2], "residual": 2 * BOWL[2]})
    axis = figure.axes[0]
    np.testing.assert_allclose(axis.lines[1].get_ydata(), 2 * BOWL[2])
    assert axis.get_yscale() == "log"
    assert [text.get_text() for text in axis.get_legend().get_texts()] == ["plain", "residual"]
    assert surfaces.slices(OFFSETS, {"a": BOWL[2]}, "accuracy", log=False).axes[0].get_yscale() == "linear"


def test_wrong_shapes_are_refused():
    with pytest.raises(ValueError, match="not \\(5, 5\\)"):
        surfaces.contours(OFFSETS, {"plane": BOWL[:3]})
