"""Which attacks succeed against stock nbgrader: writes ``docs/attacks.md``. Not a test; takes ten minutes.

python tests/grading/attacks/stock.py [NAME…]      # some attacks only: prints, writes nothing

Every attack runs in a throw-away box of its own: namespaces without network, with a root in memory that holds a private
copy of a tiny course, as a user that nobody else is, with limits; all of it is gone when the attack is over, or after
`SECONDS`. Nothing hostile, and nothing of nbgrader's on hostile files, ever runs on the machine itself. Where the box
forbids what stock nbgrader would have let happen (tracing, mounting), the table counts that for nbgrader.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import classroom
import numpy as np
from attack_grader import clouds
from classroom import CANARIES, Seen
from hostile import ATTACKS, INPUTS, Attack
from hostile.core import CHECKS, NAME, POINTS
from table import page

from coursekit.grading.limits import MIB, Limits
from coursekit.grading.sandbox import FOLDER, HOME, Box, Level, enter, probe

SECONDS = 100
VICTIM = "z-last"
_SAVED = "labels = np.load('clouds_labels.npy')\nassert np.mean(np.load('predictions.npz')['arr_0'] == labels) > 0.9"
_CONFIG = "c = get_config()\nc.CourseDirectory.course_id = 'stock'\nc.Execute.timeout = 4\n"
_LIMITS = Limits(memory_bytes=6144 * MIB, processes=600, disk_bytes=1536 * MIB)
_STEPS = (("AutogradeApp", ["autograde", NAME]), ("GenerateFeedbackApp", ["generate_feedback", NAME]))


def made_course(folder: Path) -> dict[str, bytes]:
    """Return the files of a course whose assignment nbgrader has generated (the instructor's own text: harmless)."""
    source = folder / "source" / NAME
    source.mkdir(parents=True)
    (folder / "nbgrader_config.py").write_text(_CONFIG)
    (source / f"{NAME}.ipynb").write_text(classroom.instructor({**CHECKS, "saved-tests": _SAVED}))
    inputs, labels = clouds(np.random.default_rng(0))
    np.save(source / "clouds_inputs.npy", inputs)
    np.save(source / "clouds_labels.npy", labels)
    if child := os.fork():
        assert os.waitpid(child, 0)[1] == 0, "nbgrader could not generate the assignment"
    else:
        os.chdir(folder)
        _run_app("GenerateAssignmentApp", ["generate_assignment", NAME])
    files = (path for path in folder.rglob("*") if path.is_file())
    return {f"course/{path.relative_to(folder)}": path.read_bytes() for path in files}


def _run_app(name: str, arguments: list[str]) -> None:
    """Run one of nbgrader's commands in this process, and end it."""
    import nbgrader.apps

    status = 1
    try:
        getattr(nbgrader.apps, name).launch_instance(argv=arguments[1:])
        status = 0
    except SystemExit as error:
        status = int(error.code or 0)
    finally:
        os._exit(status)


def attacked(attack: Attack, course: dict[str, bytes]) -> list[str]:
    """Return what an attack achieves, in a box."""
    box_folder = tempfile.mkdtemp(prefix="st-")
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reading)
            null = os.open(os.devnull, os.O_RDWR)
            for number in (0, 1, 2):
                os.dup2(null, number)
            enter(Box(course, _LIMITS, Level.NAMESPACES, f"{box_folder}/x"), keep=(writing,))
            os.write(writing, json.dumps(_inside(attack)).encode())
        except BaseException as error:
            os.write(writing, json.dumps([f"the comparison failed: {error!r}"]).encode())
        finally:
            os._exit(0)
    os.close(writing)
    try:
        ready, _, _ = select.select([reading], [], [], SECONDS)
        said = os.read(reading, 2**16) if ready else b""
        return json.loads(said) if said else ["nbgrader came to no end"]
    finally:
        os.close(reading)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        shutil.rmtree(box_folder, ignore_errors=True)


def _inside(attack: Attack) -> list[str]:
    """Grade an attack and an honest neighbour; return the harm. Runs as the first process of the box."""
    course = Path(FOLDER, "course")
    steps = [_prepared(course, *step) for step in _STEPS]  # before there are threads
    os.environ["KAGGLE_KEY"] = ""
    root = Path(HOME, "root")
    (root / "solutions").mkdir(parents=True)
    shutil.copytree(course / "source" / NAME, root / "solutions" / NAME)
    classroom.plant(Path(HOME))
    with classroom.Listener() as listener:
        places = {"INTO": str(course), "ROOT": str(root), "CLASS": str(course / "submitted"), "HOME": HOME}
        places |= {"PORT": str(listener.port), "SOCKET": listener.name}
        classroom.hand_in(course / "submitted", attack, places)
        classroom.hand_in_victims(course / "submitted", [VICTIM])
        texts = {path: path.read_bytes() for path in course.glob(f"submitted/{VICTIM}/*/*")}
        ended = [_went(*step) for step in steps]
        classroom.wait_for_the_end(3.0 if attack.number == 13 else 0.5)
        harm = classroom.harms(attack, _seen(course, attack.name))
        victim = _seen(course, VICTIM)
        if victim.points != dict.fromkeys(POINTS, 0.0):
            harm.add("changes others' points" if victim.points else "others get no grade")
        if any(line.startswith("got ") for line in classroom.printed(victim.notebook)):
            harm.add("reaches others' kernels")
        if any(not path.exists() or path.read_bytes() != text for path, text in texts.items()):
            harm.add("changes others' submissions")
        if classroom.marks(Path(HOME)):
            harm.add("leaves files")
        if _worth(course) != POINTS:
            harm.add("changes what the assignment is worth")
        if _survivors():
            harm.add("leaves processes")
        if any("mark-" in each for each in listener.heard):
            harm.add("calls out")
        if not ended[0]:
            harm.add("nbgrader did not end by itself")
    return sorted(harm)


