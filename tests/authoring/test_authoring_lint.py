"""Every rule of lint: a page that keeps to all of them, then one fault at a time."""

import dataclasses
from types import SimpleNamespace

import nbformat
import pytest

from coursekit.authoring import budgets, notebook, prose, source
from coursekit.authoring.cells import Cell, Source, trim
from coursekit.authoring.lint import lint
from coursekit.errors import CourseError
from coursekit.teach import quizzes

FIGURE = 'fig, ax = plt.subplots()\nck.figure(fig, alt="The loss falls in a straight line, then stays at zero.")'


def prose_cell(text, **options):
    return Cell("markdown", trim(text), **options)


def code_cell(text, **options):
    return Cell("code", trim(text), **options)


def model_lecture():
    """A lecture that keeps to every rule: (a title cell, 9 sections of 5 cells, sources)."""
    cells = [
        prose_cell(
            "# Losses\n\nGoals: you will know losses. You need arithmetic. It takes 45 minutes.\n\n" + "word " * 160,
            id="opening",
        )
    ]
    for n in range(9):
        cells += [
            prose_cell(f"## Section {n}\n\n" + "question " * 80, id=f"ask-{n}"),
            code_cell(f'ck.predict("p{n}", "More or less?", ["more", "less"])', id=f"predict-{n}"),
            code_cell(f"x = {n}\n{FIGURE}", id=f"run-{n}", tags=("break-it",) if n == 0 else ()),
            prose_cell("explained " * 80, id=f"explain-{n}"),
            code_cell(f"ck.check.hinge_loss.report(f{n})", id=f"check-{n}", tags=("interactive",) if n == 1 else ()),
        ]
    cells += [
        code_cell('ck.quiz("losses")', id="quiz"),
        prose_cell("## Sources\n\n- [the paper](https://a.b)", id="end"),
    ]
    return Source("Losses", tuple(cells))


def model_assignment():
    """An assignment that keeps to every rule: seven parts of three cells."""
    cells = [prose_cell("# Losses\n\nWrite losses.", id="opening")]
    for n in range(7):
        stub = f"def loss_{n}(x):\n    ### BEGIN SOLUTION\n    return x\n    ### END SOLUTION"
        cells += [
            prose_cell(f"## Loss {n}\n\nWrite it.", id=f"ask-{n}"),
            code_cell(stub, id=f"loss-{n}", role="solution"),
            code_cell(f"ck.check.loss_{n}(loss_{n})", id=f"loss-{n}-tests", role="tests", points=2),
        ]
    return Source("Losses", tuple(cells))


def changed(page, cell_id, **fields):
    """The same page with one cell changed."""
    assert any(cell.id == cell_id for cell in page.cells)
    if "text" in fields:
        fields["text"] = trim(fields["text"])
    return Source(
        page.title,
        tuple(dataclasses.replace(cell, **fields) if cell.id == cell_id else cell for cell in page.cells),
    )


def without(page, *ids):
    return Source(page.title, tuple(cell for cell in page.cells if cell.id not in ids))


@pytest.fixture
def root(tmp_path, monkeypatch):
    (tmp_path / "pyproject.toml").write_text("")
    for folder in ("lectures", "assignments"):
        (tmp_path / "source" / folder).mkdir(parents=True)

    def load(quiz_id):
        if quiz_id != "losses":
            raise CourseError(f"there is no quiz {quiz_id!r}.", fix="write it.")
        return SimpleNamespace(questions=("one", "two", "three", "four", "five"))

    monkeypatch.setattr(quizzes, "load", load)
    return tmp_path


@pytest.fixture
def check(root):
    """Lint a page as a source, and as a built notebook: {(cell, rule)}, the same for both."""

    def check(page, kind="lecture"):
        folder, name, part = {
            "lecture": ("lectures", "01_losses", "lecture"),
            "assignment": ("assignments", "a1_losses", "solution"),
        }[kind]
        written = root / "source" / folder / f"{name}.py"
        written.write_text(source.render(page))
        built = root / f"{name}.ipynb"
        notebook.write(built, notebook.dumps(notebook.from_source(page, f"source/{folder}/{name}.py", part)))
        found = [{(problem.cell, problem.rule) for problem in lint(path)} for path in (written, built)]
        assert found[0] - {("", "bytes")} == found[1] - {("", "bytes")}
        return found[0]

    return check


