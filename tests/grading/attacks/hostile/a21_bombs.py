"""E21: processes and threads without number: here at most 400, asleep for 20 s."""

from hostile.core import LAST, Attack, aside

_FORKS = """
import os, time
made = 0
for _ in range(400):
    try:
        pid = os.fork()
    except OSError:
        break
    if pid == 0:
        time.sleep(20)
        os._exit(0)
    made += 1
if made > 200:
    print("got", made, "processes")
"""
_TREE = """
import os, time
depth = 0
while depth < 7:
    try:
        os.fork()
    except OSError:
        pass
    depth += 1
    time.sleep(0.05)
if os.getpid() != parent:
    time.sleep(20)
    os._exit(0)
""".replace("depth = 0", "depth, parent = 0, os.getpid()")
_THREADS = """
import threading, time
made = 0
for _ in range(400):
    try:
        threading.Thread(target=time.sleep, args=(20,), daemon=True).start()
        made += 1
    except (RuntimeError, MemoryError):
        break
if made > 200:
    print("got", made, "threads")
"""
_STOPS = "a limit of processes and threads, and a watchdog"
ATTACKS = (
    Attack("a21-forks", 21, "forks 400 times", aside(_FORKS), LAST, stops=_STOPS),
    Attack("a21-tree", 21, "forks, and its children fork: 128 processes", aside(_TREE), LAST, stops=_STOPS),
    Attack("a21-threads", 21, "starts 400 threads", aside(_THREADS), LAST, stops=_STOPS),
)
