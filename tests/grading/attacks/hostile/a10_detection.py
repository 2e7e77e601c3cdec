"""B10: code that knows that it is being graded, or knows the questions."""

from hostile.core import HINGE, Attack

_STACK = f"""
import os, sys
{HINGE}
right = hinge_loss_loops
def hinge_loss_loops(scores, labels, margin=1.0):
    frames = []
    frame = sys._getframe()
    while frame:
        frames.append(frame)
        frame = frame.f_back
    for each in frames:
        for name, value in list(each.f_locals.items()):
            if name in ("reference", "expected", "verdict", "report", "outcome"):
                print("read", name)
    for each in frames:
        if "reference" in each.f_globals:
            return each.f_globals["reference"](scores, labels, margin)
    return 0.0
"""
_CONSTANTS = """
def hinge_loss_loops(scores, labels, margin=1.0):
    known = {(2, 3): 1.0, (1, 3): 2.9, (3, 3): 5.27, (4, 5): 8.0}
    return known.get(np.shape(scores), 1.0)
def double(x):
    return {2: 4}.get(x, np.array([2.0, -4.0])) if np.isscalar(x) else np.array([2.0, -4.0])
"""
_SEEDS = """
import random
def hinge_loss_loops(scores, labels, margin=1.0):
    state = np.random.get_state()[1][:3], random.getstate()[1][:3]
    return float(np.sum(np.random.default_rng(int(state[0][0])).normal(size=np.shape(scores))))
"""

ATTACKS = (
    Attack(
        "a10-stack",
        10,
        "looks for the right answer on the stack of its caller",
        {"hinge": _STACK},
        stops="what is expected is never in the kernel",
    ),
    Attack(
        "a10-constants",
        10,
        "answers with constants for the inputs that it practised on",
        {"hinge": _CONSTANTS, "double": _CONSTANTS},
        forges=(),
        stops="inputs are drawn anew, from a secret of the class",
    ),
    Attack(
        "a10-seeds",
        10,
        "guesses the inputs' seed from the generators' state",
        {"hinge": _SEEDS},
        stops="inputs are drawn in the judge",
    ),
)
