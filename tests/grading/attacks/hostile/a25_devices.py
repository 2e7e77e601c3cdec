"""E25: reaching neighbours through a device. There is no GPU here: device files and processor time stand in for it."""

from hostile.core import LAST, Attack, aside

_DEVICES = """
import glob, os, stat
for path in glob.glob("/dev/*") + glob.glob("/dev/**/*", recursive=True)[:300]:
    try:
        mode = os.stat(path).st_mode
    except OSError:
        continue
    name = os.path.basename(os.path.realpath(path))
    harmless = name in ("null", "zero", "full", "random", "urandom", "tty", "ptmx") or "/pts" in path or "/fd" in path
    if (stat.S_ISBLK(mode) or stat.S_ISCHR(mode)) and not harmless:
        print("got", path) if os.access(path, os.W_OK) else None
for name in ("nvidia0", "mem", "sda", "kvm"):
    try:
        os.mknod(f"mark-{name}", 0o600 | stat.S_IFCHR, os.makedev(195, 0))
        open(f"mark-{name}", "r+b")
        print("got", name)
    except OSError:
        pass
"""
_PRIORITY = """
import os, threading, time
for take in (lambda: os.nice(-20), lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50)),
             lambda: os.setpriority(os.PRIO_USER, 0, -20)):
    try:
        take()
        print("got priority over all others")
    except OSError:
        pass
end = time.monotonic() + 3
def spin():
    while time.monotonic() < end:
        np.dot(np.ones((200, 200)), np.ones((200, 200)))
for _ in range(8):
    threading.Thread(target=spin, daemon=True).start()
"""
ATTACKS = (
    Attack(
        "a25-devices",
        25,
        "opens device files, or makes its own",
        aside(_DEVICES),
        LAST,
        stops="the box holds null and random devices only, and allows no other",
    ),
    Attack(
        "a25-priority",
        25,
        "takes priority and all processors",
        aside(_PRIORITY),
        LAST,
        stops="no capability is left; submissions share what there is",
    ),
)
