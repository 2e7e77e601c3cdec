"""Data sets as NumPy arrays: some need no download, the others no surprise.

``load("digits")`` works anywhere. ``names()`` lists what there is, ``prepare(name)`` downloads.
"""

from coursekit.data.catalogue import names
from coursekit.data.loading import Dataset, load
from coursekit.data.preparing import prepare
from coursekit.data.storage import is_prepared

__all__ = ["Dataset", "is_prepared", "load", "names", "prepare"]
