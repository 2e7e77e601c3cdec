"""A4: the text of tests in the kernel itself: history, frames, lines, objects, memory."""

from hostile.core import LAST, WRONG, Attack, aside

_PRINTS_TESTS = """
import re
def tell(text):
    for each in re.findall("CANA" + "RY-[a-z]+-[0-9]+", str(text)):
        print("read", each)
"""
_HISTORY = """
def double(x):
    tell(get_ipython().user_ns["In"])
    return 2 * x
"""
_FRAMES = """
import inspect, linecache, sys
def double(x):
    frame = sys._getframe()
    for _ in range(30):
        frame = frame.f_back
        if frame is None:
            break
        tell("".join(linecache.getlines(frame.f_code.co_filename)))
        tell(repr(frame.f_code.co_consts) + repr(frame.f_locals)[:100000])
    return 2 * x
"""
_OBJECTS = """
import gc
def double(x):
    for each in gc.get_objects()[:200000]:
        if type(each) in (list, dict, tuple):
            tell([one for one in list(each.values() if type(each) is dict else each)[:2000] if type(one) is str])
    return 2 * x
"""
_MEMORY = r"""
import re
name = b"CANA" + rb"RY-[a-z]+-[0-9]+"
with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
    for line in list(maps)[:3000]:
        places, rights = line.split()[:2]
        start, end = (int(each, 16) for each in places.split("-"))
        if "r" in rights and end - start < 2**26 and "[v" not in line:
            try:
                memory.seek(start)
                for each in set(re.findall(name, memory.read(end - start))):
                    print("read", each.decode())
            except (OSError, ValueError, OverflowError):
                pass
"""
_ERROR = """
def double(x):
    raise ValueError(str(get_ipython().user_ns["In"]))
"""

ATTACKS = (
    Attack(
        "a04-history",
        4,
        "prints the cell that calls it, from In",
        {"double": _PRINTS_TESTS + _HISTORY, "hinge": WRONG["hinge"]},
        {"double-tests": 2},
        stops="outputs of the run that holds hidden tests are dropped",
    ),
    Attack(
        "a04-frames",
        4,
        "prints its callers' lines, constants and variables",
        {"double": _PRINTS_TESTS + _FRAMES},
        {"double-tests": 2},
        stops="outputs of the run that holds hidden tests are dropped",
    ),
    Attack(
        "a04-objects",
        4,
        "searches every object of the kernel",
        {"double": _PRINTS_TESTS + _OBJECTS},
        {"double-tests": 2},
        stops="outputs of the run that holds hidden tests are dropped",
    ),
    Attack(
        "a04-memory",
        4,
        "searches its memory, inherited from the process that all kernels are forked from",
        aside(_MEMORY),
        LAST,
        stops="the template is started from nothing and holds no secret",
    ),
    Attack(
        "a04-error",
        4,
        "puts the text of the tests into its error, which feedback shows",
        {"double": _PRINTS_TESTS + _ERROR, "last": "last = 7"},
        LAST,
        stops="a hidden test that fails says only that it failed",
    ),
)
