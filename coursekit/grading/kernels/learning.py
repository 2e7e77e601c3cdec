"""Finding out what a kernel imports beyond what was asked for: a throw-away fork runs one, and lists its modules."""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import threading
import traceback
from typing import Any

from coursekit.grading.kernels import child

_SECONDS = 60

_CELLS = (
    "import sys\nprint('out')\nprint('err', file=sys.stderr)\n{'a': [1]}",
    "from IPython.display import HTML, display\ndisplay(HTML('<b>1</b>'))\n1 / 0",
    "if 'matplotlib.pyplot' in sys.modules:\n    import matplotlib.pyplot as plt\n    plt.plot([1, 2])",
)

# The inline backend, which comes with its package, shows no figures after a fork. Ours are the client's, which sits
# beside the kernel here. Private ones come with public ones.
_NEVER = ("_", "matplotlib_inline", "coursekit.grading.kernels")


def learn() -> list[str]:
    """Return the names of modules that a kernel imported and this process has not, sorted; none if that fails."""
    reading, writing = os.pipe()
    parent = os.getpid()
    pid = os.fork()
    if not pid:
        try:
            child.die_with(parent)
            os.close(reading)
            _run(writing)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        found = pipe.read()
    os.waitpid(pid, 0)
    names: list[str] = json.loads(found) if found else []
    return [name for name in names if name not in sys.modules and not name.startswith(_NEVER)]


def _run(writing: int) -> None:
    """Be a kernel and its client at once, then tell what that took."""
    signal.alarm(_SECONDS)
    with tempfile.TemporaryDirectory(prefix="ck-") as folder:
        os.chdir(folder)
        connection: dict[str, Any] = {"transport": "ipc", "ip": f"{folder}/s", "key": "learning"}
        connection |= {
            f"{name}_port": port for port, name in enumerate(("shell", "stdin", "iopub", "control"), start=1)
        }
        app = child.grading_app(connection, [])
        threading.Thread(target=_use, args=(connection,), daemon=True).start()
        child.run(app)
    with os.fdopen(writing, "w") as pipe:
        json.dump(sorted(sys.modules), pipe)


def _use(connection: dict[str, Any]) -> None:
    from coursekit.grading.kernels.client import MIB, Client

    client = Client(connection, answer_bytes=MIB)
    client.await_ready(_SECONDS)
    for cell in _CELLS:
        client.execute(cell, reply=True, timeout=_SECONDS, user_expressions={"answer": "'42'"})
    client.shutdown()
