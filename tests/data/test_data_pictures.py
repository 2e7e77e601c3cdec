"""Real pictures: whole, in patches, and faces."""

import numpy as np
import pytest

from coursekit import data
from coursekit.child import run_python
from coursekit.data import pictures
from coursekit.data.builders import patches
from coursekit.errors import CourseError


def in_set(test):
    return pytest.mark.slow(pytest.mark.xdist_group("tier0")(test))


@pytest.mark.parametrize("name", pictures.PHOTOS + pictures.TEXTURES)
def test_every_picture_comes_with_the_installed_packages(name):
    picture = data.photo(name)
    assert picture.dtype == np.float32
    assert picture.ndim == 3
    assert picture.shape[2] == (3 if name in (*pictures.COLOUR_PHOTOS, "retina") else 1)
    assert min(picture.shape[:2]) >= 300
    assert 0 <= picture.min() < picture.max() - 0.4 <= 0.6


def test_a_picture_is_the_callers_to_change():
    data.photo("coffee")[:] = 0
    assert data.photo("coffee").max() > 0.9


def test_an_unknown_picture_is_told():
    with pytest.raises(CourseError, match="no picture 'cat'") as caught:
        data.photo("cat")
    assert "chelsea" in caught.value.fix


def test_no_pixel_is_in_both_splits_and_patches_are_spread():
    rows, columns = np.indices((300, 450), dtype=np.uint16)
    cut = patches.cut(np.stack([rows, columns], axis=-1), {"train": 200, "test": 40}, seed=3)
    seen = {}
    for split, (images, corners) in cut.items():
        assert images.shape == (len(corners), 32, 32, 2)
        np.testing.assert_array_equal(images[:, 0, 0], corners)
        seen[split] = np.zeros((300, 450), bool)
        for image in images:
            seen[split][tuple(image.reshape(-1, 2).T)] = True
    assert not (seen["train"] & seen["test"]).any()
    counts = {split: len({tuple(corner // 64) for corner in corners}) for split, (_, corners) in cut.items()}
    assert counts == {"train": 21, "test": 7}, "of 4×7 blocks a quarter is for testing, and every block is used"


@in_set
@pytest.mark.parametrize(
    ("name", "each", "classes"),
    [("photos", (300, 75), pictures.COLOUR_PHOTOS), ("textures", (400, 100), pictures.TEXTURES)],
)
def test_patches_are_parts_of_the_pictures(name, each, classes, tier0):
    made = tier0(name)
    assert made.classes == classes
    for split, count in zip(("train", "test"), each, strict=True):
        images, labels = getattr(made, f"x_{split}"), getattr(made, f"y_{split}")
        assert set(np.bincount(labels)) == {count}
        assert len(np.unique(labels[:30])) > 2, "in random order"
        corners = getattr(made, f"factors_{split}")["corner"]
        for i in range(0, len(images), 7):
            y, x = corners[i]
            whole = pictures.picture(classes[labels[i]])
            np.testing.assert_array_equal(np.rint(images[i] * 255), whole[y : y + 32, x : x + 32])


@in_set
def test_faces_are_those_of_scikit_image_half_and_half(tier0):
    import skimage.data

    faces = tier0("faces")
    assert faces.x_train.shape == (150, 25, 25, 1)
    assert np.bincount(faces.y_train).tolist() == [75, 75]
    assert np.bincount(faces.y_test).tolist() == [25, 25]
    source = np.rint(skimage.data.lfw_subset() * 255).astype(np.uint8)
    found = np.concatenate([faces.x_train, faces.x_test])[..., 0]
    is_face = np.concatenate([faces.y_train, faces.y_test]) == faces.classes.index("face")
    for mask, part in ((is_face, source[:100]), (~is_face, source[100:])):
        assert sorted(x.tobytes() for x in np.rint(found[mask] * 255).astype(np.uint8)) == sorted(
            x.tobytes() for x in part
        )


OURS = """
import sys, time
import coursekit as ck
ck.data.load("faces")
for name in ("faces", "glyphs", "glyph_scenes", "moving_digits", "photos", "textures"):
    start = time.process_time()
    print(ck.data.load(name).name, time.process_time() - start)
assert "tensorflow" not in sys.modules
"""


@in_set
def test_reading_takes_seconds_and_imports_no_tensorflow(tier0_dir, monkeypatch):
    monkeypatch.setenv("TFDS_DATA_DIR", str(tier0_dir))
    done = run_python("-c", OURS, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    seconds = {name: float(taken) for name, taken in map(str.split, done.stdout.splitlines())}
    assert max(seconds, key=seconds.get) == "glyphs"
    assert seconds["glyphs"] < 5, "about 2 on an idle machine"
