"""A box around a command, for kernels that are started and not forked."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from coursekit.grading.sandbox.boxes import Box

ORDER = ".box.json"
"""The file in the exchange that tells `coursekit.grading.sandbox.__main__` what to build; it is read once."""


def wrap(argv: Sequence[str], box: Box, environment: Mapping[str, str]) -> list[str]:
    """Return the command that runs ``argv`` in a box, with ``environment`` and nothing else of ours.

    The order lies in ``box.exchange`` (a folder that is there, of this kernel alone) until the command has started:
    neither files nor environment show in a list of processes. Start the command with a clean environment too.
    """
    path = Path(box.exchange) / ORDER
    text = json.dumps({"box": box.to_json(), "environment": dict(environment)})
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with open(descriptor, "w") as file:
        file.write(text)
    return [sys.executable, "-P", "-m", "coursekit.grading.sandbox", str(path), "--", *argv]
