"""The ledger: what each layer of a network puts out, stores, computes and sees."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from math import prod
from typing import Any

import keras

from coursekit.errors import CourseError

Shape = tuple[int | None, ...]


@dataclass(frozen=True)
class LayerRow:
    """One layer of a `ledger`.

    Attributes:
        name: of the layer; inside a nested model, after the model's name and a slash.
        output_shape: for one example, without the batch.
        params: weights, trained or not; 0 where a layer is used again.
        macs: multiply-adds of convolutions and dense layers for one example; biases, pooling, normalisations and
            activations are left out, as is usual.
        receptive_field: how many input pixels (samples, words) across an output depends on; one number, or one an axis
            where they differ. Padding is not cut off, so it may exceed the image. None: the whole input, as after
            flattening, dense layers and global pooling, or a layer whose windows the ledger does not know.
    """

    name: str
    output_shape: Shape
    params: int
    macs: int
    receptive_field: int | tuple[int, ...] | None


@dataclass(frozen=True)
class _Field:
    """What one position of a tensor sees: `size` input pixels an axis, `jump` pixels from its neighbour's."""

    size: tuple[int, ...]
    jump: tuple[int, ...]


def ledger(model: Any) -> list[LayerRow]:
    """Return a row for each layer of a built Functional or Sequential Keras model, in reading order.

    The receptive field follows the longest path where branches meet. Arrays have their channels last.

    Raises:
        CourseError: if the model has no fixed graph or input size, or puts channels first.
    """
    fields: list[_Field | None] = [
        _Field((1,) * _axes(tensor.shape), (1,) * _axes(tensor.shape)) for tensor in _graph(model).inputs
    ]
    return _rows(model, fields, prefix="", seen=set())[0]


def total(rows: Sequence[LayerRow]) -> LayerRow:
    """Return the last line of a ledger: all parameters and multiply-adds, and the last layer's shape."""
    return LayerRow("total", rows[-1].output_shape, sum(r.params for r in rows), sum(r.macs for r in rows), None)


def grouped(rows: Sequence[LayerRow], key: Callable[[str], str]) -> list[LayerRow]:
    """Return a shorter ledger: neighbouring rows whose names have one key become one row, with the last one's output.

    ``grouped(ledger(googlenet), lambda name: name[:12])`` has a row for each Inception module.
    """
    groups = [(name, list(members)) for name, members in groupby(rows, lambda row: key(row.name))]
    return [replace(total(members), name=name, receptive_field=members[-1].receptive_field) for name, members in groups]


def _rows(model: Any, inputs: list[_Field | None], prefix: str, seen: set[int]) -> tuple[list[LayerRow], Any]:
    """Return the rows of a model whose inputs have the given fields, and the fields of its outputs."""
    known: dict[int, _Field | None] = {id(tensor): field for tensor, field in zip(model.inputs, inputs, strict=True)}
    rows: list[LayerRow] = []
    for node in _calls(model):
        layer, sources, outputs = node.operation, node.input_tensors, node.outputs
        fields = [known[id(tensor)] for tensor in sources]
        if isinstance(layer, keras.Model):
            inner, seen_there = _rows(layer, fields, f"{prefix}{layer.name}/", seen)
            rows += inner
        else:
            row = _row(layer, sources, outputs, fields, prefix, again=id(layer) in seen)
            seen_there = [row[1]] * len(outputs)
            rows.append(row[0])
        seen.add(id(layer))
        known.update({id(tensor): field for tensor, field in zip(outputs, seen_there, strict=True)})
    return rows, [known[id(tensor)] for tensor in model.outputs]


def _row(
    layer: Any, sources: list[Any], outputs: list[Any], fields: list[_Field | None], prefix: str, again: bool
) -> tuple[LayerRow, _Field | None]:
    if getattr(layer, "data_format", None) == "channels_first":
        raise CourseError(f"{layer.name} puts channels first.", fix='build it with data_format="channels_last".')
    shape = tuple(outputs[0].shape)[1:]
    field = _field(layer, [tuple(tensor.shape)[1:] for tensor in sources], shape, fields)
    params = 0 if again or not isinstance(layer, keras.layers.Layer) else layer.count_params()
    macs = _multiply_adds(layer, tuple(sources[0].shape)[1:], shape)
    size = None if field is None else field.size[0] if len(set(field.size)) == 1 else field.size
    return LayerRow(prefix + layer.name, shape, params, macs, size), field


