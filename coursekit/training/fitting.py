"""``fit``: train a Keras network and say what happened."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from coursekit import backend
from coursekit.data.loading import Dataset, stratified
from coursekit.errors import CourseError
from coursekit.scratch.progress import Progress
from coursekit.training.augmenting import augmentation
from coursekit.training.compiling import LEARNING_RATE, compile_model, fresh_optimizer
from coursekit.training.history import History
from coursekit.training.losses import cross_entropy
from coursekit.training.structure import heads


def fit(
    model: Any,
    dataset: Any,
    *,
    epochs: int = 10,
    batch_size: int = 32,
    learning_rate: float | None = None,
    optimizer: Any = None,
    loss: Any = None,
    schedule: str | Callable[[float], float] | None = None,
    weight_decay: float | None = None,
    augment: Any = None,
    validation: Any = None,
    patience: int | None = None,
    seed: int = 0,
    progress: bool = True,
    callbacks: Sequence[Any] = (),
) -> History:
    """Train a classifier and return its history.

        model = ck.models.build("resnet20", (8, 8, 1), 10, width=8)
        history = ck.training.fit(model, ck.data.load("digits"), epochs=20, validation=0.1, patience=3)

    A model that is not compiled is compiled here: Adam, accuracy, and cross-entropy on probabilities or logits as its
    last layer says. A compiled one trains on as it is, unless one of ``learning_rate``, ``optimizer``, ``loss``,
    ``schedule`` or ``weight_decay`` is given: then it is compiled anew.

    Args:
        model: a Keras model. One that is not built yet is built for the data.
        dataset: a `coursekit.data.Dataset`, a pair of arrays ``(x, y)``, or batches that Keras trains on (a
            ``tf.data.Dataset``), which keep their own size and order.
        epochs: passes over the data.
        batch_size: examples a step. What does not fill a last batch waits for another epoch.
        learning_rate: 0.001 if not given; the highest one with a schedule. A Keras schedule will do, too.
        optimizer: a Keras optimizer or its name, such as ``"sgd"``. One with a rate of its own keeps that.
        loss: a Keras loss, if not cross-entropy.
        schedule: ``"one-cycle"``, ``"cosine"``, or a function of the share of training done, from 0 to 1, that returns
            the share of the learning rate to use.
        weight_decay: take this times the learning rate times the weight off every weight at each step; biases and
            batch normalisation are left alone.
        augment: layers that change the training images, as `augmentation` makes, or names for it.
        validation: a share of the training data to hold out, the same in every class; ``"test"`` for the test set; or
            a pair of arrays, or batches.
        patience: stop when the validation loss has not fallen for so many epochs; the weights are then those of the
            best epoch, also when training ran to its end.
        seed: of the order, the held-out share, dropout and augmentation. On one machine the same weights at the start
            and the same seed give the same weights at the end. Those at the start follow `backend.seed`, called before
            the layers are made.
        progress: show a line while it runs, where somebody can see it.
        callbacks: further Keras callbacks.

    Returns:
        What was measured. A loss that is no number ends training, and so does an interrupt (``Ctrl-C``, the stop
        button); the history says so.

    Raises:
        CourseError: if arguments do not fit each other or the data; says what to change.
    """
    backend.grow_memory()  # and import Keras, without its start-up lines
    data = _read(dataset, batch_size, validation, seed)
    if patience is not None and (data.validation is None or (isinstance(validation, str) and validation == "test")):
        raise CourseError(
            "patience chooses an epoch by its validation loss, which must not come from the test set.",
            fix="hold out a share of the training data: validation=0.1.",
        )
    _build(model, data)
    if not model.compiled or any(each is not None for each in (learning_rate, optimizer, loss, schedule, weight_decay)):
        rate = _rates(schedule, learning_rate, epochs, data)
        compile_model(model, fresh_optimizer(optimizer, rate, weight_decay), loss or cross_entropy(model))
    trained = model if augment is None else _augmented(model, augment)
    backend.seed_layers(trained, seed)
    return _run(trained, data.for_heads(len(heads(model))), epochs, patience, progress, callbacks)


@dataclass(frozen=True)
class _Data:
    """What Keras's own fit takes."""

    batches: Any
    validation: Any
    batch_size: int

    @property
    def steps(self) -> int | None:
        try:
            return len(self.batches)
        except TypeError:  # a tf.data.Dataset that does not know
            return None

    def for_heads(self, count: int) -> "_Data":
        """Return the data with the labels once for each output of a model with auxiliary heads."""
        if count > 1 and hasattr(self.batches, "heads"):
            self.batches.heads = count
            if isinstance(self.validation, tuple):
                x, y = self.validation
                return replace(self, validation=(x, (y,) * count))
        return self


