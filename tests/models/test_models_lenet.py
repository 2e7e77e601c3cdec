"""LeNet-1 and LeNet-5 have the parameters and connections their papers count, and learn real digits."""

import numpy as np
import pytest

from coursekit import data, models
from coursekit.errors import CourseError

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def keras():
    from coursekit.quiet import quiet_import

    return quiet_import("keras")


def parameters(name, **options):
    return {row.name: (row.output_shape, row.params) for row in models.ledger(models.build(name, **options))}


def test_lenet5_has_the_papers_shapes_and_parameters():
    found = parameters("lenet5")
    assert {name: found[name] for name in ("c1", "s2", "c3", "s4", "c5", "f6")} == {
        "c1": ((28, 28, 6), 156),
        "s2": ((14, 14, 6), 12),
        "c3": ((10, 10, 16), 1_516),
        "s4": ((5, 5, 16), 32),
        "c5": ((1, 1, 120), 48_120),
        "f6": ((84,), 10_164),
    }
    assert sum(params for _, params in found.values()) == 60_000


def test_lenet5_has_340_908_connections():
    found = parameters("lenet5")
    connections = sum(params * np.prod(found[name][0][:-1]) for name, (_, params) in found.items() if name[0] in "cf")
    subsampling = (14 * 14 * 6 + 5 * 5 * 16) * (4 + 1)
    assert connections + subsampling + 84 * 10 == 340_908


def test_c3_follows_table_i():
    """Maps 0–5 see three neighbours, 6–11 four neighbours, 12–14 four with a gap, 15 all."""
    from coursekit.models.lenet import C3_TABLE

    table = np.array([[mark == "X" for mark in line] for line in C3_TABLE])
    assert table.sum(0).tolist() == [3] * 6 + [4] * 9 + [6]
    for j in range(12):
        width = 3 if j < 6 else 4
        assert sorted((j % 6 + i) % 6 for i in range(width)) == np.flatnonzero(table[:, j]).tolist()
    assert [np.flatnonzero(table[:, j]).tolist() for j in (12, 13, 14)] == [[0, 1, 3, 4], [1, 2, 4, 5], [0, 2, 3, 5]]


def test_lenet1_has_2578_parameters_and_98442_connections():
    found = parameters("lenet1")
    assert {name: params for name, (_, params) in found.items()} == {
        "h1": 104,
        "h2": 8,
        "h3": 512,
        "h4": 24,
        "flatten": 0,
        "output": 1_930,
    }
    connections = 24 * 24 * 104 + 12 * 12 * 4 * 5 + 8 * 8 * 512 + 4 * 4 * 12 * 5 + 1_930
    assert (sum(params for _, params in found.values()), connections) == (2_578, 98_442)


def test_the_modern_lenet5_takes_other_images():
    assert models.build("lenet5", modern=True).count_params() == 61_706
    assert models.build("lenet5", (28, 28, 1), modern=True).count_params() == 61_706
    assert models.build("lenet5", (40, 48, 3), 36, modern=True).output_shape == (None, 36)


def test_28_pixels_are_padded_to_32(keras):
    keras.utils.set_random_seed(0)
    small, large = models.build("lenet5", (28, 28, 1)), models.build("lenet5")
    large.set_weights(small.get_weights())
    image = np.random.default_rng(0).random((2, 28, 28, 1)).astype("float32")
    padded = np.pad(image, ((0, 0), (2, 2), (2, 2), (0, 0)))
    assert np.asarray(small(image)) == pytest.approx(np.asarray(large(padded)), abs=1e-5)


@pytest.mark.parametrize(
    ("name", "arguments", "problem"),
    [("lenet5", {"input_shape": (30, 30, 1)}, "reads 28"), ("lenet1", {"input_shape": (32, 32, 1)}, "reads 28")],
)
def test_published_sizes_only(name, arguments, problem):
    with pytest.raises(CourseError, match=problem):
        models.build(name, **arguments)
    with pytest.raises(CourseError, match="ten digits, not of 26"):
        models.build("lenet5", classes=26)


def test_codes_are_ten_different_pictures():
    from coursekit.models.digit_codes import digit_codes

    codes = digit_codes()
    assert codes.shape == (10, 84)
    assert set(np.unique(codes)) == {-1, 1}
    differing = (codes[:, None] != codes[None]).sum(-1)
    assert differing[~np.eye(10, dtype=bool)].min() >= 5


def test_the_scores_are_minus_the_distances_to_the_codes(keras):
    from coursekit.models.digit_codes import digit_codes

    model = models.build("lenet5", classifier_activation=None)
    head = keras.Model(model.get_layer("f6").output, model.outputs[0])
    scores = np.asarray(head(digit_codes()))
    assert (scores.argmax(1) == np.arange(10)).all()
    assert np.diag(scores) == pytest.approx(np.zeros(10))
    assert scores[0, 1] == -4 * (digit_codes()[0] != digit_codes()[1]).sum()


@pytest.mark.parametrize(("name", "least"), [("lenet5", 0.9), ("lenet1", 0.85)])
def test_the_published_networks_learn_real_digits(keras, name, least):
    digits = data.load("digits")
    size = models.registry.REGISTRY[name].input_shape[:2]
    x_train, x_test = (
        np.asarray(keras.ops.image.resize(x, size)) * 1.275 - 0.1 for x in (digits.x_train, digits.x_test)
    )
    keras.utils.set_random_seed(0)
    model = models.build(name)
    model.compile(keras.optimizers.Adam(3e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x_train, digits.y_train, 32, epochs=3 if name == "lenet5" else 6, verbose=0)
    assert model.evaluate(x_test, digits.y_test, verbose=0)[1] > least
