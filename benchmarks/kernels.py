"""How long a kernel takes until TensorFlow is imported, and a cell: cold, warm, in a sandbox; what 500 of them leave.

python benchmarks/kernels.py [--rounds 20] [--soak 500]
"""

import argparse
import contextlib
import os
import statistics
import tempfile
import threading
import time
from pathlib import Path

import psutil

from coursekit.grading.kernels import Kernel, Template, start
from coursekit.grading.limits import Limits
from coursekit.grading.sandbox import Box, Level, probe
from coursekit.grading.session import Session

MODULES = ("numpy", "matplotlib.pyplot", "tensorflow", "keras")
SETTLE_SECONDS = 0.5  # the template hears of a closed connection a moment later
COMPUTE = "import sys; tf = sys.modules.get('tensorflow'); tf and float(tf.reduce_sum(tf.ones(3)))"
CELLS = 20
DAEMON = "import os, time\nif not os.fork():\n    os.setsid()\n    if not os.fork(): time.sleep(600)\n    os._exit(0)"


def box() -> Box | None:
    """A sandbox, where this machine has one."""
    return Box({}, Limits(), probe(), exchange="") if probe() is Level.NAMESPACES else None


def run(kernel: Kernel, code: str, seconds: float = 60.0) -> str:
    """Run a cell to its end; return "ok" or "error"."""
    return str(kernel.client.execute(code, reply=True, timeout=seconds)["content"]["status"])


def measure(address: str | None, shut: Box | None) -> dict[str, float]:
    """Start one kernel and import TensorFlow in it."""
    began = time.perf_counter()
    with start(address, shut, {}) as kernel:
        ready = time.perf_counter()
        assert run(kernel, "import tensorflow") == "ok"
        imported = time.perf_counter()
        private = kernel.private_bytes() / 2**20
        session, cells = Session(kernel, Limits()), time.perf_counter()
        for _ in range(CELLS):
            session.run("x = 1", 10)
        cell = (time.perf_counter() - cells) / CELLS
        closing = time.perf_counter()
    return {
        "ready ms": 1000 * (ready - began),
        "imported ms": 1000 * (imported - began),
        "closed ms": 1000 * (time.perf_counter() - closing),
        "private MiB": private,
        "cell ms": 1000 * cell,
    }


def compare(rounds: int) -> None:
    """Print medians, taken in turn so that a busy moment hits all alike."""
    with Template(MODULES, {}) as template:
        ways = {"cold": (None, None), "warm": (template.address, None), "warm, sandbox": (template.address, box())}
        taken: dict[str, list[dict[str, float]]] = {name: [] for name in ways}
        for number in range(rounds):
            for name, (address, shut) in ways.items():
                if number < 3 or name != "cold":
                    taken[name].append(measure(address, shut))
    print(f"{'median':<16}" + "".join(f"{column:>14}" for column in taken["warm"][0]) + f"{'starts':>10}")
    for name, found in taken.items():
        medians = [statistics.median(each[column] for each in found) for column in found[0]]
        print(f"{name:<16}" + "".join(f"{median:14.1f}" for median in medians) + f"{len(found):10}")


def use(kernel: Kernel, number: int) -> None:
    """Use a kernel in one of the ways that they end."""
    if number % 6 == 0:
        assert run(kernel, COMPUTE) == "ok"
    elif number % 6 == 1:
        threading.Timer(0.1, kernel.interrupt).start()
        assert run(kernel, "while True: pass") == "error"
    elif number % 6 == 2:
        kernel.client.execute("import os; os._exit(3)")
        while kernel.alive():
            time.sleep(0.005)
        assert kernel.exit_status() == 3
    elif number % 6 == 3:
        kernel.client.execute("while True: print('x' * 1000)")  # and is closed meanwhile
        time.sleep(0.05)
    elif number % 6 == 4:
        assert run(kernel, DAEMON) == "ok"
    else:
        kernel.kill()


def census(folder: str, template: int) -> dict[str, int]:
    """Count what kernels could leave behind."""
    me = psutil.Process()
    return {
        "processes": len(me.children(recursive=True)),
        "descriptors": me.num_fds(),
        "threads": me.num_threads(),
        "descriptors of the template": psutil.Process(template).num_fds(),
        "mounts": Path("/proc/self/mountinfo").read_text().count("\n"),
        "sockets": Path("/proc/net/unix").read_text().count(folder),
        "temporary files": sum(len(files) + len(folders) for _, folders, files in os.walk(folder)),
    }


def soak(count: int, modules: tuple[str, ...] = MODULES) -> tuple[dict[str, int], dict[str, int], float]:
    """Start and end kernels in every way; return a census before and after, and the longest start in seconds."""
    longest = 0.0
    shut = box()
    with contextlib.ExitStack() as undo:
        folder = undo.enter_context(tempfile.TemporaryDirectory(prefix="soak-"))
        before, tempfile.tempdir = tempfile.tempdir, folder
        undo.callback(setattr, tempfile, "tempdir", before)
        template = undo.enter_context(Template(modules, {}))
        for number in range(6):
            with start(template.address, shut, {}) as kernel:
                use(kernel, number)
        time.sleep(SETTLE_SECONDS)
        first = census(folder, template.pid)
        for number in range(count):
            began = time.perf_counter()
            with start(template.address, shut, {}) as kernel:
                longest = max(longest, time.perf_counter() - began)
                use(kernel, number)
        time.sleep(SETTLE_SECONDS)
        return first, census(folder, template.pid), longest


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--soak", type=int, default=0)
    arguments = parser.parse_args()
    if arguments.rounds:
        compare(arguments.rounds)
    if arguments.soak:
        began = time.perf_counter()
        first, last, longest = soak(arguments.soak)
        for name, number in first.items():
            print(f"{name:<28} before {number:5}   after {arguments.soak} kernels {last[name]:5}")
        print(f"{time.perf_counter() - began:.0f} s, longest start {longest:.3f} s")


if __name__ == "__main__":
    main()
