"""What a box is to hold: plain data that crosses processes."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import PurePosixPath

from coursekit.grading.limits import Limits
from coursekit.grading.sandbox.levels import Level

HOME = "/home/student"
"""The home of whoever is inside namespaces: empty, writable, gone with the kernel."""

FOLDER = f"{HOME}/work"
"""Where the submission's files lie there, and where it starts."""


class SandboxError(Exception):
    """The box could not be built: our fault or the machine's, never the student's."""


@dataclass(frozen=True)
class Box:
    """What a kernel is shut in with.

    Attributes:
        files: what lies in its working folder, by relative path.
        limits: what it may use.
        level: how it is shut in (`probe`).
        exchange: a folder of this kernel alone, at the same path inside and outside, for its sockets and connection
            file; writable until it is sealed.
        readonly: folders of data it may read, at the same path inside; missing ones are left out.
        hidden: folders it must never see, though they lie inside one that it sees (a course inside a Python prefix).
        devices: device files it may use (a GPU's), at the same path.

    Raises:
        ValueError: for a file whose path leaves the folder.
    """

    files: Mapping[str, bytes]
    limits: Limits
    level: Level
    exchange: str
    readonly: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in self.files:
            path = PurePosixPath(name)
            if not path.parts or path.is_absolute() or ".." in path.parts or "\0" in name:
                raise ValueError(f"not a path inside a folder: {name!r}")

    @property
    def home(self) -> str:
        """Where HOME is inside: in a file system of its own, or else in the exchange."""
        return HOME if self.level is Level.NAMESPACES else f"{self.exchange}/home"

    @property
    def folder(self) -> str:
        """Where the files lie inside, and where it starts."""
        return FOLDER if self.level is Level.NAMESPACES else f"{self.home}/work"

    @property
    def temporary(self) -> str:
        """Where temporary files go inside."""
        return "/tmp" if self.level is Level.NAMESPACES else f"{self.exchange}/tmp"

    def to_json(self) -> str:
        """Return it as text, for `from_json`."""
        found = {each.name: getattr(self, each.name) for each in fields(self)}
        found["files"] = {name: base64.b64encode(content).decode() for name, content in self.files.items()}
        return json.dumps(found | {"limits": asdict(self.limits), "level": self.level.value})

    @classmethod
    def from_json(cls, text: str) -> Box:
        """Read what `to_json` wrote.

        Raises:
            ValueError: if it is not that.
        """
        try:
            found = json.loads(text)
            found["files"] = {name: base64.b64decode(content) for name, content in found["files"].items()}
            found["limits"] = Limits(**found["limits"])
            found["level"] = Level(found["level"])
            lists = {name: tuple(found[name]) for name in ("readonly", "hidden", "devices")}
            return cls(**found | lists)
        except (TypeError, KeyError, AttributeError) as error:
            raise ValueError(f"not a box: {error}") from error
