import json
import multiprocessing
import os
import warnings
from dataclasses import dataclass
from html import unescape
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from coursekit import exercises
from coursekit.teach import forms, jsonfile, records


@dataclass
class Named:
    name: str


@dataclass
class Course:
    name: str
    title: str
    exercises: tuple[Named, ...]


@pytest.fixture
def assignments(monkeypatch: pytest.MonkeyPatch) -> None:
    course = [Course("a1_losses", "Losses & all", (Named("hinge_loss"), Named("l2_penalty"), Named("fool")))]
    monkeypatch.setattr(exercises, "assignments", lambda: course)


def read(path: Path) -> dict[str, dict[str, dict[str, object]]]:
    return json.loads(path.read_text(encoding="utf-8"))


def test_attempts_are_counted_and_a_pass_stays(progress_path: Path) -> None:
    for passed in (False, True, False):
        records.record_check("hinge_loss", passed)
    entry = read(progress_path)["exercises"]["hinge_loss"]
    assert (entry["attempts"], entry["passed"]) == (3, True)
    assert "last" in entry
    assert progress_path.read_text(encoding="utf-8").count("\n") > 5  # for people to read


def test_the_last_prediction_of_an_id_counts(progress_path: Path) -> None:
    records.record_prediction("l01-x", "größer")
    records.record_prediction("l01-x", "× 2")
    assert read(progress_path)["predictions"]["l01-x"]["choice"] == "× 2"
    assert "× 2" in progress_path.read_text(encoding="utf-8")


@pytest.mark.parametrize(("variable", "value"), [("COURSEKIT_PROGRESS", "off"), ("NBGRADER_EXECUTION", "autograde")])
def test_off_means_off(
    progress_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    value: str,
    assignments: None,
    shown: list[forms.Shown],
) -> None:
    monkeypatch.setenv(variable, value)
    records.record_check("hinge_loss", True)
    records.record_prediction("l01-x", "a")
    records.progress()
    assert not progress_path.parent.exists()
    assert "No record is kept" in shown[0].text


def test_the_default_place_is_the_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("COURSEKIT_PROGRESS")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert records.progress_file() == tmp_path / ".coursekit" / "progress.json"
    monkeypatch.setenv("COURSEKIT_PROGRESS", "~/p.json")
    assert records.progress_file() == tmp_path / "p.json"


@pytest.mark.parametrize(
    "broken", [b'{"exercises": {', b"[]", b'{"exercises": []}', b'{"predictions": {"x": 1}}', b"\xff", b"null"]
)
def test_a_broken_file_is_kept_aside_and_told(progress_path: Path, broken: bytes) -> None:
    progress_path.parent.mkdir()
    for n in (1, 2):
        progress_path.write_bytes(broken)
        with pytest.warns(UserWarning, match=rf"kept as progress\.json\.broken-{n}"):
            records.record_check("hinge_loss", True)
        assert progress_path.with_name(f"progress.json.broken-{n}").read_bytes() == broken
        assert read(progress_path)["exercises"]["hinge_loss"]["attempts"] == 1


def test_a_place_that_cannot_be_written_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, assignments: None, shown: list[forms.Shown]
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("COURSEKIT_PROGRESS", str(tmp_path / "file" / "progress.json"))
    with pytest.warns(UserWarning, match="Set COURSEKIT_PROGRESS"):
        records.record_check("hinge_loss", True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        records.record_check("hinge_loss", True)
        records.progress()
    assert "hinge_loss: ○ not started" in shown[0].text


def test_an_interrupted_write_leaves_the_old_file(progress_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    records.record_check("hinge_loss", True)
    before = progress_path.read_bytes()

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", dies)
    with pytest.raises(KeyboardInterrupt):
        records.record_check("hinge_loss", True)
    assert progress_path.read_bytes() == before
    assert not list(progress_path.parent.glob("*.tmp"))


def _record_many(path: str, exercise: str, times: int, together: Barrier) -> None:
    os.environ["COURSEKIT_PROGRESS"] = path
    together.wait(60)
    for _ in range(times):
        records.record_check(exercise, True)


def test_kernels_side_by_side_lose_nothing(progress_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    together = spawn.Barrier(3)
    many = [
        spawn.Process(target=_record_many, args=(str(progress_path), name, 60, together))
        for name in ("shared", "shared", "own")
    ]
    for process in many:
        process.start()
    for process in many:
        process.join(60)
        assert process.exitcode == 0
    held = read(progress_path)["exercises"]
    assert (held["shared"]["attempts"], held["own"]["attempts"]) == (120, 60)


def test_a_lock_that_never_opens_is_told(progress_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(_: object) -> None:
        raise BlockingIOError(11, "held by another process")

    monkeypatch.setattr(jsonfile, "_try_lock", busy)
    monkeypatch.setattr(jsonfile, "PATIENCE", 0.05)
    with pytest.warns(UserWarning, match="held by another process"):
        records.record_check("hinge_loss", True)
    assert not progress_path.exists()


def test_the_panel_tells_passed_tried_and_untouched(assignments: None, shown: list[forms.Shown]) -> None:
    records.record_check("hinge_loss", True)
    records.record_check("l2_penalty", False)
    records.record_check("l2_penalty", False)
    records.record_prediction("l01-x", "a <b>")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert records.progress() is None
    [output] = shown
    assert "hinge_loss: ✓ passed (1 try)" in output.text
    assert "l2_penalty: … not yet (2 tries)" in output.text
    assert "fool: ○ not started" in output.text
    assert "<details open><summary>Assignment a1, Losses &amp; all: 1 of 3 passed</summary>" in output.html
    assert "<code>l01-x</code>: a &lt;b&gt;" in output.html
    saved = unescape(output.html.partition('data-saved="')[2].partition('"')[0])
    assert json.loads(saved)["exercises"]["l2_penalty"]["attempts"] == 2


def test_an_assignment_not_begun_is_folded(assignments: None, shown: list[forms.Shown]) -> None:
    records.progress()
    assert "<details><summary>Assignment a1, Losses &amp; all: 0 of 3 passed</summary>" in shown[0].html


def test_the_panel_reads_the_real_course(shown: list[forms.Shown]) -> None:
    records.progress()
    for assignment in exercises.assignments():
        assert assignment.title in shown[0].text
