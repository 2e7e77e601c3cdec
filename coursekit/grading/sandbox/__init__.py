"""Shuts a kernel in: what a submission runs can reach its own files, the libraries, and nothing else.

level = probe()                                          # by trying; cached
box = Box(files={"data.csv": b"..."}, limits=limits, level=level, exchange="/tmp/k1")
seal = enter(box, keep=(ready,))                         # in a freshly forked, single-threaded child
seal()                                                   # once the kernel's sockets are bound
argv = wrap(["python", "-m", "ipykernel_launcher", ...], box, environment)   # the same for a cold start

levels      what can be had on this machine, and in words     landlock   the second best box
boxes       what is asked for: `Box`                           seccomp    the system calls that are refused
entering    `enter`                                            resources  limits of each process
guard       the process outside that waits                     watchdog   limits of all of them together
namespaces  the best box                                       system     the kernel's calls, through ctypes
view        which of the machine's files are seen inside       cold       `wrap`: a box around a command
"""

from coursekit.grading.sandbox.boxes import FOLDER, HOME, Box, SandboxError
from coursekit.grading.sandbox.cold import wrap
from coursekit.grading.sandbox.entering import enter
from coursekit.grading.sandbox.levels import Level, probe
from coursekit.grading.sandbox.watchdog import Watchdog

__all__ = ["FOLDER", "HOME", "Box", "Level", "SandboxError", "Watchdog", "enter", "probe", "wrap"]
