"""a5: what goes wrong in computing a receptive field."""

from typing import Any

from coursekit.exercises.a5_architectures.fields import Layers, receptive_fields

__all__ = ["receptive_fields"]


@receptive_fields.misconception(
    "each layer adds its whole kernel; neighbouring windows overlap, so a kernel of k reaches only k − 1 further."
)
def adds_the_whole_kernel(layers: Layers) -> Any:
    field, jump, fields, jumps = 1, 1, [], []
    for kernel, stride, dilation in layers:
        field += kernel * dilation * jump
        jump *= stride
        fields.append(field)
        jumps.append(jump)
    return fields, jumps


@receptive_fields.misconception("the count begins at 0; before the first layer, an output is one pixel.")
def begins_at_zero(layers: Layers) -> Any:
    field, jump, fields, jumps = 0, 1, [], []
    for kernel, stride, dilation in layers:
        field += (kernel - 1) * dilation * jump
        jump *= stride
        fields.append(field)
        jumps.append(jump)
    return fields, jumps


@receptive_fields.misconception(
    "strides leave the fields as they are, in your count: behind a stride of 2, one step is two pixels of the image."
)
def ignores_strides(layers: Layers) -> Any:
    field, jump, fields, jumps = 1, 1, [], []
    for kernel, stride, dilation in layers:
        field += (kernel - 1) * dilation
        jump *= stride
        fields.append(field)
        jumps.append(jump)
    return fields, jumps


@receptive_fields.misconception(
    "a layer's own stride already stretches its kernel: use the jump of its *inputs*, then multiply by its stride."
)
def applies_the_stride_too_early(layers: Layers) -> Any:
    field, jump, fields, jumps = 1, 1, [], []
    for kernel, stride, dilation in layers:
        jump *= stride
        field += (kernel - 1) * dilation * jump
        fields.append(field)
        jumps.append(jump)
    return fields, jumps


@receptive_fields.misconception(
    "only the stride of the layer just before is used: the jump is the product of *all* strides before."
)
def looks_one_stride_back(layers: Layers) -> Any:
    field, jump, fields, jumps = 1, 1, [], []
    for kernel, stride, dilation in layers:
        field += (kernel - 1) * dilation * jump
        jump = stride
        fields.append(field)
        jumps.append(jump)
    return fields, jumps


@receptive_fields.misconception(
    "strides were added up; two strides of 2 make steps of 4, and 2 then 3 make 6: multiply."
)
def adds_strides(layers: Layers) -> Any:
    field, jump, fields, jumps = 1, 0, [], []
    for kernel, stride, dilation in layers:
        field += (kernel - 1) * dilation * max(jump, 1)
        jump += stride
        fields.append(field)
        jumps.append(jump)
    return fields, jumps


@receptive_fields.misconception(
    "kernels were multiplied: 3 × 3 twice sees 5 pixels, not 9, because the windows of neighbours overlap."
)
def multiplies_kernels(layers: Layers) -> Any:
    field, jump, fields, jumps = 1, 1, [], []
    for kernel, stride, dilation in layers:
        field *= (kernel - 1) * dilation + 1
        jump *= stride
        fields.append(field)
        jumps.append(jump)
    return fields, jumps


@receptive_fields.misconception("dilation is ignored: a kernel of k dilated by d reaches (k − 1) · d pixels further.")
def ignores_dilation(layers: Layers) -> Any:
    field, jump, fields, jumps = 1, 1, [], []
    for kernel, stride, _ in layers:
        field += (kernel - 1) * jump
        jump *= stride
        fields.append(field)
        jumps.append(jump)
    return fields, jumps


@receptive_fields.misconception(
    "a dilated kernel is taken for d · k wide; there are gaps between its weights, and none after the last."
)
def dilates_the_whole_kernel(layers: Layers) -> Any:
    field, jump, fields, jumps = 1, 1, [], []
    for kernel, stride, dilation in layers:
        field += (kernel * dilation - 1) * jump
        jump *= stride
        fields.append(field)
        jumps.append(jump)
    return fields, jumps


@receptive_fields.misconception(
    "dilation went into the jump, as if it were a stride; it stretches this layer's kernel and no later one."
)
def takes_dilation_for_a_stride(layers: Layers) -> Any:
    field, jump, fields, jumps = 1, 1, [], []
    for kernel, stride, dilation in layers:
        field += (kernel - 1) * dilation * jump
        jump *= stride * dilation
        fields.append(field)
        jumps.append(jump)
    return fields, jumps


@receptive_fields.misconception(
    "the layers were walked from the last to the first: the first entry should belong to the layer next to the image."
)
def walks_backward(layers: Layers) -> Any:
    field, jump, fields, jumps = 1, 1, [], []
    for kernel, stride, dilation in reversed(layers):
        field += (kernel - 1) * dilation * jump
        jump *= stride
        fields.append(field)
        jumps.append(jump)
    return fields, jumps


@receptive_fields.misconception(
    "the entries describe the *inputs* of each layer: they should say what its outputs see, and how far those lie "
    "apart."
)
def is_one_layer_behind(layers: Layers) -> Any:
    field, jump, fields, jumps = 1, 1, [], []
    for kernel, stride, dilation in layers:
        fields.append(field)
        jumps.append(jump)
        field += (kernel - 1) * dilation * jump
        jump *= stride
    return fields, jumps


@receptive_fields.misconception("only the last layer is described: return two lists, with an entry for every layer.")
def describes_the_last_layer_only(layers: Layers) -> Any:
    field, jump = 1, 1
    for kernel, stride, dilation in layers:
        field += (kernel - 1) * dilation * jump
        jump *= stride
    return field, jump


@receptive_fields.misconception("that is how far the field reaches to one side; count both sides and the middle.")
def counts_one_side(layers: Layers) -> Any:
    field, jump, fields, jumps = 1, 1, [], []
    for kernel, stride, dilation in layers:
        field += (kernel - 1) // 2 * dilation * jump
        jump *= stride
        fields.append(field)
        jumps.append(jump)
    return fields, jumps
