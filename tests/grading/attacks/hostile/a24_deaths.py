"""E24: ending the kernel."""

from hostile.core import HINGE, LAST, RIGHT, Attack

_KEPT, _EARNS = {"hinge": HINGE, "last": RIGHT["last"]}, {"hinge-tests": 3, **LAST}
_EXIT = "def double(x):\n    import os\n    os._exit(0)"
_SEGFAULT = "def double(x):\n    import ctypes\n    ctypes.string_at(0)"
_KILLED = "def double(x):\n    import os, signal\n    os.kill(os.getpid(), signal.SIGKILL)\n    os.abort()"
_CALL = "def hinge_loss_loops(*a, **k):\n    import os\n    os._exit(0)"
_ALWAYS = "import os, sys\nos._exit(0) if 'seen' in globals() else None\nseen = True\nos._exit(3)"
ATTACKS = (
    Attack(
        "a24-exit",
        24,
        "os._exit(0) in the test",
        {**_KEPT, "double": _EXIT},
        _EARNS,
        causes={"double-tests": "died"},
        stops="what was earned stays; the rest runs in another kernel",
    ),
    Attack(
        "a24-segfault",
        24,
        "a segmentation fault in the test",
        {**_KEPT, "double": _SEGFAULT},
        _EARNS,
        causes={"double-tests": "died"},
        stops="what was earned stays; the rest runs in another kernel",
    ),
    Attack(
        "a24-killed",
        24,
        "SIGKILL to itself in the test",
        {**_KEPT, "double": _KILLED},
        _EARNS,
        stops="what was earned stays; the rest runs in another kernel",
    ),
    Attack(
        "a24-call",
        24,
        "os._exit(0) when the judge calls",
        {"hinge": _CALL, "last": RIGHT["last"]},
        LAST,
        causes={"hinge-tests": "died"},
        stops="a call without an answer earns nothing; the rest runs in another kernel",
    ),
    Attack(
        "a24-always",
        24,
        "ends every kernel that it is given",
        {**_KEPT, "double": _ALWAYS},
        _EARNS,
        stops="the cell that ended a kernel is not run again",
    ),
)
