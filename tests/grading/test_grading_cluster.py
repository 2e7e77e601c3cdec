"""Grading on a cluster of two worker processes on this machine; workers are lost, hang, come late."""

import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from coursekit.errors import CourseError
from coursekit.grading.bundle import Bundle
from coursekit.grading.graded import Graded
from coursekit.grading.limits import Limits
from coursekit.grading.pool import Pool, Started
from coursekit.grading.staging import Staged

REASON = "needs Dask: pip install 'coursekit[cluster]'"
dask = pytest.importorskip("dask", reason=REASON)
distributed = pytest.importorskip("distributed", reason=REASON)
pytestmark = [pytest.mark.xdist_group("cluster"), pytest.mark.slow]

BUNDLE = Bundle("b1_tiny", "", {}, {}, "salt", "1")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """The folder of this module's workers: what stand-ins note, and leases, which other tests must not share."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("cluster")
        patch.syspath_prepend(Path(__file__).parent)
        patch.setenv("STANDIN_LOG", str(folder / "standin.log"))
        patch.setenv("TMPDIR", str(folder))
        yield folder


def local(workers):
    # Each worker's keeper looks, this long after a loss, whether its worker is there, and gives up if it is not: in
    # tests that lose one after the other it may be missing just then.
    dask.config.set({"distributed.deploy.lost-worker-timeout": "10 minutes"})
    return distributed.LocalCluster(
        n_workers=workers, threads_per_worker=1, processes=True, memory_limit=0, dashboard_address=":0"
    )


@pytest.fixture(scope="module")
def address(home):
    with local(2) as cluster:
        yield cluster.scheduler_address


@pytest.fixture
def notes(home):
    """What was noted since the test began, line by line, in words."""
    log = home / "standin.log"
    log.write_text("")
    return lambda: [line.split() for line in log.read_text().splitlines()]


@pytest.fixture
def cluster(address, home, notes):
    from cluster_standins import obey

    from coursekit.grading.cluster import Cluster

    return lambda address=address, **options: Cluster(
        address, BUNDLE, Limits(), home / "nodes.log", **{"grader": obey, **options}
    )


def handed_in(**texts):
    return [Staged(student, text, {}, "", (), f"key of {student}") for student, text in texts.items()]


def graded(events):
    found = [event for event in events if isinstance(event, Graded)]
    assert len({each.student for each in found}) == len(found), "a submission came twice"
    return {each.student: each for each in found}


def times(notes, student):
    return sum(line[:2] == [student, "begins"] for line in notes())


CLASS = handed_in(**{f"s{number:02}": f"takes-time {'x' * number}" for number in range(10)})


def test_a_class_is_graded_as_by_the_pool_and_everything_once(cluster, notes, tmp_path):
    from cluster_standins import obey

    events = list(cluster().run(CLASS))
    assert sorted(event.student for event in events if isinstance(event, Started)) == [s.student for s in CLASS]
    assert all(times(notes, each.student) == 1 for each in CLASS)
    assert len({line[2] for line in notes()}) == 2  # both workers had a part in it
    assert graded(events) == graded(Pool(obey, BUNDLE, Limits(), 2, tmp_path / "log").run(CLASS))


def test_the_longest_begin_first_one_a_worker(cluster, notes):
    known = {each.student: float(number) for number, each in enumerate(CLASS)}
    events = cluster().run(CLASS, known)
    assert next(events).student in ("s09", "s08")
    list(events)
    assert {line[0] for line in notes()[:2]} == {"s09", "s08"}
    running = 0
    for line in notes():
        running += 1 if line[1] == "begins" else -1
        assert running <= 2


def test_a_worker_killed_on_the_way_changes_nothing(cluster, notes):
    before = graded(cluster().run(CLASS))
    Path(os.environ["STANDIN_LOG"]).write_text("")
    found, victim = [], 0
    for event in cluster().run(CLASS):
        found.append(event)
        if not victim and isinstance(event, Started) and len(found) > 4:
            while not victim:  # until the worker has noted that it began
                victim = next((int(line[2]) for line in notes() if line[0] == event.student), 0)
            os.kill(victim, signal.SIGKILL)
    assert victim
    assert graded(found) == before
    counts = sorted(times(notes, each.student) for each in CLASS)
    assert counts in ([1] * 9 + [2], [1] * 10), "only what the worker had in hand is done again"


def test_what_kills_every_worker_is_a_fault_and_stands_in_nobodys_way(cluster, notes):
    texts = {"bad": "dies", "unlucky": "dies-once", "a": "takes-time", "b": "takes-time x", "c": "takes-time xx"}
    found = graded(cluster().run(handed_in(**texts)))
    assert "a worker was lost" in found["bad"].fault
    assert found["bad"].cells == ()
    assert times(notes, "bad") == 3
    assert [found[name].fault for name in ("unlucky", "a", "b", "c")] == [""] * 4
    assert [times(notes, name) for name in ("unlucky", "a", "b", "c")] == [2, 1, 1, 1]


def test_what_hangs_ends_with_its_worker(cluster, notes, home):
    texts = {"stuck": "hangs", "a": "takes-time", "b": "takes-time x"}
    found = graded(cluster(deadline=2.0).run(handed_in(**texts)))
    assert "no end within 2 s" in found["stuck"].fault
    assert not found["a"].fault
    assert not found["b"].fault
    assert "came to no end" in (home / "nodes.log").read_text()


def test_what_goes_wrong_in_the_grader_is_a_fault(cluster, notes):
    found = graded(cluster().run(handed_in(ill="raises", a="x")))
    assert "the machine is unwell" in found["ill"].fault
    assert times(notes, "ill") == 3
    assert not found["a"].fault


def test_out_of_memory_is_tried_alone_once_and_then_believed(cluster, notes):
    others = {f"s{number}": "takes-time" for number in range(4)}
    found = graded(cluster().run(handed_in(starved="takes-time starved", greedy="takes-time greedy", **others)))
    assert found["starved"].cells[0].cause == ""
    assert found["starved"].cells[0].points > 0
    assert found["greedy"].cells[0].cause == "memory"
    assert [times(notes, name) for name in ("starved", "greedy", "s0", "s3")] == [2, 2, 1, 1]
    running, begun = set(), set()
    alone = ""  # who runs for the second time
    for name, what, *_ in notes():
        if what == "ends":
            running.discard(name)
            alone = "" if name == alone else alone
            continue
        assert not alone, f"{name} began beside {alone}"
        if name in begun:
            assert not running, f"{name} was not alone"
            alone = name
        running.add(name)
        begun.add(name)


def test_nothing_goes_on_after_the_caller_stops(cluster, notes):
    with closing(cluster().run(CLASS)) as events:
        next(events)
    time.sleep(1.0)
    assert len({line[0] for line in notes()}) <= 2


KILLED = """
from pathlib import Path
import sys
from cluster_standins import obey
from coursekit.grading.bundle import Bundle
from coursekit.grading.cluster import Cluster
from coursekit.grading.limits import Limits
from coursekit.grading.staging import Staged

