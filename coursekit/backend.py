"""The one module that knows TensorFlow from JAX from PyTorch: quiet start-up, seeds, devices.

Which of them Keras uses is Keras's own setting: ``KERAS_BACKEND`` or ``~/.keras/keras.json``, with
TensorFlow the default. The first call takes the seconds that importing it takes.
"""

from importlib import import_module
from types import ModuleType

from coursekit.quiet import quiet_import


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


def devices() -> list[str]:
    """Return the devices that Keras computes on: its GPUs, as ``["gpu:0"]``, else ``["cpu:0"]``."""
    if name() == "torch":  # of which Keras 3.15 lists none
        count = import_module("torch").cuda.device_count()
        return [f"gpu:{i}" for i in range(count)] or ["cpu:0"]
    return [str(device) for device in keras().distribution.list_devices()]
