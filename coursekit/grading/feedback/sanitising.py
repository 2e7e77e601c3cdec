"""Making what students hand in, and what their code shows, harmless in a page.

HTML goes through nh3, the Python face of the Rust library ammonia: it parses as a browser does and writes anew what is
on a list. On top of that, here: pictures only if they are in the page itself, links only to other sites' pages, styles
only from a list of properties with plain values, and no class of the page's own.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from functools import lru_cache, wraps
from typing import Any

from coursekit.grading.feedback.formulas import Formulas
from coursekit.grading.plaintext import printable

_TAGS = """
    a abbr b blockquote br caption code col colgroup dd del details div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr
    i img ins kbd li mark ol p pre q s samp small span strong sub summary sup table tbody td tfoot th thead tr tt u ul
    var wbr
"""
_ATTRIBUTES = {
    "*": {"class", "dir", "lang", "style", "title"},
    "a": {"href"},
    "col": {"span"},
    "details": {"open"},
    "img": {"alt", "height", "src", "width"},
    "li": {"value"},
    "ol": {"reversed", "start"},
    "td": {"align", "colspan", "rowspan"},
    "th": {"align", "colspan", "rowspan", "scope"},
}
_PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=\s]*", re.IGNORECASE)
_LINK = re.compile(r"(?:https?://|mailto:)[^\s]+", re.IGNORECASE)
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")

# Nothing of these can leave the box that an output stands in: no position, no transform, no float.
_PROPERTY = re.compile(
    r"(?:background(?:-color)?|border(?:-[a-z]+)*|caption-side|color|display|font(?:-family|-size|-style|-weight)"
    r"|(?:min-|max-)?(?:height|width)|letter-spacing|line-height|list-style-type|margin(?:-[a-z]+)?"
    r"|overflow(?:-wrap|-x|-y)?|padding(?:-[a-z]+)?|table-layout|text-(?:align|decoration|transform)|vertical-align"
    r"|white-space|word-break|word-spacing)"
)
# Words, colours and positive numbers; no quotes, escapes, comments, addresses or functions but those of colours.
_COLOUR = re.compile(r"\b(?:rgb|hsl)a?\([\d\s.,%]*+\)", re.IGNORECASE | re.ASCII)
_VALUE = re.compile(r"[\w\s,%.!#]*+(?:-(?=[a-z])[\w\s,%.!#]*+)*", re.IGNORECASE | re.ASCII)


# Parsers take time that grows with the square of these. What holds more of them is no prose, and is shown as it is.
_MOST_MARKDOWN, _COSTLY_MARKDOWN = 100_000, re.compile(r"\\begin|\\\\[(\[]|\[")
_MOST_HTML, _COSTLY_HTML = 4_000_000, re.compile(r"<(?!(?:t[dhr]|br)\b)[a-z]", re.IGNORECASE)
_MOST_COSTLY = 1500

_MOST_KEPT = 10_000  # letters of a text that is remembered with what became of it


def _remembered(clean: Callable[[str], str]) -> Callable[[str], str]:
    """Clean a text that is not long once: most cells and reports are everybody's."""
    kept = lru_cache(maxsize=256)(clean)

    @wraps(clean)
    def cleaned(text: str) -> str:
        return kept(text) if len(text) <= _MOST_KEPT else clean(text)

    return cleaned


@_remembered
def clean_html(text: str) -> str:
    """Return a fragment of HTML that runs nothing, loads nothing and stays where it is put."""
    if _too_much(text, _MOST_HTML, _COSTLY_HTML):
        return escaped(text)
    return str(_cleaner().clean(printable(text)))


def clean_markdown(text: str, attachments: Mapping[str, Any] | None = None) -> str:
    """Return Markdown as harmless HTML on a single line, which any Markdown renderer passes on unchanged.

    Args:
        text: the source of a cell. Formulas become MathML; one that cannot be read stays as it is written.
        attachments: the cell's pictures, by name, as nbformat keeps them.
    """
    return _clean_markdown(text, attachments) if attachments else _without_pictures(text)


@_remembered
def _without_pictures(text: str) -> str:
    return _clean_markdown(text, {})


def _clean_markdown(text: str, attachments: Mapping[str, Any]) -> str:
    pictures = {name: clean_data(data) for name, data in attachments.items() if isinstance(data, Mapping)}
    formulas = Formulas()
    rendered = _rendered(text, {name: data for name, data in pictures.items() if data}, formulas)
    shown = formulas.put_back(clean_html(rendered))
    # A blank line would end the HTML for Markdown, and formulas are looked for before HTML is.
    shown = shown.replace("\n", "&#10;").replace("$", "&#36;").replace("\\", "&#92;").replace("`", "&#96;")
    return f"<div>{shown}</div>"


