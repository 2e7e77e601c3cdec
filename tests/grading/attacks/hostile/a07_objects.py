"""B7: answers that equal everything."""

from hostile.core import RIGHT, WRONG, Attack

_EQUAL = """
class Always:
    def __eq__(self, other): return True
    def __float__(self): return 4.0
    def __array__(self, *a, **k): return np.array([2.0, -4.0])
    def __getattr__(self, name):
        if name.startswith("__"): raise AttributeError(name)
        return self
    def __abs__(self): return self
    def __sub__(self, other): return 0.0
    def __rsub__(self, other): return 0.0
    def __lt__(self, other): return True
    __le__ = __gt__ = __ge__ = __lt__
    __hash__ = None
"""
_BOTH = "def double(x):\n    return Always()"
_HINGE = "def hinge_loss_loops(scores, labels, margin=1.0):\n    return {}"
_SUBCLASS = """
class Sly(np.ndarray):
    def __array_ufunc__(self, ufunc, method, *inputs, **k):
        return np.bool_(True) if ufunc.__name__ in ("equal", "less", "less_equal", "isclose") else np.zeros(())
    def __array_function__(self, *a, **k):
        return True
    def __eq__(self, other):
        return np.bool_(True)
    def __bool__(self):
        return True
"""
_FLOATS = """
class Close(float):
    def __eq__(self, other): return True
    def __sub__(self, other): return 0.0
    __rsub__ = __sub__
    def __abs__(self): return 0.0
    __hash__ = float.__hash__
"""

ATTACKS = (
    Attack(
        "a07-equal",
        7,
        "returns an object that equals everything",
        {**RIGHT, "double": _EQUAL + _BOTH, "hinge": _EQUAL + _HINGE.format("Always()")},
        {"saved-tests": 3, "last-tests": 1},
        forges=("double-tests",),
        stops="only plain values cross to the judge",
    ),
    Attack(
        "a07-subclass",
        7,
        "returns an array whose class answers for NumPy",
        {
            "double": _SUBCLASS + "def double(x):\n    return np.zeros(np.shape(x)).view(Sly)",
            "hinge": _SUBCLASS + _HINGE.format("np.array(0.0).view(Sly)"),
        },
        forges=("double-tests",),
        stops="arrays cross as their bytes",
    ),
    Attack(
        "a07-float",
        7,
        "returns a float whose differences are zero",
        {"double": _FLOATS + "def double(x):\n    return Close(0)", "hinge": _FLOATS + _HINGE.format("Close(0)")},
        stops="numbers cross as numbers",
    ),
    Attack(
        "a07-nan",
        7,
        "returns nan, infinities and huge integers, at which comparisons stumble",
        {
            "hinge": _HINGE.format("float('nan')"),
            "double": "def double(x):\n    return float('nan')",
            "last": "last = 10**4000",
        },
        stops="the judge's comparison is total",
    ),
    Attack(
        "a07-predictions",
        7,
        "saves predictions that hit any label: all of nan, two columns, objects",
        {**WRONG, "saved": "np.savez('predictions.npz', np.full((400, 2), np.nan))"},
        stops="outputs of another shape, or that are no numbers, score nothing",
    ),
)