def _read(dataset: Any, batch_size: int, validation: Any, seed: int) -> _Data:
    from coursekit.training.batches import Batches

    if not isinstance(dataset, Dataset | tuple):
        if isinstance(validation, float | int | str):
            raise CourseError("batches cannot be split here.", fix="pass validation batches, or arrays to train on.")
        return _Data(dataset, validation, batch_size)
    x, y = training_arrays(dataset)
    held_out = validation
    if isinstance(validation, str):
        if validation != "test" or not isinstance(dataset, Dataset):
            raise CourseError(
                f"there is no validation set {validation!r}.", fix='use "test" with a Dataset, or a share.'
            )
        held_out = dataset.x_test, dataset.y_test
    elif isinstance(validation, float | int):
        x, y, held_out = hold_out(x, y, validation, seed)
    return _Data(Batches(x, y, batch_size, seed), held_out, batch_size)


def training_arrays(dataset: Any) -> tuple[Any, Any]:
    """Return inputs and labels to train on, from a `coursekit.data.Dataset` or a pair.

    Raises:
        CourseError: if it is neither, or the lengths differ.
    """
    pair = (dataset.x_train, dataset.y_train) if isinstance(dataset, Dataset) else dataset
    if not isinstance(pair, tuple) or len(pair) != 2:
        raise CourseError(
            f"cannot train on {type(dataset).__name__}.", fix="pass a Dataset or a pair of arrays (x, y)."
        )
    x, y = np.asarray(pair[0]), np.asarray(pair[1])
    if len(x) != len(y) or not len(x):
        raise CourseError(
            f"there are {len(x)} inputs and {len(y)} labels.", fix="pass one label for each input, and at least one."
        )
    return x, y


def hold_out(x: Any, y: Any, share: float, seed: int) -> tuple[Any, Any, tuple[Any, Any]]:
    """Return what is left of inputs and labels, and a share of them, the same in every class.

    Raises:
        CourseError: if nothing would be left, or held out.
    """
    count = round(share * len(x))
    if not 0 < count < len(x):
        raise CourseError(f"validation={share} of {len(x)} examples is {count}.", fix="pass a share such as 0.1.")
    chosen = stratified(y, count, seed) if y.ndim == 1 else np.random.default_rng(seed).permutation(len(x))[:count]
    kept = np.setdiff1d(np.arange(len(x)), chosen)
    return x[kept], y[kept], (x[chosen], y[chosen])


def _build(model: Any, data: _Data) -> None:
    if not model.built:
        x, *_ = data.batches[0] if hasattr(data.batches, "__getitem__") else next(iter(data.batches))
        model.build((None, *x.shape[1:]))


def _rates(schedule: Any, learning_rate: Any, epochs: int, data: _Data) -> Any:
    """Return what a Keras optimizer takes as its learning rate."""
    if schedule is None:
        return learning_rate
    if data.steps is None:
        raise CourseError("a schedule needs to know the number of batches.", fix="pass arrays, or data with a length.")
    from coursekit.training.schedules import Table, rates

    return Table(rates(schedule, learning_rate or LEARNING_RATE, epochs * data.steps))


def _augmented(model: Any, augment: Any) -> Any:
    """Return a model that changes images first, in training only, and shares weights and optimizer with ``model``."""
    keras = backend.keras()
    inputs = keras.Input(model.inputs[0].shape[1:])
    layers = augment if hasattr(augment, "call") else augmentation(augment)
    whole = keras.Model(inputs, model(layers(inputs)))
    compile_model(whole, model.optimizer, model.loss)
    return whole


def _run(model: Any, data: _Data, epochs: int, patience: int | None, progress: bool, callbacks: Any) -> History:
    from coursekit.training.watching import Watcher

    keras, history = backend.keras(), History()
    several = len(heads(model)) > 1
    shown = progress and data.steps is not None and not os.environ.get("NBGRADER_EXECUTION")
    with Progress(epochs * (data.steps or 1), shown=shown) as line:
        watcher = Watcher(history, line, epochs, f"{model.output_names[0]}_accuracy" if several else "accuracy")
        watching = [watcher, *callbacks]
        best = None
        if patience is not None:
            best = keras.callbacks.EarlyStopping(patience=patience, restore_best_weights=True)
            watching.append(best)
        try:
            model.fit(
                data.batches,
                epochs=epochs,
                validation_data=data.validation,
                validation_batch_size=max(256, data.batch_size),
                callbacks=watching,
                shuffle=False,  # `Batches` has shuffled, by its own seed; Keras would by Python's
                verbose=0,
            )
        except KeyboardInterrupt:
            watcher.interrupted()
            if best:
                best.on_train_end()  # which an interrupt skips
        if best and best.best_weights is not None:
            history.best_epoch = best.best_epoch + 1
            if history.epochs < epochs and not history.stopped:
                history.stopped = f"validation loss not lower for {patience} epoch{'s' * (patience != 1)}"
        line.say(repr(history))
    return history
