"""Text networks: what they compute by hand, that padding changes nothing, and the variants of the papers."""

import math

import numpy as np
import pytest

from coursekit.errors import CourseError
from coursekit.models import build, ledger

pytestmark = pytest.mark.slow

WORDS = 40
LENGTHS = (1, 2, 3, 5, 9, 12)
NETWORKS = {
    "textcnn": {"vocabulary": WORDS, "dimension": 6, "maps": 5},
    "dcnn": {"vocabulary": WORDS, "dimension": 8},
    "dcnn of three": {"vocabulary": WORDS, "dimension": 16, "windows": (5, 4, 3), "maps": (3, 4, 5), "top_k": 2},
}


def network(which, **options):
    return build(which.split()[0], classes=3, **NETWORKS[which], **options)


def scores(model, tokens):
    return np.asarray(model(tokens, training=False))


@pytest.fixture
def sentences(rng):
    tokens = rng.integers(1, WORDS, (len(LENGTHS), max(LENGTHS)))
    return np.where(np.arange(max(LENGTHS)) < np.array(LENGTHS)[:, None], tokens, 0)


@pytest.mark.parametrize("which", NETWORKS)
def test_padding_changes_nothing(which, sentences):
    model = network(which, classifier_activation=None)
    expected = scores(model, sentences)
    assert np.abs(expected - expected[0]).max() > 1e-3
    for more in (1, 8, 40):
        padded = np.pad(sentences, ((0, 0), (0, more)))
        np.testing.assert_allclose(scores(model, padded), expected, atol=1e-6)
    for sentence, length, alone in zip(sentences, LENGTHS, expected, strict=True):
        np.testing.assert_allclose(scores(model, sentence[None, :length])[0], alone, atol=1e-6)


@pytest.mark.parametrize("which", NETWORKS)
def test_training_is_the_same_with_more_padding(keras, which, sentences):
    steps = []
    for more in (0, 7):
        keras.utils.set_random_seed(1)
        model = network(which, dropout=0.0)
        model.compile(keras.optimizers.SGD(0.5), "sparse_categorical_crossentropy", run_eagerly=True)
        model.train_on_batch(np.pad(sentences, ((0, 0), (0, more))), np.arange(len(LENGTHS)) % 3)
        steps.append(model.get_weights())
    for shorter, longer in zip(*steps, strict=True):
        np.testing.assert_allclose(shorter, longer, atol=1e-5)


@pytest.mark.parametrize("which", NETWORKS)
def test_a_text_network_is_saved_and_loaded(keras, which, sentences, tmp_path):
    model = network(which)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(scores(loaded, sentences), scores(model, sentences))


def test_textcnn_computes_what_kim_writes(sentences, rng):
    model = network("textcnn", classifier_activation=None, windows=(2, 3))
    model.get_layer("window2").bias.assign(rng.normal(size=5))
    vectors, classifier = model.get_layer("embedding").get_weights()[0], model.get_layer("classifier")
    for sentence, length, found in zip(sentences, LENGTHS, scores(model, sentences), strict=True):
        strongest = []
        for size in (2, 3):
            kernel, bias = model.get_layer(f"window{size}").get_weights()
            margin = np.zeros((size - 1, 6))
            x = np.concatenate([margin, vectors[sentence[:length]], margin])
            # W·[x₁ ⊕ … ⊕ xₛ] + b at every place
            windows = np.stack([x[i : i + size].ravel() for i in range(length + size - 1)])
            strongest.append(np.maximum(windows @ kernel.reshape(-1, 5) + bias, 0).max(axis=0))
        expected = np.concatenate(strongest) @ np.asarray(classifier.kernel) + np.asarray(classifier.bias)
        np.testing.assert_allclose(found, expected, atol=1e-5)


def test_textcnn_has_the_papers_sizes():
    rows = {row.name: row for row in ledger(build("textcnn", (20,), weights=False))}
    for size in (3, 4, 5):
        assert rows[f"window{size}"].params == size * 300 * 100 + 100
    assert rows["strongest"].output_shape == (300,)
    assert rows["classifier"].params == 300 * 6 + 6


