"""D19: what a terminal acts on, in logs and tables."""

from hostile.core import LAST, RIGHT, Attack

_ERROR = """
def double(x):
    raise type("\\x1b]0;mark\\x07\\x1b[2J", (Exception,), {})("\\x1b[8m\\x1b]52;c;bWFyaw==\\x07\\r\\u202e")
def hinge_loss_loops(*a):
    raise ValueError("\\x1b]0;mark\\x07\\x9b2J\\u202e")
"""
_TYPE = """
def hinge_loss_loops(*a):
    return type("\\x1b[2Jmark", (), {})()
"""
_EASY = {"last": RIGHT["last"]}
ATTACKS = (
    Attack(
        "a19-error",
        19,
        "errors with escape sequences in name and text",
        {**_EASY, "double": _ERROR},
        LAST,
        stops="what is not printable is dropped",
    ),
    Attack(
        "a19-type",
        19,
        "returns an object whose class is called an escape sequence",
        {**_EASY, "hinge": _TYPE},
        LAST,
        stops="names from the kernel must be identifiers",
    ),
    Attack(
        "a19-\x1b[2Jname",
        19,
        "a student whose name is an escape sequence",
        _EASY,
        LAST,
        stops="such names are kept as others",
    ),
    Attack(
        "a19-file",
        19,
        "a notebook whose file is called one",
        _EASY,
        LAST,
        filename="h1\x1b]0;mark\x07.ipynb",
        stops="notes hold nothing that a terminal acts on",
    ),
)