def test_the_models_keep_to_every_rule(check):
    assert check(model_lecture()) == set()
    assert check(model_assignment(), "assignment") == set()


long = "\n".join(f"x{n} = {n}" for n in range(31))
LECTURE_FAULTS = {
    "two titles": (lambda p: changed(p, "ask-1", text="# Again\n\ntext"), ("ask-1", "title")),
    "no title": (
        lambda p: changed(p, "opening", text=p.cells[0].text.replace("# Losses", "## Losses")),
        ("", "title"),
    ),
    "a title too late": (
        lambda p: Source(p.title, (p.cells[1], p.cells[0], *p.cells[2:])),
        ("opening", "title"),
    ),
    "a level skipped": (lambda p: changed(p, "ask-1", text="#### Deep\n\ntext"), ("ask-1", "heading-order")),
    "a link that says nothing": (
        lambda p: changed(p, "ask-1", text="## S\n\nSee [here](https://a.b)."),
        ("ask-1", "link-text"),
    ),
    "a year at a line's start": (
        lambda p: changed(p, "ask-1", text="## S\n\n- D. Rumelhart, Nature\n  1986."),
        ("ask-1", "year-first"),
    ),
    "a picture without alt": (lambda p: changed(p, "ask-1", text="## S\n\n![](a.png)"), ("ask-1", "alt-text")),
    "an img without alt": (lambda p: changed(p, "ask-1", text='## S\n\n<img src="a.png">'), ("ask-1", "alt-text")),
    "an img with empty alt": (
        lambda p: changed(p, "ask-1", text='## S\n\na <img src="a.png" alt=" "> b'),
        ("ask-1", "alt-text"),
    ),
    "a figure without alt": (lambda p: changed(p, "run-1", text="ck.figure(fig)"), ("run-1", "alt-text")),
    "a figure with empty alt": (lambda p: changed(p, "run-1", text='ck.figure(fig, alt=" ")'), ("run-1", "alt-text")),
    "plt.show": (lambda p: changed(p, "run-1", text="plt.show()"), ("run-1", "banned-call")),
    "jet": (lambda p: changed(p, "run-1", text='ax.imshow(x, cmap="jet")'), ("run-1", "colour-map")),
    "rainbow, reversed": (lambda p: changed(p, "run-1", text="m = plt.cm.rainbow_r"), ("run-1", "colour-map")),
    "jet by name": (lambda p: changed(p, "run-1", text='plt.get_cmap("jet")'), ("run-1", "colour-map")),
    "jet by key": (lambda p: changed(p, "run-1", text='m = mpl.colormaps["jet"]'), ("run-1", "colour-map")),
    "widgets": (lambda p: changed(p, "run-1", text="from ipywidgets import interact"), ("run-1", "banned-import")),
    "plotly": (lambda p: changed(p, "run-1", text="import plotly.express as px"), ("run-1", "banned-import")),
    "too few cells": (lambda p: without(p, *[f"explain-{n}" for n in range(9)]), ("", "cells")),
    "too many cells": (
        lambda p: Source(p.title, p.cells[:-1] + tuple(code_cell("x", id=f"e{n}") for n in range(25)) + p.cells[-1:]),
        ("", "cells"),
    ),
    "too few words": (
        lambda p: changed(changed(p, "opening", text=p.cells[0].text[:90]), "ask-1", text="## S\n\n" + "word " * 2),
        ("", "words"),
    ),
    "too many words": (lambda p: changed(p, "opening", text=p.cells[0].text + " word" * 1600), ("", "words")),
    "too much code": (
        lambda p: Source(
            p.title,
            p.cells[:-1] + tuple(code_cell("x = 1\n" * 30, id=f"e{n}") for n in range(12)) + p.cells[-1:],
        ),
        ("", "code-lines"),
    ),
    "a long code cell": (lambda p: changed(p, "run-1", text=long), ("run-1", "cell-lines")),
    "many longish code cells": (
        lambda p: changed(
            changed(changed(p, "run-1", text="x = 1\n" * 21), "run-2", text="x = 1\n" * 21),
            "run-3",
            text="x = 1\n" * 21,
        ),
        ("", "cell-lines-p90"),
    ),
    "a wall of text": (lambda p: changed(p, "ask-1", text="## S\n\n" + "word " * 150), ("ask-1", "cell-words")),
    "a long explanation": (lambda p: changed(p, "explain-1", text="word " * 121), ("explain-1", "cell-words")),
    "no goals": (
        lambda p: changed(p, "opening", text=p.cells[0].text.replace("Goals: you will know", "About")),
        ("opening", "opening"),
    ),
    "no needs": (
        lambda p: changed(p, "opening", text=p.cells[0].text.replace("need", "bring")),
        ("opening", "opening"),
    ),
    "no minutes": (
        lambda p: changed(p, "opening", text=p.cells[0].text.replace("45 minutes", "a while")),
        ("opening", "opening"),
    ),
    "no sources": (lambda p: changed(p, "end", text="## The end"), ("", "sources")),
    "few predictions": (lambda p: without(p, *[f"predict-{n}" for n in range(5)]), ("", "predictions")),
    "few checks": (
        lambda p: Source(
            p.title,
            tuple(dataclasses.replace(c, text="x") if c.text.startswith("ck.check") else c for c in p.cells),
        ),
        ("", "micro-checks"),
    ),
    "no quiz": (lambda p: changed(p, "quiz", text="x"), ("", "quiz-items")),
    "an unknown quiz": (lambda p: changed(p, "quiz", text='ck.quiz("nope")'), ("quiz", "quiz")),
    "a quiz by variable": (lambda p: changed(p, "quiz", text="ck.quiz(name)"), ("quiz", "quiz")),
    "nothing broken": (lambda p: changed(p, "run-0", tags=()), ("", "break-it")),
    "nothing interactive": (lambda p: changed(p, "check-1", tags=()), ("", "interactive")),
    "too many bytes": (lambda p: changed(p, "run-1", text="x = '" + "a" * 150_000 + "'"), ("", "bytes")),
}
# A fault that cannot come alone: fewer cells have fewer words, too.
TOGETHER = {
    "an unknown quiz": {("", "quiz-items")},
    "a quiz by variable": {("", "quiz-items")},
    "no title": {("opening", "heading-order")},
    "too much code": {("", "cell-lines-p90")},
    "a title too late": {("ask-0", "opening"), ("ask-0", "heading-order"), ("opening", "cell-words")},
    "too few cells": {("", "words")},
}


