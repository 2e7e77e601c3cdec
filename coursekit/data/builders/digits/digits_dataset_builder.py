"""The builder; TFDS takes the data set's name from this folder."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import tensorflow_datasets as tfds
from numpy.typing import NDArray

from coursekit.data.builders.offline import OfflineBuilder

Examples = tuple[NDArray[np.uint8], NDArray[np.int64]]

TEST_EXAMPLES = 360


class Builder(OfflineBuilder):
    """scikit-learn's 1,797 digits, split 1,437 / 360 by a fixed stratified shuffle."""

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First release."}  # noqa: RUF012  (TFDS declares it so)

    def _info(self) -> Any:
        return self.dataset_info_from_configs(
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(shape=(8, 8, 1), dtype=np.uint8),
                    "label": tfds.features.ClassLabel(num_classes=10),
                }
            ),
            supervised_keys=("image", "label"),
            homepage="https://archive.ics.uci.edu/dataset/80",
            disable_shuffling=True,  # the split below has shuffled already
        )

    def _split_generators(self, dl_manager: Any) -> dict[str, Any]:
        train, test = stratified_digits()
        return {"train": self._generate_examples(*train), "test": self._generate_examples(*test)}

    def _generate_examples(
        self, images: NDArray[np.uint8], labels: NDArray[np.int64]
    ) -> Iterator[tuple[int, dict[str, Any]]]:
        for i, (image, label) in enumerate(zip(images, labels, strict=True)):
            yield i, {"image": image, "label": int(label)}


def stratified_digits() -> tuple[Examples, Examples]:
    """Return images (n, 8, 8, 1) and labels (n,) for training, and for testing, split at random.

    The file is not shuffled, and its last fifth is harder than the rest: logistic regression reaches 0.97 on this fifth
    and 0.91 on the last one, most likely because that is the hand of other writers.
    """
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    digits = load_digits()
    images = np.rint(digits.images * (255 / 16)).astype(np.uint8)[..., np.newaxis]
    x_train, x_test, y_train, y_test = train_test_split(
        images, digits.target, test_size=TEST_EXAMPLES, stratify=digits.target, random_state=0
    )
    return (x_train, y_train), (x_test, y_test)
