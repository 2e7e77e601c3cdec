"""``glyphs``: letters and digits of known font, place, size, angle, fill and background as a TFDS data set."""

from coursekit.data.builders.glyphs.glyphs_dataset_builder import Builder

__all__ = ["Builder"]
