"""What each command takes and prints. The work is done elsewhere."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from coursekit.cli import grading_commands
from coursekit.errors import CourseError
from coursekit.paths import course_root

if TYPE_CHECKING:
    from coursekit.authoring.execute import CellRun
    from coursekit.authoring.page import Problem

app = typer.Typer(
    help="A course on convolutional networks that runs: build, execute, grade, look after it.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
data_app = typer.Typer(help="List and prepare data sets.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(data_app, name="data")

out = Console(highlight=False, emoji=False)  # `:x:` in a message is no cross
err = Console(stderr=True, highlight=False, emoji=False)

_INTERRUPTED = 130  # what Typer ends with when Ctrl-C is pressed, without a word


def main() -> None:
    """Run the command line; a `CourseError` is printed with its fix, without a traceback."""
    # nbgrader calls `alembic` by name: what is installed beside this Python must be found.
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    try:
        app()
    except CourseError as error:
        err.print(f"[bold]error:[/] {escape(error.problem)}\n  [bold]fix:[/] {escape(error.fix)}", soft_wrap=True)
        sys.exit(1)
    except SystemExit as end:
        if end.code == _INTERRUPTED:
            err.print("interrupted; run the same command again to go on from here.")
        raise


@app.command()
def build(
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 if a notebook is stale.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Also overwrite notebooks edited by hand.")] = False,
) -> None:
    """Build lectures/, solutions/ and assignments/ from source/."""
    from coursekit.authoring.build import build

    result = build(course_root(), check=check, force=force, on_file=lambda path: say(f"wrote {path}"))
    for path in result.stale:
        say(f"stale: {path}")
    for path in result.orphans:
        say(f"no source: {path} (delete it, or restore its source)")
    for path in result.edited:
        say(f"edited by hand: {path} (coursekit import brings it home, --force drops the edits)")
    out.print(f"{len(result.written)} written, {len(result.unchanged)} unchanged")
    if not result.in_step:
        raise typer.Exit(1)


@app.command()
def execute(
    notebooks: Annotated[
        list[Path] | None, typer.Argument(help="Notebooks; left out, every lecture and solution.")
    ] = None,
    timeout: Annotated[int, typer.Option(help="Seconds a cell may take.")] = 120,
    output: Annotated[Path, typer.Option(help="Where the executed notebooks go.")] = Path("build/executed"),
) -> None:
    """Run notebooks headless; record time and memory of each cell, hold them to their budgets."""
    from coursekit.authoring.execute import execute
    from coursekit.authoring.lint import lint, over_budget

    root = course_root()
    chosen = notebooks or sorted([*root.glob("lectures/*.ipynb"), *root.glob("solutions/*/*.ipynb")])
    with out.status("") as status:

        def report(path: Path, run: CellRun) -> None:
            status.update(escape(f"{path.name}: {run.heading} ({run.seconds:.1f} s)"))

        runs = execute(chosen, root=root, timeout=timeout, output_dir=output, on_cell=report)
    table = _table("notebook", "cells", "seconds", "slowest cell", "peak MB", "executed")
    problems = []
    for run in runs:
        slowest = max(run.cells, key=lambda cell: cell.seconds)
        problems += over_budget(run) + (lint(run.output) if run.output and not run.failure else [])
        table.add_row(
            escape(run.path.name),
            str(len(run.cells)),
            f"{run.seconds:.1f}",
            f"{slowest.seconds:.1f} s {slowest.id}",
            f"{run.peak_rss / 1e6:.0f}",
            escape(str(run.output)),
        )
    out.print(table)
    _print_problems(problems)


@app.command()
def lint(
    notebooks: Annotated[
        list[Path] | None, typer.Argument(help="Sources or notebooks; left out, everything in source/.")
    ] = None,
) -> None:
    """Hold sources or notebooks to the course's budgets: length, words, alt text, headings, questions."""
    from coursekit.authoring.lint import lint

    root = course_root()
    chosen = notebooks or sorted(root.glob("source/*/*.py"))
    _print_problems([problem for path in chosen for problem in lint(path)])
    out.print(f"{len(chosen)} checked")


@app.command("import")
def import_(
    notebook: Annotated[Path, typer.Argument(help="A lecture or a solution notebook that was edited.")],
    force: Annotated[bool, typer.Option("--force", help="Overwrite a source that has changed since.")] = False,
) -> None:
    """Bring an edited notebook back to source/."""
    from coursekit.authoring.importer import import_notebook

    target = import_notebook(notebook, course_root(), force=force)
    say(f"wrote {target}; now: coursekit build")


@app.command()
def demo(
    into: Annotated[Path | None, typer.Option(help="Where everything goes (build/demo).")] = None,
) -> None:
    """Run lecture 01, grade a sample class of assignment 1, show what came of it."""
    from coursekit.cli.demo import demo

    demo(course_root(), into, out)


