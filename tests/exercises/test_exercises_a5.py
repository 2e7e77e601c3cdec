"""What the enumeration cannot see of a5: published numbers, brute force, answers in Keras, digits that are drawn."""

import ast
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursekit import exercises
from coursekit.exercises import artifacts, caller, examine
from coursekit.exercises.a5_architectures import ARTIFACTS, pictures, thresholds
from coursekit.exercises.sources import as_answer
from coursekit.grading.judge.calls import KernelCaller
from coursekit.grading.limits import Limits

A5 = {each.name: each for each in exercises.assignment("a5").exercises}
RIGHT = {name: each.reference for name, each in A5.items()}
BLOCKS = ("grouped_convolution", "inception_block", "residual_block", "dense_block")
SOURCE = (Path(__file__).parents[2] / "source" / "assignments" / "a5_architectures.py").read_text(encoding="utf-8")

layer = st.tuples(st.integers(1, 6), st.integers(1, 3), st.integers(1, 3))


def rewritten(exercise, *changes):
    """The reference with parts of its source replaced; each must occur."""
    source = as_answer(exercise.reference, exercise.name)
    for before, after in changes:
        assert before in source
        source = source.replace(before, after)
    namespace = {"np": np}
    exec(source, namespace)
    return namespace[exercise.name]


def written(name):
    """A function of the assignment's solution, as its source."""
    (found,) = [node for node in ast.parse(SOURCE).body if isinstance(node, ast.FunctionDef) and node.name == name]
    return ast.unparse(found)


def test_ledger_of_alexnet():
    """Krizhevsky et al. 2012: 60,965,224 parameters, which the dense layers, as convolutions, belong to."""
    layers = [
        ((227, 227, 3), 96, (11, 11), (4, 4)),
        ((27, 27, 96), 256, (5, 5), (1, 1), (2, 2), 2),
        ((13, 13, 256), 384, (3, 3), (1, 1), (1, 1)),
        ((13, 13, 384), 384, (3, 3), (1, 1), (1, 1), 2),
        ((13, 13, 384), 256, (3, 3), (1, 1), (1, 1), 2),
        ((6, 6, 256), 4096, (6, 6)),
        ((1, 1, 4096), 4096, (1, 1)),
        ((1, 1, 4096), 1000, (1, 1)),
    ]
    ledger = [RIGHT["conv_ledger"](*each) for each in layers]
    assert [shape[:2] for shape, *_ in ledger] == [(55, 55), (27, 27), *[(13, 13)] * 3, *[(1, 1)] * 3]
    assert sum(parameters for _, parameters, _ in ledger) == 60_965_224
    assert round(sum(work for *_, work in ledger) / 1e6) == 724


@pytest.mark.parametrize(
    ("layers", "field", "jump"),
    [  # Araujo, Norris, Sim, "Computing receptive fields of convolutional neural networks", Distill 2019
        ([(3, 1, 1)] * 3, 7, 1),
        ([(11, 4, 1), (3, 2, 1), (5, 1, 1), (3, 2, 1), (3, 1, 1), (3, 1, 1), (3, 1, 1), (3, 2, 1)], 195, 32),
        (2 * ([(3, 1, 1)] * 2 + [(2, 2, 1)]) + 3 * ([(3, 1, 1)] * 3 + [(2, 2, 1)]), 212, 32),
    ],
    ids=["three of 3 × 3", "AlexNet", "VGG-16"],
)
def test_published_receptive_fields(layers, field, jump):
    fields, jumps = RIGHT["receptive_fields"](layers)
    assert (fields[-1], jumps[-1]) == (field, jump)


@settings(deadline=None, max_examples=30)
@given(st.lists(layer, min_size=1, max_size=4))
def test_receptive_fields_are_the_pixels_that_matter(layers):
    """Set one pixel at a time, and see which outputs 0 and 1 notice."""
    fields, jumps = RIGHT["receptive_fields"](layers)
    size = 2 * (fields[-1] + jumps[-1])

    def run(x):
        for kernel, stride, dilation in layers:
            outputs = (len(x) - (kernel - 1) * dilation - 1) // stride + 1
            x = np.array(
                [x[i * stride : i * stride + (kernel - 1) * dilation + 1 : dilation].sum() for i in range(outputs)]
            )
        return x

    seen = np.array([run(pixel)[:2] for pixel in np.eye(size)])
    first, second = np.flatnonzero(seen[:, 0]), np.flatnonzero(seen[:, 1])
    assert first[-1] - first[0] + 1 == fields[-1]
    assert second[0] - first[0] == jumps[-1]


