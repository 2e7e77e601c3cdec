"""Augmentation: changes that leave an image's class as it is, drawn anew for every image at every epoch."""

from collections.abc import Sequence
from typing import Any

from coursekit import backend
from coursekit.errors import CourseError

KINDS = ("flip", "crop", "colour_cast", "geometric")


def augmentation(kinds: str | Sequence[str] = KINDS, strength: float = 1.0, seed: int = 0) -> Any:
    """Return Keras layers, in a row, that change images in training and leave them alone when a network predicts.

        augment = ck.training.augmentation(["flip", "crop"])
        changed = augment(images)
        ck.training.fit(model, dataset, augment=augment)

    They keep the shape, and the class as long as the changes are ones that do: a flipped cat is a cat, but a flipped
    letter is another one, or none. Images are float, (n, height, width, channels); only a colour cast needs them to lie
    in 0 … 1.

    - ``flip``: left to right, every second image.
    - ``crop``: moved by up to an eighth of its size each way, black where it ends: what padding and then cropping at
      random gives (He et al. 2016).
    - ``colour_cast``: up to 0.1 added to each channel, a different value for each (Wu et al. 2015).
    - ``geometric``: turned by up to 10°, stretched or squeezed by up to 10 % along each axis.

    Args:
        kinds: one or more of these; the order is theirs.
        strength: scales all changes but the flip.
        seed: of the changes.

    Raises:
        CourseError: if a kind is unknown or the strength is not positive.
    """
    names = [kinds] if isinstance(kinds, str) else list(kinds)
    unknown = [name for name in names if name not in KINDS]
    if unknown or not names:
        raise CourseError(f"there is no augmentation {unknown or names}.", fix=f"use some of {', '.join(KINDS)}.")
    if not strength > 0:
        raise CourseError(f"strength is {strength}.", fix="use a positive number; 1 is the usual amount.")
    layers = [layer for i, name in enumerate(names) for layer in _layers(name, strength, seed + 10 * i)]
    return backend.keras().Sequential(layers, name="augmentation")


def _layers(kind: str, strength: float, seed: int) -> list[Any]:
    layers = backend.keras().layers
    from coursekit.training.colour_cast import ColourCast

    # Black beyond the edge. Whole pixels in a crop, so that nothing is blurred.
    outside = {"fill_mode": "constant", "data_format": "channels_last"}
    match kind:
        case "flip":
            return [layers.RandomFlip("horizontal", seed=seed, data_format="channels_last")]
        case "crop":
            reach = 0.125 * strength
            return [layers.RandomTranslation(reach, reach, interpolation="nearest", seed=seed, **outside)]
        case "colour_cast":
            return [ColourCast(0.1 * strength, seed=seed)]
        case _:
            stretch = 0.1 * strength
            turn = layers.RandomRotation(10 / 360 * strength, seed=seed, **outside)
            return [turn, layers.RandomZoom(stretch, stretch, seed=seed + 1, **outside)]
