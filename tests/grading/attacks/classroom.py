"""The class that attacks are made on: secrets planted, somebody listening, honest neighbours; and how harm is seen."""

from __future__ import annotations

import contextlib
import csv
import html.parser
import json
import os
import re
import socket
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from hostile.core import CHECKS, NAME, POINTS, RIGHT, WRONG, Attack, filled, notebook

CANARIES = {
    name: f"CANARY-{name}-{number}"
    for number, name in enumerate(("hidden", "solution", "home", "environment", "other", "course"), start=730_111)
}
"""What nobody may read, by where it lies."""

_LOOKS = """
import builtins, glob, os
seen = [name for name in (*dir(builtins), *dir(np)) if "poison" in name]
home = os.path.expanduser("~")
for place in ("/tmp", "/dev/shm", home, f"{home}/.ipython/profile_default/startup", "."):
    seen += glob.glob(f"{place}/*mark-*")
if seen:
    print("got", seen)
"""
VICTIMS = ("0-first", "a05-victim", "a13-victim", "a22-victim", "m-victim", "z-last")
"""Honest students, between the others: every second one has it right, the others all wrong."""
_OURS = f"# {CANARIES['other']}\n{_LOOKS}"


def deserved(victim: str) -> Mapping[str, float]:
    """Return what an honest student has earned."""
    return POINTS if VICTIMS.index(victim) % 2 == 0 else {}


def _answers(victim: str) -> dict[str, str]:
    if deserved(victim):
        return {**RIGHT, "last": f"{_OURS}\nlast = 7"}
    return {**WRONG, "saved": "np.savez('predictions.npz', np.zeros(400))", "last": f"{_OURS}\nlast = 8"}


def instructor(checks: Mapping[str, str] = CHECKS) -> str:
    """Return the instructor's notebook, with secrets in it."""
    made = notebook(solution=True)
    for cell in made.cells:
        cell.source = checks.get(cell.id, cell.source)
    return filled(nbformat.writes(made), {"HIDDEN": CANARIES["hidden"], "SOLUTION": CANARIES["solution"]})


def hand_in(folder: Path, attack: Attack, places: Mapping[str, str]) -> None:
    """Write what a student hands in, as nbgrader would collect it."""
    own = folder / attack.name / NAME
    own.mkdir(parents=True)
    if attack.filename:
        (own / attack.filename).write_bytes(attack.content(places))
    for name, data in attack.files.items():
        (own / name).write_bytes(data)
    for name, target in attack.links.items():
        (own / name).symlink_to(filled(target, places))


def hand_in_victims(folder: Path, victims: Sequence[str] = VICTIMS) -> None:
    """Write what honest students hand in."""
    for victim in victims:
        hand_in(folder, Attack(victim, 0, "honest", _answers(victim)), {})


def plant(home: Path) -> None:
    """Put keys into the home of whoever grades."""
    for name in (".ssh/id_rsa", ".kaggle/kaggle.json", "notes.txt"):
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"key = {CANARIES['home']}\n")


class Listener:
    """Listens on this machine, for whoever should not be able to call.

    Attributes:
        port: of TCP and UDP.
        name: of an abstract Unix socket.
        heard: what was said.
    """

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.name = f"attacks-{os.getpid()}"
        self._tcp = socket.create_server(("127.0.0.1", 0))
        self.port = self._tcp.getsockname()[1]
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind(("127.0.0.1", self.port))
        self._unix = socket.socket(socket.AF_UNIX)
        self._unix.bind(f"\0{self.name}")
        self._unix.listen()
        self._open = True
        self._threads = [
            threading.Thread(target=self._listen, args=(each,)) for each in (self._tcp, self._udp, self._unix)
        ]

    def __enter__(self) -> Listener:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._open = False
        for thread in self._threads:
            thread.join(5)
        for each in (self._tcp, self._udp, self._unix):
            each.close()

    def _listen(self, line: socket.socket) -> None:
        line.settimeout(0.2)
        while self._open:
            with contextlib.suppress(TimeoutError):
                if line.type == socket.SOCK_DGRAM:
                    self.heard.append(line.recv(1000).decode("utf-8", "replace"))
                    continue
                caller, _ = line.accept()
                caller.settimeout(1)
                with caller:
                    said = b""
                    with contextlib.suppress(OSError):
                        said = caller.recv(1000)
                    self.heard.append(said.decode("utf-8", "replace"))


# How harm is seen -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Seen:
    """What is there of a submission after grading.

    Attributes:
        points: by graded cell; a cell without a grade is left out.
        notebook: the executed one, as text, or ``""``.
        page: its feedback, or ``""``.
        words: all else that is told about it.
    """

    points: Mapping[str, float] = field(default_factory=dict)
    notebook: str = ""
    page: str = ""
    words: tuple[str, ...] = ()


