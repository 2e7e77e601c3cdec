"""Grading a class: collect, stage, execute, judge, record, report; a run that was cut short is completed by the next.

What is found out about a submission goes to the journal first. Everything after that (gradebook, feedback, the kept
result, which comes last) can be done again from there, and leaves the same.
"""

from __future__ import annotations

import difflib
import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from coursekit.errors import CourseError
from coursekit.grading import keys, results, staging
from coursekit.grading.bundle import Bundle, bundle
from coursekit.grading.cluster import Cluster
from coursekit.grading.collect import collect, gradebook_id, listed
from coursekit.grading.converting import class_config
from coursekit.grading.course import STEPS, Course, opened, resolve, write
from coursekit.grading.feedback import generate_feedback
from coursekit.grading.graded import Graded
from coursekit.grading.journal import Entry, Journal
from coursekit.grading.limits import MIB, Limits
from coursekit.grading.pool import Grader, Pool, Started, cores
from coursekit.grading.quick import quick_import
from coursekit.grading.recorder import Recorder
from coursekit.grading.rejudging import judged_again
from coursekit.grading.results import Result
from coursekit.grading.settings import CELL_SECONDS
from coursekit.grading.staging import Staged
from coursekit.grading.starting import early, level_here, started

State = Literal["grading", "graded", "judged", "kept", "failed"]

_HOPELESS = 3
"""This many faults before anything was graded end a run: the machine is at fault, and waiting does not mend it."""


@dataclass(frozen=True)
class Step:
    """Where a run is.

    Attributes:
        student: whose submission it is about.
        done: how many submissions are finished.
        total: of how many.
        state: "grading" when it begins; when it ends, "graded", "judged" (again, by tests that changed, not executed),
            "kept" (nothing changed since an earlier run) or "failed" (not graded, through no fault of the student's).
        result: what came of it.
        seconds_left: until all are finished, as far as can be told.
    """

    student: str
    done: int
    total: int
    state: State
    result: Result | None = None
    seconds_left: float | None = None


@dataclass(frozen=True)
class GradedClass:
    """A class that was graded.

    Attributes:
        course: the folder with gradebook, tables and feedback.
        results: one for each submission of this run that was graded, sorted by student.
        kept: how many had been graded before and were left as they were.
        seconds: how long it took.
        faults: why others were not graded, by student: never their fault, and nothing was recorded for them.
    """

    course: Course
    results: tuple[Result, ...]
    kept: int
    seconds: float
    faults: tuple[tuple[str, str], ...] = ()

    @property
    def gradebook(self) -> Path:
        """nbgrader's data base."""
        return self.course.gradebook

    @property
    def csv(self) -> Path:
        """The table of points, an exercise a column."""
        return self.course.table

    @property
    def feedback(self) -> Path:
        """The folder that holds a page for each student."""
        return self.course.folder / "feedback"


Progress = Callable[[Step], None]


def grade(
    assignment: str,
    submissions: Path,
    into: Path,
    *,
    root: Path | None = None,
    on_progress: Progress | None = None,
    grader: Grader | None = None,
    students: Sequence[str] = (),
    regrade: bool = False,
    workers: int | None = None,
    memory: int | None = None,
    unsafe: bool = False,
    db_url: str = "",
    cluster: str = "",
) -> GradedClass:
    """Grade every submission in a folder.

    A submission counts as done once its result is kept under the digest of all that its grade depends on; whatever an
    earlier run left half done, or what has changed since, is graded again. Where only tests changed, what students'
    functions answered then is judged again, without executing anything. Scores and comments given by hand survive.

    Args:
        assignment: its name or number: ``"a1_losses"``, ``"a1"``.
        submissions: what was handed in, see `coursekit.grading.collect`; only read.
        into: nbgrader's course for this class: made if missing, else gone on with.
        root: the course; the one around the working directory if left out.
        on_progress: is told of every step.
        grader: grades one submission in a worker process; the sandboxed runner if left out.
        students: whose submissions to grade, by folder or gradebook id; everybody's if left out.
        regrade: grade again what has not changed, too.
        workers: how many submissions are graded at once; one a processor if left out.
        memory: MiB that one submission may use; a further one begins only while as much is free.
        unsafe: grade also where submissions cannot be shut in.
        db_url: where the gradebook is, as SQLAlchemy takes it; a file in `into` if left out.
        cluster: the address of a Dask scheduler, whose workers grade in place of this machine's.

    Raises:
        CourseError: for what a person can mend, with how.
    """
    from coursekit.paths import course_root

    began = time.monotonic()
    root, into, submissions = (root or course_root()).resolve(), into.resolve(), submissions.resolve()
    assignment = resolve(assignment, root)
    _keep_apart(submissions, into)
    listed(submissions)
    quick_import("nbformat")
    here = not (grader or cluster)
    begun = (into / "results" / assignment).exists()  # else there is sure to be something to execute
    level = level_here(unsafe) if here and not begun else None
    with ExitStack() as stack:
        template = stack.enter_context(early(assignment, root)) if level else None
        course = stack.enter_context(opened(assignment, into, root, db_url))
        journal = stack.enter_context(Journal(course.private / f"{assignment}.jsonl"))
        pack, limits = bundle(course, _salt(course)), _limits(course, memory)
        run = _Run(course, journal, pack, limits, on_progress or (lambda step: None))
        waiting = run.prepare(_staged(course, submissions, students), regrade)
        if waiting:
            hidden = (root / "solutions", root / "source", into, submissions)
            log = course.private / "workers.log"
            if here:
                level = level or level_here(unsafe)
                grader = stack.enter_context(started(pack, limits, level, hidden, template))
            if cluster:
                run.execute(Cluster(cluster, pack, limits, log, unsafe=unsafe, hidden=hidden, grader=grader), waiting)
            else:
                assert grader is not None
                run.execute(Pool(grader, pack, limits, workers or cores(), log), waiting)
        write(course.table, results.to_csv(results.kept(course)))
        _export(course)
    finished = tuple(sorted(run.finished, key=lambda result: result.student))
    return GradedClass(course, finished, run.kept, time.monotonic() - began, tuple(sorted(run.faults.items())))