@app.command()
def grade(
    assignment: Annotated[str, typer.Argument(help="An assignment, such as a1.")],
    submissions: Annotated[Path, typer.Option(help="The folder with what was handed in; it is only read.")],
    into: Annotated[Path, typer.Option(help="The nbgrader course to grade in.")] = Path("build/grading"),
    student: Annotated[list[str] | None, typer.Option(help="Only this student's; may be repeated.")] = None,
    regrade: Annotated[
        bool, typer.Option("--regrade/--since-changed", help="Grade again what has not changed, too, or only the rest.")
    ] = False,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Submissions graded at once (default: one a processor).")
    ] = None,
    memory: Annotated[int | None, typer.Option(min=256, help="MiB that one submission may use (4096).")] = None,
    unsafe: Annotated[
        bool, typer.Option("--unsafe", help="Grade also where submissions cannot be shut in: as you, on this machine.")
    ] = False,
    db_url: Annotated[
        str, typer.Option(help="The gradebook's address, such as postgresql+psycopg://user@host/name; else a file.")
    ] = "",
    cluster: Annotated[
        str, typer.Option(help="Grade on the workers of a Dask scheduler, such as tcp://host:8786 (docs/cluster.md).")
    ] = "",
) -> None:
    """Grade a class: gradebook, per-exercise CSV and feedback. Run it again to go on after an interruption."""
    from coursekit.grading import progress, report, run

    with progress.shown(out) as tell:
        graded = run.grade(
            assignment,
            submissions,
            into,
            on_progress=tell,
            students=student or (),
            regrade=regrade,
            workers=workers,
            memory=memory,
            unsafe=unsafe,
            db_url=db_url,
            cluster=cluster,
        )
    report.show(graded, out)
    if graded.faults:
        raise typer.Exit(1)


@app.command()
def check(notebook: Annotated[Path, typer.Argument(help="Your copy of an assignment.")]) -> None:
    """Check your own assignment the way the grader will; exit 1 unless every check passes."""
    from coursekit.grading import own, report

    _require_file(notebook)
    with out.status("running your notebook in a fresh kernel"):
        result = own.check_notebook(notebook)
    out.print(report.points_list(result))
    if not all(each.passed for each in result.exercises if not each.manual):
        raise typer.Exit(1)


@app.command()
def doctor() -> None:
    """Say what is installed, which device Keras sees, whether data are prepared, and what to do about gaps."""
    from coursekit.cli.doctor import diagnose

    with out.status("looking around"):
        findings = diagnose()
    table = _table("", "subject", "found", "what to do")
    for each in findings:
        sign = {"ok": "✓", "gap": "✗", "info": "·"}[each.state]
        table.add_row(sign, each.subject, escape(each.found), escape(each.fix))
    out.print(table)
    if any(each.state == "gap" for each in findings):
        raise typer.Exit(1)


@app.command()
def lab() -> None:
    """Open the course in JupyterLab."""
    root = course_root()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.chdir(root)
    first = "lectures/01_linear_classifiers.ipynb"
    os.execv(sys.executable, [sys.executable, "-m", "jupyterlab", f"--LabApp.default_url=/lab/tree/{first}"])


@data_app.command("list")
def list_data() -> None:
    """List the data sets, and which of them are prepared."""
    from coursekit import data

    table = _table("data set", "", "prepared")
    for name, line in data.names().items():
        table.add_row(name, line, "yes" if data.is_prepared(name) else "no")
    out.print(table)


@data_app.command()
def prepare(name: Annotated[str, typer.Argument(help="A data set of `coursekit data list`.")]) -> None:
    """Prepare a data set, downloading it if it is not made from installed packages."""
    from coursekit import data

    say(f"{name} is in {data.prepare(name)}")


def say(text: str) -> None:
    """Print a line as it is: a path is neither markup nor broken at the terminal's edge."""
    out.print(text, markup=False, soft_wrap=True)


def _require_file(notebook: Path) -> None:
    """Say that a notebook is not there, or that it is a folder, and which notebooks are."""
    if notebook.is_file():
        return
    folder = notebook if notebook.is_dir() else notebook.parent
    there = [str(path) for path in sorted(folder.glob("*.ipynb"))[:5]] if folder.is_dir() else []
    raise CourseError(
        f"{notebook} is a folder." if notebook.is_dir() else f"there is no file {notebook}.",
        fix=f"give a notebook: {', '.join(there)}." if there else "give your copy of an assignment's notebook.",
    )


def _print_problems(problems: Sequence[Problem]) -> None:
    """Print what notebooks do not keep to, and exit 1 if there is anything."""
    for problem in problems:
        say(str(problem))
    if problems:
        raise typer.Exit(1)


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column)
    return table


grading_commands.register(app)  # last: help lists commands in this order
