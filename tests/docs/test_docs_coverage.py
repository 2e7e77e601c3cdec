"""The ledger of the source lectures, the errata and the quiz point at cells and exercises that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LECTURES = sorted((ROOT / "source" / "lectures").glob("[0-9][0-9]_*.py"))
QUIZZES = sorted(path.stem for path in (ROOT / "source" / "quizzes").glob("l[0-9][0-9].toml"))
Place = tuple[str, str]
"""A lecture's number, "01", and the id of one of its cells."""


def tables(name: str) -> list[tuple[list[str], list[str]]]:
    """Return every table row of a document, each with its table's header."""
    header: list[str] = []
    found = []
    for line in (ROOT / "docs" / name).read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("|"):
            header = []
        elif not header:
            header = cells
        elif not line.startswith("|---"):
            found.append((header, cells))
    return found


def rows(name: str) -> list[list[str]]:
    return [row for _, row in tables(name)]


def named(text: str) -> set[str]:
    return set(re.findall(r"`([a-z0-9_-]+)`", text))


def places(text: str, lecture: str = "") -> set[Place]:
    """Return the cells that a text names: "`a`; lecture 04, `b`" is a in ``lecture`` and b in lecture 04."""
    found = set()
    for part in text.split(";"):
        number = re.search(r"lecture (\d\d), `", part)
        found |= {(number[1] if number else lecture, cell) for cell in named(part)}
    return found


@pytest.fixture(scope="module")
def cell_ids() -> set[Place]:
    found: list[Place] = []
    for path in LECTURES:
        text = path.read_text(encoding="utf-8")
        found += [(path.name[:2], id) for id in re.findall(r'^# %%.* id="([^"]+)"', text, re.MULTILINE)]
    assert len(found) == len(set(found))
    return set(found)


def test_coverage_names_cells_that_exist(cell_ids: set[Place]) -> None:
    coverage = tables("coverage.md")
    assert len(coverage) >= 30
    for header, row in coverage:
        where = row[-2]
        lecture = re.search(r"lecture (\d\d), cell", header[-2])
        assert lecture, header
        assert places(where, lecture[1]) <= cell_ids, row
        assert named(where) or re.search(r"lectures? \d\d", where), row


def test_coverage_and_errata_name_exercises_that_exist() -> None:
    from coursekit import exercises

    for row in rows("coverage.md") + rows("errata.md"):
        for name in named(row[-1]):
            assert exercises.get(name).name == name, row


def test_errata_and_prose_name_cells_that_exist(cell_ids: set[Place]) -> None:
    errata = rows("errata.md")
    assert [row[0] for row in errata] == [str(i + 1) for i in range(len(errata))]
    for row in errata:
        assert all(row[:5]), row
        assert places(row[4]) <= cell_ids, row


def test_glossary_is_in_order_and_defines_no_word_twice() -> None:
    lines = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").split("\n")
    terms = [lines[i - 1] for i, line in enumerate(lines) if line.startswith(": ")]
    assert len(terms) >= 30
    assert terms == sorted(terms, key=str.casefold)
    assert len(set(terms)) == len(terms)


@pytest.mark.parametrize("quiz", QUIZZES)
def test_every_key_of_the_quiz_is_what_its_computation_gives(quiz: str) -> None:
    import numpy as np

    import coursekit as ck
    from coursekit.teach import quiz_files

    for question in quiz_files.load(quiz).questions:
        assert question.compute, question.id
        value = eval(question.compute, {"ck": ck, "np": np})
        if isinstance(question, quiz_files.NumberQuestion):
            assert abs(value - question.answer) <= question.tolerance, question.id
        else:
            assert value == question.right.value, question.id
