"""The second best box: what it promises, with every process and file of the machine in sight."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from coursekit.grading.limits import MIB, Limits

pytestmark = pytest.mark.slow

ATTEMPTS = """
import ctypes, errno, fcntl, json, mmap, os, resource, shutil, signal, socket, struct, subprocess, sys, threading, time
libc = ctypes.CDLL(None, use_errno=True)
done = []
def attempt(name, act):
    try:
        act()
        done.append(name)
    except OSError:
        pass
def call(number, *arguments):
    if libc.syscall(ctypes.c_long(number), *map(ctypes.c_long, arguments)) == -1:
        raise OSError(ctypes.get_errno(), "refused")
"""


def attempts(machine, code, box=None, **variables):
    """What of the code's attempts succeeded."""
    lines = ATTEMPTS + code + "\nprint(json.dumps(done))\n"
    return machine.run(lines, box, **variables).said


def listen(receive, found):
    with contextlib.suppress(OSError):
        found.append(receive())


@pytest.fixture
def neighbour(landlocked):
    """A process of the same user, as the grader is of a plain user's."""
    command = landlocked.as_user([sys.executable, "-c", "import time; print(1, flush=True); time.sleep(60)"])
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env={"MY_TOKEN": landlocked.secret})
    process.stdout.readline()
    yield process
    process.kill()
    process.communicate()


def test_its_files_the_libraries_and_the_data_can_be_read(landlocked):
    code = """
    import json, os, pathlib, shutil, tempfile, zmq
    import numpy as np
    import coursekit.exercises
    np.save("sub/x.npy", np.eye(2))
    shutil.copy("sub/x.npy", "copy.npy")
    pathlib.Path("touched").touch()
    open("touched").close()
    zmq.Context().socket(zmq.ROUTER).bind("ipc://" + os.path.expanduser("~/../s-1"))
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"x")
    print(json.dumps([open("sub/a.txt").read(), float(np.load("sub/x.npy").sum()), open(data + "/set.csv").read()]))
    """
    box = landlocked.box({"sub/a.txt": b"hello"}, readonly=(str(landlocked.data),))
    assert landlocked.run(code, box, data=str(landlocked.data)).said == ["hello", 2.0, "1,2\n"]


def test_nothing_else_can_be_read(landlocked, neighbour):
    paths = [str(path) for path in landlocked.grading.rglob("*") if path.is_file()]
    paths += [root + path for root in ("/proc/self/root", "/proc/self/cwd/../../../../../..") for path in paths]
    paths += ["/etc/shadow", "/etc/hostname", "/etc/ssh", "/var/log", "/home", "/tmp", "/dev/shm", "/dev/tty", "/proc"]
    paths += [f"/proc/{neighbour.pid}/{name}" for name in ("environ", "cmdline", "maps", "mem", "fd", "status")]
    code = """
os.symlink(paths[0], "link")
for path in [*paths, "link", *(f"/proc/self/fd/{n}/.." for n in range(3, 64))]:
    attempt(path, lambda: os.listdir(path) if os.path.isdir(path) else open(path, "rb").read(1))
attempt("hard link", lambda: os.link(paths[0], "hard"))
attempt("read through a mapping", lambda: os.open(paths[0], os.O_RDONLY))
"""
    assert attempts(landlocked, code, paths=paths) == []


