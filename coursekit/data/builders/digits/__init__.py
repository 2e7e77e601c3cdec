"""``digits``: scikit-learn's handwritten digits as a TFDS data set."""

from coursekit.data.builders.digits.digits_dataset_builder import Builder

__all__ = ["Builder"]
