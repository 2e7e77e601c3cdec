"""ResNet and its plain twin, in the forms for ImageNet and for CIFAR-10.

K. He, X. Zhang, S. Ren, J. Sun, "Deep residual learning for image recognition", CVPR 2016: figures 2, 3 and 5,
tables 1 and 6. A block computes H(x) = F(x) + λ·x with λ = 1 in the paper (``skip_scale``), so that
∂H/∂x = ∂F/∂x + λ; a plain network is the same stack without the second term.
"""

from dataclasses import dataclass
from typing import Any, Literal

import keras
from keras import layers, ops

from coursekit.errors import CourseError

Shortcut = Literal["projection", "pad"]


@dataclass(frozen=True)
class Recipe:
    """What all blocks of a network have in common.

    Attributes:
        skips: whether blocks have a shortcut; without it the network is plain.
        shortcut: where the shape changes, a 1×1 convolution ("projection", option B of the paper) or every
            ``stride``-th pixel with zeros for the new feature maps ("pad", option A, no parameters).
        skip_scale: λ in H(x) = F(x) + λ·x; it scales projections, too.
        batch_norm: normalise after each convolution.
        conv_bias: biases also in convolutions that batch normalisation follows, which makes them idle.
        epsilon: what batch normalisation adds to the variance.
        stride_in_first_conv: a bottleneck strides in its first 1×1 convolution, as published; False strides in the
            3×3 one, as torchvision does ("v1.5": more multiplications, a little more accurate).
    """

    skips: bool
    shortcut: Shortcut
    skip_scale: float
    batch_norm: bool
    conv_bias: bool
    epsilon: float
    stride_in_first_conv: bool

    def __post_init__(self) -> None:
        if self.shortcut not in ("projection", "pad"):
            raise CourseError(f"there is no shortcut={self.shortcut!r}.", fix='take "projection" or "pad".')


