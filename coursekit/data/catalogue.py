"""The data sets of the course, and where they lie on disk."""

import difflib
import os
from dataclasses import dataclass
from pathlib import Path

from coursekit.errors import CourseError


@dataclass(frozen=True)
class Source:
    """One data set.

    Attributes:
        tier: 0, made from installed packages without a network; or 1, downloaded by TFDS.
        description: one line.
        x: the feature that is the input, by its TFDS name.
        y: the feature that is the label.
        factors: the features that say how each example was made, for sets whose truth is known.
    """

    tier: int
    description: str
    x: str = "image"
    y: str = "label"
    factors: tuple[str, ...] = ()


CATALOGUE = {
    "digits": Source(0, "1,797 handwritten digits, 8×8 grey, 10 classes; in scikit-learn"),
    "glyphs": Source(
        0,
        "9,000 letters and digits, 32×32 colour, 36 classes, of known font, place, scale, angle, fill and background",
        factors=("font", "position", "scale", "angle", "fill", "background", "contrast", "box"),
    ),
    "glyph_scenes": Source(
        0,
        "1,250 scenes of 1 to 4 letters and digits, 64×64 colour, 36 classes, with boxes",
        y="labels",
        factors=("boxes", "count", "background"),
    ),
    "moving_digits": Source(
        0,
        "2,400 videos of a handwritten digit moving, 8 frames of 24×24 grey, 8 directions",
        "video",
        factors=("digit", "speed", "start"),
    ),
    "photos": Source(0, "3,000 patches of 8 photographs, 32×32 colour, 8 classes", factors=("corner",)),
    "textures": Source(0, "1,500 patches of brick, grass and gravel, 32×32 grey, 3 classes", factors=("corner",)),
    "faces": Source(0, "200 patches with and without a face, 25×25 grey, 2 classes; in scikit-image"),
    "signals": Source(
        0,
        "7,200 signals of 128 samples, one of 6 templates at a known place in noise",
        "signal",
        factors=("position", "amplitude"),
    ),
    "chirps": Source(
        0,
        "2,400 sounds of a quarter of a second, told apart by how their pitch moves, 6 classes",
        "sound",
        factors=("frequency", "ratio", "onset", "duration", "amplitude", "noise"),
    ),
    "docstrings": Source(
        0,
        "9,000 English sentences from the documentation of 6 installed libraries, which are to be told apart",
        "text",
        factors=("module",),
    ),
    "mnist": Source(1, "70,000 handwritten digits, 28×28 grey, 10 classes; 11 MB"),
    "fashion_mnist": Source(1, "70,000 pieces of clothing, 28×28 grey, 10 classes; 30 MB"),
    "kmnist": Source(1, "70,000 cursive Japanese characters, 28×28 grey, 10 classes; 20 MB"),
    "cifar10": Source(1, "60,000 photographs, 32×32 colour, 10 classes; 162 MB"),
    "cifar100": Source(1, "60,000 photographs, 32×32 colour, 100 classes; 161 MB"),
    "svhn_cropped": Source(1, "99,289 house-number digits, 32×32 colour, 10 classes; 1.5 GB"),
    "trec": Source(1, "5,952 questions, 6 kinds of answer; 0.4 MB", "text", "label-coarse"),
    "imdb_reviews": Source(1, "50,000 film reviews, for or against; 80 MB", "text"),
}


def names() -> dict[str, str]:
    """Return every data set's name with a line about it: those without a download come first."""
    return {name: source.description for name, source in CATALOGUE.items()}


def find(name: str) -> Source:
    """Return a data set's entry.

    Raises:
        CourseError: if there is none; names the nearest ones.
    """
    if name in CATALOGUE:
        return CATALOGUE[name]
    begun = str(name).lower()
    near = [each for each in CATALOGUE if begun and each.startswith(begun)]
    near = near or difflib.get_close_matches(begun, CATALOGUE)
    raise CourseError(
        f"there is no data set {name!r}.",
        fix=f"did you mean {' or '.join(near)}?" if near else f"use one of {', '.join(CATALOGUE)}.",
    )


def or_else(name: str) -> str:
    """Return what to add to the advice to download a data set: those of the same kind that need no download."""
    kind = find(name).x
    alike = [other for other, source in CATALOGUE.items() if source.tier == 0 and source.x == kind]
    return f"; or load one that needs no download: {', '.join(alike)}" if alike else ""


def data_dir() -> Path:
    """Return the TFDS data directory: ``$TFDS_DATA_DIR``, else ``~/tensorflow_datasets``.

    TFDS reads the variable once, at its import; the course reads it at every call, so that a
    notebook may still set it.
    """
    return Path(os.environ.get("TFDS_DATA_DIR") or "~/tensorflow_datasets").expanduser()