def test_nothing_else_can_be_written_even_if_it_is_ones_own(landlocked):
    gradebook = landlocked.grading / "gradebook.db"
    landlocked.give(gradebook, gradebook.parent)
    before = gradebook.stat()
    code = """
attempt("write", lambda: open(path, "a"))
attempt("truncate", lambda: os.truncate(path, 0))
attempt("remove", lambda: os.remove(path))
attempt("rename", lambda: os.rename(path, path + "2"))
attempt("move away", lambda: os.rename(path, "mine"))
attempt("move over", lambda: (open("own", "w").close(), os.rename("own", path)))
attempt("make", lambda: open(os.path.dirname(path) + "/new", "w"))
attempt("folder", lambda: os.mkdir(os.path.dirname(path) + "/new"))
attempt("link", lambda: os.symlink("/", os.path.dirname(path) + "/new"))
attempt("chmod", lambda: os.chmod(path, 0))
attempt("chmod of a folder", lambda: os.chmod(os.path.dirname(path), 0))
attempt("utime", lambda: os.utime(path, (0, 0)))
attempt("owner", lambda: os.chown(path, os.getuid(), os.getgid()))
attempt("attribute", lambda: os.setxattr(path, "user.x", b"1"))
attempt("package", lambda: open(sys.modules["ctypes"].__file__, "a"))
attempt("data", lambda: open(data, "a"))
attempt("beside data", lambda: open(os.path.dirname(data) + "/new", "w"))
attempt("exchange", lambda: open(os.path.expanduser("~/../new"), "w"))
attempt("device", lambda: os.mknod("disk", 0o060666, os.makedev(254, 0)))
for folder in ("/tmp", "/dev/shm", "/var/tmp", "/run", os.path.dirname(os.path.dirname(path))):
    attempt(folder, lambda: open(folder + "/left-by-test", "w"))
"""
    pretended = {"chmod", "chmod of a folder"}
    box = landlocked.box(readonly=(str(landlocked.data),))
    data = str(landlocked.data / "set.csv")
    assert set(attempts(landlocked, code, box, path=str(gradebook), data=data)) <= pretended
    after = gradebook.stat()
    assert gradebook.read_text() == landlocked.secret
    assert gradebook.parent.stat().st_mode & 0o777 == 0o755
    assert (after.st_mode, after.st_mtime, after.st_ino) == (before.st_mode, before.st_mtime, before.st_ino)


def test_nobody_outside_is_reached(landlocked):
    """Not even by the path of a socket: that is how a session's bus would start a program."""
    path, name = str(landlocked.folder / "bus"), f"\0coursekit-{os.urandom(6).hex()}"
    found, servers = [], []
    for kind, family, address in (
        (socket.SOCK_STREAM, socket.AF_UNIX, path),
        (socket.SOCK_DGRAM, socket.AF_UNIX, path + "-dgram"),
        (socket.SOCK_STREAM, socket.AF_UNIX, name),
        (socket.SOCK_DGRAM, socket.AF_UNIX, name + "-dgram"),
        (socket.SOCK_STREAM, socket.AF_INET, ("127.0.0.1", 0)),
        (socket.SOCK_DGRAM, socket.AF_INET, ("127.0.0.1", 0)),
    ):
        server = socket.socket(family, kind)
        server.bind(address)
        server.settimeout(10)
        if kind == socket.SOCK_STREAM:
            server.listen()
        servers.append(server)
        receive = server.accept if kind == socket.SOCK_STREAM else lambda server=server: server.recv(10)
        threading.Thread(target=listen, args=(receive, found), daemon=True).start()
    for each in landlocked.folder.glob("bus*"):
        each.chmod(0o777)
    code = """
for family in range(64):
    for kind in (1, 2, 3, 5):
        attempt([family, kind], lambda: socket.socket(family, kind, 0).close())
for kind in (socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
    attempt("pair", lambda: socket.socketpair(socket.AF_UNIX, kind))
for address in unix:
    attempt(address, lambda: socket.socket(socket.AF_UNIX).connect(address))
    attempt(address, lambda: socket.socket(socket.AF_UNIX).sendto(b"x", address))
    attempt(address, lambda: socket.socketpair()[0].sendmsg([b"x"], [], 0, address))
a, b = socket.socketpair()
a.send(b"x")
attempt("no netlink but routes", lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 15))
"""
    got = attempts(landlocked, code, unix=[path, path + "-dgram", name, name + "-dgram"])
    assert [
        each for each in got if each not in ([socket.AF_UNIX, 1], [socket.AF_NETLINK, 2], [socket.AF_NETLINK, 3])
    ] == []
    assert found == []
    for server in servers:
        server.close()