def test_variants_learn_the_vectors_they_say(rng):
    vectors = rng.normal(size=(WORDS, 6)).astype("float32")
    moved = {}
    for variant in ("static", "non-static", "multichannel"):
        model = network("textcnn", variant=variant, vectors=vectors)
        tables = [layer for layer in model.layers if layer.name.startswith("embedding")]
        for table in tables:
            np.testing.assert_array_equal(table.get_weights()[0], vectors)
        model.compile("sgd", "sparse_categorical_crossentropy", run_eagerly=True)
        model.train_on_batch(rng.integers(1, WORDS, (4, 6)), np.array([0, 1, 2, 0]))
        moved[variant] = [bool((table.get_weights()[0] != vectors).any()) for table in tables]
    assert moved == {"static": [False], "non-static": [True], "multichannel": [False, True]}


def test_a_variant_without_its_vectors_is_refused():
    with pytest.raises(CourseError, match="no variant='random'"):
        network("textcnn", variant="random")
    with pytest.raises(CourseError, match="needs given word vectors"):
        network("textcnn", variant="static")
    with pytest.raises(CourseError, match="takes no given word vectors"):
        network("textcnn", vectors=np.zeros((WORDS, 6)))


def test_weights_of_a_class_stay_within_the_norm(rng):
    model = network("textcnn", max_norm=0.1)
    model.compile("sgd", "sparse_categorical_crossentropy", run_eagerly=True)
    model.train_on_batch(rng.integers(1, WORDS, (4, 6)), np.array([0, 1, 2, 0]))
    norms = np.linalg.norm(np.asarray(model.get_layer("classifier").kernel), axis=0)
    np.testing.assert_allclose(norms, 0.1, rtol=1e-5)


def test_k_max_pooling_keeps_the_largest_in_their_order():
    from coursekit.models.sequences import KMaxPooling1D

    x = np.float32([[5, -2, 9, 4, 7, 8], [-1, -5, -3, 99, 99, 99]])[..., None]
    mask = np.array([[True] * 6, [True] * 3 + [False] * 3])
    words = np.array([6, 3])
    fixed = np.asarray(KMaxPooling1D(4)([x, words], mask=[mask, None]))[..., 0]
    np.testing.assert_array_equal(fixed, [[5, 9, 7, 8], [-1, -5, -3, 0]])
    dynamic = KMaxPooling1D(1, share=0.5)
    np.testing.assert_array_equal(
        np.asarray(dynamic([x, words], mask=[mask, None]))[..., 0], [[9, 7, 8, 0, 0, 0], [-1, -3, 0, 0, 0, 0]]
    )
    kept = np.asarray(dynamic.compute_mask([x, words], [mask, None]))
    assert kept.sum(axis=1).tolist() == [math.ceil(0.5 * 6), math.ceil(0.5 * 3)]


def test_rows_are_convolved_alone_and_folded_in_pairs(rng):
    from coursekit.models.sequences import Folding, RowConvolution1D

    layer = RowConvolution1D(rows=4, maps=3, kernel_size=3)
    x = rng.normal(size=(1, 5, 4 * 2)).astype("float32")  # 4 rows, 2 maps each
    y = np.asarray(layer(x)).reshape(7, 4, 3)
    kernel = np.asarray(layer.kernel).reshape(3, 2, 4, 3)
    rows = x.reshape(5, 4, 2)
    for row in range(4):
        for m in range(3):
            # Keras correlates: `np.convolve` wants the kernel turned around.
            expected = sum(np.convolve(rows[:, row, c], kernel[::-1, c, row, m]) for c in range(2))
            np.testing.assert_allclose(y[:, row, m], expected, atol=1e-5)
    folded = np.asarray(Folding(4)(y.reshape(1, 7, 12))).reshape(7, 2, 3)
    np.testing.assert_allclose(folded, y[:, ::2] + y[:, 1::2], atol=1e-6)


def test_dcnn_has_the_papers_layers():
    """Six maps of width 7 and 14 of width 5, vectors of 48 halved twice, four values each: figure 3, section 5.2."""
    rows = {row.name: row for row in ledger(build("dcnn", (18,), weights=False))}
    assert rows["conv1"].params == 7 * 48 * 6 + 48 * 6
    assert rows["conv1"].output_shape == (18 + 7 - 1, 48 * 6)
    assert rows["fold1"].output_shape == (24, 24 * 6)
    assert rows["conv2"].params == 5 * 6 * 24 * 14 + 24 * 14
    assert rows["pool2"].output_shape == (4, 12 * 14)
    assert rows["classifier"].output_shape == (2,)


def test_a_dimension_that_cannot_be_folded_is_refused():
    with pytest.raises(CourseError, match="dimension=50"):
        build("dcnn", dimension=50)
