"""What a convolution layer costs, forward and backward in float32: ours, TensorFlow's, PyTorch's if it is there.

    python benchmarks/convolution.py                      # on all cores
    taskset -c 0 python benchmarks/convolution.py         # on one; each library takes the cores it is given

On a machine that others use, take one core: the threads of OpenBLAS, which NumPy multiplies with, wait
for one another actively, and one busy core stops them all. ``products`` are the three bare matrix products
(of output, weights' and input's gradient) on matrices that lie ready: the lower bound of every method
that multiplies windows by weights. The loops run once, on one image of a layer small enough to wait for.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from math import prod
from typing import Any

import numpy as np

from coursekit.quiet import quiet_import
from coursekit.scratch.convolution import conv2d, conv2d_backward
from coursekit.scratch.inputs import FloatArray
from coursekit.scratch.loops import conv2d_backward_loops, conv2d_loops

Step = Callable[[], object]


@dataclass(frozen=True)
class Layer:
    """A layer and its input: images (n, rows, columns, c_in), kernel, output channels, stride, padding."""

    name: str
    images: tuple[int, int, int, int]
    kernel: tuple[int, int]
    c_out: int
    stride: int = 1
    pad: int = 0


LAYERS = [
    Layer("digits", (64, 8, 8, 1), (3, 3), 16, pad=1),
    Layer("LeNet-5, first", (64, 28, 28, 1), (5, 5), 6, pad=2),
    Layer("LeNet-5, second", (64, 14, 14, 6), (5, 5), 16),
    Layer("MNIST, first", (64, 28, 28, 1), (3, 3), 32, pad=1),
    Layer("MNIST, second", (64, 14, 14, 32), (3, 3), 64, pad=1),
    Layer("CIFAR-10, first", (32, 32, 32, 3), (3, 3), 32, pad=1),
    Layer("CIFAR-10, second", (32, 32, 32, 32), (3, 3), 32, pad=1),
    Layer("not square", (32, 16, 20, 16), (5, 3), 32, pad=2),
    Layer("ResNet, stride 2", (32, 16, 16, 64), (3, 3), 128, stride=2, pad=1),
    Layer("ResNet, 1 × 1", (32, 16, 16, 64), (1, 1), 64),
    Layer("VGG", (16, 14, 14, 128), (3, 3), 128, pad=1),
    Layer("AlexNet, first", (4, 227, 227, 3), (11, 11), 96, stride=4),
]
LOOPED = Layer("one image", (1, 14, 14, 6), (5, 5), 16)


@dataclass(frozen=True)
class Arrays:
    """A layer's numbers, and a gradient for its output."""

    x: FloatArray
    weights: FloatArray
    bias: FloatArray
    dout: FloatArray


def arrays(layer: Layer) -> Arrays:
    """Return random numbers for a layer."""
    rng = np.random.default_rng(0)
    shapes = layer.images, (*layer.kernel, layer.images[3], layer.c_out), (layer.c_out,)
    x, weights, bias = (rng.normal(size=shape).astype(np.float32) for shape in shapes)
    out, _ = conv2d(x, weights, bias, layer.stride, layer.pad)
    return Arrays(x, weights, bias, rng.normal(size=out.shape).astype(np.float32))


def scratch_step(layer: Layer, a: Arrays) -> Step:
    """Ours."""
    return lambda: conv2d_backward(a.dout, conv2d(a.x, a.weights, a.bias, layer.stride, layer.pad)[1])


def products_step(layer: Layer, a: Arrays) -> Step:
    """The bare matrix products."""
    matrix, dout = a.weights.reshape(-1, layer.c_out), a.dout.reshape(-1, layer.c_out)
    columns = np.ones((len(dout), len(matrix)), np.float32)
    return lambda: (columns @ matrix, columns.T @ dout, dout @ matrix.T)


