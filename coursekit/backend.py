"""The one module that knows TensorFlow from JAX from PyTorch: quiet start-up, seeds, devices, gradients.

Which of them Keras uses is Keras's own setting: ``KERAS_BACKEND`` or ``~/.keras/keras.json``, with
TensorFlow the default. The first call takes the seconds that importing it takes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any, cast

from coursekit.quiet import quiet_import

Function = Callable[..., Any]


def keras() -> ModuleType:
    """Return the ``keras`` module, imported without the lines its back end prints at its start."""
    return quiet_import("keras")


def name() -> str:
    """Return the back end: ``tensorflow``, ``jax`` or ``torch``."""
    return str(keras().backend.backend())


def seed(value: int) -> None:
    """Seed Python's, NumPy's and the back end's random numbers, as Keras does.

    Repeated runs on one machine are then equal to the last bit. Another processor, number of cores
    or back end still changes the last digits.
    """
    keras().utils.set_random_seed(value)


def seed_layers(model: Any, value: int) -> None:
    """Start the random numbers of a model's dropout and augmentation layers anew: each layer keeps its own.

    In PyTorch a dropout layer without a seed draws from PyTorch's numbers instead, so those start anew, too.
    """
    for i, variable in enumerate(model.non_trainable_variables):
        if variable.name == "seed_generator_state":
            variable.assign([value, i])
    if name() == "torch":
        import_module("torch").manual_seed(value)


def devices() -> list[str]:
    """Return the devices that Keras computes on: its GPUs, as ``["gpu:0"]``, else ``["cpu:0"]``."""
    if name() == "torch":  # of which Keras 3.15 lists none
        count = import_module("torch").cuda.device_count()
        return [f"gpu:{i}" for i in range(count)] or ["cpu:0"]
    return [str(device) for device in keras().distribution.list_devices()]


@dataclass(frozen=True)
class Gpu:
    """One GPU, as far as the back end tells: what it does not know is None.

    Attributes:
        name: its maker's name for it.
        memory_bytes: in all.
        compute_capability: NVIDIA's, as ``(8, 0)``.
    """

    name: str
    memory_bytes: int | None = None
    compute_capability: tuple[int, int] | None = None


def gpus() -> list[Gpu]:
    """Return the GPUs that Keras computes on; [] without one."""
    match name():
        case "tensorflow":
            tf = import_module("tensorflow")
            described = [
                tf.config.experimental.get_device_details(each) for each in tf.config.list_physical_devices("GPU")
            ]
            return [Gpu(each.get("device_name", "GPU"), None, each.get("compute_capability")) for each in described]
        case "jax":
            found = [each for each in import_module("jax").devices() if each.platform == "gpu"]
            return [_jax_gpu(each) for each in found]
        case _:
            cuda = import_module("torch").cuda
            properties = [cuda.get_device_properties(i) for i in range(cuda.device_count())]
            return [Gpu(each.name, each.total_memory, (each.major, each.minor)) for each in properties]


def _jax_gpu(found: Any) -> Gpu:
    capability = getattr(found, "compute_capability", "")  # "9.0"; other makers' GPUs have none of this form
    numbers = [int(part) for part in capability.split(".") if part.isdigit()]
    memory = (found.memory_stats() or {}).get("bytes_limit")
    return Gpu(found.device_kind, memory, (numbers[0], numbers[1]) if len(numbers) == 2 else None)


def grow_memory() -> None:
    """Let TensorFlow take a GPU's memory as it needs it, not all at once; nothing if it already computed on it."""
    if name() == "tensorflow":
        tf = import_module("tensorflow")
        for each in tf.config.list_physical_devices("GPU"):
            try:
                tf.config.experimental.set_memory_growth(each, True)
            except RuntimeError:  # too late: the GPU is in use, in the way `quiet_import` asked for
                return


def compiled(function: Function) -> Function:
    """Return a function of tensors that runs as one compiled graph where the back end has that.

    ``function`` must use ``keras.ops`` only and take everything that changes, weights included, as arguments: lists of
    tensors and tensors. In PyTorch it runs as it is, without recording gradients.
    """
    match name():
        case "tensorflow":
            return _tensorflow_function(function)
        case "jax":
            return cast(Function, import_module("jax").jit(function))
        case _:
            return cast(Function, import_module("torch").no_grad()(function))


