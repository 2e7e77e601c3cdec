from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit.teach import forms


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("plain", "plain"),
        ("a `b` c", "a <code>b</code> c"),
        ("a **b** c", "a <strong>b</strong> c"),
        ("`x**2` and `y**2`", "<code>x**2</code> and <code>y**2</code>"),
        ("**`W @ x`**", "**<code>W @ x</code>**"),
        ("<b> & \"q\" 'q'", "&lt;b&gt; &amp; &quot;q&quot; &#x27;q&#x27;"),
        ("`<i>`", "<code>&lt;i&gt;</code>"),
        ("lone ` and **", "lone ` and **"),
        ("W·x ≥ 0", "W·x ≥ 0"),
    ],
)
def test_inline_knows_two_marks(text: str, html: str) -> None:
    assert forms.inline(text) == html


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)
        assert not attrs


@given(st.text(alphabet="<>&\"'`*/ab=\n", max_size=40))
def test_inline_never_lets_markup_through(text: str) -> None:
    html = forms.inline(text)
    reader = Tags()
    reader.feed(html)
    assert reader.tags <= {"code", "strong"}
    bare = html
    for tag in ("<code>", "</code>", "<strong>", "</strong>"):
        bare = bare.replace(tag, "")
    assert unescape(bare).replace("`", "").replace("*", "") == text.replace("`", "").replace("*", "")


def test_shown_is_html_and_text(capsys: pytest.CaptureFixture[str]) -> None:
    output = forms.Shown("<p>x</p>", "x")
    assert output._repr_mimebundle_() == {"text/html": "<p>x</p>", "text/plain": "x"}
    forms.show("<p>x</p>", "x")  # outside a notebook
    assert capsys.readouterr().out == "x\n"


def test_a_note_says_nothing_before_its_time() -> None:
    note = forms.note("2.04", "log10 of <p>", right=False)
    assert note.endswith("></span>")  # no text of its own: JupyterLab shows hidden elements it does not trust
    assert "data-right" not in note


def test_a_box_asks_for_nothing_from_anywhere() -> None:
    html = forms.box("quiz", "x", "Quiz", "body") + forms.static("progress.js")
    assert "http" not in html
    assert "@import" not in html
    assert "url(" not in html
