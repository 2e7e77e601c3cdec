"""Mini-batches in a seeded order, all of one size."""

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray


class Batches(keras.utils.PyDataset):  # type: ignore[misc]
    """The examples in a new random order each epoch; what does not fill a last batch waits for another epoch.

    A smaller last batch would be a second shape, which costs a second compilation: on a small network more time than an
    epoch takes.

    Args:
        x: inputs, (n, …).
        y: labels, (n, …).
        size: of a batch; all examples if there are fewer.
        seed: of the orders. The same seed gives the same batches on every machine and back end.
    """

    def __init__(self, x: NDArray[Any], y: NDArray[Any], size: int, seed: int) -> None:
        super().__init__()
        self.x, self.y, self.size = x, y, min(size, len(x))
        self.heads = 1  # outputs of the network: each gets the labels
        self._rng = np.random.default_rng(seed)
        self._order = self._rng.permutation(len(x))

    def __len__(self) -> int:
        return len(self.x) // self.size

    def __getitem__(self, index: int) -> tuple[NDArray[Any], Any]:
        chosen = self._order[index * self.size : (index + 1) * self.size]
        labels = self.y[chosen]
        return self.x[chosen], (labels,) * self.heads if self.heads > 1 else labels

    def on_epoch_end(self) -> None:
        """Shuffle anew."""
        self._order = self._rng.permutation(len(self.x))
