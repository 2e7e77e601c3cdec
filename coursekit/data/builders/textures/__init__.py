"""``textures``: patches of brick, grass and gravel as a TFDS data set."""

from coursekit.data.builders.textures.textures_dataset_builder import Builder

__all__ = ["Builder"]
