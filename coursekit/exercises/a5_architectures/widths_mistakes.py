"""a5: what goes wrong in spending a budget."""

from typing import Any

from coursekit.exercises.a5_architectures.widths import widest_network

__all__ = ["widest_network"]


@widest_network.misconception("the width is the first that does *not* fit; return the one before.")
def goes_one_step_too_far(budget: int, convolutions: int, kernel: int, channels: int, classes: int) -> Any:
    def parameters(width: int) -> int:
        first = (kernel * kernel * channels + 1) * width
        others = (convolutions - 1) * (kernel * kernel * width + 1) * width
        return first + others + (width + 1) * classes

    width = 1
    while parameters(width) <= budget:
        width += 1
    return width, parameters(width)


@widest_network.misconception("a network that uses the budget up exactly is allowed: `<=`, not `<`.")
def stops_short_of_the_budget(budget: int, convolutions: int, kernel: int, channels: int, classes: int) -> Any:
    def parameters(width: int) -> int:
        first = (kernel * kernel * channels + 1) * width
        others = (convolutions - 1) * (kernel * kernel * width + 1) * width
        return first + others + (width + 1) * classes

    width = 1
    while parameters(width + 1) < budget:
        width += 1
    return width, parameters(width)


@widest_network.misconception(
    "no biases are counted: each convolution has one a filter, and the classifier one a class."
)
def forgets_all_biases(budget: int, convolutions: int, kernel: int, channels: int, classes: int) -> Any:
    def parameters(width: int) -> int:
        first = kernel * kernel * channels * width
        others = (convolutions - 1) * kernel * kernel * width * width
        return first + others + width * classes

    width = 1
    while parameters(width + 1) <= budget:
        width += 1
    return width, parameters(width)


@widest_network.misconception(
    "the classifier has its biases, the convolutions have none: add `width` for each of them."
)
def forgets_the_biases_of_convolutions(budget: int, convolutions: int, kernel: int, channels: int, classes: int) -> Any:
    def parameters(width: int) -> int:
        first = kernel * kernel * channels * width
        others = (convolutions - 1) * kernel * kernel * width * width
        return first + others + (width + 1) * classes

    width = 1
    while parameters(width + 1) <= budget:
        width += 1
    return width, parameters(width)


@widest_network.misconception("the classifier's biases are missing, one for each class.")
def forgets_the_bias_of_the_classifier(budget: int, convolutions: int, kernel: int, channels: int, classes: int) -> Any:
    def parameters(width: int) -> int:
        first = (kernel * kernel * channels + 1) * width
        others = (convolutions - 1) * (kernel * kernel * width + 1) * width
        return first + others + width * classes

    width = 1
    while parameters(width + 1) <= budget:
        width += 1
    return width, parameters(width)


@widest_network.misconception(
    "the classifier is missing: behind the global average it has `width` inputs and `classes` outputs."
)
def forgets_the_classifier(budget: int, convolutions: int, kernel: int, channels: int, classes: int) -> Any:
    def parameters(width: int) -> int:
        first = (kernel * kernel * channels + 1) * width
        others = (convolutions - 1) * (kernel * kernel * width + 1) * width
        return first + others + 0

    width = 1
    while parameters(width + 1) <= budget:
        width += 1
    return width, parameters(width)


@widest_network.misconception("the first convolution reads the image's channels, not `width` of them.")
def treats_the_first_layer_like_the_others(
    budget: int, convolutions: int, kernel: int, channels: int, classes: int
) -> Any:
    def parameters(width: int) -> int:
        first = (kernel * kernel * width + 1) * width
        others = (convolutions - 1) * (kernel * kernel * width + 1) * width
        return first + others + (width + 1) * classes

    width = 1
    while parameters(width + 1) <= budget:
        width += 1
    return width, parameters(width)


@widest_network.misconception(
    "there is a convolution too many: the first is one of `convolutions`, so one less is left for the others."
)
def counts_a_convolution_too_many(budget: int, convolutions: int, kernel: int, channels: int, classes: int) -> Any:
    def parameters(width: int) -> int:
        first = (kernel * kernel * channels + 1) * width
        others = convolutions * (kernel * kernel * width + 1) * width
        return first + others + (width + 1) * classes

    width = 1
    while parameters(width + 1) <= budget:
        width += 1
    return width, parameters(width)


@widest_network.misconception(
    "only one convolution from `width` to `width` channels is counted, however many there are."
)
def counts_one_inner_convolution(budget: int, convolutions: int, kernel: int, channels: int, classes: int) -> Any:
    def parameters(width: int) -> int:
        first = (kernel * kernel * channels + 1) * width
        others = (convolutions > 1) * (kernel * kernel * width + 1) * width
        return first + others + (width + 1) * classes

    width = 1
    while parameters(width + 1) <= budget:
        width += 1
    return width, parameters(width)


@widest_network.misconception("a kernel has `kernel` rows *and* `kernel` columns: square it.")
def forgets_to_square_the_kernel(budget: int, convolutions: int, kernel: int, channels: int, classes: int) -> Any:
    def parameters(width: int) -> int:
        first = (kernel * channels + 1) * width
        others = (convolutions - 1) * (kernel * width + 1) * width
        return first + others + (width + 1) * classes

    width = 1
    while parameters(width + 1) <= budget:
        width += 1
    return width, parameters(width)


@widest_network.misconception(
    "each filter has a kernel for every channel that it reads; with one for all of them, the cost would grow linearly"
    " with the width."
)
def shares_kernels_between_channels(budget: int, convolutions: int, kernel: int, channels: int, classes: int) -> Any:
    def parameters(width: int) -> int:
        first = (kernel * kernel + 1) * width
        others = (convolutions - 1) * (kernel * kernel + 1) * width
        return first + others + (width + 1) * classes

    width = 1
    while parameters(width + 1) <= budget:
        width += 1
    return width, parameters(width)


@widest_network.misconception(
    "the classifier reads the `width` maps of the last convolution, not the image's channels."
)
def gives_the_classifier_the_image(budget: int, convolutions: int, kernel: int, channels: int, classes: int) -> Any:
    def parameters(width: int) -> int:
        first = (kernel * kernel * channels + 1) * width
        others = (convolutions - 1) * (kernel * kernel * width + 1) * width
        return first + others + (channels + 1) * classes

    width = 1
    while parameters(width + 1) <= budget:
        width += 1
    return width, parameters(width)


@widest_network.misconception("only powers of two were tried; any whole width will do.")
def takes_powers_of_two(budget: int, convolutions: int, kernel: int, channels: int, classes: int) -> Any:
    def parameters(width: int) -> int:
        first = (kernel * kernel * channels + 1) * width
        others = (convolutions - 1) * (kernel * kernel * width + 1) * width
        return first + others + (width + 1) * classes

    width = 1
    while parameters(2 * width) <= budget:
        width *= 2
    return width, parameters(width)