class _Run:
    """One run over a class: what was found, what is left, and taking it all down."""

    def __init__(self, course: Course, journal: Journal, pack: Bundle, limits: Limits, tell: Progress) -> None:
        self.finished: list[Result] = []
        self.faults: dict[str, str] = {}
        self.kept = 0
        self._course, self._journal, self._pack, self._limits, self._tell = course, journal, pack, limits, tell
        self._tests = keys.tests(pack)
        self._recorder: Recorder | None = None
        self._total = 0
        self._left: float | None = None

    def prepare(self, submissions: Sequence[Staged], regrade: bool) -> list[_Job]:
        """Finish what needs no execution; return the rest."""
        self._total = len(submissions)
        jobs = []
        for staged in submissions:
            work = keys.work(self._pack, staged, self._limits)
            jobs.append(_Job(staged, replace(staged, key=work), keys.key(staged, work, self._tests)))
        return [job for job in jobs if regrade or not (self._is_kept(job) or self._is_judged(job))]

    def execute(self, pool: Pool | Cluster, jobs: Sequence[_Job]) -> None:
        """Execute submissions, and take down each as soon as it is graded.

        Raises:
            CourseError: if nothing can be graded at all.
        """
        by_student = {job.staged.student: job for job in jobs}
        began, left = time.monotonic(), len(jobs)
        with closing(pool.run([job.staged for job in jobs], self._journal.seconds)) as events:
            for event in events:
                if isinstance(event, Started):
                    self._say(event.student, "grading")
                    continue
                left -= 1
                self._left = (time.monotonic() - began) / (len(jobs) - left) * left
                job = by_student[event.student]
                if event.fault:
                    self._give_up(job, event.fault)
                else:
                    self._journal.append(Entry(job.key, self._tests, event))
                    self._record(job, event, "graded")
                if len(self.faults) == min(_HOPELESS, len(jobs)) and not self.finished:
                    raise CourseError(
                        f"grading stopped: nothing could be graded on this machine.\n  {event.fault}",
                        fix="mend that (see `coursekit doctor`) and run the same command again; nobody got a grade.",
                    )

    def _is_kept(self, job: _Job) -> bool:
        """Keep what an earlier run finished."""
        earlier = self._earlier(job.staged.student, job.key)
        if earlier:
            self.kept += 1
            self._keep(earlier, job.key, "kept")
        return earlier is not None

    def _is_judged(self, job: _Job) -> bool:
        """Take down what an earlier run executed: it was killed before it could, or tests have changed since."""
        entry = self._journal.executed(job.staged.student, job.staged.key)
        graded = judged_again(self._pack, entry, self._tests, self._limits) if entry else None
        if entry is None or graded is None:
            return False
        if entry.key != job.key:
            self._journal.append(Entry(job.key, self._tests, graded))
        earlier = self._earlier(job.staged.student, keys.key(job.submission, job.staged.key, entry.tests))
        if earlier and graded == entry.graded:  # the same text, and other code that finds the same: nothing to record
            self._keep(earlier, job.key, "judged")
        else:
            self._record(job, graded, "graded" if entry.key == job.key else "judged")
        return True

    def _earlier(self, student: str, key: str) -> Result | None:
        """Return what an earlier run recorded to its end for a student, if it was under a digest."""
        found = results.load(self._course, student)
        there = self._course.notebook("autograded", student).exists()
        return found if found and found.key == key and there else None

    def _keep(self, earlier: Result, key: str, state: Literal["kept", "judged"]) -> None:
        """Bring a result up to date with what was graded by hand since."""
        now = results.refreshed(self._course, earlier)
        if now != earlier:
            self._publish(replace(now, key=key))
        elif key != now.key:
            results.save(self._course, replace(now, key=key))
        self._end(replace(now, key=key), state)

    def _record(self, job: _Job, graded: Graded, state: Literal["graded", "judged"]) -> None:
        """Take a submission into the gradebook, feedback and results; done again, it leaves the same."""
        earlier = results.load(self._course, graded.student)
        if earlier:  # half recorded, it must not look done
            results.save(self._course, replace(earlier, key=""))
        self._recorder = self._recorder or Recorder(self._course)
        try:
            self._recorder.record(job.staged, graded, seen=earlier is not None and earlier.work == graded.key)
        except CourseError as error:
            self._give_up(job, error.problem)
            return
        result = results.read(self._course, graded, job.staged.problem, job.staged.notes, job.key)
        self._publish(result)
        self._end(result, state)

    def _publish(self, result: Result) -> None:
        generate_feedback(self._course, result.student, result)
        results.save(self._course, result)

    def _give_up(self, job: _Job, fault: str) -> None:
        self.faults[job.staged.student] = fault
        self._say(job.staged.student, "failed")

    def _end(self, result: Result, state: Literal["graded", "judged", "kept"]) -> None:
        self.finished.append(result)
        self._say(result.student, state, result)

    def _say(self, student: str, state: State, result: Result | None = None) -> None:
        done = len(self.finished) + len(self.faults)
        self._tell(Step(student, done, self._total, state, result, self._left))


