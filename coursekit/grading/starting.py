"""What a run executes with: a template of kernels, shut in as well as this machine can, and the data that they need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from coursekit.errors import CourseError
from coursekit.grading.bundle import Bundle
from coursekit.grading.limits import Limits

if TYPE_CHECKING:
    from coursekit.grading.kernels import Kernel, Template
    from coursekit.grading.pool import Grader
    from coursekit.grading.sandbox import Level


@dataclass(frozen=True)
class Starter:
    """Starts kernels of one assignment; crosses to worker processes.

    Attributes:
        address: of the template, None to start them cold.
        level: how they are shut in.
        limits: of each.
        environment: variables beside the usual ones.
        readonly: folders that they may read.
        hidden: folders that they may not, wherever these lie.
    """

    address: str | None
    level: Level
    limits: Limits
    environment: Mapping[str, str]
    readonly: tuple[str, ...]
    hidden: tuple[str, ...]

    def __call__(self, files: Mapping[str, bytes]) -> Kernel:
        """Start one, with files in its folder; a context manager."""
        from coursekit.grading.kernels import start
        from coursekit.grading.sandbox import Box

        box = Box(files, self.limits, self.level, exchange="", readonly=self.readonly, hidden=self.hidden)
        return start(self.address, box, self.environment)


def level_here(unsafe: bool) -> Level:
    """Return how kernels can be shut in on this machine.

    Args:
        unsafe: whether not at all will do.

    Raises:
        CourseError: if it must do, but may not.
    """
    from coursekit.grading.sandbox import Level, probe
    from coursekit.grading.sandbox.levels import advice

    level = probe()
    if level is Level.NONE and not unsafe:
        raise CourseError(
            f"submissions cannot be shut in on this machine. {advice()}",
            fix=f"mend that, grade in a container or a virtual machine, or add --unsafe. {level.sentence}",
        )
    return level


def early(assignment: str, root: Path) -> Template:
    """Return a template for the kernels of an assignment of the course: it can import while the rest is set up."""
    from coursekit.grading.kernels import Template

    source = (root / "solutions" / assignment / f"{assignment}.ipynb").read_text(encoding="utf-8")
    return Template(Bundle(assignment, source, {}, {}, salt="", version="").modules, {})


@contextmanager
def started(
    bundle: Bundle,
    limits: Limits,
    level: Level,
    hidden: tuple[Path, ...] = (),
    template: Template | None = None,
) -> Iterator[Grader]:
    """Keep what an assignment's kernels need; gives the function that grades a submission with it.

    Args:
        bundle: the assignment.
        limits: of each submission.
        level: how kernels are shut in (`level_here`).
        hidden: folders that no kernel may see: solutions, other submissions, the gradebook.
        template: to fork kernels from, entered by the caller; one of its own if left out.

    Raises:
        CourseError: if a data set that the assignment loads cannot be prepared.
    """
    from coursekit.grading.kernels import Template
    from coursekit.grading.runner import grade

    with nullcontext(template) if template else Template(bundle.modules, bundle.environment) as source:
        data = _data(bundle)
        environment = {**bundle.environment, "TFDS_DATA_DIR": data} if data else bundle.environment
        start = Starter(source.address, level, limits, environment, (data,) if data else (), tuple(map(str, hidden)))
        yield partial(grade, start=start, level=level.value)


def _data(bundle: Bundle) -> str:
    """Prepare the data sets of an assignment, which kernels cannot; return the folder that holds them, or ``""``."""
    if not bundle.data:
        return ""
    from coursekit.data import catalogue, is_prepared, names
    from coursekit.data.preparing import prepare_apart

    for name in bundle.data:
        if name in names() and not is_prepared(name):
            prepare_apart(name)
    return str(catalogue.data_dir())