def _prepared(course: Path, name: str, arguments: list[str]) -> tuple[int, int]:
    """Fork a process that waits to run one of nbgrader's commands."""
    reading, writing = os.pipe()
    if child := os.fork():
        os.close(reading)
        return child, writing
    os.close(writing)
    os.setsid()
    os.read(reading, 1)
    os.chdir(course)
    os.environ["KAGGLE_KEY"] = CANARIES["environment"]
    _run_app(name, arguments)
    raise AssertionError


def _went(child: int, writing: int) -> bool:
    """Let a command go; return whether it came to an end within the time for it."""
    os.write(writing, b"g")
    end = time.monotonic() + SECONDS * 0.6
    while time.monotonic() < end:
        if os.waitpid(child, os.WNOHANG)[0]:
            return True
        time.sleep(0.1)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


def _survivors() -> bool:
    """Say whether a process runs that is neither this one, nor a zombie."""
    for number in filter(str.isdigit, os.listdir("/proc")):
        try:
            state = Path("/proc", number, "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if int(number) != os.getpid() and state != "Z":
            return True
    return False


def _worth(course: Path) -> dict[str, float]:
    """Return how many points each cell is worth, by the gradebook."""
    try:
        with sqlite3.connect(course / "gradebook.db", timeout=5) as book:
            query = "select b.name, c.max_score from grade_cells c join base_cell b on b.id = c.id"
            return dict(book.execute(query))
    except sqlite3.Error:
        return {}


def _seen(course: Path, student: str) -> Seen:
    def text(step: str, end: str) -> str:
        path = course / step / student / NAME / f"{NAME}.{end}"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    points = {}
    try:
        with sqlite3.connect(course / "gradebook.db", timeout=5) as book:
            query = (
                "select b.name, g.auto_score from grade g join grade_cells c on c.id = g.cell_id join base_cell b on "
                "b.id = c.id join submitted_notebook n on n.id = g.notebook_id join submitted_assignment s on "
                "s.id = n.assignment_id where s.student_id = ?"
            )
            points = {name: score for name, score in book.execute(query, (student,)) if score is not None}
    except sqlite3.Error:
        pass  # it is no data base any more
    # Everybody's feedback shows hidden tests, and so does the traceback of a test that fails: no attack's doing.
    executed = json.loads(text("autograded", "ipynb") or '{"cells": []}')
    for output in (output for cell in executed["cells"] for output in cell.get("outputs", [])):
        if output["output_type"] == "error":
            output["traceback"] = []
    shown = json.dumps(executed) if executed["cells"] else ""
    return Seen(points, shown, text("feedback", "html").replace(CANARIES["hidden"], ""))


def compared(attacks: Iterable[Attack]) -> dict[str, list[str]]:
    """Return what attacks achieve against stock nbgrader."""
    import nbgrader.apps  # noqa: F401  (once, before everything is forked)

    folder = Path(tempfile.mkdtemp(prefix="st-"))
    try:
        course = made_course(folder / "course")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    lanes, attacks = 2, list(attacks)
    parts = [_lane(attacks[number::lanes], course) for number in range(lanes)]
    with ThreadPoolExecutor(lanes) as pool:  # every fork has been made by now: threads only read
        return {name: harm for found in pool.map(_read, parts) for name, harm in found.items()}


def _lane(attacks: list[Attack], course: dict[str, bytes]) -> int:
    """Fork a process that tries attacks one after the other; return where it writes what came of each."""
    reading, writing = os.pipe()
    if os.fork():
        os.close(writing)
        return reading
    os.close(reading)
    for attack in attacks:
        os.write(writing, json.dumps([attack.name, attacked(attack, course)]).encode() + b"\n")
    os._exit(0)


def _read(reading: int) -> dict[str, list[str]]:
    found = {}
    with os.fdopen(reading) as file:
        for line in file:
            name, harm = json.loads(line)
            found[name] = harm
            print(f"{ascii(name)[1:-1]:20} {'; '.join(harm)}", flush=True)
    return found


def main() -> None:
    """Compare, and write the page."""
    if probe() is not Level.NAMESPACES:
        sys.exit("hostile code is only ever run in namespaces, which this machine does not offer")
    wanted = [each for each in (*ATTACKS, *INPUTS) if not sys.argv[1:] or each.name in sys.argv[1:]]
    path = os.pathsep.join([str(Path(sys.executable).parent), os.defpath])
    os.environ.clear()
    os.environ |= {"PATH": path, "LANG": "C.UTF-8", "COURSEKIT_PROGRESS": "off", "OPENBLAS_NUM_THREADS": "1"}
    found = compared(wanted)
    if len(wanted) == len(ATTACKS) + len(INPUTS):
        (Path(__file__).resolve().parents[3] / "docs" / "attacks.md").write_text(page(found), encoding="utf-8")


if __name__ == "__main__":
    main()
