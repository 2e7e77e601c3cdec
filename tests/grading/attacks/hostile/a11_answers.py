"""B11: answers from elsewhere: labels drawn again, answers remembered from the call before."""

from hostile.core import Attack

_PRACTICE = """
found = []
try:
    from coursekit.exercises import a1_losses
    for artifact in getattr(a1_losses, "ARTIFACTS", ()):
        for seed in range(200):
            inputs, labels = artifact.drawn(seed)
            if np.array_equal(inputs, np.load("clouds_inputs.npy")):
                found.append(labels)
except Exception:
    pass
rng = np.random.default_rng(0)
np.savez("predictions.npz", found[0] if found else rng.integers(0, 2, 400))
"""
_REMEMBERED = """
seen = {}
def hinge_loss_loops(scores, labels, margin=1.0):
    key = np.asarray(scores).tobytes()
    seen[key] = seen.get(key, 0) + 1
    return float(seen[key])
"""
_ORDER = "np.savez('predictions.npz', np.zeros(400, int))"

_REFERENCE = """
from coursekit.exercises import get
def hinge_loss_loops(scores, labels, margin=1.0):
    return get("hinge_loss_loops").reference(scores, labels, margin)
"""
_UNWATCHED = """
import sys
from coursekit.exercises import get
def hinge_loss_loops(scores, labels, margin=1.0):
    sys.setprofile(None)
    return get("hinge_loss_loops").reference(scores, labels, margin)
"""

ATTACKS = (
    Attack(
        "a11-reference",
        11,
        "calls the course's own solution, which is part of the installed package",
        {"hinge": _REFERENCE},
        stops="closed book: calls are watched",
    ),
    Attack(
        "a11-unwatched",
        11,
        "the same, with the watch switched off (as good as handing in its text)",
        {"hinge": _UNWATCHED},
        unstopped=("hinge-tests",),
        stops="nothing: the answers are right. Every student has this package; compare the texts of submissions",
    ),
    Attack(
        "a11-labels",
        11,
        "draws the labels of 200 seeds again, to find those of its inputs",
        {"saved": _PRACTICE},
        stops="labels are drawn from a secret of 128 bits",
    ),
    Attack(
        "a11-remembered",
        11,
        "answers by what it was asked before",
        {"hinge": _REMEMBERED},
        stops="no question is ever answered to the kernel",
    ),
    Attack("a11-constant", 11, "predicts the commonest label", {"saved": _ORDER}, stops="the score that is needed"),
)
