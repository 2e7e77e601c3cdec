"""Makes the samples of the picture sets shown in data.md: `.venv/bin/python docs/make_data_pictures.py [NAME …]`."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

import coursekit as ck
from coursekit.data import Dataset
from coursekit.figures.style import style

FOLDER = Path(__file__).parent / "images"


def panels(images: Any, titles: Sequence[str], columns: int, side: float = 0.8) -> Figure:
    """Return a figure of images in rows, each under its title, ``side`` inches wide."""
    rows = -(-len(images) // columns)
    figure = Figure(figsize=(side * columns, (side + 0.25 * any(titles)) * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False)
    for axis in axes.flat:
        axis.set_axis_off()
    for axis, image, title in zip(axes.flat, images, titles, strict=False):
        axis.imshow(image, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
        axis.set_title(title, fontsize=8, pad=2, loc="left")
    return figure


def by_class(dataset: Dataset, each: int) -> Figure:
    """Return the first ``each`` training images of every class, a row a class."""
    chosen = [np.flatnonzero(dataset.y_train == label)[:each] for label in range(len(dataset.classes))]
    titles = [dataset.classes[label] if i == 0 else "" for label in range(len(chosen)) for i in range(each)]
    return panels([dataset.x_train[i] for row in chosen for i in row], titles, columns=each)


def digits(dataset: Dataset) -> Figure:
    """Return four of each digit."""
    chosen = [np.flatnonzero(dataset.y_train == label)[i] for i in range(4) for label in range(10)]
    return panels(dataset.x_train[chosen], [""] * 40, columns=10)


def glyphs(dataset: Dataset) -> Figure:
    """Return one of each character."""
    chosen = [int(np.flatnonzero(dataset.y_train == label)[0]) for label in range(36)]
    return panels(dataset.x_train[chosen], [dataset.classes[dataset.y_train[i]] for i in chosen], columns=12)


def glyph_scenes(dataset: Dataset) -> Figure:
    """Return some scenes with their boxes and labels."""
    figure = panels(dataset.x_train[:12], [""] * 12, columns=6, side=1.5)
    size = dataset.x_train.shape[1]
    for i, axis in enumerate(figure.axes):
        count = dataset.factors_train["count"][i]
        boxes = dataset.factors_train["boxes"][i, :count] * size - 0.5  # imshow puts a pixel's centre at its index
        for (y0, x0, y1, x1), label in zip(boxes, dataset.y_train[i], strict=False):
            axis.add_patch(Rectangle((x0, y0), x1 - x0, y1 - y0, fill=False, edgecolor="white", linewidth=2.5))
            axis.add_patch(Rectangle((x0, y0), x1 - x0, y1 - y0, fill=False, edgecolor="black", linewidth=1))
            below = y0 < 8
            axis.text(
                x0,
                y1 + 1 if below else y0 - 1,
                dataset.classes[label],
                va="top" if below else "bottom",
                fontsize=7,
                bbox={"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none"},
            )
    return figure


def moving_digits(dataset: Dataset) -> Figure:
    """Return one video of each direction, its frames from left to right."""
    rows = [dataset.x_train[np.flatnonzero(dataset.y_train == label)[1]] for label in range(8)]
    gap = np.full((24, 3, 1), 0.6)
    strips = [np.concatenate([part for frame in video for part in (frame, gap)][:-1], axis=1) for video in rows]
    figure = Figure(figsize=(7, 3.1), layout="constrained")
    for axis, strip, title in zip(figure.subplots(4, 2).flat, strips, dataset.classes, strict=True):
        axis.imshow(strip, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
        axis.set_axis_off()
        axis.set_title(title, fontsize=8, pad=2)
    return figure


def photos(dataset: Dataset) -> Figure:
    """Return patches of every photograph."""
    return by_class(dataset, each=8)


def textures(dataset: Dataset) -> Figure:
    """Return patches of every surface."""
    return by_class(dataset, each=10)


def faces(dataset: Dataset) -> Figure:
    """Return the mean of each class: the photographs of people are not ours to show."""
    means = [dataset.x_train[dataset.y_train == label].mean(axis=0) for label in (1, 0)]
    return panels(means, ["mean face", "mean other"], columns=2, side=1.5)


PICTURES: tuple[Callable[[Dataset], Figure], ...] = (
    *(digits, glyphs, glyph_scenes, moving_digits),
    *(photos, textures, faces),
)


def main(names: Sequence[str]) -> None:
    """Draw the samples of some sets, or of all."""
    with style():
        for draw in PICTURES:
            name = draw.__name__
            if not names or name in names:
                figure = draw(ck.data.load(name))
                figure.savefig(FOLDER / f"data_{name}.png", dpi=110, facecolor="white", metadata={"Software": None})


if __name__ == "__main__":
    main(sys.argv[1:])
