"""Talking to a kernel that may lie, flood, hang or die: every wait has a deadline, every answer a size.

Messages count only if they answer the request under way, whose id cannot be guessed beforehand. Code that runs knows
the id of the request that runs it: it can forge what comes of *that* one, which is why a kernel's own word is trusted
no further than `coursekit.grading.graded.Trust` says.
"""

from __future__ import annotations

import math
import secrets
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import zmq

from coursekit.grading.graded import Cause
from coursekit.grading.kernels import Flooded
from coursekit.grading.limits import MIB, Limits
from coursekit.grading.outputs import Output, Outputs, literal, read
from coursekit.grading.plaintext import line

FLOOD = 64
"""A cell that writes this many times what is kept of it is interrupted."""

ERROR_NAMES: dict[Cause, str] = {
    "time": "CellTimeoutError",
    "output": "OutputLimitError",
    "memory": "MemoryLimitError",
    "died": "DeadKernelError",
    "malformed": "ReplyError",
    "error": "StdinNotImplementedError",
}
"""What the grader's own errors are called among a cell's outputs."""

_GRACE = 5.0  # seconds that an interrupted kernel has to come back before it is killed
_LAST_WORDS = 4.0  # seconds to wait for outputs after the reply to a request
_POLL = 0.05  # seconds between two looks at whether the kernel lives
_OVERHEAD = 256  # bytes that a message counts for beside its frames
_FRAME = 64  # bytes that a frame counts for at least
_REPLY_BYTES = 16 * MIB  # of the reply to a cell, which holds its error
_ANSWER = "coursekit"
_KILLED = (-signal.SIGKILL, 128 + signal.SIGKILL) if hasattr(signal, "SIGKILL") else ()


class Kernel(Protocol):
    """A running kernel, see `coursekit.grading.kernels`."""

    @property
    def pid(self) -> int:
        """Its process, or the one that waits for it outside of its box."""

    @property
    def client(self) -> Any:
        """A connected blocking client of jupyter_client's."""

    def alive(self) -> bool:
        """Say whether the kernel's process runs."""

    def exit_status(self) -> int | None:
        """Return how it ended; a signal's number is negative."""

    def interrupt(self) -> None:
        """Ask it to stop what it is doing; does not wait."""

    def kill(self) -> None:
        """End it."""


class Watch(Protocol):
    """What watches over a kernel, see `coursekit.grading.sandbox.Watchdog`."""

    reason: Any
    """``"memory"`` or ``"processes"`` once it has ended the kernel, else ``""``."""

    sentence: str
    """The same for people."""


@dataclass(frozen=True)
class Ran:
    """What came of running a cell.

    Attributes:
        outputs: as a notebook holds them; an error among them if `cause` is not ``""``.
        cause: ``""``, or "error", "time", "output", "memory", "died", "malformed".
        sentence: the same for the student.
        seconds: how long it took.
        error: the name of the error that ended it, or ``""``.
        count: the number that the kernel gave it.
    """

    outputs: list[Output]
    cause: Cause
    sentence: str
    seconds: float
    error: str = ""
    count: int | None = None


class SessionError(Exception):
    """The kernel did not answer as asked. `cause` is "time", "output", "error", "memory", "died" or "malformed"."""

    def __init__(self, cause: Cause, sentence: str) -> None:
        self.cause: Cause = cause
        self.sentence = sentence
        super().__init__(sentence)


