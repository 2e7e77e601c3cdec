"""Video networks see the frames that their fusion says, and no others."""

import numpy as np
import pytest

from coursekit.errors import CourseError
from coursekit.models import build, ledger

pytestmark = pytest.mark.slow

FRAMES = 5
SEEN = {"3d": {0, 1, 2, 3, 4}, "early": {0, 1, 2, 3, 4}, "late": {0, 4}, "single": {2}}


def small(fusion, **options):
    return build("conv3d_video", (FRAMES, 8, 8, 2), 3, fusion=fusion, maps=(4, 8), hidden=16, **options)


def scores(model, videos):
    return np.asarray(model(videos, training=False))


@pytest.mark.parametrize("fusion", SEEN)
def test_a_fusion_sees_its_frames(fusion, rng):
    model = small(fusion, classifier_activation=None)
    videos = rng.random((2, FRAMES, 8, 8, 2), np.float32)
    before = scores(model, videos)
    assert before.shape == (2, 3)
    seen = set()
    for frame in range(FRAMES):
        changed = videos.copy()
        changed[:, frame] = rng.random((2, 8, 8, 2))
        if np.abs(scores(model, changed) - before).max() > 1e-6:
            seen.add(frame)
    assert seen == SEEN[fusion]


def test_early_fusion_takes_times_as_channels(keras, rng):
    model = small("early")
    videos = rng.random((1, FRAMES, 8, 8, 2), np.float32)
    stacked = keras.Model(model.inputs[0], model.get_layer("times_as_channels").output)(videos)
    expected = np.concatenate([videos[:, t] for t in range(FRAMES)], axis=-1)
    np.testing.assert_array_equal(np.asarray(stacked), expected)


def test_late_fusion_has_one_tower_for_both_ends():
    late, single = small("late"), small("single")
    assert late.get_layer("tower").count_params() == single.get_layer("tower").count_params()
    assert late.get_layer("hidden").kernel.shape[0] == 2 * single.get_layer("hidden").kernel.shape[0]


def test_the_first_pooling_keeps_all_times():
    shapes = {row.name: row.output_shape for row in ledger(build("conv3d_video", weights=False))}
    assert shapes["pool1"] == (16, 32, 32, 16)
    assert shapes["pool2"] == (8, 16, 16, 32)
    assert shapes["pool3"] == (4, 8, 8, 64)
    short = build("conv3d_video", (2, 16, 16, 1))
    assert short.get_layer("pool3").output.shape[1:] == (1, 2, 2, 64)


@pytest.mark.parametrize("fusion", SEEN)
def test_it_is_saved_and_loaded(keras, fusion, tmp_path, rng):
    model = small(fusion)
    videos = rng.random((2, FRAMES, 8, 8, 2), np.float32)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(scores(loaded, videos), scores(model, videos))


def test_an_unknown_fusion_is_refused():
    with pytest.raises(CourseError, match="slow"):
        small("slow")
