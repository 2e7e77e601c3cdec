"""A run that is killed, wherever that happens, is completed by the next: nothing is lost, nothing doubled."""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from coursekit.grading.journal import Journal
from coursekit.grading.run import grade

pytestmark = pytest.mark.slow

# Grades a class, and kills itself with SIGKILL at the nth call of a function, if one is named.
PROBE = """
import importlib, os, signal, sys
from pathlib import Path

module, owner, name, turn, grader, assignment, submissions, into, root = sys.argv[1:]
if module:
    holder = importlib.import_module(module)
    holder = getattr(holder, owner) if owner else holder
    original, calls = getattr(holder, name), []

    def deadly(*args, **kwargs):
        calls.append(1)
        if len(calls) == int(turn):
            os.kill(os.getpid(), signal.SIGKILL)
        return original(*args, **kwargs)

    setattr(holder, name, deadly)
sys.path.insert(0, os.environ["STANDINS"])
import standins
from coursekit.grading.run import grade
grader = getattr(standins, grader) if grader else None
grade(assignment, Path(submissions), Path(into), root=Path(root), workers=2, grader=grader, unsafe=True)
"""
PLACES = {
    "making the gradebook": ("nbgrader.api", "", "get_alembic_version", 1),
    "making the assignment": ("nbgrader.preprocessors", "SaveCells", "_create_notebook", 1),
    "making the secret": ("coursekit.grading.run", "", "_salt", 1),
    "handing a submission to a worker": ("coursekit.grading.pool", "", "send", 2),
    "before the journal": ("coursekit.grading.journal", "Journal", "append", 2),
    "in the journal": ("coursekit.grading.journal", "os", "fsync", 2),
    "writing a submission": ("coursekit.grading.staging", "", "put", 2),
    "writing outputs": ("coursekit.grading.preprocessors", "Replay", "preprocess", 2),
    "writing scores": ("coursekit.grading.preprocessors", "RecordGrades", "_add_score", 5),
    "writing feedback": ("nbgrader.converters", "GenerateFeedback", "set_permissions", 2),
    "keeping the result": ("coursekit.grading.results", "", "save", 2),
    "writing the table": ("coursekit.grading.results", "", "to_csv", 1),
}
ONE_WAS_DONE = ("before the journal", "writing a submission", "writing feedback", "keeping the result")


def grades(into):
    """Every row of the gradebook that a person could miss or find twice."""
    query = """
        select s.student_id, b.name, g.auto_score, g.manual_score, g.needs_manual_grade, g.extra_credit
        from grade g join base_cell b on b.id = g.cell_id
        join submitted_notebook n on n.id = g.notebook_id
        join submitted_assignment s on s.id = n.assignment_id order by 1, 2
    """
    with sqlite3.connect(into / "gradebook.db") as connection:
        assert connection.execute("select count(*) from alembic_version").fetchone() == (1,)
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
        return connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory, tiny):
    folder = tmp_path_factory.mktemp("class")
    tiny.hand_in(folder, "ada")
    tiny.hand_in(folder, "ben", {"double": tiny.right["double"]})
    for number in range(4):
        tiny.hand_in(folder, f"s{number}", {**tiny.right, "double": f"double = None  # slow {number}"})
    return folder


@pytest.fixture
def complete(handed_to_workers, handed_in, tiny, tiny_root, monkeypatch):
    """Run to the end; returns the class and whom workers were asked to grade."""
    import standins

    monkeypatch.setenv("STANDINS", str(Path(__file__).parent))

    def run(into, **options):
        options = {"root": tiny_root, "workers": 2, "grader": standins.believe} | options
        graded = grade(tiny.name, handed_in, into, **options)
        return graded, handed_to_workers()

    return run


@pytest.fixture
def uninterrupted(complete, tmp_path):
    return complete(tmp_path / "uninterrupted")[0]


def command(place, tiny, handed_in, into, tiny_root, grader="believe"):
    arguments = [*map(str, place), grader, tiny.name, str(handed_in), str(into), str(tiny_root)]
    return [sys.executable, "-c", PROBE, *arguments]


def assert_whole(completed, expected):
    assert completed.faults == ()
    assert grades(completed.course.folder) == grades(expected.course.folder)
    assert [replace(each, key="", work="") for each in completed.results] == [
        replace(each, key="", work="")
        for each in expected.results  # the secrets of two folders differ
    ]
    assert completed.csv.read_text() == expected.csv.read_text()
    for result in expected.results:
        for step in ("submitted", "autograded", "feedback"):
            mine, theirs = (each.course.notebook(step, result.student) for each in (completed, expected))
            assert mine.exists()
            if step != "feedback":
                assert mine.read_text() == theirs.read_text()


def journalled(into, tiny):
    """Whose results had reached the journal."""
    path = into / ".coursekit" / f"{tiny.name}.jsonl"
    if not path.exists():
        return set()
    with Journal(path) as journal:
        return set(journal.seconds)


def workers_of_nobody():
    """Workers whose owner is gone."""
    found = []
    for each in psutil.process_iter(["cmdline", "ppid"]):
        if "coursekit.grading.worker" in (each.info["cmdline"] or ()) and each.info["ppid"] == 1:
            found.append(each)
    return found


