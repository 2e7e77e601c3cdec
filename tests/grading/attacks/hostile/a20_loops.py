"""E20: code that does not come to an end. Each would, after half a minute."""

from hostile.core import ASKED, HINGE, LAST, RIGHT, Attack, aside

_END = "import time\nend = time.monotonic() + 40\n"
_STUBBORN = (
    _END
    + """
while time.monotonic() < end:
    try:
        while time.monotonic() < end:
            pass
    except BaseException:
        pass
"""
)
_BLOCKED = """
import ctypes
ctypes.PyDLL(None).sleep(40)  # holds the interpreter's lock
"""
_IGNORES = (
    _END
    + """
import signal, threading
signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32))
while time.monotonic() < end:
    pass
"""
)
_CALL = (
    _END
    + """
def hinge_loss_loops(scores, labels, margin=1.0):
    while time.monotonic() < end:
        pass
"""
)
_KEPT = {"hinge": HINGE, "last": RIGHT["last"]}
ATTACKS = (
    Attack(
        "a20-swallows",
        20,
        "a loop that swallows every interrupt",
        {**_KEPT, "double": f"{_STUBBORN}\n{ASKED['double']}"},
        {"hinge-tests": 3, **LAST},
        stops="a deadline a cell; then the kernel is ended, and the rest goes on in another",
    ),
    Attack(
        "a20-blocked",
        20,
        "sleeps in C, holding the interpreter's lock",
        aside(_BLOCKED),
        LAST,
        stops="a deadline a cell",
    ),
    Attack(
        "a20-ignores",
        20,
        "blocks signals, and loops",
        aside(_IGNORES),
        LAST,
        stops="interrupts come by message; a deadline a cell",
    ),
    Attack(
        "a20-call",
        20,
        "loops when the judge calls",
        {"hinge": _CALL, "last": RIGHT["last"]},
        LAST,
        causes={"hinge-tests": "time"},
        stops="a deadline a call",
    ),
)
