"""F: what goes wrong without malice, and what stock nbgrader loses grades over (reference 1a and 6F)."""

from __future__ import annotations

import copy
import json
from dataclasses import replace

import nbformat

from hostile.core import HINGE, NAME, POINTS, RIGHT, Attack, cell, notebook


def _text(answers=RIGHT):
    return nbformat.writes(notebook(answers))


def _spoken(name, tries, double, cause="", **more):
    earns = dict(POINTS) if not cause else {**POINTS, "double-tests": 0}
    causes = {"double-tests": cause} if cause else {}
    return Attack(name, 0, tries, {**RIGHT, "double": double}, earns, causes=causes, **more)


def _edited(name, tries, edit, earns=None, **more):
    return Attack(name, 0, tries, RIGHT, POINTS if earns is None else earns, edit=edit, **more)


def _handed(name, tries, raw, earns=None, **more):
    return Attack(name, 0, tries, RIGHT, {} if earns is None else earns, raw=raw, **more)


def _without_tests(found):
    found["cells"] = [each for each in found["cells"] if not each["id"].endswith("-tests")]


def _without_answer(found):
    found["cells"].remove(cell(found, "double"))


def _twice(found):
    for name in POINTS:
        test = cell(found, name)
        found["cells"].insert(found["cells"].index(test), copy.deepcopy(test))


def _split(found):
    test = cell(found, "double-tests")
    rest = copy.deepcopy(test)
    first, _, other = test["source"].partition("\n")
    test["source"], rest["source"] = first, other
    rest["id"] += "-rest"
    found["cells"].insert(found["cells"].index(test) + 1, rest)


def _reordered(found):
    tests = [each for each in found["cells"] if each["id"].endswith("-tests")]
    found["cells"] = [each for each in found["cells"] if each not in tests] + tests[::-1]


def _colab(found):
    found["metadata"] = {"colab": {"provenance": [], "gpuType": "T4"}, "accelerator": "GPU"}
    found["nbformat_minor"] = 0
    for number, each in enumerate(found["cells"]):
        each["metadata"] |= {
            "id": f"aB_{number}",
            "colab": {"base_uri": "https://localhost:8080/"},
            "outputId": "1-2-3",
        }
        each.pop("id", None)


def _vscode(found):
    found["metadata"]["vscode"] = {"interpreter": {"hash": "0"}}
    for each in found["cells"]:
        each["metadata"]["vscode"] = {"languageId": "python"}


def _bare(found):
    for each in found["cells"]:
        each["metadata"] = {}


def _kernelspec(found):
    found["metadata"]["kernelspec"] = {"name": "my-env-2024", "display_name": "mine", "language": "python"}


def _more_cells(found):
    extra = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    found["cells"].insert(2, {**extra, "id": "mine-1", "source": "1 / 0"})
    found["cells"].append({**extra, "id": "mine-2", "source": "def broken(:"})
    found["cells"].append({"cell_type": "raw", "id": "mine-3", "metadata": {}, "source": "raw"})


def _old(found):
    for each in found["cells"]:
        each.pop("id")
    found["nbformat_minor"] = 2


def _third():
    read = nbformat.from_dict(notebook(RIGHT))
    return nbformat.writes(nbformat.convert(read, 3), version=3).encode()


def _settings(found):
    for name in POINTS:
        cell(found, name)["metadata"]["nbgrader"] |= {"grade": False, "solution": True}


_WARNS = """
import os, sys, warnings
def double(x):
    warnings.warn("beware")
    os.write(2, b"from C")
    print("to stderr", file=sys.stderr)
    return 2 * x
"""
_INSTALL = (
    "!pip install --quiet no-such-package-anywhere\nfrom google.colab import drive\ndrive.mount('/content/drive')"
)
_MAGIC = "%tensorflow_version 2.x\nopen('/content/drive/data.csv')"
_DIES_LAST = {**RIGHT, "last": "import os\nlast = 7\nos._exit(1)"}

