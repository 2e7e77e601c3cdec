"""The README says what is so."""

import re
from pathlib import Path

import numpy as np
import pytest

import coursekit as ck
from coursekit.exercises import get
from coursekit.exercises.sources import as_answer

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()


def test_the_report_it_shows_is_what_the_check_says():
    shown = next(block for block in README.split("```") if "✗ hinge_loss" in block).strip()
    mistake = next(m for m in get("hinge_loss").misconceptions if m.name == "counts the correct class")
    namespace = {"np": np}
    exec(as_answer(mistake.function, "hinge_loss"), namespace)
    said = str(ck.check.hinge_loss.report(namespace["hinge_loss"], seed=1))
    assert said.startswith(shown)


@pytest.mark.parametrize("target", sorted(set(re.findall(r"(?:`|^)make (\w+)", README, re.M))))
def test_make_targets_exist(target):
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.M)


@pytest.mark.parametrize(
    "document", ["README.md", "CONTRIBUTING.md", *sorted(p.name for p in (ROOT / "docs").glob("*.md"))]
)
def test_links_lead_somewhere(document):
    path = next(p for p in (ROOT / document, ROOT / "docs" / document) if p.exists())
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text()):
        assert (path.parent / target).exists(), target
    for alt, _ in re.findall(r"!\[([^\]]*)\]\(([^)]*)\)", path.read_text()):
        assert len(alt) > 20


def test_every_lecture_and_assignment_is_on_the_map():
    for path in [*(ROOT / "lectures").glob("*.ipynb"), *(ROOT / "source" / "lectures").glob("*.py")]:
        assert re.search(rf"^\| {path.name[:2]} \|", README, re.M), path.name
    for path in (ROOT / "source" / "assignments").glob("*.py"):
        assert re.search(rf"\| {path.stem.partition('_')[0]} ", README), path.name
