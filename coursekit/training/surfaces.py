"""The loss around a network's weights, on a line or a plane of random directions.

H. Li et al., "Visualizing the loss landscape of neural nets", NeurIPS 2018. A random direction is *filter-normalised*:
each filter of it gets the norm of the network's filter. Otherwise a network with large weights would look flat, and its
twin with small weights, which computes the same, sharp.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from coursekit import backend
from coursekit.errors import CourseError
from coursekit.figures import surfaces
from coursekit.training.gradients import total
from coursekit.training.losses import cross_entropy
from coursekit.training.structure import leaves

Array = NDArray[Any]


@dataclass(frozen=True, eq=False, repr=False)
class LossSurface:
    """A network's loss on a line or a plane through its weights.

    Attributes:
        offsets: (steps,) how far along a direction; 1 replaces a filter by its sum with a random one as large as it.
        loss: (steps,) along one direction; (steps, steps) on a plane, row i at ``offsets[i]`` along the second.
        accuracy: of the same shape.
    """

    offsets: Array
    loss: Array
    accuracy: Array

    @property
    def centre(self) -> float:
        """The loss of the network as it is."""
        return float(self.loss[(len(self.offsets) // 2,) * self.loss.ndim])

    def figure(self, title: str = "") -> Figure:
        """Draw the loss: contours of a plane, or a curve."""
        if self.loss.ndim == 1:
            return surfaces.slices(self.offsets, {title or "loss": self.loss})
        return surfaces.contours(self.offsets, {title or "loss": self.loss})

    def __repr__(self) -> str:
        reach, shape = self.offsets[-1], "×".join(map(str, self.loss.shape))
        return f"loss {self.centre:.4g} at the centre, up to {self.loss.max():.4g} within ±{reach:g}, {shape} points"


def loss_surface(
    model: Any,
    x: ArrayLike,
    y: ArrayLike,
    *,
    steps: int = 21,
    span: float = 1.0,
    directions: int = 2,
    seed: int = 0,
    loss: Any = None,
    batch_size: int = 256,
    new_statistics: bool = False,
) -> LossSurface:
    """Return the loss and accuracy of a network on a line or a plane through its weights.

    Every filter (all of a kernel that leads to one output) is moved along a random direction of the filter's own norm.
    Biases and batch normalisation's weights stay: a direction in them has no such scale. The model itself is not
    written to; other weights are tried in its place, in one compiled function.

    Batch normalisation uses the moving statistics of the trained network at every point, as Li et al. do: the surface
    is that of the network as it predicts. With ``new_statistics`` they are measured anew at every point, on x: the
    surface that training sees, at about three times the cost.

    Args:
        model: a built classifier.
        x: examples, (n, …). A few hundred are enough for a picture.
        y: labels, (n,).
        steps: points along each direction, odd, so that the network itself is one of them.
        span: how far to go each way; 1 is as far as the weights are from 0.
        directions: 1 or 2.
        seed: of the directions.
        loss: a Keras loss; cross-entropy if not given.
        batch_size: examples at once.
        new_statistics: see above.

    Raises:
        CourseError: if ``steps`` or ``directions`` cannot be, or no layer has a kernel to move.
    """
    if steps < 3 or steps % 2 == 0 or directions not in (1, 2):
        raise CourseError(
            f"steps={steps}, directions={directions} make no surface.",
            fix="use odd steps from 3 on, and 1 or 2 directions.",
        )
    weights = [backend.keras().ops.convert_to_numpy(each.value) for each in model.trainable_variables]
    if not any(each.ndim > 1 for each in weights):
        raise CourseError(f"{model.name} has no trainable kernel.", fix="unfreeze the layers to look at.")
    rng = np.random.default_rng(seed)
    moves = [filter_normalised(weights, rng) for _ in range(directions)]
    offsets = np.linspace(-span, span, steps)
    batches = _batches(np.asarray(x), np.asarray(y), batch_size)
    with _measuring(model, total(loss or cross_entropy(model)), moves, batches, new_statistics) as measure:
        points = [(a, 0.0) for a in offsets] if directions == 1 else [(a, b) for b in offsets for a in offsets]
        measured = np.array([measure(*point) for point in points])
    shape = (steps,) * directions
    return LossSurface(offsets, measured[:, 0].reshape(shape), measured[:, 1].reshape(shape))


def filter_normalised(weights: Sequence[Array], rng: np.random.Generator) -> list[Array]:
    """Return a random direction in which every filter has the norm of that filter in ``weights``.

    Args:
        weights: kernels, whose last axis counts filters as in Keras, and vectors, which get zeros.
        rng: draws the directions.
    """
    return [_normalised(each, rng) if each.ndim > 1 else np.zeros_like(each) for each in weights]


def _normalised(kernel: Array, rng: np.random.Generator) -> Array:
    drawn = rng.standard_normal(kernel.shape)
    axes = tuple(range(kernel.ndim - 1))
    scale = np.linalg.norm(kernel.reshape(-1, kernel.shape[-1]), axis=0) / np.linalg.norm(
        drawn.reshape(-1, kernel.shape[-1]), axis=0
    )
    return np.asarray(drawn * np.expand_dims(scale, axes), dtype=kernel.dtype)


def _batches(x: Array, y: Array, size: int) -> list[tuple[Any, Any, int]]:
    ops = backend.keras().ops
    cuts = [(x[i : i + size], y[i : i + size]) for i in range(0, len(x), size)]
    return [(ops.convert_to_tensor(a), ops.convert_to_tensor(b), len(a)) for a, b in cuts]


@contextmanager
def _measuring(model: Any, loss: Any, moves: list[list[Array]], batches: Any, new_statistics: bool) -> Iterator[Any]:
    """Give a function ``measure(a, b) -> (loss, accuracy)`` of the network at ``weights + a·first + b·second``."""
    ops = backend.keras().ops
    trained, other = backend.state(model)
    first, second = ([ops.convert_to_tensor(each) for each in move] for move in (moves[0], moves[-1]))

    def moved(a: Any, b: Any, start: Any, u: Any, v: Any) -> list[Any]:
        return [w + ops.cast(a, w.dtype) * p + ops.cast(b, w.dtype) * q for w, p, q in zip(start, u, v, strict=True)]

    @backend.compiled
    def measured(a: Any, b: Any, start: Any, u: Any, v: Any, rest: Any, inputs: Any, labels: Any) -> Any:
        outputs, _ = model.stateless_call(moved(a, b, start, u, v), rest, inputs, training=False)
        scores = outputs[0] if isinstance(outputs, list | tuple) else outputs
        right = ops.cast(ops.equal(ops.argmax(scores, axis=-1), ops.cast(labels, "int64")), "float32")
        return ops.stack([ops.cast(loss(labels, outputs), "float32"), ops.mean(right)])

    @backend.compiled
    def statistics(a: Any, b: Any, start: Any, u: Any, v: Any, rest: Any, inputs: Any) -> Any:
        return model.stateless_call(moved(a, b, start, u, v), rest, inputs, training=True)[1]

    def measure(a: float, b: float) -> Array:
        at = (ops.convert_to_tensor(a, "float32"), ops.convert_to_tensor(b, "float32"), trained, first, second)
        shares = np.array([n for *_, n in batches]) / sum(n for *_, n in batches)
        rest = other
        if new_statistics:
            seen = [statistics(*at, other, inputs) for inputs, _, _ in batches]
            rest = [_mean(values, shares) for values in zip(*seen, strict=True)]
        values = [ops.convert_to_numpy(measured(*at, rest, inputs, labels)) for inputs, labels, _ in batches]
        return np.asarray(shares @ np.array(values))

    with _forgetful(model) if new_statistics else _as_it_is():
        yield measure


def _mean(values: Any, shares: Array) -> Any:
    """Return the mean of a state over batches; seeds, which are integers, stay those of the first."""
    if not backend.keras().backend.is_float_dtype(backend.keras().backend.standardize_dtype(values[0].dtype)):
        return values[0]
    return sum(float(share) * value for share, value in zip(shares, values, strict=True))


@contextmanager
def _forgetful(model: Any) -> Iterator[None]:
    """Make batch normalisation's moving statistics those of the last batch alone."""
    found = [each for each in leaves(model) if hasattr(each, "moving_mean") and hasattr(each, "momentum")]
    kept = [each.momentum for each in found]
    for each in found:
        each.momentum = 0.0
    try:
        yield
    finally:
        for each, momentum in zip(found, kept, strict=True):
            each.momentum = momentum


@contextmanager
def _as_it_is() -> Iterator[None]:
    yield
