"""Trains the networks of the zoo: ``python -m coursekit.models.train NAME [--seeds 0 1 2] [--into FOLDER]``.

It writes ``NAME.weights.h5`` of the first seed, and the card ``NAME.json``.
"""

import argparse
import json
import platform
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from coursekit import backend, data, training
from coursekit.models.registry import build
from coursekit.models.zoo import Card

HERE = Path(__file__).parent / "weights"


@dataclass(frozen=True)
class Recipe:
    """How a network of the zoo is trained: SGD with Nesterov's momentum 0.9, one cycle of the learning rate.

    Attributes:
        network: what `build` makes.
        data: the data set's name.
        epochs: passes over it.
        batch_size: examples a step.
        learning_rate: the highest.
        weight_decay: times the learning rate, off every weight at each step.
        augment: how images are changed, as `training.augmentation` names it.
        strength: of that change.
        enlarge: every pixel becomes so many by so many, for images that are too small for the network.
        options: what else `build` is given.
    """

    network: str
    data: str
    epochs: int
    batch_size: int
    learning_rate: float
    weight_decay: float
    augment: tuple[str, ...]
    strength: float = 1.0
    enlarge: int = 1
    options: dict[str, Any] = field(default_factory=dict)


RECIPES = {
    "lenet_digits": Recipe("lenet5", "digits", 30, 32, 0.03, 5e-3, ("crop",), enlarge=4, options={"modern": True}),
    "resnet_glyphs": Recipe("resnet20", "glyphs", 20, 64, 0.1, 5e-3, ("crop",), strength=0.5, options={"width": 8}),
    "resnet20_cifar10": Recipe("resnet20", "cifar10", 50, 128, 0.2, 1e-3, ("flip", "crop")),
}


def train(recipe: Recipe, dataset: data.Dataset, seed: int) -> tuple[Any, float, float]:
    """Return a trained model, its accuracy on the test set, and the seconds of processor time."""
    keras = backend.keras()
    backend.seed(seed)
    x_train, x_test = (
        each.repeat(recipe.enlarge, 1).repeat(recipe.enlarge, 2) for each in (dataset.x_train, dataset.x_test)
    )
    model = build(recipe.network, x_train.shape[1:], len(dataset.classes), **recipe.options)
    began = time.process_time()
    training.fit(
        model,
        (x_train, dataset.y_train),
        epochs=recipe.epochs,
        batch_size=recipe.batch_size,
        optimizer=keras.optimizers.SGD(momentum=0.9, nesterov=True),
        learning_rate=recipe.learning_rate,
        schedule="one-cycle",
        weight_decay=recipe.weight_decay,
        augment=training.augmentation(recipe.augment, recipe.strength, seed),
        seed=seed,
        progress=False,
        callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=_tell)],
    )
    seconds = time.process_time() - began
    scores = model.predict(x_test, batch_size=500, verbose=0)
    return model, float(np.mean(scores.argmax(axis=1) == dataset.y_test)), seconds


def _tell(epoch: int, logs: dict[str, float]) -> None:
    print(f"epoch {epoch + 1}: loss {logs['loss']:.4f}, accuracy {logs['accuracy']:.2%}", flush=True)


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=RECIPES)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--into", type=Path, default=HERE, metavar="FOLDER")
    chosen = parser.parse_args()
    recipe = RECIPES[chosen.name]
    dataset = data.load(recipe.data)
    found = []
    for seed in chosen.seeds:
        model, accuracy, seconds = train(recipe, dataset, seed)
        print(f"seed {seed}: test accuracy {accuracy:.2%}, {seconds:.0f} s", flush=True)
        found.append((accuracy, seconds))
        if seed == chosen.seeds[0]:
            chosen.into.mkdir(parents=True, exist_ok=True)
            # A copy, which has no optimizer: its state would be saved, too.
            bare = build(recipe.network, model.input_shape[1:], len(dataset.classes), **recipe.options)
            bare.set_weights(model.get_weights())
            bare.save_weights(chosen.into / f"{chosen.name}.weights.h5")
    card = Card(
        name=chosen.name,
        network=recipe.network,
        input_shape=model.input_shape[1:],
        classes=dataset.classes,
        options=recipe.options,
        parameters=model.count_params(),
        data=recipe.data,
        enlarge=recipe.enlarge,
        command=f"python -m coursekit.models.train {chosen.name} --seeds {' '.join(map(str, chosen.seeds))}",
        epochs=recipe.epochs,
        seeds=tuple(chosen.seeds),
        accuracy=tuple(round(accuracy, 4) for accuracy, _ in found),
        seconds=round(found[0][1]),
        machine=f"{platform.machine()}, Keras {backend.keras().__version__} on {backend.keras().backend.backend()}",
    )
    text = json.dumps(asdict(card), indent=2, ensure_ascii=False) + "\n"
    (chosen.into / f"{chosen.name}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
