import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from coursekit.grading.kernels import KernelUnavailable, Template, start
from coursekit.grading.limits import Limits
from coursekit.grading.sandbox import Box, Level, probe

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="kernels are forked on Linux only")

HELLO = "print('hello')\n6 * 7"
FIT = """
import keras, numpy as np
layers = [keras.layers.Conv2D(4, 3), keras.layers.Flatten(), keras.layers.Dense(3)]
model = keras.Sequential([keras.Input((8, 8, 1)), *layers])
model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
history = model.fit(np.zeros((32, 8, 8, 1)), np.zeros(32, int), epochs=1, verbose=0)
model.save("model.keras")
len(history.history["loss"]), keras.models.load_model("model.keras").count_params() == model.count_params()
"""


@pytest.fixture(scope="module")
def template():
    with Template(["numpy", "matplotlib.pyplot"], {}) as found:
        yield found


@pytest.fixture(scope="module")
def box():
    if probe() is not Level.NAMESPACES:
        pytest.skip("no namespaces on this machine")
    return Box(files={"helper.py": b"FOUND = 3", "numpy.py": b"1 / 0"}, limits=Limits(), level=probe(), exchange="")


def run(kernel, code, seconds=30):
    """Text, results, errors and pictures of a cell, in order."""
    request = kernel.client.execute(code)
    said = []
    while True:
        message = kernel.client.get_iopub_msg(timeout=seconds)
        content = message["content"]
        if message["parent_header"].get("msg_id") != request:
            continue
        if content.get("execution_state") == "idle":
            return said
        if message["msg_type"] == "stream":
            said.append(content["text"].strip())
        elif message["msg_type"] == "execute_result":
            said.append(content["data"]["text/plain"])
        elif message["msg_type"] == "display_data":
            said.extend(sorted(content["data"]))
        elif message["msg_type"] == "error":
            said.append(content["ename"])


def value(kernel, expression):
    return run(kernel, expression)[-1]


def ended(kernel, seconds=5.0):
    deadline = time.monotonic() + seconds
    while kernel.alive() and time.monotonic() < deadline:
        time.sleep(0.01)
    return kernel.exit_status()


def gone(pid, seconds=5.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.01)
    return False


def test_a_kernel_is_ready_warm_and_runs_cells(template):
    with start(template.address, None, {}) as kernel:
        assert run(kernel, HELLO) == ["hello", "42"]
        assert value(kernel, "import sys; 'numpy' in sys.modules and 'ipykernel' in sys.modules") == "True"
        assert kernel.exit_status() is None


def test_nothing_of_a_request_to_answer_lingers(template):
    with start(template.address, None, {}) as kernel:
        assert not kernel.client.iopub_channel.msg_ready()
        assert not kernel.client.shell_channel.msg_ready()


def test_figures_are_pictures(template):
    with start(template.address, None, {}) as kernel:
        assert "image/png" in run(kernel, "import matplotlib.pyplot as plt\nplt.plot([1, 2]);")


@pytest.mark.parametrize("cold", [False, True])
def test_an_error_does_not_look_through_the_files_of_all_modules(template, cold):
    """`inspect` does, for whatever is of no module; with TensorFlow each cell that raises took a twentieth second."""
    count = (
        "import inspect\nlooked = []\nbefore = inspect.ismodule\n"
        "inspect.ismodule = lambda each: looked.append(each) or before(each)\n"
        "def f():\n    raise ValueError('no')"
    )
    with start(None if cold else template.address, None, {}) as kernel:
        run(kernel, count)
        assert run(kernel, "f()") == ["ValueError"]
        run(kernel, "looked.clear()")
        assert run(kernel, "f()") == ["ValueError"]
        assert int(run(kernel, "len(looked)")[0]) < 100
        assert run(kernel, "print(inspect.getmodule(inspect.currentframe()))") == ["None"]


def test_what_lies_beside_the_notebook_can_be_imported_but_hides_nothing(template, tmp_path):
    (tmp_path / "numpy.py").write_text("1 / 0")
    (tmp_path / "this.py").write_text("1 / 0")
    (tmp_path / "helper.py").write_text("FOUND = 3")
    code = "import sys\nfor name in ('numpy', 'this'): sys.modules.pop(name, None)\n"
    code += "import helper\nfrom importlib.util import find_spec\n"
    code += "[helper.FOUND, *('test_what' in find_spec(name).origin for name in ('numpy', 'this'))]"
    for address in (template.address, None):
        with start(address, None, {}, folder=str(tmp_path)) as kernel:
            assert run(kernel, code) == ["[3, False, False]"]
            assert value(kernel, "import os; os.getcwd()") == repr(str(tmp_path))


