"""Outputs of cells: bounded while they come in, valid in a notebook, whatever the kernel says."""

import json
import string
import tracemalloc

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursekit.grading.outputs import OVERHEAD, RESERVE, Outputs, _beginning, error_output, read

LIMIT = 2000


def outputs(*messages, limit=LIMIT):
    taken = Outputs(limit)
    for kind, content in messages:
        taken.take(kind, json.dumps(content).encode())
    return taken.finished()


def stream(text, name="stdout"):
    return "stream", {"name": name, "text": text}


def result(text, **data):
    content = {"data": {"text/plain": text, **data}, "metadata": {}, "execution_count": 3}
    return "execute_result", content


def display(text, display_id=None):
    return "display_data", {"data": {"text/plain": text}, "metadata": {}, "transient": {"display_id": display_id}}


def failure(name="ValueError", value="no", traceback=("line",)):
    return "error", {"ename": name, "evalue": value, "traceback": list(traceback)}


def size(found):
    return len(json.dumps(found, ensure_ascii=False).encode("utf-8", "replace"))


def is_valid(found):
    cell = nbformat.v4.new_code_cell(outputs=nbformat.from_dict(found))
    nbformat.validate(nbformat.v4.new_notebook(cells=[cell]))
    nbformat.writes(nbformat.v4.new_notebook(cells=[cell])).encode()
    return True


def test_what_a_kernel_sends_is_what_a_notebook_holds():
    found = outputs(stream("a"), stream("b\n"), stream("!", "stderr"), display("pic"), result("2"), failure())
    assert found == [
        {"output_type": "stream", "name": "stdout", "text": "ab\n"},
        {"output_type": "stream", "name": "stderr", "text": "!"},
        {"output_type": "display_data", "data": {"text/plain": "pic"}, "metadata": {}},
        {"output_type": "execute_result", "execution_count": 3, "data": {"text/plain": "2"}, "metadata": {}},
        {"output_type": "error", "ename": "ValueError", "evalue": "no", "traceback": ["line"]},
    ]
    assert is_valid(found)


@pytest.mark.parametrize(
    "messages",
    [
        [stream("x" * 10**6)],
        [stream("x" * 10**7)],
        [stream("x\n")] * 5000,
        [stream("é" * 10**6)],
        [stream("x", "stdout"), stream("y", "stderr")] * 3000,
        [display("y" * 10**6)],
        [display("")] * 5000,
        [result("1", **{"text/html": "z" * 10**6})],
    ],
    ids=["a line", "a longer line", "many", "not ASCII", "in turns", "a picture", "many pictures", "a table"],
)
def test_output_is_cut_in_bytes(messages):
    found = outputs(*messages)
    assert size(found) < 2 * LIMIT + 500
    assert is_valid(found)
    assert "the output was cut here" in found[-1]["text"]


def test_the_beginning_of_an_endless_line_is_kept():
    limit = 4 * LIMIT + RESERVE
    for text in ("a" * 10**6, 'b\\"\n\t' * 10**6, "\u2028é" * 10**6, "\U0001f600" * 10**6):
        assert len(json.dumps(text)) > limit
        (kept, note) = outputs(stream(text))
        assert text.startswith(kept["text"])
        assert LIMIT - OVERHEAD - 4 <= len(kept["text"].encode()) <= LIMIT
        assert "cut here" in note["text"]


def test_the_beginning_of_an_endless_line_is_kept_wherever_it_is_cut():
    text = json.dumps('\\"\n\u2028\U0001f600é' * 100)[1:-1].encode()
    for length in range(1, 80):
        kept = _beginning(text[:length])
        assert json.dumps(kept)[1:-1].encode() == text[: len(json.dumps(kept)) - 2]
        assert length - 6 < len(json.dumps(kept)) - 2 <= length
    assert _beginning(b'what "follows" does not count') == "what "
    assert _beginning(b"no \x01 string" + b" " * 20) == ""


def test_what_decides_about_points_survives_a_flood():
    found = outputs(stream("x" * 5000), result("0.5"), failure("AssertionError", "v" * 10**4, ["t" * 10**4] * 10))
    assert [each["output_type"] for each in found] == ["stream", "execute_result", "stream", "error"]
    assert found[1]["data"] == {"text/plain": "0.5"}
    assert found[-1]["ename"] == "AssertionError"
    assert len(found[-1]["evalue"]) == 4000
    assert found[-1]["traceback"][-1].endswith("t" * 1000)
    assert size(found) < LIMIT + 60_000


def test_many_errors_do_not_fill_a_notebook():
    found = outputs(*[failure("Error", "v" * 4000)] * 1000)
    assert size(found) < RESERVE + LIMIT
    assert found[-1]["output_type"] == "error"


