"""Stock nbgrader's `nbgrader autograde` and our `coursekit grade` on the same classes, taking turns in one run.

python benchmarks/grading.py [--keras 20] [--numpy 60] [--rounds 2] [--regrade 60] [--kernels 20] [--judge 3]

Ours runs sandbox, judge and template, and writes everybody's feedback; stock writes none. Both begin with a course in
which the assignment is released. *Cells*: the processor time of the submissions' own code, each in a process forked
from one that has imported everything; what a grader uses beyond it is its overhead.
"""

import argparse
import json
import os
import re
import shutil
import sqlite3
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from classes import CHECKED, DUE, KERAS, NUMPY, Assignment, hand_in, write_course
from spending import Spent, spend

HERE = Path(__file__).resolve().parent
PYTHON = Path(sys.executable)
STOCK, OURS, CELLS = "stock", "ours", "cells"
CONFIG = """c = get_config()
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "assignments"
"""
FLOOD = "relu = lambda x: x\nwhile True:\n    print('x' * 1000)"


def environment(course: Path) -> dict[str, str]:
    """Return the environment of both graders: compiled Python is kept, TensorFlow's log lines are off."""
    found = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    found["PATH"] = os.pathsep.join([str(PYTHON.parent), found.get("PATH", os.defpath)])
    return found | {"COURSEKIT_ROOT": str(course), "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}


class Bench:
    """One class, handed in and ready to be graded by both.

    Attributes:
        assignment: what is graded.
        count: how many submissions there are.
    """

    def __init__(self, assignment: Assignment, count: int, folder: Path) -> None:
        self.assignment, self.count = assignment, count
        self._root, self._folder, self._turn = folder / "course", folder, 0
        self.last = folder
        write_course(assignment, self._root)
        (self._root / "nbgrader_config.py").write_text(CONFIG)
        self._nbgrader("generate_assignment", assignment.name)
        self._nbgrader("db", "assignment", "add", assignment.name, f"--duedate={DUE}")
        release = self._root / "assignments" / assignment.name / f"{assignment.name}.ipynb"
        hand_in(assignment, release, self._root / "submitted", count)
        self._prepare(folder / "prepared")

    def spend(self, way: str) -> Spent:
        """Grade the class anew."""
        self._turn += 1
        name, at = self.assignment.name, self._folder / f"{way}{self._turn}"
        if way == CELLS:
            argv = [str(PYTHON), str(HERE / "cells.py"), name, str(self._root / "submitted")]
            return spend(argv, HERE, self._variables)
        self.last = at
        if way == STOCK:
            shutil.copytree(self._root, at)
            return spend([str(PYTHON.parent / "nbgrader"), "autograde", name, "--log-level=ERROR"], at, self._variables)
        shutil.copytree(self._folder / "prepared", at)
        return self.again(at, watched="coursekit.grading.worker")

    def again(self, at: Path, watched: str = "") -> Spent:
        """Grade the class into a folder of ours, where it may have been graded before."""
        submitted = str(self._root / "submitted")
        argv = [str(PYTHON.parent / "coursekit"), "grade", self.assignment.name, "--submissions", submitted]
        return spend([*argv, "--into", str(at)], self._root, self._variables, watched)

    def scores(self, at: Path) -> dict[str, float | None]:
        """Return everybody's points in a gradebook, by cell."""
        query = (
            "select s.student_id, b.name, g.auto_score from grade g join base_cell b on b.id = g.cell_id "
            "join submitted_notebook n on n.id = g.notebook_id join submitted_assignment s on s.id = n.assignment_id"
        )
        with sqlite3.connect(at / "gradebook.db") as connection:
            return {f"{student} {cell}": score for student, cell, score in connection.execute(query)}

    def mend_a_test(self) -> None:
        """Change the instructor's text of a test that the judge checks: all notebooks and pages change."""
        path = self._root / "solutions" / self.assignment.name / f"{self.assignment.name}.ipynb"
        before = path.read_text()
        after = re.sub(r"ck\.check\.(\w+)\((\w+)\)", r"ck.check.\1( \2)", before, count=1)
        assert after != before
        path.write_text(after)

    def flood(self) -> None:
        """Let the first student print without end."""
        (path,) = (self._root / "submitted" / "s000").rglob("*.ipynb")
        notebook = json.loads(path.read_text())
        notebook["cells"][1]["source"] = FLOOD
        path.write_text(json.dumps(notebook))

    @property
    def _variables(self) -> dict[str, str]:
        return environment(self._root)

    def _nbgrader(self, *arguments: str) -> None:
        spend([str(PYTHON.parent / "nbgrader"), *arguments, "--log-level=ERROR"], self._root, self._variables)

    def _prepare(self, into: Path) -> None:
        """Release the assignment in a folder of ours."""
        from nbgrader.api import Gradebook

        from coursekit.grading.course import opened

        with opened(self.assignment.name, into, self._root) as course, Gradebook(course.gradebook_url) as gradebook:
            gradebook.update_or_create_assignment(self.assignment.name, duedate=DUE)


def compare(bench: Bench, rounds: int) -> None:
    """Print what both cost, medians of several rounds."""
    found: dict[str, list[Spent]] = {STOCK: [], OURS: [], CELLS: []}
    folders = {}
    for number in range(rounds):
        for way in (STOCK, OURS) if number % 2 == 0 else (OURS, STOCK):
            found[way].append(bench.spend(way))
            folders[way] = bench.last
        found[CELLS].append(bench.spend(CELLS))
    wall = {way: statistics.median(each.wall for each in found[way]) for way in (STOCK, OURS)}
    cpu = {STOCK: 0.0, OURS: 0.0} | {way: statistics.median(each.cpu for each in found[way]) for way in (STOCK, OURS)}
    own = statistics.median(json.loads(each.said.splitlines()[-1])["cpu"] for each in found[CELLS])
    print(f"\n{bench.count} submissions of {bench.assignment.name}, {rounds} rounds, medians")
    print(f"{'':<12}{'wall s':>9}{'CPU s':>9}{'CPU s beyond the cells, each':>31}")
    for way in (STOCK, OURS):
        print(f"{way:<12}{wall[way]:9.1f}{cpu[way]:9.1f}{(cpu[way] - own) / bench.count:31.2f}")
    print(f"{'cells':<12}{'':>9}{own:9.1f}")
    print(f"{'ratio':<12}{wall[STOCK] / wall[OURS]:9.2f}{cpu[STOCK] / cpu[OURS]:9.2f}")
    print(f"the grader's largest process: {max(each.peak_bytes for each in found[OURS]) / 1e6:.0f} MB")
    _compare_scores(bench.scores(folders[STOCK]), bench.scores(folders[OURS]))


def _compare_scores(stock: dict[str, float | None], ours: dict[str, float | None]) -> None:
    different = sorted(name for name in stock.keys() | ours.keys() if stock.get(name) != ours.get(name))
    print(
        f"scores: {len(stock)} cells, {len(different)} differ (stock gives no grade for a test that a student deleted)"
    )
    for name in different[:6]:
        print(f"  {name}: stock {stock.get(name)}, ours {ours.get(name)}")


def regrade(bench: Bench) -> None:
    """Print what it costs to grade again after a test was mended."""
    first = bench.spend(OURS)
    bench.mend_a_test()
    second = bench.again(bench.last)
    print(f"\n{bench.count} submissions of {bench.assignment.name}: grading {first.wall:.1f} s, {first.cpu:.1f} CPU-s")
    wall, cpu = first.wall / second.wall, first.cpu / second.cpu
    print(
        f"again after a test was mended: {second.wall:.2f} s, {second.cpu:.2f} CPU-s; {wall:.1f} times as fast, ",
        end="",
    )
    print(f"with {cpu:.1f} times less processor time")
    third = bench.again(bench.last)
    print(f"again, nothing changed: {third.wall:.2f} s, {third.cpu:.2f} CPU-s")


def flood(bench: Bench) -> None:
    """Print how large the grader grows while a cell prints without end."""
    bench.flood()
    spent = bench.spend(OURS)
    print(f"\na cell that floods: {spent.wall:.1f} s, the grader's largest process {spent.peak_bytes / 1e6:.0f} MB")


def judge(rounds: int) -> None:
    """Print what the judge adds to a submission of assignment 1."""
    from judging import judged_and_plain

    found = judged_and_plain(rounds)
    judged, plain = (statistics.median(each) for each in zip(*found, strict=True))
    print(f"\nall checks of a1, median of {rounds}: {judged:.3f} s by the judge, {plain:.3f} s in the kernel itself")


def kernels(rounds: int) -> None:
    """Print how long a kernel takes until TensorFlow is imported."""
    from kernels import MODULES, box, measure

    from coursekit.grading.kernels import Template

    with Template(MODULES, {}) as template:
        found = [measure(template.address, box()) for _ in range(rounds + 1)][1:]
    for name in found[0]:
        print(f"kernel, sandboxed, {name}: {statistics.median(each[name] for each in found):.1f} (median of {rounds})")


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, usual in (("keras", 20), ("numpy", 60), ("rounds", 2), ("regrade", 60), ("kernels", 20), ("judge", 3)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    chosen = parser.parse_args()
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    with tempfile.TemporaryDirectory(prefix="grading-") as name:
        made = _benches(Path(name), {KERAS: chosen.keras, NUMPY: chosen.numpy})
        for bench in made:
            compare(bench, chosen.rounds)
        if chosen.regrade:
            regrade(Bench(NUMPY, chosen.regrade, Path(name, "regrade")))
            if chosen.keras:
                regrade(Bench(CHECKED, chosen.regrade, Path(name, "checked")))
            flood(Bench(NUMPY, 2, Path(name, "flood")))
    if chosen.judge:
        judge(chosen.judge)
    if chosen.kernels:
        kernels(chosen.kernels)


def _benches(folder: Path, wanted: dict[Assignment, int]) -> Iterator[Bench]:
    for assignment, count in wanted.items():
        if count:
            yield Bench(assignment, count, folder / assignment.name)


if __name__ == "__main__":
    main()
