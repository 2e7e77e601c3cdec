"""Figures about published networks draw the numbers they are given."""

from dataclasses import dataclass

import numpy as np
import pytest

from coursekit.figures import architectures


@dataclass(frozen=True)
class Row:
    name: str
    output_shape: tuple[int | None, ...]
    params: int
    macs: int = 0
    receptive_field: int | None = None


def words(axis):
    return [text.get_text() for text in axis.texts]


def test_timeline_hatches_what_is_no_network():
    entries = [(2011, "old", 25.8, False), (2012, "also old", 26.2, False), (2012, "new", 16.4, True)]
    axis = architectures.timeline(entries, human=5.1).axes[0]
    assert [bar.get_height() for bar in axis.patches] == [25.8, 26.2, 16.4]
    assert [bar.get_hatch() for bar in axis.patches] == ["///", "///", None]
    assert words(axis) == ["25.8", "26.2", "16.4", "one person:\n5.1"]
    assert [text.get_text() for text in axis.get_legend().get_texts()] == [
        "hand-made features",
        "convolutional network",
    ]
    assert [label.get_text() for label in axis.get_xticklabels()] == ["old\n2011", "also old\n2012", "new\n2012"]


def test_removals_draws_a_bar_at_the_mean_and_a_point_a_seed():
    figure = architectures.removals({"7": 16.8, "3, 4": 1.7}, {"3, 4": [2, 4], "7": [-1, 1]}, ("saved", "lost"))
    left, right = figure.axes
    assert [bar.get_width() for bar in left.patches] == [16.8, 1.7]
    assert [bar.get_width() for bar in right.patches] == [0, 3]
    dots = [line.get_xdata().tolist() for line in right.lines if line.get_marker() == "o"]
    assert dots == [[-1, 1], [2, 4]]
    assert [axis.get_xlabel() for axis in figure.axes] == ["saved", "lost"]


def test_points_has_a_lane_a_name():
    axis = architectures.points({"whole": [0.8, 0.9], "tanh": [0.7]}, "accuracy").axes[0]
    assert [label.get_text() for label in axis.get_yticklabels()] == ["whole", "tanh"]
    means = [line.get_xdata()[0] for line in axis.lines if line.get_marker() != "o"]
    assert means == pytest.approx([0.85, 0.7])


def test_memory_counts_four_bytes_a_number():
    rows = [Row("conv1", (512, 512, 4), 2**18), Row("fc6", (1024,), 2**20)]
    left, right = architectures.memory(rows, "title").axes
    assert [bar.get_width() for bar in left.patches] == pytest.approx([4, 1 / 256])
    assert [bar.get_width() for bar in right.patches] == [1, 4]
    assert [axis.get_title() for axis in (left, right)] == ["outputs, one image: 4 MiB", "weights: 5 MiB"]


def test_parts_stand_end_to_end():
    axis = architectures.parts({"A": [9, 124], "E": [20, 124]}, ("convolutions", "dense"), "M").axes[0]
    assert [(bar.get_x(), bar.get_width()) for bar in axis.patches] == [(0, 9), (0, 20), (9, 124), (20, 124)]
    assert words(axis) == ["133", "144"]
    assert len({bar.get_hatch() for bar in axis.patches}) == 2


@pytest.mark.parametrize("layers", [1, 3])
def test_stacks_end_on_the_same_seven_inputs(layers):
    axis = architectures.stacks({"stack": (layers, 27)}).axes[0]
    inputs = [line for line in axis.lines if line.get_marker() == "s" and line.get_ydata()[0] == 0]
    assert sorted(line.get_xdata()[0] for line in inputs) == list(range(-3, 4))
    joints = [line for line in axis.lines if line.get_marker() != "s"]
    assert len(joints) == (7 if layers == 1 else 3 * (5 + 3 + 1))  # each unit reads its own window
    assert "27 C²" in axis.get_title()


def test_modules_puts_each_layer_into_its_branch():
    layers = {"1x1": 64, "3x3_reduce": 96, "3x3": 128, "5x5": 32, "pool": 192}
    rows = [Row(f"3a_{name}", (28, 28, maps), 1, 10**6 * (name != "pool")) for name, maps in layers.items()]
    axis = architectures.modules({"small": [*rows, Row("3a_output", (28, 28, 416), 0)]}).axes[0]
    assert axis.get_title() == "small: 4 M multiply-adds"
    boxes = ["1 × 1\n64 maps\n1 M", "3 × 3\nreduce\n96 maps\n1 M", "3 × 3\n128 maps\n1 M", "5 × 5\n32 maps\n1 M"]
    assert words(axis) == [*boxes, "pool\n192 maps", "416 maps stacked", "192 maps come in"]
    heights = [text.get_position()[1] for text in axis.texts[:5]]
    assert heights[1] < heights[0] == heights[3] < heights[2]


def test_trade_names_every_network():
    axis = architectures.trade({"AlexNet": (61, 0.72, 16.4), "GoogLeNet": (7, 1.58, 6.7)}).axes[0]
    assert words(axis) == ["AlexNet\n16.4 %", "GoogLeNet\n6.7 %"]
    assert axis.get_xscale() == axis.get_yscale() == "log"
    assert np.all(axis.get_xlim() > np.array([0.4, 1.58]))


def test_wrong_shapes_are_refused():
    with pytest.raises(ValueError, match="has shape"):
        architectures.points({"a": [[1, 2]]}, "x")
    with pytest.raises(ValueError, match="has shape"):
        architectures.removals({"a": 1}, {"a": [[1, 2]]}, ("x", "y"))