def harms(attack: Attack, seen: Seen) -> set[str]:
    """Return what an attack achieved, by what is there of it."""
    done = set()
    more = {name for name, points in seen.points.items() if points > attack.earns.get(name, 0)}
    if more:
        done.add("points: " + ", ".join(sorted(more)))
    if set(seen.points) != set(POINTS):
        done.add("no grade")
    elif any(points < attack.earns.get(name, 0) for name, points in seen.points.items()):
        done.add("earned points lost")
    # A picture that shows a secret, or a name in Base64, is not looked for: the corpus does not write such.
    told = (_outputs(seen.notebook), seen.page, *seen.words)
    read = {name for name, text in CANARIES.items() if any(text in each for each in told)}
    if read:
        done.add("reads " + ", ".join(sorted(read)))
    done |= {"says that it " + line[:60] for line in printed(seen.notebook) if line.startswith(("got ", "read ['"))}
    if active(seen.page):
        done.add("active feedback")
    if any(_acting(each) for each in seen.words):
        done.add("acts on terminals")
    if len(seen.notebook) > 5 * 2**20:
        done.add("a notebook of megabytes")
    return done


def printed(text: str) -> list[str]:
    """Return the lines that a notebook's cells printed."""
    if not text:
        return []
    outputs = [output for cell in nbformat.reads(text, 4).cells for output in cell.get("outputs", [])]
    return [line for each in outputs if each.output_type == "stream" for line in each.text[: 2**20].splitlines()]


def _outputs(text: str) -> str:
    if not text:
        return ""
    return json.dumps([cell.get("outputs", []) for cell in nbformat.reads(text, 4).cells])


class _Active(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._within = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._within = tag
        for name, value in attrs:
            said = re.sub(r"\s", "", value or "").lower()
            if (name.startswith("on") and ("alert" in said or "mark" in said)) or said.startswith("javascript:"):
                self.found.append(f"{tag} {name}={said[:40]}")
            if name in ("src", "href", "action") and ("mark-" in said or "evil.example" in said):
                self.found.append(f"{tag} {name}={said[:40]}")

    def handle_data(self, data: str) -> None:
        if self._within == "script" and re.search(r"mark-|alert\(|evil", data):
            self.found.append(f"script {data.strip()[:40]}")
        if self._within == "style" and "body{display:none}" in data:
            self.found.append("style")

    def handle_endtag(self, tag: str) -> None:
        self._within = ""


def active(page: str) -> list[str]:
    """Return what of a student's runs, or calls somebody, in a page."""
    parser = _Active()
    parser.feed(page)
    return parser.found


def _acting(text: str) -> bool:
    return any(not each.isprintable() and each not in "\n\t" for each in text)


def formulas(table: str) -> list[str]:
    """Return the fields of a table that a spreadsheet would compute."""
    fields = [field for row in csv.reader(table.splitlines()) for field in row]
    return [each for each in fields if each[:1] in ("=", "+", "-", "@", "\t") and not _is_number(each)]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def marks(*folders: Path) -> list[str]:
    """Return the names of files that attacks left, and of those they wrote to."""
    found = []
    for folder in folders:
        for where, inner, names in os.walk(folder):
            found += [f"{where}/{name}" for name in (*names, *inner) if "mark-" in name]
    shallow = [f"{place}/{name}" for place in ("/tmp", "/dev/shm", "/var/tmp") for name in os.listdir(place)]
    return found + [path for path in shallow if "mark-" in os.path.basename(path)]


def processes(*words: str) -> list[str]:
    """Return the command lines of processes that attacks left running."""
    found = []
    for number in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            command = Path("/proc", number, "cmdline").read_bytes().decode("utf-8", "replace")
            variables = Path("/proc", number, "environ").read_bytes().decode("utf-8", "replace")
            if int(number) != os.getpid() and ("mark-a" in command or any(word in variables for word in words)):
                found.append(f"{number} {command[-80:]!r}")
    return found


@contextlib.contextmanager
def peak(module: str) -> Iterator[list[int]]:
    """Take down the most memory (bytes) that a process below this one used which runs a module."""
    import psutil

    most, over = [0], threading.Event()

    def look() -> None:
        while not over.wait(0.3):
            with contextlib.suppress(psutil.Error):
                for each in psutil.Process().children(recursive=True):
                    with contextlib.suppress(psutil.Error):
                        if module in each.cmdline():
                            most[0] = max(most[0], each.memory_info().rss)

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield most
    finally:
        over.set()
        thread.join(5)


def wait_for_the_end(seconds: float) -> None:
    """Give whatever survived the time to do harm."""
    time.sleep(seconds)
