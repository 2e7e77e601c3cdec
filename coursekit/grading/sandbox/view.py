"""Which of the machine's files are seen inside a box: system, Python, libraries, this package; nothing else."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

PACKAGE = Path(__file__).resolve().parents[2]
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store")
# Of /etc only what programs need to start and draw: no passwords, no keys, no names of people or machines.
_SETTINGS = (
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "alternatives",
    "fonts",
    "localtime",
    "timezone",
    "mime.types",
)
_PROCESSORS = ("/sys/devices/system/cpu", "/sys/devices/system/node")
_DEVICES = ("/dev/null", "/dev/random", "/dev/urandom")

STUBS = {
    "/etc/passwd": "student:x:{uid}:{gid}:student:{home}:/bin/sh\n",
    "/etc/group": "student:x:{gid}:\n",
    "/etc/hosts": "127.0.0.1 localhost box\n::1 localhost\n",
    "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
    "/etc/resolv.conf": "",
}
"""Files that programs look for, with nothing in them about this machine."""


@dataclass(frozen=True)
class Place:
    """A path inside: something of the machine, read-only; a device; a link; or an empty folder that hides one."""

    path: str
    kind: Literal["bind", "device", "link", "hidden", "exchange"]
    target: str = ""


@functools.cache
def machine() -> tuple[Place, ...]:
    """Return what every box sees of this machine, shallow paths first."""
    places = [_link_or_bind(path) for path in _SYSTEM if os.path.lexists(path)]
    places += [Place(f"/etc/{name}", "bind") for name in _SETTINGS if os.path.exists(f"/etc/{name}")]
    places += [Place(path, "bind") for path in _PROCESSORS if os.path.isdir(path)]
    places += [Place(path, "device") for path in _DEVICES]
    for folder in _python():
        places += [Place(folder, "bind"), *_links(folder)]
    places += _links(sys.executable)
    places += [Place(str(_course()), "hidden")] if _course() else []
    return tuple(_shallow_first(places))


def inside(exchange: str, readonly: Iterable[str], hidden: Iterable[str], devices: Iterable[str]) -> list[Place]:
    """Return what one box sees: `machine` and what is its own; nothing twice."""
    own = [Place(os.path.realpath(path), "bind") for path in readonly if os.path.exists(path)]
    own += [link for path in readonly for link in _links(path)]
    own += [Place(os.path.realpath(path), "hidden") for path in hidden if os.path.isdir(path)]
    own += [Place(path, "device") for path in devices if os.path.exists(path)]
    own.append(Place(exchange, "exchange"))
    return list(_needed(_shallow_first([*machine(), *own])))


def _python() -> Iterator[str]:
    """Yield the folders that this interpreter takes code from: its prefixes, packages, libraries, and this package."""
    installed = [entry for entry in sys.path if Path(entry).name in {"site-packages", "dist-packages"}]
    libraries = os.environ.get("LD_LIBRARY_PATH", "").split(os.pathsep)
    prefixes = (sys.base_prefix, sys.base_exec_prefix, sys.prefix, sys.exec_prefix)
    for folder in (*prefixes, *installed, *libraries, str(PACKAGE)):
        if os.path.isabs(folder) and os.path.isdir(folder):
            yield os.path.realpath(folder)


def _course() -> Path | None:
    """Return the clone that this package is installed from, if it is one: its solutions are nobody's business."""
    clone = PACKAGE.parent
    return clone if (clone / "pyproject.toml").is_file() else None


def _link_or_bind(path: str) -> Place:
    return Place(path, "link", os.readlink(path)) if os.path.islink(path) else Place(path, "bind")


def _links(path: str) -> Iterator[Place]:
    """Yield the links that lead from ``path`` to the real file, each a link inside too."""
    path = os.path.abspath(path)
    for _ in range(40):
        parts = Path(path).parts
        link = next((p for n in range(2, len(parts) + 1) if os.path.islink(p := os.path.join(*parts[:n]))), None)
        if link is None:
            return
        target = os.readlink(link)
        yield Place(link, "link", target)
        path = os.path.normpath(os.path.join(os.path.dirname(link), target, os.path.relpath(path, link)))


def _shallow_first(places: Iterable[Place]) -> list[Place]:
    return sorted(dict.fromkeys(places), key=lambda place: (place.path.count("/"), place.path))


def _needed(places: Iterable[Place]) -> Iterator[Place]:
    """Leave out what lies inside something seen already, and hiding what is not seen anyway."""
    chosen: dict[str, Place] = {}
    for place in places:
        above = next((chosen[folder] for folder in _above(place.path) if folder in chosen), None)
        seen = above is not None and above.kind in {"bind", "exchange"}
        if place.path in chosen or (seen != (place.kind == "hidden") and place.kind not in {"device", "exchange"}):
            continue
        chosen[place.path] = place
        yield place


def _above(path: str) -> Iterator[str]:
    while path != os.path.dirname(path):
        path = os.path.dirname(path)
        yield path
