"""What networks from scratch reach, and how long they take: real digits always, MNIST where it is prepared.

python benchmarks/network.py            # one seed each
python benchmarks/network.py 5          # five
"""

import os
import sys
import time

import numpy as np

from coursekit import data
from coursekit.scratch.layers import Affine, Conv2D, Flatten, Pool2D, ReLU
from coursekit.scratch.network import Network
from coursekit.scratch.optimizers import Adam


def train_digits(digits: data.Dataset, seed: int) -> Network:
    """Train a small convolutional network on 1,437 real 8 × 8 digits, twelve times over."""
    rng = np.random.default_rng(seed)
    network = Network(
        [
            Conv2D(1, 16, 3, rng, pad=1),
            ReLU(),
            Pool2D(2),
            Conv2D(16, 32, 3, rng, pad=1),
            ReLU(),
            Pool2D(2),
            Flatten(),
            Affine(128, 10, rng),
        ]
    )
    network.fit(digits.x_train, digits.y_train, epochs=12, optimizer=Adam(0.003), seed=seed)
    return network


def train_mnist(mnist: data.Dataset, seed: int) -> Network:
    """Train LeNet-5's shape, with ReLU, max pooling and plain outputs, on MNIST, three times over."""
    rng = np.random.default_rng(seed)
    network = Network(
        [
            Conv2D(1, 6, 5, rng, pad=2),
            ReLU(),
            Pool2D(2),
            Conv2D(6, 16, 5, rng),
            ReLU(),
            Pool2D(2),
            Flatten(),
            Affine(400, 120, rng),
            ReLU(),
            Affine(120, 84, rng),
            ReLU(),
            Affine(84, 10, rng),
        ]
    )
    optimizer = Adam()
    for epoch, optimizer.learning_rate in enumerate([0.002, 0.001, 0.0005]):
        network.fit(mnist.x_train, mnist.y_train, epochs=1, batch=64, optimizer=optimizer, seed=3 * seed + epoch)
    return network


def main(seeds: int) -> None:
    """Print accuracy and time for each data set and seed."""
    print(f"{os.cpu_count()} cores, NumPy {np.__version__}")
    for name, train in (("digits", train_digits), ("mnist", train_mnist)):
        if not data.is_prepared(name) and name != "digits":
            print(f"{name} is not prepared: coursekit data prepare {name}")
            continue
        dataset = data.load(name)
        for seed in range(seeds):
            wall, work = time.perf_counter(), time.process_time()
            network = train(dataset, seed)
            wall, work = time.perf_counter() - wall, time.process_time() - work
            _, accuracy = network.evaluate(dataset.x_test, dataset.y_test)
            print(
                f"{name}, seed {seed}: {network.parameter_count:,} parameters, test accuracy {accuracy:.2%}, "
                f"{wall:.1f} s ({work:.1f} s of processor time)",
                flush=True,
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
