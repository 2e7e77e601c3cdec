"""Hold a template for other programs: ``python -m coursekit.grading.kernels [MODULE …]``, until Ctrl-C."""

from __future__ import annotations

import contextlib
import sys
import threading

from coursekit.grading.kernels.keeper import Template
from coursekit.grading.kernels.provisioner import MODULES


def main(modules: list[str]) -> None:
    """Start a template, print the lines that make Jupyter's programs use it, and wait."""
    with Template(modules or MODULES, {}) as template:
        if template.address is None:
            sys.exit("Kernels can only be forked on Linux; elsewhere they start as usual.")
        print("export JUPYTER_DEFAULT_PROVISIONER_NAME=coursekit-warm")
        print(f"export COURSEKIT_TEMPLATE={template.address}", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main(sys.argv[1:])
