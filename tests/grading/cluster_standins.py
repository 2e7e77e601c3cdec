"""A grader to put in the runner's place on a cluster's workers, which import it by name."""

import os
import signal
import time
from pathlib import Path

from coursekit.grading.graded import CellGrade, Graded


def obey(bundle, staged, limits):
    """Do what the submission says, and leave lines in the file that the test names: who, which worker, when."""
    log = Path(os.environ["STANDIN_LOG"])
    first = f"{staged.student} begins" not in log.read_text()
    words = set(staged.text.split())

    def note(what):
        with log.open("a") as file:
            file.write(f"{staged.student} {what} {os.getpid()} {time.monotonic()}\n")

    note("begins")
    if "dies" in words or ("dies-once" in words and first):
        time.sleep(0.2)  # for the line above to be the only trace
        os.kill(os.getpid(), signal.SIGKILL)
    if "hangs" in words:
        time.sleep(600)
    if "raises" in words:
        raise OSError("the machine is unwell")
    if "takes-time" in words:
        time.sleep(0.3)
    cause = "memory" if "greedy" in words or ("starved" in words and first) else ""
    points = 0.0 if cause else float(len(staged.text))
    note("ends")
    return Graded(staged.student, staged.key, "", (CellGrade("q", points, 100.0, "judge", cause, cause),), "none")
