"""What a training run leaves: its curve, and how it ended."""

from dataclasses import dataclass, field

from matplotlib.figure import Figure

from coursekit.figures import fitting


@dataclass(repr=False)
class History:
    """How training went; every list has one number an epoch.

    Attributes:
        loss: mean over the epoch's mini-batches, each measured before its step (with dropout and augmentation on).
        accuracy: the same of the share classified rightly; [] if the model was compiled without it.
        val_loss: on the validation examples at the epoch's end; [] without.
        val_accuracy: likewise.
        learning_rate: of the epoch's last step.
        seconds: how long each epoch took.
        best_epoch: the epoch, counted from 1, whose weights the model now has, if ``patience`` was given.
        stopped: why training ended before the last epoch; "" if it did not.
    """

    loss: list[float] = field(default_factory=list)
    accuracy: list[float] = field(default_factory=list)
    val_loss: list[float] = field(default_factory=list)
    val_accuracy: list[float] = field(default_factory=list)
    learning_rate: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    best_epoch: int | None = None
    stopped: str = ""

    @property
    def epochs(self) -> int:
        """How many epochs were finished."""
        return len(self.loss)

    def figure(self) -> Figure:
        """Draw loss, and accuracy where it was measured, against epochs."""
        return fitting.curves(
            self.loss, self.accuracy, self.val_loss, self.val_accuracy, best=self.best_epoch, title=self.stopped
        )

    def __repr__(self) -> str:
        if not self.epochs:
            return f"no epoch finished: {self.stopped}" if self.stopped else "no epoch yet"
        at = (self.best_epoch or self.epochs) - 1
        parts = [f"{self.epochs} epoch{'s' * (self.epochs > 1)} in {sum(self.seconds):.1f} s"]
        if self.best_epoch:
            parts.append(f"the best, {self.best_epoch}, kept")
        parts.append(f"training {_measured(self.loss, self.accuracy, at)}")
        if self.val_loss:
            parts.append(f"validation {_measured(self.val_loss, self.val_accuracy, at)}")
        return "; ".join(parts) + (f"\nstopped: {self.stopped}" if self.stopped else "")


def _measured(losses: list[float], accuracies: list[float], at: int) -> str:
    accuracy = f", accuracy {accuracies[at]:.1%}" if accuracies else ""
    return f"loss {losses[at]:.4g}{accuracy}"
