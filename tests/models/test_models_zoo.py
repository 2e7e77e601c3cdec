"""The trained networks that come with the package: what their cards say holds."""

import numpy as np
import pytest

from coursekit import data
from coursekit.errors import CourseError
from coursekit.models import zoo
from coursekit.models.train import HERE, RECIPES

BUNDLED = zoo.names()


def test_every_recipe_was_trained():
    assert set(BUNDLED) == set(RECIPES)


@pytest.mark.parametrize("name", BUNDLED)
def test_a_card_says_what_its_recipe_does(name):
    card, recipe = zoo.card(name), RECIPES[name]
    assert (card.network, card.data, card.epochs, card.enlarge) == (
        recipe.network, recipe.data, recipe.epochs, recipe.enlarge,
    )  # fmt: skip
    assert card.options == recipe.options
    assert len(card.accuracy) == len(card.seeds) == len(set(card.seeds))
    assert card.command == f"python -m coursekit.models.train {name} --seeds {' '.join(map(str, card.seeds))}"
    assert (HERE / f"{name}.weights.h5").stat().st_size < 1.5e6


def test_an_unknown_network_is_named_with_its_neighbour():
    with pytest.raises(CourseError, match="did you mean lenet_digits"):
        zoo.load("lenet_digit")


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in BUNDLED if not name.endswith("cifar10")])
def test_the_weights_reach_what_the_card_says(name):
    reached(name)


@pytest.mark.slow
@pytest.mark.realdata
def test_the_weights_for_cifar10_reach_what_the_card_says():
    if not data.is_prepared("cifar10"):
        pytest.skip("CIFAR-10 is not prepared: coursekit data prepare cifar10")
    reached("resnet20_cifar10")


def reached(name):
    card, model = zoo.card(name), zoo.load(name)
    dataset = data.load(card.data)
    x = dataset.x_test.repeat(card.enlarge, 1).repeat(card.enlarge, 2)
    assert x.shape[1:] == card.input_shape
    assert dataset.classes == card.classes
    assert model.count_params() == card.parameters
    found = np.mean(model.predict(x, batch_size=500, verbose=0).argmax(axis=1) == dataset.y_test)
    assert found == pytest.approx(card.accuracy[0], abs=1.5 / len(x))  # another processor rounds otherwise
