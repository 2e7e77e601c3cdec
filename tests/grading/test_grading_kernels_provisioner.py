import asyncio
import os
import re
import signal
import subprocess
import sys
import time

import nbformat
import psutil
import pytest
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager, KernelManager, start_new_async_kernel, start_new_kernel
from jupyter_client.provisioning import KernelProvisionerFactory
from nbclient import NotebookClient

from coursekit.grading.kernels import provisioner
from coursekit.grading.kernels.control import Forked

pytestmark = [
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="kernels are forked on Linux only"),
    pytest.mark.slow,
]


@pytest.fixture(autouse=True)
def warm(monkeypatch):
    """What the documentation says to set, and a template that starts quickly."""
    KernelProvisionerFactory.clear_instance()
    monkeypatch.setenv("JUPYTER_DEFAULT_PROVISIONER_NAME", "coursekit-warm")
    monkeypatch.setenv("COURSEKIT_WARM_MODULES", "numpy, matplotlib.pyplot")
    yield
    KernelProvisionerFactory.clear_instance()


@pytest.fixture(scope="module", autouse=True)
def close():
    yield
    for template in provisioner._templates.values():
        template.__exit__()
    provisioner._templates.clear()


def notebook(*cells):
    found = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
    found.cells = [nbformat.v4.new_code_cell(cell) for cell in cells]
    return found


def execute(*cells, folder="."):
    done = NotebookClient(notebook(*cells), timeout=60, resources={"metadata": {"path": str(folder)}}).execute()
    return [[output.get("text") or output["data"] for output in cell.outputs] for cell in done.cells]


def test_nbclient_runs_a_notebook_in_a_fork(tmp_path):
    (tmp_path / "helper.py").write_text("FOUND = 3")
    parent, figure, helper = execute(
        "import os; print(open(f'/proc/{os.getppid()}/cmdline').read())",
        "import matplotlib.pyplot as plt\nplt.plot([1, 2]);",
        "import helper, os; helper.FOUND, os.getcwd()",
        folder=tmp_path,
    )
    assert "coursekit.grading.kernels.template" in parent[0]
    assert "image/png" in figure[0]
    assert helper[0]["text/plain"] == f"(3, {str(tmp_path)!r})"


def test_variables_and_home_are_the_users(monkeypatch):
    monkeypatch.setenv("MINE", "1")
    (found,) = execute("import os; os.environ['MINE'], os.path.expanduser('~')")
    assert found[0]["text/plain"] == repr(("1", os.path.expanduser("~")))


def test_a_kernel_is_interrupted_restarted_killed_and_shut_down():
    async def use():
        manager, client = await start_new_async_kernel()
        assert isinstance(manager, AsyncKernelManager)
        assert isinstance(manager.provisioner.process, Forked)

        async def run(code):
            reply = await client.execute_interactive(code, timeout=20, output_hook=lambda message: None)
            return reply["content"].get("ename", "ok")

        assert await run("x = 1") == "ok"
        endless = asyncio.ensure_future(run("while True: pass"))
        await asyncio.sleep(0.3)
        await manager.interrupt_kernel()
        assert await endless == "KeyboardInterrupt"
        for now in (False, True):
            before = manager.provisioner.process.pid
            await manager.restart_kernel(now=now)
            await client.wait_for_ready(timeout=20)
            assert not psutil.pid_exists(before)
            assert await run("x") == "NameError"
        before = manager.provisioner.process.pid
        client.stop_channels()
        began = time.monotonic()
        await manager.shutdown_kernel()
        assert time.monotonic() - began < 4  # jupyter_client would wait for 5 s
        assert not psutil.pid_exists(before)
        assert not await manager.is_alive()

    asyncio.run(use())


def test_a_kernel_that_died_can_be_restarted():
    manager, client = start_new_kernel()
    try:
        for _ in range(3):
            client.execute("import os; os._exit(7)")
            deadline = time.monotonic() + 5
            while manager.is_alive() and time.monotonic() < deadline:
                time.sleep(0.01)
            assert manager.provisioner.process.poll() == 7
            manager.restart_kernel()
            client.wait_for_ready(timeout=20)
            assert client.execute("1", reply=True, timeout=10)["content"]["status"] == "ok"
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_nothing_is_left_of_many():
    for _ in range(2):
        execute("1")
    mine = psutil.Process()
    before = mine.num_fds()
    for _ in range(5):
        execute("1")
    assert mine.num_fds() <= before


