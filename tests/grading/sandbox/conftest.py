"""Runs hostile Python in a box, as root's grader and as a plain user's; acts happen nowhere else."""

import ctypes
import functools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

import coursekit
from coursekit.grading.limits import MIB, Limits
from coursekit.grading.sandbox import Box, Level, wrap

PLAIN = 61000
NEEDED = [Path(sys.base_prefix), Path(sys.prefix), Path(coursekit.__file__).parent]
ENVIRONMENT = {"PATH": f"{sys.prefix}/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
SMALL = Limits(memory_bytes=512 * MIB, processes=40, file_bytes=4 * MIB, disk_bytes=8 * MIB)


@dataclass
class Ran:
    status: int
    out: str
    err: str

    @property
    def said(self):
        """What the code printed last, as JSON."""
        assert self.status == 0, self.err
        return json.loads(self.out.splitlines()[-1])


class Machine:
    """A throw-away machine's corner: a class folder with a gradebook, and a box beside it."""

    def __init__(self, user, folder, level=Level.NAMESPACES):
        self.user, self.folder, self.level = user, folder, level
        self.grading = folder / "class"
        self.secret = f"secret-{os.urandom(8).hex()}"
        for name in ("gradebook.db", "submitted/other/a1.ipynb", "source/a1.ipynb", ".ssh/id_rsa"):
            (self.grading / name).parent.mkdir(parents=True, exist_ok=True)
            (self.grading / name).write_text(self.secret)
        self.data = folder / "data"
        self.data.mkdir()
        (self.data / "set.csv").write_text("1,2\n")
        self._count = 0

    def box(self, files=None, limits=SMALL, **settings):
        exchange = self.folder / f"x{self._count}"
        self._count += 1
        exchange.mkdir()
        self.give(exchange)
        return Box(files or {}, limits, self.level, str(exchange), **settings)

    def give(self, *paths):
        """Make files this user's own: what holds then is the box, not the file's mode."""
        if self.user == "plain" and os.geteuid() == 0:
            for path in paths:
                os.chown(path, PLAIN, PLAIN)

    def command(self, argv, box, environment=ENVIRONMENT):
        command = wrap(argv, box, environment)
        self.give(*Path(box.exchange).iterdir())
        return self.as_user(command)

    def as_user(self, command):
        """Return a command that runs as this machine's user."""
        return as_user(self.user, command)

    def start(self, code, box=None, environment=ENVIRONMENT, **variables):
        """Start Python code in a box; ``variables`` are its global names."""
        given = "".join(f"{name} = {value!r}\n" for name, value in variables.items())
        argv = [sys.executable, "-P", "-c", given + textwrap.dedent(code)]
        command = self.command(argv, box or self.box(), environment)
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        outside = {**os.environ, "MY_TOKEN": self.secret, "HOME": str(self.grading)}
        return subprocess.Popen(command, env=outside, text=True, start_new_session=True, cwd=NEEDED[-1].parent, **pipes)

    def run(self, code, box=None, environment=ENVIRONMENT, seconds=30, **variables):
        process = self.start(code, box, environment, **variables)
        try:
            out, err = process.communicate(timeout=seconds)
        finally:
            end(process)
        return Ran(process.returncode, out, err)


def as_user(user, command):
    """Return a command as root's or a plain user's; root becomes one in a mount namespace that shows it Python."""
    if user == "root" or os.geteuid() != 0:
        return command
    stash = "/tmp/.stash"
    lines = ["set -e", f"mkdir -p {stash}", f"mount -t tmpfs tmpfs {stash}"]
    closed = {}
    for path in NEEDED:
        shut = next((p for p in reversed(path.parents) if not p.stat().st_mode & 0o001), None)
        if shut is not None:
            closed.setdefault(shut, []).append(path)
    for shut, paths in closed.items():
        for number, path in enumerate(paths):
            lines += [f"mkdir {stash}/{number}", f"mount --bind '{path}' {stash}/{number}"]
        lines += [f"mount -t tmpfs tmpfs '{shut}'", f"chmod 755 '{shut}'"]
        for number, path in enumerate(paths):
            lines += [f"mkdir -p '{path}'", f"mount --bind {stash}/{number} '{path}'"]
    become = f"setpriv --reuid {PLAIN} --regid {PLAIN} --clear-groups" if user == "plain" else ""
    lines.append(f'exec {become} "$@"')
    return ["unshare", "--mount", "bash", "-c", "\n".join(lines), "bash", *command]


def end(process):
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=10)


def machine_of(user, level=Level.NAMESPACES):
    if user != "root" and os.geteuid() == 0 and not (shutil.which("setpriv") and shutil.which("unshare")):
        pytest.skip("needs util-linux: setpriv and unshare")
    if not possible(user, level):
        pytest.skip(f"this machine does not allow {level.value}")
    tried(user, level)
    folder = Path(tempfile.mkdtemp(prefix="coursekit-box-"))
    folder.chmod(0o755)
    found = Machine(user, folder, level)
    found.give(folder, *folder.rglob("*"))
    yield found
    shutil.rmtree(folder)


@functools.cache
def possible(user, level):
    """Whether the machine allows it, asked without our code: a box that is broken shall fail, not skip, its tests."""
    if level is Level.LANDLOCK:
        return ctypes.CDLL(None).syscall(444, None, ctypes.c_size_t(0), ctypes.c_uint(1)) >= 6
    flags = ["--user", "--map-root-user"] if user == "plain" else []
    command = ["unshare", *flags, "--mount", "--net", "--ipc", "--uts", "--pid", "--fork", "--mount-proc", "true"]
    return subprocess.run(as_user(user, command), capture_output=True).returncode == 0


@functools.cache
def tried(user, level):
    argv = as_user(user, [sys.executable, "-P", "-m", "coursekit.grading.sandbox", "--try", level.value])
    ran = subprocess.run(argv, capture_output=True, text=True, cwd=NEEDED[-1].parent)
    assert ran.returncode == 0, ran.stderr


@pytest.fixture(params=["root", "plain"] if os.geteuid() == 0 else ["plain"])
def machine(request):
    yield from machine_of(request.param)


@pytest.fixture(params=["root that all can read", "plain"] if os.geteuid() == 0 else ["plain"])
def landlocked(request):
    yield from machine_of(request.param, Level.LANDLOCK)


@pytest.fixture
def one_machine():
    """For what does not depend on whose grader it is."""
    yield from machine_of("root" if os.geteuid() == 0 else "plain")


@pytest.fixture
def small():
    return SMALL


@pytest.fixture
def limits():
    return lambda **changes: replace(SMALL, **changes)
