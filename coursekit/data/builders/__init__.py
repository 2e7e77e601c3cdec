"""TFDS builders of the data sets that need no download; importing this registers them.

After that plain TFDS finds them too: ``tfds.load("digits")``.
"""

from coursekit.data.builders import (
    chirps,
    digits,
    docstrings,
    faces,
    glyph_scenes,
    glyphs,
    moving_digits,
    photos,
    signals,
    textures,
)

__all__ = [
    "chirps",
    "digits",
    "docstrings",
    "faces",
    "glyph_scenes",
    "glyphs",
    "moving_digits",
    "photos",
    "signals",
    "textures",
]
