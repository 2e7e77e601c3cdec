"""a5: digits that nobody has seen, drawn as those of the test half of ``glyphs`` are, for the network within a budget.

The numbers that the threshold was set from are made by ``python -m coursekit.exercises.a5_architectures.thresholds``.
"""

import numpy as np

from coursekit.exercises.artifacts import Artifact
from coursekit.exercises.core import Array

DIGITS = "0123456789"
COUNT = 500
SCALES = (16, 24)
"""Heights of a capital letter, in pixels, as in the builder of ``glyphs``."""
BUDGET = 5_000
NEEDED = 0.933
"""Accuracy that earns the points: three standard deviations below the mean of the runs in `thresholds`."""


def draw(rng: np.random.Generator) -> tuple[Array, Array]:
    """Draw digits in colour on textures, gradients and photos: images (500, 32, 32, 3), 0 … 1, and labels (500,)."""
    from coursekit.data import glyphs
    from coursekit.data.builders.glyphs import glyphs_dataset_builder as builder
    from coursekit.data.builders.scenery import BACKGROUNDS, FILLS, Scenery

    random = np.random.RandomState(rng.integers(2**32, dtype=np.uint64))
    scenery = Scenery(random, "test")
    labels = random.permutation(np.arange(COUNT) % len(DIGITS))
    images = np.empty((COUNT, builder.SIZE, builder.SIZE, 3), np.uint8)
    for i, label in enumerate(labels):
        glyph = builder.place(random, DIGITS[label], builder.SIZE, scales=SCALES)
        fill, background = FILLS[random.randint(len(FILLS))], BACKGROUNDS[random.randint(len(BACKGROUNDS))]
        behind = scenery.background(background, builder.SIZE)
        paint, _ = scenery.fill(fill, builder.SIZE, behind)
        images[i] = np.rint(glyphs.render(glyph, paint, behind, builder.SIZE) * 255)
    return images / np.float32(255), labels


ARTIFACT = Artifact(
    name="small_net",
    points=6,
    file="small_net.keras",
    draw=draw,
    needed=NEEDED,
    shape=(len(DIGITS),),
    parameters=BUDGET,
    hint="is it still learning when it stops (more epochs), or right on what it trained on and wrong on new digits? "
    "Spend parameters where they work: few in the first layers, a global average instead of a large dense layer.",
)
