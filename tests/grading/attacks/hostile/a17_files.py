"""D17: files that do something to whoever reads them."""

from hostile.core import ASKED, LAST, RIGHT, Attack

_PICKLE = """
import io, pickle, zipfile
class Boom:
    def __reduce__(self):
        return exec, ("open('@INTO@/mark-@NAME@', 'w').close(); open('/tmp/mark-@NAME@', 'w').close()",)
data = np.empty(1, object)
data[0] = Boom()
np.savez("predictions.npz", data)
"""
_PATHS = """
import io, zipfile
array = io.BytesIO()
np.save(array, np.zeros(400))
with zipfile.ZipFile("predictions.npz", "w") as file:
    for name in ("../../../../../../tmp/mark-@NAME@.npy", "/tmp/mark-@NAME@.npy", "@INTO@/mark-@NAME@.npy"):
        file.writestr(name, array.getvalue())
"""
_BOMB = """
import zipfile
with zipfile.ZipFile("predictions.npz", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
    with file.open("a.npy", "w", force_zip64=True) as member:
        np.lib.format.write_array_header_1_0(member, {"descr": "<f8", "fortran_order": False, "shape": (2**27,)})
        for _ in range(64):
            member.write(bytes(2**22))
"""
_LINK = """
import os
os.symlink("/dev/zero", "predictions.npz")
"""
_PIPE = """
import os
os.mkfifo("predictions.npz")
"""
_ANSWER = """
import pickle
class Boom:
    def __reduce__(self):
        return exec, ("open('@INTO@/mark-@NAME@', 'w').close(); open('/tmp/mark-@NAME@', 'w').close()",)
    __deepcopy__ = None
def hinge_loss_loops(scores, labels, margin=1.0):
    return [np.array([Boom()], object), Boom(), pickle.dumps(Boom())]
"""
_LARGE = """
def hinge_loss_loops(scores, labels, margin=1.0):
    deep = 0.0
    for _ in range(50):
        deep = [deep] * 2
    return deep if np.size(scores) % 2 else np.broadcast_to(0.0, (2**20, 2**20))
"""
_SHADOW = b"""
import builtins
builtins.poisoned = "mark-a17-outside"
print("got", __name__)
assert_allclose = print
"""
_BAD = {"last": RIGHT["last"]}


def _deep(found):
    found["metadata"]["deep"] = []
    where = found["metadata"]["deep"]
    for _ in range(400):
        where.append([])
        where = where[0]


ATTACKS = (
    Attack(
        "a17-pickle",
        17,
        "saves a pickle that runs code as predictions",
        {**_BAD, "saved": _PICKLE},
        LAST,
        stops="nothing is unpickled",
    ),
    Attack(
        "a17-paths",
        17,
        "saves an archive whose members lie elsewhere",
        {**_BAD, "saved": _PATHS},
        LAST,
        stops="archives are read in memory, one array",
    ),
    Attack(
        "a17-bomb",
        17,
        "saves an archive that is a gigabyte unpacked",
        {**_BAD, "saved": _BOMB},
        LAST,
        stops="sizes are checked before anything is unpacked",
    ),
    Attack(
        "a17-device",
        17,
        "saves a link to a device without end",
        {**_BAD, "saved": _LINK},
        LAST,
        stops="only ordinary files are fetched, up to a size",
    ),
    Attack(
        "a17-pipe",
        17,
        "saves a pipe in which nothing comes",
        {**_BAD, "saved": _PIPE},
        LAST,
        stops="only ordinary files are fetched, without waiting",
    ),
    Attack(
        "a17-answer",
        17,
        "answers with pickles and objects",
        {**_BAD, "hinge": _ANSWER},
        LAST,
        stops="only plain values cross to the judge",
    ),
    Attack(
        "a17-large",
        17,
        "answers with 2^50 numbers, by reference or broadcast",
        {**_BAD, "hinge": _LARGE},
        LAST,
        stops="answers have a depth and a size",
    ),
    Attack("a17-deep", 17, "metadata 400 lists deep", _BAD, LAST, edit=_deep, stops="only what grading needs is read"),
    Attack(
        "a17-nested",
        17,
        "JSON 200,000 lists deep, at which parsers recurse",
        raw=b'{"cells": ' + b"[" * 200_000 + b"]" * 200_000 + b', "metadata": {}, "nbformat": 4, "nbformat_minor": 5}',
        stops="a file that cannot be read earns 0, with the reason",
    ),
    Attack(
        "a17-outside",
        17,
        "files beside the notebook that configure or shadow what grades it",
        {"double": "import random, json, numpy\n" + ASKED["double"], "last": RIGHT["last"]},
        LAST,
        files=dict.fromkeys(
            ("nbgrader_config.py", "numpy.py", "coursekit.py", "sitecustomize.py", "jupyter_config.py"),
            _SHADOW,
        ),
        stops="installed modules come first; no configuration is read from there",
    ),
)
