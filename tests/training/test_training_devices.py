"""The device says what was found; the budget follows it, or the variable that overrules it."""

import pytest

from coursekit import backend, training
from coursekit.backend import Gpu
from coursekit.errors import CourseError


@pytest.fixture
def found(monkeypatch):
    """Return a function that makes the computer have these GPUs."""
    monkeypatch.delenv("COURSEKIT_DEVICE", raising=False)

    def have(*gpus):
        monkeypatch.setattr(backend, "name", lambda: "tensorflow")
        monkeypatch.setattr(backend, "grow_memory", lambda: None)
        monkeypatch.setattr(backend, "gpus", lambda: list(gpus))

    return have


def test_a_cpu(found):
    found()
    here = training.device()
    assert (here.kind, here.tier, here.mixed_precision, here.backend) == ("cpu", "cpu", None, "tensorflow")
    assert here.count >= 1
    assert repr(here).startswith("CPU, ")
    assert "float32" in repr(here)
    assert "\n" not in repr(here)
    assert training.budget(cpu=3, gpu=60) == 3


@pytest.mark.parametrize(
    ("capability", "policy"),
    [((6, 1), None), ((7, 0), "mixed_float16"), ((7, 5), "mixed_float16"), ((8, 0), "mixed_bfloat16"), (None, None)],
)
def test_mixed_precision_where_a_gpu_has_units_for_it(found, capability, policy):
    found(Gpu("Model T", 16 * 2**30, capability), Gpu("Model T", 16 * 2**30, capability))
    here = training.device()
    assert (here.kind, here.count, here.mixed_precision) == ("gpu", 2, policy)
    assert repr(here) == f"2 GPUs (Model T, 16 GB), tensorflow, best in {policy or 'float32'}"
    assert training.budget(cpu=3, gpu=60) == 60


def test_the_policy_is_set_on_request_only_and_where_it_helps(found, monkeypatch):
    asked = []
    config = type("config", (), {"set_dtype_policy": staticmethod(asked.append)})
    monkeypatch.setattr(backend, "keras", lambda: type("keras", (), {"config": config}))
    found()
    training.device(mixed_precision=True)
    found(Gpu("Model T", None, (8, 6)))
    training.device()
    assert asked == []
    training.device(mixed_precision=True)
    assert asked == ["mixed_bfloat16"]


def test_the_variable_overrules(found, monkeypatch):
    found(Gpu("Model T"))
    monkeypatch.setenv("COURSEKIT_DEVICE", "cpu")
    assert training.budget(cpu=3, gpu=60) == 3
    assert training.device().kind == "gpu"
    assert repr(training.device()).endswith("; COURSEKIT_DEVICE asks for the cpu tier")
    found()
    monkeypatch.setenv("COURSEKIT_DEVICE", "GPU")
    assert training.budget(cpu=3, gpu=60) == 60


def test_an_unknown_device_is_refused(monkeypatch):
    monkeypatch.setenv("COURSEKIT_DEVICE", "tpu")
    with pytest.raises(CourseError, match="cpu or gpu"):
        training.budget(cpu=3, gpu=60)


@pytest.mark.slow
def test_the_real_device():
    here = training.device()
    assert here.kind == ("gpu" if any(each.startswith("gpu") for each in backend.devices()) else "cpu")
    assert here.backend == backend.name()
