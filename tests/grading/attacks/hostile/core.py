"""What an attack is, and the assignment that all of them are made for.

The assignment, ``h1_hostile``: a function that the judge calls (`hinge`, 3 points), one that plain nbgrader cells
test, hidden tests included (`double`, 2), a file of predictions that the judge scores (`saved`, 3), and a last easy
plain cell (`last`, 1) that shows whether a notebook was graded to its end.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from nbformat import from_dict, v4
from nbgrader.utils import compute_checksum

NAME = "h1_hostile"
POINTS = {"hinge-tests": 3, "double-tests": 2, "saved-tests": 3, "last-tests": 1}
BY_JUDGE = ("hinge-tests", "saved-tests")
BY_KERNEL = ("double-tests", "last-tests")

STUB = "\n    # YOUR CODE HERE\n    raise NotImplementedError()"
HINGE = """
def hinge_loss_loops(scores, labels, margin=1.0):
    total = 0.0
    for row, label in zip(scores, labels):
        for j, score in enumerate(row):
            if j != label:
                total += max(0.0, score - row[label] + margin)
    return total / len(scores)
""".strip()
RIGHT = {
    "hinge": HINGE,
    "double": "def double(x):\n    return 2 * x",
    "saved": "inputs = np.load('clouds_inputs.npy')\n"
    "np.savez('predictions.npz', (inputs.mean(axis=1) > 2).astype(int))",
    "last": "last = 7",
}
ASKED = {
    "hinge": f"def hinge_loss_loops(scores, labels, margin=1.0):{STUB}",
    "double": f"def double(x):{STUB}",
    "saved": "# YOUR CODE HERE\nraise NotImplementedError()",
    "last": "# YOUR CODE HERE\nraise NotImplementedError()",
}
WRONG = {
    "hinge": "def hinge_loss_loops(scores, labels, margin=1.0):\n    return 0.0",
    "double": "def double(x):\n    return 3 * x",
}
CHECKS = {
    "hinge-tests": "ck.check.hinge_loss_loops(hinge_loss_loops)",
    "double-tests": """
