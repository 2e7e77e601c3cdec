"""``docstrings``: sentences from the docstrings of installed libraries as a TFDS data set."""

from coursekit.data.builders.docstrings.docstrings_dataset_builder import Builder

__all__ = ["Builder"]
