"""The scenes: boxes hold the glyphs, and nothing else does."""

from itertools import combinations

import numpy as np
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("tier0")]


@pytest.mark.parametrize("split", ["train", "test"])
def test_one_to_four_glyphs_then_padding(split, tier0):
    scenes = tier0("glyph_scenes")
    labels, factors = getattr(scenes, f"y_{split}"), getattr(scenes, f"factors_{split}")
    n = {"train": 1000, "test": 250}[split]
    assert getattr(scenes, f"x_{split}").shape == (n, 64, 64, 3)
    assert labels.shape == (n, 4)
    assert factors["boxes"].shape == (n, 4, 4)
    shown = np.arange(4) < factors["count"][:, np.newaxis]
    assert ((labels >= 0) == shown).all()
    assert (labels[~shown] == -1).all()
    assert (factors["boxes"][~shown] == 0).all()
    assert np.bincount(factors["count"], minlength=5)[1:].min() > n / 4 - 4 * np.sqrt(n / 4)
    assert len(np.unique(labels)) == 37
    assert len(scenes.classes) == 36


def test_boxes_lie_apart_and_hold_all_that_is_drawn(tier0):
    scenes = tier0("glyph_scenes")
    for image, boxes, count, background in zip(
        scenes.x_test, *(scenes.factors_test[name] for name in ("boxes", "count", "background")), strict=True
    ):
        edges = np.rint(boxes[:count] * 64).astype(int)
        np.testing.assert_allclose(edges, boxes[:count] * 64, atol=1e-4)
        assert (edges[:, :2] < edges[:, 2:]).all()
        for one, other in combinations(edges, 2):
            assert (np.minimum(one[2:], other[2:]) <= np.maximum(one[:2], other[:2])).any(), "no pixel in two boxes"
        if background != "plain":
            continue
        drawn = np.abs(image - np.median(image, axis=(0, 1))).max(axis=2) > 0.01
        unexplained = drawn.copy()
        for y0, x0, y1, x1 in edges:
            assert drawn[y0, x0:x1].any(), "the box begins where the glyph does"
            assert drawn[y1 - 1, x0:x1].any()
            assert drawn[y0:y1, x0].any()
            assert drawn[y0:y1, x1 - 1].any()
            unexplained[max(y0 - 3, 0) : y1 + 3, max(x0 - 3, 0) : x1 + 3] = False  # hairlines, less than half covered
        assert not unexplained.any()


def test_a_part_of_the_training_set_keeps_examples_and_boxes_together(tier0, tier0_dir, monkeypatch):
    from coursekit import data

    monkeypatch.setenv("TFDS_DATA_DIR", str(tier0_dir))
    whole, part = tier0("glyph_scenes"), data.load("glyph_scenes", size=20)
    assert part.x_train.shape == (20, 64, 64, 3)
    for image, boxes in zip(part.x_train, part.factors_train["boxes"], strict=True):
        (found,) = np.flatnonzero((whole.x_train == image).all(axis=(1, 2, 3)))
        np.testing.assert_array_equal(whole.factors_train["boxes"][found], boxes)
    with pytest.raises(ValueError, match="several labels"):
        whole.only("AB")
