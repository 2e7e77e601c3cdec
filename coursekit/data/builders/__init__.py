"""TFDS builders of the data sets that need no download; importing this registers them.

After that plain TFDS finds them too: ``tfds.load("digits")``.
"""

from coursekit.data.builders import digits

__all__ = ["digits"]
