"""The ledger against Keras's own counts, hand-made sums, the literature, and what perturbed pixels really change."""

import numpy as np
import pytest

from coursekit import models
from coursekit.errors import CourseError
from coursekit.models import LayerRow, grouped, total

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def keras():
    from coursekit.quiet import quiet_import

    return quiet_import("keras")


def strided(L):
    yield L.Conv2D(2, (3, 5), strides=(2, 1), padding="same", kernel_initializer="ones")
    yield L.Conv2D(2, 3, dilation_rate=2, kernel_initializer="ones")
    yield L.MaxPooling2D(3, 2)
    yield L.Conv2D(2, (2, 3), kernel_initializer="ones")


def grouped_and_separable(L):
    yield L.DepthwiseConv2D(3, strides=2, depth_multiplier=2, depthwise_initializer="ones")
    yield L.Conv2D(4, 3, groups=2, kernel_initializer="ones")
    yield L.ZeroPadding2D(2)
    yield L.SeparableConv2D(3, 5, depthwise_initializer="ones", pointwise_initializer="ones")
    yield L.AveragePooling2D(2, padding="same")


def one_axis(L):
    yield L.Conv1D(2, 4, strides=3, kernel_initializer="ones")
    yield L.AveragePooling1D(3, 2)
    yield L.Activation("relu")
    yield L.Conv1D(2, 3, dilation_rate=3, padding="same", kernel_initializer="ones")


def three_axes(L):
    yield L.Conv3D(2, (1, 3, 5), kernel_initializer="ones")
    yield L.MaxPooling3D((2, 1, 2))
    yield L.Conv3D(1, 2, kernel_initializer="ones")


def ours(_):
    from coursekit.models.layers import LocalResponseNormalization, PartialConv2D, TrainableSubsampling

    yield PartialConv2D(("XX",), 4, kernel_initializer="ones")
    yield TrainableSubsampling(3, initializer="ones")
    yield LocalResponseNormalization(3)
    yield PartialConv2D((".X", "X."), 2, kernel_initializer="ones")


