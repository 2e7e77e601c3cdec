"""The builder; TFDS takes the data set's name from this folder."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import tensorflow_datasets as tfds

from coursekit.data.builders import patches
from coursekit.data.builders.offline import OfflineBuilder
from coursekit.data.pictures import TEXTURES, picture

EACH = {"train": 400, "test": 100}  # patches of a picture


class Builder(OfflineBuilder):
    """Patches of brick, grass and gravel, 400 of each for training and 100 for testing."""

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First release."}  # noqa: RUF012  (TFDS declares it so)

    def _info(self) -> Any:
        return self.dataset_info_from_configs(
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(shape=(patches.SIZE, patches.SIZE, 1), dtype=np.uint8),
                    "label": tfds.features.ClassLabel(names=TEXTURES),
                    "corner": tfds.features.Tensor(shape=(2,), dtype=np.int64),
                }
            ),
            supervised_keys=("image", "label"),
            homepage="https://scikit-image.org",
        )

    def _split_generators(self, dl_manager: Any) -> dict[str, Any]:
        cut = {name: patches.cut(picture(name), EACH, seed) for seed, name in enumerate(TEXTURES)}
        return {split: self._generate_examples({name: both[split] for name, both in cut.items()}) for split in EACH}

    def _generate_examples(self, of_split: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        for name, (images, corners) in of_split.items():
            for i, (image, corner) in enumerate(zip(images, corners, strict=True)):
                yield f"{name} {i}", {"image": image, "label": name, "corner": corner}
