"""Attacks, and broken submissions, graded by the whole grader beside honest students: none does any harm.

Plain nbgrader cells are run by the student's own kernel, whose word is taken: attacks that forge those
(`Attack.forges`) are expected to get these points, and the result must say ``trust: kernel``. What the judge marks
cannot be forged.
"""

import os
import sqlite3
import tempfile
import threading
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import attack_grader
import classroom
import nbformat
import psutil
import pytest
import table
from classroom import CANARIES, VICTIMS, Seen
from hostile import ATTACKS, INPUTS, Attack
from hostile.core import BY_JUDGE, BY_KERNEL, NAME, POINTS
from nbformat import v4

from coursekit.exercises import a1_losses
from coursekit.grading.collect import gradebook_id
from coursekit.grading.journal import Journal
from coursekit.grading.kernels import Template
from coursekit.grading.run import grade
from coursekit.grading.sandbox import Level, probe
from coursekit.grading.starting import Starter

QUICK = tuple(
    each
    for each in (*ATTACKS, *INPUTS)
    if each.name
    in ("a01-gradebook", "a03-environment", "a05-tcp", "a06-asserts", "a06-agent", "a07-equal", "a08-result")
    or each.name
    in ("a09-points", "a13-session", "a16-startup", "a17-pickle", "a18-html", "f-stderr", "f-twice", "f-cut")
)
MODULES = ("numpy", "matplotlib.pyplot", "coursekit.exercises", "coursekit.teach", "coursekit.grading.judge.agent")
GRADER_BYTES = 300 * 10**6


@dataclass
class Class:
    """What is left of a class that was graded."""

    results: dict
    seen: dict
    stored: dict  # points by student as they stand in the gradebook
    table: str
    seconds: dict
    faults: tuple
    left: dict  # what should not be there any more
    heard: list
    peak: int


def graded(submissions, patch):
    """Grade submissions among honest ones, with everything on that protects, and gather what can be seen."""
    with tempfile.TemporaryDirectory(prefix="at-") as base:  # short: sockets lie in it
        return graded_in(Path(base), submissions, patch)


