import os
import time
from collections import Counter

import psutil
import pytest

from coursekit.grading import pool as module
from coursekit.grading.bundle import Bundle
from coursekit.grading.graded import Graded
from coursekit.grading.limits import Limits
from coursekit.grading.pool import Pool, Started
from coursekit.grading.staging import Staged

pytestmark = pytest.mark.slow


@pytest.fixture
def handed(tiny, handed_to_workers):
    return handed_to_workers


@pytest.fixture
def make(tmp_path, tiny, handed):
    import nbformat
    import standins

    pack = Bundle(tiny.name, nbformat.writes(tiny.notebook(solution=True)), {}, {}, "salt", "v")

    def make(workers=2, **options):
        return Pool(standins.believe, pack, Limits(), workers, tmp_path / "workers.log", **options)

    return make


@pytest.fixture
def submission(tiny):
    def make(student, mark=""):
        return Staged(
            student, tiny.text({"double": f"def double(x):\n    return 2 * x  # {mark}"}), {}, "", (), student
        )

    return make


def graded(events):
    return {event.student: event for event in events if isinstance(event, Graded)}


def children():
    return [each for each in psutil.Process().children() if "coursekit.grading.worker" in each.cmdline()]


def test_every_submission_comes_back_once(make, submission):
    events = list(make().run([submission(f"s{i}") for i in range(7)]))
    assert Counter(type(event) for event in events) == {Started: 7, Graded: 7}
    found = graded(events)
    assert sorted(found) == [f"s{i}" for i in range(7)]
    assert all(each.fault == "" and each.key == name for name, each in found.items())
    for name in found:
        assert events.index(Started(name)) < events.index(found[name])


def test_the_longest_begin_first_and_unknown_ones_among_them(make, submission):
    seconds = {"short": 1.0, "long": 9.0, "middle": 6.0}
    submissions = [submission(name) for name in ("short", "new", "long", "middle")]
    events = make(workers=1).run(submissions, seconds)
    assert [event.student for event in events if isinstance(event, Started)] == ["long", "middle", "new", "short"]


def test_workers_work_at_the_same_time(make, submission):
    submissions = [submission(f"s{i}", "slow") for i in range(4)]
    list(make(workers=1).run([submission("warm")]))
    began = time.monotonic()
    list(make(workers=4).run(submissions))
    together = time.monotonic() - began
    assert together < 4 * 0.5 + 1.5
    began = time.monotonic()
    list(make(workers=1).run(submissions))
    assert time.monotonic() - began > 2.0


@pytest.mark.parametrize(
    ("mark", "tries", "words"),
    [
        ("dies always", 3, "a worker process was lost (status -9"),
        ("raises", 3, "OSError: the machine is unwell"),
        ("faulty always", 3, "no kernel could be started"),
        ("dies once", 2, ""),
        ("faulty once", 2, ""),
    ],
)
def test_a_fault_is_tried_again_and_stops_nobody(make, submission, handed, mark, tries, words):
    found = graded(make().run([submission("bad", mark), *(submission(f"s{i}") for i in range(3))]))
    assert {name: each.fault == "" for name, each in found.items()} | {"bad": True} == dict.fromkeys(found, True)
    assert (words in found["bad"].fault, found["bad"].fault == "") == (True, not words)
    assert handed().count("bad") == tries


@pytest.mark.slow
def test_a_submission_that_comes_to_no_end_is_ended_from_outside(make, submission):
    began = time.monotonic()
    found = graded(make(deadline=4).run([submission("endless", "hangs"), submission("ada")]))
    assert "came to no end within 4 s" in found["endless"].fault
    assert found["ada"].fault == ""
    assert time.monotonic() - began < 30
    assert children() == []


def test_nothing_is_left_when_it_is_done_or_left_early(make, submission):
    list(make().run([submission("ada")]))
    assert children() == []
    events = make().run([submission("endless", "hangs"), submission("other", "hangs")])
    next(events)
    deadline = time.monotonic() + 20
    while not children() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert children()
    events.close()
    assert children() == []


def test_a_worker_ends_with_its_owner(make, submission, tmp_path):
    import subprocess
    import sys

    probe = (
        "import os, sys, pickle\nsys.path[:0] = sys.argv[1].split(os.pathsep)\n"
        "from pathlib import Path\nimport standins\n"
        "from coursekit.grading.pool import Pool, Started\nfrom coursekit.grading.limits import Limits\n"
        "pack, staged = pickle.loads(Path(sys.argv[2]).read_bytes())\n"
        "for event in Pool(standins.believe, pack, Limits(), 1, Path(sys.argv[2] + '.log')).run([staged]):\n"
        "    print('begun', flush=True)\n"
    )
    import pickle

    pool = make()
    job = tmp_path / "job"
    job.write_bytes(pickle.dumps((pickle.loads(pool._setup)[1], submission("endless", "hangs"))))
    command = [sys.executable, "-c", probe, os.pathsep.join(sys.path), str(job)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as owner:
        try:
            assert owner.stdout.readline() == "begun\n"  # told before its worker is launched
            deadline = time.monotonic() + 20
            while not (workers := psutil.Process(owner.pid).children()) and time.monotonic() < deadline:
                time.sleep(0.05)
            assert workers
        finally:
            owner.kill()
    assert psutil.wait_procs(workers, timeout=10)[1] == []


def test_what_workers_print_goes_to_the_log(make, submission, tmp_path):
    list(make().run([submission("ada", "raises")]))
    assert "the machine is unwell" in (tmp_path / "workers.log").read_text()


def test_with_little_memory_left_one_runs_at_a_time(make, submission, monkeypatch):
    monkeypatch.setattr(module, "available_bytes", lambda: Limits().memory_bytes - 1)
    running, most = set(), 0
    for event in make(workers=3).run([submission(f"s{i}", "slow") for i in range(3)]):
        (running.add if isinstance(event, Started) else running.discard)(event.student)
        most = max(most, len(running))
    assert most == 1


def test_memory_and_processors_are_those_of_this_process():
    assert 0 < module.available_bytes() <= psutil.virtual_memory().total
    assert 1 <= module.cores() <= os.cpu_count()


def test_a_fault_of_the_pool_itself_ends_the_run(make, submission, monkeypatch):
    def broken(self, staged, deadline):
        raise RuntimeError("a mistake in the pool")

    monkeypatch.setattr(module._Lane, "grade", broken)
    with pytest.raises(RuntimeError, match="a mistake in the pool"):
        list(make().run([submission("ada")]))


def test_workers_import_no_nbgrader_and_no_framework():
    """They start in a moment, and hold nothing that knows where the gradebook is."""
    import subprocess
    import sys

    code = (
        "import sys; from coursekit.grading.quick import quick_import; quick_import('nbformat')\n"
        "import coursekit.grading.worker, coursekit.grading.runner, coursekit.grading.starting\n"
        "from coursekit.grading.judge import mark_calls\nfrom coursekit.grading.kernels import start\n"
        "heavy = {'nbgrader', 'sqlalchemy', 'tensorflow', 'keras', 'matplotlib', 'rfc3987_syntax'}\n"
        "print(sorted(heavy & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
