"""The learning-rate range test: train a little while the rate grows, and see where the loss falls and where it breaks.

L. N. Smith, "Cyclical learning rates for training neural networks", WACV 2017, section 3.3.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from coursekit import backend
from coursekit.errors import CourseError
from coursekit.figures import fitting
from coursekit.training.copies import copy
from coursekit.training.fitting import training_arrays

BROKEN = 4.0  # times the lowest running mean: no use in going on
SMOOTHING = 0.9  # of the running mean: over ten steps or so


@dataclass(frozen=True, eq=False, repr=False)
class RateRange:
    """What the loss did while the learning rate grew.

    Attributes:
        rates: (m,) learning rate of each step.
        losses: (m,) loss of each mini-batch, before its step.
        smooth: (m,) the same, averaged over the last ten or so.
        suggested: a rate to start with.
    """

    rates: NDArray[np.float64]
    losses: NDArray[np.float64]
    smooth: NDArray[np.float64]
    suggested: float

    def figure(self) -> Figure:
        """Draw the losses against the rate."""
        return fitting.rate_range(self.rates, self.losses, self.smooth, self.suggested)

    def __repr__(self) -> str:
        return (
            f"suggested learning rate {self.suggested:.2g}; loss lowest at {self.rates[self.smooth.argmin()]:.2g}, "
            f"tried {self.rates[0]:.2g} to {self.rates[-1]:.2g}"
        )


def learning_rate_range(
    model: Any,
    dataset: Any,
    *,
    low: float = 1e-5,
    high: float = 1.0,
    steps: int = 150,
    batch_size: int = 32,
    optimizer: Any = None,
    loss: Any = None,
    seed: int = 0,
) -> RateRange:
    """Train a copy of a network for a few steps, each at a higher learning rate than the last.

    The suggestion is a tenth of the rate at which the loss is lowest: where it still falls, well before it breaks. It
    is a start to try from, right to within a factor of about three, for this optimizer and batch size.

    Args:
        model: a Keras model, which stays as it is.
        dataset: a `coursekit.data.Dataset` or a pair of arrays ``(x, y)``.
        low: the first learning rate.
        high: the last one; the test ends earlier when the running mean is four times its lowest.
        steps: how many.
        batch_size: as in training: larger batches bear higher rates.
        optimizer: as in `fit`; the model's own if it is compiled.
        loss: likewise.
        seed: of the batches.

    Raises:
        CourseError: if the rates or steps make no range.
    """
    if not 0 < low < high or steps < 20:
        raise CourseError(
            f"low={low}, high={high}, steps={steps} make no range.", fix="use 0 < low < high and 20 steps or more."
        )
    backend.keras()  # without its start-up lines
    from coursekit.training.batches import Batches
    from coursekit.training.schedules import Table

    rates = np.geomspace(low, high, steps)
    twin = copy(model, learning_rate=Table(rates.tolist()), optimizer=optimizer, loss=loss)
    batches = Batches(*training_arrays(dataset), batch_size, seed)
    batches.heads = len(twin.outputs)
    losses, smooth = _losses(twin, batches, steps)
    rates = rates[: len(losses)]
    return RateRange(rates, losses, smooth, suggested=float(rates[smooth.argmin()]) / 10)


def _losses(twin: Any, batches: Any, steps: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the loss of each mini-batch and the running mean, corrected for its start as Adam's moments are."""
    mean = 0.0
    losses: list[float] = []
    smooth: list[float] = []
    for step in range(steps):
        if step and step % len(batches) == 0:
            batches.on_epoch_end()
        twin.reset_metrics()
        loss = float(np.ravel(twin.train_on_batch(*batches[step % len(batches)]))[0])
        mean = SMOOTHING * mean + (1 - SMOOTHING) * loss
        at = mean / (1 - SMOOTHING ** (step + 1))
        if not math.isfinite(loss) or (smooth and at > BROKEN * min(smooth)):
            break
        losses.append(loss)
        smooth.append(at)
    if len(losses) < 10:
        raise CourseError(
            f"the loss broke after {len(losses)} steps, at the lowest rates.",
            fix="scale the inputs to about 1, or start from a lower rate: low=….",
        )
    return np.array(losses), np.array(smooth)
