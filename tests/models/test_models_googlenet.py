"""GoogLeNet against table 1 of its paper, where the table is right."""

import numpy as np
import pytest

from coursekit import models
from coursekit.errors import CourseError
from coursekit.models import grouped, total

pytestmark = pytest.mark.slow

# Parameters (1 K = 1,024 weights) and operations (millions) as published. Rows whose sums differ from the network's
# own shapes: the parameters of 4a, 4c, 4d, 4e, 5a and 5b, the operations of 5a.
TABLE = {
    "3a": (256, 159, 128),
    "3b": (480, 380, 304),
    "4a": (512, 364, 73),
    "4b": (512, 437, 88),
    "4c": (512, 463, 100),
    "4d": (528, 580, 119),
    "4e": (832, 840, 170),
    "5a": (832, 1072, 54),
    "5b": (1024, 1388, 71),
}


@pytest.fixture(scope="module")
def rows():
    return models.ledger(models.build("googlenet", weights=False))


@pytest.fixture(scope="module")
def modules(rows):
    from coursekit.models.googlenet import MODULES

    found = {row.name[-2:]: row for row in grouped(rows, lambda name: name[:12]) if row.name.startswith("inception")}
    return {name: (row, row.params - sum(MODULES[name])) for name, row in found.items()}  # weights without biases


def test_parameters_with_and_without_heads(rows):
    assert total(rows).params == 6_998_552
    assert total(rows).params - rows[-1].params == 5_973_552
    assert models.build("googlenet", weights=False, auxiliary_heads=True).count_params() == 13_378_280


def test_22_layers_with_parameters_deep():
    rows = models.ledger(models.build("googlenet", weights=False))
    assert sum(row.params > 0 for row in rows) == 58
    assert 3 + 2 * 9 + 1 == 22  # the stem's three, two a module, the classifier: the longest path


def test_shapes_of_the_table(rows, modules):
    assert {name: row.output_shape[-1] for name, (row, _) in modules.items()} == {n: t[0] for n, t in TABLE.items()}
    shapes = {row.name: row.output_shape for row in rows}
    assert [shapes[name] for name in ("conv1", "pool1", "conv2", "pool2", "pool3", "pool4", "average")] == [
        (112, 112, 64),
        (56, 56, 64),
        (56, 56, 192),
        (28, 28, 192),
        (14, 14, 480),
        (7, 7, 832),
        (1024,),
    ]


def test_parameters_of_the_table(rows, modules):
    for name in ("3a", "3b", "4b"):
        assert modules[name][1] / 1024 == pytest.approx(TABLE[name][1], abs=1.1)
    for name in set(TABLE) - {"3a", "3b", "4b"}:
        assert abs(modules[name][1] / 1024 - TABLE[name][1]) > 2
    stem = {row.name: row.params for row in rows}
    assert (stem["conv2_reduce"] + stem["conv2"] - 64 - 192) / 1024 == 112


def test_operations_of_the_table(rows, modules):
    for name, (row, _) in modules.items():
        right = row.macs / 1e6 == pytest.approx(TABLE[name][2], abs=1)
        assert right == (name != "5a")
    stem = {row.name: row.macs for row in rows}
    assert (stem["conv2_reduce"] + stem["conv2"]) / 1e6 == pytest.approx(360, abs=1)
    # The table's 34 M for conv1 is wrong; with the right number its sum of 1.5 G becomes ours.
    assert (stem["conv1"], total(rows).macs) == (118_013_952, 1_582_671_872)


def test_auxiliary_heads_follow_4a_and_4d():
    model = models.build("googlenet", (96, 96, 3), 7, auxiliary_heads=True, width=1 / 16)
    assert model.output_shape == [(None, 7)] * 3
    heads = [row for row in models.ledger(model) if row.name.startswith("auxiliary")]
    assert len(heads) == 12
    outputs = model(np.zeros((1, 96, 96, 3), "float32"))
    assert np.asarray(outputs[1]).sum() == pytest.approx(1)
    with pytest.raises(CourseError, match=r"only 4×4.* pools 5×5"):
        models.build("googlenet", (64, 64, 3), auxiliary_heads=True, width=1 / 16)


def test_the_smallest_image_and_half_the_maps():
    model = models.build("googlenet", (32, 32, 1), 36, width=1 / 2)
    assert model.get_layer("inception_5b_output").output.shape == (None, 1, 1, 512)


def test_the_naive_module_costs_more_and_grows():
    from coursekit.models.googlenet import MODULES, inception
    from coursekit.quiet import quiet_import

    keras = quiet_import("keras")
    inputs = keras.Input((28, 28, 192))
    naive, reduced = (
        keras.Model(inputs, inception(inputs, MODULES["3a"], "module", reduce=reduce)) for reduce in (False, True)
    )
    assert naive.output_shape[-1] == 64 + 128 + 32 + 192
    assert total(models.ledger(naive)).macs == 28 * 28 * 192 * (64 + 9 * 128 + 25 * 32)
    assert total(models.ledger(reduced)).macs == 28 * 28 * (163_328)
