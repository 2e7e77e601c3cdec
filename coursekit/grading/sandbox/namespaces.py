"""The best box: Linux namespaces of its own, with a root that holds only what is to be seen.

What it shall see is copied as detached mounts while the machine is still in sight; then a file system in memory becomes
the root, and they are attached.
"""

from __future__ import annotations

import fcntl
import os
import socket
import struct

from coursekit.grading.sandbox import guard, system, view
from coursekit.grading.sandbox.boxes import HOME, Box

_NAMESPACES = (
    system.CLONE_NEWNS
    | system.CLONE_NEWPID
    | system.CLONE_NEWNET
    | system.CLONE_NEWIPC
    | system.CLONE_NEWUTS
    | system.CLONE_NEWCGROUP
)
_SHUT = system.ATTR_RDONLY | system.ATTR_NOSUID
_MOUNT = system.MS_NOSUID | system.MS_NODEV
_WRITABLE = (HOME, "/tmp", "/dev/shm")


def separate(box: Box, uid: int, gid: int) -> None:
    """Make the namespaces; whoever is not root does it as the owner of a user namespace, under its own ids.

    Raises:
        OSError: if the system does not allow it.
    """
    if os.geteuid() == 0:
        system.unshare(_NAMESPACES)
        return
    system.unshare(_NAMESPACES | system.CLONE_NEWUSER)
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def build(box: Box, uid: int, gid: int) -> None:
    """Build the box around this process, which is its process 1.

    Raises:
        OSError: if the system does not allow it.
    """
    _mount_world(box, uid, gid)
    system.set_hostname("box")
    _loopback_up()


def restrict(box: Box) -> None:
    """Nothing is left to restrict: what is not to be reached is not there."""


def variables(box: Box) -> dict[str, str]:
    """Return what the environment must hold: nothing."""
    return {}


def wait(child: int, channel: socket.socket, box: Box) -> int:
    """Wait outside (`coursekit.grading.sandbox.guard`)."""
    return guard.until_sealed(child, channel, box.exchange)


def _mount_world(box: Box, uid: int, gid: int) -> None:
    system.mount(None, "/", system.MS_REC | system.MS_PRIVATE)
    places = view.inside(box.exchange, box.readonly, box.hidden, box.devices)
    trees = {place.path: _tree(place) for place in places if place.kind not in {"link", "hidden"}}
    new = box.exchange  # a folder that is there; what lies in it has been copied above
    system.mount("tmpfs", new, _MOUNT, "size=4m,nr_inodes=4096,mode=755")
    os.chdir(new)
    _mount_writable(new, box.limits.disk_bytes, uid, gid)
    for place in places:
        _put(new, place, trees.get(place.path))
    for place in places:
        if place.kind == "hidden":
            system.set_attributes(new + place.path, _SHUT, recursive=False)
    for path, text in view.STUBS.items():
        _write(new + path, text.format(uid=uid, gid=gid, home=HOME).encode())
    _mount_kernel_files(new)
    system.pivot_root(".", ".")
    system.unmount(".")
    os.chdir("/")
    system.set_attributes("/", _SHUT | system.ATTR_NODEV, recursive=False)


def _tree(place: view.Place) -> int:
    tree = system.copy_tree(place.path)
    if place.kind == "bind":
        system.set_attributes(tree, _SHUT | system.ATTR_NODEV)
    elif place.kind == "exchange":
        system.set_attributes(tree, system.ATTR_NOSUID | system.ATTR_NODEV)
    return tree


def _put(new: str, place: view.Place, tree: int | None) -> None:
    inside = new + place.path
    if place.kind == "link":
        os.makedirs(os.path.dirname(inside), exist_ok=True)
        os.symlink(place.target, inside)
    elif place.kind == "hidden":
        system.mount("tmpfs", inside, _MOUNT, "size=1m,nr_inodes=256,mode=755")
    elif tree is not None:
        if os.path.isdir(place.path):
            os.makedirs(inside, exist_ok=True)
        elif not os.path.lexists(inside):
            _write(inside, b"")
        system.attach(tree, inside)


def _mount_writable(new: str, size: int, uid: int, gid: int) -> None:
    """Mount everything that can be written to as parts of one file system in memory: its size bounds them together."""
    store = f"{new}/.store"
    os.mkdir(store)
    system.mount("tmpfs", store, _MOUNT, f"size={size},nr_inodes={2**15},mode=700")
    for path in _WRITABLE:
        part = store + path
        os.makedirs(part)
        os.chown(part, uid, gid)
        os.chmod(part, 0o700)
        tree = system.copy_tree(part, recursive=False)
        os.makedirs(new + path)
        system.attach(tree, new + path)
    system.unmount(store)
    os.rmdir(store)


def _mount_kernel_files(new: str) -> None:
    for path in ("/proc", "/dev/pts", "/run", "/var"):
        os.makedirs(new + path, exist_ok=True)
    flags = _MOUNT | system.MS_NOEXEC
    system.mount("proc", f"{new}/proc", flags | system.MS_RDONLY)
    system.mount("devpts", f"{new}/dev/pts", system.MS_NOSUID | system.MS_NOEXEC, "newinstance,ptmxmode=0666,mode=600")
    links = {"fd": "/proc/self/fd", "stdin": "fd/0", "stdout": "fd/1", "stderr": "fd/2", "ptmx": "pts/ptmx"}
    for name, target in links.items():
        os.symlink(target, f"{new}/dev/{name}")
    os.symlink("/tmp", f"{new}/var/tmp")


def _loopback_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        up = struct.pack("16sH14x", b"lo", 0x1 | 0x40)  # IFF_UP, IFF_RUNNING
        fcntl.ioctl(any_socket, 0x8914, up)  # SIOCSIFFLAGS


def _write(path: str, content: bytes) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)
