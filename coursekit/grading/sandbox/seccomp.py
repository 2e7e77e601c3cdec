"""The system calls that are refused inside: a filter for the kernel, as the classic BPF program it asks for.

Everything else is allowed, but for calls newer than this list: what nobody has looked at says "not implemented".
`struct seccomp_data` and the return values: linux/seccomp.h; numbers: asm/unistd_64.h and asm-generic/unistd.h.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import socket
import struct

# name: (x86_64, aarch64). All of them change the machine, look into other processes, load code into the kernel, open
# more of it than a notebook needs, or hold memory that no limit of a process counts (System V).
_REFUSED: dict[str, tuple[int | None, int | None]] = {
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "fanotify_init": (300, 262),
    "unshare": (272, 97),
    "setns": (308, 268),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "acct": (163, 89),
    "syslog": (103, 116),
    "vhangup": (153, 58),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "adjtimex": (159, 171),
    "personality": (135, 92),
    "iopl": (172, None),
    "ioperm": (173, None),
    "modify_ldt": (154, None),
    "uselib": (134, None),
    "_sysctl": (156, None),
    "lookup_dcookie": (212, 18),
    "nfsservctl": (180, 42),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
}
# A library that meets "not implemented" here has an older way of doing the same.
_MISSING: dict[str, tuple[int | None, int | None]] = {
    "clone3": (435, 435),
    "memfd_secret": (447, 447),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
}
# Where nothing separates it from the user's other processes and files, too: what would start a process that outlives
# it, reach a server by the path of its socket, take a file from its owner, or a limit from another process.
_ALONE: dict[str, tuple[int | None, int | None]] = {
    "fork": (57, None),
    "vfork": (58, None),
    "connect": (42, 203),
    "chown": (92, None),
    "fchown": (93, 55),
    "lchown": (94, None),
    "fchownat": (260, 54),
    "utime": (132, None),
    "utimes": (235, None),
    "futimesat": (261, None),
    "utimensat": (280, 88),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    "mq_open": (240, 180),
    "mq_unlink": (241, 181),
    "setpriority": (141, 140),
    "sched_setattr": (314, 274),
    "ioprio_set": (251, 30),
    "process_mrelease": (448, 448),
    "inotify_init": (253, None),
    "inotify_init1": (294, 26),
}
# There, these do nothing and say that they did: a file that is copied gets a mode; libzmq's threads get the scheduling
# that they have already, and would stop the process if told that they may not.
_PRETENDED: dict[str, tuple[int | None, int | None]] = {
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "sched_setparam": (142, 118),
    "sched_setscheduler": (144, 119),
}
_PRLIMIT, _SETAFFINITY, _SOCKETPAIR = (302, 261), (203, 122), (53, 199)
_FAMILIES = (socket.AF_UNIX, socket.AF_NETLINK, socket.AF_INET, socket.AF_INET6)
_THREAD = 0x00010000
_SOCKET, _CLONE, _PRCTL, _IOCTL, _MMAP, _MEMFD = (41, 198), (56, 220), (157, 167), (16, 29), (9, 222), (319, 279)
_NEWEST = 462  # mseal, Linux 6.10
_NAMESPACES = 0x7E020080  # every CLONE_NEW flag
_SHARED_ANONYMOUS = 0x21
_PDEATHSIG = 1
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C
_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_LOAD, _EQUAL, _GREATER, _BITS, _AND, _RETURN = 0x20, 0x15, 0x25, 0x45, 0x54, 0x06

_Line = tuple[int, int, int, int]  # code, jump if true, jump if false, value


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("lines", ctypes.c_char_p)]


def supported() -> bool:
    """Whether the filter is written for this machine's processor."""
    return platform.machine() in _ARCHITECTURES


