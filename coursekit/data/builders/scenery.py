"""Random backgrounds and fills, of real textures and photographs too, for images that are drawn."""

import numpy as np
from numpy.typing import NDArray

from coursekit.data.pictures import TEXTURES, picture

Picture = NDArray[np.float64]

FILLS = ("colour", *TEXTURES)
BACKGROUNDS = ("plain", "gradient", *TEXTURES, "photo")
# Pictures stored as PNG, which every decoder reads alike; of a JPEG two decoders may differ by a grey level.
PHOTOS = ("astronaut", "chelsea", "coffee")
LUMA = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601
TRAIN_SHARE = 0.7  # the left part of each picture; the test set's patches come from the rest


class Scenery:
    """Draws the backgrounds and fills of one split.

    ``RandomState``, unlike NumPy's newer generators, promises the same numbers in every version.
    """

    def __init__(self, random: np.random.RandomState, split: str) -> None:
        self._random = random
        self._pictures = {name: _part(_halved(picture(name)), split) for name in TEXTURES + PHOTOS}

    def background(self, kind: str, size: int) -> Picture:
        """Return a picture (size, size, 3), 0 … 1, of a kind from `BACKGROUNDS`."""
        if kind == "photo":
            patch = self._patch(PHOTOS[self._random.randint(len(PHOTOS))], size)
            mean: Picture = patch.mean(axis=(0, 1))
            return mean + 0.4 * (patch - mean)
        luma = np.full((size, size), self._random.uniform(0.1, 0.9))
        if kind == "gradient":
            luma = self._gradient(size)
        elif kind in TEXTURES:
            luma = luma + 0.06 * self._texture(kind, size)
        return self._tint(luma)

    def fill(self, kind: str, size: int, behind: Picture) -> tuple[Picture, float]:
        """Return a picture (size, size, 3) of a kind from `FILLS`, and its contrast with the mean of what is behind.

        The contrast is a difference of luma, 0.4 to 0.8 as far as there is room, negative for dark on bright. Both
        occur on backgrounds of middling luma, 0.4 to 0.6.
        """
        under = float((behind @ LUMA).mean())
        lighter = under < 0.6 and (under < 0.4 or self._random.uniform() < 0.5)
        contrast = min(self._random.uniform(0.4, 0.8), 1 - under if lighter else under)
        luma = np.full((size, size), under + (contrast if lighter else -contrast))
        if kind in TEXTURES:
            luma = luma + 0.06 * self._texture(kind, size)
        return self._tint(luma), contrast if lighter else -contrast

    def _gradient(self, size: int) -> Picture:
        """Return a luma that grows evenly in a random direction."""
        direction = self._random.uniform(0, 2 * np.pi)
        rows, columns = (np.indices((size, size)) + 0.5) / size - 0.5
        slope = rows * np.sin(direction) + columns * np.cos(direction)
        luma: Picture = self._random.uniform(0.3, 0.7) + self._random.uniform(0.2, 0.5) * slope
        return luma

    def _texture(self, name: str, size: int) -> Picture:
        """Return a patch of a texture, standardised by the whole: mean 0, deviation 1."""
        whole = self._pictures[name]
        standardised: Picture = (self._patch(name, size)[..., 0] - whole.mean()) / whole.std()
        return standardised

    def _patch(self, name: str, size: int) -> Picture:
        whole = self._pictures[name]
        top, left = (self._random.randint(side - size + 1) for side in whole.shape[:2])
        return whole[top : top + size, left : left + size]

    def _tint(self, luma: Picture) -> Picture:
        """Return a picture of that luma in one random hue, as strong as the colour space allows or weaker."""
        hue = self._random.uniform(-1, 1, 3)
        hue -= hue @ LUMA
        hue *= self._random.uniform() / np.abs(hue).max()
        luma = np.clip(luma, 0, 1)
        return luma[..., np.newaxis] + np.minimum(luma, 1 - luma)[..., np.newaxis] * hue


def _halved(pixels: NDArray[np.uint8]) -> Picture:
    """Return a picture at half its size, 0 … 1, so that a small patch shows more of it."""
    rows, columns = (side // 2 * 2 for side in pixels.shape[:2])
    even = pixels[:rows, :columns] / 255
    halved: Picture = even.reshape(rows // 2, 2, columns // 2, 2, -1).mean(axis=(1, 3))
    return halved


def _part(whole: Picture, split: str) -> Picture:
    at = round(TRAIN_SHARE * whole.shape[1])
    return whole[:, :at] if split == "train" else whole[:, at:]
