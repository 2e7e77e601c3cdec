"""``chirps``: short sounds of known pitch as a TFDS data set."""

from coursekit.data.builders.chirps.chirps_dataset_builder import Builder

__all__ = ["Builder"]
