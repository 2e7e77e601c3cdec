"""E22: memory, disk, inodes, shared memory, output. GPU memory: its CPU counterpart, memory (there is no GPU here)."""

from hostile.core import ASKED, HINGE, LAST, RIGHT, Attack, aside

_MEMORY = """
kept = []
for _ in range(48):
    kept.append(np.ones(2**23))
print("got", len(kept) * 64, "MiB")
"""
_FORKED = """
import os, time
ours, theirs = os.pipe()
for _ in range(8):
    if os.fork() == 0:
        try:
            kept = np.ones(2**25)
            os.write(theirs, b"1")
        finally:
            time.sleep(8)
            os._exit(0)
os.close(theirs)
held = 0
while held < 8 and os.read(ours, 1):
    held += 1
time.sleep(3 if held == 8 else 0)
print("got 2048 MiB in eight processes" if held == 8 else "some failed")
"""
_DISK = """
import os
written = 0
for place in (".", "/tmp", "/dev/shm"):
    for number in range(20):
        try:
            with open(f"{place}/mark-@NAME@-{number}", "wb") as file:
                written += file.write(bytes(2**23))
        except OSError:
            break
if written > 2**28:
    print("got", written, "bytes")
"""
_INODES = """
made = 0
for number in range(60000):
    try:
        open(f"mark-@NAME@-{number}", "w").close()
        made += 1
    except OSError:
        break
if made == 60000:
    print("got", made, "files")
"""
_PRINTS = """
import time
end, line = time.monotonic() + 20, "x" * 10**6
while time.monotonic() < end:
    print(line)
"""
_MESSAGES = """
import time
from IPython.display import display
end = time.monotonic() + 20
while time.monotonic() < end:
    display({"text/plain": "x"}, raw=True)
"""
_ONE = "print('x' * 50_000_000)"
_MEMORY_CALL = """
def hinge_loss_loops(*a, **k):
    kept = [np.ones(2**23) for _ in range(48)]
    return float(len(kept))
"""


def _flood(text):
    return {"hinge": HINGE, "double": f"{text}\n{ASKED['double']}", "last": RIGHT["last"]}


_KEPT = {"hinge-tests": 3, **LAST}
ATTACKS = (
    Attack("a22-memory", 22, "takes 3 GiB (a third of it is allowed)", aside(_MEMORY), LAST, stops="a limit of memory"),
    Attack(
        "a22-forked",
        22,
        "takes 2 GiB in eight processes",
        aside(_FORKED),
        LAST,
        stops="a watchdog over all processes of a kernel",
    ),
    Attack(
        "a22-call",
        22,
        "takes 3 GiB when the judge calls",
        {"hinge": _MEMORY_CALL, "last": RIGHT["last"]},
        LAST,
        stops="a limit of memory",
    ),
    Attack(
        "a22-disk",
        22,
        "writes 480 MiB",
        aside(_DISK),
        LAST,
        stops="one file system in memory with a size, gone with the kernel",
    ),
    Attack("a22-inodes", 22, "makes 60,000 files", aside(_INODES), LAST, stops="a limit of files"),
    Attack(
        "a22-prints",
        22,
        "prints a megabyte a line for 20 s",
        _flood(_PRINTS),
        _KEPT,
        causes={},
        stops="a limit of bytes, then an interrupt",
    ),
    Attack(
        "a22-messages",
        22,
        "sends displays as fast as it can for 20 s",
        _flood(_MESSAGES),
        _KEPT,
        stops="a limit of bytes, messages counted",
    ),
    Attack("a22-line", 22, "prints 50 MB on one line", _flood(_ONE), _KEPT, stops="a limit of bytes"),
)
