"""``faces``: faces and backgrounds as a TFDS data set."""

from coursekit.data.builders.faces.faces_dataset_builder import Builder

__all__ = ["Builder"]
