"""What was found out about each submission, kept at once and for good: a line a submission, only ever added.

A line is on the disk before anything else is done with it, so that a run that is killed loses at most what its workers
had in hand. The tail that a kill or a full disk leaves is cut off by the next run.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from coursekit.grading.graded import Graded

_GRADED = b',"graded":'  # divides what is read at once from what is read when asked for; quotes keep it out of values
_SLACK = 16 * 2**20  # a file may hold this much of what nobody will ask for


@dataclass(frozen=True)
class Entry:
    """One line.

    Attributes:
        key: digest of everything the grade depends on (`coursekit.grading.keys.key`).
        tests: digest of each test that it was judged by, by cell.
        graded: what was found out; its own key is the digest of what was executed.
    """

    key: str
    tests: Mapping[str, str]
    graded: Graded

    def to_line(self) -> bytes:
        """Return it as a line of a file."""
        graded = self.graded
        head = {"key": self.key, "work": graded.key, "student": graded.student, "seconds": graded.seconds}
        start = json.dumps(head | {"tests": dict(self.tests)}, ensure_ascii=False, separators=(",", ":"))
        return start[:-1].encode() + _GRADED + graded.to_json().encode() + b"}\n"

    @classmethod
    def from_line(cls, line: bytes) -> Entry:
        """Read what `to_line` wrote.

        Raises:
            ValueError: if it is not that.
        """
        start, found, rest = line.rstrip(b"\n").partition(_GRADED)
        if not found:
            raise ValueError("not a line of a journal")
        head = json.loads(start + b"}")
        return cls(head["key"], head["tests"], Graded.from_json(rest[:-1].decode()))


@dataclass(frozen=True)
class _Place:
    start: int
    length: int
    key: str
    work: str
    student: str
    seconds: float


class Journal:
    """The journal of one assignment: ``with Journal(path) as journal``. One process at a time may hold it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Journal:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._scan()
        wanted = sum(place.length for place in self._places.values())
        if self._end > 2 * wanted + _SLACK:
            self._compact()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._file)

    @property
    def seconds(self) -> dict[str, float]:
        """How long each submission took when it was last graded, by student."""
        return {student: place.seconds for student, place in self._places.items()}

    def append(self, entry: Entry) -> None:
        """Add a line; it is on the disk when this returns, and only then found.

        Raises:
            OSError: if it cannot be written; nothing of it is left.
        """
        line = entry.to_line()
        try:
            _write_whole(self._file, line)
        except OSError:
            os.ftruncate(self._file, self._end)
            raise
        self._note(self._end, line)
        self._end += len(line)

    def find(self, student: str, key: str) -> Entry | None:
        """Return a student's last entry if it is about the same submission, judged by the same tests."""
        return self._read(student, lambda place: place.key == key)

    def executed(self, student: str, work: str) -> Entry | None:
        """Return a student's last entry if the same was executed, whatever it was judged by."""
        return self._read(student, lambda place: place.work == work)

    def work(self, student: str) -> str:
        """Return the digest of what was last executed for a student, or ``""``."""
        place = self._places.get(student)
        return place.work if place else ""

    def _read(self, student: str, wanted: Callable[[_Place], bool]) -> Entry | None:
        place = self._places.get(student)
        if place is None or not wanted(place):
            return None
        try:
            return Entry.from_line(self._line(place))
        except (ValueError, KeyError):
            return None  # spoiled on the disk: it is graded again

    def _line(self, place: _Place) -> bytes:
        with self._path.open("rb") as file:
            file.seek(place.start)
            return file.read(place.length)

    def _scan(self) -> None:
        """Open the file, find every line, and cut off what was not written to its end."""
        # Only its owner may read it: it holds what students wrote, and how hidden tests went.
        self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._end, self._places = 0, dict[str, _Place]()  # by student: the last line counts
        with self._path.open("rb") as file:
            for line in file:
                if line.endswith(b"\n"):
                    self._note(self._end, line)
                    self._end += len(line)
        os.ftruncate(self._file, self._end)

    def _note(self, start: int, line: bytes) -> None:
        try:
            head = json.loads(line.partition(_GRADED)[0] + b"}")
            place = _Place(start, len(line), head["key"], head["work"], head["student"], head["seconds"])
        except (ValueError, KeyError, TypeError):
            return  # spoiled on the disk
        self._places[place.student] = place

    def _compact(self) -> None:
        """Write the file anew with the lines that count, in one step."""
        fresh = self._path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        file = os.open(fresh, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            for place in sorted(self._places.values(), key=lambda place: place.start):
                _write_whole(file, self._line(place))
        finally:
            os.close(file)
        os.close(self._file)
        os.replace(fresh, self._path)
        self._scan()


def _write_whole(file: int, data: bytes) -> None:
    """Write to a file, unbuffered, and wait until the disk has it."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(file, rest) :]
    os.fsync(file)
