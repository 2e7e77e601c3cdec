"""The builder; TFDS takes the data set's name from this folder."""

import tensorflow_datasets as tfds

from coursekit.data.builders.patches import PatchBuilder
from coursekit.data.pictures import COLOUR_PHOTOS


class Builder(PatchBuilder):
    """Patches of eight colour photographs, 300 of each for training and 75 for testing."""

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First release."}  # noqa: RUF012  (TFDS declares it so)
    PICTURES = COLOUR_PHOTOS
    CHANNELS = 3
    EACH = {"train": 300, "test": 75}  # noqa: RUF012
