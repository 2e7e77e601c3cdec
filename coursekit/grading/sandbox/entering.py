"""`enter`: what a freshly forked process does to be shut in, whichever way.

Outside: descriptors closed, then fork. The child goes in (`namespaces` or `landlock`): it is shown what it shall see,
its limits are set, ids, capabilities and the way back to them are dropped, and last the filter of system calls is
installed, after which none of this can be undone. The parent stays outside (`guard`): when it ends, so does the box.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
from collections.abc import Callable, Mapping, Sequence

from coursekit.grading.sandbox import guard, landlock, namespaces, resources, seccomp, system
from coursekit.grading.sandbox.boxes import Box, SandboxError
from coursekit.grading.sandbox.levels import Level

_FIRST_ID = 2_000_000_000  # above what systems give to people, services and containers
_FILTERS = {
    (level, devices): seccomp.program(alone=level is Level.LANDLOCK, devices=devices)
    for level in (Level.NAMESPACES, Level.LANDLOCK)
    for devices in (False, True)
    if seccomp.supported()
}


def enter(box: Box, keep: Sequence[int] = ()) -> Callable[[], None]:
    """Shut this process in; return only inside, in the folder with the box's files.

    Call it in a freshly forked child with one thread. Descriptors other than 0, 1, 2 and ``keep`` are closed. The
    environment's HOME and the like are set; what else is in it stays, so start from a clean one. Its memory of the
    program's start (``/proc/1/environ``) is wiped.

    Returns:
        A function to call once the kernel's sockets lie in ``box.exchange`` and before the first cell: from then on the
        exchange cannot be written to. It is called for you when five sockets lie there.

    Raises:
        SandboxError: if the box cannot be built; the caller shall end then.
    """
    filtering = _FILTERS.get((box.level, bool(box.devices)))
    if filtering is None:
        raise SandboxError(f"there is no box of level {box.level.value!r} here")
    try:
        inside = namespaces if box.level is Level.NAMESPACES else landlock
        root = os.geteuid() == 0
        uid, gid = _ids()
        _close_descriptors(keep)
        os.makedirs(box.exchange, mode=0o700, exist_ok=True)
        if root:
            os.chown(box.exchange, uid, gid)
        inside.separate(box, uid, gid)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        if child := os.fork():
            theirs.close()
            guard.stand(child, lambda: inside.wait(child, ours, box), keep)
        ours.close()
        os.setsid()
        system.die_with_parent(signal.SIGKILL)
        resources.go_first()
        inside.build(box, uid, gid)
        resources.set_limits(box.limits, alone=box.level is Level.LANDLOCK)
        _drop_rights(uid, gid, root)
        if not _alive(theirs):  # nothing would tell us any more
            os._exit(1)
        _write_files(box)
        _settle_environment(box, inside.variables(box))
        inside.restrict(box)
        system.install_filter(filtering)
    except OSError as error:
        raise SandboxError(f"the box could not be built: {error}") from error
    return lambda: guard.seal(theirs)


def _alive(channel: socket.socket) -> bool:
    """Return whether the other end of a channel is open."""
    try:
        return channel.recv(1, socket.MSG_DONTWAIT | socket.MSG_PEEK) != b""
    except BlockingIOError:
        return True


def _ids() -> tuple[int, int]:
    """Return the ids to run as: an ordinary user keeps its own, root becomes a user that nobody else is.

    One user per kernel: the system counts processes (RLIMIT_NPROC) by user.
    """
    if os.geteuid() != 0:
        return os.geteuid(), os.getegid()
    with open("/proc/self/uid_map") as file:
        first, _, count = (int(word) for word in file.readline().split())
    mapped = first + count
    if mapped >= _FIRST_ID + 2**27:  # drawn, as another container's processes may have the same numbers
        uid = _FIRST_ID + int.from_bytes(os.urandom(4)) % 2**27
    else:
        uid = 60_000 + os.getpid() % 5_000
    return uid, uid


def _close_descriptors(keep: Sequence[int]) -> None:
    """Close all but 0, 1, 2 and ``keep``: a descriptor of a folder outside would be a way out."""
    for descriptor in map(int, os.listdir("/proc/self/fd")):
        if descriptor > 2 and descriptor not in keep:
            with contextlib.suppress(OSError):  # the one that listed them
                os.close(descriptor)


def _drop_rights(uid: int, gid: int, root: bool) -> None:
    with contextlib.suppress(PermissionError):  # a plain user without namespaces has none to drop
        system.bound_capabilities()
    if root:
        os.setgroups([])
        os.setresgid(gid, gid, gid)
        os.setresuid(uid, uid, uid)
    system.drop_capabilities()
    system.no_new_privileges()
    system.be_readable()
    system.die_with_parent(signal.SIGKILL)  # a change of ids forgets it


def _write_files(box: Box) -> None:
    os.makedirs(box.folder)
    os.chdir(box.folder)
    for name, content in box.files.items():
        if folder := os.path.dirname(name):
            os.makedirs(folder, exist_ok=True)
        with open(name, "wb") as file:
            file.write(content)


def _settle_environment(box: Box, needed: Mapping[str, str]) -> None:
    """Set what names a place, and wipe the memory that /proc shows as the environment at the program's start."""
    kept = dict(os.environ)
    os.environ.clear()
    resources.wipe_start_environment()
    named = {"HOME": box.home, "PWD": box.folder, "TMPDIR": box.temporary, "IPYTHONDIR": f"{box.home}/.ipython"}
    named |= {"USER": "student", "LOGNAME": "student"}
    os.environ.update({**kept, **named, **needed})