@settings(deadline=None, max_examples=80)
@given(st.integers(200, 10**6), st.integers(1, 30), st.sampled_from([1, 3, 5]), st.integers(1, 4), st.integers(2, 20))
def test_the_widest_network_fits_and_a_wider_one_does_not(budget, convolutions, kernel, channels, classes):
    def count(width):
        inputs = [channels, *[width] * (convolutions - 1)]
        ledger = [RIGHT["conv_ledger"]((9, 9, each), width, (kernel, kernel)) for each in inputs]
        return sum(parameters for _, parameters, _ in ledger) + (width + 1) * classes

    if count(1) > budget:
        return
    width, parameters = RIGHT["widest_network"](budget, convolutions, kernel, channels, classes)
    assert count(width) == parameters <= budget < count(width + 1)


@pytest.mark.parametrize(
    ("name", "change", "hint"),
    [
        (
            "conv_ledger",
            ("(window + 1) * filters", "(window + groups) * filters"),
            "with g groups, each filter",
        ),
        (
            "receptive_fields",
            ("field += (kernel - 1)", "field += (kernel + 1)"),
            "a kernel of 1 reaches 0",
        ),
        (
            "widest_network",
            ("(width + 1) * classes", "(width + 3) * classes"),
            "write down the parameters",
        ),
        ("grouped_convolution", ("pad=pad)[0]", "pad=pad)[0] + x.mean()"), "split the channels of x first"),
        ("inception_block", ("conv(largest, pool)]", "conv(largest, pool) + 1]"), "convolutions without biases"),
        ("residual_block", ("np.maximum(f +", "np.maximum(f + 1 +"), "the shortcut goes round both convolutions"),
        (
            "dense_block",
            ("maps = np.concatenate([maps, new]", "maps = np.concatenate([2 * maps, new]"),
            "the ReLU is on the",
        ),
        ("degradation", ("trained.argmin()", "depths.argmin()"), "degradation is about training errors"),
    ],
)
def test_an_unlisted_mistake_gets_the_hint_of_what_it_breaks(name, change, hint):
    for seed in range(3):
        found = examine(A5[name], caller(rewritten(A5[name], change)), seed)
        assert found.status == "failed"
        assert found.misconception == ""
        assert found.hint.startswith(hint)


@pytest.mark.slow
def test_checking_needs_no_framework():
    probe = (
        "import sys; from coursekit.exercises import artifacts, assignment, caller, examine\n"
        "for each in assignment('a5').exercises:\n"
        "    assert examine(each, caller(each.reference), 0).status == 'passed'\n"
        "artifacts.find('small_net').drawn(0)\n"
        "found = set(sys.modules) & {'tensorflow', 'keras', 'torch', 'jax'}; assert not found, found"
    )
    subprocess.run([sys.executable, "-c", probe], check=True)


def test_digits_are_drawn_as_the_builder_draws_its_test_half():
    from coursekit.data.builders.glyphs import glyphs_dataset_builder as builder
    from coursekit.data.builders.scenery import Scenery

    images, labels = pictures.draw(np.random.default_rng(5))
    random = np.random.RandomState(np.random.default_rng(5).integers(2**32, dtype=np.uint64))
    scenery = Scenery(random, "test")
    assert labels.tolist() == random.permutation(np.arange(500) % 10).tolist()
    for image, label in zip(images[:20], labels, strict=False):
        np.testing.assert_array_equal(np.rint(image * 255), builder._example(random, scenery, str(label))["image"])


@pytest.mark.slow
def test_other_seeds_draw_other_digits_all_equally_often():
    (first, labels), (second, others) = (artifacts.find("small_net").drawn(seed) for seed in (1, 2**120 + 1))
    assert np.bincount(labels).tolist() == np.bincount(others).tolist() == [50] * 10
    assert (labels != others).mean() > 0.8
    assert np.abs(first - second).mean() > 0.1
    assert first.dtype == np.float32
    assert 0 <= first.min() < first.max() <= 1


def test_the_assignment_prints_what_the_threshold_was_set_from():
    accuracies = thresholds.MEASURED
    assert len(accuracies) >= 5
    assert thresholds.needed((0.9, 0.92, 0.94)) == 0.86
    assert thresholds.needed(thresholds.MEASURED) == pictures.NEEDED
    assert f"{pictures.BUDGET:,} parameters" in SOURCE
    assert f"**{pictures.NEEDED:.1%}".replace("%", " %") in SOURCE
    assert ", ".join(f"{100 * each:.1f}" for each in accuracies) in SOURCE
    assert (artifacts.find("small_net"),) == ARTIFACTS