@dataclass(frozen=True)
class _Job:
    submission: Staged
    staged: Staged  # the same, known by the digest of what is executed
    key: str  # of all that its grade depends on


def _staged(course: Course, submissions: Path, students: Sequence[str]) -> list[Staged]:
    """Return what was handed in, set right; only that of some students if these are named."""
    cells = [cell.metadata.nbgrader for cell in course.release.cells if "nbgrader" in cell.metadata]
    by_hand = [cell.grade_id for cell in cells if cell.grade and cell.solution]  # every assignment has the same ones
    ids = [cell.grade_id for cell in cells if cell.grade_id not in by_hand] or by_hand
    found = collect(submissions, course.assignment, ids)
    there = {submission.student for submission in found}
    wanted = [gradebook_id(name)[0] for name in students]
    for name, student in zip(students, wanted, strict=True):
        if student not in there:
            near = difflib.get_close_matches(student, sorted(there), n=3) or sorted(there)[:5]
            raise CourseError(f"{submissions} holds nothing of {name!r}.", fix=f"did you mean {', '.join(near)}?")
    return [staging.stage(each, course) for each in found if not wanted or each.student in wanted]


def _keep_apart(submissions: Path, into: Path) -> None:
    """Refuse to grade a class into the folder that holds what it handed in, or the other way round."""
    taken = [into / step for step in (*STEPS, "results", "grades")]
    if into.is_relative_to(submissions) or any(submissions.is_relative_to(folder) for folder in taken):
        raise CourseError(
            f"{submissions} and {into} lie in each other: grading would write among the submissions.",
            fix="grade into a folder apart from them (--into).",
        )


def _salt(course: Course) -> str:
    """Return the secret of the class, made at its first run: nobody can foresee what tests will ask."""
    path = course.private / "salt"
    if not path.exists():
        write(path, secrets.token_hex(32), mode=0o600)
    return path.read_text(encoding="utf-8")


def _limits(course: Course, memory: int | None) -> Limits:
    seconds = float(class_config(course.folder).Execute.get("timeout") or CELL_SECONDS)
    limits = Limits(cell_seconds=seconds)
    return replace(limits, memory_bytes=memory * MIB) if memory else limits


def _export(course: Course) -> None:
    """Write nbgrader's own table of all assignments beside ours."""
    from nbgrader.api import Gradebook
    from nbgrader.plugins import CsvExportPlugin

    with Gradebook(course.gradebook_url) as gradebook:
        CsvExportPlugin(to=str(course.folder / "grades" / "nbgrader.csv")).export(gradebook)