@pytest.mark.parametrize("name", LECTURE_FAULTS)
def test_each_fault_of_a_lecture_is_found_where_it_is(check, name):
    spoil, problem = LECTURE_FAULTS[name]
    assert check(spoil(model_lecture())) == {problem} | TOGETHER.get(name, set())


ASSIGNMENT_FAULTS = {
    "too few cells": (lambda p: without(p, "ask-0", "ask-1", "ask-2"), ("", "cells")),
    "too many words": (lambda p: changed(p, "ask-0", text="## S\n\n" + "word " * 1500), ("", "words")),
    "a long stub": (
        lambda p: changed(p, "loss-1", text="# given\n" * 25 + p.cells[5].text),
        ("loss-1", "stub-lines"),
    ),
    "a solution without tests": (
        lambda p: changed(p, "loss-1-tests", text="ck.check.loss_2(loss_2)"),
        ("loss-1", "tested"),
    ),
    "jet": (lambda p: changed(p, "loss-1-tests", text='f(loss_1, cmap="jet")'), ("loss-1-tests", "colour-map")),
}


@pytest.mark.parametrize("name", ASSIGNMENT_FAULTS)
def test_each_fault_of_an_assignment_is_found_where_it_is(check, name):
    spoil, problem = ASSIGNMENT_FAULTS[name]
    assert check(spoil(model_assignment()), "assignment") == {problem}


def test_a_written_answer_needs_no_tests(check):
    page = changed(model_assignment(), "loss-1", role="manual", points=3)
    assert check(page, "assignment") == set()


def test_graded_cells_without_points_are_found(root):
    page = notebook.from_source(model_assignment(), "source/assignments/a1_losses.py", "solution")
    del page.cells[3].metadata.nbgrader["points"]
    notebook.write(root / "a1_losses.ipynb", notebook.dumps(page))
    assert [(p.cell, p.rule) for p in lint(root / "a1_losses.ipynb")] == [("loss-0-tests", "points")]


