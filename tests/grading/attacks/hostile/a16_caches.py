"""C16: poisoning what later kernels share: HOME, packages, temporary files, the template."""

from hostile.core import LAST, Attack, aside

_HOME = """
import os
poison = "import builtins; builtins.poisoned = 'mark-@NAME@'"
for home in (os.path.expanduser("~"), "@HOME@"):
    for name in (".ipython/profile_default/startup/00-mark-@NAME@.py", ".ipython/profile_default/ipython_config.py"):
        try:
            os.makedirs(os.path.dirname(f"{home}/{name}"), exist_ok=True)
            open(f"{home}/{name}", "w").write(poison)
        except OSError:
            pass
"""
_KERAS = """
import os
for home in (os.path.expanduser("~"), "@HOME@"):
    try:
        os.makedirs(f"{home}/.keras/datasets", exist_ok=True)
        open(f"{home}/.keras/keras.json", "w").write('{"floatx": "float16", "mark": "mark-@NAME@"}')
        open(f"{home}/.keras/datasets/mark-@NAME@.npz", "w").write("poison")
    except OSError:
        pass
"""
_PACKAGES = """
import os, site, sys
poison = "import builtins; builtins.poisoned = 'mark-@NAME@'"
places = [site.getusersitepackages(), *sys.path, "@HOME@/.local"]
places += [os.path.dirname(np.__file__), os.path.dirname(ck.__file__)]
for place in filter(None, places):
    for name in ("sitecustomize.py", "usercustomize.py", "mark-@NAME@.pth", "__pycache__/mark-@NAME@.pyc"):
        try:
            os.makedirs(os.path.dirname(f"{place}/{name}"), exist_ok=True)
            with open(f"{place}/{name}", "x") as file:
                file.write(poison)
        except OSError:
            pass
"""
_TEMPORARY = """
import os
for place in ("/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "@HOME@", "@INTO@", "@ROOT@"):
    try:
        open(f"{place}/mark-@NAME@", "w").close()
        os.symlink("/", f"{place}/link-mark-@NAME@")
    except OSError:
        pass
from multiprocessing import shared_memory
try:
    shared_memory.SharedMemory("mark-@NAME@", create=True, size=4096)
except OSError:
    pass
"""
_ZYGOTE = """
import ctypes, os, signal
for pid in {os.getppid(), 1, *(int(each) for each in os.listdir("/proc") if each.isdigit())} - {os.getpid(), 0}:
    try:
        with open(f"/proc/{pid}/mem", "r+b", 0) as memory:
            print("got the memory of", pid) if pid != os.getpid() else None
    except OSError:
        pass
libc = ctypes.CDLL(None, use_errno=True)
if libc.ptrace(16, os.getppid(), 0, 0) == 0:
    print("got to trace", os.getppid())
    libc.ptrace(17, os.getppid(), 0, 0)
np.add = np.subtract = None
import builtins, numpy
builtins.poisoned = "mark-@NAME@"
numpy.poisoned = "mark-@NAME@"
"""

ATTACKS = (
    Attack(
        "a16-startup",
        16,
        "leaves start-up files of IPython for later kernels",
        aside(_HOME),
        LAST,
        stops="HOME is its own",
    ),
    Attack("a16-keras", 16, "leaves settings and data of Keras", aside(_KERAS), LAST, stops="HOME is its own"),
    Attack(
        "a16-packages",
        16,
        "writes into site-packages, NumPy, this package, __pycache__",
        aside(_PACKAGES),
        LAST,
        stops="libraries are bound read-only",
    ),
    Attack(
        "a16-temporary",
        16,
        "leaves files, links and shared memory in /tmp and /dev/shm",
        aside(_TEMPORARY),
        LAST,
        stops="/tmp and /dev/shm are its own",
    ),
    Attack(
        "a16-template",
        16,
        "writes to its parent's memory, and poisons modules that it shares with the template",
        aside(_ZYGOTE),
        LAST,
        stops="a fork's memory is its own; ptrace is refused, and no other process is in sight",
    ),
)
