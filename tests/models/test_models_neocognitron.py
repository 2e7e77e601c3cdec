"""The neocognitron finds digits without labels, and a shift does not unsettle what it found."""

import numpy as np
import pytest

from coursekit import data, models

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def keras():
    from coursekit.quiet import quiet_import

    return quiet_import("keras")


@pytest.fixture(scope="module")
def neo(keras):
    from coursekit.models import neocognitron

    return neocognitron


@pytest.fixture(scope="module")
def digits(keras):
    """Real digits of 12×12 pixels in the middle of 16×16: images and labels to learn from, and others."""
    whole = data.load("digits")

    def enlarge(x):
        return np.pad(np.asarray(keras.ops.image.resize(x, (12, 12))), ((0, 0), (2, 2), (2, 2), (0, 0)))

    return enlarge(whole.x_train[:400]), whole.y_train[:400], enlarge(whole.x_test[:200]), whole.y_test[:200]


@pytest.fixture(scope="module")
def learned(keras, neo, digits):
    keras.utils.set_random_seed(0)
    model = models.build("neocognitron")
    return model, neo.learn(model, digits[0])


def shifted(x, pixels):
    return np.concatenate([np.roll(x, by, (1, 2)) for by in ((pixels, 0), (0, pixels), (-pixels, 0), (0, -pixels))])


def accuracy(model, digits, pixels):
    """Name each category after the digit that it answers to most often; how many shifted test digits get theirs?"""
    x, y, x_test, y_test = digits
    winner = np.asarray(model(x)).argmax(1)
    names = np.array([np.bincount(y[winner == k], minlength=10).argmax() for k in range(model.output_shape[1])])
    return (names[np.asarray(model(shifted(x_test, pixels))).argmax(1)] == np.tile(y_test, 4)).mean()


def nearest_pixels(digits, pixels):
    x, y, x_test, y_test = (a.reshape(len(a), -1) if a.ndim > 1 else a for a in digits)
    moved = shifted(digits[2], pixels).reshape(4 * len(x_test), -1)
    cosine = moved @ (x / np.linalg.norm(x, axis=1, keepdims=True)).T
    return (y[cosine.argmax(1)] == np.tile(y_test, 4)).mean()


def test_the_layers_are_the_papers_sandwich(learned):
    model, _ = learned
    shapes = {layer.name: layer.output.shape[1:] for layer in model.layers}
    assert shapes == {
        "u0": (16, 16, 1),
        "s1": (16, 16, 24),
        "c1": (8, 8, 24),
        "s2": (8, 8, 48),
        "c2": (4, 4, 48),
        "s3": (4, 4, 100),
        "c3": (100,),
    }
    assert not model.trainable_weights


def test_planes_specialise(learned):
    model, counts = learned
    learning = {name: int((times > 0).sum()) for name, times in counts.items()}
    assert learning["s1"] >= 8
    assert min(learning["s2"], learning["s3"]) >= 20
    kernel, inhibitory = model.get_layer("s1").get_weights()
    used = counts["s1"] > 0
    assert (inhibitory[used] > 0).all()
    assert not inhibitory[~used].any()
    templates = kernel[:, :, 0, used].reshape(9, -1)
    cosine = np.corrcoef(templates.T)
    assert np.abs(cosine - np.eye(len(cosine))).max() < 0.999  # no two planes learned the same


def test_categories_are_digits_wherever_they_stand(learned, digits):
    model, _ = learned
    still, moved = accuracy(model, digits, 0), accuracy(model, digits, 2)
    assert still > 0.5
    assert moved > 0.8 * still
    assert nearest_pixels(digits, 0) > 0.9
    assert nearest_pixels(digits, 2) < 0.5 < 0.1 + moved


def test_before_learning_it_knows_nothing(digits):
    assert accuracy(models.build("neocognitron"), digits, 0) < 0.35


def test_an_s_cell_answers_to_the_cosine(neo):
    """After learning one patch often, the cell gives (r + 1)·cosine − r, whatever the contrast."""
    rng = np.random.default_rng(0)
    patches = rng.random((20, 3, 3, 1)).astype("float32")
    layer = neo.SimpleCells(1, 3, 3.0)
    layer.build((None, 3, 3, 1))
    c, first = layer.nearness, patches[0]
    length = np.sqrt((c * first**2).sum())
    layer.set_weights([(1e4 * c * first)[..., None], np.float32([1e4 / 2 * length])])
    cosine = (c * first * patches).sum((1, 2, 3)) / length / np.sqrt((c * patches**2).sum((1, 2, 3)))
    expected = np.maximum(0, 4 * cosine - 3)
    for contrast in (1, 0.3):
        answers = np.asarray(layer(contrast * patches))[:, 1, 1, 0]
        assert answers == pytest.approx(expected, abs=0.02)
    assert 0 < (expected > 0).sum() < 20


def test_the_strongest_of_a_region_and_of_a_plane_learn(neo):
    responses = np.zeros((4, 5, 3), "float32")
    responses[0, 1, 0] = 3  # strongest of its region
    responses[1, 1, 1] = 2  # beaten there
    responses[0, 4, 0] = 1  # strongest of its region, but its plane has a stronger one
    responses[3, 0, 2] = 0.5
    assert neo.representatives(responses, 3) == [(0, 1, 0), (3, 0, 2)]
    assert neo.representatives(0 * responses, 3) == []


def test_c_cells_blur_hold_each_other_and_stay_below_one(neo):
    layer = neo.ComplexCells()
    x = np.zeros((1, 16, 16, 4), "float32")
    x[0, 8, 8, 1] = 30
    out = np.asarray(layer(x))[0]
    assert out.shape == (8, 8, 4)
    assert 0 < out[..., 1].max() < 1
    assert (out[..., 1] > 0).sum() >= 4  # about 5×5 pixels, at every second
    assert not out[..., [0, 2, 3]].any()
    x[...] = 5  # the same in all planes: nothing stands out
    assert np.asarray(layer(x)).max() < 1e-3