def _calls(model: Any) -> Iterator[Any]:
    """Yield the calls of layers that lead to the model's outputs, a branch at a time, inputs left out.

    Keras has no public way to walk a model's graph; its own ``plot_model`` reads the same attributes.
    """
    done: set[int] = set()
    stack = [_maker(tensor) for tensor in reversed(_graph(model).outputs)]
    while stack:
        node = stack[-1]
        waiting = [parent for parent in map(_maker, node.input_tensors) if id(parent) not in done]
        if id(node) in done or not waiting:
            stack.pop()
            if id(node) not in done and not node.is_input:
                yield node
            done.add(id(node))
        else:
            stack.extend(reversed(waiting))


def _graph(model: Any) -> Any:
    graph = getattr(model, "_functional", None) or model  # a Sequential model keeps its graph inside
    if not hasattr(graph, "_nodes"):
        raise CourseError(
            f"{model.name} has no fixed graph of layers.",
            fix="write it in the functional style, or give a Sequential model a keras.Input first.",
        )
    return graph


def _maker(tensor: Any) -> Any:
    history = tensor._keras_history
    return history.operation._inbound_nodes[history.node_index]


def _multiply_adds(layer: Any, source: Shape, output: Shape) -> int:
    """Return how often each stored weight is used: once for every position of the output, for one example."""
    names = ("depthwise_kernel", "pointwise_kernel") if hasattr(layer, "pointwise_kernel") else ("kernel",)
    weights = sum(int(prod(getattr(layer, name).shape)) for name in names if hasattr(layer, name))
    if not weights:
        return 0
    # A transposed convolution applies its kernel at every position of its input instead.
    positions = (source if "Transpose" in type(layer).__name__ else output)[:-1]
    if None in positions:
        raise CourseError(
            f"how often {layer.name} computes depends on the size of the input, which is open.",
            fix="build the model with a full input_shape for its ledger.",
        )
    return weights * prod(n for n in positions if n is not None)


def _field(layer: Any, sources: list[Shape], output: Shape, fields: list[_Field | None]) -> _Field | None:
    """Return what a position of a layer's output sees, given what the positions of its inputs see."""
    if None in fields:
        return None
    size = tuple(max(sizes) for sizes in zip(*(f.size for f in fields if f), strict=True))
    jump = tuple(max(jumps) for jumps in zip(*(f.jump for f in fields if f), strict=True))
    windows = getattr(layer, "kernel_size", None) or getattr(layer, "pool_size", None)
    kind = type(layer).__name__
    if windows and "Transpose" not in kind:
        dilation = getattr(layer, "dilation_rate", None) or (1,) * len(size)
        extents = [(w - 1) * d for w, d in zip(_each(windows, size), _each(dilation, size), strict=True)]
        size = tuple(s + e * j for s, e, j in zip(size, extents, jump, strict=True))
        return _Field(size, tuple(j * s for j, s in zip(jump, _each(layer.strides, size), strict=True)))
    if kind == "Embedding" or kind.startswith(("ZeroPadding", "Cropping")):
        return _Field(size, jump)
    whole = isinstance(layer, keras.layers.RNN | keras.layers.Attention | keras.layers.MultiHeadAttention)
    dense = hasattr(layer, "kernel") and len(output) == 1
    moved = any(len(source) != len(output) or source[:-1] != output[:-1] for source in sources)
    return None if whole or dense or moved else _Field(size, jump)


def _each(value: Any, axes: tuple[int, ...]) -> tuple[int, ...]:
    return (value,) * len(axes) if isinstance(value, int) else tuple(value)


def _axes(shape: Shape) -> int:
    """Return how many axes of a batch are space or time: (batch, rows, columns, channels) has two."""
    return max(1, len(shape) - 2)