def test_the_network_that_was_measured_is_the_solution():
    def body(source):
        (function,) = ast.parse(source).body
        docstring_or_import = ast.Import, ast.ImportFrom, ast.Expr
        return [ast.unparse(each) for each in function.body if not isinstance(each, docstring_or_import)]

    assert body(as_answer(thresholds.small_net, "small_net")) == body(written("small_net"))
    assert f"cpu={thresholds.EPOCHS}, gpu" in SOURCE


def in_keras_layers():
    """The blocks as Keras layers whose weights are set, instead of operations."""
    import keras
    from keras import layers

    def apply(layer, x, kernel):
        layer.build(x.shape)
        layer.set_weights([kernel])
        return layer(x)

    def conv(x, kernel, stride=1):
        size, filters = kernel.shape[:2], kernel.shape[3]
        return apply(layers.Conv2D(filters, size, strides=stride, padding="same", use_bias=False), x, kernel)

    def grouped_convolution(x, kernel, groups):
        step, size = x.shape[3] // groups, kernel.shape[3] // groups
        maps = [conv(x[..., g * step : (g + 1) * step], kernel[..., g * size : (g + 1) * size]) for g in range(groups)]
        return layers.Concatenate()(maps) if groups > 1 else maps[0]

    def inception_block(x, one, reduce3, three, reduce5, five, pool):
        relu = layers.Activation("relu")
        ends = [conv(relu(conv(x, reduce3)), three), conv(relu(conv(x, reduce5)), five)]
        ends.append(conv(layers.MaxPooling2D(3, 1, "same")(x), pool))
        return relu(layers.Concatenate()([conv(x, one), *ends]))

    def residual_block(x, first, second, shortcut=None, stride=1):
        straight = x if shortcut is None else conv(x, shortcut, stride)
        return layers.ReLU()(layers.Add()([straight, conv(layers.ReLU()(conv(x, first, stride)), second)]))

    def dense_block(x, kernels):
        inputs = keras.Input(x.shape[1:])
        maps = inputs
        for kernel in kernels:
            new = layers.Conv2D(kernel.shape[3], 3, padding="same", use_bias=False)(layers.ReLU()(maps))
            maps = layers.Concatenate()([maps, new])
        model = keras.Model(inputs, maps)
        model.set_weights(kernels)
        return model(x)

    return {f.__name__: f for f in (grouped_convolution, inception_block, residual_block, dense_block)}


@pytest.mark.slow
@pytest.mark.parametrize("style", ["operations", "layers"])
@pytest.mark.parametrize("name", BLOCKS)
def test_answers_in_keras_pass_and_tensors_reach_the_judge(name, style):
    from keras import ops

    namespace = {"ops": ops, "np": np}
    exec(written(name), namespace)
    function = namespace[name] if style == "operations" else in_keras_layers()[name]
    here = examine(A5[name], caller(function, A5[name].closed_book), 3)
    assert here.failures == ()

    class Loop:
        def evaluate(self, code, expression, seconds):
            return eval(expression, {"f": function})

    assert examine(A5[name], KernelCaller(Loop(), "cell", "f", A5[name], 3, Limits()), 3) == here


@pytest.mark.slow
def test_a_mistake_in_keras_is_explained():
    from keras import ops

    namespace = {"ops": ops}
    exec(
        written("residual_block").replace("ops.conv(hidden, second, padding='same') + straight", "straight"), namespace
    )
    assert examine(A5["residual_block"], caller(namespace["residual_block"]), 0).status == "failed"
    source = written("residual_block").replace(
        "ops.relu(ops.conv(hidden, second, padding='same') + straight)",
        "ops.relu(ops.conv(hidden, second, padding='same')) + straight",
    )
    exec(source, namespace)
    found = examine(A5["residual_block"], caller(namespace["residual_block"]), 0)
    assert found.misconception == "applies the relu before the addition"


@pytest.mark.slow
def test_finished_networks_are_closed():
    import keras

    def borrowed(x, *_):
        return keras.applications.MobileNetV2(input_shape=(32, 32, 3), weights=None, alpha=0.35)(x)

    exercise = A5["residual_block"]
    assert caller(borrowed, exercise.closed_book)(exercise.cases[0].arguments).borrowed.startswith(
        "keras.src.applications"
    )
