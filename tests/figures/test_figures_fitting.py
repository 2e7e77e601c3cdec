"""Figures of a fit; `History.figure` and its test cover the curves."""

import numpy as np
import pytest

from coursekit.figures import fitting


def test_curves_survive_numbers_that_are_none():
    figure = fitting.curves([2.0, float("nan")], title="the loss became nan")
    assert len(figure.axes) == 1
    assert figure.get_suptitle() == "the loss became nan"


def test_rate_range():
    rates = np.geomspace(1e-4, 1, 30)
    figure = fitting.rate_range(rates, np.linspace(3, 1, 30), np.linspace(3, 1.2, 30), 0.01)
    axis = figure.axes[0]
    points, mean, line = axis.lines
    assert axis.get_xscale() == "log"
    np.testing.assert_allclose(points.get_xdata(), rates)
    assert mean.get_ydata()[-1] == pytest.approx(1.2)
    assert line.get_xdata()[0] == 0.01
    with pytest.raises(ValueError, match="losses has shape"):
        fitting.rate_range(rates, np.zeros(29), np.zeros(30), 0.1)
