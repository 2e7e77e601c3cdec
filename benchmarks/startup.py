"""What `import coursekit` costs over bare Python, and what a check costs over the import of NumPy that it needs.

python benchmarks/startup.py
"""

import statistics
import subprocess
import sys
import time

ROUNDS = 9
STATEMENTS = {
    "bare Python": "pass",
    "import coursekit": "import coursekit",
    "import numpy": "import numpy",
    "first check": "import numpy as np, coursekit as ck; ck.check.hinge_loss.report(lambda *a: (0.0, a[0]))",
}


def seconds(statement: str) -> float:
    """Wall time of a fresh interpreter that runs one statement."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", statement], check=True, env={"COURSEKIT_PROGRESS": "off"})
    return time.perf_counter() - start


def main() -> None:
    """Time every statement in turn, round by round, so that a busy moment hits all of them alike."""
    rounds = [{name: seconds(statement) for name, statement in STATEMENTS.items()} for _ in range(ROUNDS)]
    bare = statistics.median(each["bare Python"] for each in rounds)
    print(f"{'median of ' + str(ROUNDS):<20} seconds   over bare Python")
    for name in STATEMENTS:
        median = statistics.median(each[name] for each in rounds)
        print(f"{name:<20} {median:7.3f}   {median - bare:+.3f} s   {median / bare:5.1f}x")


if __name__ == "__main__":
    main()
