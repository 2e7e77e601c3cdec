"""``photos``: patches of eight photographs as a TFDS data set."""

from coursekit.data.builders.photos.photos_dataset_builder import Builder

__all__ = ["Builder"]
