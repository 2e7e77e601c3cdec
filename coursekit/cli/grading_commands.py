"""Commands about a class that has been graded."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

out = Console(highlight=False, emoji=False)

Graded = Annotated[str, typer.Argument(help="An assignment that was graded, such as a1.")]
Into = Annotated[Path, typer.Option(help="The folder that the class was graded into.")]
To = Annotated[Path | None, typer.Option(help="The file to write; else one in that folder.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command()(export)
    app.command()(report)


def export(
    assignment: Graded,
    into: Into = Path("build/grading"),
    form: Annotated[str, typer.Option("--format", help="csv (an exercise a column), json, canvas or moodle.")] = "csv",
    to: To = None,
    title: Annotated[str, typer.Option(help="What Canvas or Moodle calls the assignment.")] = "",
    provisional: Annotated[
        bool, typer.Option("--provisional", help="Also give scores while written answers wait for a grader.")
    ] = False,
) -> None:
    """Write the grades for another program: a table, data, or what Canvas and Moodle import."""
    from coursekit.grading import exports

    made = exports.export(assignment, into, form, to, title=title, provisional=provisional)
    out.print(f"wrote {made.path}", markup=False, soft_wrap=True)
    if made.waiting:
        out.print(f"left out, waiting for a grader: {made.waiting} (--provisional gives them, too)")


def report(assignment: Graded, into: Into = Path("build/grading"), to: To = None) -> None:
    """Write one page about a class: scores, misconceptions, causes, time, every student. It opens without a network."""
    from coursekit.grading.page import write_page

    out.print(f"wrote {write_page(assignment, into, to)}", markup=False, soft_wrap=True)
