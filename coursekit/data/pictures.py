"""The real pictures that scikit-learn's and scikit-image's wheels hold, by name."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from coursekit.errors import CourseError

COLOUR_PHOTOS = (
    *("astronaut", "chelsea", "china", "coffee"),
    *("flower", "hubble_deep_field", "immunohistochemistry", "rocket"),
)
PHOTOS = (*COLOUR_PHOTOS, "retina", "camera", "clock", "coins")
TEXTURES = ("brick", "grass", "gravel")
_OF_SCIKIT_LEARN = ("china", "flower")


def photo(name: str) -> NDArray[np.float32]:
    """Return a whole photograph or texture, float32 in 0 … 1, (height, width, 3); grey ones (height, width, 1).

    ``docs/data.md`` has each one's size, author and licence.

    Args:
        name: one of `PHOTOS` or `TEXTURES`.

    Raises:
        CourseError: if there is no such picture.
    """
    if name not in PHOTOS + TEXTURES:
        raise CourseError(f"there is no picture {name!r}.", fix=f"use one of {', '.join(PHOTOS + TEXTURES)}.")
    scaled: NDArray[np.float32] = np.divide(picture(name), 255, dtype=np.float32)
    return scaled


@cache
def picture(name: str) -> NDArray[np.uint8]:
    """Return one of the pictures as it is stored, uint8 (height, width, channels), read-only."""
    if name in _OF_SCIKIT_LEARN:
        from sklearn.datasets import load_sample_image

        pixels = np.asarray(load_sample_image(f"{name}.jpg"))
    else:
        import skimage.data

        pixels = np.asarray(getattr(skimage.data, name)())
    pixels = np.atleast_3d(pixels).copy()
    pixels.flags.writeable = False
    return pixels