def tensorflow_step(layer: Layer, a: Arrays) -> Step:
    """TensorFlow's convolution and gradients, compiled into one graph."""
    tf = quiet_import("tensorflow")
    margins = [[0, 0], [layer.pad] * 2, [layer.pad] * 2, [0, 0]]
    inputs, dout = [tf.constant(each) for each in (a.x, a.weights, a.bias)], tf.constant(a.dout)

    @tf.function
    def step(x, weights, bias, dout):  # type: ignore[no-untyped-def]
        with tf.GradientTape() as tape:
            tape.watch([x, weights, bias])
            out = tf.nn.bias_add(tf.nn.conv2d(x, weights, layer.stride, margins), bias)
        return out, tape.gradient(out, [x, weights, bias], dout)

    return lambda: [each.numpy() for each in step(*inputs, dout)[1]]


def torch_step(layer: Layer, a: Arrays) -> Step:
    """PyTorch's convolution and gradients, its images laid out as ours are."""
    torch = import_module("torch")

    def tensor(values: FloatArray, *axes: int) -> Any:
        return torch.tensor(values).permute(axes).to(memory_format=torch.channels_last)

    inputs = [tensor(a.x, 0, 3, 1, 2), tensor(a.weights, 3, 2, 0, 1), torch.tensor(a.bias)]
    inputs = [each.requires_grad_() for each in inputs]
    dout = tensor(a.dout, 0, 3, 1, 2)

    def step() -> object:
        out = torch.nn.functional.conv2d(*inputs, stride=layer.stride, padding=layer.pad)
        return torch.autograd.grad(out, inputs, dout)

    return step


def seconds(step: Step) -> float:
    """Wall time of one call."""
    start = time.perf_counter()
    step()
    return time.perf_counter() - start


def medians(steps: dict[str, Step], rounds: int) -> dict[str, float]:
    """Time every step in turn, round by round, so that a busy moment hits all of them alike.

    Each library's threads go on spinning for a while after a call, waiting for more to do. The first
    pause lets the others' fall asleep; the uncounted call wakes the library's own.
    """

    def timed(step: Step) -> float:
        time.sleep(0.05)
        step()
        return seconds(step)

    measured = [{name: timed(step) for name, step in steps.items()} for _ in range(rounds)]
    return {name: statistics.median(each[name] for each in measured) for name in steps}


def loops_against_layer(rounds: int) -> float:
    """Return how many times as fast as the loops the layer is."""
    a = arrays(LOOPED)

    def loops() -> None:
        conv2d_loops(a.x, a.weights, a.bias)
        conv2d_backward_loops(a.dout, a.x, a.weights)

    return seconds(loops) / medians({"ours": scratch_step(LOOPED, a)}, rounds)["ours"]


def main() -> None:
    """Print milliseconds a layer, and ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=31, help="calls a layer and library; the median counts")
    rounds = parser.parse_args().rounds
    makers = {"ours": scratch_step, "tensorflow": tensorflow_step, "products": products_step}
    if find_spec("torch"):
        makers["torch"] = torch_step
    others = [name for name in makers if name != "ours"]

    load = os.getloadavg()[0]
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    print(f"cores: {cores}; load {load:.1f} at the start; milliseconds, forward and backward")
    print(f"{'':<18}{'images':<18}{'kernel':<9}" + "".join(f"{n:>11}" for n in makers), end="")
    print("".join(f"  ours/{n}" for n in others))
    ratios: dict[str, list[float]] = {name: [] for name in others}
    for layer in LAYERS:
        a = arrays(layer)
        times = medians({name: make(layer, a) for name, make in makers.items()}, rounds)
        for name in others:
            ratios[name].append(times["ours"] / times[name])
        images, kernel = "×".join(map(str, layer.images)), "×".join(map(str, (*layer.kernel, layer.c_out)))
        print(f"{layer.name:<18}{images:<18}{kernel:<9}" + "".join(f"{1000 * t:11.2f}" for t in times.values()), end="")
        print("".join(f"{ratios[n][-1]:{len(n) + 7}.2f}" for n in others), flush=True)
    print(f"{'median ratio':<{45 + 11 * len(makers)}}", end="")
    print("".join(f"{statistics.median(ratios[n]):{len(n) + 7}.2f}" for n in others))
    macs = prod((*LOOPED.kernel, *LOOPED.images[3:], LOOPED.c_out))
    print(f"the loops ({macs} multiplications an output pixel) take {loops_against_layer(rounds):.0f} times as long")
    print(f"load {os.getloadavg()[0]:.1f} at the end")


if __name__ == "__main__":
    main()
