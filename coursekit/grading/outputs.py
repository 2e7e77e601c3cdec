"""What a cell writes, kept in a notebook's form while it streams in: bounded, valid whatever the kernel sends."""

from __future__ import annotations

import ast
import contextlib
import json
import re
from collections.abc import Mapping
from typing import Any

Output = dict[str, Any]
"""One output of a cell, as nbformat stores it."""

OVERHEAD = 128
"""Bytes that an output counts for beside its text: many tiny ones fill a notebook, too."""

RESERVE = 128 * 1024
"""Kept beyond the limit for what decides about points: errors, and a last value that is a number."""

_SHORT = 1000
_EVALUE = 4000
_TRACEBACK = 32 * 1024
_DEPTH = 32
_STREAM = re.compile(rb'\{\s*"name":\s*"(\w+)",\s*"text":\s*"')
_ESCAPE = 6  # letters of the longest escape in JSON, such as \u00e9
_LITERAL = re.compile(r"'(?:[^'\\]|\\.)*+'|\"(?:[^\"\\]|\\.)*+\"", re.DOTALL)
_JSON_TYPE = re.compile(r"application/(.*\+)?json")


class Outputs:
    """Collects the outputs of one cell.

    Text and displays are kept up to a limit, and a line says where they were cut. Errors are shortened, not dropped,
    and so is a value that is too large: nbgrader's score of the cell hangs on them.

    Args:
        limit: how many bytes are kept.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._clear()

    def _clear(self) -> None:
        self._kept: list[Output] = []
        self._displays: dict[str, list[Output]] = {}
        self._room, self._reserve = self._limit, RESERVE
        self._cut = self._clear_first = False

    def take(self, kind: str, data: bytes) -> None:
        """Take a message of the kernel as it came; of one that is far too large, its beginning or nothing.

        Args:
            kind: the message's type, such as ``"stream"``.
            data: its content, as JSON.
        """
        if kind not in _TAKERS and kind != "clear_output":
            return
        try:
            self.add(kind, read(data, 4 * self._limit + RESERVE, stream=kind == "stream"))
        except ValueError:
            self._cut = True

    def add(self, kind: str, content: Any) -> None:
        """Take a message; one that is no output, or malformed, is passed over.

        Args:
            kind: the message's type, such as ``"stream"``.
            content: what it says, not trusted.
        """
        if not isinstance(content, dict):
            return
        if kind == "clear_output":
            if content.get("wait"):
                self._clear_first = True
            else:
                self._clear()
            return
        take = _TAKERS.get(kind)
        if take is None:
            return
        if self._clear_first:
            self._clear()
        take(self, content)

    def fail(self, name: str, sentence: str) -> None:
        """Add an error of the grader's own."""
        self._kept.append(error_output(name, sentence))

    @property
    def errors(self) -> frozenset[str]:
        """The names of the errors among the outputs."""
        return frozenset(each["ename"] for each in self._kept if each["output_type"] == "error")

    def finished(self) -> list[Output]:
        """Return the outputs as a notebook holds them."""
        kept = [
            {**each, "text": "".join(each["text"])} if each["output_type"] == "stream" else each for each in self._kept
        ]
        if self._cut:
            place = next((i for i, each in enumerate(kept) if each["output_type"] == "error"), len(kept))
            note = f"\n[the output was cut here: more than {self._limit:,} bytes]\n"
            kept.insert(place, {"output_type": "stream", "name": "stdout", "text": note})
        return kept

    def _stream(self, content: Mapping[str, Any]) -> None:
        name = "stderr" if content.get("name") == "stderr" else "stdout"
        text = _clean(content.get("text"))
        last = self._kept[-1] if self._kept else None
        joins = last is not None and last.get("name") == name and last["output_type"] == "stream"
        room = max(0, self._room - (0 if joins else OVERHEAD))
        data = text.encode()
        if len(data) > room:
            self._cut, self._room = True, 0
            data = data[:room]
            text = data.decode(errors="ignore")
        if not text:
            return
        self._room -= len(data) + (0 if joins else OVERHEAD)
        if joins and last is not None:
            last["text"].append(text)
        else:
            self._kept.append({"output_type": "stream", "name": name, "text": [text]})

    def _display(self, content: Mapping[str, Any]) -> None:
        output = {"output_type": "display_data", **_bundle(content)}
        if self._fits(output):
            self._keep(output, content)

    def _result(self, content: Mapping[str, Any]) -> None:
        count = content.get("execution_count")
        output = {
            "output_type": "execute_result",
            "execution_count": count if type(count) is int and count >= 0 else None,
            **_bundle(content),
        }
        if self._fits(output):
            self._keep(output, content)
            return
        text = output["data"].get("text/plain", "")
        output |= {"data": {"text/plain": "".join(text)[:_SHORT]}, "metadata": {}}
        if self._reserved(output):
            self._keep(output, content)

    def _update(self, content: Mapping[str, Any]) -> None:
        """Replace what was displayed under an id; the new takes the place, and the room, of the old."""
        shown = self._displays.get(_display_id(content), [])
        fresh = _bundle(content)
        for output in shown:
            freed = _size(output)
            if _size({**output, **fresh}) <= self._room + freed:
                output.update(fresh)
                self._room += freed - _size(output)
            else:
                self._cut = True

    def _error(self, content: Mapping[str, Any]) -> None:
        lines = content.get("traceback")
        output = error_output(
            _clean(content.get("ename"))[:_SHORT] or "Error",
            _clean(content.get("evalue"))[:_EVALUE],
            [_clean(line) for line in lines] if isinstance(lines, list) else [],
        )
        if self._reserved(output):
            self._kept.append(output)

    def _keep(self, output: Output, content: Mapping[str, Any]) -> None:
        self._kept.append(output)
        if name := _display_id(content):
            self._displays.setdefault(name, []).append(output)

    def _fits(self, output: Output) -> bool:
        size = _size(output)
        if size > self._room:
            self._cut = True
            return False
        self._room -= size
        return True

    def _reserved(self, output: Output) -> bool:
        size = _size(output)
        if size > self._reserve:
            self._cut = True
            return False
        self._reserve -= size
        return True