if __name__ == "__main__":
    cluster = Cluster(sys.argv[1], Bundle("b1_tiny", "", {}, {}, "salt", "1"), Limits(), Path(sys.argv[2]), grader=obey)
    for _ in cluster.run([Staged(name, "takes-time", {}, "", (), "k") for name in "pqrstuvw"]):
        print("something happened", flush=True)
"""


def test_a_run_that_was_killed_leaves_nothing_once_the_next_has_ended(cluster, address, notes, tmp_path):
    (tmp_path / "killed.py").write_text(KILLED)
    path = os.pathsep.join(filter(None, sys.path))
    command = [sys.executable, str(tmp_path / "killed.py"), address, str(tmp_path / "log")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path}) as process:
        assert process.stdout.readline()
        process.kill()
    assert not any(each.fault for each in graded(cluster().run(CLASS)).values())
    with distributed.Client(address, set_as_default=False) as client:
        plugins = client.run(lambda dask_worker: [name for name in dask_worker.plugins if "coursekit" in name])
        assert set(map(tuple, plugins.values())) == {()}
    assert len({line[0] for line in notes() if line[0] in "pqrstuvw"}) < 8


def test_a_worker_with_another_grader_is_not_used(cluster, monkeypatch):
    monkeypatch.setattr("coursekit.grading.node.code_digest", lambda: "another")
    with pytest.raises(CourseError, match="another version of coursekit"):
        list(cluster(grader=None).run(CLASS[:1]))


def test_no_scheduler_is_said(cluster, monkeypatch):
    monkeypatch.setattr("coursekit.grading.cluster._CONNECTING", 0.5)
    with pytest.raises(CourseError, match="no Dask scheduler answers"):
        list(cluster("tcp://127.0.0.1:9").run(CLASS[:1]))


def test_no_dask_is_said(cluster, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(CourseError, match=r"coursekit\[cluster\]"):
        list(cluster("tcp://127.0.0.1:9").run(CLASS[:1]))


def test_workers_may_come_late_but_not_never(cluster, notes):
    with local(0) as empty:
        with pytest.raises(CourseError, match="no worker for 1 s"):
            list(cluster(empty.scheduler_address, patience=1.0).run(CLASS[:1]))
        options = ["--no-dashboard", "--nthreads", "1", "--memory-limit", "0", "--death-timeout", "60"]
        late = subprocess.Popen(
            [sys.executable, "-m", "distributed.cli.dask_worker", empty.scheduler_address, *options],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            stderr=subprocess.DEVNULL,
        )
        try:
            found = graded(cluster(empty.scheduler_address).run(CLASS[:2]))
        finally:
            late.terminate()
            late.wait(30)
    assert [each.fault for each in found.values()] == ["", ""]


@pytest.mark.slow
def test_real_kernels_and_a_killed_worker_give_the_grades_of_the_pool(cluster, address, course, tiny, tmp_path):
    from coursekit.grading.bundle import bundle
    from coursekit.grading.cluster import Cluster
    from coursekit.grading.sandbox import Level, probe
    from coursekit.grading.starting import started

    pack, limits, level = bundle(course, "salt"), Limits(), probe()
    wrong = {**tiny.right, "double": "def double(x):\n    return 3 * x"}
    slow = {**tiny.right, "double": "import time; time.sleep(3)\ndef double(x):\n    return 2 * x"}
    class_ = handed_in(ada=tiny.text(), ben=tiny.text({}), chloe=tiny.text(wrong), dora=tiny.text(slow))
    unsafe = level is Level.NONE
    with started(pack, limits, level) as grader:
        expected = graded(Pool(grader, pack, limits, 2, tmp_path / "log").run(class_))

    found, killed = [], False
    for event in Cluster(address, pack, limits, tmp_path / "nodes.log", unsafe=unsafe).run(class_, {"dora": 9.0}):
        found.append(event)
        if event == Started("dora") and not killed:
            killed = True
            time.sleep(0.5)
            with distributed.Client(address, set_as_default=False) as client:
                busy = {worker for worker, tasks in client.processing().items() if any("dora" in key for key in tasks)}
                (pid,) = client.run(os.getpid, workers=list(busy)).values()
            os.kill(pid, signal.SIGKILL)
    assert killed
    assert found.count(Started("dora")) == 2

    def settled(each):
        cells = tuple(replace(cell, seconds=0.0) for cell in each.cells)
        return replace(each, cells=cells, seconds=0.0, cpu_seconds=0.0)

    results = {student: settled(each) for student, each in graded(found).items()}
    assert results == {student: settled(each) for student, each in expected.items()}
    assert [cell.points for cell in results["ada"].cells] == [3.0, 2.0, None]
    assert [cell.points for cell in results["chloe"].cells] == [3.0, 0.0, None]


def test_a_scheduler_that_goes_away_is_said(cluster, notes, monkeypatch):
    monkeypatch.setattr("coursekit.grading.cluster._CONNECTING", 2.0)
    doomed = local(1)
    events = cluster(doomed.scheduler_address).run([replace(each, text="hangs") for each in CLASS[:2]])
    next(events)
    doomed.close()
    with pytest.raises(CourseError, match=r"scheduler .* is gone|no worker"):
        list(events)


@pytest.mark.slow
def test_a_class_graded_on_a_cluster_gets_what_it_gets_here(address, into, tiny, tiny_root, tmp_path):
    from coursekit.grading import grade
    from coursekit.grading.sandbox import Level, probe

    wrong = {**tiny.right, "double": "def double(x):\n    return 3 * x"}
    for student, answers in (("ada", tiny.right), ("ben", {}), ("chloe", wrong)):
        tiny.hand_in(tmp_path / "class", student, answers)

    def points(folder, **options):
        done = grade(tiny.name, tmp_path / "class", folder, root=tiny_root, unsafe=probe() is Level.NONE, **options)
        assert not done.faults
        return {each.student: [exercise.points for exercise in each.exercises] for each in done.results}

    here = points(tmp_path / "here", workers=1)
    assert here == {"ada": [3, 2, None], "ben": [0, 0, 0], "chloe": [3, 0, None]}
    assert points(into, cluster=address) == here
