"""The ledger of the source lectures, the errata and the quiz point at cells and exercises that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LECTURE = ROOT / "source" / "lectures" / "01_linear_classifiers.py"


def rows(name: str) -> list[list[str]]:
    """Return the cells of every table row of a document, without headers."""
    lines = (ROOT / "docs" / name).read_text(encoding="utf-8").splitlines()
    table = [line for line in lines if line.startswith("|") and not line.startswith("|---")]
    split = [[cell.strip() for cell in line.strip("|").split("|")] for line in table]
    return [row for row in split if row[0] not in ("source", "item", "#")]


def named(text: str) -> set[str]:
    return set(re.findall(r"`([a-z0-9_-]+)`", text))


@pytest.fixture(scope="module")
def cell_ids() -> set[str]:
    ids = re.findall(r'^# %%.* id="([^"]+)"', LECTURE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(ids) == len(set(ids))
    return set(ids)


def test_coverage_names_cells_that_exist(cell_ids: set[str]) -> None:
    coverage = rows("coverage.md")
    assert len(coverage) >= 30
    for row in coverage:
        where = row[-2]
        assert named(where) <= cell_ids, row
        assert named(where) or re.search(r"lectures? \d\d", where), row


def test_coverage_and_errata_name_exercises_that_exist() -> None:
    from coursekit import exercises

    for row in rows("coverage.md") + rows("errata.md"):
        for name in named(row[-1]):
            assert exercises.get(name).name == name, row


def test_errata_and_prose_name_cells_that_exist(cell_ids: set[str]) -> None:
    errata = rows("errata.md")
    assert [row[0] for row in errata] == [str(i + 1) for i in range(len(errata))]
    for row in errata:
        assert all(row[:5]), row
        assert named(row[4]) <= cell_ids, row


def test_glossary_is_in_order_and_defines_no_word_twice() -> None:
    lines = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").split("\n")
    terms = [lines[i - 1] for i, line in enumerate(lines) if line.startswith(": ")]
    assert len(terms) >= 30
    assert terms == sorted(terms, key=str.casefold)
    assert len(set(terms)) == len(terms)


def test_every_key_of_the_quiz_is_what_its_computation_gives() -> None:
    import numpy as np

    import coursekit as ck
    from coursekit.teach import quiz_files

    for question in quiz_files.load("l01").questions:
        assert question.compute, question.id
        value = eval(question.compute, {"ck": ck, "np": np})
        if isinstance(question, quiz_files.NumberQuestion):
            assert abs(value - question.answer) <= question.tolerance, question.id
        else:
            assert value == question.right.value, question.id
