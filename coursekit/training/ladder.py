"""The sanity ladder: eight cheap questions to ask of a network and its data before training in earnest.

After A. Karpathy, "A recipe for training neural networks" (2019), and CS231n's notes on babysitting the learning
process. Each rung has mistakes that it is there to catch; a lower one that fails explains higher ones that do.
"""

from dataclasses import dataclass
from typing import Any

from coursekit.training import rungs
from coursekit.training.copies import copy
from coursekit.training.fitting import hold_out, training_arrays
from coursekit.training.rungs import Rung, Trial

RUNGS = (
    rungs.sound,
    rungs.scaled,
    rungs.first_loss,
    rungs.gradients,
    rungs.one_batch,
    rungs.learning,
    rungs.baseline,
    rungs.shuffled,
)


@dataclass(frozen=True, repr=False)
class Ladder:
    """What a sanity ladder found.

    Attributes:
        rungs: from the lowest up.
    """

    rungs: tuple[Rung, ...]

    @property
    def passed(self) -> bool:
        """Whether every rung did."""
        return all(rung.passed for rung in self.rungs)

    @property
    def failed(self) -> list[str]:
        """Names of the rungs that did not."""
        return [rung.name for rung in self.rungs if not rung.passed]

    def __repr__(self) -> str:
        lines = []
        for rung in self.rungs:
            lines.append(f"{'✓' if rung.passed else '✗'} {rung.name}: {rung.found}")
            if rung.fix:
                lines.append(f"    fix: {rung.fix}")
        return "\n".join(lines)


def sanity_ladder(
    model: Any,
    dataset: Any,
    *,
    examples: int = 1000,
    epochs: int = 20,
    batch_size: int = 32,
    learning_rate: float | None = None,
    optimizer: Any = None,
    loss: Any = None,
    seed: int = 0,
) -> Ladder:
    """Ask eight questions of an untrained classifier and its data; the model itself stays as it is.

    1. The data are sound: finite inputs, labels that are classes. If not, the ladder ends here.
    2. The inputs are scaled: standard deviation and mean near 1, unless a layer of the network sees to that.
    3. It starts by guessing: the first loss is near ln C.
    4. Gradients reach every layer: none is zero, none NaN, none frozen.
    5. It learns one batch by heart: all right, with confidence, within 301 steps.
    6. It learns from the data: held-out examples go better than by guessing.
    7. It is no worse than a linear model of the same examples.
    8. It learns nothing from shuffled labels, and no held-out example is in the training set.

    Rungs 5, 6 and 8 each train a copy for a few hundred steps.

    Args:
        model: a functional or Sequential Keras model as built, before training. If it is compiled, its optimizer and
            loss are what is tested; else what `fit` would choose.
        dataset: a `coursekit.data.Dataset`, of which only training examples are used, or arrays ``(x, y)``.
        examples: train on so many, and hold out a quarter of that.
        epochs: of each training.
        batch_size: as in `fit`, like the next four.
        learning_rate: see `fit`.
        optimizer: see `fit`.
        loss: see `fit`.
        seed: see `fit`.
    """
    x, y = training_arrays(dataset)
    if len(x) > 1.25 * examples:
        _, _, (x, y) = hold_out(x, y, 1.25 * examples / len(x), seed)
    x, y, (x_held, y_held) = hold_out(x, y, 0.2, seed)
    twin = copy(model, learning_rate=learning_rate, optimizer=optimizer, loss=loss)
    trial = Trial(twin, x, y, x_held, y_held, epochs=epochs, batch_size=batch_size, seed=seed)
    answers: list[Rung] = []
    for ask in RUNGS:
        answers.append(ask(trial))
        if ask is rungs.sound and not answers[0].passed:
            break
    return Ladder(tuple(answers))
