"""Pictures of computation graphs say what the graph holds, and no text leaves its box."""

import numpy as np
import pytest
from matplotlib.patches import FancyBboxPatch, PathPatch

from coursekit.figures.graphs import graph
from coursekit.scratch.graph import Value


def test_every_value_has_its_box_and_every_use_its_arrow():
    x, y, z = Value(-2.0, "x"), Value(5.0, "y"), Value(-4.0, "z")
    f = (x + y) * z
    f.backward()
    axis = graph(f.draw()).axes[0]
    texts = [text.get_text() for text in axis.texts]
    assert {"x", "y", "z", "+", "×", "value −12", "grad 3", "grad 1"} <= set(texts)
    assert texts.count("grad −4") == 3
    assert sum(isinstance(patch, PathPatch) for patch in axis.patches) == 4
    assert sum(isinstance(patch, FancyBboxPatch) for patch in axis.patches) == 5 + 2  # boxes and signs


def test_texts_stay_in_their_boxes():
    weights = Value(np.full((64, 10), -0.123456, np.float32), "weights")
    loss = (np.ones((20, 64), np.float32) @ weights).sigmoid().reshape(-1).mean() * -1234567.0
    loss.backward()
    drawing = loss.draw()
    figure = graph(drawing)
    figure.canvas.draw()
    axis, (wide, _) = figure.axes[0], drawing.layout.box
    for text in axis.texts:
        box = text.get_window_extent().transformed(axis.transData.inverted())
        assert abs(box.x1 - box.x0) < wide - 6, text.get_text()


def test_the_picture_has_the_shape_of_the_layout():
    drawing = (Value(1.0) + 2).draw()
    width, height = graph(drawing).get_size_inches()
    assert width / height == pytest.approx(drawing.layout.size[0] / drawing.layout.size[1])
