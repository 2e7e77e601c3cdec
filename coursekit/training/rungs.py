"""The questions of the sanity ladder: each takes a `Trial` and answers with a `Rung`."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coursekit import backend
from coursekit.training.fitting import fit
from coursekit.training.gradients import gradient_norms, total
from coursekit.training.structure import leaves

Array = NDArray[Any]
SCALES_ITSELF = ("Normalization", "Rescaling", "BatchNormalization", "Embedding", "TextVectorization")
BY_HEART = 0.25  # of ln C: a loss that only confident answers reach
ROUNDS, STEPS_A_ROUND = 12, 25
UNLUCKY = 3.0  # standard deviations: what chance alone does to 1 of 700 networks


@dataclass(frozen=True)
class Rung:
    """One question, and its answer.

    Attributes:
        name: what it asks about.
        passed: whether it is as it should be.
        found: what was measured.
        fix: what usually mends it; "" if it passed.
    """

    name: str
    passed: bool
    found: str
    fix: str = ""


class Trial:
    """A copy of a network that starts anew for every question, and data to try it on.

    Args:
        twin: the compiled copy.
        x: inputs to train on, and ``y`` their labels.
        x_held: inputs to judge by, and ``y_held`` their labels.
        epochs: of each training.
        batch_size: of each training.
        seed: of each training.
    """

    def __init__(
        self, twin: Any, x: Array, y: Array, x_held: Array, y_held: Array, *, epochs: int, batch_size: int, seed: int
    ) -> None:
        self.twin, self.x, self.y, self.x_held, self.y_held = twin, x, y, x_held, y_held
        self.epochs, self.batch_size, self.seed = epochs, min(batch_size, len(x)), seed
        self.classes = int(twin.outputs[0].shape[-1])
        self.loss = total(twin.loss)
        self._outputs = [_outputs(twin, training) for training in (False, True)]
        twin.optimizer.build(twin.trainable_variables)
        self._start = [twin.get_weights(), [np.array(each) for each in _values(twin.optimizer.variables)]]

    def train(self, x: Array, y: Array, epochs: int) -> float:
        """Train from the copied weights on; return the last loss."""
        weights, optimizer = self._start
        self.twin.set_weights(weights)
        for variable, value in zip(self.twin.optimizer.variables, optimizer, strict=True):
            variable.assign(value)
        return self.train_on(x, y, epochs, self.seed)

    def train_on(self, x: Array, y: Array, epochs: int, seed: int) -> float:
        """Train from where it is."""
        history = fit(self.twin, (x, y), epochs=epochs, batch_size=self.batch_size, seed=seed, progress=False)
        return history.loss[-1]

    def judge(self, x: Array, y: Array, training: bool = False) -> tuple[float, float]:
        """Return loss and accuracy, as the network predicts or, with ``training``, as a training step sees it."""
        ops = backend.keras().ops
        outputs = self._outputs[training](*backend.state(self.twin), ops.convert_to_tensor(x))
        scores = ops.convert_to_numpy(outputs[0] if isinstance(outputs, list | tuple) else outputs)
        # Outside the compiled step, where TensorFlow would look through a softmax and hide one that is too many.
        loss = float(ops.convert_to_numpy(self.loss(ops.convert_to_tensor(y), ops.convert_to_tensor(scores))))
        return loss, float(np.mean(scores.argmax(axis=-1) == y))

    def first_batch(self) -> tuple[Array, Array]:
        """Return as many examples as a mini-batch has."""
        return self.x[: self.batch_size], self.y[: self.batch_size]


def sound(trial: Trial) -> Rung:
    """Ask whether inputs are numbers and labels are classes. Without that there is nothing else to ask."""
    name, x, y = "the data are sound", trial.x, trial.y
    if not (np.issubdtype(y.dtype, np.integer) and y.min() >= 0 and y.max() < trial.classes):
        found = f"labels of {y.dtype} from {y.min()} to {y.max()}, for {trial.classes} outputs"
        return Rung(name, False, found, "number the classes from 0 and give the network one output for each.")
    if np.issubdtype(x.dtype, np.floating) and not np.isfinite(x).all():
        return Rung(name, False, "some inputs are NaN or infinite", "find them: np.argwhere(~np.isfinite(x)).")
    return Rung(name, True, f"{len(x)} inputs to train on, {len(trial.x_held)} held out, {len(np.unique(y))} classes")


def scaled(trial: Trial) -> Rung:
    """Ask whether inputs have the scale that weights start for."""
    name = "the inputs are scaled"
    itself = [layer.name for layer in leaves(trial.twin) if type(layer).__name__ in SCALES_ITSELF]
    if itself or not np.issubdtype(trial.x.dtype, np.floating):
        return Rung(name, True, f"by the network itself, in {itself[0]}" if itself else "they are no measurements")
    mean, spread = float(trial.x.mean()), float(trial.x.std())
    found = f"mean {mean:.3g}, standard deviation {spread:.3g}"
    if 0.05 <= spread <= 5 and abs(mean) <= 5:
        return Rung(name, True, found)
    return Rung(name, False, found, "scale the inputs to about 1: divide pixels by 255, or standardise.")


def first_loss(trial: Trial) -> Rung:
    """Ask whether an untrained network knows nothing: a loss near ln C."""
    name, guessing = "it starts by guessing", math.log(trial.classes)
    # With batch statistics, as in the first training step: those that batch normalisation starts with mean nothing.
    loss, _ = trial.judge(trial.x[:256], trial.y[:256], training=True)
    found = f"first loss {loss:.3f}; guessing gives ln {trial.classes} = {guessing:.3f}"
    if loss > guessing + 1.5 or not math.isfinite(loss):
        fix = (
            "make the first scores small: scale the inputs, use Glorot or He initialisation, and see that the loss is "
            "told whether it gets probabilities or logits (from_logits)."
        )
        return Rung(name, False, found, fix)
    if loss < guessing / 2:
        return Rung(name, False, found, "use a network that is not trained yet; else the labels are among its inputs.")
    return Rung(name, True, found)


def gradients(trial: Trial) -> Rung:
    """Ask whether every layer gets a gradient that is a number, and not 0."""
    name = "gradients reach every layer"
    frozen = [each.name for each in leaves(trial.twin) if each.weights and not each.trainable]
    rows = gradient_norms(trial.twin, *trial.first_batch(), loss=trial.loss)
    largest = max((row.norm for row in rows), default=0.0)
    broken = [row.layer for row in rows if not math.isfinite(row.norm)]
    dead = [row.layer for row in rows if row.norm <= 1e-7 * largest or row.zero > 0.9]
    if broken:
        return Rung(
            name, False, f"not finite in {_list(broken)}", "scale inputs; look for log(0), 0/0, float16 overflow."
        )
    if dead:
        fix = "units never fire or saturate: He initialisation for ReLU, biases of 0, normalisation, or fewer layers."
        return Rung(name, False, f"zero, or nearly, in {_list(dead)}", fix)
    if frozen:
        fix = "set layer.trainable = True before compiling; leave it if you froze them on purpose."
        return Rung(name, False, f"{_list(frozen)} cannot learn: frozen", fix)
    return Rung(name, True, f"{len(rows)} layers, norms {min(r.norm for r in rows):.2g} to {largest:.2g}")


def one_batch(trial: Trial) -> Rung:
    """Ask whether the network can learn a single mini-batch by heart."""
    name, goal = "it learns one batch by heart", BY_HEART * math.log(trial.classes)
    x, y = trial.first_batch()
    many = np.tile(np.arange(len(x)), STEPS_A_ROUND)
    start, _ = trial.judge(x, y, training=True)
    trial.train(x, y, 1)
    for i in range(ROUNDS):
        trial.train_on(x[many], y[many], 1, trial.seed + i)
        # Batch normalisation's moving statistics lag behind; dropout hinders. Either may be the one that has learned.
        loss, accuracy = min(trial.judge(x, y), trial.judge(x, y, training=True))
        steps = 1 + (i + 1) * STEPS_A_ROUND
        if accuracy == 1 and loss < goal:
            return Rung(name, True, f"{len(x)} of {len(x)} right, loss {loss:.3g}, after {steps} steps")
        if not math.isfinite(loss):
            break
    found = f"{accuracy:.0%} of {len(x)} right, loss {loss:.3g}, after {steps} steps"
    if not loss < start:
        return Rung(name, False, found, "lower the learning rate, tenfold at first; learning_rate_range suggests one.")
    floor = math.log1p((trial.classes - 1) / math.e)
    if accuracy > 0.9 and loss > floor - 0.05:
        fix = f"a softmax of a softmax cannot get below a loss of {floor:.3g}: take one away, or set from_logits=False."
        return Rung(name, False, found, fix)
    fix = "raise the learning rate, tenfold at first; then try more units, and less dropout and weight decay."
    return Rung(name, False, found, fix)


def learning(trial: Trial) -> Rung:
    """Ask whether training on the data helps with examples that were held out; leaves the trained network behind."""
    name = "it learns from the data"
    trial.train(trial.x, trial.y, trial.epochs)
    loss, accuracy = trial.judge(trial.x_held, trial.y_held)
    guess = _majority(trial.y, trial.y_held)
    found = f"{accuracy:.1%} of {len(trial.y_held)} held-out examples right, loss {loss:.3g}; guessing gets {guess:.1%}"
    if accuracy > guess + UNLUCKY * _deviation(guess, len(trial.y_held)):
        return Rung(name, True, found)
    fix = "look at ten examples beside their labels: do they belong together? Then try another learning rate."
    return Rung(name, False, found, fix)


def baseline(trial: Trial) -> Rung:
    """Ask whether the network that `learning` left is as good as a linear classifier of the same examples."""
    from sklearn.linear_model import RidgeClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    name = "it is no worse than a linear model"
    linear = make_pipeline(StandardScaler(), RidgeClassifier(alpha=10.0))
    linear.fit(trial.x.reshape(len(trial.x), -1), trial.y)
    share = float(linear.score(trial.x_held.reshape(len(trial.x_held), -1), trial.y_held))
    _, accuracy = trial.judge(trial.x_held, trial.y_held)
    found = f"{accuracy:.1%} right; the linear model {share:.1%}"
    if accuracy >= share - _deviation(share, len(trial.y_held)):
        return Rung(name, True, found)
    return Rung(name, False, found, "train longer (epochs=…) or at another rate; else the network loses what matters.")


def shuffled(trial: Trial) -> Rung:
    """Ask whether labels that mean nothing teach nothing: otherwise held-out examples were seen in training.

    Each distinct input gets the label of another one at random, so an example that is in both halves has one label.
    """
    name = "it learns nothing from shuffled labels"
    together = np.concatenate([trial.x, trial.x_held])
    _, first, same = np.unique(together.reshape(len(together), -1), axis=0, return_index=True, return_inverse=True)
    labels = np.concatenate([trial.y, trial.y_held])[np.random.default_rng(trial.seed).permutation(first)][same.ravel()]
    y, y_held = labels[: len(trial.x)], labels[len(trial.x) :]
    both = float(np.isin(same.ravel()[len(trial.x) :], same.ravel()[: len(trial.x)]).mean())
    trial.train(trial.x, y, trial.epochs)
    _, accuracy = trial.judge(trial.x_held, y_held)
    guess = max(_majority(y, y_held), 1 / trial.classes)
    found = (
        f"{accuracy:.1%} of held-out examples right, guessing gets {guess:.1%}; {both:.1%} are in the training set, too"
    )
    if both <= 0.01 and accuracy <= guess + UNLUCKY * _deviation(guess, len(y_held)):
        return Rung(name, True, found)
    return Rung(name, False, found, "remove from one part what is in both, and split before augmenting or repeating.")


def _majority(y: Array, y_held: Array) -> float:
    return float(np.mean(y_held == np.bincount(y).argmax()))


def _deviation(share: float, count: int) -> float:
    """Return the standard deviation of a share measured on ``count`` examples."""
    return math.sqrt(max(share * (1 - share), 1 / count) / count)


def _list(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _outputs(twin: Any, training: bool) -> Any:
    return backend.compiled(lambda trained, other, x: twin.stateless_call(trained, other, x, training=training)[0])


def _values(variables: Any) -> list[Any]:
    return [backend.keras().ops.convert_to_numpy(each.value) for each in variables]