class Session:
    """Runs cells in a kernel and asks it for values. Not for use by several threads.

    Args:
        kernel: is used, not ended, except that it is killed if it cannot be interrupted.
        limits: of its outputs and answers.
        watch: ends the kernel where it uses too much, and says why.
    """

    def __init__(self, kernel: Kernel, limits: Limits, watch: Watch | None = None) -> None:
        self._kernel = kernel
        self._watch = watch
        self._limits = limits
        self._gone = False
        client = self._client = kernel.client
        self._messages = client.session
        self._shell, self._iopub, self._stdin = (
            channel.socket for channel in (client.shell_channel, client.iopub_channel, client.stdin_channel)
        )
        # A message that is too large for its socket ends the connection: nobody would hear of it otherwise.
        self._cuts = self._iopub.get_monitor_socket(zmq.EVENT_DISCONNECTED)
        self._poller = zmq.Poller()
        for socket in (self._shell, self._iopub, self._stdin, self._cuts):
            self._poller.register(socket, zmq.POLLIN)

    @property
    def alive(self) -> bool:
        """Whether the kernel can be asked for anything more."""
        return not self._gone and self._kernel.alive()

    def run(self, code: str, seconds: float, output_bytes: int | None = None) -> Ran:
        """Run a cell; never raises for what the kernel does.

        Args:
            code: the cell.
            seconds: after which it is interrupted, and killed if that does not help.
            output_bytes: kept of what it writes; `Limits.output_bytes` if left out.
        """
        began = time.monotonic()
        kept = output_bytes or self._limits.output_bytes
        outputs = Outputs(kept)
        reply = self._request({"code": code}, seconds, _Wait(outputs.take, FLOOD * kept, _REPLY_BYTES))
        content, cause, sentence, name = reply.content, reply.cause, reply.sentence, ""
        if cause:
            name = ERROR_NAMES[cause]
            outputs.fail(name, sentence)
        elif content.get("status") != "ok":
            name = str(content.get("ename") or "Error")
            if name not in outputs.errors:  # never shown, as nbgrader puts it right, or forged
                outputs.add("error", {**content, "ename": name})
            said = line(f"{name}: {content.get('evalue') or ''}"[:1000])
            cause, sentence = "error", said[:300].rstrip(": ") or "an error without a name"
        count = content.get("execution_count")
        count = count if type(count) is int and count >= 0 else None
        return Ran(outputs.finished(), cause, sentence, time.monotonic() - began, name, count)

    def evaluate(self, code: str, expression: str, seconds: float) -> str:
        """Run code unseen, without history, and return the value of an expression: the judge's channel.

        Args:
            code: prepares it; what it prints is dropped.
            expression: must give a ``str``.
            seconds: for both together.

        Raises:
            SessionError: if time was over, the kernel flooded its output, asked for input or died, or what came is no
                string, or one that is far larger than `Limits.answer_bytes`. The kernel lives on where it could be
                interrupted.
        """
        request = {"code": code, "silent": True, "store_history": False, "user_expressions": {_ANSWER: expression}}
        wait = _Wait(_nowhere, FLOOD * self._limits.output_bytes, 2 * self._limits.answer_bytes)
        reply = self._request(request, seconds, wait)
        if reply.cause:
            raise SessionError(reply.cause, reply.sentence)
        content = reply.content
        if content.get("status") == "ok":
            answers = content.get("user_expressions")
            answer = answers.get(_ANSWER) if isinstance(answers, dict) else None
            content = answer if isinstance(answer, dict) else {}
        if content.get("status") != "ok":
            reason = line(f"{content.get('ename')}: {content.get('evalue')}"[:300])
            raise SessionError("malformed", f"the kernel could not answer: {reason}")
        return _string(content)

    def _request(self, content: dict[str, Any], seconds: float, wait: _Wait) -> _Reply:
        """Send a request and wait for its end; interrupt, then kill, what does not come to one."""
        if not self.alive:
            return self._dead()
        complete = {"silent": False, "store_history": True, "user_expressions": {}, **content}
        message = self._messages.msg("execute_request", {**complete, "allow_stdin": False, "stop_on_error": False})
        wait.name = message["msg_id"] = message["header"]["msg_id"] = secrets.token_hex(16)
        try:
            self._messages.send(self._shell, message)
        except zmq.Again:  # the client waits a few seconds for it to leave: nobody reads
            self._kernel.kill()
            return self._dead()
        reply = self._wait(wait, seconds)
        if reply.cause not in ("time", "output", "error"):
            return reply
        if wait.reply is None:
            self._kernel.interrupt()
            wait.to_the_end()
            ended = self._wait(wait, _GRACE)
            if ended.cause in ("died", "memory") and wait.cut:
                return ended  # that is what cut the connection
        if wait.reply is not None and ((wait.idle and not wait.cut) or self._reconnected()):
            return reply  # what is still on its way would count as the next cell's, unless the connection is new
        self._kernel.kill()
        self._gone = True
        return _Reply({}, reply.cause, f"{reply.sentence}, and could not be interrupted")

    def _wait(self, wait: _Wait, seconds: float) -> _Reply:
        """Read messages until the request has ended, must be stopped, has used up its time, or the kernel is dead."""
        now = looked = time.monotonic()
        deadline = now + seconds
        while True:
            if ended := wait.ended(now):
                return ended
            if now > deadline:
                return _Reply({}, "time", f"this cell ran for more than {seconds:.3g} s")
            ready = dict(self._poller.poll(int(1000 * _POLL)))
            for socket in ready:
                self._read(socket, wait)
            now = time.monotonic()
            if not ready or now > looked + _POLL:
                looked = now
                if not self.alive and not self._read(self._iopub, wait) and not self._read(self._shell, wait):
                    return wait.reply or self._dead()
                wait.cut |= wait.cutting
                self._look(wait)

    def _look(self, wait: _Wait) -> None:
        """End a kernel that fills our memory in a way that no limit of a socket stops."""
        try:
            self._client.look()
        except Flooded:
            self._kernel.kill()
            wait.cut = True

    def _reconnected(self) -> bool:
        """Connect to the kernel's output again; say whether that worked."""
        where = self._iopub.getsockopt(zmq.LAST_ENDPOINT)
        try:
            self._iopub.disconnect(where)
            self._iopub.connect(where)
            self._client.await_ready(_GRACE)
        except (zmq.ZMQError, TimeoutError, Flooded, ValueError):
            return False
        return True

    def _read(self, socket: Any, wait: _Wait) -> bool:
        """Read what lies ready, but not for long; say whether anything did."""
        until, found = time.monotonic() + _POLL, False
        while time.monotonic() < until or not found:
            try:
                frames = socket.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                break
            found = True
            if socket is self._cuts:
                wait.cutting = True
                continue
            wait.received += _OVERHEAD + sum(max(len(frame), _FRAME) for frame in frames)
            parent, kind, data = self._opened(frames)
            if parent != wait.name:
                continue
            if socket is self._iopub:
                wait.take(kind, data)
            elif socket is self._shell and kind == "execute_reply":
                wait.take_reply(data)
            wait.asked |= socket is self._stdin
        return found

    def _opened(self, frames: list[bytes]) -> tuple[str, str, bytes]:
        """Return what a message answers, its type and its content, unread; nothing for what is no message."""
        try:
            _, rest = self._messages.feed_identities(frames)
            message = self._messages.deserialize(rest, content=False)
            return str(message["parent_header"]["msg_id"]), str(message["msg_type"]), message["content"]
        except Exception:  # jupyter_client raises whatever hostile bytes lead it to
            return "", "", b""

    def _dead(self) -> _Reply:
        if self._gone:
            return _Reply({}, "died", "the kernel was gone after an earlier cell")
        self._gone = True
        if self._watch is not None and self._watch.reason:
            cause: Cause = "memory" if self._watch.reason == "memory" else "died"
            return _Reply({}, cause, f"the kernel was stopped in this cell: {self._watch.sentence}")
        status = self._kernel.exit_status()
        if status in _KILLED:
            return _Reply({}, "memory", "the kernel was killed in this cell: it most likely used too much memory")
        how = "the code ended the process" if status is None or status >= 0 else f"it crashed (signal {-status})"
        return _Reply({}, "died", f"the kernel died in this cell: {how}")