@keras.saving.register_keras_serializable("coursekit")
class PadShortcut(layers.Layer):  # type: ignore[misc]
    """A shortcut without parameters: every ``stride``-th pixel, and zeros for the feature maps that are new.

    (n, h, w, c) to (n, ⌈h/stride⌉, ⌈w/stride⌉, filters).
    """

    def __init__(self, filters: int, stride: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.filters = filters
        self.stride = stride

    def call(self, x: Any) -> Any:
        """Subsample and pad."""
        new_maps = self.filters - x.shape[-1]
        return ops.pad(x[:, :: self.stride, :: self.stride], [[0, 0], [0, 0], [0, 0], [0, new_maps]])

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape after subsampling and padding."""
        batch, *sides, _ = input_shape
        return (batch, *(side and -(-side // self.stride) for side in sides), self.filters)

    def get_config(self) -> dict[str, Any]:
        """Return what rebuilds the layer."""
        return {**super().get_config(), "filters": self.filters, "stride": self.stride}


def imagenet_resnet(
    input_shape: tuple[int, int, int],
    classes: int,
    *,
    blocks: tuple[int, ...],
    bottleneck: bool = False,
    skips: bool = True,
    shortcut: Shortcut = "projection",
    skip_scale: float = 1.0,
    width: int = 64,
    batch_norm: bool = True,
    conv_bias: bool = False,
    epsilon: float = 1e-5,
    stride_in_first_conv: bool = True,
    classifier_activation: str | None = "softmax",
) -> keras.Model:
    """Build the networks of the paper's table 1.

    Args:
        input_shape: (rows, columns, channels); 224×224×3 in the paper, anything from 32×32 works.
        classes: how many.
        blocks: how many blocks each stage has; (3, 4, 6, 3) in ResNet-34 and -50.
        bottleneck: blocks of 1×1, 3×3 and 1×1 convolutions, not of two 3×3 ones.
        width: feature maps of the first stage; every stage doubles them.
        skips, shortcut, skip_scale, batch_norm, conv_bias, epsilon, stride_in_first_conv: see ``Recipe``.
            keras.applications.ResNet50 is ``resnet50`` with ``conv_bias=True, epsilon=1.001e-5``.
        classifier_activation: ``None`` for scores.
    """
    recipe = Recipe(skips, shortcut, skip_scale, batch_norm, conv_bias, epsilon, stride_in_first_conv)
    block = bottleneck_block if bottleneck else basic_block

    image = keras.Input(input_shape, name="image")
    x = _convolution(image, width, 7, 2, recipe, "conv1")
    x = layers.ReLU(name="conv1_relu")(x)
    x = layers.ZeroPadding2D(1, name="pool1_pad")(x)
    x = layers.MaxPooling2D(3, 2, name="pool1")(x)
    for stage, count in enumerate(blocks):
        for i in range(count):
            stride = 2 if stage > 0 and i == 0 else 1
            x = block(x, width * 2**stage, stride, recipe, f"conv{stage + 2}_{i + 1}")
    depth = 2 + sum(blocks) * (3 if bottleneck else 2)
    return _classify(image, x, classes, classifier_activation, f"{'resnet' if skips else 'plain'}{depth}")


def cifar_resnet(
    input_shape: tuple[int, int, int],
    classes: int,
    *,
    depth: int,
    skips: bool = True,
    shortcut: Shortcut = "pad",
    skip_scale: float = 1.0,
    width: int = 16,
    batch_norm: bool = True,
    classifier_activation: str | None = "softmax",
) -> keras.Model:
    """Build the networks of the paper's section 4.2: 6n + 2 layers in three stages of n basic blocks.

    Args:
        input_shape: (rows, columns, channels); 32×32×3 in the paper, anything from 4×4 works.
        classes: how many.
        depth: how many layers have weights; 6n + 2, from 8.
        width: feature maps of the first stage; every stage doubles them. 4 or 8 trains in seconds.
        skips, shortcut, skip_scale, batch_norm: see ``Recipe``.
        classifier_activation: ``None`` for scores.

    Raises:
        CourseError: a depth that is not 6n + 2.
    """
    if depth < 8 or depth % 6 != 2:
        raise CourseError(
            f"depth is {depth}; three stages of n two-layer blocks make 6n + 2 layers.", fix="take 8, 14, 20, 26, 32 …"
        )
    recipe = Recipe(skips, shortcut, skip_scale, batch_norm, False, 1e-5, False)

    image = keras.Input(input_shape, name="image")
    x = _convolution(image, width, 3, 1, recipe, "conv1")
    x = layers.ReLU(name="conv1_relu")(x)
    for stage in range(3):
        for i in range(depth // 6):
            stride = 2 if stage > 0 and i == 0 else 1
            x = basic_block(x, width * 2**stage, stride, recipe, f"conv{stage + 2}_{i + 1}")
    return _classify(image, x, classes, classifier_activation, f"{'resnet' if skips else 'plain'}{depth}")


def basic_block(x: Any, filters: int, stride: int, recipe: Recipe, name: str) -> Any:
    """Apply two 3×3 convolutions beside a shortcut (figure 5, left): ``filters`` feature maps come out."""
    f = _convolution(x, filters, 3, stride, recipe, f"{name}_conv1")
    f = layers.ReLU(name=f"{name}_relu1")(f)
    f = _convolution(f, filters, 3, 1, recipe, f"{name}_conv2")
    return _add_shortcut(x, f, stride, recipe, name)


def bottleneck_block(x: Any, filters: int, stride: int, recipe: Recipe, name: str) -> Any:
    """Apply 1×1, 3×3 and 1×1 convolutions beside a shortcut (figure 5, right): 4·``filters`` feature maps come out."""
    first, second = (stride, 1) if recipe.stride_in_first_conv else (1, stride)
    f = _convolution(x, filters, 1, first, recipe, f"{name}_conv1")
    f = layers.ReLU(name=f"{name}_relu1")(f)
    f = _convolution(f, filters, 3, second, recipe, f"{name}_conv2")
    f = layers.ReLU(name=f"{name}_relu2")(f)
    f = _convolution(f, 4 * filters, 1, 1, recipe, f"{name}_conv3")
    return _add_shortcut(x, f, stride, recipe, name)


def _add_shortcut(x: Any, f: Any, stride: int, recipe: Recipe, name: str) -> Any:
    """Return relu(F(x) + λ·x), or relu(F(x)) in a plain network."""
    if recipe.skips:
        filters = f.shape[-1]
        if stride > 1 or x.shape[-1] != filters:
            if recipe.shortcut == "pad":
                x = PadShortcut(filters, stride, name=f"{name}_pad")(x)
            else:
                x = _convolution(x, filters, 1, stride, recipe, f"{name}_projection")
        if recipe.skip_scale != 1:
            x = layers.Rescaling(recipe.skip_scale, name=f"{name}_scale")(x)
        f = layers.Add(name=f"{name}_add")([f, x])
    return layers.ReLU(name=f"{name}_relu")(f)


def _convolution(x: Any, filters: int, size: int, stride: int, recipe: Recipe, name: str) -> Any:
    """Convolve and normalise. Both sides are padded alike; Keras's own "same" pads only one when it strides."""
    padding = "same"
    if stride > 1 and size > 1:
        x = layers.ZeroPadding2D(size // 2, name=f"{name}_pad")(x)
        padding = "valid"
    x = layers.Conv2D(
        filters,
        size,
        stride,
        padding,
        use_bias=recipe.conv_bias or not recipe.batch_norm,
        kernel_initializer="he_normal",
        name=name,
    )(x)
    if recipe.batch_norm:
        # Keras's momentum of 0.99 averages over more steps than a short training has.
        x = layers.BatchNormalization(momentum=0.9, epsilon=recipe.epsilon, name=f"{name}_bn")(x)
    return x


def _classify(image: Any, x: Any, classes: int, activation: str | None, name: str) -> keras.Model:
    x = layers.GlobalAveragePooling2D(name="average")(x)
    # In float32 under mixed precision, too: half precision loses small probabilities.
    scores = layers.Dense(classes, activation, kernel_initializer="he_normal", name="classifier", dtype="float32")(x)
    return keras.Model(image, scores, name=name)
