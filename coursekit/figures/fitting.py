"""Figures of a fit: loss and accuracy against epochs, training beside validation."""

from collections.abc import Sequence

from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from coursekit.figures.style import COLOURS, GREY, numbers, panels, styled


@styled
def curves(
    loss: Sequence[float],
    accuracy: Sequence[float] = (),
    val_loss: Sequence[float] = (),
    val_accuracy: Sequence[float] = (),
    best: int | None = None,
    title: str = "",
) -> Figure:
    """Draw what training measured at each epoch: the loss, and in a second panel the accuracy where there is one.

    Args:
        loss: (m,) one number an epoch.
        accuracy: (m,) or empty.
        val_loss: (m,) or empty; drawn dashed with squares.
        val_accuracy: (m,) or empty.
        best: mark this epoch, counted from 1.
        title: above the figure.
    """
    rows = [("loss", loss, val_loss), ("accuracy", accuracy, val_accuracy)]
    rows = [row for row in rows if len(row[1]) or row[0] == "loss"]
    figure, axes = panels(1, len(rows), (3.9 * len(rows) + 0.4, 3.3))
    for axis, (name, training, validation) in zip(axes[0], rows, strict=True):
        for label, values, colour, look in (
            ("training", training, COLOURS[0], "o-"),
            ("validation", validation, COLOURS[1], "s--"),
        ):
            if len(values):
                y = numbers(f"{label} {name}", values, (None,))
                every = max(1, len(y) // 10)
                axis.plot(range(1, len(y) + 1), y, look, color=colour, label=label, markevery=every, markersize=5)
        if best is not None:
            axis.axvline(best, color=GREY, linestyle=":", linewidth=1.3, label=f"kept: epoch {best}")
        axis.set(xlabel="epoch", ylabel=name)
        axis.xaxis.get_major_locator().set_params(integer=True)
    axes[0, 0].legend(frameon=False)
    if title:
        figure.suptitle(title, fontsize=10)
    return figure


@styled
def rate_range(rates: ArrayLike, losses: ArrayLike, smooth: ArrayLike, suggested: float) -> Figure:
    """Draw the loss while the learning rate grows from step to step, and the rate that was chosen from it.

    Args:
        rates: (m,) growing.
        losses: (m,) of each mini-batch.
        smooth: (m,) their running mean.
        suggested: a vertical line.
    """
    x = numbers("rates", rates, (None,))
    figure, axes = panels(1, 1, (6.4, 3.4))
    axis = axes[0, 0]
    axis.plot(x, numbers("losses", losses, x.shape), ".", color=GREY, markersize=4, label="each mini-batch")
    axis.plot(x, numbers("smooth", smooth, x.shape), color=COLOURS[0], label="running mean")
    axis.axvline(suggested, color=COLOURS[1], linestyle="--", label=f"suggested: {suggested:.2g}")
    axis.set(xscale="log", xlabel="learning rate", ylabel="loss")
    axis.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
    return figure
