"""Cuts patches from a picture so that none for training shares a pixel with one for testing."""

import numpy as np
from numpy.typing import NDArray

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
