"""The source format: what is accepted, what is refused and where, and its one canonical form."""

import itertools
import subprocess
import sys

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursekit.authoring import cells, notebook, source
from coursekit.authoring.cells import Cell, Source
from coursekit.errors import CourseError

HEAD = "# ---\n# title: T\n# ---\n\n"


def code(text, **options):
    return Cell("code", text, **options)


def prose(text, **options):
    return Cell("markdown", text, **options)


def test_a_source_is_read(course):
    found = source.read(course / "source" / "assignments" / "a1_losses.py")
    assert found.title == "Losses"
    intro, setup, stub, tests, why = found.cells
    assert (intro.type, intro.id, intro.role) == ("markdown", "intro", None)
    assert "Watkins – once" in intro.text
    assert (setup.type, setup.role, setup.text) == ("code", "readonly", "import numpy as np")
    assert stub.text.startswith("def hinge_loss")
    assert stub.text.endswith("### END SOLUTION")
    assert (tests.role, tests.points) == ("tests", 4)
    assert (why.type, why.role, why.points) == ("markdown", "manual", 2.5)
    assert [cell.line for cell in found.cells] == [5, 12, 16, 28, 34]


@pytest.mark.parametrize("part", ["lectures/01_losses.py", "assignments/a1_losses.py"])
def test_the_sample_sources_are_canonical(course, part):
    text = (course / "source" / part).read_text(encoding="utf-8")
    assert source.canonical(text) == text


def test_other_spellings_become_canonical():
    loose = HEAD + (
        '# %%   tags=["x"]    id="a"\n\n\nx = 1\n\n\n\n# %% [markdown]\n# Some *text*\n#\n# more\n'
        "# %% [md]\n'''\nquoted\n'''\n# %%\ndef f():\n    return 1\n# %%\nf()\n"
    )
    assert source.canonical(loose) == HEAD + (
        '# %% id="a" tags=["x"]\nx = 1\n\n# %% [markdown]\nr"""\nSome *text*\n\nmore\n"""\n\n'
        '# %% [markdown]\nr"""\nquoted\n"""\n\n\n# %%\ndef f():\n    return 1\n\n\n# %%\nf()\n'
    )


def test_comments_that_look_like_magics_stay_comments():
    text = HEAD + "# %%\n# %s is a format, ! a shout\n# !ls\n# %matplotlib inline\nx = 1\n"
    assert source.parse(text).cells[0].text.startswith("# %s is a format")
    assert source.canonical(text) == text


