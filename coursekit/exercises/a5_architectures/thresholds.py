"""a5: how well the solution's network does, run after run: what its threshold is set from.

``python -m coursekit.exercises.a5_architectures.thresholds`` trains it with as many seeds as `MEASURED` has numbers,
and shows each run new digits. About ten seconds a run on one core.
"""

from typing import Any

import numpy as np

EPOCHS = 12
MEASURED = (0.972, 0.956, 0.964, 0.98, 0.976, 0.952)
"""Accuracies of seeds 0, 1, … on 500 digits each, drawn from seeds 1000, 1001, …"""


def small_net() -> Any:
    """Return the solution's network: four convolutions that grow wider as maps grow smaller, 4,896 parameters."""
    import keras
    from keras import layers

    inputs = keras.Input((32, 32, 3))
    maps = inputs
    for width in (5, 10, 15, 19):
        maps = layers.Conv2D(width, 3, padding="same", use_bias=False)(maps)
        maps = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(maps))
        maps = layers.MaxPooling2D()(maps) if width < 19 else layers.GlobalAveragePooling2D()(maps)
    return keras.Model(inputs, layers.Dense(10, activation="softmax")(maps))


def measure(seed: int) -> float:
    """Return the accuracy on new digits of a network trained with a seed, as the assignment trains it."""
    from coursekit import backend, data, training
    from coursekit.exercises.a5_architectures.pictures import ARTIFACT, DIGITS
    from coursekit.exercises.artifacts import accuracy

    glyphs = data.load("glyphs")
    classes = [glyphs.classes.index(digit) for digit in DIGITS]
    chosen = np.isin(glyphs.y_train, classes)
    backend.seed(seed)
    net = small_net()
    digits = glyphs.x_train[chosen], glyphs.y_train[chosen] - classes[0]
    training.fit(net, digits, epochs=EPOCHS, learning_rate=0.01, schedule="one-cycle", seed=seed, progress=False)
    images, labels = ARTIFACT.drawn(1000 + seed)
    return accuracy(labels, net.predict(images, verbose=0))


def needed(accuracies: tuple[float, ...]) -> float:
    """Return the mean minus three standard deviations, rounded down to a tenth of a percent."""
    return float(np.floor(1000 * (np.mean(accuracies) - 3 * np.std(accuracies, ddof=1))) / 1000)


if __name__ == "__main__":
    found = []
    for number in range(len(MEASURED)):
        found.append(measure(number))
        print(f"seed {number}: {found[-1]:.3f}", flush=True)
    print(f"{tuple(found)}: needed is {needed(tuple(found))}")
