"""One line that says how far a loop is, where somebody is there to read it."""

import sys
import time
from typing import Self

WIDTH = 24
PAUSE = 0.25  # seconds between two updates: often enough to read, and too seldom to cost time


class Progress:
    """A line that is written over as work goes on; a ``with`` block that ends by leaving the last one.

    It goes to standard error in a terminal, to standard output in a notebook (where standard error is
    painted red), and nowhere else: a log file has no use for it.

    Args:
        total: steps of work.
        shown: False to keep quiet.
    """

    def __init__(self, total: int, shown: bool = True) -> None:
        notebook = type(sys.stdout).__module__.startswith("ipykernel.")
        self._stream = sys.stdout if notebook else sys.stderr
        self._shown = shown and (notebook or self._stream.isatty())
        self._total, self._done = total, 0
        self._start = time.monotonic()
        self._next = 0.0
        self._length = 0
        self._summary = ""

    def advance(self, text: str) -> None:
        """Note that one step is done."""
        self._done += 1
        now = time.monotonic()
        if self._shown and now >= self._next:
            self._next = now + PAUSE
            bar = "█" * (WIDTH * self._done // self._total)
            left = (now - self._start) * (self._total / self._done - 1)
            self._write(f"{bar:·<{WIDTH}} {text}  {left:.0f} s left")

    def say(self, summary: str) -> None:
        """Set what to leave when all is done, or interrupted."""
        self._summary = summary

    def _write(self, text: str) -> None:
        self._stream.write("\r" + text.ljust(self._length))  # blanks over what is left of a longer one
        self._stream.flush()
        self._length = len(text)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        if self._shown and self._summary:
            self._write(self._summary)
            self._stream.write("\n")
