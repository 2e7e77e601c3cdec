"""Figures about convolution: what is drawn is what was passed in, nothing is told by colour alone, shapes are held."""

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from coursekit.figures import convolution
from coursekit.figures.convolution import Slide

IMAGE = np.array([[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0]])
CROSS = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]])


def texts(figure: Figure, panel: int = 0) -> list[str]:
    return [text.get_text() for text in figure.axes[panel].texts]


def fits(figure: Figure) -> bool:
    """Whether every text lies within the figure, and the figure on a page."""
    figure.canvas.draw()
    box = figure.bbox
    drawn = [text.get_window_extent() for axis in figure.axes for text in axis.texts if text.get_text()]
    return figure.get_figwidth() <= 9 and all(box.x0 <= t.x0 and t.x1 <= box.x1 + 1 for t in drawn)


def test_slides_lay_weights_where_they_are_used():
    figure = convolution.slides([Slide("stride 3", np.arange(1, 8), [1, 2, 3], [14, 32], stride=3)])
    axis = figure.axes[0]
    assert axis.get_title(loc="left") == "stride 3"
    weights = {text.get_position(): text.get_text() for text in axis.texts if text.get_text().startswith("×")}
    assert weights == {(0, 1): "×1", (1, 1): "×2", (2, 1): "×3", (3, 2): "×1", (4, 2): "×2", (5, 2): "×3"}
    assert [text for text in texts(figure) if text.startswith("=")] == ["= 14", "= 32"]
    hatched = [patch.get_x() + 0.5 for patch in axis.patches if patch.get_hatch()]
    assert hatched == [6]
    assert fits(figure)


def test_slides_spread_taps_and_dash_the_padding():
    slide = Slide("", [5, 6, 7], [1, -1], [-6, 5 - 7, 6], before=1, after=1, dilation=2)
    axis = convolution.slides([slide]).axes[0]
    places = [text.get_position() for text in axis.texts if text.get_text().startswith("×")]
    assert places == [(0, 1), (2, 1), (1, 2), (3, 2), (2, 3), (4, 3)]
    top = [patch for patch in axis.patches if patch.get_y() == -0.5]
    assert [patch.get_linestyle() for patch in top] == ["--", "-", "-", "-", "--"]
    assert [text.get_text() for text in axis.texts[:5]] == ["0", "5", "6", "7", "0"]


def test_slides_of_different_length_leave_no_gaps():
    row = Slide("", [1, 2, 3, 4], [1, 1], [3, 5, 7])
    figure = convolution.slides([row, row, Slide("", [1, 2], [1, 1], [3])])
    figure.canvas.draw()
    heights = [axis.get_position().height for axis in figure.axes]
    assert heights[0] == pytest.approx(heights[1])
    assert heights[2] < heights[0]
    assert not figure.axes[3].axison


def test_overlap_shades_what_both_cover_and_marks_its_area():
    a = np.linspace(-2, 2, 401)
    box = (np.abs(a) <= 0.5).astype(float)
    triangle = np.maximum(0, 1 - np.abs(a))
    figure = convolution.overlap(a, box, {-1.5: np.roll(box, -150), -0.5: np.roll(box, -50)}, triangle)
    assert [axis.get_xlabel() for axis in figure.axes] == ["a (area 0)", "a (area 0.50)", "t"]
    shaded = figure.axes[1].collections[0].get_paths()[0].vertices
    assert (shaded[shaded[:, 1] > 0.5, 0].min(), shaded[shaded[:, 1] > 0.5, 0].max()) == pytest.approx(
        (-0.5, 0), abs=0.02
    )
    signal, window = figure.axes[0].lines
    assert signal.get_linestyle() != window.get_linestyle()
    assert figure.axes[2].lines[1].get_ydata() == pytest.approx([0, 0.5])
    assert fits(figure)


