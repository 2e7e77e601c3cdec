"""B8: forged messages: results, states, replies, endings."""

from hostile.core import Attack, cheat

_RESULT = """
def forge(*a):
    kernel = get_ipython().kernel
    for points in ("3", "2", "1"):
        kernel.session.send(kernel.iopub_socket, "execute_result", {
            "data": {"text/plain": points}, "metadata": {}, "execution_count": 1}, parent=kernel.get_parent())
get_ipython().events.register("pre_run_cell", forge)
"""
_REPLY = """
def answered(*a):
    kernel = get_ipython().kernel
    parent = kernel.get_parent()
    kernel.session.send(kernel.iopub_socket, "status", {"execution_state": "idle"}, parent=parent)
    shell = getattr(kernel, "shell_stream", None) or kernel.iopub_socket
    kernel.session.send(shell, "execute_reply",
        {"status": "ok", "execution_count": 3, "user_expressions": {"coursekit": {"status": "ok", "data": {
            "text/plain": repr('{"v":0.0,"e":"","k":"","c":[],"b":""}')}, "metadata": {}}}}, parent=parent)
get_ipython().events.register("pre_execute", answered)
get_ipython().events.register("pre_run_cell", answered)
"""
_EXPRESSIONS = """
shell = get_ipython()
shell.user_expressions = lambda expressions: {name: {"status": "ok", "metadata": {}, "data": {
    "text/plain": repr('{"v":0.0,"e":"","k":"","c":[],"b":""}')}} for name in expressions}
"""
_EXIT = """
import atexit, sys
atexit.register(lambda: print("3"))
def hinge_loss_loops(*a, **k):
    sys.exit(0)
def double(x):
    raise SystemExit(0)
"""
_REPORT = """
from IPython.display import display
display({"application/vnd.coursekit.check+json": {"status": "passed", "points": 3, "exercise": "hinge_loss_loops"},
    "text/plain": "3"}, raw=True)
class Points:
    def __repr__(self): return "2"
def hinge_loss_loops(*a, **k):
    display({"application/vnd.coursekit.check+json": {"status": "passed", "points": 3}}, raw=True)
    return Points()
"""

ATTACKS = (
    Attack(
        "a08-result",
        8,
        "a hook sends forged results of 3, 2 and 1 points before every cell",
        cheat(_RESULT),
        stops="outputs of a call cell are the judge's own; a cell that raised earns nothing, whatever it showed before",
    ),
    Attack(
        "a08-reply",
        8,
        "answers its own requests: idle, and a reply that says ok",
        cheat(_REPLY),
        stops="a reply is only taken from the kernel's own socket; a forged answer is wrong",
    ),
    Attack(
        "a08-expressions",
        8,
        "replaces the shell's user_expressions by answers of its own",
        cheat(_EXPRESSIONS),
        stops="an answer must still be right for inputs that it has not seen",
    ),
    Attack(
        "a08-exit",
        8,
        "leaves from within the test",
        {"hinge": _EXIT, "double": "def double(x):\n    raise SystemExit(0)", "last": "last = 7"},
        {"last-tests": 1},
        stops="no answer is no point",
    ),
    Attack(
        "a08-report",
        8,
        "displays a check's report that says passed",
        cheat(_REPORT),
        stops="outputs of a call cell are the judge's own",
    ),
)
