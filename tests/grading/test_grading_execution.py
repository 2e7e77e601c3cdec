"""Kernels that are replaced and watched over. What is hostile runs shut in, and ends by itself."""

import time

import psutil
import pytest

from coursekit.grading import kernels
from coursekit.grading.execution import Execution, Unavailable
from coursekit.grading.limits import MIB, Limits
from coursekit.grading.sandbox import Box, Level, probe
from coursekit.grading.session import Session

needs_a_box = pytest.mark.skipif(probe() is not Level.NAMESPACES, reason="no namespaces to shut a kernel in here")


@pytest.fixture(scope="module")
def template():
    with kernels.Template(("numpy",), {}) as running:
        yield running


@pytest.fixture
def execution(template):
    def made(limits=Limits(), files=(), start=None):  # noqa: B008 - frozen
        def boxed(files):
            return kernels.start(template.address, Box(dict(files), limits, probe(), ""), {})

        return Execution(start or boxed, dict(files), limits, 7)

    return made


def printed(ran):
    return "".join(each.get("text", "") for each in ran.outputs)


def test_a_kernel_starts_when_it_is_needed_and_is_gone_afterwards(execution):
    before = set(psutil.Process().children(recursive=True))
    with execution(files={"data.txt": b"here"}) as running:
        assert running.cpu_seconds == 0
        assert printed(running.run("print(open('data.txt').read())", 10)) == "here\n"
        assert not running.lost
    assert running.cpu_seconds > 0
    assert set(psutil.Process().children(recursive=True)) <= before


def test_a_new_kernel_is_set_up_as_the_old_one_was(execution):
    with execution() as running:
        running.run("import random\nfirst = random.random()\nkept = 1", 10)
        running.run("kept += 1\n1 / 0", 10)
        running.run("kept = 100", 10, again=False)
        assert running.run("import os\nos._exit(1)", 10).cause == "died"
        assert not running.lost
        ran = running.run("print(kept, first == random.Random(7).random())", 10)
        assert running.lost
    assert printed(ran) == "2 True\n"


def test_a_kernel_apart_knows_nothing_of_the_notebook(execution):
    with execution() as running:
        running.run("here = 1", 10)
        with running.apart({"model": b"abc"}) as session:
            assert session.evaluate("", "open('model').read()", 10) == "abc"
            assert session.run("here", 10).error == "NameError"
        assert running.run("here", 10).cause == ""


def test_our_own_failures_are_told_as_such(execution):
    def broken(files):
        raise OSError("no space left")

    with execution(start=broken) as running, pytest.raises(Unavailable, match="no space left"):
        running.run("1", 10)


def test_a_kernel_that_ends_before_anything_ran_is_our_own_failure(execution, monkeypatch):
    def end(session, *arguments):
        session._kernel.kill()
        while session.alive:
            time.sleep(0.01)

    monkeypatch.setattr(Session, "evaluate", end)
    with execution() as running, pytest.raises(Unavailable, match="ended at once"):
        running.run("1", 10)


@needs_a_box
def test_too_much_memory_in_one_process_is_an_error_of_the_cell(execution):
    with execution(Limits(memory_bytes=600 * MIB)) as running:
        ran = running.run("import numpy\nnumpy.ones(2**30)", 20)
        assert (ran.cause, ran.error) in (("error", "MemoryError"), ("error", "_ArrayMemoryError"))
        assert running.run("1", 10).cause == ""


@needs_a_box
def test_too_much_memory_in_many_processes_ends_the_kernel_with_the_reason(execution):
    hog = (
        "import os, time\n"
        "for _ in range(4):\n"
        "    if os.fork() == 0:\n"
        "        x = b'a' * (250 * 2**20)\n"
        "        time.sleep(8)\n"
        "        os._exit(0)\n"
        "time.sleep(8)"
    )
    with execution(Limits(memory_bytes=600 * MIB)) as running:
        ran = running.run(hog, 20)
        assert ran.cause == "memory"
        assert "MiB of memory were in use, 600 may be" in ran.sentence
        assert running.run("1", 10).cause == ""


@needs_a_box
@pytest.mark.slow
def test_the_grader_stays_small_in_a_flood(execution):
    process, before = psutil.Process(), psutil.Process().memory_info().rss
    floods = (
        "while time.monotonic() < until: print('x' * 1000)",
        "while time.monotonic() < until: display(HTML('y' * 3_000_000))",
        "while time.monotonic() < until: socket.send_multipart([b'x' * 1000] * 7000)",
        "while time.monotonic() < until: socket.send_multipart([b''] * 100_000)",
    )
    setup = (
        "import time\nfrom IPython.display import display, HTML\n"
        "socket = get_ipython().kernel.iopub_socket\nuntil = time.monotonic() + 10\n"
    )
    for flood in floods:
        with execution() as running:
            ran = running.run(setup + flood, 6)
            assert ran.cause in ("output", "time", "memory", "died")  # what it has not sent fills its own memory
            assert process.memory_info().rss - before < 200 * MIB
            assert running.run("1", 10).cause == ""
