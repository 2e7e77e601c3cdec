"""Figures about linear classifiers: pictures, templates, confusions (lecture 01).

Arrays come in computed; these functions only draw. Each returns a matplotlib Figure and refuses wrong shapes with a
ValueError.
"""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from coursekit.figures.style import (
    GREY,
    INK,
    PALE,
    ink_on,
    numbers,
    panels,
    picture,
    short,
    styled,
    symmetric,
)


@styled
def votes(image: ArrayLike, templates: ArrayLike, scores: ArrayLike, names: Sequence[str]) -> Figure:
    """Draw a tiny image and each class's template with its numbers, and the score they give.

    Args:
        image: (height, width), values from 0 to 1.
        templates: (k, height, width), the weights of each class in the shape of the image.
        scores: (k,).
        names: the k class names.
    """
    pixels = numbers("image", image, (None, None))
    shapes = numbers("templates", templates, (len(names), *pixels.shape))
    totals = numbers("scores", scores, (len(names),))
    figure, axes = panels(1, 1 + len(names), (2.05 * (1 + len(names)), 2.6))
    picture(axes[0, 0], pixels, "image")
    norm = symmetric(1.3 * shapes)
    for axis, shape, score, name in zip(axes[0, 1:], shapes, totals, names, strict=True):
        picture(axis, shape, f"{name} template", norm)
        axis.set_xlabel(f"score {short(score)}" + (" (highest)" if score == totals.max() else ""))
    for axis in axes[0]:
        drawn = axis.images[0]
        for (row, column), value in np.ndenumerate(drawn.get_array()):
            colour = ink_on(drawn.to_rgba(value))
            axis.text(column, row, f"{value:g}".replace("-", "−"), ha="center", va="center", color=colour)
    return figure


@styled
def templates(weights: ArrayLike, names: Sequence[str], shape: tuple[int, int], columns: int = 5) -> Figure:
    """Draw each class's weights as a picture, all on one diverging scale with zero in its middle.

    Args:
        weights: (features, k), Keras's layout: column j holds the template of class j.
        names: the k class names.
        shape: (height, width) of the images; height * width is the number of features.
        columns: how many templates to put in a row.
    """
    height, width = shape
    table = numbers("weights", weights, (height * width, len(names)))
    columns = min(columns, len(names))
    rows = -(-len(names) // columns)
    figure, axes = panels(rows, columns, (1.55 * columns + 1, 1.8 * rows))
    norm = symmetric(table)
    for axis in axes.flat[len(names) :]:
        axis.axis("off")
    for axis, column, name in zip(axes.flat, table.T, names, strict=False):
        drawn = picture(axis, column.reshape(shape), name, norm)
    figure.colorbar(drawn, ax=axes, shrink=0.8, label="weight")
    return figure


@styled
def pictures(images: ArrayLike, titles: Sequence[str], columns: int = 6) -> Figure:
    """Draw images in rows, each under its title.

    Args:
        images: (n, height, width), values from 0 to 1.
        titles: n short texts.
        columns: how many to put in a row.
    """
    stack = numbers("images", images, (len(titles), None, None))
    columns = min(columns, len(titles))
    rows = -(-len(titles) // columns)
    width = min(1.3, 8.5 / columns)  # inches
    figure, axes = panels(rows, columns, (width * columns, (width + 0.3) * rows))
    for axis in axes.flat[len(titles) :]:
        axis.axis("off")
    for axis, image, title in zip(axes.flat, stack, titles, strict=False):
        picture(axis, image)
        axis.set_title(title, fontsize=10)
    return figure


@styled
def confusion(counts: ArrayLike, names: Sequence[str]) -> Figure:
    """Draw a confusion matrix in numbers; only the mistakes are coloured, or the diagonal would drown them.

    Args:
        counts: (k, k); entry (i, j) counts the examples of true class i that were taken for class j.
        names: the k class names.
    """
    table = numbers("counts", counts, (len(names), len(names)))
    diagonal = np.eye(len(names), dtype=bool)
    mistakes = np.ma.masked_where(diagonal, table)
    size = 0.42 * len(names) + 1.0
    figure, axes = panels(1, 1, (size, size))
    axis = axes[0, 0]
    axis.set_facecolor(PALE)  # seen where the mistakes are masked: on the diagonal
    drawn = axis.imshow(mistakes, cmap="Purples", vmin=0, vmax=1.5 * max(1.0, float(mistakes.max())))
    for (row, column), count in np.ndenumerate(table):
        if count:
            colour = INK if row == column else ink_on(drawn.to_rgba(count))
            axis.text(column, row, f"{count:g}", ha="center", va="center", color=colour)
    ticks = range(len(names))
    axis.set(xlabel="predicted class", ylabel="true class")
    axis.set_xticks(ticks, names)
    axis.set_yticks(ticks, names)
    axis.spines[:].set(visible=True, color=GREY)
    return figure


@styled
def fooling(image: ArrayLike, template: ArrayLike, alpha: float, captions: tuple[str, str, str]) -> Figure:
    """Draw ``image + alpha * template`` as a sum of three pictures.

    Args:
        image: (height, width), values from 0 to 1.
        template: (height, width), the weights of the class to be believed.
        alpha: how much of the template is added.
        captions: one line under the image, the change and the sum.
    """
    before = numbers("image", image, (None, None))
    change = alpha * numbers("template", template, before.shape)
    figure, axes = panels(1, 3, (7.6, 3.0))
    picture(axes[0, 0], before, "x")
    # A full pixel, black to white, would be the darkest colour: the change is shown at its true size.
    picture(axes[0, 1], change, f"+ {alpha:.2g} w", symmetric(np.append(change, 1.0)))
    picture(axes[0, 2], before + change, f"= x + {alpha:.2g} w")
    for axis, caption in zip(axes[0], captions, strict=True):
        axis.set_xlabel(caption)
    return figure
