"""What the judge adds to a submission of assignment 1: its cells against the same cells run in the kernel itself."""

from pathlib import Path

from coursekit.grading import judge
from coursekit.grading.bundle import Bundle
from coursekit.grading.limits import Limits
from coursekit.grading.sandbox import probe
from coursekit.grading.session import Session
from coursekit.grading.staging import Staged
from coursekit.grading.starting import Starter, started


def judged_and_plain(rounds: int) -> list[tuple[float, float]]:
    """Return the seconds that all checks of a right solution take, with the judge and without, in turn."""
    path = Path(__file__).resolve().parents[1] / "solutions" / "a1_losses" / "a1_losses.ipynb"
    source = path.read_text(encoding="utf-8")
    bundle = Bundle("a1_losses", source, {}, {}, salt="benchmark", version="")
    staged = Staged("student", source, {}, "", (), "")
    found = []
    with started(bundle, Limits(), probe()) as grader:
        for number in range(rounds + 1):
            graded = grader(bundle, staged, Limits())
            assert all(cell.points == cell.max_points for cell in graded.cells if cell.trust == "judge")
            judged = sum(cell.seconds for cell in graded.cells if cell.trust == "judge")
            plain = _plain(bundle, grader.keywords["start"])
            found += [(judged, plain)] if number else []  # at first, this process imports the exercises
    return found


def _plain(bundle: Bundle, start: Starter) -> float:
    seconds = 0.0
    with start({}) as kernel:
        session = Session(kernel, Limits())
        for cell in bundle.notebook.cells:
            if cell.cell_type == "code":
                ran = session.run(cell.source, 60.0)
                assert ran.cause == "", ran.sentence
                is_check = bool(cell.metadata.get("nbgrader", {}).get("grade")) and judge.kind(cell) == "call"
                seconds += ran.seconds if is_check else 0.0
    return seconds
