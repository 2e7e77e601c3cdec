"""Formulas as MathML, which browsers draw by themselves: no script, no fonts, no network.

latex2mathml reads the TeX and gives a tree. Nothing of that tree reaches a page but what is on a list here, written
anew, with every text escaped. What cannot be read, or would take long, stays as it was written.
"""

from __future__ import annotations

import html
import re
import secrets
from functools import lru_cache
from typing import TYPE_CHECKING

from coursekit.grading.plaintext import printable

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_TAGS = """
    math mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms mspace msqrt mstyle msub msubsup
    msup mtable mtd mtext mtr munder munderover none
"""
_ATTRIBUTES = """
    accent accentunder columnalign columnspacing depth display displaystyle fence form height largeop linethickness
    lspace mathvariant maxsize minsize movablelimits rowspacing rspace scriptlevel separator stretchy symmetric voffset
    width
"""
# Words and small lengths: a formula stays where it stands.
_VALUE = re.compile(r"[a-z]+(?:[ -][a-z]+)*|[+-]?\d(?:\.\d+)?(?:em|ex|pt|%)?|-?0?\.\d+em", re.ASCII)

# A few lines of macros grow without end. Of lines outside of a table browsers make one.
_UNREAD = re.compile(r"\\(?:def|newcommand|newenvironment|DeclareMathOperator|begin\{(?:gather|multline))")
_ESCAPES = re.compile(r"\\([_%#&{}$ ])")  # latex2mathml leaves them in words
_PARTS = dict.fromkeys(("mfrac", "mover", "mroot", "msub", "msup", "munder"), 2) | {"msubsup": 3, "munderover": 3}
_LONGEST, _DEEPEST, _MOST = 1000, 40, 300
_KNOWN_TAGS, _KNOWN_ATTRIBUTES = frozenset(_TAGS.split()), frozenset(_ATTRIBUTES.split())


class Formulas:
    """The formulas of one text: each is kept aside under a mark while the text is cleaned, and put in its place after.

    A mark is an element that cleaning leaves alone and nobody can guess. Within an attribute its quotes would be
    escaped, so it is known only where an element may stand.
    """

    def __init__(self) -> None:
        self._name = secrets.token_hex(12)
        self._kept: list[str] = []

    def mark(self, tex: str, *, block: bool) -> str | None:
        """Keep a formula; return the HTML that stands for it, or None if it is to be shown as it is written."""
        shown = mathml(tex, block) if len(self._kept) < _MOST else None
        if shown is None:
            return None
        self._kept.append(shown)
        return f'<var title="{self._name}-{len(self._kept) - 1}"></var>'

    def put_back(self, cleaned: str) -> str:
        """Return cleaned HTML with the formulas in it."""
        return re.sub(rf'<var title="{self._name}-(\d+)"></var>', lambda at: self._kept[int(at[1])], cleaned)


@lru_cache(maxsize=2048)  # most formulas are everybody's
def mathml(tex: str, block: bool = False) -> str | None:
    """Return a formula as MathML on one line, or None if it cannot be read.

    Args:
        tex: without what encloses it.
        block: whether it stands on a line of its own.
    """
    tex = " ".join(printable(tex).split()).replace("{align}", "{align*}")  # without numbers, as Jupyter shows it
    if not tex or len(tex) > _LONGEST or _UNREAD.search(tex):
        return None
    from latex2mathml.converter import convert_to_element

    try:
        return _written(convert_to_element(tex, display="block" if block else "inline"))
    except Exception:  # what a student wrote may be anything
        return None


def _written(element: Element, depth: int = 0) -> str:
    """Return an element as HTML.

    Raises:
        ValueError: if it holds anything that is not on the list.
    """
    text = _ESCAPES.sub(r"\1", element.text or "")
    unread = "\\" in text or "linebreak" in element.attrib  # an unknown command; a line's end
    incomplete = len(element) != _PARTS.get(element.tag, len(element))
    if element.tag not in _KNOWN_TAGS or depth > _DEEPEST or unread or incomplete:
        raise ValueError(element.tag)
    attributes = "".join(
        f' {name}="{value}"' for name, value in element.items() if name in _KNOWN_ATTRIBUTES and _VALUE.fullmatch(value)
    )
    inside = "".join(_written(child, depth + 1) + _escaped(child.tail) for child in element)
    return f"<{element.tag}{attributes}>{_escaped(text)}{inside}</{element.tag}>"


def _escaped(text: str | None) -> str:
    """Return text for a page; latex2mathml names symbols by HTML's references."""
    return html.escape(printable(html.unescape(text or "")).replace("\n", " "))
