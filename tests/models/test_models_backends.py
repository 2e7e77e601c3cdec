"""Every network builds and takes a training step: on TensorFlow here, on JAX and PyTorch where they are installed."""

import json
import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from coursekit import models

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(__file__).with_name("one_step.py")
STEP = runpy.run_path(str(PROGRAM))
PYTHON = os.environ.get("COURSEKIT_BACKEND_PYTHON", sys.executable)
MISSING = (
    "{} is not installed; make an environment with `pip install keras jax torch lazy-loader`, and name its Python in "
    "COURSEKIT_BACKEND_PYTHON"
)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in models.names() if name not in STEP["GIANTS"]])
def test_a_network_builds_and_takes_a_step(name):
    STEP["take_step"](name)


def _run_with(backend):
    variables = {
        "KERAS_BACKEND": backend,
        "PYTHONPATH": str(ROOT),
        # PyTorch's threads wait for each other by spinning, which on shared cores costs ten times the work.
        "OMP_NUM_THREADS": "1",
        # JAX compiles what runs once: better badly than for minutes.
        "XLA_FLAGS": "--xla_backend_optimization_level=0",
    }
    command = [PYTHON, str(PROGRAM)]
    return subprocess.run(command, env={**os.environ, **variables}, stdout=subprocess.PIPE, text=True, timeout=1800)


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_every_network_builds_and_takes_a_step_on_another_back_end(backend):
    probe = f"import importlib.util as u; raise SystemExit(u.find_spec({backend!r}) is None)"
    if subprocess.run([PYTHON, "-c", probe]).returncode:
        pytest.skip(MISSING.format(backend))
    done = _run_with(backend)
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert [name for name, *_ in results] == models.names()
    assert {name: problem for name, problem, _ in results if problem} == {}