INPUTS = (
    _spoken("f-stderr", "a right function that warns and writes to stderr", _WARNS),
    _spoken("f-endless", "an endless loop", "def double(x):\n    while True: pass", "time"),
    _spoken("f-syntax", "a syntax error", "def double(x)\n    return 2 * x", "error"),
    _spoken("f-missing-name", "uses what was never defined", "def double(x):\n    return two * x", "error"),
    _spoken("f-colab", "installs and mounts what is not there", f"{_INSTALL}\n{RIGHT['double']}", "error"),
    _spoken("f-magic", "a magic that is gone and an absolute path", f"{_MAGIC}\n{RIGHT['double']}", "error"),
    _spoken(
        "f-unicode",
        "names and texts in many scripts",
        "# ∂ 漢字 🙂 \u202e\nπ = 2\ndef double(größe):\n    return π * größe",
    ),
    Attack("f-dies-last", 0, "the last answer ends the kernel", _DIES_LAST, {**POINTS, "last-tests": 0}),
    Attack("f-empty-answers", 0, "handed in as it was handed out", {}, {}),
    Attack("f-half", 0, "half of it written", {"hinge": HINGE}, {"hinge-tests": 3}),
    _edited("f-deleted", "all tests deleted", _without_tests),
    _edited("f-no-answer", "an answer deleted", _without_answer, {**POINTS, "double-tests": 0}, noted=True),
    _edited("f-twice", "tests copied", _twice, noted=True),
    _edited("f-split", "a test split", _split, noted=True),
    _edited("f-reordered", "all tests at the end, backwards", _reordered),
    _edited("f-colab-file", "saved by Colab: no ids, its own metadata", _colab),
    _edited("f-vscode", "saved by VS Code", _vscode),
    _edited("f-no-metadata", "metadata stripped", _bare),
    _edited("f-kernelspec", "another kernel's name", _kernelspec),
    _edited("f-extra", "more cells, some of which fail", _more_cells),
    _edited("f-minor", "nbformat 4.2", _old),
    _edited("f-settings", "grade: false, solution: true", _settings, noted=True),
    _handed("f-nbformat3", "nbformat 3", _third(), POINTS),
    _handed(
        "f-bom",
        "a byte order mark and Windows' line ends",
        b"\xef\xbb\xbf" + _text().replace("\n", "\r\n").encode(),
        POINTS,
    ),
    _handed("f-utf16", "UTF-16", _text().encode("utf-16"), POINTS),
    _handed("f-cut", "cut off in the middle", _text().encode()[:1500], noted=True),
    _handed("f-merge", "marks of a merge", b"<<<<<<< HEAD\n" + _text().encode(), noted=True),
    _handed("f-empty", "an empty file", b"", noted=True),
    _handed("f-list", "JSON, but no notebook", b"[1, 2]", noted=True),
    _handed("f-binary", "no text", bytes(range(256)) * 20, noted=True),
    _handed(
        "f-other",
        "another notebook",
        json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode(),
        noted=True,
    ),
    Attack("f-renamed", 0, "renamed", RIGHT, POINTS, filename=f"{NAME} (1).ipynb", noted=True),
    Attack("f-windows", 0, "a name from Windows", RIGHT, POINTS, filename="Kopie von H1 – Lösung.ipynb", noted=True),
    Attack("f-none", 0, "no notebook at all", {}, {}, filename="", files={"report.pdf": b"%PDF-1.4"}, noted=True),
    Attack(
        "f-old-copy", 0, "two notebooks", RIGHT, POINTS, files={f"{NAME} (old).ipynb": _text({}).encode()}, noted=True
    ),
)
"""Each is graded: a definite score, a cause and a sentence for what it lost."""

SAMPLES = tuple(
    replace(each) for each in INPUTS if each.name in ("f-stderr", "f-twice", "f-cut", "f-none", "f-renamed")
)
