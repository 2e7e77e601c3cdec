"""``moving_digits``: videos of handwritten digits moving in eight directions as a TFDS data set."""

from coursekit.data.builders.moving_digits.moving_digits_dataset_builder import Builder

__all__ = ["Builder"]