def test_nothing_of_our_environment_is_seen(template, monkeypatch):
    monkeypatch.setenv("COURSE_SECRET", "swordfish")
    look = "import os; os.environ.get('COURSE_SECRET'), b'swordfish' in open('/proc/self/environ', 'rb').read()"
    look += ", os.environ['MINE'], os.environ['MPLBACKEND']"
    with Template([], {}) as fresh:
        for address in (fresh.address, None):
            with start(address, None, {"MINE": "1"}) as kernel:
                assert value(kernel, look) == "(None, False, '1', 'module://matplotlib_inline.backend_inline')"


def test_kernels_share_no_random_state_and_no_history(template):
    draw = "import random, multiprocessing, numpy as np\n"
    draw += "random.random(), np.random.random(), bytes(multiprocessing.current_process().authkey)"
    drawn = []
    for _ in range(2):
        with start(template.address, None, {}) as kernel:
            drawn.append(eval(value(kernel, draw)))
            assert value(kernel, "get_ipython().history_manager.hist_file") == "':memory:'"
    assert all(one != other for one, other in zip(*drawn, strict=True))


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("import os; os._exit(7)", 7),
        ("import os; os.kill(os.getpid(), 11)", -11),
        ("import ctypes; ctypes.string_at(0)", -11),
    ],
)
def test_the_exit_status_is_told(template, code, status):
    with start(template.address, None, {}) as kernel:
        kernel.client.execute(code)
        assert ended(kernel) == status


def test_a_kernel_can_be_killed_and_its_end_is_seen(template):
    with start(template.address, None, {}) as kernel:
        kernel.kill()
        assert ended(kernel) == -signal.SIGKILL
        kernel.kill()
        kernel.interrupt()


@pytest.mark.parametrize("cold", [False, True])
def test_an_endless_cell_is_interrupted_by_a_message(template, cold):
    with start(None if cold else template.address, None, {}) as kernel:
        timer = threading.Timer(0.3, kernel.interrupt)
        timer.start()
        assert run(kernel, "while True: pass") == ["KeyboardInterrupt"]
        timer.join()
        assert run(kernel, "import time\ntime.sleep(0)\n1") == ["1"]


@pytest.mark.parametrize("cold", [False, True])
def test_nothing_is_left(template, cold):
    mine = psutil.Process()
    with start(template.address, None, {}):
        pass
    descriptors, threads = mine.num_fds(), mine.num_threads()
    with start(None if cold else template.address, None, {}) as kernel:
        folder = Path(kernel.client.ip).parent
        pid = kernel.pid
        assert folder.exists()
    assert gone(pid)
    assert not folder.exists()
    assert (mine.num_fds(), mine.num_threads()) == (descriptors, threads)


def test_what_a_kernel_left_running_ends_with_it(template):
    daemon = (
        "import os, time\nr, w = os.pipe()\n"
        "if not os.fork():\n    os.setsid()\n    if os.fork(): os._exit(0)\n"
        "    os.write(w, str(os.getpid()).encode()); time.sleep(600); os._exit(0)\n"
        "int(os.read(r, 20))"
    )
    with start(template.address, None, {}) as kernel:
        left = int(run(kernel, daemon)[-1])
        assert psutil.pid_exists(left)
    assert gone(left)


def test_a_kernel_ends_with_whoever_asked_for_it(template):
    code = (
        "import sys, time\nfrom coursekit.grading.kernels import start\n"
        "kernel = start(sys.argv[1] or None, None, {})\nprint(kernel.pid, kernel._folder, flush=True)\ntime.sleep(600)"
    )
    for address in (template.address, ""):
        owner = subprocess.Popen([sys.executable, "-c", code, address], stdout=subprocess.PIPE, text=True)
        pid, folder = owner.stdout.readline().split()
        assert psutil.pid_exists(int(pid))
        owner.kill()
        owner.wait()
        owner.stdout.close()
        assert gone(int(pid))
        if address:
            time.sleep(0.2)
            assert not os.path.exists(folder)
        else:
            subprocess.run(["rm", "-r", folder], check=True)


