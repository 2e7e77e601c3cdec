"""One look for every figure of the course.

Colours are Okabe and Ito's, which people with any colour vision can tell apart; no figure relies on
them alone, so lines also differ in dash, bars in hatch and points in marker. Signed quantities use
``DIVERGING`` with symmetric limits, so that zero is always the map's pale middle. Figures are plain
``matplotlib.figure.Figure`` objects: nothing global is opened, so nothing has to be closed.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import wraps
from typing import Any, Literal, ParamSpec

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize, to_rgb
from matplotlib.figure import Figure
from matplotlib.rcsetup import cycler
from numpy.typing import ArrayLike, NDArray

BLUE, VERMILLION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#AA4499"
ORANGE = "#E69F00"
INK, GREY, PALE = "#222222", "#6B6B6B", "#E4E4E4"
DIVERGING, SEQUENTIAL = "PuOr", "cividis"
# The look of the first, second, … class or curve.
COLOURS = (BLUE, VERMILLION, GREEN, PURPLE)
MARKERS = ("o", "s", "^", "D")
DASHES = ("-", "--", "-.", ":")

STYLE: dict[Any, Any] = {
    "figure.dpi": 110,
    "figure.facecolor": "white",
    "axes.facecolor": "white",
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.titlesize": 12,
    "axes.labelsize": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.prop_cycle": cycler(color=list(COLOURS)),
    "font.family": "DejaVu Sans",  # ships with matplotlib, so a figure looks alike everywhere
    "font.size": 11,
    "image.cmap": SEQUENTIAL,
    "lines.linewidth": 2.2,
    "lines.markersize": 8,
    "savefig.facecolor": "white",
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
}

P = ParamSpec("P")
Numbers = NDArray[np.float64]


def style() -> AbstractContextManager[None]:
    """Return a context in which matplotlib draws in the course's style: ``with style(): …``."""
    return mpl.rc_context(STYLE)


def styled(make: Callable[P, Figure]) -> Callable[P, Figure]:
    """Make a figure function draw in the course's style whatever the caller's settings are."""

    @wraps(make)
    def in_style(*args: P.args, **kwargs: P.kwargs) -> Figure:
        with style():
            return make(*args, **kwargs)

    return in_style


def panels(
    rows: int,
    columns: int,
    size: tuple[float, float],
    *,
    sharex: bool | Literal["row", "col"] = False,
    sharey: bool | Literal["row", "col"] = False,
    widths: Sequence[float] | None = None,
) -> tuple[Figure, NDArray[Any]]:
    """Return a figure of ``size`` inches and its (rows, columns) array of axes; ``widths`` are relative."""
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False, sharex=sharex, sharey=sharey, width_ratios=widths)
    return figure, axes


def numbers(name: str, values: ArrayLike, shape: tuple[int | None, ...]) -> Numbers:
    """Return ``values`` as a float array of ``shape``, where None stands for any length of at least 1.

    Raises:
        ValueError: if the shape differs; the message says what was expected.
    """
    array = np.asarray(values, dtype=np.float64)
    fits = array.ndim == len(shape) and all(
        have > 0 and want in (None, have) for have, want in zip(array.shape, shape, strict=True)
    )
    if not fits:
        wanted = ", ".join("any" if length is None else str(length) for length in shape)
        raise ValueError(
            f"{name} has shape {array.shape}, not ({wanted}).\n"
            "  fix: reshape it; lengths must agree with the other arguments."
        )
    return array


def class_index(name: str, value: int, classes: int) -> int:
    """Return ``value`` if it is one of the classes 0 … classes-1, else say so in a ValueError."""
    if not 0 <= value < classes:
        raise ValueError(
            f"{name} is {value}, but the classes are 0 to {classes - 1}.\n  fix: pass the index of a class."
        )
    return value


def short(value: float) -> str:
    """Write a number for a label: three digits, or two decimals below 1, with a true minus sign."""
    text = f"{value:.3g}" if value == 0 or abs(value) >= 1 else f"{value:.2f}"
    return text.replace("-", "−")


def ink_on(colour: Any) -> str:
    """Return black or white, whichever stands out more from ``colour``: by at least 4.5 : 1 (``INK`` would not)."""
    linear = ((np.array(to_rgb(colour)) + 0.055) / 1.055) ** 2.4  # sRGB, as WCAG 2 measures contrast
    return "white" if linear @ [0.2126, 0.7152, 0.0722] < 0.179 else "black"


def symmetric(values: ArrayLike) -> Normalize:
    """Return colour limits of equal size on both sides of zero, for ``DIVERGING``."""
    largest = float(np.abs(np.asarray(values, dtype=np.float64)).max())
    largest = largest or 1.0  # all zeros: any symmetric range will do
    return Normalize(-largest, largest)


def picture(axes: Axes, image: ArrayLike, title: str = "", norm: Normalize | None = None) -> Any:
    """Draw one 2-D image without ticks: grey from 0 to 1, or with ``norm`` in the diverging map."""
    image = numbers("image", image, (None, None))
    if norm is None:
        drawn = axes.imshow(image, cmap="gray", vmin=0, vmax=1)
    else:
        drawn = axes.imshow(image, cmap=DIVERGING, norm=norm)
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set(visible=True, color=GREY, linewidth=0.8)
    if title:
        axes.set_title(title)
    return drawn
