"""Texts as numbers: vocabulary, padding and buckets; and pooling that padding does not change."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit.child import run_python
from coursekit.data import text

LENGTHS = st.lists(st.integers(0, 60), max_size=80)


@given(LENGTHS, st.integers(1, 20), st.integers(0, 9))
def test_buckets_hold_every_example_once_in_batches_of_neighbours_by_length(lengths, batch, seed):
    batches = text.bucket(lengths, batch, seed)
    assert sorted(i for indices in batches for i in indices) == list(range(len(lengths)))
    full = len(lengths) // batch
    assert sorted(map(len, batches)) == sorted([batch] * full + [len(lengths) % batch] * (len(lengths) % batch > 0))
    ranges = sorted((min(lengths[i] for i in indices), max(lengths[i] for i in indices)) for indices in batches)
    assert all(earlier[1] <= later[0] for earlier, later in pairwise(ranges))


@given(LENGTHS, st.integers(1, 20))
def test_full_buckets_need_no_more_padding_than_another_order_whatever_the_seed(lengths, batch):
    lengths = lengths[: len(lengths) // batch * batch]
    in_order = [range(start, start + batch) for start in range(0, len(lengths), batch)]
    saved = text.padding_share(lengths, text.bucket(lengths, batch))
    assert saved <= text.padding_share(lengths, in_order) + 1e-12
    assert saved == text.padding_share(lengths, text.bucket(lengths, batch, seed=5))


def test_a_seed_shuffles_batches_and_examples_of_equal_length():
    lengths = np.repeat([3, 4, 5, 6], 25)
    one, same, other = (text.bucket(lengths, 10, seed) for seed in (0, 0, 1))
    assert all(np.array_equal(a, b) for a, b in zip(one, same, strict=True))
    assert [set(indices) for indices in one] != [set(indices) for indices in other]
    assert [lengths[indices[0]] for indices in one] != sorted(lengths[indices[0]] for indices in one)


def test_the_share_of_padding_by_hand():
    assert text.padding_share([9, 2, 8, 1], [[0, 1], [2, 3]]) == pytest.approx(14 / 34)
    assert text.padding_share([9, 2, 8, 1], [[0, 2], [1, 3]]) == pytest.approx(2 / 22)
    assert text.padding_share([0, 0], [[0, 1]]) == text.padding_share([], []) == 0


@pytest.mark.parametrize("wrong", [[1.5], [-1], [[1, 2]], ["three"]])
def test_lengths_must_be_whole_numbers(wrong):
    for ask in (lambda: text.bucket(wrong, 2), lambda: text.padding_share(wrong, [])):
        with pytest.raises(ValueError, match="fix: pass one whole number"):
            ask()
    with pytest.raises(ValueError, match="batch: got 0"):
        text.bucket([1], 0)


@given(st.lists(st.lists(st.integers(1, 2**31 - 1), max_size=12), max_size=9), st.none() | st.integers(0, 15))
def test_padding_keeps_the_tokens_and_says_where_they_are(sequences, length):
    tokens, mask = text.pad(sequences, length)
    assert tokens.dtype == np.int32
    assert mask.dtype == bool
    columns = max(map(len, sequences), default=0) if length is None else length
    assert tokens.shape == mask.shape == (len(sequences), columns)
    np.testing.assert_array_equal(mask, tokens != text.PADDING)
    for row, kept, sequence in zip(tokens, mask, sequences, strict=True):
        assert row[kept].tolist() == sequence[:columns]
        assert (np.diff(kept.astype(int)) <= 0).all(), "padding comes last"


@pytest.mark.parametrize("wrong", [[[0, 1]], [[-1]], [[1.5]], [1, 2], ["words"]])
def test_padding_refuses_what_is_no_sequence_of_tokens(wrong):
    with pytest.raises(ValueError, match=r"sequences\[0\]: got .*\n  fix: encode texts with a Vocabulary first"):
        text.pad(wrong)


def test_tokens_as_documented():
    assert text.tokenize("Don't stop, 2.5!") == ["don't", "stop", ",", "2", ".", "5", "!"]
    assert text.tokenize("It’s naïve") == ["it's", "naïve"]
    assert text.tokenize(" \n") == []


def test_the_most_frequent_word_comes_first_and_ties_go_by_the_alphabet():
    vocabulary = text.Vocabulary.from_texts(["b a b", "c b a d"])
    assert vocabulary.words == ("b", "a", "c", "d")
    assert len(vocabulary) == 6
    assert vocabulary.encode("B d zebra").tolist() == [2, 5, text.UNKNOWN]
    assert vocabulary.encode("b").dtype == vocabulary.encode("").dtype == np.int32
    assert vocabulary.decode([2, 5, 1, 0, 0]) == "b d <unknown>"
    assert "a" in vocabulary
    assert "zebra" not in vocabulary
    assert text.Vocabulary.from_texts(["b a b", "c b a d"], minimum=2).words == ("b", "a")
    assert text.Vocabulary.from_texts(["b a b", "c b a d"], size=3).words == ("b", "a", "c")


@given(st.lists(st.text(max_size=40), max_size=5))
def test_what_is_encoded_is_decoded_to_the_same_tokens(texts):
    vocabulary = text.Vocabulary.from_texts(texts)
    for each in texts:
        assert vocabulary.decode(vocabulary.encode(each)) == " ".join(text.tokenize(each))
        assert not len(vocabulary.encode(each)) or vocabulary.encode(each).min() >= 2


def test_a_vocabulary_refuses_what_it_cannot_mean():
    with pytest.raises(ValueError, match="'a' is there twice"):
        text.Vocabulary(["a", "b", "a"])
    with pytest.raises(ValueError, match="fix: pass a list of texts"):
        text.Vocabulary.from_texts("one text")
    for wrong in ([7], [-1]):
        with pytest.raises(ValueError, match="the vocabulary ends at 3"):
            text.Vocabulary(["a", "b"]).decode(wrong)


def test_importing_the_data_brings_no_framework():
    probe = "import sys, coursekit.data as d; d.text.pad; d.pipeline; d.spectrogram; print(*sys.modules)"
    loaded = set(run_python("-c", probe, timeout=60).stdout.split())
    assert not loaded & {"keras", "tensorflow", "tensorflow_datasets", "scipy", "sklearn", "matplotlib"}
    assert "numpy" in loaded
    with pytest.raises(AttributeError, match="no attribute 'maxpool'"):
        text.maxpool  # noqa: B018


POOLINGS = ("MaskedMaxPooling1D", "MaskedAveragePooling1D")


def batch_of(steps, generator):
    """Return features and masks of rows that end here and there, one of them at once; all features are negative."""
    features = generator.normal(-5, 1, (4, steps, 7)).astype(np.float32)
    return features, np.arange(steps) < np.array([[0], [1], [(steps + 1) // 2], [steps]])


def padded(features, mask, more, generator):
    junk = generator.normal(0, 9, (len(features), more, features.shape[2])).astype(np.float32)
    return np.concatenate([features, junk], 1), np.concatenate([mask, np.zeros((len(mask), more), bool)], 1)


@pytest.mark.slow
@pytest.mark.parametrize("name", POOLINGS)
def test_no_amount_of_padding_changes_a_bit(name):
    pooling, generator = getattr(text, name)(), np.random.default_rng(0)
    for steps in (1, 2, 5, 33):
        features, mask = batch_of(steps, generator)
        pooled = np.asarray(pooling(features, mask=mask))
        for more in (1, 2, 3, 31, 500):
            longer = padded(features, mask, more, generator)
            np.testing.assert_array_equal(np.asarray(pooling(longer[0], mask=longer[1])), pooled)
            alone = pooling(longer[0][3:, :, :1], mask=longer[1][3:])  # here a plain sum adds in another order
            np.testing.assert_array_equal(np.asarray(alone), pooled[3:, :1])
        reduce = np.max if "Max" in name else np.mean
        np.testing.assert_array_equal(pooled[0], 0, "a row of padding alone")
        for row in (1, 2, 3):
            np.testing.assert_allclose(pooled[row], reduce(features[row][mask[row]], axis=0), rtol=1e-6)
        np.testing.assert_allclose(np.asarray(pooling(features)), reduce(features, axis=1), rtol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("name", POOLINGS)
def test_in_a_model_of_any_length_that_is_saved_with_masks_from_the_embedding(name, tmp_path):
    import keras

    words = keras.Input((None,), dtype="int32")
    embedded = keras.layers.Embedding(9, 5, mask_zero=True)(words)
    model = keras.Model(words, getattr(text, name)()(embedded))
    assert model.output_shape == (None, 5)
    tokens, _ = text.pad([[3, 4, 5], [8], []])
    pooled = model.predict(tokens, verbose=0)
    np.testing.assert_array_equal(pooled[2], 0)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    for length in (4, 40):
        np.testing.assert_array_equal(again.predict(text.pad([[3, 4, 5], [8], []], length)[0], verbose=0), pooled)


@pytest.mark.slow
@pytest.mark.parametrize("name", POOLINGS)
def test_gradients_are_never_nan_and_padding_has_none(name):
    import tensorflow as tf

    generator = np.random.default_rng(0)
    features, mask = padded(*batch_of(6, generator), 3, generator)
    features[:, 6:] = np.nan  # whatever stands there
    x = tf.constant(features)
    with tf.GradientTape() as tape:
        tape.watch(x)
        pooled = getattr(text, name)()(x, mask=mask)
    slopes = tape.gradient(pooled, x).numpy()
    assert np.isfinite(pooled).all()
    assert (slopes[~mask] == 0).all()
    np.testing.assert_allclose(slopes.sum(axis=1), np.repeat([[0], [1], [1], [1]], 7, axis=1), rtol=1e-6)
