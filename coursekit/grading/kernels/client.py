"""Talking to a kernel that may be hostile: what it sends is bounded before it reaches our memory."""

from __future__ import annotations

import json
import time
from queue import Empty
from typing import Any, cast

import psutil
import zmq
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.channels import ZMQSocketChannel
from jupyter_client.session import Session
from traitlets import Type

MIB = 2**20

OUTPUT_BYTES = 32 * MIB
"""Longest message with output; a longer one ends the connection."""

_OPTIONS = {
    zmq.RCVHWM: 4,  # messages that may wait in our memory; more wait in the kernel's
    # A kernel that closed a socket shall not put another in its place. That is not -1, with which ZeroMQ aborts our
    # process if a connection ends while a message of many parts is read.
    zmq.RECONNECT_IVL: 10**8,  # ms, a day
    zmq.SNDTIMEO: 5000,  # ms; to a dead kernel nothing can be sent
}
"""Of each socket."""

_VALUES = 1_000_000
"""Values in one message: as Python objects they take up to a hundred times their bytes."""

_GROWTH_BYTES = 512 * MIB
"""How much this process may grow while it waits for a kernel: a message in endless parts passes every other limit."""

_LOOK_SECONDS = 0.05


class Malformed(ValueError):
    """A kernel sent something that is not a Jupyter message, or is forged, or has too many values."""


class Flooded(Exception):
    """A kernel sends more than we are willing to hold; end it."""


class Channel(ZMQSocketChannel):
    """A channel that waits with one eye on our own memory."""

    @property
    def _client(self) -> Client:
        client: Any = self.session.parent
        return cast(Client, client)

    def get_msg(self, timeout: float | None = None) -> dict[str, Any]:
        """Return the next message.

        Raises:
            queue.Empty: if there was none within ``timeout`` seconds.
            Malformed: if what came is no message.
            Flooded: if this process grew too much meanwhile.
        """
        assert self.socket is not None
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            seconds = _LOOK_SECONDS if deadline is None else min(_LOOK_SECONDS, max(0.0, deadline - time.monotonic()))
            self._client.look()
            if self.socket.poll(int(seconds * 1000 + 0.999)):
                return self._recv()
            if deadline is not None and time.monotonic() >= deadline:
                raise Empty

    def _recv(self, **kwargs: Any) -> dict[str, Any]:
        try:
            return super()._recv(**kwargs)
        except (ValueError, TypeError, LookupError, RecursionError) as error:
            raise Malformed(f"not a message of a kernel: {type(error).__name__}") from error


class Client(BlockingKernelClient):
    """A blocking client over ipc sockets: no heartbeat, no event loop, nothing waited for that need not be."""

    shell_channel_class = Type(Channel)
    iopub_channel_class = Type(Channel)
    stdin_channel_class = Type(Channel)
    control_channel_class = Type(Channel)

    def __init__(self, connection: dict[str, Any], answer_bytes: int) -> None:
        """Connect to a kernel.

        Args:
            connection: what a connection file holds.
            answer_bytes: longest reply to accept.
        """
        super().__init__(context=zmq.Context(), session=Session(parent=self, unpack=_unpack))
        self._answer_bytes = answer_bytes
        self._process = psutil.Process()
        self._before = self._process.memory_info().rss
        self._looked = time.monotonic()
        self.load_connection_info(cast(Any, connection))
        self.start_channels(hb=False)
        self.allow_stdin = False

    def look(self) -> None:
        """Notice a flood, at most every few hundredths of a second.

        Raises:
            Flooded: if this process grew too much since the kernel started.
        """
        now = time.monotonic()
        if now - self._looked >= _LOOK_SECONDS:
            self._looked = now
            if self._process.memory_info().rss - self._before > _GROWTH_BYTES:
                raise Flooded(f"a kernel filled {_GROWTH_BYTES // MIB} MiB of the grader's memory")

    def await_ready(self, seconds: float) -> None:
        """Wait until the kernel answers, and its output arrives here.

        Raises:
            TimeoutError: if that takes longer.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            request = self.kernel_info()
            try:
                self._await(self.shell_channel, request, "kernel_info_reply", deadline - time.monotonic())
                return self._await(self.iopub_channel, request, "idle", 0.05)
            except Empty:
                continue  # output was not connected yet when it answered
        raise TimeoutError(f"a kernel did not answer within {seconds:g} s")

    # The base class runs an event loop for each message.
    def get_shell_msg(self, timeout: float | None = None) -> dict[str, Any]:
        """Return the next reply, as `Channel.get_msg`."""
        return cast(Channel, self.shell_channel).get_msg(timeout)

    def get_iopub_msg(self, timeout: float | None = None) -> dict[str, Any]:
        """Return the next output, as `Channel.get_msg`."""
        return cast(Channel, self.iopub_channel).get_msg(timeout)

    def get_stdin_msg(self, timeout: float | None = None) -> dict[str, Any]:
        """Return the next question, as `Channel.get_msg`."""
        return cast(Channel, self.stdin_channel).get_msg(timeout)

    def get_control_msg(self, timeout: float | None = None) -> dict[str, Any]:
        """Return the next reply on the control channel, as `Channel.get_msg`."""
        return cast(Channel, self.control_channel).get_msg(timeout)

    def stop_channels(self) -> None:
        """Let go of the kernel and of every resource."""
        super().stop_channels()
        self.context.destroy(linger=0)

    # Called for each socket before it connects: the context's options are those of its next socket.
    def connect_shell(self, identity: bytes | None = None) -> Any:
        """Connect, with room for long answers."""
        return self._bounded(self._answer_bytes, super().connect_shell, identity)

    def connect_control(self, identity: bytes | None = None) -> Any:
        """Connect."""
        found = self._bounded(MIB, super().connect_control, identity)
        found.setsockopt(zmq.SNDTIMEO, 0)
        return found

    def connect_stdin(self, identity: bytes | None = None) -> Any:
        """Connect."""
        return self._bounded(MIB, super().connect_stdin, identity)

    def connect_iopub(self, identity: bytes | None = None) -> Any:
        """Connect, with room for pictures."""
        return self._bounded(OUTPUT_BYTES, super().connect_iopub, identity)

    def _bounded(self, size: int, connect: Any, identity: bytes | None) -> Any:
        for option, value in {**_OPTIONS, zmq.MAXMSGSIZE: size}.items():
            self.context.setsockopt(option, value)
        return connect(identity)

    @staticmethod
    def _await(channel: Channel, request: str, what: str, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while True:
            message = channel.get_msg(timeout=max(0.0, deadline - time.monotonic()))
            said = message["content"].get("execution_state", message["msg_type"])
            if said == what and message["parent_header"].get("msg_id") == request:
                return


def _unpack(text: bytes) -> Any:
    if sum(map(text.count, (b",", b"[", b"{"))) > _VALUES:
        raise ValueError("too many values")
    return json.loads(text)
