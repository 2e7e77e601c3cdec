"""LeNet-5 on real MNIST, as published and as it is built today: test error over several seeds.

python benchmarks/mnist.py [--seeds 0 1 2] [--epochs 12]

MNIST has to be prepared: ``coursekit data prepare mnist``. Training images are moved by up to two pixels.
"""

import argparse
import statistics

import numpy as np

from coursekit import backend, data, training
from coursekit.models import build
from coursekit.models.train import Moved

BATCH, RATE, SHIFT = 128, 3e-3, 2


def error(dataset: data.Dataset, modern: bool, seed: int, epochs: int) -> tuple[float, float]:
    """Train; return the share of test digits that are read wrongly, and the seconds of training."""
    backend.seed(seed)
    model = build("lenet5", (28, 28, 1), 10, modern=modern)
    gain, shift = (1, 0) if modern else (1.275, -0.1)  # the paper's pixels: mean 0, variance 1
    batches = Moved(dataset.x_train * gain + shift, dataset.y_train, BATCH, seed, SHIFT, flip=False)
    history = training.fit(
        model, batches, epochs=epochs, learning_rate=RATE, schedule="one-cycle", seed=seed, progress=False
    )
    scores = model.predict(dataset.x_test * gain + shift, batch_size=500, verbose=0)
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
