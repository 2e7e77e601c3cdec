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
    """

    tier: int
    description: str
    x: str = "image"
    y: str = "label"


CATALOGUE = {
    "digits": Source(0, "1,797 handwritten digits, 8×8 grey, 10 classes; in scikit-learn"),
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
    near = difflib.get_close_matches(str(name).lower(), CATALOGUE, n=3, cutoff=0.5)
    raise CourseError(
        f"there is no data set {name!r}.",
        fix=f"did you mean {' or '.join(near)}?" if near else f"use one of {', '.join(CATALOGUE)}.",
    )


def data_dir() -> Path:
    """Return the TFDS data directory: ``$TFDS_DATA_DIR``, else ``~/tensorflow_datasets``.

    TFDS reads the variable once, at its import; the course reads it at every call, so that a
    notebook may still set it.
    """
    return Path(os.environ.get("TFDS_DATA_DIR") or "~/tensorflow_datasets").expanduser()