def test_many_ask_at_once(template):
    said = []

    def use():
        with start(template.address, None, {}) as kernel:
            said.append(run(kernel, HELLO))

    threads = [threading.Thread(target=use) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert said == [["hello", "42"]] * 6


def test_memory_of_a_kernel_alone(template):
    with start(template.address, None, {}) as kernel:
        before = kernel.private_bytes()
        run(kernel, "x = bytearray(b'x') * 2**26")
        assert 2**26 < kernel.private_bytes() - before < 2**27


def test_a_cold_start_is_the_same_kernel(template):
    look = (
        "import sys, os\nget_ipython().history_manager.hist_file, os.environ['MPLBACKEND'], sys.path[-1] == os.getcwd()"
    )
    said = []
    for address in (template.address, None):
        with start(address, None, {}) as kernel:
            said.append(run(kernel, HELLO) + run(kernel, look) + run(kernel, "1 / 0"))
            kernel.client.execute("import os; os._exit(7)")
            assert ended(kernel) == 7
    assert said[0] == said[1]


@pytest.mark.parametrize("cold", [False, True])
def test_in_a_box(template, box, cold):
    with start(None if cold else template.address, box, {"MINE": "1"}) as kernel:
        assert value(kernel, "import os, numpy, helper; os.getpid(), helper.FOUND, os.environ['MINE']") == "(1, 3, '1')"
        assert value(kernel, "os.path.expanduser('~') == os.environ['HOME'] and os.access('.', os.W_OK)") == "True"
        assert run(kernel, "import socket; socket.create_connection(('127.0.0.1', 22), 1)") in (
            ["ConnectionRefusedError"],
            ["PermissionError"],
            ["OSError"],
        )
        timer = threading.Timer(0.3, kernel.interrupt)
        timer.start()
        assert run(kernel, "while True: pass") == ["KeyboardInterrupt"]
        inside = psutil.Process(kernel.pid).children(recursive=True)
        kernel.client.execute("os._exit(7)")
        assert ended(kernel) == 7
    assert inside
    assert all(gone(each.pid) for each in inside)


def test_a_box_is_gone_when_its_kernel_is_closed(template, box):
    with start(template.address, box, {}) as kernel:
        run(kernel, "import os\nif not os.fork():\n    os.setsid()\n    __import__('time').sleep(600)")
        inside = psutil.Process(kernel.pid).children(recursive=True)
        folder = Path(kernel.client.ip).parent
    assert len(inside) == 2
    assert not any(psutil.pid_exists(each.pid) for each in inside)
    assert not folder.exists()
    assert str(folder) not in Path("/proc/self/mountinfo").read_text()


def test_a_box_of_level_none_is_a_folder_with_the_files(template):
    open_box = Box(files={"a/helper.py": b"FOUND = 3"}, limits=Limits(), level=Level.NONE, exchange="")
    with start(template.address, open_box, {}) as kernel:
        assert value(kernel, "from a.helper import FOUND; FOUND") == "3"


@pytest.mark.slow
def test_keras_fits_in_a_fork_in_a_box(box):
    with Template(["numpy", "tensorflow", "keras"], {}) as heavy:
        assert "thread" not in heavy.log
        for _ in range(2):
            with start(heavy.address, box, {}) as kernel:
                assert value(kernel, "{'tensorflow', 'keras'} <= set(__import__('sys').modules)") == "True"
                assert run(kernel, "import keras") == []
                assert value(kernel, "'sklearn' in __import__('sys').modules") == "False"
                assert value(kernel, "keras.wrappers.SKLearnClassifier.__name__") == "'SKLearnClassifier'"
                assert run(kernel, FIT, seconds=120)[-1] == "(1, True)"
                timer = threading.Timer(1.0, kernel.interrupt)
                timer.start()
                endless = "model.fit(np.zeros((32, 8, 8, 1)), np.zeros(32, int), epochs=10**6, verbose=0)"
                assert run(kernel, endless, seconds=60) == ["KeyboardInterrupt"]


def test_no_template_no_kernel():
    with Template([], {}) as template:
        address = template.address
        folder = Path(address).parent
    assert template.address is None
    assert not folder.exists()
    with pytest.raises(KernelUnavailable):
        start(address, None, {})


def test_a_file_that_stands_in_the_way_is_our_fault(template, monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    with pytest.raises(KernelUnavailable):
        start(template.address, None, {})
    long = tmp_path / ("x" * 120)
    long.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(long))
    with pytest.raises(KernelUnavailable):
        start(template.address, None, {})
    assert list(long.iterdir()) == []


def test_a_kernel_that_cannot_start_says_why(template):
    before = set(os.listdir("/proc/self/fd"))
    with pytest.raises(KernelUnavailable, match="nowhere"):
        start(template.address, None, {}, folder="/nowhere")
    with pytest.raises(KernelUnavailable, match="nowhere"):
        start(None, None, {}, folder="/nowhere")
    assert set(os.listdir("/proc/self/fd")) == before
