"""B6: checks made to pass: assert, comparison functions, builtins, IPython."""

from hostile.core import Attack, cheat

_ASSERTS = """
import ast
class Drop(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.Pass()
    def visit_Expr(self, node):
        return ast.Pass() if "assert" in ast.dump(node) or "check" in ast.dump(node) else node
get_ipython().ast_transformers.append(Drop())
"""
_CELLS = """
get_ipython().input_transformers_cleanup.append(
    lambda lines: ["pass\\n"] if any("assert" in line or "ck.check" in line for line in lines) else lines)
"""
_TESTING = """
import numpy.testing, unittest
for name in dir(numpy.testing):
    if name.startswith("assert"):
        setattr(numpy.testing, name, lambda *a, **k: None)
np.allclose = np.isclose = np.array_equal = lambda *a, **k: True
def double(x):
    class Four(int):
        __eq__ = lambda self, other: True
    return Four()
"""
_CHECK = """
import coursekit.exercises, coursekit.exercises.checking, coursekit.exercises.comparing, coursekit.teach.checking
class Yes:
    def __getattr__(self, name):
        return lambda *a, **k: None
ck.check = Yes()
for module in (coursekit.exercises.checking, coursekit.exercises.comparing, coursekit.teach.checking):
    for name in dir(module):
        if callable(getattr(module, name)) and not name.startswith("__") and name.islower():
            setattr(module, name, lambda *a, **k: True)
"""
_HOOKS = """
import builtins, sys
def swallow(*a):
    get_ipython().showtraceback = lambda *a, **k: None
get_ipython().events.register("pre_run_cell", swallow)
get_ipython().set_custom_exc((BaseException,), lambda *a, **k: None)
builtins.AssertionError = type("Quiet", (BaseException,), {})
sys.excepthook = lambda *a: None
"""
_AGENT = """
import coursekit.grading.judge.agent as agent, coursekit.grading.judge.wire as wire, coursekit.exercises.calling
from coursekit.exercises import get
agent.answers = lambda find, request: "[];" * 40
agent.finished = lambda: ""
"""
_RUN = """
shell = get_ipython()
real = shell.run_cell_async
async def run(code, *a, **k):
    return await real("pass" if "assert" in code or "check" in code else code, *a, **k)
shell.run_cell_async = run
"""

ATTACKS = (
    Attack(
        "a06-asserts",
        6,
        "an AST transformer takes asserts out of cells",
        cheat(_ASSERTS),
        forges=("double-tests", "last-tests"),
        stops="the judge calls the function and compares in its own process",
    ),
    Attack(
        "a06-cells",
        6,
        "an input transformer empties cells that test",
        cheat(_CELLS),
        forges=("double-tests", "last-tests"),
        stops="the judge calls the function and compares in its own process",
    ),
    Attack(
        "a06-testing",
        6,
        "replaces numpy.testing, allclose and the like",
        cheat("", double=_TESTING),
        forges=("double-tests",),
        stops="the judge's NumPy is another",
    ),
    Attack(
        "a06-check", 6, "replaces ck.check and what it is made of", cheat(_CHECK), stops="the judge's check is another"
    ),
    Attack(
        "a06-hooks",
        6,
        "hooks and custom handlers swallow errors",
        cheat(_HOOKS),
        stops="the judge reads answers, not the absence of errors",
    ),
    Attack(
        "a06-agent",
        6,
        "replaces the judge's agent in its kernel",
        cheat(_AGENT),
        causes={"hinge-tests": "malformed"},
        stops="what the agent says is checked like any other answer",
    ),
    Attack(
        "a06-run",
        6,
        "wraps the shell's run_cell_async so that tests become pass",
        cheat(_RUN),
        stops="the judge calls the function and compares in its own process",
    ),
)
