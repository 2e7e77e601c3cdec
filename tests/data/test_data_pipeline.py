"""The stream of batches: which examples come when, and what happens to them on the way."""

import numpy as np
import pytest

from coursekit import data
from coursekit.errors import CourseError

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("tier0")]


@pytest.fixture
def in_use(tier0_dir, monkeypatch):
    monkeypatch.setenv("TFDS_DATA_DIR", str(tier0_dir))


def drained(stream):
    x, y = zip(*stream.as_numpy_iterator(), strict=True)
    return np.concatenate(x), np.concatenate(y), [len(labels) for labels in y]


def keys(x):
    return [each.tobytes() for each in x]


def test_training_batches_are_full_and_in_a_new_order_each_epoch(in_use, tier0):
    digits = tier0("digits")
    stream = data.pipeline("digits", 100)
    assert stream.cardinality() == 14
    assert stream.element_spec[0].shape == (100, 8, 8, 1)
    first, second = drained(stream), drained(stream)
    assert first[2] == [100] * 14
    labels = {image.tobytes(): label for image, label in zip(digits.x_train, digits.y_train, strict=True)}
    for x, y, _ in (first, second):
        assert x.dtype == np.float32
        np.testing.assert_allclose([x.min(), x.max()], [0, 1])
        assert len(set(keys(x))) >= 1390, "no example comes twice, but for equal ones"
        assert [labels[key] for key in keys(x)] == y.tolist()
    assert keys(first[0]) != keys(second[0])
    assert keys(first[0])[:100] != keys(digits.x_train)[:100]


def test_the_seed_decides_the_order(in_use):
    first, again, other = (drained(data.pipeline("digits", 100, seed=seed))[1].tolist() for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_the_test_set_comes_whole_and_in_order(in_use, tier0):
    digits = tier0("digits")
    x, y, sizes = drained(data.pipeline("digits", 100, split="test"))
    assert sizes == [100, 100, 100, 60]
    np.testing.assert_allclose(x, digits.x_test)
    np.testing.assert_array_equal(y, digits.y_test)


def test_texts_signals_and_several_labels(in_use, tier0):
    x, y, _ = drained(data.pipeline("docstrings", 500, split="test"))
    assert [text.decode() for text in x] == list(tier0("docstrings").x_test)
    np.testing.assert_array_equal(drained(data.pipeline("signals", 500, split="test"))[0], tier0("signals").x_test)
    _, y, _ = drained(data.pipeline("glyph_scenes", 50, split="test"))
    np.testing.assert_array_equal(y, tier0("glyph_scenes").y_test)


def mirrored(keras, **options):
    """Return a model that mirrors every second image, and shifts them by up to a pixel."""
    shift = keras.layers.RandomTranslation(0.125, 0.125, fill_mode="constant", interpolation="nearest", seed=2)
    return keras.Sequential([keras.layers.RandomFlip("horizontal", seed=1), shift], **options)


def test_keras_layers_augment_anew_each_epoch_and_the_same_with_the_same_seeds(in_use, tier0):
    import keras

    stream = data.pipeline("digits", 100, augment=mirrored(keras))
    first, second = drained(stream), drained(stream)
    again = drained(data.pipeline("digits", 100, augment=mirrored(keras)))
    np.testing.assert_array_equal(first[0], again[0])
    plain = drained(data.pipeline("digits", 100))
    np.testing.assert_array_equal(first[1], plain[1])
    changed = (first[0] != plain[0]).any(axis=(1, 2, 3)).mean()
    assert 0.5 < changed < 1
    assert set(keys(first[0])) != set(keys(second[0]))
    assert first[0].shape == plain[0].shape


def test_layers_are_told_that_it_is_training_and_functions_are_just_called(in_use):
    import keras

    dropped = drained(data.pipeline("digits", 1437, augment=keras.layers.Dropout(0.5, seed=0)))[0]
    plain = drained(data.pipeline("digits", 1437, augment=lambda x: 2 * x))[0]
    assert plain.max() == 2
    kept = dropped != 0
    np.testing.assert_allclose(dropped[kept], plain[kept], rtol=1e-6)
    assert 0.4 < kept.sum() / (plain != 0).sum() < 0.6


def test_a_model_learns_from_it(in_use):
    import keras

    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(10, "softmax")])
    model.compile(keras.optimizers.Adam(0.03), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(data.pipeline("digits", 48), epochs=4, verbose=0, shuffle=False)
    assert model.evaluate(data.pipeline("digits", 100, split="test"), verbose=0)[1] > 0.9


def test_what_cannot_be_is_told(in_use, empty_dir):
    with pytest.raises(CourseError, match="no data set 'digit'"):
        data.pipeline("digit", 10)
    with pytest.raises(CourseError, match="cifar10 is not prepared"):
        data.pipeline("cifar10", 10)
    with pytest.raises(ValueError, match="fix: pass 'train' or 'test'"):
        data.pipeline("digits", 10, split="validation")
    with pytest.raises(ValueError, match="augment: got a str"):
        data.pipeline("digits", 10, augment="flip")


@pytest.mark.parametrize("batch", [0, 1438])
def test_a_batch_must_fit(batch, in_use):
    with pytest.raises(ValueError, match=r"of 1437 examples\.\n  fix: pass 1 to 1437"):
        data.pipeline("digits", batch)