def reach(model, sides):
    """Return how many input planes across each axis change the middle of the output."""
    middle = (slice(None), *(n // 2 for n in model.output_shape[1:-1]))
    base = np.asarray(model(np.ones((1, *sides, 1), "float32")))[middle]
    found = []
    for axis, side in enumerate(sides):
        images = np.ones((side, *sides, 1), "float32")
        for i in range(side):
            np.moveaxis(images[i], axis, 0)[i] = 100
        changed = np.flatnonzero(np.abs(np.asarray(model(images))[middle] - base).max(axis=-1) > 1e-4 * base.max())
        found.append(int(changed[-1] - changed[0] + 1))
    return tuple(found) if len(set(found)) > 1 else found[0]


@pytest.mark.parametrize(
    ("layers", "sides", "expected"),
    [
        (strided, (49, 37), (19, 15)),
        (grouped_and_separable, (33, 41), 17),
        (one_axis, (80,), 46),
        (three_axes, (9, 11, 17), (4, 4, 8)),
        (ours, (37, 37), 9),
    ],
)
def test_the_receptive_field_is_what_an_output_depends_on(keras, layers, sides, expected):
    model = keras.Sequential([keras.Input((*sides, 1)), *layers(keras.layers)])
    row = models.ledger(model)[-1]
    assert row.receptive_field == reach(model, sides) == expected


def test_branches_merge_along_the_longest_and_nested_models_are_opened(keras):
    L = keras.layers
    x = inputs = keras.Input((33, 33, 1))
    inner = keras.Sequential(
        [keras.Input((31, 31, 2)), L.Conv2D(2, 5, padding="same", kernel_initializer="ones", name="five")], name="block"
    )
    x = L.Conv2D(2, 3, kernel_initializer="ones", name="first")(x)
    x = L.Concatenate(name="all")([inner(x), L.MaxPooling2D(3, 1, "same", name="pool")(x), inner(inner(x))])
    model = keras.Model(inputs, x + 1.0)
    rows = models.ledger(model)
    assert [(row.name, row.params, row.receptive_field) for row in rows[:-1]] == [
        ("first", 20, 3),
        ("block/five", 102, 7),
        ("pool", 0, 5),
        ("block/five", 0, 7),
        ("block/five", 0, 11),
        ("all", 0, 11),
    ]
    assert reach(model, (33, 33)) == rows[-1].receptive_field == 11
    assert total(rows).params == model.count_params() == 122
    assert total(rows).macs == 31 * 31 * (9 * 2 + 3 * 25 * 4)


def test_multiply_adds_by_hand(keras):
    L = keras.layers
    x = inputs = keras.Input((10, 8, 6))
    x = L.Conv2D(4, (3, 2), strides=2, groups=2)(x)
    x = L.BatchNormalization()(x)
    x = L.Conv2DTranspose(5, 3, strides=2)(x)
    x = L.SeparableConv2D(7, 3, depth_multiplier=2)(x)
    x = L.Dense(3)(x)
    x = L.Flatten()(x)
    x = L.Dense(2)(x)
    rows = models.ledger(keras.Model(inputs, x))
    assert [row.macs for row in rows] == [
        4 * 4 * (3 * 2 * 3 * 4),
        0,
        4 * 4 * (3 * 3 * 4 * 5),  # at every position of its input
        7 * 7 * (3 * 3 * 5 * 2 + 10 * 7),
        7 * 7 * 7 * 3,
        0,
        147 * 2,
    ]
    assert total(rows).params == sum(row.params for row in rows)


@pytest.mark.parametrize("name", ["Flatten", "GlobalMaxPooling1D", "GRU", "Reshape", "LSTM"])
def test_what_sees_the_whole_input_has_no_number(keras, name):
    options = {
        "Reshape": {"target_shape": (4, 15)},
        "GRU": {"units": 3, "return_sequences": True},
        "LSTM": {"units": 3},
    }
    layer = getattr(keras.layers, name)(**options.get(name, {}))
    model = keras.Sequential([keras.Input((20, 3)), layer, keras.layers.Activation("relu")])
    assert [row.receptive_field for row in models.ledger(model)] == [None, None]


def test_words_are_one_axis(keras):
    L = keras.layers
    layers = [keras.Input((12,)), L.Embedding(50, 4), L.Conv1D(3, 5), L.GlobalMaxPooling1D()]
    rows = models.ledger(keras.Sequential(layers))
    assert [(row.receptive_field, row.macs) for row in rows] == [(1, 0), (5, 8 * 5 * 4 * 3), (None, 0)]


def test_models_without_a_ledger_say_why(keras):
    L = keras.layers
    with pytest.raises(CourseError, match="no fixed graph"):
        models.ledger(keras.Sequential([L.Dense(3)]))
    with pytest.raises(CourseError, match="input_shape"):
        models.ledger(keras.Sequential([keras.Input((None, None, 3)), L.Conv2D(2, 3)]))
    with pytest.raises(CourseError, match="channels first"):
        models.ledger(keras.Sequential([keras.Input((3, 8, 8)), L.MaxPooling2D(2, data_format="channels_first")]))


@pytest.mark.parametrize(
    ("name", "options", "giga"),
    [
        ("alexnet", {}, 0.724),
        ("alexnet", {"groups": 1}, 1.135),
        ("vgg16", {}, 15.47),
        ("vgg19", {}, 19.63),
        ("googlenet", {}, 1.583),
    ],
)
def test_published_work(name, options, giga):
    assert total(models.ledger(models.build(name, weights=False, **options))).macs / 1e9 == pytest.approx(
        giga, abs=5e-3
    )


def test_published_receptive_fields(keras):
    """The numbers are those of Araujo, Norris and Sim, Distill 2019."""
    for name, layer, size in [("alexnet", "pool5", 195), ("vgg16", "pool5", 212)]:
        rows = {row.name: row for row in models.ledger(models.build(name, weights=False))}
        assert rows[layer].receptive_field == size
    with keras.StatelessScope(initialize_variables=False):
        resnet = keras.applications.ResNet50(weights=None)
    rows = models.ledger(resnet)
    assert max(row.receptive_field for row in rows if row.receptive_field) == 483
    assert total(rows).params == resnet.count_params()


def test_groups_add_up_neighbours():
    rows = [LayerRow("a1", (4,), 1, 10, 3), LayerRow("a2", (5,), 2, 20, 5), LayerRow("b", (6,), 4, 40, None)]
    assert grouped(rows, lambda name: name[0]) == [LayerRow("a", (5,), 3, 30, 5), LayerRow("b", (6,), 4, 40, None)]
