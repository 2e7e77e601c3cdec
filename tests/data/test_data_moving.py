"""The videos: they move as their label says, and one frame does not know how."""

import numpy as np
import pytest

from coursekit.data.builders.moving_digits.moving_digits_dataset_builder import DIRECTIONS

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("tier0")]


def aligned(videos, labels, factors, classes):
    """Return the videos with the motion that label and factors state taken back: (n, frames, size, size)."""
    still = np.empty(videos.shape[:4], np.float32)
    for i, video in enumerate(videos[..., 0]):
        step = factors["speed"][i] * np.array(DIRECTIONS[classes[labels[i]]])
        for t, frame in enumerate(video):
            still[i, t] = np.roll(frame, -(factors["start"][i] + t * step), axis=(0, 1))
    return still


def test_the_counts_and_shapes(tier0):
    moving = tier0("moving_digits")
    assert moving.x_train.shape == (2000, 8, 24, 24, 1)
    assert moving.x_test.shape == (400, 8, 24, 24, 1)
    assert moving.x_train.dtype == np.float32
    assert set(np.bincount(moving.y_train)) == {250}
    assert set(np.bincount(moving.y_test)) == {50}
    assert "2000 training and 400 test videos of shape (8, 24, 24, 1), 8 classes" in repr(moving)
    assert set(np.unique(moving.factors_train["speed"])) == {1, 2}


def test_taking_back_the_motion_leaves_a_digit_of_the_same_split(tier0):
    moving, digits = tier0("moving_digits"), tier0("digits")
    for x, y, factors, own, other in (
        (moving.x_train[:300], moving.y_train, moving.factors_train, (digits.x_train, digits.y_train), digits.x_test),
        (moving.x_test, moving.y_test, moving.factors_test, (digits.x_test, digits.y_test), digits.x_train),
    ):
        still = aligned(x, y, factors, moving.classes)
        assert still.std(axis=1).mean() < 0.09, "only noise changes from frame to frame"
        small = still.mean(axis=1)[:, :16, :16].reshape(-1, 8, 2, 8, 2).mean(axis=(2, 4)).reshape(len(x), 64)
        near = ((small[:, np.newaxis] / 0.8 - own[0].reshape(1, -1, 64)) ** 2).mean(axis=2)
        far = ((small[:, np.newaxis] / 0.8 - other.reshape(1, -1, 64)) ** 2).mean(axis=2)
        assert (near.min(axis=1) < far.min(axis=1)).mean() > 0.99
        assert (own[1][near.argmin(axis=1)] == factors["digit"][: len(x)].astype(int)).mean() > 0.99


@pytest.mark.parametrize("frame", [0, 7])
def test_where_a_digit_is_in_one_frame_tells_nothing_of_its_direction(frame, tier0):
    moving = tier0("moving_digits")
    factors = moving.factors_train
    step = np.array([DIRECTIONS[moving.classes[y]] for y in moving.y_train]) * factors["speed"][:, np.newaxis]
    place = (factors["start"] + frame * step) % 24
    for axis in (0, 1):
        counts = np.zeros((8, 24))
        np.add.at(counts, (moving.y_train, place[:, axis]), 1)
        chi_squared = ((counts - 250 / 24) ** 2 / (250 / 24)).sum()
        assert chi_squared < 8 * 23 + 4 * np.sqrt(2 * 8 * 23), "uniform whatever the direction"
