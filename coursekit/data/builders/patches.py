"""Data sets of patches: none for training shares a pixel of its picture with one for testing."""

from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
import tensorflow_datasets as tfds
from numpy.typing import NDArray

from coursekit.data.builders.offline import OfflineBuilder
from coursekit.data.pictures import picture

SIZE = 32
BLOCK = 64  # patches lie within blocks of this size, and a block belongs to one split
TEST_SHARE = 0.25  # of the blocks


def cut(
    whole: NDArray[np.uint8], counts: dict[str, int], seed: int
) -> dict[str, tuple[NDArray[np.uint8], NDArray[np.int64]]]:
    """Return for each split patches (count, 32, 32, channels) of a picture, and their upper left corners (count, 2).

    The picture is divided into blocks of 64×64; a random quarter of them is for testing. Every block gives as many
    patches as the others of its split, or one more, at random places within it.
    """
    random = np.random.RandomState(seed)
    rows, columns = (side // BLOCK for side in whole.shape[:2])
    blocks = random.permutation(np.indices((rows, columns)).reshape(2, -1).T) * BLOCK
    test = round(TEST_SHARE * len(blocks))
    return {
        split: _patches(whole, own, counts[split], random)
        for split, own in (("train", blocks[test:]), ("test", blocks[:test]))
    }


def _patches(
    whole: NDArray[np.uint8], blocks: NDArray[np.int64], count: int, random: np.random.RandomState
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    corners = np.resize(blocks, (count, 2)) + random.randint(BLOCK - SIZE + 1, size=(count, 2))
    return np.stack([whole[y : y + SIZE, x : x + SIZE] for y, x in corners]), corners


class PatchBuilder(OfflineBuilder, skip_registration=True):  # type: ignore[call-arg]
    """A builder of patches that are labelled by their picture.

    Attributes:
        PICTURES: names for `coursekit.data.photo`, and of the classes.
        CHANNELS: of each picture.
        EACH: patches of a picture, by split.
    """

    PICTURES: ClassVar[tuple[str, ...]]
    CHANNELS: ClassVar[int]
    EACH: ClassVar[dict[str, int]]

    def _info(self) -> Any:
        return self.dataset_info_from_configs(
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(shape=(SIZE, SIZE, self.CHANNELS), dtype=np.uint8),
                    "label": tfds.features.ClassLabel(names=self.PICTURES),
                    "corner": tfds.features.Tensor(shape=(2,), dtype=np.int64),
                }
            ),
            supervised_keys=("image", "label"),
            homepage="https://scikit-image.org",
        )

    def _split_generators(self, dl_manager: Any) -> dict[str, Any]:
        found = {name: cut(picture(name), self.EACH, seed) for seed, name in enumerate(self.PICTURES)}
        return {
            split: self._generate_examples({name: both[split] for name, both in found.items()}) for split in self.EACH
        }

    def _generate_examples(self, of_split: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        for name, (images, corners) in of_split.items():
            for i, (image, corner) in enumerate(zip(images, corners, strict=True)):
                yield f"{name} {i}", {"image": image, "label": name, "corner": corner}
