import sys
import time
from queue import Empty

import psutil
import pytest

from coursekit.child import run_python
from coursekit.grading.kernels import Flooded, Template, client, start
from coursekit.grading.kernels.client import MIB, Malformed
from coursekit.grading.limits import Limits
from coursekit.grading.sandbox import Box, Level, probe

pytestmark = [
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="kernels are forked on Linux only"),
    pytest.mark.slow,
]

SOCKET = "s = get_ipython().kernel.iopub_thread.socket\n"


@pytest.fixture(scope="module")
def template():
    if probe() is not Level.NAMESPACES:
        pytest.skip("no namespaces on this machine: nothing hostile runs")
    with Template([], {}) as found:
        yield found


@pytest.fixture
def kernel(template):
    box = Box(files={}, limits=Limits(answer_bytes=MIB), level=probe(), exchange="")
    with start(template.address, box, {}) as found:
        yield found


GOES = """
import sys, time
import zmq
from coursekit.grading.kernels.client import Client

kinds = {"shell_port": zmq.ROUTER, "iopub_port": zmq.XPUB, "stdin_port": zmq.ROUTER, "control_port": zmq.ROUTER}
ports = {name: number for number, name in enumerate(kinds, start=1)}
context, path = zmq.Context(), sys.argv[1] + "/k"
bound = {name: context.socket(kind) for name, kind in kinds.items()}
for name, socket in bound.items():
    socket.bind(f"ipc://{path}-{ports[name]}")
client = Client({"transport": "ipc", "ip": path, "key": b"", **ports}, answer_bytes=2**20)
outputs, replies = client.iopub_channel.socket, client.shell_channel.socket
bound["iopub_port"].recv()  # that we listen
replies.send(b"hello")
address, _ = bound["shell_port"].recv_multipart()
for name, socket, to in (("iopub_port", outputs, []), ("shell_port", replies, [address])):
    bound[name].send_multipart([*to, *[b"x"] * 1000])
    parts = [socket.recv()]
    bound[name].close(linger=0)
    time.sleep(0.5)
    while socket.getsockopt(zmq.RCVMORE):
        parts.append(socket.recv(zmq.NOBLOCK))
    print(len(parts))
"""


def test_a_kernel_that_goes_while_its_message_of_many_parts_is_read_does_not_end_us(tmp_path):
    """ZeroMQ would abort the process: "Assertion failed: !_more"."""
    done = run_python("-c", GOES, str(tmp_path), timeout=60)
    assert (done.stdout.split(), done.stderr, done.returncode) == (["1000", "1000"], "", 0)


def read(kernel, seconds=20.0):
    """Read output until there is none."""
    deadline = time.monotonic() + seconds
    while True:
        kernel.client.get_iopub_msg(timeout=deadline - time.monotonic())


def test_waiting_takes_as_long_as_asked(kernel):
    began = time.monotonic()
    with pytest.raises(Empty):
        kernel.client.get_shell_msg(timeout=0.2)
    assert 0.19 < time.monotonic() - began < 2
    with pytest.raises(Empty):
        kernel.client.get_iopub_msg(timeout=0)


def test_a_slow_reader_loses_nothing(kernel):
    request = kernel.client.execute("from IPython.display import display\nfor n in range(5000): display(n)")
    time.sleep(2)
    shown = []
    while True:
        message = kernel.client.get_iopub_msg(timeout=10)
        assert message["parent_header"]["msg_id"] == request
        if message["msg_type"] == "display_data":
            shown.append(int(message["content"]["data"]["text/plain"]))
        if message["content"].get("execution_state") == "idle":
            break
    assert shown == list(range(5000))


def test_a_message_that_is_too_long_does_not_arrive(kernel):
    before = psutil.Process().memory_info().rss
    kernel.client.execute(f"print('x' * {2 * client.OUTPUT_BYTES})")
    with pytest.raises(Empty):
        read(kernel, seconds=2.0)
    assert psutil.Process().memory_info().rss - before < client.OUTPUT_BYTES


def test_an_answer_that_is_too_long_does_not_arrive(kernel):
    kernel.client.execute("", user_expressions={"it": f"'x' * {4 * MIB}"})
    with pytest.raises(Empty):
        kernel.client.get_shell_msg(timeout=2)


def test_a_message_of_too_many_values_is_not_read(kernel):
    bomb = "[0] * 3_000_000"
    kernel.client.execute(f"from IPython.display import display\ndisplay({{'application/json': {bomb}}}, raw=True)")
    with pytest.raises(Malformed):
        read(kernel)


@pytest.mark.parametrize(
    "frames",
    ["[b'x']", "[b'<IDS|MSG>', b'', b'{}', b'{}', b'{}', b'{}']", "[b'<IDS|MSG>', b'x', b'[]', b'', b'', b'']"],
)
def test_what_is_no_message_is_malformed(kernel, frames):
    kernel.client.execute(f"{SOCKET}s.send_multipart({frames})")
    with pytest.raises(Malformed):
        read(kernel)


def test_nesting_without_end_is_malformed(kernel):
    nested = "'[' * 100_000 + ']' * 100_000"
    kernel.client.execute(
        f"{SOCKET}import hmac\nsession = get_ipython().kernel.session\n"
        f"parts = [b'{{}}', b'{{}}', b'{{}}', ({nested}).encode()]\n"
        "s.send_multipart([b'<IDS|MSG>', session.sign(parts), *parts])"
    )
    with pytest.raises(Malformed):
        read(kernel)


def test_a_message_in_endless_parts_is_noticed(kernel, monkeypatch):
    monkeypatch.setattr(client, "_GROWTH_BYTES", 32 * MIB)
    part = f"part = bytes({MIB})\n"
    kernel.client.execute(f"{SOCKET}{part}import zmq\nfor _ in range(500): s.send(part, zmq.SNDMORE)\ns.send(part)")
    with pytest.raises(Flooded):
        read(kernel)
