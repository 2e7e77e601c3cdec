"""``signals``: templates at random places in noise as a TFDS data set."""

from coursekit.data.builders.signals.signals_dataset_builder import Builder

__all__ = ["Builder"]
