"""E26: one submission that stops the class."""

import copy

from hostile.core import LAST, RIGHT, Attack, aside

_KILLS = """
import os, signal
own = {0, 1, os.getpid(), *map(int, os.listdir("/proc/self/task"))}
for which in (signal.SIGTERM, signal.SIGSTOP, signal.SIGKILL):
    for pid in (os.getppid(), *range(2, 30), *(int(each) for each in os.listdir("/proc") if each.isdigit())):
        if pid not in own:
            try:
                os.kill(pid, which)
                print("got", which, "to", pid)
            except OSError:
                pass
"""
_CLOSES = """
import os, resource
resource.setrlimit(resource.RLIMIT_NOFILE, (20, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
os.closerange(3, 1000)
"""
_STOPS_ITSELF = """
import os, signal
os.kill(os.getpid(), signal.SIGSTOP)
"""
_SILENT = """
kernel = get_ipython().kernel
kernel.session.send = lambda *a, **k: None
"""
_MOUNTS = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
for act in (lambda: libc.unshare(0x10000000 | 0x00020000), lambda: libc.mount(b"tmpfs", b"/tmp", b"tmpfs", 0, None),
            lambda: libc.umount2(b"/proc", 2), lambda: libc.chroot(b".."), lambda: libc.syscall(321, 0, 0, 0)):
    print("got rights of the system") if act() == 0 else None
"""


def _copies(found):
    for each in list(found["cells"]):
        if each["cell_type"] == "code":
            found["cells"] += [copy.deepcopy(each), copy.deepcopy(each)]


def _cells(found):
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": "1"}
    found["cells"][1:1] = [{**cell, "id": f"more-{number}"} for number in range(500)]


_EASY = {"last": RIGHT["last"]}
ATTACKS = (
    Attack(
        "a26-kills",
        26,
        "signals to its parent and all processes in sight",
        aside(_KILLS),
        LAST,
        stops="no other process is in sight",
    ),
    Attack(
        "a26-closes",
        26,
        "closes all descriptors of its kernel",
        aside(_CLOSES),
        LAST,
        stops="a kernel that does not answer is replaced",
    ),
    Attack("a26-stops", 26, "stops its own process", aside(_STOPS_ITSELF), LAST, stops="deadlines are kept outside"),
    Attack(
        "a26-silent", 26, "silences its kernel", aside(_SILENT), LAST, stops="a kernel that does not answer is replaced"
    ),
    Attack(
        "a26-mounts",
        26,
        "mounts, unshares, chroots, loads BPF",
        aside(_MOUNTS),
        LAST,
        stops="no capability, and a filter of system calls",
    ),
    Attack(
        "a26-copies",
        26,
        "three copies of every cell, ids and all",
        _EASY,
        LAST,
        edit=_copies,
        stops="the notebook is written anew from the assignment",
    ),
    Attack("a26-cells", 26, "500 more cells", _EASY, LAST, edit=_cells, stops="a deadline for the notebook"),
)