def program(*, alone: bool = False, devices: bool = False) -> ctypes.Structure:
    """Return the filter as a ``struct sock_fprog``.

    Args:
        alone: whether it has to hold without namespaces (`coursekit.grading.sandbox.landlock`).
        devices: whether a GPU is used, whose driver shares memory with itself; a limit of it does not hold then.
    """
    packed = b"".join(struct.pack("HBBI", *line) for line in _lines(alone, devices))
    return _Program(len(packed) // 8, packed)


def _lines(alone: bool, devices: bool) -> list[_Line]:
    machine = platform.machine()
    column = list(_ARCHITECTURES).index(machine)
    lines: list[_Line] = [
        (_LOAD, 0, 0, 4),  # seccomp_data.arch
        (_EQUAL, 1, 0, _ARCHITECTURES[machine]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, 0),  # seccomp_data.nr; the x32 calls of x86_64 lie far above the newest, too
        (_GREATER, 0, 1, _NEWEST),
        _refuse(errno.ENOSYS),
    ]
    tables = [
        (_REFUSED, errno.EPERM),
        (_MISSING, errno.ENOSYS),
        *([(_ALONE, errno.EPERM), (_PRETENDED, 0)] if alone else []),
    ]
    for table, code in tables:
        for numbers in table.values():
            if (number := numbers[column]) is not None:
                lines += [(_EQUAL, 0, 1, number), _refuse(code)]
    threads = [(_BITS, 1, 0, _THREAD), _refuse(errno.EPERM)]
    lines += _when(_CLONE[column], 0, [(_BITS, 0, 1, _NAMESPACES), _refuse(errno.EPERM), *(threads if alone else [])])
    lines += _when(_PRCTL[column], 0, [(_EQUAL, 0, 1, _PDEATHSIG), _refuse(errno.EPERM)])
    terminal = [(_EQUAL, 1, 0, _TIOCSTI), (_EQUAL, 0, 1, _TIOCLINUX), _refuse(errno.EPERM)]
    lines += _when(_IOCTL[column], 1, terminal)
    if not devices:
        lines += _unshared(column)
    lines += _alone(column) if alone else _when(_SOCKET[column], 0, _one_of(_FAMILIES, errno.EAFNOSUPPORT))
    return [*lines, (_RETURN, 0, 0, _ALLOW)]


def _unshared(column: int) -> list[_Line]:
    """Return lines against memory that stays when the process that filled it has gone: no process is charged for it."""
    shared = [(_AND, 0, 0, _SHARED_ANONYMOUS), (_EQUAL, 0, 1, _SHARED_ANONYMOUS), _refuse(errno.EPERM)]
    number = _MEMFD[column]
    return [*_when(_MMAP[column], 3, shared), (_EQUAL, 0, 1, number), _refuse(errno.ENOSYS)]


def _alone(column: int) -> list[_Line]:
    """Return lines for calls that are harmless about oneself, or without an address."""
    stream = [(_AND, 0, 0, 0xF), *_one_of((socket.SOCK_STREAM,), errno.EPERM)]
    kind, protocol = (_LOAD, 0, 0, 16 + 8), (_LOAD, 0, 0, 16 + 16)
    local = [(_EQUAL, 1, 0, socket.AF_UNIX), _refuse(errno.EAFNOSUPPORT), kind, *stream]
    routes = [protocol, *_one_of((0,), errno.EPERM)]  # libzmq asks for the list of interfaces, and aborts without
    lines = _when(_SOCKET[column], 0, [(_EQUAL, 0, len(routes), socket.AF_NETLINK), *routes, *local])
    lines += _when(_SOCKETPAIR[column], 1, stream)
    for numbers in (_PRLIMIT, _SETAFFINITY):
        lines += _when(numbers[column], 0, _one_of((0,), errno.EPERM))
    return lines


def _one_of(values: tuple[int, ...], code: int) -> list[_Line]:
    return [*((_EQUAL, -1, 0, value) for value in values), _refuse(code)]


def _when(number: int, argument: int, checks: list[_Line]) -> list[_Line]:
    """Return lines that look at the low word of an argument of one call; a jump of −1 allows it."""
    body = [(_LOAD, 0, 0, 16 + 8 * argument), *checks, (_RETURN, 0, 0, _ALLOW)]
    placed = [(c, len(body) - 2 - i if yes < 0 else yes, no, value) for i, (c, yes, no, value) in enumerate(body)]
    return [(_EQUAL, 0, len(placed), number), *placed]


def _refuse(code: int) -> _Line:
    return (_RETURN, 0, 0, _ERRNO | code)
