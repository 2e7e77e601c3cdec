"""``python -m coursekit.grading.sandbox ORDER -- COMMAND``: a cold start (`cold.wrap`).

``--try LEVEL``: does it work here? Its exit status tells `coursekit.grading.sandbox.levels.probe`.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from coursekit.grading.limits import Limits
from coursekit.grading.sandbox.boxes import Box
from coursekit.grading.sandbox.entering import enter
from coursekit.grading.sandbox.levels import Level


def _run(order: str, command: list[str]) -> None:
    path = Path(order)
    found = json.loads(path.read_text(encoding="utf-8"))
    path.unlink()
    os.environ.clear()
    os.environ.update(found["environment"])
    enter(Box.from_json(found["box"]))
    os.execvp(command[0], command)


def _try(level: Level) -> int:
    """Build a box with a secret beside it, and look for what must not be there."""
    with tempfile.TemporaryDirectory(prefix="coursekit-") as folder:
        secret, exchange = Path(folder, "secret"), Path(folder, "exchange")
        secret.write_text("secret", encoding="utf-8")
        exchange.mkdir(mode=0o700)
        box = Box({"own.txt": b"own"}, Limits(), level, str(exchange))
        if child := os.fork():
            return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        try:
            enter(box)()
            shut = all(_refused(act) for act in _forbidden(secret, level))
            os._exit(0 if shut and _has_what_it_needs() else 1)
        except BaseException as error:
            os.write(2, f"{error}\n".encode())
            os._exit(1)


def _forbidden(secret: Path, level: Level) -> list[Callable[[], object]]:
    acts: list[Callable[[], object]] = [
        secret.read_text,
        lambda: socket.socket(socket.AF_VSOCK),
        lambda: Path("/made").write_bytes(b""),
    ]
    acts.append(lambda: socket.create_connection(("127.0.0.1", 9), timeout=1))
    return [*acts, os.fork if level is Level.LANDLOCK else lambda: os.kill(os.getpid() + 1, 0)]


def _refused(act: Callable[[], object]) -> bool:
    try:
        act()
    except OSError:
        return True
    return False


def _has_what_it_needs() -> bool:
    readable = all(os.listdir(entry) for entry in sys.path if entry.endswith("site-packages"))
    own = Path("own.txt").read_bytes() == b"own"
    return own and readable and Path(__file__).stat().st_size == len(Path(__file__).read_bytes())


if __name__ == "__main__":
    if sys.argv[1:2] == ["--try"]:
        sys.exit(_try(Level(sys.argv[2])))
    _run(sys.argv[1], sys.argv[sys.argv.index("--") + 1 :])
