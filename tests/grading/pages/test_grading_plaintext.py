import io
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from coursekit.grading import report
from coursekit.grading.plaintext import line, printable, spreadsheet
from coursekit.grading.results import ExerciseResult, Result

ESCAPES = {
    "title": "a\x1b]0;pwned\x07b",
    "title by string terminator": "a\x1b]2;pwned\x1b\\b",
    "link": "a\x1b]8;;http://evil\x1b\\b\x1b]8;;\x1b\\",
    "clipboard": "a\x1b]52;c;cHduZWQ=\x07b",
    "clear": "a\x1b[2J\x1b[Hb",
    "colour": "a\x1b[31mb\x1b[0m",
    "one-byte introducers": "a\x9b31mb\x9d0;pwned\x9c",
    "device control": "a\x1bP1$r0m\x1b\\b",
    "backspace": "a\x08b",
    "bell": "a\x07b",
    "reversed": "a\u202eb\u2066",
    "unterminated": "ab\x1b]0;pwned",
    "reset": "a\x1bcb",
}


@pytest.mark.parametrize("text", ESCAPES.values(), ids=ESCAPES)
def test_a_terminal_obeys_nothing(text):
    assert printable(text) == "ab"
    assert line(f"{text}\r\n c") == "ab c"


@given(st.text(st.one_of(st.sampled_from("\x1b\x9b\x9d\x90[];m\\\x07\x9c0aH \n"), st.characters())))
def test_no_control_character_is_left(text):
    shown = printable(text)
    assert not {c for c in shown if unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t"}
    assert printable(shown) == shown
    assert "\x1b" not in re.sub(r"\x1b\[[0-9;]*m", "", printable(text, colours=True))


@given(st.text())
def test_plain_text_stays_as_it_is(text):
    plain = "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cs", "Cf"))
    assert printable(plain) == plain


def test_colours_stay_for_html():
    assert printable("a\x1b[1;31mb\x1b[0m\x1b[2Jc\x07", colours=True) == "a\x1b[1;31mb\x1b[0mc"


def test_tables_in_a_terminal_print_no_escapes():
    nasty = "x\x1b]0;pwned\x07\x1b[2J\x9b31m[red]y"
    exercise = ExerciseResult("fool", 0.0, 3.0, "error", "", nasty)
    result = Result("ada", 0.0, 3.0, (exercise,), problem=nasty, notes=(nasty,))
    file = io.StringIO()
    console = Console(file=file, width=120)
    for table in (report.points_table([result]), report.points_list(result), report.diagnosis_table([result])):
        console.print(table)
    assert "\x1b" not in file.getvalue()
    assert "\x9b" not in file.getvalue()
    assert file.getvalue().count("x[red]y") == 6


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1", "a;=1", 'a","=1', "a,\n=1", "a\t+1"]
)
def test_a_formula_begins_nowhere(text):
    assert not computes(spreadsheet(text))


@pytest.mark.parametrize("text", ["a - b", "x=1", "a@b.c", "-", "5", "", "Jean-Luc", "see (-1)"])
def test_other_text_stays_as_it_is(text):
    assert spreadsheet(text) == text


@given(st.text(st.sampled_from("=+-@\t\r\n ,;|\"'a1＝\u00a0")))
def test_whatever_separates_cells_none_is_computed(text):
    assert not computes(spreadsheet(text))


def computes(cell):
    """Whether any piece of a cell, split at any separator, begins a formula; a lone dash is none."""
    pieces = re.split(r"[,;|\t\r\n\"]", cell)
    return any(re.match(r"[ \u00a0]*[=+\-@＝＋－＠]", piece) for piece in pieces if piece.strip() != "-")
