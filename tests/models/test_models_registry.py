"""`build` finds every network by its name, and says what is wrong when it cannot."""

import subprocess
import sys

import pytest

from coursekit import models
from coursekit.errors import CourseError
from coursekit.models.registry import REGISTRY

# The line of DESIGN §3.
NAMES = """
    neocognitron lenet1 lenet5 alexnet vgg11 vgg11_lrn vgg13 vgg16_1x1 vgg16 vgg19 googlenet
    resnet18 resnet34 resnet50 resnet101 resnet152 plain18 plain34
    resnet20 resnet32 resnet44 resnet56 resnet110 plain20 plain32 plain44 plain56 plain110
    densenet121 densenet169 densenet201 textcnn dcnn conv3d_video spectrogram_cnn
"""


def test_every_network_of_the_design_has_an_entry():
    assert sorted(models.names()) == sorted(NAMES.split())
    assert all(0 < len(entry.line) < 80 for entry in REGISTRY.values())


def test_importing_the_package_loads_no_keras():
    probe = (
        "import sys, coursekit.models as m; m.names(); m.build; assert not {'keras', 'tensorflow'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", probe], check=True)


def test_an_unknown_name_brings_the_nearest():
    with pytest.raises(CourseError, match="no network 'vgg17'") as error:
        models.build("vgg17")
    assert "vgg16" in error.value.fix


@pytest.mark.slow
def test_an_unknown_option_brings_the_nearest_and_the_others():
    with pytest.raises(CourseError, match="alexnet has no option 'group'") as error:
        models.build("alexnet", group=1)
    assert "did you mean groups?" in error.value.fix
    assert "overlapping" in error.value.fix


@pytest.mark.slow
def test_what_makes_a_network_cannot_be_changed():
    with pytest.raises(CourseError, match="configuration='D' is what makes it vgg16"):
        models.build("vgg16", configuration="E")


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES.split())
def test_every_builder_takes_the_common_arguments(name):
    import importlib
    import inspect

    entry = REGISTRY[name]
    builder = getattr(importlib.import_module(f"coursekit.models.{entry.module}"), entry.function)
    taken = set(inspect.signature(builder).parameters)
    assert {"input_shape", "classes", *entry.options} <= taken
    assert name == "neocognitron" or "classifier_activation" in taken
    assert builder.__doc__


@pytest.mark.slow
def test_input_shape_classes_and_logits_reach_the_builder():
    model = models.build("vgg11", (40, 32, 1), 7, width=1 / 32, classifier_activation=None)
    assert model.input_shape == (None, 40, 32, 1)
    assert model.output_shape == (None, 7)
    assert model.layers[-1].activation.__name__ == "linear"
    assert not model.compiled


@pytest.mark.slow
def test_a_model_without_weights_has_a_ledger_and_no_values():
    whole, bare = (models.build("lenet5", weights=weights) for weights in (True, False))
    assert models.ledger(bare) == models.ledger(whole)
    assert bare.count_params() == 60_000
    assert {variable._value is None for variable in bare.weights} == {True}
    assert {variable._value is None for variable in whole.weights} == {False}
