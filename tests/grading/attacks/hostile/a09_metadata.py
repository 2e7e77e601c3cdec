"""B9: the notebook's metadata and structure."""

import copy

from hostile.core import CHECKS, POINTS, RIGHT, WRONG, Attack, cell


def _more_points(found):
    for name in POINTS:
        cell(found, name)["metadata"]["nbgrader"]["points"] = 100


def _no_tests(found):
    for name in POINTS:
        cell(found, name)["metadata"]["nbgrader"] |= {"grade": False, "locked": False}


def _solution(found):
    for name in POINTS:
        test = cell(found, name)
        test["metadata"]["nbgrader"] |= {"solution": True, "locked": False}
        test["source"] = "pass"


def _edited(found):
    for name in POINTS:
        cell(found, name)["source"] = str(POINTS[name])


def _duplicates(found):
    for name in POINTS:
        fake = copy.deepcopy(cell(found, name))
        fake["source"], fake["id"] = "pass", f"{name}-copy"
        found["cells"].insert(1, fake)


def _swapped(found):  # the easy test then stands, and fails, above its answer: the order is the student's
    easy, hard = cell(found, "last-tests"), cell(found, "hinge-tests")
    for one, other in ((easy, "hinge-tests"), (hard, "last-tests")):
        one["metadata"]["nbgrader"]["grade_id"] = one["id"] = other


def _skipped(found):
    for name in POINTS:
        test = cell(found, name)
        test["metadata"]["tags"] = ["skip-execution", "raises-exception"]
        test["metadata"]["coursekit"] = {"seconds": 100000}


def _text(found):
    for name in POINTS:
        test = cell(found, name)
        test["cell_type"] = "markdown"
        for key in ("outputs", "execution_count"):
            test.pop(key, None)


def _kernel(found):
    found["metadata"]["kernelspec"] = {"name": "bash", "display_name": "mine", "language": "bash"}
    found["metadata"]["coursekit"] = {"points": 100}


_ONE = {**WRONG, "last": RIGHT["last"]}
_EARNS = {"last-tests": 1}
_SET_BACK = "locked cells and settings are the assignment's"

ATTACKS = tuple(
    Attack(f"a09-{name}", 9, tries, _ONE, {} if edit is _swapped else _EARNS, edit=edit, stops=_SET_BACK)
    for name, tries, edit in (
        ("points", "gives its checks 100 points", _more_points),
        ("grade", "says that checks are none", _no_tests),
        ("solution", "makes checks answers, and writes pass", _solution),
        ("edited", f"writes points in place of {CHECKS['last-tests']!r}", _edited),
        ("copies", "puts easier copies of checks above them", _duplicates),
        ("swapped", "gives the hard check the easy one's id, and the other way round", _swapped),
        ("skipped", "tags checks skip-execution, and takes itself a day", _skipped),
        ("text", "turns checks into text", _text),
        ("kernel", "asks for another kernel", _kernel),
    )
)
