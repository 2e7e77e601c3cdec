"""A network: layers in a row, a loss at the end, and a loop that trains it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from coursekit.scratch.inputs import FloatArray, LabelArray, nonnegative, real
from coursekit.scratch.layer import Layer, Parameter
from coursekit.scratch.losses import Scalar, l2_penalty, softmax_loss
from coursekit.scratch.optimizers import SGD, Optimizer
from coursekit.scratch.progress import Progress

Loss = Callable[[FloatArray, LabelArray], tuple[Scalar, FloatArray]]
Examples = tuple[ArrayLike, ArrayLike]


@dataclass
class History:
    """How training went.

    Attributes:
        losses: for each epoch the mean loss of its mini-batches, each measured before its step.
        accuracies: for each epoch the share of examples whose class was right, measured likewise.
        validation_losses: for each epoch the loss on the validation examples at its end; [] without.
        validation_accuracies: for each epoch the share of right ones among them; [] without.
        batch_losses: the loss of every mini-batch.
    """

    losses: list[float] = field(default_factory=list)
    accuracies: list[float] = field(default_factory=list)
    validation_losses: list[float] = field(default_factory=list)
    validation_accuracies: list[float] = field(default_factory=list)
    batch_losses: list[float] = field(default_factory=list)


class Network:
    """A classifier made of layers.

        rng = np.random.default_rng(0)
        network = Network([Flatten(), Affine(64, 32, rng), ReLU(), Affine(32, 10, rng)])
        history = network.fit(x, y, epochs=10, optimizer=Adam())
        network.evaluate(x_test, y_test)

    Args:
        layers: the last one puts out a score for each class.
        loss: takes scores (n, classes) and labels (n,); returns the mean loss and its gradient, as
            `softmax_loss` and `hinge_loss` do.
        l2: strength of the penalty on the squares of all weights; biases and other parameters of
            one axis are free.
    """

    def __init__(self, layers: Sequence[Layer], loss: Loss = softmax_loss, l2: float = 0.0) -> None:
        self.layers, self.loss, self.l2 = list(layers), loss, nonnegative("l2", l2)

    @property
    def parameters(self) -> list[Parameter]:
        """The parameters of all layers, in order."""
        return [parameter for layer in self.layers for parameter in layer.parameters]

    @property
    def parameter_count(self) -> int:
        """How many numbers the network learns."""
        return sum(parameter.data.size for parameter in self.parameters)

    def forward(self, x: ArrayLike, training: bool = False) -> FloatArray:
        """Return the scores, (n, classes), of a batch."""
        out = real("x", x)
        for layer in self.layers:
            out = layer.forward(out, training)
        return out

    def backward(self, dscores: FloatArray) -> FloatArray:
        """Return the gradient with respect to the last batch, and set each parameter's ``grad``.

        This is where the chain rule is: each layer's upstream gradient is what the layer after it
        handed down.
        """
        for layer in reversed(self.layers):
            dscores = layer.backward(dscores)
        return dscores

    def step(self, x: ArrayLike, y: LabelArray, optimizer: Optimizer) -> tuple[float, float]:
        """Learn from one mini-batch; return its loss and its accuracy before that."""
        scores = self.forward(x, training=True)
        loss, dscores = self.loss(scores, y)
        self.backward(dscores)
        loss = loss + self._penalise()
        optimizer.step(self.parameters)
        return float(loss), _accuracy(scores, y)

    def fit(
        self,
        x: ArrayLike,
        y: ArrayLike,
        epochs: int,
        batch: int = 32,
        optimizer: Optimizer | None = None,
        validation: Examples | None = None,
        seed: int = 0,
        progress: bool = True,
    ) -> History:
        """Train on mini-batches, each epoch in a new random order.

        Args:
            x: inputs, their first axis the examples.
            y: (n,) integer labels.
            epochs: how often to go through all examples.
            batch: examples a step; the last batch of an epoch may be smaller.
            optimizer: None for ``SGD(0.01)``. Kept between calls, it goes on where it was.
            validation: inputs and labels to measure on after each epoch.
            seed: of the order. The same seed, layers drawn with the same seed, and one machine give the
                same network.
            progress: whether to show a line that says how far training is; it shows in a terminal and in a
                notebook, and nowhere else.

        Raises:
            ValueError: if numbers of inputs and labels differ, or training diverges.
        """
        x, y = _examples(x, y)
        if epochs < 0 or batch < 1:
            raise ValueError(f"epochs: got {epochs}, batch: got {batch}.\n  fix: pass 0 or more, and 1 or more.")
        optimizer = optimizer or SGD()
        history, rng = History(), np.random.default_rng(seed)
        with Progress(total=epochs * -(-len(x) // batch), shown=progress) as line:
            for epoch in range(epochs):
                order, right = rng.permutation(len(x)), 0.0
                first = len(history.batch_losses)
                for start in range(0, len(x), batch):
                    chosen = order[start : start + batch]
                    loss, accuracy = self.step(x[chosen], y[chosen], optimizer)
                    history.batch_losses.append(loss)
                    right += accuracy * len(chosen)
                    line.advance(f"epoch {epoch + 1}/{epochs}  loss {loss:.3f}")
                history.losses.append(float(np.mean(history.batch_losses[first:])))
                history.accuracies.append(right / len(x))
                if validation is not None:
                    loss, accuracy = self.evaluate(*validation)
                    history.validation_losses.append(loss)
                    history.validation_accuracies.append(accuracy)
                line.say(_summary(history))
        return history

    def scores(self, x: ArrayLike, batch: int = 256) -> FloatArray:
        """Return the scores, (n, classes), of any number of inputs, ``batch`` of them at a time."""
        x = real("x", x)
        return np.concatenate([self.forward(x[i : i + batch]) for i in range(0, len(x), batch)])

    def predict(self, x: ArrayLike) -> LabelArray:
        """Return the class of highest score for each input, (n,)."""
        return np.asarray(self.scores(x).argmax(axis=1))

    def evaluate(self, x: ArrayLike, y: ArrayLike) -> tuple[float, float]:
        """Return the loss, without penalty, and the share of examples whose class is right."""
        x, y = _examples(x, y)
        scores = self.scores(x)
        return float(self.loss(scores, y)[0]), _accuracy(scores, y)

    def _penalise(self) -> float:
        """Add the penalty's gradient to that of the weights; return the penalty."""
        if self.l2 == 0:
            return 0.0
        total = 0.0
        for parameter in self.parameters:
            if parameter.data.ndim > 1:
                penalty, gradient = l2_penalty(parameter.data, self.l2)
                parameter.grad = parameter.grad + gradient
                total += float(penalty)
        return total


def _examples(x: ArrayLike, y: ArrayLike) -> tuple[FloatArray, LabelArray]:
    x, y = real("x", x), np.asarray(y)
    if len(x) == 0 or y.shape != (len(x),):
        raise ValueError(
            f"{len(x)} inputs and labels of shape {y.shape}.\n"
            "  fix: pass at least one input, and one integer label for each, of shape (n,)."
        )
    return x, y


def _accuracy(scores: FloatArray, y: LabelArray) -> float:
    return float((scores.argmax(axis=1) == y).mean())


def _summary(history: History) -> str:
    text = f"epoch {len(history.losses)}: loss {history.losses[-1]:.3f}, accuracy {history.accuracies[-1]:.3f}"
    if history.validation_losses:
        loss, accuracy = history.validation_losses[-1], history.validation_accuracies[-1]
        text += f"; validation loss {loss:.3f}, accuracy {accuracy:.3f}"
    return text