@pytest.mark.parametrize("place", PLACES)
def test_a_killed_run_is_completed_by_the_next(
    tmp_path, tiny, tiny_root, handed_in, complete, uninterrupted, handed_to_workers, place
):
    into = tmp_path / "graded"
    probe = command(PLACES[place], tiny, handed_in, into, tiny_root)
    killed = subprocess.run(probe, capture_output=True, text=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert psutil.wait_procs(workers_of_nobody(), timeout=20)[1] == []
    done_before = journalled(into, tiny)
    assert len(done_before) >= (place in ONE_WAS_DONE)
    handed_to_workers()
    completed, asked = complete(into)
    assert_whole(completed, uninterrupted)
    assert sorted(asked) == sorted({result.student for result in completed.results} - done_before), "nothing twice"


def test_a_run_killed_twenty_times_at_random_is_completed(
    tmp_path, tiny, tiny_root, handed_in, complete, uninterrupted, handed_to_workers
):
    """Classes killed once or twice each, at any moment between the first import and the end."""
    began = time.monotonic()
    subprocess.run(command(("", "", "", 0), tiny, handed_in, tmp_path / "timed", tiny_root), check=True)
    whole = time.monotonic() - began
    draw = random.Random(3)
    kills = turn = 0
    while kills < 20:
        turn += 1
        assert turn < 60, "runs end before they can be killed"
        into = tmp_path / f"graded-{turn}"
        for _ in range(draw.choice((1, 2))):
            with subprocess.Popen(command(("", "", "", 0), tiny, handed_in, into, tiny_root)) as run:
                try:
                    run.wait(draw.uniform(0.1, 0.95) * whole)
                    whole *= 0.9  # this machine is faster than it was
                except subprocess.TimeoutExpired:
                    run.kill()
                    kills += 1
        assert psutil.wait_procs(workers_of_nobody(), timeout=20)[1] == []
        done_before = journalled(into, tiny)
        handed_to_workers()
        completed, asked = complete(into)
        assert_whole(completed, uninterrupted)
        assert done_before.isdisjoint(asked)
        shutil.rmtree(into)


def test_what_a_killed_run_had_in_hand_ends_with_it(tmp_path, tiny, tiny_root, monkeypatch):
    """The real runner: workers, the template of kernels, and a kernel in which a student's code sleeps."""
    tiny.hand_in(tmp_path / "class", "ada", {"hinge": "import time\ntime.sleep(300)"})
    monkeypatch.setenv("STANDINS", str(Path(__file__).parent))
    probe = command(("", "", "", 0), tiny, tmp_path / "class", tmp_path / "graded", tiny_root, grader="")
    with subprocess.Popen(probe, start_new_session=True) as run:
        deadline, found = time.monotonic() + 90, []
        while time.monotonic() < deadline and not any("template" in each for each in map(names, found)):
            time.sleep(0.5)
            found = psutil.Process(run.pid).children(recursive=True)
        time.sleep(5)
        found = psutil.Process(run.pid).children(recursive=True)
        assert any("coursekit.grading.worker" in each.cmdline() for each in found)
        run.kill()
    assert psutil.wait_procs(found, timeout=20)[1] == []


def names(process):
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


@pytest.fixture
def small_disk():
    """Return a prefix for commands that see a folder with little room, which only they see."""
    if not (unshare := shutil.which("unshare")):
        pytest.skip("no unshare here")
    prefix = [unshare, "--user", "--map-root-user", "--mount"] if os.getuid() else [unshare, "--mount"]
    if subprocess.run([*prefix, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, check=False).returncode:
        pytest.skip("no file system can be mounted here")

    def command(size, folder, inner):
        return [*prefix, "sh", "-c", f'mount -t tmpfs -o size={size}k tmpfs "$0" && "$@"', str(folder), *inner]

    return command


def test_a_full_disk_is_told_and_loses_nothing(
    tmp_path, tiny, tiny_root, handed_in, complete, uninterrupted, small_disk, handed_to_workers
):
    """Wherever the room ends: each run has a little more of it. What it left is copied out and completed."""
    kept = tmp_path / "kept"
    told = 0
    for size in range(200, 600, 40):
        disk, log = tmp_path / f"disk-{size}", tmp_path / f"log-{size}"
        disk.mkdir()
        shutil.rmtree(kept, ignore_errors=True)
        probe = [
            sys.executable,
            "-c",
            PROBE_TOLD,
            str(kept),
            *command(("", "", "", 0), tiny, handed_in, disk / "graded", tiny_root)[3:],
        ]
        done = subprocess.run(small_disk(size, disk, probe), capture_output=True, text=True, check=False)
        log.write_text(done.stderr)
        if done.returncode == 0:
            break
        told += 1
        assert "cannot be written" in done.stderr, done.stderr
        assert "space on the disk" in done.stderr
        handed_to_workers()
        done_before = journalled(kept, tiny)
        completed, asked = complete(kept)
        assert_whole(completed, uninterrupted)
        assert done_before.isdisjoint(asked)
    assert told >= 3
    assert done.returncode == 0, "with enough room it ends well"


# Grades as above on a small disk, prints what is wrong, and saves what it left before the disk is gone with it.
PROBE_TOLD = f"""
import shutil, sys
from coursekit.errors import CourseError

kept = sys.argv.pop(1)
try:
    exec({PROBE!r})
except CourseError as error:
    print(error.problem, error.fix, file=sys.stderr)
    sys.exit(1)
finally:
    shutil.copytree(sys.argv[8], kept, ignore_dangling_symlinks=True, dirs_exist_ok=True)
"""