def test_without_a_template_kernels_start_cold(monkeypatch, caplog):
    monkeypatch.setenv("COURSEKIT_TEMPLATE", "/nowhere")
    (found,) = execute("import os; print(os.getppid())")
    assert int(found[0]) == os.getpid()


def test_a_template_that_dies_takes_its_kernels_and_the_next_is_warm_again():
    manager, client = start_new_kernel()
    parent = psutil.Process(manager.provisioner.process.pid).ppid()
    os.kill(parent, signal.SIGKILL)
    deadline = time.monotonic() + 5
    while manager.is_alive() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not manager.is_alive()
    manager.restart_kernel(now=True)
    client.wait_for_ready(timeout=20)
    assert isinstance(manager.provisioner.process, Forked)
    client.stop_channels()
    manager.shutdown_kernel(now=True)


@pytest.mark.slow
def test_a_template_of_another_process_serves_many_programs():
    command = [sys.executable, "-m", "coursekit.grading.kernels", "numpy"]
    holder = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        lines = [holder.stdout.readline().split(maxsplit=1)[1].strip().split("=", 1) for _ in range(2)]
        code = "import os; print(os.getppid())"
        program = (
            "import nbformat, nbclient\nn = nbformat.v4.new_notebook()\n"
            f"n.cells = [nbformat.v4.new_code_cell({code!r})]\n"
            "print(nbclient.NotebookClient(n, timeout=60).execute().cells[0].outputs[0].text)"
        )
        parents = {
            subprocess.run(
                [sys.executable, "-c", program],
                env=os.environ | dict(lines),
                capture_output=True,
                text=True,
                check=True,
            ).stdout.strip()
            for _ in range(2)
        }
        assert len(parents) == 1
        assert psutil.Process(int(parents.pop())).ppid() == holder.pid
    finally:
        holder.send_signal(signal.SIGINT)
        assert holder.wait(timeout=20) == 0
        holder.stdout.close()
    assert not os.path.exists(lines[1][1])


def test_what_libraries_read_on_import_needs_a_template_of_its_own():
    base = {"HOME": os.path.expanduser("~"), "PATH": os.environ["PATH"], "JPY_SESSION_NAME": "a"}
    first = provisioner._address((), base)
    assert provisioner._address((), base | {"JPY_SESSION_NAME": "b"}) == first
    assert provisioner._address((), base | {"KERAS_BACKEND": "jax"}) != first
    assert provisioner._address((), base | {"PYTHONPATH": "/x"}) != first
    assert provisioner._address((), base | {"CUDA_VISIBLE_DEVICES": ""}) != first


def test_only_ipython_kernels_of_this_python_are_forked():
    python = sys.executable
    assert provisioner._arguments([python, "-m", "ipykernel_launcher", "-f", "x"]) == ["-f", "x"]
    assert provisioner._arguments([python, "-Xfrozen_modules=off", "-m", "ipykernel_launcher", "-f", "x"]) == [
        "-f",
        "x",
    ]
    assert provisioner._arguments([python, "-m", "other_kernel", "-f", "x"]) is None
    assert provisioner._arguments(["/usr/bin/other", "-m", "ipykernel_launcher", "-f", "x"]) is None


def test_a_kernelspec_can_name_it_and_its_modules():
    chosen = {"provisioner_name": "coursekit-warm", "config": {"modules": ["json"]}}
    spec = KernelSpec(argv=[], metadata={"kernel_provisioner": chosen}, language="python")
    found = KernelProvisionerFactory.instance().create_provisioner_instance("id", spec, parent=KernelManager())
    assert isinstance(found, provisioner.WarmProvisioner)
    assert found.modules == ["json"]
    plain = KernelSpec(argv=[], language="python")
    found = KernelProvisionerFactory.instance().create_provisioner_instance("id", plain, parent=KernelManager())
    assert found.modules == ["numpy", "matplotlib.pyplot"]
    assert re.match("JUPYTER", KernelProvisionerFactory.default_provisioner_name_env)
