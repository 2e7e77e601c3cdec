"""Filters without labels: shapes and norms, centres that are patches, and a classifier that finds what is there."""

import numpy as np
import pytest

from coursekit.errors import CourseError
from coursekit.training.untrained import kmeans_filters, linear_accuracy, pooled_features, random_filters


def bars(count, rng):
    """Images of one bright row, or one bright column, at a random place."""
    labels, images = rng.integers(0, 2, count), rng.normal(0, 0.05, (count, 8, 8, 1))
    for image, label in zip(images, labels, strict=True):
        place = rng.integers(1, 7)
        image[(place, slice(None)) if label else (slice(None), place)] += 1
    return images.astype(np.float32), labels


def test_random_filters_are_normalised_and_follow_their_seed():
    kernels = random_filters(5, 3, channels=2, seed=4)
    assert kernels.shape == (3, 3, 2, 5)
    assert kernels.dtype == np.float32
    assert kernels.mean(axis=(0, 1, 2)) == pytest.approx(0, abs=1e-6)
    assert (kernels**2).sum(axis=(0, 1, 2)) == pytest.approx(1, abs=1e-5)
    assert (kernels == random_filters(5, 3, channels=2, seed=4)).all()
    assert (kernels != random_filters(5, 3, channels=2, seed=5)).any()


def test_kmeans_finds_the_bars_that_images_are_made_of():
    images, _ = bars(200, np.random.default_rng(0))
    kernels = kmeans_filters(images, 6, 3)
    assert kernels.shape == (3, 3, 1, 6)
    rows = np.array([[-1, -1, -1], [2, 2, 2], [-1, -1, -1]]) / np.sqrt(18)
    likeness = [np.abs((kernels[:, :, 0] * bar[:, :, np.newaxis]).sum(axis=(0, 1))).max() for bar in (rows, rows.T)]
    assert min(likeness) > 0.9


def test_too_large_filters_are_refused():
    with pytest.raises(CourseError, match="smaller than 5"):
        kmeans_filters(np.zeros((3, 4, 9, 1)), 2, 5)


def test_features_are_means_of_rectified_maps():
    image = np.arange(25.0, dtype=np.float32).reshape(1, 5, 5, 1)
    kernel = np.ones((1, 1, 1, 2), np.float32) * [1, -1]
    found = pooled_features(image, kernel.astype(np.float32), [0, 3], 2)
    corner = [0, 1, 5, 6]
    assert found.shape == (1, 8)
    assert found[0, 0] == np.mean(corner)
    assert found[0, 1] == pytest.approx(np.mean([max(0, 3 - v) for v in corner]))
    assert found[0, 6] == np.mean([12, 13, 17, 18])  # the last row and column fill no place


def test_a_linear_classifier_on_features_tells_rows_from_columns():
    rng = np.random.default_rng(1)
    (images, labels), (others, answers) = bars(200, rng), bars(100, rng)
    kernels = random_filters(16, 3)
    features = [pooled_features(each, kernels, 0, 1) for each in (images, others)]
    assert linear_accuracy(features[0], labels, features[1], answers) > 0.95
    assert linear_accuracy(features[0], rng.permutation(labels), features[1], answers) < 0.75
