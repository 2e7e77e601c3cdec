"""What this computer trains on, and how much training that allows."""

import os
from dataclasses import dataclass
from typing import Literal, TypeVar

from coursekit import backend
from coursekit.errors import CourseError

VARIABLE = "COURSEKIT_DEVICE"
Tier = Literal["cpu", "gpu"]
T = TypeVar("T")


@dataclass(frozen=True, repr=False)
class Device:
    """What Keras computes on.

    Attributes:
        kind: ``"cpu"`` or ``"gpu"``.
        name: the model of the GPU; of a CPU the kind of processor.
        count: GPUs, or the processor cores that this process may use.
        memory_bytes: of one GPU, or of the computer; None if the back end does not say.
        mixed_precision: the Keras dtype policy that makes this device faster, or None where none does.
        backend: ``"tensorflow"``, ``"jax"`` or ``"torch"``.
        tier: the size of training to choose, ``"cpu"`` or ``"gpu"``: ``kind``, unless ``COURSEKIT_DEVICE`` says else.
    """

    kind: Tier
    name: str
    count: int
    memory_bytes: int | None
    mixed_precision: str | None
    backend: str
    tier: Tier

    def __repr__(self) -> str:
        what = f"{self.count} GPU{'s' * (self.count > 1)}" if self.kind == "gpu" else f"CPU, {self.count} cores"
        memory = f", {self.memory_bytes / 2**30:.0f} GB" if self.memory_bytes else ""
        precision = self.mixed_precision or "float32"
        forced = "" if self.tier == self.kind else f"; {VARIABLE} asks for the {self.tier} tier"
        return f"{what} ({self.name}{memory}), {self.backend}, best in {precision}{forced}"


def device(mixed_precision: bool = False) -> Device:
    """Return what this computer trains on, after telling TensorFlow to take a GPU's memory only as it needs it.

    Mixed precision helps on GPUs with matrix units for short floats, of compute capability 7 and above: ``bfloat16``
    from 8 on, which needs no loss scaling, and ``float16`` before. On CPUs it does not: see ``docs/training.md``.

    Args:
        mixed_precision: True makes it Keras's default for layers built from now on, where it helps, and changes
            nothing elsewhere. Give such a network's last activation ``dtype="float32"``.

    Raises:
        CourseError: if ``COURSEKIT_DEVICE`` is neither ``cpu`` nor ``gpu``.
    """
    forced = _forced()
    backend.grow_memory()
    gpus = backend.gpus()
    policy = _policy(gpus[0].compute_capability) if gpus else None
    if mixed_precision and policy:
        backend.keras().config.set_dtype_policy(policy)
    if gpus:
        first = gpus[0]
        return Device("gpu", first.name, len(gpus), first.memory_bytes, policy, backend.name(), forced or "gpu")
    return Device("cpu", *_processor(), None, backend.name(), forced or "cpu")


def budget(*, cpu: T, gpu: T) -> T:
    """Return the value for what is here: ``epochs = budget(cpu=3, gpu=60)``.

    ``COURSEKIT_DEVICE=cpu`` or ``gpu`` decides without looking.

    Raises:
        CourseError: if ``COURSEKIT_DEVICE`` is something else.
    """
    tier = _forced() or device().tier
    return gpu if tier == "gpu" else cpu


def _forced() -> Tier | None:
    value = os.environ.get(VARIABLE, "").lower()
    match value:
        case "":
            return None
        case "cpu" | "gpu":
            return value
    raise CourseError(f"{VARIABLE} is {value!r}.", fix="set it to cpu or gpu, or unset it to use what is there.")


def _policy(capability: tuple[int, int] | None) -> str | None:
    if capability is None or capability < (7, 0):
        return None
    return "mixed_bfloat16" if capability >= (8, 0) else "mixed_float16"


def _processor() -> tuple[str, int, int | None]:
    import platform

    import psutil

    available = getattr(os, "sched_getaffinity", None)  # not on macOS and Windows
    cores = len(available(0)) if available else os.cpu_count() or 1
    return platform.machine(), cores, int(psutil.virtual_memory().total)
