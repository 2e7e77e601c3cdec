"""The signals: what was hidden where, and that the same numbers come on every machine."""

import hashlib

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

from coursekit.data import signals


def test_the_same_seed_gives_the_same_bits_and_another_one_does_not():
    """The digest was made on another machine than yours."""
    drawn = signals.draw(60, seed=3)
    digest = hashlib.sha256(b"".join(drawn[name].tobytes() for name in sorted(drawn))).hexdigest()
    assert digest == "ef6276fc4f5bf99a17110e275ef8518c966f716945ff063cdb137a664b42cf9e"
    assert not np.array_equal(signals.draw(60, seed=4)["signal"], drawn["signal"])
    np.testing.assert_array_equal(drawn["signal"] * 2**12 % 1, 0)


def test_templates_are_told_apart_by_shape_not_by_strength():
    templates = signals.templates()
    assert templates.shape == (len(signals.CLASSES), signals.WIDTH)
    np.testing.assert_allclose((templates**2).mean(axis=1), 1, rtol=1e-3)
    rise, fall = templates[2], templates[3]
    np.testing.assert_array_equal(rise, fall[::-1])
    alike = templates @ templates.T / signals.WIDTH
    assert alike[~np.eye(6, dtype=bool)].max() < 0.9, "1 is the same"


def test_taking_the_template_away_at_its_place_leaves_the_noise():
    drawn = signals.draw(600)
    samples = drawn["signal"][..., 0].astype(np.float64)
    assert samples.shape == (600, signals.LENGTH)
    assert np.bincount(drawn["label"]).tolist() == [100] * 6
    assert drawn["position"].min() >= 0
    assert drawn["position"].max() == signals.LENGTH - signals.WIDTH
    hidden = drawn["amplitude"][:, np.newaxis] * signals.templates()[drawn["label"]]
    for sample, position, template in zip(samples, drawn["position"], hidden, strict=True):
        sample[position : position + signals.WIDTH] -= template
    assert samples.std() == pytest.approx(signals.NOISE, rel=0.02)
    assert np.abs(samples.mean(axis=0)).max() < 5 * signals.NOISE / np.sqrt(600)
    assert 0.75 <= drawn["amplitude"].min() <= drawn["amplitude"].max() <= 1.5


@pytest.mark.slow
@pytest.mark.xdist_group("tier0")
def test_the_best_match_anywhere_finds_class_and_place(tier0):
    loaded = tier0("signals")
    assert loaded.x_train.shape == (6000, 128, 1)
    assert loaded.x_test.shape == (1200, 128, 1)
    assert loaded.x_train.dtype == np.float32
    assert loaded.classes == signals.CLASSES
    np.testing.assert_array_equal(loaded.x_test, signals.draw(1200, seed=1)["signal"])
    match = sliding_window_view(loaded.x_test[..., 0], signals.WIDTH, axis=1) @ signals.templates().T
    right = match.max(axis=1).argmax(axis=1) == loaded.y_test
    assert right.mean() > 0.96  # 0.98 in docs/data.md
    place = match.max(axis=2).argmax(axis=1)
    assert (np.abs(place - loaded.factors_test["position"])[right] <= 2).mean() > 0.9
