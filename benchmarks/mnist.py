"""LeNet-5 on real MNIST, as published and as it is built today: test error over several seeds.

python benchmarks/mnist.py [--seeds 0 1 2] [--epochs 12]

MNIST has to be prepared: ``coursekit data prepare mnist``. Training images are moved by up to two pixels.
"""

import argparse
import statistics

import numpy as np

from coursekit import backend, data, training
from coursekit.models import build

BATCH, RATE = 128, 3e-3
CROP = 2 / 28 / 0.125  # two pixels of 28; an eighth of the size is the usual amount


def error(dataset: data.Dataset, modern: bool, seed: int, epochs: int) -> tuple[float, float]:
    """Train; return the share of test digits that are read wrongly, and the seconds of training."""
    backend.seed(seed)
    model = build("lenet5", (28, 28, 1), 10, modern=modern)
    if not modern:  # the paper's pixels: mean 0, variance 1
        keras = backend.keras()
        model = keras.Sequential([keras.layers.Rescaling(1.275, -0.1), model])
    history = training.fit(
        model,
        (dataset.x_train, dataset.y_train),
        epochs=epochs,
        batch_size=BATCH,
        learning_rate=RATE,
        schedule="one-cycle",
        augment=training.augmentation("crop", CROP, seed),
        seed=seed,
        progress=False,
    )
    scores = model.predict(dataset.x_test, batch_size=500, verbose=0)
    return float(np.mean(scores.argmax(axis=1) != dataset.y_test)), sum(history.seconds)


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--epochs", type=int, default=12)
    chosen = parser.parse_args()
    dataset = data.load("mnist")
    for name, modern in (("as published", False), ("modern", True)):
        found = [error(dataset, modern, seed, chosen.epochs) for seed in chosen.seeds]
        errors = [100 * each for each, _ in found]
        print(
            f"LeNet-5 {name}: test error {', '.join(f'{each:.2f}' for each in errors)} %, "
            f"mean {statistics.mean(errors):.2f} %; {found[0][1]:.0f} s a seed",
            flush=True,
        )


if __name__ == "__main__":
    main()
