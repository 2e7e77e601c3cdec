"""The builder; TFDS takes the data set's name from this folder."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import tensorflow_datasets as tfds
from numpy.typing import NDArray

from coursekit.data.builders.offline import OfflineBuilder

TEST_EXAMPLES = 50


class Builder(OfflineBuilder):
    """100 faces and 100 patches without one, split 150 / 50 by a fixed stratified shuffle."""

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First release."}  # noqa: RUF012  (TFDS declares it so)

    def _info(self) -> Any:
        return self.dataset_info_from_configs(
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(shape=(25, 25, 1), dtype=np.uint8),
                    "label": tfds.features.ClassLabel(names=("other", "face")),
                }
            ),
            supervised_keys=("image", "label"),
            homepage="https://vis-www.cs.umass.edu/lfw/",
            disable_shuffling=True,  # the split below has shuffled already
        )

    def _split_generators(self, dl_manager: Any) -> dict[str, Any]:
        import skimage.data
        from sklearn.model_selection import train_test_split

        images = np.rint(skimage.data.lfw_subset() * 255).astype(np.uint8)[..., np.newaxis]
        labels = np.repeat(("face", "other"), 100)  # the order of the file
        x_train, x_test, y_train, y_test = train_test_split(
            images, labels, test_size=TEST_EXAMPLES, stratify=labels, random_state=0
        )
        return {
            "train": self._generate_examples(x_train, y_train),
            "test": self._generate_examples(x_test, y_test),
        }

    def _generate_examples(
        self, images: NDArray[np.uint8], labels: NDArray[np.str_]
    ) -> Iterator[tuple[int, dict[str, Any]]]:
        for i, (image, label) in enumerate(zip(images, labels, strict=True)):
            yield i, {"image": image, "label": str(label)}
