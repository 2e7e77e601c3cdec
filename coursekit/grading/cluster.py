"""Grading many submissions at once on a Dask cluster: on other machines, by the same function, with the same results.

Each worker has one submission at a time, chosen here, the longest first. So a worker that is lost takes one submission
with it and no other, which is tried again elsewhere, and nothing that was graded lies about on a worker: what is
yielded is the caller's at once.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import queue
import secrets
import threading
import time
from asyncio import CancelledError
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from coursekit.errors import CourseError
from coursekit.grading.bundle import Bundle
from coursekit.grading.graded import Graded
from coursekit.grading.keys import digest
from coursekit.grading.leases import out_of_memory
from coursekit.grading.limits import Limits
from coursekit.grading.pool import RETRIES, Grader, Started
from coursekit.grading.staging import Staged
from coursekit.grading.worker import faulty

if TYPE_CHECKING:
    from distributed import Client, Future

PATIENCE = 600.0
"""Seconds without any worker after which a run ends: those of a batch system take their time."""

_CONNECTING = 30.0
_FETCHING = 60.0
_LOOK_AGAIN = 0.5  # seconds between two looks at which workers there are
_SPARE = 120.0  # seconds beyond a submission's own, for kernels to start and for the judge
_OPENING = 600.0  # seconds that a worker may take to get ready: it may have to prepare data, and to calibrate
_LAST_CHANCE = 5.0  # for a worker that can grade to come, after others that cannot
_ENDING = 10.0
_USABLE = ("opening", "free", "busy")


@dataclass
class _Job:
    staged: Staged
    seconds: float  # expected
    attempts: int = 0
    alone: bool = False  # it ran out of memory beside others
    tried: set[str] = field(default_factory=set)  # workers


@dataclass
class _Place:
    """A worker, and what it is doing."""

    address: str
    state: Literal["opening", "free", "busy", "unfit", "ended"] = "opening"
    job: _Job | None = None
    future: Future[str] | None = None
    since: float = 0.0  # when it was given what it does
    started: bool = False  # it has begun with the submission


class Cluster:
    """Grades submissions on the workers of a Dask cluster, which may come and go.

    Used like `coursekit.grading.pool.Pool`.

    Args:
        address: of the scheduler: ``tcp://host:8786``, or ``tls://…`` with Dask's own settings for certificates.
        bundle: the assignment.
        limits: of each submission; a worker that overstays them in spite of the runner's own deadlines is ended.
        log: takes what workers say of themselves.
        unsafe: whether to grade also on workers where submissions cannot be shut in.
        hidden: folders that no kernel may see, should a worker have them.
        grader: grades one submission in place of the sandboxed runner. It travels by name: workers must find it.
        deadline: seconds for one submission; from `limits` if left out.
        patience: seconds to wait for a first worker, or for another when all are gone.
    """

    def __init__(
        self,
        address: str,
        bundle: Bundle,
        limits: Limits,
        log: Path,
        *,
        unsafe: bool = False,
        hidden: Sequence[Path] = (),
        grader: Grader | None = None,
        deadline: float | None = None,
        patience: float = PATIENCE,
    ) -> None:
        self._address, self._bundle, self._limits, self._log = address, bundle, limits, log
        self._unsafe, self._hidden, self._grader = unsafe, tuple(hidden), grader
        # Cells may be run twice, for hidden tests.
        self._deadline = deadline or _SPARE + 2.5 * limits.notebook_seconds
        self._patience = patience

    def run(
        self, submissions: Sequence[Staged], seconds: Mapping[str, float] | None = None
    ) -> Generator[Started | Graded, None, None]:
        """Grade submissions; yield each when it begins and when it is done, in any order.

        What could not be graded for a fault of ours, however often it was tried, comes with its `fault`. What ran out
        of memory is tried once more with a GPU, or a machine, to itself; that counts. Nothing goes on once the caller
        closes the iterator.

        Args:
            submissions: each is graded once.
            seconds: how long it took earlier, by student: the longest begin first, those unknown among them.

        Raises:
            CourseError: if there is no scheduler, or no worker that can grade.
        """
        known = seconds or {}
        usual = sum(known.values()) / len(known) if known else 0.0
        jobs = [_Job(staged, known.get(staged.student, usual)) for staged in submissions]
        jobs.sort(key=lambda job: -job.seconds)
        # The same for the same class each time: a run that was killed leaves its template to workers, this one ends it.
        name = f"coursekit {self._bundle.assignment} {digest(self._bundle.salt)[:16]}"
        with self._connected(name) as client:
            run = _Run(client, name, jobs, self._log, self._deadline, self._patience)
            # In a thread of its own: workers are not to wait while the caller writes down what came.
            thread = threading.Thread(target=run.drive, daemon=True)
            thread.start()
            left = len(jobs)
            try:
                while left:
                    event = run.events.get()  # comes: all that is waited for has a deadline
                    if isinstance(event, BaseException):
                        raise event
                    left -= isinstance(event, Graded)
                    yield event
            finally:
                run.close()
                thread.join(_ENDING)

    @contextlib.contextmanager
    def _connected(self, name: str) -> Iterator[Client]:
        """Connect to the scheduler, and tell all workers, also those to come, how to grade."""
        try:
            import dask.config
            from distributed import Client
            from distributed.comm.addressing import parse_address
        except ImportError as error:
            raise CourseError(
                "grading on a cluster needs Dask.", fix="pip install 'coursekit[cluster]', here and on the workers."
            ) from error
        from coursekit.grading.node import Node, Setup, code_digest

        setup = Setup(
            name,
            self._bundle,
            self._limits,
            self._unsafe,
            self._hidden,
            self._deadline,
            self._grader,
            code_digest(),
        )
        logging.getLogger("distributed").setLevel(logging.CRITICAL)  # lost workers are told of here
        # Files that students hand in come along.
        with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1GB"}):
            try:
                parse_address(self._address, strict=True)  # a client made for nonsense says so for a minute
                client = Client(self._address, timeout=_CONNECTING, set_as_default=False, name="coursekit")
            except (OSError, ValueError, RuntimeError) as error:
                raise CourseError(
                    f"no Dask scheduler answers at {self._address}: {error}", fix="start one: docs/cluster.md says how."
                ) from error
            try:
                with contextlib.suppress(Exception):  # a worker that cannot take it says why when it is to get ready
                    client.register_plugin(Node(setup))
                yield client
            finally:
                with contextlib.suppress(Exception):
                    client.unregister_worker_plugin(name)
                with contextlib.suppress(Exception):
                    client.close(timeout=_ENDING)


class _Run:
    """One run: hands submissions to workers and takes what comes back.

    Attributes:
        events: what happens; last, if the run cannot go on, the error that ends it.
    """

    def __init__(
        self, client: Client, name: str, jobs: list[_Job], log: Path, deadline: float, patience: float
    ) -> None:
        self._client, self._name, self._log = client, name, log
        self.events: queue.SimpleQueue[Started | Graded | BaseException] = queue.SimpleQueue()
        self._jobs, self._left = jobs, len(jobs)
        self._closed = False
        self._killing: list[threading.Thread] = []
        self._deadline, self._patience = deadline, patience
        self._places: dict[str, _Place] = {}
        self._problems: list[str] = []
        self._worked = False  # some worker could grade
        self._news: queue.SimpleQueue[Any] = queue.SimpleQueue()  # futures that are done; what workers say
        self._looked = 0.0
        self._alone_since = time.monotonic()

    def drive(self) -> None:
        """Have all submissions graded."""
        try:
            self._client.subscribe_topic(self._name, lambda event: self._news.put(event[1]))
            while self._left and not self._closed:
                if time.monotonic() - self._looked > _LOOK_AGAIN:
                    self._look()
                    self._looked = time.monotonic()
                self._hand_out()
                with contextlib.suppress(queue.Empty):
                    self._take(self._news.get(timeout=_LOOK_AGAIN))
        except BaseException as error:  # the run ends with it rather than waits for ever
            self.events.put(error)
        for place in self._places.values():  # leave nothing under way
            if place.future is not None:
                with contextlib.suppress(Exception):
                    place.future.cancel(force=True)

    def close(self) -> None:
        """Hand out no more, and give up what is under way."""
        self._closed = True
        self._news.put(None)
        for thread in self._killing:
            thread.join(_ENDING)

    def _look(self) -> None:
        """Find out which workers there are, and which take too long."""
        now = time.monotonic()
        there = self._addresses()
        for address in there - self._places.keys():
            place = self._places[address] = _Place(address)
            self._give(place, "ready", self._name)
        for address in self._places.keys() - there:
            self._lose(self._places.pop(address), "a worker was lost")
        for place in tuple(self._places.values()):
            if place.state == "opening" and now - place.since > _OPENING + self._deadline:
                self._end(place, f"it did not get ready within {_OPENING + self._deadline:.0f} s")
            # Before it begins, it may have to get ready, or to wait for others.
            most = self._deadline if place.started else _OPENING + 2 * self._deadline
            if place.state == "busy" and now - place.since > most:
                self._end(place, f"the grader came to no end within {most:.0f} s")
        self._see_to_it_that_somebody_works(now)

    def _addresses(self) -> set[str]:
        try:
            return set(self._client.nthreads(callback_timeout=_CONNECTING))
        except (OSError, RuntimeError) as error:  # what Dask raises when it is not connected
            raise CourseError(
                f"the scheduler of the cluster is gone: {error}",
                fix="start it again, and run the same command again: what was graded is kept.",
            ) from error

    def _see_to_it_that_somebody_works(self, now: float) -> None:
        if any(place.state in _USABLE for place in self._places.values()):
            self._alone_since = now
        elif self._problems and now - self._alone_since > (self._patience if self._worked else _LAST_CHANCE):
            raise CourseError(
                f"no worker of the cluster can grade: {self._problems[-1]}",
                fix=f"mend that and run the same command again; {self._log} has what each worker said.",
            )
        elif now - self._alone_since > self._patience:
            raise CourseError(
                f"the cluster had no worker for {self._patience:.0f} s.",
                fix="start workers (docs/cluster.md) and run the same command again: what was graded is kept.",
            )

    def _hand_out(self) -> None:
        """Give every free worker a submission; those that need a machine to themselves come last."""
        for place in [place for place in self._places.values() if place.state == "free"]:
            # A submission that failed on this worker is better tried on another, if one may come free.
            usable = sum(other.state in _USABLE for other in self._places.values())
            ordered = sorted(self._jobs, key=lambda job: job.alone)  # else as they are
            job = next((job for job in ordered if place.address not in job.tried or len(job.tried) >= usable), None)
            if job is None:
                continue
            self._jobs.remove(job)
            job.tried.add(place.address)
            place.job = job
            key = f"{self._name} {job.staged.student} {secrets.token_hex(8)}"
            self._give(place, "grade", self._name, job.staged, key, job.alone, key=key)

    def _give(self, place: _Place, task: Literal["ready", "grade"], *arguments: Any, key: str = "") -> None:
        from coursekit.grading import node

        place.state = "busy" if task == "grade" else "opening"
        place.since, place.started = time.monotonic(), False
        future = self._client.submit(
            getattr(node, task),
            *arguments,
            key=key or f"{self._name} {secrets.token_hex(8)}",
            workers=[place.address],
            pure=False,
        )
        place.future = future
        future.add_done_callback(self._news.put)

    def _take(self, news: Any) -> None:
        """Take note of a future that is done, or of a submission that a worker has begun with."""
        if news is None:
            return
        began = isinstance(news, dict)
        key = news.get("started") if isinstance(news, dict) else news.key
        place = next((each for each in self._places.values() if each.future and each.future.key == key), None)
        if place is None:
            return  # of a worker that was given up
        if began:
            self._begin(place)
            return
        place.future = None
        try:
            answer = news.result(timeout=_FETCHING)
        except (Exception, CancelledError) as error:
            reason = f"{type(error).__name__}: {error}"[:500]
            if place.state == "opening":
                self._open(place, {"problem": reason})
            else:
                self._lose(place, f"a worker was lost ({reason})")
                self._give(place, "ready", self._name)  # should it be there still
            return
        if place.state == "opening":
            self._open(place, json.loads(answer))
        elif place.job is not None:
            self._begin(place)
            job, place.job, place.state = place.job, None, "free"
            self._settle(job, Graded.from_json(answer))

    def _begin(self, place: _Place) -> None:
        if place.job and not place.started:
            place.started, place.since = True, time.monotonic()
            self.events.put(Started(place.job.staged.student))

    def _open(self, place: _Place, found: Mapping[str, str]) -> None:
        place.state = "unfit" if found["problem"] else "free"
        if found["problem"]:
            self._problems.append(found["problem"])
        else:
            self._worked = True
        self._note(f"{place.address}: {found['problem'] or 'ready, on ' + found['device']}")

    def _settle(self, job: _Job, graded: Graded) -> None:
        """Have done with a submission, or have it tried again."""
        if graded.fault:
            job.attempts += 1
            if job.attempts <= RETRIES:
                self._jobs.append(job)
                return
        elif out_of_memory(graded) and not job.alone:
            job.alone, job.tried = True, set()
            self._jobs.append(job)
            return
        self._left -= 1
        self.events.put(graded)

    def _lose(self, place: _Place, reason: str) -> None:
        """Have done with a worker; what it had under way is to be tried again."""
        self._note(f"{place.address}: {reason}")
        job, place.job = place.job, None
        if place.future is not None:
            place.future.cancel(force=True)
            place.future = None
        if job is not None:
            self._settle(job, faulty(job.staged, reason))

    def _end(self, place: _Place, reason: str) -> None:
        """End a worker that does not answer; a nanny starts another in its place."""
        place.state = "ended"
        self._lose(place, reason)
        # Not waited for: if even that does not reach it, the scheduler forgets it after its own time.
        killing = threading.Thread(target=self._kill, args=(place.address,), daemon=True)
        killing.start()
        self._killing.append(killing)

    def _kill(self, address: str) -> None:
        with contextlib.suppress(Exception):
            self._client.run(os._exit, 1, workers=[address], on_error="ignore")

    def _note(self, line: str) -> None:
        with self._log.open("a", encoding="utf-8") as log:
            log.write(line + "\n")
