"""The builder; TFDS takes the data set's name from this folder."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import tensorflow_datasets as tfds

from coursekit.data import signals
from coursekit.data.builders.offline import OfflineBuilder

SPLITS = {"train": (6000, 0), "test": (1200, 1)}  # signals and seed


class Builder(OfflineBuilder):
    """Six templates in noise, 6,000 for training and 1,200 for testing."""

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First release."}  # noqa: RUF012  (TFDS declares it so)

    def _info(self) -> Any:
        return self.dataset_info_from_configs(
            features=tfds.features.FeaturesDict(
                {
                    "signal": tfds.features.Tensor(shape=(signals.LENGTH, 1), dtype=np.float32),
                    "label": tfds.features.ClassLabel(names=signals.CLASSES),
                    "position": tfds.features.Scalar(np.int64),
                    "amplitude": tfds.features.Scalar(np.float32),
                }
            ),
            supervised_keys=("signal", "label"),
            disable_shuffling=True,  # they come in random order already
        )

    def _split_generators(self, dl_manager: Any) -> dict[str, Any]:
        return {split: self._generate_examples(*drawn) for split, drawn in SPLITS.items()}

    def _generate_examples(self, n: int, seed: int) -> Iterator[tuple[int, dict[str, Any]]]:
        columns = signals.draw(n, seed)
        for i in range(n):
            yield i, {name: values[i] for name, values in columns.items()}
