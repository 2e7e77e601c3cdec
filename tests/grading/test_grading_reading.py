import json

import pytest

from coursekit.grading.reading import MAX_BYTES, UnreadableError, read_cells


@pytest.fixture
def file(tmp_path):
    def write(data):
        path = tmp_path / "a.ipynb"
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path

    return write


def test_a_notebook_gives_its_cells(file, tiny):
    cells = read_cells(file(tiny.text()))
    assert [cell.id for cell in cells] == ["title", *tiny.ids]
    assert cells[2].source == tiny.right["hinge"]
    assert cells[2].names == ("hinge", "hinge")
    assert cells[3].grading["points"] == 3


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_byte_order_marks_and_windows_line_ends_change_nothing(file, tiny, encoding):
    notebook = json.loads(tiny.text())
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"]).replace("\n", "\r\n")
    text = json.dumps(notebook, indent=1).replace("\n", "\r\n")
    assert read_cells(file(text.encode(encoding))) == read_cells(file(tiny.text()))


def test_an_old_format_is_converted(file):
    old = {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {},
        "worksheets": [{"cells": [{"cell_type": "code", "language": "python", "input": "x = 1", "outputs": []}]}],
    }
    assert [(cell.type, cell.source) for cell in read_cells(file(json.dumps(old)))] == [("code", "x = 1")]


def test_odd_cells_are_read_as_far_as_they_go(file):
    cells = [
        {"cell_type": "heading", "source": "Hi"},
        {"cell_type": "code", "source": ["a", "b"], "metadata": {"nbgrader": "?"}},
        {"cell_type": "code", "metadata": None, "id": 7},
        {"cell_type": "code", "source": "x = '\ud800'"},
        "not a cell",
    ]
    read = read_cells(file(json.dumps({"nbformat": 4, "cells": cells})))
    assert [(cell.type, cell.source) for cell in read] == [
        ("markdown", "Hi"),
        ("code", "ab"),
        ("code", ""),
        ("code", "x = '?'"),
    ]
    assert all(cell.names == () for cell in read)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"  \n", "is empty"),
        (b'{"cells": [\n{"cell_type"', "broken at line 2"),
        (b"<<<<<<< HEAD\n{}", "unfinished git merge"),
        (b"PK\x03\x04", "does not begin as one"),
        (b"\xff\x00\x12\x80", "is not text"),
        (b"[1, 2]", "holds no cells"),
        (b"{}", "holds no cells"),
        (b'{"cells": 3}', "holds no cells"),
        (b'{"nbformat": 2, "worksheets": 7}', "cannot be converted"),
        (b"[" * 100_000, "does not begin"),
        (b'{"cells":' + b"[" * 100_000, "cut short"),
    ],
)
def test_what_is_no_notebook_is_told_in_a_sentence(file, data, words):
    with pytest.raises(UnreadableError, match=words) as error:
        read_cells(file(data))
    assert str(error.value).startswith("a.ipynb ")
    assert str(error.value).endswith(".")


def test_what_is_no_file_is_not_opened(tmp_path, file, tiny):
    (tmp_path / "b.ipynb").symlink_to(file(tiny.text()))
    (tmp_path / "c.ipynb").mkdir()
    for name in ("b.ipynb", "c.ipynb", "missing.ipynb"):
        with pytest.raises(UnreadableError, match="is not a file"):
            read_cells(tmp_path / name)


def test_a_huge_file_is_not_opened(tmp_path):
    with (tmp_path / "big.ipynb").open("wb") as big:
        big.truncate(MAX_BYTES + 1)
        big.seek(0)
        big.write(b"{")
    with pytest.raises(UnreadableError, match="larger than 50 MB"):
        read_cells(tmp_path / "big.ipynb")