def graded_in(base, submissions, patch):
    folder, into, root, home, scratch = (base / each for each in ("class", "into", "root", "home", "t"))
    for each in (folder, root / "source" / "lectures", root / "solutions" / NAME, home, scratch):
        each.mkdir(parents=True)
    (root / "pyproject.toml").write_text(f"# {CANARIES['course']}")
    (root / "solutions" / NAME / f"{NAME}.ipynb").write_text(classroom.instructor())
    classroom.plant(home)
    patch.setenv("XDG_CACHE_HOME", os.environ.get("XDG_CACHE_HOME", str(Path("~/.cache").expanduser())))  # fonts
    patch.setenv("HOME", str(home))
    patch.setenv("KAGGLE_KEY", CANARIES["environment"])
    patch.setattr(tempfile, "tempdir", str(scratch))
    patch.setattr(a1_losses, "ARTIFACTS", (attack_grader.CLOUDS,), raising=False)
    mounts, family = Path("/proc/self/mountinfo").read_text(), set(psutil.Process().children(recursive=True))
    level, hidden = probe(), tuple(map(str, (root / "solutions", root / "source", into, folder)))
    with classroom.Listener() as listener, classroom.peak("coursekit.grading.worker") as peak:
        places = dict(zip(("CLASS", "INTO", "ROOT", "HOME"), map(str, (folder, into, root, home)), strict=True))
        places |= {"PORT": str(listener.port), "SOCKET": listener.name}
        for each in submissions:
            classroom.hand_in(folder, each, places)
        classroom.hand_in_victims(folder)
        with Template(MODULES, {"ATTACKED": base.name}) as template:
            start = Starter(template.address, level, attack_grader.LIMITS, {}, (), hidden)
            grader = partial(attack_grader.grade, start=start, level=level.value)
            found = grade(NAME, folder, into, root=root, grader=grader)
        classroom.wait_for_the_end(1.5)
    left = {
        "files": classroom.marks(folder, into, root, home, scratch, Path.cwd() / "source"),
        "temporary": [str(path) for path in scratch.rglob("*")],
        "processes": classroom.processes(base.name)
        + [str(p) for p in psutil.Process().children(recursive=True) if p not in family],
        "mounts": sorted(set(Path("/proc/self/mountinfo").read_text().splitlines()) - set(mounts.splitlines())),
        "threads": [each.name for each in threading.enumerate() if each.name == "watchdog"],
    }
    with sqlite3.connect(into / "gradebook.db") as book:
        query = (
            "select s.student_id, b.name, g.auto_score, g.needs_manual_grade from grade g join grade_cells c on c.id = "
            "g.cell_id join base_cell b on b.id = c.id join submitted_notebook n on n.id = g.notebook_id join "
            "submitted_assignment s on s.id = n.assignment_id"
        )
        worth = book.execute("select b.name, c.max_score from grade_cells c join base_cell b on b.id = c.id")
        left["worth"] = sorted(set(worth) ^ set(POINTS.items()))
        stored: dict = {}
        for student, name, points, manual in book.execute(query):
            stored.setdefault(student, {})[name] = None if manual else points
    with Journal(into / ".coursekit" / f"{NAME}.jsonl") as journal:
        seconds = dict(journal.seconds)
    results = {each.student: each for each in found.results}
    seen = {student: _seen(into, result, stored.get(student, {})) for student, result in results.items()}
    salt = (into / ".coursekit" / "salt").read_text()
    assert not any(salt in text for each in seen.values() for text in (each.notebook, each.page))
    table = found.csv.read_text(encoding="utf-8")
    return Class(results, seen, stored, table, seconds, found.faults, left, listener.heard, peak[0])


def _seen(into, result, stored):
    def text(step, end):
        return (into / step / result.student / NAME / f"{NAME}.{end}").read_text(encoding="utf-8")

    words = [result.student, result.problem, *result.notes]
    words += [value for each in result.exercises for value in asdict(each).values() if isinstance(value, str)]
    points = {name: value for name, value in stored.items() if value is not None}
    return Seen(points, text("autograded", "ipynb"), text("feedback", "html"), tuple(words))


def examine(attack, found):
    """Check all that must hold of one submission."""
    student = gradebook_id(attack.name)[0]
    result, seen = found.results[student], found.seen[student]
    names = dict(zip(POINTS, result.exercises, strict=True))
    harms = classroom.harms(attack, seen)
    known = {*attack.forges, *attack.unstopped}
    got = {name for name in known if seen.points.get(name, 0) > attack.earns.get(name, 0)}
    allowed = {"points: " + ", ".join(sorted(got))} if got else set()
    assert harms - allowed == set(), f"{attack.name}: {attack.tries}\n{names}"
    assert got == known, f"{attack.name} no longer gets what it is said to get"
    for name, exercise in names.items():
        assert exercise.trust == ("judge" if name in BY_JUDGE else "kernel")
        assert exercise.points == seen.points[name]
        if exercise.points < exercise.max_points:
            assert exercise.cause, (attack.name, name)
            assert exercise.hint or exercise.status == "unwritten" or result.problem, (attack.name, exercise)
    for name, cause in attack.causes.items():
        assert names[name].cause == cause, (attack.name, names[name])
    if attack.noted:
        assert result.problem or result.notes, attack.name


def examine_class(found, submissions):
    """Check all that must hold of the class."""
    assert found.faults == ()
    students = {gradebook_id(each.name)[0] for each in submissions} | set(VICTIMS)
    assert set(found.results) == set(found.stored) == students
    for victim in VICTIMS:
        deserved = {**dict.fromkeys(POINTS, 0), **classroom.deserved(victim)}
        assert found.stored[victim] == deserved
        assert not [line for line in classroom.printed(found.seen[victim].notebook) if line.startswith("got ")]
        assert not classroom.active(found.seen[victim].page)
        assert found.results[victim].level == probe()
    assert not any(found.left.values()), found.left
    assert found.heard == []
    assert classroom.formulas(found.table) == []
    assert max(found.seconds.values()) < 120
    assert found.peak < GRADER_BYTES


