"""Runs Python code of the course in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

PACKAGE_HOME = Path(__file__).resolve().parents[1]


def run_python(*arguments: str, timeout: float) -> subprocess.CompletedProcess[str]:
    """Run ``python ARGUMENTS`` with this interpreter and this coursekit; capture what it prints.

    The working directory stays off the module path (``-P``): a learner's ``random.py`` would
    otherwise stand in for the library's.

    Raises:
        subprocess.TimeoutExpired: after ``timeout`` seconds; the process is ended.
    """
    path = os.pathsep.join(filter(None, [str(PACKAGE_HOME), os.environ.get("PYTHONPATH")]))
    return subprocess.run(
        [sys.executable, "-P", *arguments],
        env={**os.environ, "PYTHONPATH": path},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
    )
