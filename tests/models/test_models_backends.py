"""Every network builds and takes a training step: on TensorFlow here, on JAX and PyTorch where they are installed."""

import json
import runpy
from pathlib import Path

import pytest

from coursekit import models

PROGRAM = Path(__file__).with_name("one_step.py")
STEP = runpy.run_path(str(PROGRAM))


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in models.names() if name not in STEP["GIANTS"]])
def test_a_network_builds_and_takes_a_step(name):
    STEP["take_step"](name)


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_every_network_builds_and_takes_a_step_on_another_back_end(backend, run_on_backend):
    # JAX compiles what runs once: better badly than for minutes.
    said = run_on_backend(backend, PROGRAM, seconds=1800, XLA_FLAGS="--xla_backend_optimization_level=0")
    results = [json.loads(line) for line in said.splitlines()]
    assert [name for name, *_ in results] == models.names()
    assert {name: problem for name, problem, _ in results if problem} == {}
