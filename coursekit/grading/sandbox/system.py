"""The Linux calls that Python has no name for, through ctypes; each raises OSError with the call's name.

Everything is looked up when this module is imported, so that a forked child imports and allocates nothing.
Structures and constants: linux/mount.h, linux/prctl.h, linux/capability.h; system call numbers from 424 on are the
same on every architecture.
"""

from __future__ import annotations

import ctypes
import os
import sys

# On other systems the functions below exist and fail; `probe` never gets to them.
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
_AT_FDCWD = -100
_AT_EMPTY_PATH = 0x1000
_AT_RECURSIVE = 0x8000
_OPEN_TREE, _MOVE_MOUNT, _MOUNT_SETATTR = 428, 429, 442

CLONE_NEWNS = 0x00020000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REC, MS_PRIVATE = 0x2, 0x4, 0x8, 0x4000, 0x40000
MS_RDONLY = 0x1

ATTR_RDONLY, ATTR_NOSUID, ATTR_NODEV = 0x1, 0x2, 0x4

PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 4, 22, 24, 38
_SECCOMP_MODE_FILTER = 2


class _MountAttributes(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("set", "clear", "propagation", "userns")]


class _CapabilityHeader(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


class _CapabilityData(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint32) for name in ("effective", "permitted", "inheritable")]


def unshare(flags: int) -> None:
    """Give this process namespaces of its own (unshare(2))."""
    _call("unshare", ctypes.c_int(flags))


def mount(kind: str | None, target: str, flags: int = 0, options: str = "") -> None:
    """Mount a file system of a kind that needs no device at ``target`` (mount(2))."""
    name = kind.encode() if kind else None
    _call("mount", name or b"none", os.fsencode(target), name, ctypes.c_ulong(flags), options.encode() or None)


def unmount(target: str) -> None:
    """Take a mount out of sight, and away with its last user (umount2(2), MNT_DETACH)."""
    _call("umount2", os.fsencode(target), ctypes.c_int(2))


def pivot_root(new: str, old: str) -> None:
    """Make ``new`` the root; what was the root lies at ``old`` (pivot_root(2))."""
    number = {"x86_64": 155, "aarch64": 41}[os.uname().machine]
    numbered("pivot_root", number, os.fsencode(new), os.fsencode(old))


def copy_tree(path: str, *, recursive: bool = True) -> int:
    """Return a descriptor of a mount that shows ``path``, attached nowhere yet (open_tree(2))."""
    flags = 1 | os.O_CLOEXEC | (_AT_RECURSIVE if recursive else 0)
    return numbered("open_tree", _OPEN_TREE, ctypes.c_int(_AT_FDCWD), os.fsencode(path), ctypes.c_uint(flags))


def attach(tree: int, path: str) -> None:
    """Attach what `copy_tree` returned at ``path``, and close it (move_mount(2))."""
    at = ctypes.c_int(_AT_FDCWD)
    numbered("move_mount", _MOVE_MOUNT, ctypes.c_int(tree), b"", at, os.fsencode(path), ctypes.c_uint(4))
    os.close(tree)


def set_attributes(where: int | str, attributes: int, *, recursive: bool = True) -> None:
    """Set attributes (ATTR_*) of the mount at a path or of a descriptor (mount_setattr(2), Linux 5.12)."""
    at, path = (where, b"") if isinstance(where, int) else (_AT_FDCWD, os.fsencode(where))
    flags = (_AT_RECURSIVE if recursive else 0) | (_AT_EMPTY_PATH if isinstance(where, int) else 0)
    wanted = _MountAttributes(attributes, 0, 0, 0)
    size = ctypes.c_size_t(ctypes.sizeof(wanted))
    number, descriptor = _MOUNT_SETATTR, ctypes.c_int(at)
    numbered("mount_setattr", number, descriptor, path, ctypes.c_uint(flags), ctypes.byref(wanted), size)


def set_hostname(name: str) -> None:
    """Name the machine, in a UTS namespace of one's own."""
    _call("sethostname", name.encode(), ctypes.c_size_t(len(name.encode())))


def die_with_parent(signal: int) -> None:
    """Ask for ``signal`` when the parent ends; a change of ids forgets it."""
    _prctl(PR_SET_PDEATHSIG, signal)


def be_readable() -> None:
    """Let the process read its own /proc files, which a change of ids forbids."""
    _prctl(_PR_SET_DUMPABLE, 1)


def bound_capabilities() -> None:
    """Give up the right to get a capability back by running a program; needs CAP_SETPCAP."""
    with open("/proc/sys/kernel/cap_last_cap") as file:
        last = int(file.read())
    for capability in range(last + 1):
        _prctl(_PR_CAPBSET_DROP, capability)


def drop_capabilities() -> None:
    """Give up every capability that this process has."""
    header = _CapabilityHeader(0x20080522, 0)
    _call("capset", ctypes.byref(header), ctypes.byref((_CapabilityData * 2)()))


def no_new_privileges() -> None:
    """No program run from here on gains rights by a set-user-id bit or a file capability."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def install_filter(program: ctypes.Structure) -> None:
    """Install a filter of system calls (a ``struct sock_fprog``) for this process and all that it starts."""
    _call("prctl", ctypes.c_int(_PR_SET_SECCOMP), ctypes.c_ulong(_SECCOMP_MODE_FILTER), ctypes.byref(program))


def _prctl(option: int, value: int) -> int:
    zero = ctypes.c_ulong(0)
    return _call("prctl", ctypes.c_int(option), ctypes.c_ulong(value), zero, zero, zero)


def numbered(name: str, number: int, *arguments: object) -> int:
    """Make the system call with a number; ``name`` is for the error."""
    return _call("syscall", ctypes.c_long(number), *arguments, shown=name)


def _call(name: str, *arguments: object, shown: str = "") -> int:
    result: int = getattr(_LIBC, name)(*arguments)
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{shown or name}: {os.strerror(code)}")
    return result