def clean_data(data: Mapping[str, Any]) -> dict[str, str]:
    """Return the parts of an output that a page can show, harmless; nothing of a type not known here.

    Scripts, widgets and documents are left out, and named in their place if nothing else is there to show.
    """
    clean: dict[str, str] = {}
    for kind, value in data.items():
        text = "".join(value) if isinstance(value, list) and all(isinstance(v, str) for v in value) else value
        if not isinstance(text, str):
            continue
        if kind == "text/html":
            clean[kind] = clean_html(text)
        elif kind == "text/markdown":
            clean.setdefault("text/html", clean_markdown(text))
        elif kind in ("image/png", "image/jpeg") and _BASE64.fullmatch(text):
            clean[kind] = text
        elif kind == "image/svg+xml":
            clean[kind] = text  # shown as a picture, in which nothing runs and nothing is loaded
        elif kind in ("text/plain", "text/latex"):
            clean[kind] = printable(text, colours=True)
    if data and not clean:
        kinds = ", ".join(sorted(printable(str(kind))[:60] for kind in data))
        clean["text/plain"] = f"[An output of type {kinds} is not shown here.]"
    return clean


def escaped(text: str) -> str:
    """Return plain text as HTML on a single line, its line ends kept."""
    return f"<pre>{html.escape(printable(text))}</pre>".replace("\n", "&#10;")


def _too_much(text: str, most: int, costly: re.Pattern[str]) -> bool:
    return len(text) > most or len(costly.findall(text)) > _MOST_COSTLY


@lru_cache(maxsize=1)
def _cleaner() -> Any:
    import nh3

    return nh3.Cleaner(
        tags=set(_TAGS.split()),
        clean_content_tags={"iframe", "math", "noscript", "script", "style", "svg", "template", "title", "xmp"},
        attributes=_ATTRIBUTES,
        attribute_filter=_attribute,
        url_schemes={"data", "http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )


def _attribute(tag: str, name: str, value: str) -> str | None:
    """Return an attribute's value as it may stay, or None."""
    if name == "style":
        return _style(value)
    if name == "class":
        return " ".join(word for word in value.split() if word in _classes()) or None
    if name == "src":
        return value if _PICTURE.fullmatch(value) else None
    if name == "href":
        return value if _LINK.fullmatch(value) else None
    return value


@lru_cache(maxsize=256)
def _style(text: str) -> str | None:
    kept = []
    for declaration in text.split(";"):
        name, colon, value = (part.strip() for part in declaration.partition(":"))
        if colon and _PROPERTY.fullmatch(name.lower()) and _VALUE.fullmatch(_COLOUR.sub("", value)):
            kept.append(f"{name.lower()}:{value}")
    return ";".join(kept) or None


@lru_cache(maxsize=1)
def _classes() -> frozenset[str]:
    """Return what code, tables and our own reports are marked with: nothing that the page gives a meaning to."""
    from pygments.token import STANDARD_TYPES  # type: ignore[import-untyped]

    return frozenset({"ck-report", "dataframe", "highlight", *STANDARD_TYPES.values()} - {""})


def _rendered(text: str, attachments: dict[str, dict[str, str]], formulas: Formulas) -> str:
    """Return Markdown as HTML, as nbconvert renders it; text as it is where that fails or would take too long."""
    if _too_much(text, _MOST_MARKDOWN, _COSTLY_MARKDOWN):
        return escaped(text)
    try:
        return str(_markdown(attachments, formulas).render(text))
    except Exception:  # a missing attachment, or nesting beyond what the parser takes: it is the student's text
        return escaped(text)


def _markdown(attachments: dict[str, dict[str, str]], formulas: Formulas) -> Any:
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    class Renderer(IPythonRenderer):
        """Colours Python only: whoever writes the text would choose among all of Pygments' parsers."""

        def block_math(self, body: str) -> str:
            return formulas.mark(body, block=True) or str(super().block_math(body))

        def inline_math(self, body: str) -> str:
            return formulas.mark(body, block=False) or str(super().inline_math(body))

        def latex_environment(self, name: str, body: str) -> str:
            whole = f"\\begin{{{name}}}{body}\\end{{{name}}}"
            return formulas.mark(whole, block=True) or str(super().latex_environment(name, body))

        def block_code(self, code: str, info: str | None = None) -> str:
            python = (info or "").split(maxsplit=1)[:1] in (["python"], ["py"], ["ipython3"])
            return str(super().block_code(code, "python" if python else None))

    return MarkdownWithMath(renderer=Renderer(escape=False, attachments=attachments, exclude_anchor_links=True))
