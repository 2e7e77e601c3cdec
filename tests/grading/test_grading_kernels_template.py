import os
import signal
import socket
import subprocess
import sys
import time

import psutil
import pytest

from coursekit.grading.kernels import KernelUnavailable, Template, start

pytestmark = [
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="kernels are forked on Linux only"),
    pytest.mark.slow,
]


@pytest.fixture
def modules(tmp_path):
    """Variables with which modules in a folder can be imported."""
    return tmp_path, {"PYTHONPATH": str(tmp_path)}


def answer(kernel, expression):
    reply = kernel.client.execute("", user_expressions={"it": expression}, reply=True, timeout=20)
    return reply["content"]["user_expressions"]["it"]["data"]["text/plain"]


def gone(pid, seconds=5.0):
    deadline = time.monotonic() + seconds
    while psutil.pid_exists(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not psutil.pid_exists(pid)


def test_a_module_that_cannot_be_imported_is_left_out(modules):
    folder, environment = modules
    (folder / "broken.py").write_text("1 / 0")
    (folder / "fine.py").write_text("")
    with Template(["broken", "nowhere", "fine"], environment) as template, start(template.address, None, {}) as kernel:
        assert answer(kernel, "'fine' in __import__('sys').modules") == "True"
        assert "broken cannot be imported: division by zero" in template.log
        assert "nowhere cannot be imported" in template.log


def test_a_module_that_starts_a_thread_is_left_to_the_kernels(modules):
    folder, environment = modules
    (folder / "busy.py").write_text(
        "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()"
    )
    (folder / "fine.py").write_text("")
    with Template(["busy", "fine"], environment) as template, start(template.address, None, environment) as kernel:
        assert len(os.listdir(f"/proc/{template.pid}/task")) == 1
        assert answer(kernel, "[name in __import__('sys').modules for name in ('busy', 'fine')]") == "[False, True]"
        assert answer(kernel, "__import__('busy') is not None") == "True"
        assert "busy starts a thread" in template.log


def test_a_template_that_dies_on_import_is_given_up(modules):
    folder, environment = modules
    (folder / "fatal.py").write_text("import os\nos._exit(3)")
    with Template(["fatal"], environment) as template, pytest.raises(KernelUnavailable):
        start(template.address, None, {})


def test_a_dead_template_is_ours_and_another_one_starts():
    with Template([], {}) as template:
        for _ in range(4):
            with start(template.address, None, {}) as kernel:
                first = template.pid
                os.kill(first, signal.SIGKILL)
                assert gone(kernel.pid)
                with pytest.raises(KernelUnavailable):
                    kernel.alive()
                with pytest.raises(KernelUnavailable):
                    kernel.exit_status()
        with start(template.address, None, {}) as kernel:
            assert answer(kernel, "1") == "1"
            assert template.pid != first


def test_requests_while_it_starts_wait():
    with Template([], {}) as template:
        os.kill(template.pid, signal.SIGKILL)
        with start(template.address, None, {}) as kernel:
            assert answer(kernel, "1") == "1"


def test_nonsense_on_the_socket_stops_nobody():
    with Template([], {}) as template:
        mine = [socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(3)]
        for each in mine:
            each.connect(template.address)
        mine[0].send(b"{not json")
        mine[1].send(b'{"folder": ""}')  # and no descriptors; the third says nothing
        with start(template.address, None, {}) as kernel:
            assert answer(kernel, "1") == "1"
        pid = template.pid
        for each in mine:
            each.close()
        with start(template.address, None, {}):
            assert template.pid == pid


def test_only_its_owner_may_connect():
    with Template([], {}) as template:
        assert os.stat(template.address).st_mode & 0o777 == 0o600
        assert os.stat(os.path.dirname(template.address)).st_mode & 0o777 == 0o700


def test_it_ends_with_its_kernels_when_closed():
    with Template([], {}) as template:
        kernel = start(template.address, None, {})
        pids = template.pid, kernel.pid
    assert not any(psutil.pid_exists(pid) for pid in pids)
    with pytest.raises(KernelUnavailable):
        kernel.alive()
    kernel.close()


def test_leaving_while_it_imports_does_not_wait(modules):
    folder, environment = modules
    (folder / "endless.py").write_text("import time\ntime.sleep(60)")
    began = time.monotonic()
    with Template(["endless"], environment) as template:
        pid = template.pid
    assert time.monotonic() - began < 20
    assert not psutil.pid_exists(pid)


def test_it_ends_when_its_owner_is_killed():
    code = (
        "import time\nfrom coursekit.grading.kernels import Template, start\n"
        "with Template([], {}) as template:\n    kernel = start(template.address, None, {})\n"
        "    print(template.pid, kernel.pid, template._folder, kernel._folder, flush=True)\n    time.sleep(600)"
    )
    owner = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    template, kernel, *folders = owner.stdout.readline().split()
    owner.kill()
    owner.wait()
    owner.stdout.close()
    assert gone(int(template))
    assert gone(int(kernel))
    assert not any(os.path.exists(folder) for folder in folders)


def test_where_forking_is_not_possible_there_is_no_address(monkeypatch):
    monkeypatch.setattr("sys.platform", "darwin")
    with Template([], {}) as template:
        assert template.address is None
        assert template.pid == 0