@dataclass(frozen=True)
class _Reply:
    """How a request ended: what the kernel replied, or why it did not."""

    content: dict[str, Any]
    cause: Cause = ""
    sentence: str = ""


class _Wait:
    """What came so far of one request.

    Attributes:
        name: of the request.
        received: bytes.
        asked: whether the kernel wanted input.
        cutting: whether the connection to its output ended.
        cut: whether that happened though it lives.
        reply: its reply, once there is one.
        idle: whether all has come that it wrote.

    Args:
        sink: takes the type and the content of every message but the reply and the kernel's state.
        flood: how many bytes may come.
        reply_bytes: how large the reply may be.
    """

    def __init__(self, sink: Callable[[str, bytes], None], flood: int, reply_bytes: int) -> None:
        self.name = ""
        self.received = 0
        self.asked = self.cutting = self.cut = False
        self.reply: _Reply | None = None
        self._sink = sink
        self._flood: float = flood
        self._reply_bytes = reply_bytes
        self.idle = False
        self._last_words = 0.0

    def to_the_end(self) -> None:
        """From now on nothing but the end is waited for, whatever comes before it."""
        self._flood = math.inf

    def take(self, kind: str, data: bytes) -> None:
        """Take a message from the channel of outputs."""
        if kind == "status":
            self.idle |= data.find(b'"idle"') >= 0
        else:
            self._sink(kind, data)

    def take_reply(self, data: bytes) -> None:
        """Take the reply."""
        try:
            content = read(data, self._reply_bytes)
        except ValueError as error:
            content, reason = None, str(error)[:100]
        else:
            reason = "it is no message"
        ok = isinstance(content, dict)
        self.reply = _Reply(content) if ok else _Reply({}, "malformed", f"the kernel's reply was not read: {reason}")

    def ended(self, now: float) -> _Reply | None:
        """Return the end if there is one: the reply and all output before it, or a reason to stop waiting."""
        if self.reply is not None:
            self._last_words = self._last_words or now + _LAST_WORDS
            if self.idle or now > self._last_words or (self.cut and self._flood == math.inf):
                return self.reply
        if self.cut and self._flood < math.inf:
            return _Reply({}, "output", "this cell wrote too much at once")
        if self.received > self._flood:
            return _Reply({}, "output", f"this cell wrote more than {self._flood / MIB:.3g} MiB")
        if self.asked and self._flood < math.inf:
            return _Reply({}, "error", "this cell asked for input, and nobody is there to answer")
        return None


def _nowhere(kind: str, data: bytes) -> None:
    """Drop a message."""


def _string(content: dict[str, Any]) -> str:
    """Return the string of which a kernel has sent the representation."""
    data = content.get("data")
    text = data.get("text/plain") if isinstance(data, dict) else None
    found = literal(text) if isinstance(text, str) else None
    if found is None:
        raise SessionError("malformed", "the kernel's answer is not a string")
    return found