def value_and_gradient(function: Function, jit: bool = True) -> Function:
    """Return ``g(first, *rest) -> (value, gradient)`` of a scalar function with respect to its first argument.

    Args:
        function: of a tensor, or a list of tensors, and further tensors; uses ``keras.ops`` only and takes everything
            that changes as arguments.
        jit: compile it once for every shape of its arguments.

    Returns:
        A function that takes and returns the back end's tensors; a weight that ``function`` does not use has gradient
        0.
    """
    match name():
        case "tensorflow":
            return _tensorflow_gradient(function, jit)
        case "jax":
            jax = import_module("jax")
            gradient: Function = jax.value_and_grad(function)
            return jax.jit(gradient) if jit else gradient
        case _:
            return _torch_gradient(function)


def _tensorflow_gradient(function: Function, jit: bool) -> Function:
    tf = import_module("tensorflow")

    def gradient(first: Any, *rest: Any) -> tuple[Any, Any]:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(first)
            value = function(first, *rest)
        return value, tape.gradient(value, first, unconnected_gradients=tf.UnconnectedGradients.ZERO)

    return _tensorflow_function(gradient) if jit else gradient


def _tensorflow_function(function: Function) -> Function:
    compiled_function = import_module("tensorflow").function(function, reduce_retracing=True)
    # TensorFlow warns of a function that is compiled often, and takes those of several models for one.
    compiled_function._omit_frequent_tracing_warning = True
    return cast(Function, compiled_function)


def _torch_gradient(function: Function) -> Function:
    torch = import_module("torch")

    def gradient(first: Any, *rest: Any) -> tuple[Any, Any]:
        many = isinstance(first, list)
        leaves = [each.detach().clone().requires_grad_(True) for each in (first if many else [first])]
        with torch.enable_grad():
            value = function(leaves if many else leaves[0], *rest)
        found = torch.autograd.grad(value, leaves, allow_unused=True)
        filled = [torch.zeros_like(x) if slope is None else slope for x, slope in zip(leaves, found, strict=True)]
        return value.detach(), filled if many else filled[0]

    return gradient


def state(model: Any) -> tuple[list[Any], list[Any]]:
    """Return a model's trainable weights and its other state (moving statistics, seeds), as tensors.

    ``model.stateless_call(trained, other, x)`` computes with them, or with others, and leaves the model as it is.
    """
    return [each.value for each in model.trainable_variables], [each.value for each in model.non_trainable_variables]


def input_gradient(model: Any, score: Function, jit: bool = True) -> Function:
    """Return ``g(x, *args) -> (score, dscore/dx)``: how a score of a network's outputs changes with its inputs.

        at = input_gradient(model, lambda outputs, label: ops.sum(ops.take(outputs, label, axis=-1)))
        score, gradient = at(image[None], 7)

    The network runs in inference mode, as it does when predicting: batch normalisation and dropout are not touched.

    Args:
        model: a built Keras model; its weights are read at every call.
        score: takes the outputs, float32, and ``args`` as tensors; returns a scalar, from ``keras.ops`` only.
        jit: compile once for every shape of ``x`` and ``args``: some ten times as fast, after the first call.

    Returns:
        A function of arrays that returns a float and an array of x's shape. The gradient of a sum over a batch is each
        example's own gradient, as long as no layer mixes examples.
    """
    ops, tree = keras().ops, keras().tree

    def scored(x: Any, trained: Any, other: Any, *args: Any) -> Any:
        outputs, _ = model.stateless_call(trained, other, x, training=False)
        return score(tree.map_structure(lambda each: ops.cast(each, "float32"), outputs), *args)

    gradient = value_and_gradient(scored, jit)

    def at(x: Any, *args: Any) -> tuple[float, Any]:
        tensors = [ops.convert_to_tensor(each) for each in args]
        value, slope = gradient(ops.convert_to_tensor(x, "float32"), *state(model), *tensors)
        return float(ops.convert_to_numpy(value)), ops.convert_to_numpy(slope)

    return at


def weight_gradients(model: Any, x: Any, y: Any, loss: Function, training: bool = True) -> list[Any]:
    """Return the gradient of a loss with respect to each of ``model.trainable_variables``, as arrays.

    Args:
        model: a built Keras model, which stays as it is: moving statistics, too.
        x: inputs, one batch.
        y: what ``loss`` compares the outputs with.
        loss: ``loss(y, outputs) -> scalar``, as a Keras loss.
        training: True for the gradients of a training step, with batch statistics and dropout; False for those of the
            network as it predicts.
    """
    ops = keras().ops

    def lost(trained: Any, other: Any, inputs: Any, targets: Any) -> Any:
        outputs, _ = model.stateless_call(trained, other, inputs, training=training)
        return loss(targets, outputs)

    trained, other = state(model)
    inputs, targets = ops.convert_to_tensor(x), ops.convert_to_tensor(y)
    _, gradients = value_and_gradient(lost)(trained, other, inputs, targets)
    return [ops.convert_to_numpy(each) for each in gradients]
