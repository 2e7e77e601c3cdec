"""The second best box, where namespaces are forbidden: Landlock's rules for files, a stricter filter of system calls.

There is one machine for all here, so the filter has to hold what namespaces would make harmless: nothing but threads
can be started (so nothing outlives the kernel), no internet socket made, none connected, no mode or owner of a file
changed, no limit of another process set. Rules and constants: linux/landlock.h; version 6 (Linux 6.12) adds those for
signals and abstract sockets, without which this level would not be true.
"""

from __future__ import annotations

import ctypes
import os
import socket

from coursekit.grading.sandbox import guard, system, view
from coursekit.grading.sandbox.boxes import Box

_VERSION = 6
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_FOLDER, _IOCTL = 1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 15
_MAKE_CHAR, _MAKE_SOCKET, _MAKE_BLOCK, _TRUNCATE = 1 << 6, 1 << 9, 1 << 11, 1 << 14
_EVERYTHING = 2**16 - 1
_SEEN = _EXECUTE | _READ_FILE | _READ_FOLDER
_OWN = _EVERYTHING & ~(_MAKE_CHAR | _MAKE_BLOCK | _IOCTL)
_OF_A_FILE = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL
_NETWORK, _SCOPES = 0x3, 0x3
_MACHINE = ("/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/version", "/proc/filesystems", "/etc/passwd")
_CREATE, _ADD, _RESTRICT = 444, 445, 446


class _Ruleset(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("files", "network", "scopes")]


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32)]


def separate(box: Box, uid: int, gid: int) -> None:
    """There is nothing to separate before the fork."""


def wait(child: int, channel: socket.socket, box: Box) -> int:
    """Wait outside (`coursekit.grading.sandbox.guard`)."""
    return guard.while_modest(child, channel, box.exchange, box.limits)


def build(box: Box, uid: int, gid: int) -> None:
    """Make the folders that it may write to, inside the exchange.

    Raises:
        OSError: if what is to be hidden lies inside what is to be seen, which Landlock cannot do.
    """
    places = view.inside(box.exchange, box.readonly, box.hidden, box.devices)
    if covered := [place.path for place in places if place.kind == "hidden"]:
        raise OSError(f"{covered[0]} lies inside a folder that submissions can read: move it out of there")
    for path in (box.home, box.temporary):
        os.makedirs(path, mode=0o700)
        os.chown(path, uid, gid)
    # Python lists the folder of a module that it looks for. The clone's shall not be listed, so here is another way in.
    os.makedirs(_library(box))
    os.symlink(view.PACKAGE, os.path.join(_library(box), view.PACKAGE.name))
    if uid != os.geteuid():  # whoever this becomes must get there
        os.chmod(os.path.dirname(box.exchange), 0o711)


def restrict(box: Box) -> None:
    """Put this process, for good, under the rules.

    Raises:
        OSError: if this Linux is older than 6.12, or was started without Landlock.
    """
    if system.numbered("landlock", _CREATE, None, ctypes.c_size_t(0), ctypes.c_uint(1)) < _VERSION:
        raise OSError("Landlock is older than its version 6 (Linux 6.12)")
    wanted = _Ruleset(_EVERYTHING, _NETWORK, _SCOPES)
    size = ctypes.c_size_t(ctypes.sizeof(wanted))
    rules = system.numbered("landlock_create_ruleset", _CREATE, ctypes.byref(wanted), size, ctypes.c_uint(0))
    for place in view.inside(box.exchange, box.readonly, box.hidden, box.devices):
        if place.kind in {"bind", "device"} or (place.kind == "link" and os.path.exists(place.path)):
            rights = _OF_A_FILE & ~_EXECUTE if place.kind == "device" else _SEEN
            _allow(rules, place.path, rights)
    for path in (*_MACHINE, "/proc/self"):
        _allow(rules, path, _SEEN)
    # It stays open, also in a program that is started: a rule is forgotten with the system's record of its folder.
    os.set_inheritable(os.open("/proc/self", os.O_PATH), True)
    for path in (box.home, box.temporary):
        _allow(rules, path, _OWN)
    _allow(rules, _library(box), _SEEN)
    _allow(rules, box.exchange, _MAKE_SOCKET | _READ_FOLDER)
    system.numbered("landlock_restrict_self", _RESTRICT, ctypes.c_int(rules), ctypes.c_uint(0))
    os.close(rules)


def variables(box: Box) -> dict[str, str]:
    """Return what the environment must hold."""
    return {"PYTHONPATH": _library(box)}


def _library(box: Box) -> str:
    return f"{box.exchange}/lib"


def _allow(rules: int, path: str, rights: int) -> None:
    folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = _Beneath(rights if os.path.isdir(path) else rights & _OF_A_FILE, folder)
        kind, flags = ctypes.c_int(1), ctypes.c_uint(0)
        system.numbered("landlock_add_rule", _ADD, ctypes.c_int(rules), kind, ctypes.byref(rule), flags)
    finally:
        os.close(folder)