def test_grids_write_every_number_and_frame_the_marked_cells():
    figure = convolution.grids({"image": IMAGE, "kernel": -CROSS}, {"image": [(0, 1), (2, 3)]})
    assert [axis.get_title(loc="left") for axis in figure.axes] == ["image", "kernel"]
    assert texts(figure) == [str(value) for value in IMAGE.ravel()]
    assert texts(figure, 1)[0] == "−1"
    thick = [patch for patch in figure.axes[0].patches if patch.get_linewidth() > 2]
    assert [(patch.get_x() + 0.5, patch.get_y() + 0.5) for patch in thick] == [(1, 0), (3, 2)]
    assert [patch for patch in figure.axes[1].patches if patch.get_linewidth() > 2] == []
    figure.canvas.draw()
    sides = [axis.transData.transform([(0, 0), (1, 0)])[:, 0] for axis in figure.axes]
    assert np.diff(sides[0]) == pytest.approx(np.diff(sides[1]), rel=0.08)  # cells of about one size


def test_wide_grids_still_fit_a_page():
    assert fits(convolution.grids({name: np.zeros((7, 7)) for name in "abcd"}))


def test_wirings_letter_few_weights_and_number_many():
    shared = [[1, 2, 0], [0, 1, 2]]
    figure = convolution.wirings({"full": np.arange(1, 7).reshape(2, 3), "shared": shared})
    assert texts(figure) == ["1", "2", "3", "4", "5", "6"]
    assert texts(figure, 1) == ["a", "b", "", "", "a", "b"]
    faces = [to_hex(patch.get_facecolor()) for patch in figure.axes[1].patches]
    assert faces[0] == faces[4] != faces[1] == faces[5]
    assert faces[2] == faces[3] == "#ffffff"
    assert figure.axes[0].get_ylabel() == "output pixel"
    assert fits(figure)


def test_photos_cut_brightness_but_not_signed_maps():
    images = {"grey": np.full((4, 6), 3.0), "edges": np.linspace(-2, 2, 24).reshape(4, 6), "colour": np.ones((4, 6, 3))}
    figure = convolution.photos(images, {"grey": "sum 3"}, signed=["edges"])
    grey, edges, colour = (axis.images[-1] for axis in figure.axes)
    assert (grey.norm.vmin, grey.norm.vmax, grey.cmap.name) == (0, 1, "gray")
    assert edges.norm.vmin == -edges.norm.vmax
    assert edges.cmap.name == "PuOr"
    assert colour.get_array().shape == (4, 6, 3)
    assert figure.axes[0].get_xlabel() == "sum 3"
    assert [axis.get_title() for axis in figure.axes] == list(images)


def test_counts_are_written_out_on_a_logarithmic_axis():
    figure = convolution.counts({"full": 14_455_392, "shared": 456}, "parameters")
    assert texts(figure) == ["14,455,392", "456"]
    assert figure.axes[0].get_xscale() == "log"
    assert figure.axes[0].get_xlabel() == "parameters"
    assert fits(figure)


def test_kernel_text_is_a_small_table():
    assert convolution.kernel_text([[0, -1], [5, 1 / 9]]) == "0   −1\n5   0.11"


@pytest.mark.parametrize(
    "draw",
    [
        lambda: convolution.slides([Slide("", [1, 2, 3], [1, 1], [3, 5, 7])]),
        lambda: convolution.slides([Slide("", [[1, 2, 3]], [1, 1], [3, 5])]),
        lambda: convolution.overlap([0, 1], [0, 1], {0: [0, 1, 2]}, [0, 1]),
        lambda: convolution.grids({"row": [1, 2, 3]}),
        lambda: convolution.wirings({"row": [1, 2, 3]}),
        lambda: convolution.photos({"two channels": np.zeros((4, 4, 2))}),
        lambda: convolution.photos({"row": [1, 2, 3]}),
        lambda: convolution.counts({"none": 0}, "parameters"),
        lambda: convolution.kernel_text([1, 2]),
    ],
)
def test_wrong_shapes_are_refused(draw):
    with pytest.raises(ValueError, match=r"has shape|reads pixel|has the count"):
        draw()
