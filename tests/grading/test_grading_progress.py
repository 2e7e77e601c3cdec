import io

from rich.console import Console

from coursekit.grading import progress
from coursekit.grading.progress import LiveTable, shown
from coursekit.grading.results import Result
from coursekit.grading.run import Step


def drawn(table):
    file = io.StringIO()
    Console(file=file, width=100).print(table.draw())
    return [" ".join(line.split()) for line in file.getvalue().splitlines()]


def test_it_shows_who_runs_who_is_done_and_what_is_left(monkeypatch):
    clock = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: clock[0])
    table = LiveTable()
    assert drawn(table) == ["… collecting and setting up"]
    table.take(Step("ada", 0, 4, "grading"))
    table.take(Step("ben", 0, 4, "grading"))
    clock[0] += 65
    table.take(Step("ada", 1, 4, "graded", Result("ada", 5.0, 8.0, ()), 130.0))
    table.take(Step("[eve]", 2, 4, "failed", None, 130.0))
    clock[0] += 10
    lines = drawn(table)
    assert lines[:3] == ["ada ✓ graded 5/8", "[eve] ! not graded", "ben … running 75 s"]
    assert lines[3].endswith("2/4 1:15 so far, about 2:00 left")


def test_only_the_last_stay_in_sight():
    table = LiveTable()
    for number in range(50):
        table.take(Step(f"s{number}", number + 1, 50, "kept", Result("s", 1.0, 1.0, ())))
    lines = drawn(table)
    assert len(lines) < 10
    assert lines[-2].startswith("s49 ○ kept")


def test_a_terminal_gets_a_live_table_and_a_pipe_nothing():
    for terminal in (True, False):
        file = io.StringIO()
        with shown(Console(file=file, width=80, force_terminal=terminal)) as tell:
            tell(Step("ada", 0, 1, "grading"))
            tell(Step("ada", 1, 1, "graded", Result("ada", 5.0, 8.0, ())))
        assert ("5/8" in file.getvalue()) == terminal
        assert bool(file.getvalue()) == terminal
