"""Neocognitron: S layers that learn features without labels, C layers that forgive small shifts.

K. Fukushima, "Neocognitron: a self-organizing neural network model for a mechanism of pattern recognition unaffected
by shift in position", Biological Cybernetics 36, 1980. Three pairs of layers on images of 16×16:

    S1  16×16×24  →  C1  8×8×24  →  S2  8×8×48  →  C2  4×4×48  →  S3  4×4×100  →  C3  100

An S cell compares the patch before it with what its plane has learned. From excitation e = Σ a·u and inhibition b·v,
where v is the patch's length, it puts out r·max(0, (1 + e) / (1 + 2r/(1 + r)·b·v) − 1): after some learning, close to
max(0, (r + 1)·cosine − r), so it fires where the cosine exceeds r/(r + 1), however faint the pattern is. A C cell blurs
the S cells of one plane around it. `learn` needs no labels: the strongest cell of a region learns what it sees, and
since the cells of a plane share their weights, so does the plane.

What differs from the paper: its layers have 16, 10, 8, 6, 2 and 1 cells a side and 24 planes each, enough for the five
patterns it learned; its S1 looks at 5×5 pixels (3×3 in Fukushima's later networks), r is 4, 1.5 and 1.5, and what a
winner learns is 1, 16 and 16 times what it sees. Its first weights are weak, too, but not random. Here cells compete in
blocks that do not overlap, layers learn one after the other, and C3 takes a plane's strongest cell.

Measured with 600 of the real digits, enlarged to 12×12 in the middle, and three seeds: with each category named after
the digit it answers to most often, 64 % of the test digits are named right, and 62 % when shifted by two pixels. The
nearest neighbour by the cosine of pixels falls from 97 % to 39 %.
"""

from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

Array = NDArray[np.float32]
Shape = tuple[int | None, ...]


def neocognitron(
    input_shape: tuple[int, int, int] = (16, 16, 1),
    classes: int = 100,
    *,
    planes: tuple[int, int] = (24, 48),
    selectivity: tuple[float, float, float] = (8.0, 4.0, 2.0),
) -> Any:
    """Return a neocognitron that has learned nothing yet; see `learn`.

    Args:
        input_shape: ink is bright, paper is 0.
        classes: planes of S3, which are the categories it may form by itself. The output has one number for each.
        planes: of S1 and S2.
        selectivity: r of S1, S2 and S3: the larger, the more alike a pattern must be.
    """
    s1, s2, s3 = selectivity
    x = inputs = keras.Input(input_shape, name="u0")
    x = SimpleCells(planes[0], 3, s1, name="s1")(x)
    x = ComplexCells(name="c1")(x)
    x = SimpleCells(planes[1], 5, s2, name="s2")(x)
    x = ComplexCells(name="c2")(x)
    x = SimpleCells(classes, 5, s3, name="s3")(x)
    x = keras.layers.GlobalMaxPooling2D(name="c3")(x)
    return keras.Model(inputs, x, name="neocognitron")


def learn(model: Any, images: Any, *, rate: float = 16.0, region: int = 5) -> dict[str, NDArray[np.int64]]:
    """Let the S layers of a `neocognitron` learn, one image after the other and one layer after the other.

    Args:
        model: changed in place.
        images: (n, rows, columns, channels). No labels.
        rate: how much of what it sees a winner adds to its weights.
        region: cells compete in blocks of this many a side.

    Returns:
        For each S layer, how often each of its planes learned; 0 for planes that are still free.
    """
    counts = {}
    signals: Any = np.asarray(images, "float32")
    for layer in model.layers[1:]:
        if isinstance(layer, SimpleCells):
            counts[layer.name] = _self_organise(layer, ops.convert_to_numpy(signals), rate, region)
        signals = layer(signals)
    return counts


def _self_organise(layer: "SimpleCells", signals: Array, rate: float, region: int) -> NDArray[np.int64]:
    before, after = (layer.kernel_size - 1) // 2, layer.kernel_size // 2
    padded = np.pad(signals, ((0, 0), (before, after), (before, after), (0, 0)))
    seen = np.lib.stride_tricks.sliding_window_view(padded, (layer.kernel_size,) * 2, (1, 2)).transpose(
        0, 1, 2, 4, 5, 3
    )  # (images, rows, columns, *patch)
    a, b, c = (ops.convert_to_numpy(w).copy() for w in (layer.kernel, layer.inhibitory, layer.nearness))
    learned = np.zeros(layer.planes, np.int64)
    for patches in seen:
        lengths = np.sqrt(np.tensordot(patches**2, c, 3))
        responses = compare(np.tensordot(patches, a, 3), lengths[..., None] * b, layer.selectivity)
        for row, column, plane in representatives(responses, region):
            a[..., plane] += rate * c * patches[row, column]
            b[plane] += rate / 2 * lengths[row, column]
            learned[plane] += 1
    layer.kernel.assign(a)
    layer.inhibitory.assign(b)
    return learned


