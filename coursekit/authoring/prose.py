"""Markdown as a reader meets it: words, headings, links and pictures of a cell, by markdown-it."""

import re
from dataclasses import dataclass
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

_FORMULA = re.compile(r"\$\$.+?\$\$|\$[^$\n]+\$", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
_WORD = re.compile(r"\w[\w'’.,-]*")
_IMG = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
_IMG_ALT = re.compile(r"""\balt\s*=\s*(["'])\s*\S.*?\1""", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Prose:
    """What is in one Markdown text.

    Attributes:
        words: how many; a formula counts as one, code blocks and markup as none.
        headings: (level, text) in order.
        links: the text of each link.
        pictures_without_alt: address or tag of each picture that has no alternative text.
    """

    words: int
    headings: tuple[tuple[int, str], ...]
    links: tuple[str, ...]
    pictures_without_alt: tuple[str, ...]


@lru_cache(maxsize=512)
def read(text: str) -> Prose:
    """Take a Markdown text apart."""
    # Formulas first: to Markdown their underscores and backslashes are markup.
    tokens = MarkdownIt("commonmark").enable("table").parse(_FORMULA.sub(" formula ", text))
    inline = [child for token in tokens for child in token.children or ()]
    html = [token.content for token in (*tokens, *inline) if token.type in ("html_block", "html_inline")]
    words = [token.content for token in inline if token.type in ("text", "code_inline")]
    words += [_TAG.sub(" ", block) for block in html]
    return Prose(
        words=sum(len(_WORD.findall(part)) for part in words),
        headings=tuple(
            (int(token.tag[1]), tokens[place + 1].content)
            for place, token in enumerate(tokens)
            if token.type == "heading_open"
        ),
        links=tuple(_links(inline)),
        pictures_without_alt=(
            *(str(token.attrs.get("src")) for token in inline if token.type == "image" and not token.content.strip()),
            *(tag for block in html for tag in _IMG.findall(block) if not _IMG_ALT.search(tag)),
        ),
    )


def has_alt(html: str) -> bool:
    """Say whether every picture in a piece of HTML has an alternative text."""
    return all(_IMG_ALT.search(tag) for tag in _IMG.findall(html))


def _links(inline: list[Token]) -> list[str]:
    links: list[str] = []
    open_link = False
    for token in inline:
        if token.type == "link_open":
            links.append("")
            open_link = True
        elif token.type == "link_close":
            open_link = False
        elif open_link:
            links[-1] += token.content
    return links
