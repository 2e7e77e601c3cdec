"""``glyph_scenes``: scenes of one to four letters and digits with boxes as a TFDS data set."""

from coursekit.data.builders.glyph_scenes.glyph_scenes_dataset_builder import Builder

__all__ = ["Builder"]