SOLUTION = "### BEGIN SOLUTION\nx = 1\n### END SOLUTION"
REFUSED = {
    "no header": ("# %%\nx = 1\n", 1, "header"),
    "header not closed": ("# ---\n# title: T\n# %%\nx = 1\n", 1, "header"),
    "header not YAML": ("# ---\n# title: a: b\n# ---\n# %%\nx = 1\n", 2, "YAML"),
    "header says more": ("# ---\n# title: T\n# kernelspec: x\n# ---\n# %%\nx = 1\n", 2, "title and nothing else"),
    "title a number": ("# ---\n# title: 5\n# ---\n# %%\nx = 1\n", 2, "double quotes"),
    "title empty": ("# ---\n# title: ''\n# ---\n# %%\nx = 1\n", 1, "title"),
    "no cells": (HEAD, None, "no cells"),
    "text before cells": (HEAD + "x = 1\n# %%\nx\n", 4, "before the first cell"),
    "unknown option": (HEAD + '# %% colour="red"\nx = 1\n', 5, "colour"),
    "a title in the marker": (HEAD + "# %% My cell\nx = 1\n", 5, "title"),
    "broken option": (HEAD + '# %% id="a\nx = 1\n', 5, "options"),
    "raw cell": (HEAD + "# %% [raw]\n# x\n", 5, "raw"),
    "empty cell": (HEAD + "# %%\nx = 1\n\n# %%\n\n# %%\ny\n", 8, "empty"),
    "id not kebab": (HEAD + '# %% id="Hinge_Loss"\nx = 1\n', 5, "kebab-case"),
    "id too long": (HEAD + f'# %% id="{"a" * 41}"\nx = 1\n', 5, "40"),
    "id a number": (HEAD + "# %% id=5\nx = 1\n", 5, "double quotes"),
    "id like ours": (HEAD + '# %% id="c-0a1b2c3d"\nx = 1\n', 5, "made up"),
    "id like nbformat's": (HEAD + '# %% id="0a1b2c3d"\nx = 1\n', 5, "made up"),
    "id like JupyterLab's": (HEAD + '# %% id="5a4a9e3e-1d53-4c39-8d5c-2b0a8f9fd2a4"\nx = 1\n', 5, "made up"),
    "id twice": (HEAD + '# %% id="a"\nx = 1\n\n# %% id="a"\ny = 1\n', 8, "line 5"),
    "tags a text": (HEAD + '# %% tags="break-it"\nx = 1\n', 5, "list"),
    "tag twice": (HEAD + '# %%\nx = 1\n\n# %% tags=["a", "a"]\nx = 1\n', 8, "non-unique"),
    "tag not kebab": (HEAD + '# %% tags=["Break it"]\nx = 1\n', 5, "kebab-case"),
    "seconds a text": (HEAD + '# %% seconds="120"\nx = 1\n', 5, "number"),
    "no seconds": (HEAD + "# %% seconds=0\nx = 1\n", 5, "no time"),
    "seconds of prose": (HEAD + '# %% [markdown] seconds=5\nr"""\nx\n"""\n', 5, "not run"),
    "unknown role": (HEAD + '# %% id="a" nbgrader="test" points=1\nx = 1\n', 5, "solution, tests"),
    "role without id": (HEAD + f'# %% nbgrader="solution"\n{SOLUTION}\n', 5, "no id"),
    "tests without points": (HEAD + '# %% id="a" nbgrader="tests"\nassert x\n', 5, "points"),
    "manual without points": (HEAD + '# %% [markdown] id="a" nbgrader="manual"\nr"""\nx\n"""\n', 5, "points"),
    "points on a solution": (HEAD + f'# %% id="a" nbgrader="solution" points=2\n{SOLUTION}\n', 5, "not graded"),
    "points on nothing": (HEAD + "# %% points=2\nx\n", 5, "not graded"),
    "no points at all": (HEAD + '# %% id="a" nbgrader="tests" points=0\nx\n', 5, "positive"),
    "points a text": (HEAD + '# %% id="a" nbgrader="tests" points="4"\nx\n', 5, "number"),
    "points true": (HEAD + '# %% id="a" nbgrader="tests" points=true\nx\n', 5, "number"),
    "tests in prose": (HEAD + '# %% [markdown] id="a" nbgrader="tests" points=1\nr"""\nx\n"""\n', 5, "code cell"),
    "solution in prose": (HEAD + '# %% [markdown] id="a" nbgrader="solution"\nr"""\nx\n"""\n', 5, "code cell"),
    "solution unmarked": (HEAD + '# %% id="a" nbgrader="solution"\nx = 1\n', 5, "BEGIN SOLUTION"),
    "solution not ended": (HEAD + '# %% id="a" nbgrader="solution"\n### BEGIN SOLUTION\nx = 1\n', 5, "pair"),
    "solution not begun": (HEAD + '# %% id="a" nbgrader="solution"\nx = 1\n### END SOLUTION\n', 5, "pair"),
    "solution in a solution": (
        HEAD + f'# %% id="a" nbgrader="solution"\n### BEGIN SOLUTION\n{SOLUTION}\n### END SOLUTION\n',
        5,
        "pair",
    ),
    "solution in a plain cell": (HEAD + f"# %%\n{SOLUTION}\n", 5, "nbgrader would not take it out"),
    "solution in tests": (HEAD + f'# %% id="a" nbgrader="tests" points=1\n{SOLUTION}\n', 5, "would not take it out"),
    "hidden tests in a solution": (
        HEAD + f'# %% id="a" nbgrader="solution"\n{SOLUTION}\n### BEGIN HIDDEN TESTS\n### END HIDDEN TESTS\n',
        5,
        "HIDDEN TESTS",
    ),
    "hidden tests not ended": (
        HEAD + '# %% id="a" nbgrader="tests" points=1\n### BEGIN HIDDEN TESTS\nassert x\n',
        5,
        "pair",
    ),
    "mark scheme": (
        HEAD + '# %% [markdown]\nr"""\n### BEGIN MARK SCHEME\nx\n### END MARK SCHEME\n"""\n',
        5,
        "MARK SCHEME",
    ),
    "magic": (HEAD + "# %%\n%matplotlib inline\n", 5, "magics"),
    "shell": (HEAD + "# %%\n!ls\n", 5, "magics"),
    "cell magic": (HEAD + "# %%\n%%time\nx = 1\n", 5, "magics"),
    "not Python": (HEAD + "# %%\nx = 1\n\n# %%\nif x\n", 8, "not Python"),
    "indented marker": (HEAD + "# %%\ndef f():\n    # %% here\n    return 1\n", 7, "left margin"),
    "marker without space": (HEAD + "# %%\nx = 1\n#%%\ny = 1\n", 7, "left margin"),
    "IPython's marker": (HEAD + "# %%\nx = 1\n# In[3]:\ny = 1\n", 7, "left margin"),
    "marker in a string": (HEAD + '# %%\nx = """\n# %%\n"""\n', 5, "close every string"),
    "prose like a magic": (HEAD + '# %% [markdown]\nr"""\n%%html\n"""\n', 5, "magic"),
    "carriage return": (HEAD + "# %%\r\nx = 1\n", 5, "U+000D"),
    "line separator": (HEAD + '# %%\nx = "\u2028"\n', 6, "U+2028"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_says_where_and_how_to_mend_it(name):
    text, line, says = REFUSED[name]
    with pytest.raises(CourseError) as caught:
        source.parse(text, "source/lectures/01_x.py")
    place = "source/lectures/01_x.py" if line is None else f"source/lectures/01_x.py:{line}: "
    assert caught.value.problem.startswith(place)
    assert says in str(caught.value)
    assert caught.value.fix


def test_a_file_that_cannot_be_read_is_told(tmp_path):
    (tmp_path / "latin.py").write_bytes("# é".encode("latin-1"))
    for name in ("latin.py", "missing.py"):
        with pytest.raises(CourseError, match="cannot be read"):
            source.read(tmp_path / name)


def test_ids_do_not_move_when_other_cells_change():
    before = Source("T", (prose("one"), code("x = 1"), prose("same"), prose("same"), code("y", id="mine")))
    after = Source("T", (prose("zero"), prose("one!"), *before.cells[1:]))
    assert before.cell_ids[1:] == after.cell_ids[2:]
    assert before.cell_ids[3] == before.cell_ids[2] + "-2"
    assert before.cell_ids[4] == "mine"
    assert len(set(after.cell_ids)) == len(after.cells)
    assert all(cells.is_generated(cell_id) for cell_id in before.cell_ids[:4])


def test_prose_with_triple_quotes_becomes_comments():
    text = source.render(Source("T", (prose('a """docstring"""\n\n\\alpha'),)))
    assert text == HEAD + '# %% [markdown]\n# a """docstring"""\n#\n# \\alpha\n'
    assert source.canonical(text) == text


@pytest.mark.parametrize("text", ['"""\n%% [markdown]', "%%html\n<b>x</b>"])
def test_prose_that_no_source_can_hold_is_refused(text):
    with pytest.raises(CourseError, match="from a notebook"):
        source.render(Source("T", (prose("fine"), prose(text))), "from a notebook")


# Cells that end and begin in every way that moves blank lines about.
SHAPES = [
    prose("# Heading\n\ntext"),
    prose('comments, for """'),
    code("import numpy as np"),
    code("x = 1\nx"),
    code("def f(x):\n    return x"),
    code("import os\n\n\ndef f(x):\n    return x\n\n\nf(1)"),
    code("@staticmethod\ndef g(x):\n    return x"),
    code("# about g\ndef g(x):\n    return x"),
    code("# about all\n\n\ndef g(x):\n    return x"),
    code("class A:\n    y = 1"),
    code("def f(x):\n    ### BEGIN SOLUTION\n    return x\n    ### END SOLUTION", id="s", role="solution"),
    code("for i in range(3):\n    print(i)"),
    code("if True:\n\n    def f(x):\n        return x"),
    code("# only a comment"),
    code("def f(x):\n    return x\n\n\n# afterwards"),
    code('s = """\nabc\n"""'),
    code("async def f():\n    pass"),
    code("def f(x):\n    return x\n    # at its end"),
    code("try:\n    1 / 0\nexcept ZeroDivisionError:\n    pass"),
    code("def f():\n    return g(\n        1,\n        2,\n    )"),
    code("x = 1", id="tagged", tags=("break-it", "interactive")),
]


def test_canonical_is_what_the_formatter_wants(tmp_path):
    for i, j in itertools.product(range(len(SHAPES)), repeat=2):
        if i != j:
            around = (prose("# T"), SHAPES[i], SHAPES[j], code("y = 2"))
            (tmp_path / f"shapes_{i}_{j}.py").write_text(source.render(Source("T", around)))
    (tmp_path / "ruff.toml").write_text("line-length = 120\n")
    ruff = [sys.executable, "-m", "ruff", "format", "--check", "--no-cache", str(tmp_path)]
    done = subprocess.run(ruff, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


TRICKY = ['"', '"""', "'''", "r", "\\", "#", "# %%", "%%", "[markdown]", "---", "```", "$x_1$", " ", "\t", "=", "é"]
PLAIN = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=20)
LINE = st.one_of(PLAIN, st.lists(st.sampled_from(TRICKY), max_size=5).map("".join))
MARKDOWN = st.lists(LINE, min_size=1, max_size=5).map("\n".join).map(cells.trim).filter(bool)
PYTHON = st.sampled_from([cell.text for cell in SHAPES if cell.type == "code" and cell.role is None])
NAME = st.from_regex(r"[a-z][a-z0-9]{0,6}(-[a-z0-9]{1,6}){0,2}", fullmatch=True).filter(
    lambda name: not cells.is_generated(name)
)


@st.composite
def sources(draw):
    """Valid sources with every kind of cell."""
    names = iter(draw(st.lists(NAME, min_size=6, max_size=6, unique=True)))
    made = []
    for _ in range(draw(st.integers(1, 6))):
        name, points = next(names), draw(st.sampled_from([1, 4, 2.5]))
        tags = tuple(draw(st.lists(NAME, max_size=2, unique=True)))
        role = draw(st.sampled_from([None, None, "solution", "tests", "manual", "readonly"]))
        markdown = role not in ("solution", "tests") and draw(st.booleans())
        text = draw(MARKDOWN) if markdown else draw(PYTHON)
        if role == "solution":
            text = f"x = 0\n### BEGIN SOLUTION\n{text}\n### END SOLUTION"
        kept = name if role or draw(st.booleans()) else None
        graded = points if role in ("tests", "manual") else None
        seconds = None if markdown else draw(st.sampled_from([None, None, 120, 0.5]))
        made.append(Cell("markdown" if markdown else "code", text, kept, role, graded, tags, seconds))
    return Source(draw(LINE.filter(str.strip)), tuple(made))


@settings(max_examples=100, deadline=None)
@given(sources())
def test_what_is_written_reads_back(made):
    try:
        text = source.render(made)
    except CourseError:
        # Lines like "# %%" begin cells; prose with triple quotes is written as comments, where fences count, too.
        assert any('"""' in cell.text or "%%" in cell.text for cell in made.cells)
        return
    assert source.parse(text) == made
    assert source.canonical(text) == text
    built = nbformat.reads(notebook.dumps(notebook.from_source(made, "source/lectures/01_x.py", "lecture")), 4)
    assert Source(built.metadata.title, notebook.to_cells(built, "built")) == made, "nothing is lost on the way back"
