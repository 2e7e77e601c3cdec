"""Data sets as NumPy arrays: some need no download, the others no surprise.

``load("digits")`` works anywhere. ``names()`` lists what there is, ``prepare(name)`` downloads. ``photo("chelsea")`` is
a whole picture, and ``coursekit.data.glyphs`` draws letters and digits wherever you like. ``pipeline(name, batch)``
streams batches; ``text`` turns sentences into numbers; ``spectrogram`` turns sounds into images; ``signals`` has the
templates that hide in its noise.
"""

from coursekit.data import glyphs, signals, text
from coursekit.data.catalogue import names
from coursekit.data.chirps import spectrogram
from coursekit.data.loading import Dataset, load
from coursekit.data.pictures import photo
from coursekit.data.pipelines import pipeline
from coursekit.data.preparing import prepare
from coursekit.data.storage import is_prepared

__all__ = [
    "Dataset",
    "glyphs",
    "is_prepared",
    "load",
    "names",
    "photo",
    "pipeline",
    "prepare",
    "signals",
    "spectrogram",
    "text",
]