_TAKERS = {
    "stream": Outputs._stream,
    "display_data": Outputs._display,
    "execute_result": Outputs._result,
    "update_display_data": Outputs._update,
    "error": Outputs._error,
}


def error_output(name: str, sentence: str, traceback: list[str] | None = None) -> Output:
    """Return an error as a notebook holds it; of a traceback that is too long, its end."""
    lines = traceback or [f"{name}: {sentence}"]
    kept: list[str] = []
    room = _TRACEBACK
    for line in reversed(lines):
        if len(line) > room:
            kept.append(f"[…]{line[len(line) - room :]}" if not kept else "[…]")
            break
        room -= len(line) + 1
        kept.append(line)
    return {"output_type": "error", "ename": name, "evalue": sentence, "traceback": kept[::-1]}


def read(data: bytes, limit: int, stream: bool = False) -> Any:
    """Read the JSON of a message; its NaN and infinities, which no notebook may hold, become null.

    Args:
        data: what the kernel sent.
        limit: bytes above which nothing is read.
        stream: whether it is a stream's, of which the beginning is read then.

    Raises:
        ValueError: if it is no JSON, or too large.
    """
    if len(data) > limit:
        head = _STREAM.match(data) if stream else None
        if head is None:
            raise ValueError(f"it is larger than {limit:,} bytes")
        return {"name": head[1].decode(), "text": _beginning(data[head.end() : head.end() + limit])}
    try:
        return json.loads(data, parse_constant=lambda name: None)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def literal(text: str) -> str | None:
    """Return the string of which a text is the representation; None if it is that of something else."""
    if text[:1] in ("'", '"') and text.find(text[0], 1) == len(text) - 1 and "\\" not in text:
        return text[1:-1]
    # Nothing but a plain literal is given to `ast`: a few megabytes of brackets would cost it gigabytes.
    with contextlib.suppress(ValueError, SyntaxError):
        if _LITERAL.fullmatch(text):
            return str(ast.literal_eval(text))
    return None


def _beginning(data: bytes) -> str:
    """Return what can be read of a JSON string that was cut off, maybe within an escape; ``""`` if it is none."""
    text = data.decode(errors="ignore")
    for missing in range(_ESCAPE):
        with contextlib.suppress(ValueError):
            return str(json.JSONDecoder().raw_decode(f'"{text[: len(text) - missing]}"')[0])
    return ""


def _bundle(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return a display's data and metadata, of the types that a notebook allows."""
    data = content.get("data")
    data = data if isinstance(data, dict) else {}
    metadata = content.get("metadata")
    valid = {kind: value for kind, value in data.items() if _is_json(kind, value) or _is_text(value)}
    kept = metadata if isinstance(metadata, dict) and _is_shallow(metadata, _DEPTH) else {}
    return _encodable({"data": valid, "metadata": kept})


def _is_json(kind: str, value: Any) -> bool:
    return _JSON_TYPE.fullmatch(kind) is not None and _is_shallow(value, _DEPTH)


def _is_shallow(value: Any, depth: int) -> bool:
    """Say whether all who read the notebook later can walk through a value."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return depth > 0 and all(_is_shallow(each, depth - 1) for each in inner)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(line, str) for line in value))


def _display_id(content: Mapping[str, Any]) -> str:
    transient = content.get("transient")
    name = transient.get("display_id") if isinstance(transient, dict) else None
    return name if isinstance(name, str) else ""


def _size(output: Output) -> int:
    return OVERHEAD + len(json.dumps(output, ensure_ascii=False).encode())


def _clean(text: Any) -> str:
    """Return a text that can be written to a file: lone surrogates, which UTF-8 has no bytes for, become ``?``."""
    return text.encode("utf-8", "replace").decode() if isinstance(text, str) else ""


def _encodable(bundle: dict[str, Any]) -> dict[str, Any]:
    text = json.dumps(bundle, ensure_ascii=False)
    cleaned = _clean(text)
    return bundle if cleaned == text else json.loads(cleaned)
