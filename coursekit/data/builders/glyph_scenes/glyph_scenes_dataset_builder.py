"""The builder; TFDS takes the data set's name from this folder."""

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np
import tensorflow_datasets as tfds

from coursekit.data import glyphs
from coursekit.data.builders.glyphs.glyphs_dataset_builder import place
from coursekit.data.builders.offline import OfflineBuilder
from coursekit.data.builders.scenery import BACKGROUNDS, FILLS, Scenery

SIZE = 64
MOST = 4  # glyphs in a scene
SCALES = (14, 24)
COUNTS = {"train": 1000, "test": 250}
SEEDS = {"train": 2, "test": 3}  # others than those of ``glyphs``


class Builder(OfflineBuilder):
    """Scenes of one to four letters and digits that do not touch, 1,000 for training and 250 for testing."""

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First release."}  # noqa: RUF012  (TFDS declares it so)

    def _info(self) -> Any:
        label = tfds.features.ClassLabel(names=glyphs.CHARACTERS)
        return self.dataset_info_from_configs(
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(shape=(SIZE, SIZE, 3), dtype=np.uint8),
                    "labels": tfds.features.Sequence(label, length=MOST),
                    "boxes": tfds.features.Sequence(tfds.features.BBoxFeature(), length=MOST),
                    "count": tfds.features.Scalar(np.int64),
                    "background": tfds.features.ClassLabel(names=BACKGROUNDS),
                }
            ),
            supervised_keys=("image", "labels"),
            homepage="https://matplotlib.org",
            disable_shuffling=True,  # they come in random order already
        )

    def _split_generators(self, dl_manager: Any) -> dict[str, Any]:
        return {split: self._generate_examples(split) for split in COUNTS}

    def _generate_examples(self, split: str) -> Iterator[tuple[int, dict[str, Any]]]:
        random = np.random.RandomState(SEEDS[split])
        scenery = Scenery(random, split)
        for i in range(COUNTS[split]):
            yield i, _scene(random, scenery)


def _scene(random: np.random.RandomState, scenery: Scenery) -> dict[str, Any]:
    background = BACKGROUNDS[random.randint(len(BACKGROUNDS))]
    behind = scenery.background(background, SIZE)
    image: Any = behind
    placed = _apart(random, int(random.randint(MOST)) + 1)
    for glyph in placed:
        paint, _ = scenery.fill(FILLS[random.randint(len(FILLS))], SIZE, behind)
        image = glyphs.render(glyph, paint, image, SIZE)
    boxes = [tfds.features.BBox(*glyphs.box(glyphs.coverage(glyph, SIZE))) for glyph in placed]
    none = MOST - len(placed)
    return {
        "image": np.rint(image * 255).astype(np.uint8),
        "labels": [glyph.character for glyph in placed] + [-1] * none,
        "boxes": boxes + [tfds.features.BBox(0.0, 0.0, 0.0, 0.0)] * none,
        "count": len(placed),
        "background": background,
    }


def _apart(random: np.random.RandomState, count: int) -> list[glyphs.Glyph]:
    """Return glyphs whose upright rectangles do not meet: all are placed anew until that is so."""
    while True:
        characters = [glyphs.CHARACTERS[i] for i in random.randint(len(glyphs.CHARACTERS), size=count)]
        placed = [place(random, character, SIZE, SCALES) for character in characters]
        if not any(_meet(one, other) for one, other in combinations(placed, 2)):
            return placed


def _meet(one: glyphs.Glyph, other: glyphs.Glyph) -> bool:
    gap = np.abs(np.subtract(one.position, other.position)) - (glyphs.extent(one) + glyphs.extent(other)) / 2
    return bool((gap < 1).all())  # a pixel apart at least
