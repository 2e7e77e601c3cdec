"""The builder; TFDS takes the data set's name from this folder."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import tensorflow_datasets as tfds
from numpy.typing import NDArray

from coursekit.data.builders.digits.digits_dataset_builder import stratified_digits
from coursekit.data.builders.offline import OfflineBuilder

FRAMES = 8
SIZE = 24
SHAPE = (FRAMES, SIZE, SIZE, 1)
SPEEDS = (1, 2)  # pixels a frame along each axis
DIRECTIONS = {
    "right": (0, 1),
    "down right": (1, 1),
    "down": (1, 0),
    "down left": (1, -1),
    "left": (0, -1),
    "up left": (-1, -1),
    "up": (-1, 0),
    "up right": (-1, 1),
}
EACH = {"train": 250, "test": 50}  # videos of a direction
SEEDS = {"train": 4, "test": 5}


class Builder(OfflineBuilder):
    """Videos of a handwritten digit moving in one of eight directions, 2,000 for training and 400 for testing."""

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First release."}  # noqa: RUF012  (TFDS declares it so)

    def _info(self) -> Any:
        return self.dataset_info_from_configs(
            features=tfds.features.FeaturesDict(
                {
                    # Not tfds.features.Video, whose mere mention imports TensorFlow.
                    "video": tfds.features.Tensor(shape=SHAPE, dtype=np.uint8, encoding="bytes"),
                    "label": tfds.features.ClassLabel(names=tuple(DIRECTIONS)),
                    "digit": tfds.features.ClassLabel(num_classes=10),
                    "speed": tfds.features.Scalar(np.int64),
                    "start": tfds.features.Tensor(shape=(2,), dtype=np.int64),
                }
            ),
            supervised_keys=("video", "label"),
            homepage="https://archive.ics.uci.edu/dataset/80",
            disable_shuffling=True,  # they come in random order already
        )

    def _split_generators(self, dl_manager: Any) -> dict[str, Any]:
        """Take the digits of each split of the set ``digits``, so that no digit is seen in both."""
        train, test = stratified_digits()
        return {"train": self._generate_examples("train", *train), "test": self._generate_examples("test", *test)}

    def _generate_examples(
        self, split: str, images: NDArray[np.uint8], labels: NDArray[np.int64]
    ) -> Iterator[tuple[int, dict[str, Any]]]:
        random = np.random.RandomState(SEEDS[split])
        for i, direction in enumerate(random.permutation(list(DIRECTIONS) * EACH[split])):
            chosen, speed = random.randint(len(images)), int(random.choice(SPEEDS))
            start = random.randint(SIZE, size=2)
            yield (
                i,
                {
                    "video": _video(random, images[chosen, ..., 0], start, DIRECTIONS[str(direction)], speed),
                    "label": str(direction),
                    "digit": int(labels[chosen]),
                    "speed": speed,
                    "start": start,
                },
            )


def _video(
    random: np.random.RandomState,
    digit: NDArray[np.uint8],
    start: NDArray[np.int64],
    direction: tuple[int, int],
    speed: int,
) -> NDArray[np.uint8]:
    """Return frames (frames, size, size, 1) of a digit that leaves at one edge and comes back at the opposite one.

    So every place is equally likely in every frame whatever the direction: no single frame tells anything about it.
    """
    still = np.zeros((SIZE, SIZE))
    still[: 2 * len(digit), : 2 * len(digit)] = np.kron(digit, np.ones((2, 2)))
    moved = [np.roll(still, start + speed * t * np.array(direction), axis=(0, 1)) for t in range(FRAMES)]
    noisy = np.stack(moved) * 0.8 + random.normal(0, 25, SHAPE[:3])
    return np.clip(np.rint(noisy), 0, 255).astype(np.uint8)[..., np.newaxis]
