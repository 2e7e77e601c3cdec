"""What the kernels of an assignment import before they are forked: what its notebook uses, and no more."""

import nbformat
import pytest
from nbformat import v4

from coursekit.grading.bundle import Bundle

COURSE = ("coursekit.exercises", "coursekit.teach", "coursekit.grading.judge.agent", "matplotlib.pyplot")


def bundle(*cells):
    text = nbformat.writes(v4.new_notebook(cells=[v4.new_code_cell(cell) for cell in cells]))
    return Bundle("x1", text, {}, {}, salt="", version="")


@pytest.mark.parametrize(
    ("cells", "modules"),
    [
        (["x = 1"], ()),
        (["import keras"], ("tensorflow", "keras")),
        (["x = 1\nfrom tensorflow import nn", "import keras"], ("tensorflow", "keras")),
        (["from coursekit import data", "import matplotlib.pyplot as plt"], COURSE),
        (["import matplotlib.pyplot as plt"], ("matplotlib.pyplot",)),
        (["import torch", "    from sklearn import svm"], ("torch", "sklearn")),
        (["# import keras is what comes next"], ()),
        (["np.testing.assert_allclose(f(1), 2)"], ("numpy.testing",)),
    ],
)
def test_modules_are_what_the_notebook_uses(cells, modules):
    assert bundle(*cells).modules == ("numpy", "numpy.random", *modules)


def test_data_sets_are_those_it_loads():
    assert bundle("from coursekit import data", 'x = data.load("digits")\ny = data.load( "mnist" )').data == (
        "digits",
        "mnist",
    )


def test_the_notebook_is_read_once():
    found = bundle("x = 1")
    assert found.notebook is found.notebook
    assert bundle("x = 2").notebook.cells[0].source == "x = 2"
