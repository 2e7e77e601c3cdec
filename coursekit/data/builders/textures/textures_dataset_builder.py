"""The builder; TFDS takes the data set's name from this folder."""

import tensorflow_datasets as tfds

from coursekit.data.builders.patches import PatchBuilder
from coursekit.data.pictures import TEXTURES


class Builder(PatchBuilder):
    """Patches of brick, grass and gravel, 400 of each for training and 100 for testing."""

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First release."}  # noqa: RUF012  (TFDS declares it so)
    PICTURES = TEXTURES
    CHANNELS = 1
    EACH = {"train": 400, "test": 100}  # noqa: RUF012