ALL = (*ATTACKS, *INPUTS)


@pytest.fixture(scope="module")
def in_namespaces():
    if probe() is not Level.NAMESPACES:
        pytest.skip("hostile code is only ever run in namespaces, which this machine does not offer")


@pytest.fixture(scope="module")
def few(in_namespaces):
    """A class with a few attacks, graded."""
    with pytest.MonkeyPatch.context() as patch:
        return graded(QUICK, patch)


@pytest.fixture(scope="module")
def everything(in_namespaces):
    """A class with all attacks and all bad inputs, graded in one run."""
    with pytest.MonkeyPatch.context() as patch:
        return graded(ALL, patch)


def test_the_corpus_covers_every_class():
    numbers = [each.number for each in ATTACKS]
    assert all(numbers.count(number) >= 2 for number in range(1, 27))
    assert len({each.name for each in (*ATTACKS, *INPUTS)}) == len(ATTACKS) + len(INPUTS) >= 60
    assert all(each.tries and each.stops for each in ATTACKS)
    assert not any(set(each.forges) - set(BY_KERNEL) for each in ATTACKS)
    assert [each.name for each in ATTACKS if each.unstopped] == ["a11-unwatched"]


def test_harm_is_seen():
    """What the tests below look for is found where it is."""
    own, fine = Attack("own", 1, "", earns={"last-tests": 1}), {**dict.fromkeys(POINTS, 0.0), "last-tests": 1.0}
    cell = v4.new_code_cell("", outputs=[v4.new_output("stream", text=f"x\ngot in\n{CANARIES['home']}")])
    printed = nbformat.writes(v4.new_notebook(cells=[cell]))
    assert classroom.harms(own, Seen(fine)) == set()
    assert classroom.harms(own, Seen()) == {"no grade"}
    assert classroom.harms(own, Seen({**fine, "hinge-tests": 3.0})) == {"points: hinge-tests"}
    assert classroom.harms(own, Seen({**fine, "last-tests": 0.0})) == {"earned points lost"}
    assert classroom.harms(own, Seen(fine, printed)) == {"says that it got in", "reads home"}
    assert classroom.harms(own, Seen(fine, "", f"<p>{CANARIES['hidden']}")) == {"reads hidden"}
    assert classroom.harms(own, Seen(fine, "", "<p onclick='alert(1)'>")) == {"active feedback"}
    assert classroom.harms(own, Seen(fine, "", "", ("\x1b[2J",))) == {"acts on terminals"}
    assert classroom.formulas("name,-1,'=1\n=1+1,-cmd,x") == ["=1+1", "-cmd"]


def test_the_page_lists_every_attack():
    page = (Path(__file__).parents[3] / "docs" / "attacks.md").read_text(encoding="utf-8")
    rows = [line.split(" | ") for line in page.splitlines() if line.startswith("| ")][1:]
    assert [row[1] for row in rows] == [table.shown(each.tries) for each in ALL]


@pytest.mark.xdist_group("attacks-quick")
def test_a_few_attacks_do_no_harm(few):
    examine_class(few, QUICK)
    for attack in QUICK:
        examine(attack, few)


@pytest.mark.slow
@pytest.mark.xdist_group("attacks")
def test_the_class_is_graded_whatever_is_in_it(everything):
    examine_class(everything, ALL)


@pytest.mark.slow
@pytest.mark.xdist_group("attacks")
@pytest.mark.parametrize("attack", ALL, ids=lambda each: ascii(each.name)[1:-1])
def test_no_attack_does_harm(everything, attack):
    examine(attack, everything)