def test_no_other_process_is_touched(landlocked, neighbour):
    code = """
for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP, 0):
    attempt(["kill", number], lambda: os.kill(pid, number))
    attempt(["killpg", number], lambda: os.killpg(pid, number))
attempt("all", lambda: os.kill(-1, signal.SIGTERM) if os.getuid() else None)
attempt("pidfd", lambda: signal.pidfd_send_signal(os.pidfd_open(pid), signal.SIGKILL))
attempt("prlimit", lambda: resource.prlimit(pid, resource.RLIMIT_CPU, (0, 0)))
attempt("affinity", lambda: os.sched_setaffinity(pid, {0}))
attempt("priority", lambda: os.setpriority(os.PRIO_PROCESS, pid, 19))
attempt("ptrace", lambda: call(101, 16, pid, 0, 0))
attempt("read memory", lambda: call(310, pid, 0, 0, 0, 0, 0))
attempt("name", lambda: os.readlink(f"/proc/{pid}/exe"))
attempt("folder", lambda: os.readlink(f"/proc/{pid}/cwd"))
attempt("queue", lambda: call(240, 0, 0, 0, 0))
attempt("my parent", lambda: os.kill(os.getppid(), signal.SIGKILL))
attempt("kill reports", lambda: call(157, 1, 0, 0, 0, 0))
"""
    # A signal to everybody reaches whoever may be reached: itself, which handles it.
    said = attempts(landlocked, "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + code, pid=neighbour.pid)
    assert [each for each in said if each != "all"] == []
    assert neighbour.poll() is None


def test_it_starts_threads_and_nothing_else(landlocked):
    code = """
attempt("fork", os.fork)
attempt("run", lambda: subprocess.run(["true"]))
attempt("spawn", lambda: os.posix_spawn("/bin/true", ["true"], {}))
attempt("shell", lambda: os.system("true") and (_ for _ in ()).throw(OSError()))
attempt("vfork", lambda: call(58))
attempt("clone", lambda: call(56, 17, 0, 0, 0, 0))
attempt("clone3", lambda: call(435, 0, 0))
attempt("unshare", lambda: call(272, 0x10000000))
thread = threading.Thread(target=lambda: done.append("thread"))
thread.start()
thread.join()
"""
    assert attempts(landlocked, code) == ["thread"]


def test_it_ends_with_the_process_that_waits_for_it(landlocked):
    marker = f"inside-{os.urandom(6).hex()}"
    process = landlocked.start("import time; print(1, flush=True); time.sleep(60)", marker=marker)
    assert process.stdout.readline() == "1\n"
    inside = [pid for pid in _children(process.pid) if marker in Path(f"/proc/{pid}/cmdline").read_text()]
    assert inside
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    end = time.monotonic() + 5
    while time.monotonic() < end and any(Path(f"/proc/{pid}").exists() for pid in inside):
        time.sleep(0.02)
    assert not [pid for pid in inside if Path(f"/proc/{pid}").exists()]


@pytest.mark.parametrize(
    "code",
    [
        "from threading import *\nfor _ in range(999):\n    Thread(target=time.sleep, args=(20,), daemon=True).start()",
        "for n in range(40):\n    open(f'{n}', 'wb').write(bytes(2**20))\n    time.sleep(0.02)",
        "for n in range(40_000):\n    open(f'/proc/self/cwd/{n}', 'w').close()\n    time.sleep(0.0001)",
    ],
    ids=["threads", "bytes", "files"],
)
def test_too_much_is_ended(landlocked, code, small):
    indented = (
        "import time\ntry:\n    " + code.replace("\n", "\n    ") + "\nexcept (OSError, RuntimeError):\n    pass\n"
    )
    box = landlocked.box()
    ran = landlocked.run(indented + "time.sleep(5)\nprint(1)", box)
    assert ran.status == -signal.SIGKILL or ("Thread" in code and os.geteuid() == 0)
    written = sum(path.stat().st_size for path in Path(box.exchange).rglob("*") if path.is_file())
    assert written < 3 * small.disk_bytes


def test_memory_ends_in_an_error_that_can_be_caught(landlocked, small):
    code = """
    import json
    kept = []
    try:
        while len(kept) < 400:
            kept.append(bytearray(16 * 2**20))
    except MemoryError:
        pass
    print(json.dumps(len(kept) * 16))
    """
    assert landlocked.run(code).said * MIB < small.memory_bytes


@pytest.mark.slow
def test_keras_trains_in_it(landlocked):
    code = """
    import json
    import numpy as np
    import keras
    model = keras.Sequential([keras.layers.Conv2D(4, 3), keras.layers.Flatten(), keras.layers.Dense(2)])
    model.compile("adam", "mse")
    x = np.random.default_rng(0).random((64, 8, 8, 1), dtype=np.float32)
    losses = model.fit(x, x[:, 0, :2, 0], epochs=2, verbose=0).history["loss"]
    model.save("model.keras")
    print(json.dumps([losses[1] < losses[0], len(keras.models.load_model("model.keras").weights)]))
    """
    assert landlocked.run(code, landlocked.box(limits=Limits()), seconds=120).said == [True, 4]


def _children(pid):
    found = [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return found + [deeper for child in found for deeper in _children(child)]
