"""``pipeline(name, batch)``: a data set as a stream of batches, shuffled, scaled and augmented on the way."""

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from coursekit.data import catalogue, loading, storage
from coursekit.quiet import quiet_import

Augmentation = Callable[..., Any]
SPLITS = ("train", "test")


def pipeline(name: str, batch: int, augment: Augmentation | None = None, seed: int = 0, split: str = "train") -> Any:
    """Return a data set as a ``tf.data.Dataset`` of batches (x, y), which ``model.fit`` takes on every back end.

    Training batches come in a new random order each epoch and are all full: a smaller last one would make Keras
    compile its step again. What is left over takes part in other epochs. Test batches come in order, and whole.
    Images are float32 in 0 … 1; stored as bytes, they take a quarter of what `load` takes.

        moves = keras.Sequential([keras.layers.RandomFlip("horizontal"), keras.layers.RandomTranslation(0.1, 0.1)])
        model.fit(ck.data.pipeline("cifar10", 128, augment=moves), epochs=10, shuffle=False)

    (``shuffle=False`` spares Keras's warning that it leaves the order of a stream alone.)

    Args:
        name: one of `names()`; tier 0 is prepared on first use, tier 1 must be prepared.
        batch: examples in a batch.
        augment: a Keras layer or model, called with ``training=True``; or any function of a batch of inputs that
            TensorFlow can trace.
        seed: of the order. Layers have seeds of their own: with new layers the stream is the same again.
        split: ``"train"`` or ``"test"``.

    Raises:
        CourseError: as `load` does.
        ValueError: if there is no such split, or less than one full batch.
    """
    if split not in SPLITS:
        raise ValueError(f"split: got {split!r}.\n  fix: pass 'train' or 'test'.")
    if augment is not None and not callable(augment):
        raise ValueError(f"augment: got a {type(augment).__name__}.\n  fix: pass a Keras layer or a function.")
    source = catalogue.find(name)
    columns = storage.read(loading.open_prepared(name), split, (source.x, source.y))
    x, y = columns[source.x], columns[source.y]
    if not 1 <= batch <= len(x):
        raise ValueError(f"batch: got {batch}, of {len(x)} examples.\n  fix: pass 1 to {len(x)}.")
    indices = _indices(len(x), batch, seed if split == "train" else None)
    batches = indices.map(_taker(x, y))
    if augment is not None:
        change = _with_training(augment)
        batches = batches.map(lambda inputs, labels: (change(inputs), labels))
    return batches.prefetch(2)


def _indices(n: int, batch: int, seed: int | None) -> Any:
    """Return a tf.data.Dataset of batches of indices: shuffled and full if there is a seed."""
    tf = quiet_import("tensorflow")
    indices = tf.data.Dataset.range(n)
    if seed is not None:
        indices = indices.shuffle(n, seed=seed, reshuffle_each_iteration=True)
    return indices.batch(batch, drop_remainder=seed is not None)


def _taker(x: Any, y: Any) -> Callable[[Any], tuple[Any, Any]]:
    """Return the function that takes the examples of a batch of indices, images scaled to 0 … 1."""
    tf = quiet_import("tensorflow")
    with tf.device("CPU"):  # where tf.data works
        inputs = tf.constant(x.tolist() if x.dtype == object else x)
        labels = tf.constant(y)

    def take(indices: Any) -> tuple[Any, Any]:
        taken = tf.gather(inputs, indices)
        scaled = tf.cast(taken, tf.float32) / 255 if x.dtype == np.uint8 else taken
        return scaled, tf.gather(labels, indices)

    return take


def _with_training(augment: Augmentation) -> Augmentation:
    """Return a function of one argument that switches on what a Keras layer does in training only.

    Only TensorFlow's layers can be traced by tf.data. Those of other back ends are called with arrays.
    """
    keras, tf = quiet_import("keras"), quiet_import("tensorflow")
    if not isinstance(augment, keras.layers.Layer):
        return augment
    options = {"training": True} if "training" in inspect.signature(augment.call).parameters else {}
    if keras.backend.backend() == "tensorflow":
        return lambda inputs: augment(inputs, **options)

    def changed(inputs: Any) -> Any:
        return keras.ops.convert_to_numpy(augment(inputs, **options))

    return lambda inputs: tf.ensure_shape(tf.numpy_function(changed, [inputs], inputs.dtype), inputs.shape)
