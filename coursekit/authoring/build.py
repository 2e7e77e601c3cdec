"""The one-way road: ``source/`` to ``lectures/`` and ``solutions/``, and on to ``assignments/`` by nbgrader."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from coursekit.authoring import layout, notebook, source
from coursekit.authoring.cells import Source
from coursekit.authoring.notebook import Part
from coursekit.authoring.validation import refuse
from coursekit.errors import CourseError


@dataclass(frozen=True)
class BuildResult:
    """What a build did, or with ``check=True`` would do. Paths are relative to the course root.

    Attributes:
        written: notebooks that were written.
        unchanged: notebooks that were right already.
        stale: with ``check=True``, notebooks that are missing or differ from what their source says.
        orphans: notebooks that no source stands for; a build leaves them alone: delete them, or restore their source.
        edited: notebooks changed by hand since they were built; a build leaves them alone: `coursekit import` brings
            the changes home, ``force`` drops them.
    """

    written: tuple[Path, ...] = ()
    unchanged: tuple[Path, ...] = ()
    stale: tuple[Path, ...] = ()
    orphans: tuple[Path, ...] = ()
    edited: tuple[Path, ...] = ()

    @property
    def in_step(self) -> bool:
        """Say whether every built notebook is now what its source says, and none is left over."""
        return not (self.stale or self.orphans or self.edited)


def build(
    root: Path,
    *,
    check: bool = False,
    force: bool = False,
    on_file: Callable[[Path], None] | None = None,
) -> BuildResult:
    """Build every notebook of the course at ``root``; write only those that differ.

    The same sources give the same bytes, whatever the day, the machine or the versions of the libraries.

    Args:
        root: the course root.
        check: write nothing, only tell what is stale.
        force: overwrite notebooks that were edited by hand, too.
        on_file: called with each path that was written.

    Raises:
        CourseError: if a source is not valid, nbgrader refuses it, or a file cannot be written.
    """
    wanted = expected(root)
    found: dict[str, list[Path]] = {"written": [], "unchanged": [], "stale": [], "edited": []}
    for path, text in wanted.items():
        state = _state(root / path, text)
        if state == "edited" and force:
            state = "stale"
        if state == "stale" and not check:
            notebook.write(root / path, text)
            state = "written"
            if on_file:
                on_file(path)
        found[state].append(path)
    orphans = [path.relative_to(root) for path in layout.notebooks(root)]
    return BuildResult(
        **{state: tuple(paths) for state, paths in found.items()},
        orphans=tuple(path for path in orphans if path not in wanted),
    )


def expected(root: Path) -> dict[Path, str]:
    """Return the text of every built notebook, by its path relative to ``root``.

    Raises:
        CourseError: if a source is not valid, or nbgrader refuses it.
    """
    texts: dict[Path, str] = {}
    for path in layout.lecture_sources(root):
        text = notebook.dumps(build_notebook(path, root, "lecture"))
        texts[layout.built(root, path.stem, "lecture").relative_to(root)] = text
    solutions = {path.stem: build_notebook(path, root, "solution") for path in layout.assignment_sources(root)}
    for name, solution in solutions.items():
        texts[layout.built(root, name, "solution").relative_to(root)] = notebook.dumps(solution)
    if solutions:
        from coursekit.authoring.release import generate

        for name, text in generate(solutions, root).items():
            texts[layout.built(root, name, "release").relative_to(root)] = text
    return texts


def build_notebook(path: Path, root: Path, part: Part) -> notebook.Notebook:
    """Return the notebook of one source file.

    Raises:
        CourseError: if the source is not valid.
    """
    where = layout.relative(path, root)
    text = source.read(path, where)
    if part == "lecture":
        _refuse_grading(text, where)
    return notebook.from_source(text, where, part)


def _refuse_grading(text: Source, where: str) -> None:
    for cell in text.cells:
        if cell.role:
            refuse(where, cell.line, "a graded cell in a lecture.", "graded cells belong in source/assignments/.")


def _state(path: Path, text: str) -> str:
    """Say how the file at ``path`` stands to what it should hold."""
    try:
        old = path.read_bytes()
    except FileNotFoundError:
        return "stale"
    except OSError as error:
        raise CourseError(f"{path} cannot be read: {error.strerror}.", fix="check its permissions.") from error
    if old == text.encode():
        return "unchanged"
    try:
        return "edited" if _holds_work(notebook.load(path), notebook.loads(text)) else "stale"
    except CourseError:
        return "edited"  # unreadable: perhaps someone's half-saved work, so nothing to overwrite unasked


def _holds_work(old: notebook.Notebook, new: notebook.Notebook) -> bool:
    """Say whether ``old`` was edited by hand, and the edits are not in ``new`` (by `coursekit import`)."""
    return notebook.is_edited(old) and notebook.to_source(old, "old") != notebook.to_source(new, "new")
