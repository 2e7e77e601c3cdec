"""Figures about classifiers: what is drawn is what was computed, and wrong shapes are refused."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from coursekit.figures import classifiers, style

NAMES = ["cat", "dog", "ship"]
IMAGE = np.array([[0.5, 1.0], [0.0, 0.5]])
TEMPLATES = np.arange(12.0).reshape(3, 2, 2) - 6


def images(figure):
    return [axis.images[0] for axis in figure.axes if axis.images]


def test_votes_writes_every_number_and_marks_the_winner():
    figure = classifiers.votes(IMAGE, TEMPLATES, [-0.25, 2.5, 2.0], NAMES)
    written = [text.get_text() for axis in figure.axes for text in axis.texts]
    assert written[:4] == ["0.5", "1", "0", "0.5"]
    assert written[4] == "−6"
    assert [axis.get_title() for axis in figure.axes] == ["image", *(f"{name} template" for name in NAMES)]
    assert [axis.get_xlabel() for axis in figure.axes[1:]] == ["score −0.25", "score 2.5 (highest)", "score 2"]


def contrast(colour, other) -> float:
    """By WCAG 2."""
    light = [
        np.array([c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(each)])
        @ [0.2126, 0.7152, 0.0722]
        for each in (colour, other)
    ]
    return (max(light) + 0.05) / (min(light) + 0.05)


@pytest.mark.parametrize(
    "figure",
    [
        classifiers.votes(
            np.linspace(0, 1, 30).reshape(5, 6), np.linspace(-1, 1, 90).reshape(3, 5, 6), [0, 0, 0], NAMES
        ),
        classifiers.confusion(np.arange(36).reshape(6, 6), list("abcdef")),
    ],
)
def test_numbers_stand_out_from_whatever_they_stand_on(figure):
    for axis in figure.axes:
        [drawn] = axis.images
        for text in axis.texts:
            column, row = text.get_position()
            value = drawn.get_array()[row, column]
            behind = axis.get_facecolor() if np.ma.is_masked(value) else drawn.to_rgba(value)
            assert contrast(text.get_color(), behind) >= 4.5


def test_templates_share_one_diverging_scale_around_zero():
    weights = np.linspace(-1, 3, 64 * 7).reshape(64, 7)
    figure = classifiers.templates(weights, [str(i) for i in range(7)], (8, 8))
    drawn = [axis.images[0] for axis in figure.axes[:7]]
    assert {image.get_clim() for image in drawn} == {(-3.0, 3.0)}
    assert {image.get_cmap().name for image in drawn} == {style.DIVERGING}
    assert [axis.get_title() for axis in figure.axes[:7]] == [str(i) for i in range(7)]
    assert figure.axes[-1].get_ylabel() == "weight"


def test_templates_are_columns_in_the_shape_of_the_image():
    weights = np.arange(6 * 2.0).reshape(6, 2)  # images that are not square
    figure = classifiers.templates(weights, ["a", "b"], (2, 3))
    assert np.array_equal(figure.axes[1].images[0].get_array(), weights[:, 1].reshape(2, 3))


def test_pictures_go_in_rows_under_their_titles():
    figure = classifiers.pictures(np.zeros((5, 4, 3)), list("abcde"), columns=3)
    assert [axis.get_title() for axis in figure.axes] == ["a", "b", "c", "d", "e", ""]
    assert len(images(figure)) == 5
    assert {image.get_clim() for image in images(figure)} == {(0, 1)}


def test_confusion_counts_true_classes_down_and_colours_mistakes_only():
    counts = np.array([[7, 2, 0], [0, 8, 0], [1, 0, 9]])
    axis = classifiers.confusion(counts, NAMES).axes[0]
    written = {(text.get_position(), text.get_text()) for text in axis.texts}
    assert ((1, 0), "2") in written  # true class 0, in row 0, taken for class 1
    assert ((0, 2), "1") in written
    assert len(written) == 5  # no zeros
    shown = axis.images[0].get_array()
    assert np.array_equal(np.ma.getmaskarray(shown), np.eye(3, dtype=bool))
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("predicted class", "true class")


def test_confusion_without_mistakes_can_be_drawn():
    classifiers.confusion(5 * np.eye(3), NAMES).canvas.draw()


def test_fooling_adds_alpha_times_the_template():
    template = np.array([[1.0, -2.0], [0.5, 0.0]])
    figure = classifiers.fooling(IMAGE, template, 0.1, ("read as 9", "template of 8", "read as 8"))
    before, change, after = (image.get_array() for image in images(figure))
    assert np.allclose(change, 0.1 * template)
    assert np.allclose(after, before + 0.1 * template)
    assert figure.axes[1].images[0].get_clim() == (-1, 1)  # at its true size beside pixels of 0 to 1
    assert [axis.get_xlabel() for axis in figure.axes] == ["read as 9", "template of 8", "read as 8"]


@pytest.mark.parametrize(
    "draw",
    [
        lambda: classifiers.votes(IMAGE.ravel(), TEMPLATES, [0, 1, 2], NAMES),
        lambda: classifiers.votes(IMAGE, TEMPLATES[:2], [0, 1, 2], NAMES),
        lambda: classifiers.votes(IMAGE, TEMPLATES, [0, 1], NAMES),
        lambda: classifiers.templates(np.zeros((3, 64)), NAMES, (8, 8)),
        lambda: classifiers.pictures(np.zeros((2, 8, 8, 1)), ["a", "b"]),
        lambda: classifiers.pictures(np.zeros((2, 8, 8)), ["a"]),
        lambda: classifiers.confusion(np.zeros((3, 2)), NAMES),
        lambda: classifiers.fooling(IMAGE, TEMPLATES[0, :, :1], 0.1, ("", "", "")),
    ],
)
def test_wrong_shapes_are_refused(draw):
    with pytest.raises(ValueError, match="has shape"):
        draw()
