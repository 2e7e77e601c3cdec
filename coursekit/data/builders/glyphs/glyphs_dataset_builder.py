"""The builder; TFDS takes the data set's name from this folder."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import tensorflow_datasets as tfds

from coursekit.data import glyphs
from coursekit.data.builders.offline import OfflineBuilder
from coursekit.data.builders.scenery import BACKGROUNDS, FILLS, Scenery

SIZE = 32
EACH = {"train": 200, "test": 50}  # examples of a character
SEEDS = {"train": 0, "test": 1}


class Builder(OfflineBuilder):
    """26 letters and 10 digits in 21 fonts, 7,200 for training and 1,800 for testing."""

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First release."}  # noqa: RUF012  (TFDS declares it so)

    def _info(self) -> Any:
        number = tfds.features.Scalar(np.float32)
        return self.dataset_info_from_configs(
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(shape=(SIZE, SIZE, 3), dtype=np.uint8),
                    "label": tfds.features.ClassLabel(names=glyphs.CHARACTERS),
                    "font": tfds.features.ClassLabel(names=glyphs.FONTS),
                    "position": tfds.features.Tensor(shape=(2,), dtype=np.float32),
                    "scale": number,
                    "angle": number,
                    "fill": tfds.features.ClassLabel(names=FILLS),
                    "background": tfds.features.ClassLabel(names=BACKGROUNDS),
                    "contrast": number,
                    "box": tfds.features.BBoxFeature(),
                }
            ),
            supervised_keys=("image", "label"),
            homepage="https://matplotlib.org",
            disable_shuffling=True,  # they come in random order already
        )

    def _split_generators(self, dl_manager: Any) -> dict[str, Any]:
        return {split: self._generate_examples(split) for split in EACH}

    def _generate_examples(self, split: str) -> Iterator[tuple[int, dict[str, Any]]]:
        random = np.random.RandomState(SEEDS[split])
        scenery = Scenery(random, split)
        for i, character in enumerate(random.permutation(glyphs.CHARACTERS * EACH[split])):
            yield i, _example(random, scenery, str(character))


def _example(random: np.random.RandomState, scenery: Scenery, character: str) -> dict[str, Any]:
    """Draw everything but the class at random."""
    glyph = place(random, character, SIZE, scales=(16, 24))
    fill, background = FILLS[random.randint(len(FILLS))], BACKGROUNDS[random.randint(len(BACKGROUNDS))]
    behind = scenery.background(background, SIZE)
    paint, contrast = scenery.fill(fill, SIZE, behind)
    return {
        "image": np.rint(glyphs.render(glyph, paint, behind, SIZE) * 255).astype(np.uint8),
        "label": character,
        "font": glyph.font,
        "position": np.array(glyph.position, np.float32),
        "scale": glyph.scale,
        "angle": glyph.angle,
        "fill": fill,
        "background": background,
        "contrast": contrast,
        "box": tfds.features.BBox(*glyphs.box(glyphs.coverage(glyph, SIZE))),
    }


def place(
    random: np.random.RandomState, character: str, size: int, scales: tuple[float, float], angle: float = 15
) -> glyphs.Glyph:
    """Return a character in a random font, scale and angle, at a random place that keeps it within the image."""
    font = glyphs.FONTS[random.randint(len(glyphs.FONTS))]
    loose = glyphs.Glyph(character, font, scale=random.uniform(*scales), angle=random.uniform(-angle, angle))
    free = np.maximum(size - glyphs.extent(loose), 0)  # nothing is free for the widest letters: they stay centred
    row, column = size / 2 + free * random.uniform(-0.5, 0.5, 2)
    return replace(loose, position=(float(row), float(column)))
