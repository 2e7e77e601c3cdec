"""a5: what goes wrong in a ledger."""

from typing import Any

from coursekit.exercises.a5_architectures.ledger import Pair, Shape, conv_ledger

__all__ = ["conv_ledger"]


@conv_ledger.misconception(
    "the number of windows was rounded up; a window that hangs over the edge does not count. Round down (`//`)."
)
def rounds_up(
    shape: Shape, filters: int, kernel: Pair, stride: Pair = (1, 1), pad: Pair = (0, 0), groups: int = 1
) -> Any:
    rows = -((kernel[0] - shape[0] - 2 * pad[0]) // stride[0]) + 1
    columns = -((kernel[1] - shape[1] - 2 * pad[1]) // stride[1]) + 1
    window = kernel[0] * kernel[1] * shape[2] // groups
    return (rows, columns, filters), (window + 1) * filters, rows * columns * filters * window


@conv_ledger.misconception(
    "`/` gives broken numbers of windows; what fills no whole window is dropped. Divide with `//`, which rounds down."
)
def divides_without_rounding(
    shape: Shape, filters: int, kernel: Pair, stride: Pair = (1, 1), pad: Pair = (0, 0), groups: int = 1
) -> Any:
    rows = (shape[0] + 2 * pad[0] - kernel[0]) / stride[0] + 1
    columns = (shape[1] + 2 * pad[1] - kernel[1]) / stride[1] + 1
    window = kernel[0] * kernel[1] * shape[2] / groups
    return (rows, columns, filters), (window + 1) * filters, rows * columns * filters * window


@conv_ledger.misconception("padding lies on both sides of the image: each side grows by twice `pad`.")
def pads_one_side(
    shape: Shape, filters: int, kernel: Pair, stride: Pair = (1, 1), pad: Pair = (0, 0), groups: int = 1
) -> Any:
    rows = (shape[0] + pad[0] - kernel[0]) // stride[0] + 1
    columns = (shape[1] + pad[1] - kernel[1]) // stride[1] + 1
    window = kernel[0] * kernel[1] * shape[2] // groups
    return (rows, columns, filters), (window + 1) * filters, rows * columns * filters * window


@conv_ledger.misconception("the first window is missing: strides are steps between windows, so add 1 for it.")
def forgets_the_first_window(
    shape: Shape, filters: int, kernel: Pair, stride: Pair = (1, 1), pad: Pair = (0, 0), groups: int = 1
) -> Any:
    rows = (shape[0] + 2 * pad[0] - kernel[0]) // stride[0]
    columns = (shape[1] + 2 * pad[1] - kernel[1]) // stride[1]
    window = kernel[0] * kernel[1] * shape[2] // groups
    return (rows, columns, filters), (window + 1) * filters, rows * columns * filters * window


@conv_ledger.misconception(
    "rows and columns took the same kernel or stride: kernel, stride and pad are pairs, rows first."
)
def takes_the_rows_numbers_for_both(
    shape: Shape, filters: int, kernel: Pair, stride: Pair = (1, 1), pad: Pair = (0, 0), groups: int = 1
) -> Any:
    rows = (shape[0] + 2 * pad[0] - kernel[0]) // stride[0] + 1
    columns = (shape[1] + 2 * pad[0] - kernel[0]) // stride[0] + 1
    window = kernel[0] * kernel[0] * shape[2] // groups
    return (rows, columns, filters), (window + 1) * filters, rows * columns * filters * window


@conv_ledger.misconception(
    "groups are ignored: with g groups a filter sees only 1/g of the channels, which divides its weights by g."
)
def ignores_groups(
    shape: Shape, filters: int, kernel: Pair, stride: Pair = (1, 1), pad: Pair = (0, 0), groups: int = 1
) -> Any:
    rows = (shape[0] + 2 * pad[0] - kernel[0]) // stride[0] + 1
    columns = (shape[1] + 2 * pad[1] - kernel[1]) // stride[1] + 1
    window = kernel[0] * kernel[1] * shape[2]
    return (rows, columns, filters), (window + 1) * filters, rows * columns * filters * window


@conv_ledger.misconception(
    "groups save parameters but, in your count, no work: every product belongs to a weight, so multiply-adds shrink "
    "too."
)
def groups_save_no_work(
    shape: Shape, filters: int, kernel: Pair, stride: Pair = (1, 1), pad: Pair = (0, 0), groups: int = 1
) -> Any:
    rows = (shape[0] + 2 * pad[0] - kernel[0]) // stride[0] + 1
    columns = (shape[1] + 2 * pad[1] - kernel[1]) // stride[1] + 1
    window = kernel[0] * kernel[1] * shape[2]
    return (rows, columns, filters), (window // groups + 1) * filters, rows * columns * filters * window


@conv_ledger.misconception(
    "both the channels and the filters were divided by the groups, so one group is counted instead of all of them."
)
def counts_one_group(
    shape: Shape, filters: int, kernel: Pair, stride: Pair = (1, 1), pad: Pair = (0, 0), groups: int = 1
) -> Any:
    rows = (shape[0] + 2 * pad[0] - kernel[0]) // stride[0] + 1
    columns = (shape[1] + 2 * pad[1] - kernel[1]) // stride[1] + 1
    window, mine = kernel[0] * kernel[1] * shape[2] // groups, filters // groups
    return (rows, columns, filters), window * mine + filters, rows * columns * mine * window


@conv_ledger.misconception(
    "the filters are divided by the groups, the channels are not. It is the other way round: each filter sees fewer "
    "channels (the weights come to the same, the biases do not)."
)
def divides_the_filters(
    shape: Shape, filters: int, kernel: Pair, stride: Pair = (1, 1), pad: Pair = (0, 0), groups: int = 1
) -> Any:
    rows = (shape[0] + 2 * pad[0] - kernel[0]) // stride[0] + 1
    columns = (shape[1] + 2 * pad[1] - kernel[1]) // stride[1] + 1
    window, mine = kernel[0] * kernel[1] * shape[2], filters // groups
    return (rows, columns, mine), (window + 1) * mine, rows * columns * mine * window


@conv_ledger.misconception("the biases are missing from the parameters: one for each filter.")
def forgets_the_biases(
    shape: Shape, filters: int, kernel: Pair, stride: Pair = (1, 1), pad: Pair = (0, 0), groups: int = 1
) -> Any:
    rows = (shape[0] + 2 * pad[0] - kernel[0]) // stride[0] + 1
    columns = (shape[1] + 2 * pad[1] - kernel[1]) // stride[1] + 1
    window = kernel[0] * kernel[1] * shape[2] // groups
    return (rows, columns, filters), window * filters, rows * columns * filters * window


@conv_ledger.misconception(
    "there is a bias for every output here; a layer has one for each filter, shared by all places."
)
def has_a_bias_for_every_output(
    shape: Shape, filters: int, kernel: Pair, stride: Pair = (1, 1), pad: Pair = (0, 0), groups: int = 1
) -> Any:
    rows = (shape[0] + 2 * pad[0] - kernel[0]) // stride[0] + 1
    columns = (shape[1] + 2 * pad[1] - kernel[1]) // stride[1] + 1
    window = kernel[0] * kernel[1] * shape[2] // groups
    return (rows, columns, filters), (window + rows * columns) * filters, rows * columns * filters * window


@conv_ledger.misconception(
    "the kernels have one channel in your count; a filter reaches through all channels of its group."
)
def forgets_the_channels(
    shape: Shape, filters: int, kernel: Pair, stride: Pair = (1, 1), pad: Pair = (0, 0), groups: int = 1
) -> Any:
    rows = (shape[0] + 2 * pad[0] - kernel[0]) // stride[0] + 1
    columns = (shape[1] + 2 * pad[1] - kernel[1]) // stride[1] + 1
    window = kernel[0] * kernel[1]
    return (rows, columns, filters), (window + 1) * filters, rows * columns * filters * window


@conv_ledger.misconception(
    "multiply-adds were counted at every place of the input; count the places of the output, where strides save work."
)
def works_at_every_input(
    shape: Shape, filters: int, kernel: Pair, stride: Pair = (1, 1), pad: Pair = (0, 0), groups: int = 1
) -> Any:
    rows = (shape[0] + 2 * pad[0] - kernel[0]) // stride[0] + 1
    columns = (shape[1] + 2 * pad[1] - kernel[1]) // stride[1] + 1
    window = kernel[0] * kernel[1] * shape[2] // groups
    return (rows, columns, filters), (window + 1) * filters, shape[0] * shape[1] * filters * window


@conv_ledger.misconception(
    "biases are among the multiply-adds; they are added without a multiplication, and by convention not counted."
)
def counts_biases_as_products(
    shape: Shape, filters: int, kernel: Pair, stride: Pair = (1, 1), pad: Pair = (0, 0), groups: int = 1
) -> Any:
    rows = (shape[0] + 2 * pad[0] - kernel[0]) // stride[0] + 1
    columns = (shape[1] + 2 * pad[1] - kernel[1]) // stride[1] + 1
    window = kernel[0] * kernel[1] * shape[2] // groups
    return (rows, columns, filters), (window + 1) * filters, rows * columns * filters * (window + 1)


@conv_ledger.misconception("a multiplication with its addition counts once: your multiply-adds are twice too many.")
def counts_products_and_sums_apart(
    shape: Shape, filters: int, kernel: Pair, stride: Pair = (1, 1), pad: Pair = (0, 0), groups: int = 1
) -> Any:
    rows = (shape[0] + 2 * pad[0] - kernel[0]) // stride[0] + 1
    columns = (shape[1] + 2 * pad[1] - kernel[1]) // stride[1] + 1
    window = kernel[0] * kernel[1] * shape[2] // groups
    return (rows, columns, filters), (window + 1) * filters, 2 * rows * columns * filters * window
