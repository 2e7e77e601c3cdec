"""Draws letters and digits from matplotlib's fonts at any place, size and angle: the truth behind the data sets.

Coordinates are pixels, rows before columns, with 0 at the upper left *edge* of the image: the centre of a 32×32 image
is (16, 16).
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from coursekit.errors import CourseError

CHARACTERS = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
FONTS = (
    *("DejaVuSans", "DejaVuSans-Bold", "DejaVuSans-Oblique", "DejaVuSans-BoldOblique"),
    *("DejaVuSansMono", "DejaVuSansMono-Bold", "DejaVuSansMono-Oblique", "DejaVuSansMono-BoldOblique"),
    *("DejaVuSerif", "DejaVuSerif-Bold", "DejaVuSerif-Italic", "DejaVuSerif-BoldItalic"),
    *("STIXGeneral", "STIXGeneralBol", "STIXGeneralItalic", "STIXGeneralBolIta"),
    *("cmr10", "cmb10", "cmti10", "cmss10", "cmtt10"),
)
HEIGHT = 64  # of a capital H in the field of distances, in its cells
MARGIN = 24  # around a glyph there: more than a pixel of the image at any scale from 3 up


@dataclass(frozen=True)
class Glyph:
    """One letter or digit and where it stands.

    Attributes:
        character: one of `CHARACTERS`.
        font: one of `FONTS`, the name of a file in matplotlib.
        position: row and column of the centre of the upright character's bounding box.
        scale: the height of a capital H of this font, in pixels.
        angle: the turn about ``position`` in degrees, counter-clockwise.
    """

    character: str
    font: str = "DejaVuSans"
    position: tuple[float, float] = (16.0, 16.0)
    scale: float = 18.0
    angle: float = 0.0


def coverage(glyph: Glyph, size: int = 32) -> NDArray[np.float64]:
    """Return how much of each pixel a glyph covers, 0 … 1, (size, size).

    Raises:
        CourseError: if there is no such character or font.
    """
    from scipy.ndimage import map_coordinates

    distances = _distances(glyph.character, glyph.font)
    centres = np.indices((size, size)) + 0.5
    down, right = centres - np.reshape(glyph.position, (2, 1, 1))
    turn, zoom = np.deg2rad(glyph.angle), HEIGHT / glyph.scale
    upright = np.stack([down * np.cos(turn) + right * np.sin(turn), right * np.cos(turn) - down * np.sin(turn)])
    cells = upright * zoom + np.reshape(distances.shape, (2, 1, 1)) / 2 - 0.5
    inside = map_coordinates(distances, cells, order=1, mode="nearest") / zoom
    covered: NDArray[np.float64] = np.clip(inside + 0.5, 0, 1)  # as if the outline were straight within a pixel
    return covered


def extent(glyph: Glyph) -> NDArray[np.float64]:
    """Return the height and width, in pixels, of the upright rectangle around a glyph's turned bounding box."""
    height, width = np.array(_distances(glyph.character, glyph.font).shape) - 2 * MARGIN
    sine, cosine = abs(np.sin(np.deg2rad(glyph.angle))), abs(np.cos(np.deg2rad(glyph.angle)))
    around = np.array([height * cosine + width * sine, height * sine + width * cosine])
    return around * (glyph.scale / HEIGHT)


def box(covered: NDArray[np.float64]) -> tuple[float, float, float, float]:
    """Return the edges (y0, x0, y1, x1) of what is at least half covered, as fractions of height and width.

    That is TFDS's ``BBox``; multiply by the image's size for pixels.

    Raises:
        ValueError: if nothing is.
    """
    rows, columns = np.nonzero(covered >= 0.5)
    if not len(rows):
        raise ValueError("covered: no pixel is at least half covered.\n  fix: draw the glyph larger, or in the image.")
    height, width = covered.shape
    return (
        float(rows.min() / height),
        float(columns.min() / width),
        float((rows.max() + 1) / height),
        float((columns.max() + 1) / width),
    )


def render(glyph: Glyph, fill: ArrayLike = 1.0, background: ArrayLike = 0.0, size: int = 32) -> NDArray[np.float32]:
    """Return an image (size, size, 3), float32 in 0 … 1, of a glyph over a background.

    Args:
        glyph: what to draw, and where.
        fill: its colour, anything that broadcasts to (size, size, 3): a grey, a colour or a whole picture.
        background: likewise.
        size: height and width in pixels.
    """
    alpha = coverage(glyph, size)[..., np.newaxis]
    painted = alpha * np.asarray(fill) + (1 - alpha) * np.asarray(background)
    image: NDArray[np.float32] = np.clip(np.broadcast_to(painted, (size, size, 3)), 0, 1).astype(np.float32)
    return image


@cache
def _distances(character: str, font: str) -> NDArray[np.float64]:
    """Return the signed distance to the outline, in cells, positive inside; the glyph's box is centred."""
    from scipy.ndimage import distance_transform_edt
    from skimage.draw import polygon2mask

    outlines = _outlines(character, font)
    points = np.concatenate(outlines)
    low, high = points.min(axis=0), points.max(axis=0)
    shape = tuple(np.ceil(high - low).astype(int) + 2 * MARGIN)
    shift = (np.array(shape) - low - high) / 2 - 0.5
    inked = np.zeros(shape, bool)
    for outline in outlines:
        inked ^= polygon2mask(shape, outline + shift)  # a hole is an outline within another
    distances: NDArray[np.float64] = distance_transform_edt(inked) - distance_transform_edt(~inked)
    return distances - 0.5 * np.sign(distances)  # the outline runs between cells


def _outlines(character: str, font: str) -> list[NDArray[np.float64]]:
    """Return closed polygons (points, 2), rows downwards and columns, scaled so that an H is `HEIGHT` high."""
    import matplotlib
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    for kind, value, known in (("character", character, CHARACTERS), ("font", font, FONTS)):
        if value not in known:
            raise CourseError(f"there is no {kind} {value!r} to draw.", fix=f"use one of {' '.join(known)}.")
    face = FontProperties(fname=str(Path(matplotlib.get_data_path(), "fonts", "ttf", f"{font}.ttf")))
    high = TextPath((0, 0), "H", size=100, prop=face).get_extents().height
    path = TextPath((0, 0), character, size=100 * HEIGHT / high, prop=face)
    return [np.asarray(polygon)[:, ::-1] * (-1, 1) for polygon in path.to_polygons()]