OUTPUTS = {
    "a bare picture": ({"output_type": "display_data", "data": {"image/png": "AA=="}, "metadata": {}}, "alt-text"),
    "a described picture": (
        {
            "output_type": "display_data",
            "data": {"image/png": "AA=="},
            "metadata": {"image/png": {"alt": "A falling line."}},
        },
        None,
    ),
    "HTML with a bare picture": (
        {"output_type": "display_data", "data": {"text/html": "<p><img src='a'></p>"}, "metadata": {}},
        "alt-text",
    ),
    "HTML with a described picture": (
        {"output_type": "display_data", "data": {"text/html": '<img src="a" alt="A line.">'}, "metadata": {}},
        None,
    ),
    "a warning": ({"output_type": "stream", "name": "stderr", "text": "Warning: old\n"}, "stderr"),
    "a print": ({"output_type": "stream", "name": "stdout", "text": "hello"}, None),
    "an error": ({"output_type": "error", "ename": "ValueError", "evalue": "x", "traceback": []}, "error"),
    "megabytes": ({"output_type": "stream", "name": "stdout", "text": "a" * 3_100_000}, "html-size"),
}


@pytest.mark.parametrize("name", OUTPUTS)
def test_outputs_of_an_executed_notebook(root, name):
    output, rule = OUTPUTS[name]
    page = notebook.from_source(model_lecture(), "source/lectures/01_losses.py", "lecture")
    cell = next(cell for cell in page.cells if cell.id == "run-3")
    cell.execution_count = 1
    cell.outputs = [nbformat.from_dict(output)]
    notebook.write(root / "01_losses.ipynb", notebook.dumps(page))
    found = [(p.cell, p.rule) for p in lint(root / "01_losses.ipynb")]
    assert found == ([] if rule is None else [("" if rule == "html-size" else "run-3", rule)])


def test_an_error_on_purpose_is_no_problem(root):
    page = changed(model_lecture(), "run-3", tags=("raises-exception",))
    page = notebook.from_source(page, "source/lectures/01_losses.py", "lecture")
    page.cells[18].outputs = [nbformat.from_dict(OUTPUTS["an error"][0])]
    notebook.write(root / "01_losses.ipynb", notebook.dumps(page))
    assert page.cells[18].id == "run-3"
    assert lint(root / "01_losses.ipynb") == []


def test_a_problem_says_where_what_and_how(check, root):
    check(changed(model_lecture(), "run-1", text="plt.show()"))
    (problem,) = lint(root / "01_losses.ipynb")
    assert str(problem).startswith(f"{root / '01_losses.ipynb'}#run-1: banned-call: plt.show():")
    assert "ck.figure" in problem.message


@pytest.mark.parametrize("name", ["source/x.py", "x.ipynb"])
def test_files_of_no_course_are_refused(root, name):
    path = root / name
    path.write_text("x" if path.suffix == ".py" else nbformat.writes(nbformat.v4.new_notebook()))
    with pytest.raises(CourseError, match="neither a course source nor"):
        lint(path)


def test_budgets_are_those_of_the_design():
    assert (budgets.LECTURE_CELLS, budgets.LECTURE_WORDS, budgets.LECTURE_CODE_LINES) == ((40, 70), (1500, 3000), 350)
    assert (budgets.CODE_CELL_LINES, budgets.CODE_CELL_LINES_P90, budgets.STUB_LINES) == (30, 20, 25)
    assert dataclasses.astuple(budgets.LECTURE_RUN) == (60, 240, 1_500_000_000)
    assert (budgets.ASSIGNMENT_RUN.cell_seconds, budgets.ASSIGNMENT_RUN.notebook_seconds) == (20, 90)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("One two *three*, `four` [five](https://not.counted).", 5),
        ("The loss $\\sum_i x_i$ is $3$.", 5),
        ("$$\n\\frac{a}{b} + c\n$$\n\nafter", 2),
        ("```python\nx = 1\n```\n\nonly these three", 3),
        ("| a | b |\n|---|---|\n| c | 2.9 |", 4),
        ("<details><summary>See more</summary>\n\nhidden text\n\n</details>", 4),
        ("it's 8×8, state-of-the-art", 4),
        ("", 0),
    ],
)
def test_words_are_counted_as_a_reader_would(text, words):
    assert prose.read(text).words == words


def test_headings_in_code_are_none():
    assert prose.read("## A\n\n```\n# not one\n```\n\n### B *c*").headings == ((2, "A"), (3, "B *c*"))