def test_clearing_begins_anew_at_once_or_before_the_next():
    assert outputs(stream("x" * 5000), ("clear_output", {"wait": False})) == []
    waiting = [stream("old"), ("clear_output", {"wait": True})]
    assert [each["text"] for each in outputs(*waiting)] == ["old"]
    assert [each["text"] for each in outputs(*waiting, stream("new"), stream("er"))] == ["newer"]


def test_a_display_is_replaced_under_its_id():
    fresh = ("update_display_data", {"data": {"text/plain": "2"}, "metadata": {}, "transient": {"display_id": "a"}})
    found = outputs(display("1", "a"), display("1", "b"), fresh)
    assert [each["data"]["text/plain"] for each in found] == ["2", "1"]
    many = [("update_display_data", {**fresh[1], "data": {"text/plain": f"{i}" * 500}}) for i in range(10)]
    assert [each["data"]["text/plain"] for each in outputs(display("1", "a"), *many)] == ["9" * 500]
    large = ("update_display_data", {**fresh[1], "data": {"text/plain": "x" * 5000}})
    assert outputs(display("1", "a"), large)[0]["data"] == {"text/plain": "1"}


def test_a_number_is_a_number_and_text_can_be_written():
    strange = {"application/json": [float("nan")], "text/plain": "\ud800", "image/png": 5, "text/html": ["a", "b"]}
    (found,) = outputs(("display_data", {"data": strange, "metadata": {"\udcff": float("inf")}}))
    assert found["data"] == {"application/json": [None], "text/plain": "?", "text/html": ["a", "b"]}
    assert found["metadata"] == {"?": None}
    assert is_valid([found])


def test_nothing_too_deep_for_its_readers_is_kept():
    deep = json.loads("[" * 200 + "]" * 200)
    (found,) = outputs(
        ("display_data", {"data": {"application/json": deep, "text/plain": "x"}, "metadata": {"a": deep}})
    )
    assert (found["data"], found["metadata"]) == ({"text/plain": "x"}, {})
    taken = Outputs(LIMIT)
    taken.take("display_data", b'{"data": ' + b"[" * 10**5)
    assert [each["output_type"] for each in taken.finished()] == ["stream"]


@pytest.mark.parametrize("data", [b"", b"[]", b"null", b"7", b"\xff\xfe", b"{}", b'{"data": 1}', b'{"text": 5}', b"{"])
def test_malformed_messages_are_passed_over(data):
    taken = Outputs(LIMIT)
    for kind in (
        "stream",
        "display_data",
        "execute_result",
        "error",
        "update_display_data",
        "clear_output",
        "comm_msg",
    ):
        taken.take(kind, data)
    assert is_valid(taken.finished())


def test_reading_has_a_limit_and_errors_of_one_kind():
    assert read(b'{"a": NaN, "b": -Infinity}', 100) == {"a": None, "b": None}
    for data, limit in ((b"[" * 10**5, 10**6), (b"x", 10), (b"[1, 2]", 3), (b'{"name": "stdout", "text": "abc"}', 3)):
        with pytest.raises(ValueError, match=r".+"):
            read(data, limit)
    assert read(b'{"name": "stdout", "text": "abcdef"}', 3, stream=True) == {"name": "stdout", "text": "abc"}


def test_the_end_of_a_long_traceback_is_kept():
    found = error_output("E", "v", [f"line {i} " + "x" * 1000 for i in range(100)])["traceback"]
    assert found[-1].startswith("line 99")
    assert found[0] == "[…]"
    assert sum(map(len, found)) < 40_000
    assert error_output("E", "v", ["a" * 10**6])["traceback"][0].endswith("aaa")
    assert error_output("E", "why")["traceback"] == ["E: why"]


def test_a_flood_needs_no_memory():
    message = json.dumps({"name": "stdout", "text": "x" * 10_000}).encode()
    tracemalloc.start()
    taken = Outputs(10_000)
    for _ in range(2000):
        taken.take("stream", message)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 500_000
    assert size(taken.finished()) < 12_000


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(string.printable + "\ud800é", max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ("name", "text", "data", "metadata", "ename", "evalue", "traceback", "transient", "display_id", "wait")
TYPES = st.sampled_from(["text/plain", "text/html", "application/json", "image/png", "application/x+json"])
CONTENTS = JSON | st.dictionaries(
    st.sampled_from([*FIELDS, "execution_count"]), JSON | st.dictionaries(TYPES, JSON, max_size=3), max_size=5
)
KINDS = st.sampled_from(
    ["stream", "display_data", "execute_result", "error", "update_display_data", "clear_output", "status"]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(KINDS, CONTENTS), max_size=8))
def test_whatever_comes_the_notebook_is_valid_and_bounded(messages):
    found = outputs(*messages, limit=300)
    assert is_valid(found)
    assert size(found) < 300 * 6 + RESERVE + 500
