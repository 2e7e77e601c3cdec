"""The builder; TFDS takes the data set's name from this folder."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import tensorflow_datasets as tfds

from coursekit.data import chirps
from coursekit.data.builders.offline import OfflineBuilder

SPLITS = {"train": (1800, 0), "test": (600, 1)}  # sounds and seed
FACTORS = ("frequency", "ratio", "onset", "duration", "amplitude", "noise")


class Builder(OfflineBuilder):
    """Six ways for a pitch to move, 1,800 sounds for training and 600 for testing."""

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First release."}  # noqa: RUF012  (TFDS declares it so)

    def _info(self) -> Any:
        return self.dataset_info_from_configs(
            features=tfds.features.FeaturesDict(
                {
                    "sound": tfds.features.Tensor(shape=(chirps.LENGTH,), dtype=np.float32, encoding="bytes"),
                    "label": tfds.features.ClassLabel(names=chirps.CLASSES),
                    **{factor: tfds.features.Scalar(np.float32) for factor in FACTORS},
                }
            ),
            supervised_keys=("sound", "label"),
            disable_shuffling=True,  # they come in random order already
        )

    def _split_generators(self, dl_manager: Any) -> dict[str, Any]:
        return {split: self._generate_examples(*drawn) for split, drawn in SPLITS.items()}

    def _generate_examples(self, n: int, seed: int) -> Iterator[tuple[int, dict[str, Any]]]:
        columns = chirps.draw(n, seed)
        for i in range(n):
            yield i, {name: values[i] for name, values in columns.items()}
