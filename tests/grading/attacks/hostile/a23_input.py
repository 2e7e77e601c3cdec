"""E23: asking for input, and debuggers."""

from hostile.core import HINGE, LAST, RIGHT, Attack

_KEPT, _EARNS = {"hinge": HINGE, "last": RIGHT["last"]}, {"hinge-tests": 3, **LAST}
_DEBUG = "import pdb\npdb.set_trace()\ndef double(x):\n    breakpoint()\n    return 3 * x"
_ASKS = """
from getpass import getpass
for ask in (input, getpass):
    try:
        ask("yours? ")
    except BaseException:
        pass
kernel = get_ipython().kernel
for _ in range(50):
    request = {"prompt": "x" * 1000, "password": False}
    kernel.session.send(kernel.stdin_socket, "input_request", request, parent=kernel.get_parent())
open(0).read(1)
def double(x):
    return input()
"""
ATTACKS = (
    Attack(
        "a23-input",
        23,
        "asks for input, also by messages of its own",
        {**_KEPT, "double": _ASKS},
        _EARNS,
        stops="nothing answers; a request for input is an error",
    ),
    Attack(
        "a23-debugger",
        23,
        "starts a debugger in the test",
        {**_KEPT, "double": _DEBUG},
        _EARNS,
        stops="nothing answers; a request for input is an error",
    ),
)