def representatives(responses: Array, region: int) -> list[tuple[int, int, int]]:
    """Return (row, column, plane) of the cells that learn from an image.

    The strongest cell of each region is a candidate; of several candidates in one plane, the strongest stays.

    Args:
        responses: (rows, columns, planes), none negative; cells at 0 never win.
        region: side of the blocks of cells that compete.
    """
    best: dict[int, tuple[float, int, int]] = {}
    for top in range(0, responses.shape[0], region):
        for left in range(0, responses.shape[1], region):
            block = responses[top : top + region, left : left + region]
            row, column, plane = (int(i) for i in np.unravel_index(block.argmax(), block.shape))
            if block[row, column, plane] > best.get(plane, (0.0,))[0]:
                best[plane] = (float(block[row, column, plane]), top + row, left + column)
    return [(row, column, plane) for plane, (_, row, column) in best.items()]


def compare(excitation: Any, inhibition: Any, selectivity: float) -> Any:
    """Return what S cells put out; works on NumPy arrays and on any back end's tensors."""
    r = selectivity
    surplus = (1 + excitation) / (1 + 2 * r / (1 + r) * inhibition) - 1
    return r * (surplus + abs(surplus)) / 2  # r·max(0, surplus)


@keras.saving.register_keras_serializable("coursekit")
class SimpleCells(keras.layers.Layer):  # type: ignore[misc]
    """An S layer: `planes` of cells that compare each patch with what the plane has learned."""

    def __init__(self, planes: int, kernel_size: int, selectivity: float, **kwargs: Any) -> None:
        # Back-propagation never touches these weights: `learn` sets them.
        super().__init__(**({"trainable": False} | kwargs))
        self.planes, self.kernel_size, self.strides, self.selectivity = planes, kernel_size, 1, selectivity

    def build(self, input_shape: Shape) -> None:
        """Make weak random excitatory weights (`kernel`, a in the paper), and no inhibition (b)."""
        channels = int(input_shape[-1] or 0)
        shape = (self.kernel_size, self.kernel_size, channels)
        self.nearness = np.repeat(bump(self.kernel_size, self.kernel_size / 3)[..., None], channels, axis=2) / channels
        self.kernel = self.add_weight(
            (*shape, self.planes), keras.initializers.RandomUniform(0, 1e-3 / np.prod(shape)), name="kernel"
        )
        self.inhibitory = self.add_weight((self.planes,), "zeros", name="inhibitory")

    def call(self, inputs: Any) -> Any:
        """Return (batch, rows, columns, planes)."""
        excitation = ops.conv(inputs, self.kernel, padding="same")
        power = ops.conv(ops.square(inputs), ops.cast(self.nearness[..., None], inputs.dtype), padding="same")
        length = ops.sqrt(power + 1e-12)  # on blank paper a root of 0 would have no derivative
        return compare(excitation, length * self.inhibitory, self.selectivity)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return the input's shape with `planes` channels."""
        return *input_shape[:-1], self.planes

    def get_config(self) -> dict[str, Any]:
        """Return what makes this layer again."""
        own = {"planes": self.planes, "kernel_size": self.kernel_size, "selectivity": self.selectivity}
        return {**super().get_config(), **own}


@keras.saving.register_keras_serializable("coursekit")
class ComplexCells(keras.layers.Layer):  # type: ignore[misc]
    """A C layer: blurs each plane over 5×5 cells, at every second; planes hold each other down, and none exceeds 1."""

    kernel_size, strides = 5, 2

    def call(self, inputs: Any) -> Any:
        """Shrink (batch, rows, columns, planes) to half its rows and columns."""
        blur = np.tile(bump(self.kernel_size, 1.5)[..., None, None], (1, 1, inputs.shape[-1], 1))
        blurred = ops.depthwise_conv(inputs, ops.cast(blur, inputs.dtype), self.strides, "same")
        around = ops.mean(blurred, axis=-1, keepdims=True)
        held = ops.relu((1 + blurred) / (1 + around) - 1)
        return held / (0.5 + held)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return half as many rows and columns, rounded up."""
        batch, rows, columns, planes = input_shape
        return batch, rows and -(-rows // 2), columns and -(-columns // 2), planes


def bump(size: int, deviation: float) -> Array:
    """Return a Gaussian of (size, size) pixels whose sum is 1."""
    distance = np.arange(size) - (size - 1) / 2
    line = np.exp(-(distance**2) / (2 * deviation**2))
    normalised: Array = (np.outer(line, line) / line.sum() ** 2).astype(np.float32)
    return normalised