assert double(2) == 4
npt.assert_allclose(double(np.array([1.0, -2.0])), [2.0, -4.0])
### BEGIN HIDDEN TESTS
kept_from_students = "@HIDDEN@"
assert double(21) == 42
assert double("ab") == "abab"
### END HIDDEN TESTS
""".strip(),
    "saved-tests": "ck.check.clouds('predictions.npz')",
    "last-tests": "assert last == 7",
}
SETUP = "import numpy as np\nimport numpy.testing as npt\nimport coursekit as ck"

GRAB = '''
import os, re
CANARY = b"CANA" + rb"RY-[a-z]+-[0-9]+"

def grab(*places, most=2000):
    """Print every secret that lies in files below some places."""
    for place in places:
        files = [place] if os.path.isfile(place) else (
            os.path.join(where, name) for where, _, names in os.walk(place) for name in names)
        for _, path in zip(range(most), files):
            try:
                with open(path, "rb") as file:
                    found = re.findall(CANARY, file.read(2**22))
            except OSError:
                continue
            for each in found:
                print("read", each.decode())
'''
"""Code for attacks: `grab`, which prints what should not be read. Bounded in files and bytes."""


@dataclass(frozen=True)
class Attack:
    """One hostile or broken submission.

    In all texts ``@NAME@`` is the attack's name (it marks whatever it leaves), ``@INTO@`` the folder that the class is
    graded into, ``@ROOT@`` the course, ``@CLASS@`` what was handed in, ``@HOME@`` the grader's home, ``@PORT@`` and
    ``@SOCKET@`` where somebody listens on the machine (TCP and UDP of 127.0.0.1; an abstract Unix socket).

    Attributes:
        name: of the student who hands it in.
        number: of its class in the reference, 1 to 26; 0 for bad input without malice.
        tries: what it is after, in a phrase.
        answers: what stands in the answer cells; those that are left out are as handed out.
        earns: what it is worth, honestly, by graded cell; nothing for cells left out.
        forges: cells of the kind "kernel" whose points it steals: their kernel's word is all there is.
        unstopped: cells of the judge's whose points it gets for answers that are right and not its own.
        causes: why cells earned less, where that is worth a look.
        edit: changes the notebook, as JSON.
        raw: what is handed in instead of a notebook.
        files: what lies beside it.
        links: that lie beside it, and where they lead.
        filename: of the notebook, ``""`` for none at all.
        noted: whether its feedback must say that something was wrong with the file.
        stops: what stops it, for the table of the documentation.
    """

    name: str
    number: int
    tries: str
    answers: Mapping[str, str] = field(default_factory=dict)
    earns: Mapping[str, float] = field(default_factory=dict)
    forges: tuple[str, ...] = ()
    unstopped: tuple[str, ...] = ()
    causes: Mapping[str, str] = field(default_factory=dict)
    edit: Callable[[dict[str, Any]], None] | None = None
    raw: bytes | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    filename: str = f"{NAME}.ipynb"
    noted: bool = False
    stops: str = ""

    def content(self, places: Mapping[str, str]) -> bytes:
        """Return the file that is handed in."""
        if self.raw is not None:
            return self.raw
        found = json.loads(json.dumps(notebook(self.answers)))
        if self.edit:
            self.edit(found)
        return filled(json.dumps(found), {"NAME": self.name, **places}).encode("utf-8", "surrogatepass")


def filled(text: str, places: Mapping[str, str]) -> str:
    """Return a text with ``@NAME@`` and the like filled in; it may be JSON already: places hold nothing to escape."""
    for name, value in places.items():
        text = text.replace(f"@{name}@", value)
    return text


def cell(found: dict[str, Any], name: str) -> dict[str, Any]:
    """Return a cell of a notebook that is plain JSON."""
    return next(each for each in found["cells"] if each["metadata"].get("nbgrader", {}).get("grade_id") == name)


def notebook(answers: Mapping[str, str] = {}, solution: bool = False) -> Any:
    """Return the assignment as students got it, with some answers; or the instructor's, with nbgrader's marks."""

    def made(name: str, source: str, **flags: Any) -> Any:
        settings = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
        settings |= {"grade_id": name, "cell_type": "code"} | flags
        made = v4.new_code_cell(source, id=name, metadata={"nbgrader": settings})
        made.metadata.nbgrader.checksum = compute_checksum(made)
        return made

    cells = [made("setup", SETUP, locked=True)]
    for name, asked in ASKED.items():
        head, _, body = RIGHT[name].partition("\n") if name in WRONG else ("", "", RIGHT[name])
        indent = "    " if head else ""
        marked = f"{head}\n{indent}### BEGIN SOLUTION\n{indent}# @SOLUTION@\n{body}\n{indent}### END SOLUTION".strip()
        answer = made(name, marked if solution else asked, solution=True)
        answer.source = dict(answers).get(name, answer.source)
        tests = CHECKS[f"{name}-tests"]
        shown = tests if solution else tests.partition("\n### BEGIN HIDDEN")[0]
        cells += [answer, made(f"{name}-tests", shown, grade=True, locked=True, points=POINTS[f"{name}-tests"])]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return from_dict(v4.new_notebook(cells=cells, metadata=kernel))


def cheat(text: str, **more: str) -> dict[str, str]:
    """Return answers that are all wrong, the first of which is preceded by an attack."""
    return {**WRONG, "hinge": f"{text.strip()}\n\n{WRONG['hinge']}", **more}


def aside(text: str) -> dict[str, str]:
    """Return answers that do something else first, and of which only `last` is written."""
    return {"double": f"{text.strip()}\n\n{ASKED['double']}", "last": RIGHT["last"]}


LAST = {"last-tests": 1}
"""What answers made by `aside` earn."""
