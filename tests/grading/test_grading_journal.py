import json
import os
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit.grading import journal as module
from coursekit.grading.graded import CellGrade, Graded
from coursekit.grading.journal import Entry, Journal


def entry(student="ada", key="k", work="w", **more):
    cells = (CellGrade("t", 1.0, 2.0, "judge", "wrong", 'no,\t\n\u2028 "graded":', {"status": "failed"}),)
    return Entry(key, {"t": "d"}, Graded(student, work, '{"cells": []}', cells, "none", answers={"a": "b"}, **more))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "private" / "a1.jsonl"


def test_what_is_appended_is_found_now_and_later(path):
    with Journal(path) as journal:
        assert journal.find("ada", "k") is None
        journal.append(entry())
        assert journal.find("ada", "k") == entry()
    with Journal(path) as journal:
        assert journal.find("ada", "k") == entry()
        assert journal.executed("ada", "w") == entry()
        for nothing in (journal.find("ada", "x"), journal.executed("ada", "x"), journal.find("ben", "k")):
            assert nothing is None


def test_the_last_line_of_a_student_counts(path):
    with Journal(path) as journal:
        journal.append(entry(key="old", seconds=3.0))
        journal.append(entry("ben", seconds=2.0))
        journal.append(entry(key="new", seconds=5.0))
        assert journal.find("ada", "old") is None
        assert journal.find("ada", "new") is not None
        assert journal.seconds == {"ada": 5.0, "ben": 2.0}


def test_every_line_is_json_and_only_its_owner_may_read_it(path):
    with Journal(path) as journal:
        journal.append(entry('a"graded":b,"graded":{}'))
        journal.append(entry())
    lines = path.read_text().split("\n")
    assert [json.loads(line)["graded"]["student"] for line in lines[:-1]] == ['a"graded":b,"graded":{}', "ada"]
    assert lines[-1] == ""
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@given(cut=st.integers(1, 400), junk=st.binary(max_size=30))
def test_a_torn_tail_is_cut_off_and_nothing_else(tmp_path_factory, cut, junk):
    path = tmp_path_factory.mktemp("torn") / "a1.jsonl"
    with Journal(path) as journal:
        journal.append(entry("ada"))
        first = path.stat().st_size
        journal.append(entry("ben"))
    data = path.read_bytes()
    path.write_bytes(data[: max(first, len(data) - cut)] + junk.replace(b"\n", b""))
    with Journal(path) as journal:
        assert journal.find("ada", "k") == entry("ada")
        assert journal.find("ben", "k") is None
        assert path.stat().st_size == first
        journal.append(entry("ben"))
        assert journal.find("ben", "k") == entry("ben")


@pytest.mark.parametrize("spoiled", [b"\0\0\0\n", b"{}\n", b'{"key":1,"graded":{}}\n', b"\n"])
def test_a_spoiled_line_spoils_no_other(path, spoiled):
    with Journal(path) as journal:
        journal.append(entry("ada"))
    path.write_bytes(spoiled + path.read_bytes() + spoiled)
    with Journal(path) as journal:
        journal.append(entry("ben"))
        assert journal.find("ada", "k") == entry("ada")
    with Journal(path) as journal:
        assert journal.find("ben", "k") == entry("ben")


def test_a_line_spoiled_behind_its_head_is_as_if_it_were_not_there(path):
    with Journal(path) as journal:
        journal.append(entry())
    path.write_bytes(path.read_bytes().replace(b'"cells":[{', b'"cells":[['))
    with Journal(path) as journal:
        assert journal.find("ada", "k") is None


def test_a_full_disk_leaves_nothing_of_the_line_that_did_not_fit(path, monkeypatch):
    real = os.write

    def full(file, data):
        real(file, bytes(data[:50]))
        raise OSError(28, "No space left on device")

    with Journal(path) as journal:
        journal.append(entry("ada"))
        before = path.read_bytes()
        with monkeypatch.context() as patch:
            patch.setattr(module.os, "write", full)
            with pytest.raises(OSError, match="No space left"):
                journal.append(entry("ben"))
        assert path.read_bytes() == before
        assert journal.find("ben", "k") is None
        journal.append(entry("ben"))
    with Journal(path) as journal:
        assert journal.find("ada", "k")
        assert journal.find("ben", "k")


def test_it_is_on_the_disk_before_it_counts(path, monkeypatch):
    synced = []
    monkeypatch.setattr(module.os, "fsync", lambda file: synced.append(path.read_bytes()))
    with Journal(path) as journal:
        journal.append(entry())
    assert synced == [entry().to_line()]


def test_what_nobody_asks_for_any_more_is_thrown_out(path, monkeypatch):
    monkeypatch.setattr(module, "_SLACK", 100)
    with Journal(path) as journal:
        for number in range(10):
            journal.append(entry(key=f"k{number}"))
        journal.append(entry("ben"))
    with Journal(path) as journal:
        assert journal.find("ada", "k9")
        assert journal.find("ben", "k")
        journal.append(entry("chloe"))
    assert path.read_bytes() == b"".join(e.to_line() for e in (entry(key="k9"), entry("ben"), entry("chloe")))
    assert [each.name for each in path.parent.iterdir()] == [path.name]
