"""Watches a Keras fit: fills the history, moves the progress line, stops what has gone wrong."""

import math
import time
from typing import Any

import keras

from coursekit.scratch.progress import PAUSE, Progress
from coursekit.training.history import History

NOT_FINITE = (
    "the loss became {loss} in epoch {epoch}. The usual cause is a learning rate that is too high: try a tenth of "
    "{rate:.2g}; learning_rate_range suggests one. Else look for NaN in the inputs, or inputs not scaled to about 1."
)


class Watcher(keras.callbacks.Callback):  # type: ignore[misc]
    """A callback that keeps a `History`.

    Args:
        history: to fill.
        line: to advance at each batch.
        epochs: how many there will be, to say how far it is.
        accuracy: what the model calls the accuracy of its first output.
    """

    def __init__(self, history: History, line: Progress, epochs: int, accuracy: str = "accuracy") -> None:
        super().__init__()
        self.history, self._line, self._epochs = history, line, epochs
        self._names = {"loss": "loss", accuracy: "accuracy", "val_loss": "val_loss", f"val_{accuracy}": "val_accuracy"}
        self._epoch, self._start, self._next, self._text = 0, 0.0, 0.0, ""

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Note when the epoch began."""
        self._epoch, self._start = epoch + 1, time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Move the line; now and then look at the loss, which waits for the device, and stop if it is no number."""
        now = time.monotonic()
        if now >= self._next:
            self._next = now + PAUSE
            loss = float((logs or {})["loss"])
            self._text = f"epoch {self._epoch}/{self._epochs}, loss {loss:.4g}"
            self.model.stop_training = self.model.stop_training or not math.isfinite(loss)
        self._line.advance(self._text)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Write the epoch down."""
        rate = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))
        self.history.learning_rate.append(rate)
        self.history.seconds.append(time.perf_counter() - self._start)
        for name, value in (logs or {}).items():
            if name in self._names:
                getattr(self.history, self._names[name]).append(float(value))
        loss = self.history.loss[-1]
        if not math.isfinite(loss):
            self.model.stop_training = True
            self.history.stopped = NOT_FINITE.format(loss=loss, epoch=self._epoch, rate=rate)

    def interrupted(self) -> None:
        """Note that a person ended it."""
        self.history.stopped = f"interrupted in epoch {self._epoch}"
