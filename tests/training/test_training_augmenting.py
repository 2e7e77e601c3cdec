"""Augmentations change images in training, each one differently, keep shapes, and do nothing else."""

import numpy as np
import pytest

from coursekit import training
from coursekit.errors import CourseError
from coursekit.training.augmenting import KINDS

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def dot():
    """The same image 64 times: a dot in colour on grey, left of the middle."""
    images = np.full((64, 16, 16, 3), 0.5, dtype="float32")
    images[:, 7:9, 3:5] = [1.0, 0.2, 0.6]
    return images


def change(keras, kinds, images, **options):
    return keras.ops.convert_to_numpy(training.augmentation(kinds, **options)(images, training=True))


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_draws_anew_and_keeps_shape_and_range(keras, kind, dot):
    changed = change(keras, kind, dot)
    assert changed.shape == dot.shape
    assert changed.dtype == np.float32
    assert changed.min() >= 0
    assert changed.max() <= 1 + 1e-6
    assert len({image.tobytes() for image in changed}) > 1
    np.testing.assert_array_equal(change(keras, kind, dot), changed)
    assert not np.array_equal(change(keras, kind, dot, seed=5), changed)


def test_nothing_happens_when_predicting(keras, dot):
    augment = training.augmentation()
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(augment(dot, training=False)), dot)


def test_a_flip_mirrors_half_of_them(keras, dot):
    flipped = np.array([not np.array_equal(a, b) for a, b in zip(change(keras, "flip", dot), dot, strict=True)])
    assert 16 < flipped.sum() < 48
    np.testing.assert_array_equal(change(keras, "flip", dot)[flipped][0], dot[0, :, ::-1])


def test_a_crop_moves_by_whole_pixels_up_to_an_eighth(keras, dot):
    lit = dot * (dot != 0.5)
    changed = change(keras, "crop", lit)
    rows, columns = np.array([np.argwhere(image[..., 0] == 1)[0] for image in changed]).T
    assert set(rows) == {5, 6, 7, 8, 9}
    assert set(columns) == {1, 2, 3, 4, 5}
    assert set(np.unique(changed)) == set(np.unique(lit))


def test_a_cast_is_one_colour_over_the_image(keras, dot):
    difference = change(keras, "colour_cast", dot)[:, :6] - dot[:, :6]  # away from the dot, which is clipped
    assert np.ptp(difference, axis=(1, 2)).max() < 1e-6
    assert 0.09 < np.abs(difference).max() <= 0.1
    assert np.abs(change(keras, "colour_cast", dot, strength=2)[:, :6] - dot[:, :6]).max() > 0.15


def test_a_network_reads_augmented_digits_as_before(keras, build, digits):
    """The label stays: a network that never saw a moved or tilted digit still reads most of them."""
    model = build()
    training.fit(model, digits, epochs=8, learning_rate=0.01)
    tilted = change(keras, "geometric", digits.x_test)
    right = model.predict(tilted, verbose=0).argmax(axis=1) == digits.y_test
    assert right.mean() > 0.75


def test_the_cast_survives_saving(keras, tmp_path):
    training.augmentation("colour_cast", seed=3).save(tmp_path / "augment.keras")
    layer = keras.models.load_model(tmp_path / "augment.keras").layers[0]
    assert (layer.reach, layer.seed) == (0.1, 3)


@pytest.mark.parametrize(("kinds", "strength"), [("shake", 1), ([], 1), ("flip", 0)])
def test_unknown_ones_are_refused(kinds, strength):
    with pytest.raises(CourseError):
        training.augmentation(kinds, strength)
