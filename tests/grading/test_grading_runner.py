"""Whole submissions: every point earned is kept, whatever happens, and nothing of hidden tests is."""

import contextlib
import json

import nbformat
import pytest
from nbformat import v4
from nbgrader.utils import compute_checksum, determine_grade

from coursekit.errors import CourseError
from coursekit.grading import kernels
from coursekit.grading.bundle import Bundle
from coursekit.grading.execution import Execution
from coursekit.grading.limits import Limits
from coursekit.grading.repair import with_note
from coursekit.grading.runner import grade
from coursekit.grading.staging import Staged

pytestmark = pytest.mark.slow

LIMITS = Limits(output_bytes=50_000, cell_seconds=20, call_seconds=2)
HINGE = """def hinge_loss_loops(scores, labels, margin=1.0):
    total = 0.0
    for row, label in zip(scores, labels):
        for j, score in enumerate(row):
            if j != label:
                total += max(0.0, score - row[label] + margin)
    return total / len(scores)"""
ENDLESS = "import time\nuntil = time.monotonic() + 60\nwhile time.monotonic() < until:\n    pass"
DEATH = "import os\nos._exit(1)"


@pytest.fixture(scope="module")
def start():
    modules = ("numpy", "coursekit.exercises", "coursekit.teach", "coursekit.grading.judge.agent")
    with kernels.Template(modules, {}) as template:

        def started(files):
            started.count += 1
            started.files = dict(files)
            return kernels.start(template.address, None, {"COURSEKIT_PROGRESS": "off"})

        started.count = 0
        yield started


def settings(name, **flags):
    return {
        "nbgrader": {"grade": False, "solution": False, "locked": False, "schema_version": 3, "grade_id": name} | flags
    }


def answer(name, text="raise NotImplementedError()", seconds=None):
    more = {"coursekit": {"seconds": seconds}} if seconds else {}
    return v4.new_code_cell(text, id=name, metadata=settings(name, solution=True) | more)


def check(name, text, points=2):
    return v4.new_code_cell(text, id=name, metadata=settings(name, grade=True, locked=True, points=points))


def locked(name, text):
    return v4.new_code_cell(text, id=name, metadata=settings(name, locked=True))


def essay(name, text="YOUR ANSWER HERE", kind="markdown"):
    flags = settings(name, grade=True, solution=True, points=3)
    return getattr(v4, f"new_{kind}_cell")(text, id=name, metadata=flags)


def free(text, name="free"):
    return v4.new_code_cell(text, id=name)


class Assignment:
    """An instructor's notebook, and what a student makes of it."""

    def __init__(self, *cells, files=None):
        self.source = nbformat.from_dict(v4.new_notebook(cells=list(cells)))
        for cell in self.source.cells:
            if "nbgrader" in cell.metadata:
                cell.metadata.nbgrader.checksum = compute_checksum(cell)
        self.bundle = Bundle("b1_tiny", nbformat.writes(self.source), files or {}, {}, "salt", "1")

    def handed_in(self, answers=None, change=None, files=None):
        notebook = nbformat.reads(self.bundle.source, as_version=4)
        for cell in notebook.cells:
            cell.source = (answers or {}).get(cell.id, cell.source)
            if cell.metadata.get("nbgrader", {}).get("grade"):
                cell.source = cell.source.partition("### BEGIN HIDDEN")[0]
        if change:
            change(notebook)
        return Staged("ada", nbformat.writes(notebook), files or {}, "", (), "key")


class Outcome:
    def __init__(self, graded):
        self.graded = graded
        self.cells = {cell.name: cell for cell in graded.cells}
        self.points = {cell.name: cell.points for cell in graded.cells}
        self.causes = {cell.name: cell.cause for cell in graded.cells}
        self.notebook = nbformat.reads(graded.notebook, as_version=4)
        nbformat.validate(self.notebook)

    def cell(self, name):
        return next(cell for cell in self.notebook.cells if cell.id == name)

    def shown(self, name):
        return json.dumps(self.cell(name).outputs)


@pytest.fixture
def run(start):
    def run(assignment, answers=None, limits=LIMITS, **more):
        graded = grade(assignment.bundle, assignment.handed_in(answers, **more), limits, start, "none")
        assert graded.fault == ""
        outcome = Outcome(graded)
        for cell in outcome.notebook.cells:  # what nbgrader would record by itself is what we say
            if cell.metadata.get("nbgrader", {}).get("grade"):
                for output in cell.get("outputs", ()):
                    output.name = "stdout"
                assert determine_grade(cell)[0] == outcome.points[cell.metadata.nbgrader.grade_id]
        return outcome

    return run


SETUP = locked("setup", "import numpy as np\nimport coursekit as ck")
DOUBLE = check("double-tests", "assert double(2) == 4")
TINY = Assignment(
    SETUP,
    answer("hinge"),
    check("hinge-tests", "ck.check.hinge_loss_loops(hinge_loss_loops)", 3),
    answer("double"),
    DOUBLE,
    essay("essay"),
)
RIGHT = {"hinge": HINGE, "double": "def double(x):\n    return 2 * x", "essay": "Because."}


def test_right_answers(run):
    outcome = run(TINY, RIGHT)
    assert outcome.points == {"hinge-tests": 3, "double-tests": 2, "essay": None}
    assert outcome.causes == {"hinge-tests": "", "double-tests": "", "essay": ""}
    assert [cell.trust for cell in outcome.graded.cells] == ["judge", "kernel", "person"]
    assert [cell.max_points for cell in outcome.graded.cells] == [3, 2, 3]
    assert "checks passed" in outcome.shown("hinge-tests")
    assert outcome.graded.answers
    assert (outcome.graded.level, outcome.graded.key, outcome.graded.student) == ("none", "key", "ada")
    assert 0 < outcome.graded.cpu_seconds < outcome.graded.seconds + 5


def test_what_is_wrong_or_missing_is_told_apart(run):
    outcome = run(TINY, {"hinge": HINGE.replace("!=", "=="), "double": "def double(x):\n    return 3 * x"})
    assert outcome.causes == {"hinge-tests": "wrong", "double-tests": "wrong", "essay": "unwritten"}
    assert outcome.points == {"hinge-tests": 0, "double-tests": 0, "essay": 0}
    outcome = run(TINY, {"double": "def double(x):\n    return y"})
    assert outcome.causes["double-tests"] == "error"
    assert outcome.cells["double-tests"].sentence == "NameError: name 'y' is not defined"
    stub = "def {}(*args):\n    raise NotImplementedError()"
    outcome = run(TINY, {"hinge": stub.format("hinge_loss_loops"), "double": stub.format("double")})
    assert outcome.causes == {"hinge-tests": "unwritten", "double-tests": "unwritten", "essay": "unwritten"}


def test_an_error_in_an_answer_does_not_stop_later_cells(run):
    outcome = run(TINY, {**RIGHT, "hinge": f"{HINGE}\nraise ValueError('oh')"})
    assert outcome.points == {"hinge-tests": 3, "double-tests": 2, "essay": None}
    assert "ValueError" in outcome.shown("hinge")


def test_locked_text_is_the_assignments_whatever_was_handed_in(run):
    easy = {"setup": "import sys\nraise SystemExit", "double-tests": "pass", "hinge-tests": "5"}
    outcome = run(TINY, {"double": "def double(x):\n    return 3 * x", **easy})
    assert outcome.causes["double-tests"] == "wrong"
    assert outcome.points["hinge-tests"] == 0
    assert outcome.cell("double-tests").source == DOUBLE.source
    assert outcome.cell("setup").source == SETUP.source


def test_cells_that_a_student_added_are_run_and_notes_stay(run):
    def change(notebook):
        notebook.cells.insert(2, free("def helper(x):\n    return x + x", "mine"))
        with_note(notebook, "A note from the grader.", ["Something was set right."])

    outcome = run(TINY, {**RIGHT, "double": "def double(x):\n    return helper(x)"}, change=change)
    assert outcome.points["double-tests"] == 2
    assert outcome.notebook.cells[0].id == "note-from-the-grader"
    assert outcome.cell("mine").execution_count == 3


def test_noise_costs_nothing(run):
    noise = "    warnings.warn('beware')\n    os.write(2, b'from C')"
    noisy = f"import os, warnings\ndef double(x):\n{noise}\n    return 2 * x"
    outcome = run(TINY, {**RIGHT, "double": noisy})
    assert outcome.points["double-tests"] == 2
    assert "beware" in outcome.shown("double-tests")


def test_a_value_of_the_test_is_its_points(run):
    assignment = Assignment(
        check("half", "1.5"), check("all", "'fine'"), check("too-many", "7"), check("none", "0"), check("empty", "")
    )
    outcome = run(assignment)
    assert outcome.points == {"half": 1.5, "all": 2, "too-many": 2, "none": 0, "empty": 2}
    assert outcome.causes == {"half": "wrong", "all": "", "too-many": "", "none": "wrong", "empty": ""}
    assert outcome.cells["half"].sentence == "the test gave 1.5 of 2 points"


def test_a_question_to_nobody_is_an_error(run):
    outcome = run(TINY, {**RIGHT, "double": "def double(x):\n    return 2 * int(input('x? '))"})
    assert outcome.causes == {"hinge-tests": "", "double-tests": "error", "essay": ""}


def test_a_dead_kernel_costs_the_cell_and_what_hung_on_it(run, start):
    """What was earned is kept, what was defined is there again, and only what died is left out."""
    assignment = Assignment(
        SETUP,
        answer("one"),
        check("one-tests", "assert one == 1"),
        answer("two"),
        check("two-tests", "assert two == 2"),
        answer("three"),
        check("three-tests", "assert three == one + 2"),
        check("four-tests", "assert one == 1\none = 5"),
    )
    before = start.count
    outcome = run(assignment, {"one": "one = 1\n1 / 0", "two": f"two = 2\n{DEATH}", "three": "three = np.int64(3)"})
    assert outcome.points == {"one-tests": 2, "two-tests": 0, "three-tests": 2, "four-tests": 2}
    assert outcome.causes["two-tests"] == "not run"
    assert (
        outcome.cells["two-tests"].sentence
        == "NameError: name 'two' is not defined: lost when the kernel ended earlier"
    )
    assert "the kernel died in this cell" in outcome.shown("two")
    assert start.count == before + 2


def test_a_function_that_kills_the_kernel_costs_its_own_check(run):
    outcome = run(TINY, {**RIGHT, "hinge": "def hinge_loss_loops(*args):\n    import os\n    os._exit(1)"})
    assert outcome.points == {"hinge-tests": 0, "double-tests": 2, "essay": None}
    assert outcome.causes["hinge-tests"] == "died"
    outcome = run(TINY, {**RIGHT, "double": "def double(x):\n    import os\n    os._exit(1)"})
    assert outcome.points == {"hinge-tests": 3, "double-tests": 0, "essay": None}
    assert outcome.causes["double-tests"] == "died"


def test_a_kernel_that_dies_again_and_again_ends_nothing(run, start, tmp_path):
    """Cells that end the kernel a while later, and cells that end it only when they are run again."""
    wait = "import time\ntime.sleep(1)"
    assignment = Assignment(
        answer("one"),
        answer("two"),
        check("a", "assert one"),
        check("b", wait),
        check("c", "assert one"),
        check("d", "two"),
    )
    before = start.count
    later = "import os, threading\nthreading.Timer(0.4, os._exit, (1,)).start()\ntwo = 1"
    outcome = run(assignment, {"one": "one = True", "two": later})
    assert (outcome.causes["a"], outcome.causes["b"], outcome.causes["c"]) == ("", "died", "")
    assert start.count - before < 10
    mark = str(tmp_path / "been")
    again = f"one = True\nimport os\nif os.path.exists({mark!r}):\n    os._exit(1)\nopen({mark!r}, 'w').close()"
    outcome = run(assignment, {"one": again, "two": DEATH})
    assert outcome.causes == {"a": "not run", "b": "", "c": "not run", "d": "not run"}


def test_an_endless_loop_costs_its_cell_alone(run):
    assignment = Assignment(
        answer("one", seconds=0.5), answer("two"), check("a", "assert one == 1"), check("b", "assert two")
    )
    outcome = run(assignment, {"one": f"one = 1\n{ENDLESS}", "two": "two = True"})
    assert outcome.points == {"a": 2, "b": 2}
    assert "this cell ran for more than 0.5 s" in outcome.shown("one")
    assert 0.5 <= outcome.graded.seconds < 10


def test_a_name_that_is_not_there_is_laid_to_the_cell_that_was_cut_short(run):
    tests = (check("a", "assert one"), answer("two"), check("b", "assert two"), check("c", "three"))
    assignment = Assignment(answer("one", seconds=0.5), *tests)
    outcome = run(assignment, {"one": f"{ENDLESS}\none = 1", "two": "1 / 0\ntwo = 2"})
    late = "the cell one did not come to its end (this cell ran for more than 0.5 s)"
    failed = "the cell two did not come to its end (ZeroDivisionError: division by zero)"
    assert {name: each.sentence for name, each in outcome.cells.items()} == {
        "a": f"NameError: name 'one' is not defined: {late}",
        "b": f"NameError: name 'two' is not defined: {failed}",
        "c": "NameError: name 'three' is not defined",
    }
    assert set(outcome.causes.values()) == {"error"}


def test_an_endless_function_costs_its_check_alone(run):
    loop = "import time\n    until = time.monotonic() + 60\n    while time.monotonic() < until:\n        pass"
    outcome = run(TINY, {**RIGHT, "hinge": f"def hinge_loss_loops(*args):\n    {loop}"})
    assert outcome.points == {"hinge-tests": 0, "double-tests": 2, "essay": None}
    assert outcome.causes["hinge-tests"] == "time"


def test_deadlines_are_the_assignments_not_the_submissions(run):
    def change(notebook):
        for cell in notebook.cells:
            cell.metadata["coursekit"] = {"seconds": 60}

    assignment = Assignment(answer("one", seconds=0.5), check("a", "assert one == 1"))
    outcome = run(assignment, {"one": f"one = 1\n{ENDLESS}"}, change=change)
    assert "this cell ran for more than 0.5 s" in outcome.shown("one")
    with pytest.raises(CourseError, match="no time"):
        run(Assignment(answer("one", seconds=-1), check("a", "1")))


def test_the_time_of_the_whole_submission_is_limited(run):
    limits = Limits(notebook_seconds=1.5, cell_seconds=60)
    outcome = run(TINY, {**RIGHT, "double": ENDLESS}, limits)
    assert outcome.points == {"hinge-tests": 3, "double-tests": 0, "essay": None}
    assert outcome.causes["double-tests"] == "not run"
    assert "the time of the whole submission was over" in outcome.shown("double-tests")
    assert outcome.graded.seconds < 8
    outcome = run(TINY, {**RIGHT, "hinge": ENDLESS}, limits)
    assert outcome.causes == {"hinge-tests": "not run", "double-tests": "not run", "essay": ""}


def test_a_flood_costs_its_cell_alone(run):
    flood = (
        "import time\nuntil = time.monotonic() + 60\nwhile time.monotonic() < until:\n    print('x' * 1000, flush=True)"
    )
    outcome = run(TINY, {**RIGHT, "double": f"{RIGHT['double']}\n{flood}"})
    assert outcome.points == {"hinge-tests": 3, "double-tests": 2, "essay": None}
    assert "this cell wrote more than" in outcome.shown("double")
    assert len(outcome.graded.notebook) < 10 * LIMITS.output_bytes


SECRET = "swordfish"
HIDES = f"""assert double(2) == 4
double(3)
### BEGIN HIDDEN TESTS
{SECRET} = double(21)
assert {SECRET} == 42, "{SECRET} is wrong"
### END HIDDEN TESTS"""
HIDDEN = Assignment(answer("double"), check("hidden", HIDES), check("after", "assert double(1) == 2"))


def test_hidden_tests_decide_and_leave_nothing(run, start):
    before = start.count
    outcome = run(HIDDEN, {"double": RIGHT["double"]})
    assert outcome.points == {"hidden": 2, "after": 2}
    assert start.count == before + 2
    outcome = run(
        HIDDEN,
        {"double": "def double(x):\n    print(get_ipython().user_ns['In'][-1])\n    return {2: 4, 1: 2}.get(x, 0)"},
    )
    assert outcome.points == {"hidden": 0, "after": 2}
    assert (outcome.causes["hidden"], outcome.cells["hidden"].sentence) == ("wrong", "hidden tests gave 0 of 2 points")
    assert outcome.cell("hidden").outputs[0].ename == "HiddenTestFailed"
    assert "assert double(2) == 4" in outcome.shown("hidden"), "it saw the visible test"
    assert SECRET not in outcome.graded.to_json()


def test_hidden_tests_are_not_run_when_the_visible_have_failed(run, start):
    before = start.count
    outcome = run(HIDDEN, {"double": "def double(x):\n    return 0"})
    assert outcome.causes == {"hidden": "wrong", "after": "wrong"}
    assert start.count == before + 1


def test_hidden_tests_that_do_not_end_cost_their_cell(run):
    deadly = "def double(x):\n    if x == 21:\n        {}\n    return 2 * x"
    outcome = run(HIDDEN, {"double": deadly.format("import os; os._exit(0)")})
    assert outcome.causes == {"hidden": "died", "after": ""}
    assert outcome.cells["hidden"].sentence == "the kernel died in a hidden test"
    outcome = run(HIDDEN, {"double": deadly.format("import time; time.sleep(60)")}, Limits(cell_seconds=0.7))
    assert (outcome.causes["hidden"], outcome.points) == ("time", {"hidden": 0, "after": 2})
    assert SECRET not in outcome.graded.to_json()


def test_hidden_tests_may_give_a_part_of_the_points(run):
    text = "### BEGIN HIDDEN TESTS\nsum(double(x) == 2 * x for x in (1, 2, 3, 4)) / 2\n### END HIDDEN TESTS"
    outcome = run(
        Assignment(answer("double"), check("t", text)), {"double": "def double(x):\n    return 2 * min(x, 3)"}
    )
    assert (outcome.points, outcome.causes) == ({"t": 1.5}, {"t": "wrong"})


def test_the_same_numbers_are_drawn_for_everyone(run):
    draw = "import random\nimport numpy as np\nprint(random.random(), np.random.rand(), np.random.randint(10**6))"
    assignment = Assignment(free(draw))
    first, second = (run(assignment).shown("free") for _ in range(2))
    assert first == second
    assert len(set(first.split())) > 3


@pytest.mark.slow
def test_keras_draws_the_same_numbers_for_everyone(run):
    draw = "print([float(x) for x in keras.random.uniform((3,))], keras.layers.Dense(1)(keras.ops.ones((1, 4))))"
    assignment = Assignment(free("import keras"), free(draw, "draw"))
    first, second = (run(assignment).shown("draw") for _ in range(2))
    assert first == second
    assert "stdout" in first


def test_seeding_leaves_no_names_behind(run):
    assignment = Assignment(
        free("print(sorted(n for n in globals() if 'seed' in n or n in ('random', 'numpy', 'sys')))")
    )
    assert "[]" in run(assignment).shown("free")


def test_files_of_the_assignment_come_before_those_of_the_submission(run, start):
    assignment = Assignment(check("t", "1"), files={"data.csv": b"theirs", "more.csv": b"more"})
    run(assignment, files={"data.csv": b"forged", "mine.py": b"x = 1"})
    assert start.files == {"data.csv": b"theirs", "more.csv": b"more", "mine.py": b"x = 1"}


def test_a_written_answer_in_code_is_run_and_left_to_a_person(run):
    assignment = Assignment(essay("plot", "YOUR PLOT", kind="code"), check("t", "assert x == 1"))
    outcome = run(assignment, {"plot": "x = 1\nx"})
    assert outcome.points == {"plot": None, "t": 2}
    assert "'1'" in repr(outcome.cell("plot").outputs)


def test_tests_that_nbgrader_writes_itself_are_those_that_were_handed_out(run):
    assignment = Assignment(answer("double"), check("auto", "### AUTOTEST double(2)"))
    written = {"auto": "assert double(2) == 4"}
    assert run(assignment, {"double": "def double(x):\n    return 0", **written}).points == {"auto": 0}


def test_a_check_that_is_not_there_gives_an_explicit_zero(run):
    def change(notebook):
        del notebook.cells[4]

    outcome = run(TINY, RIGHT, change=change)
    assert outcome.points == {"hinge-tests": 3, "double-tests": 0, "essay": None}
    assert outcome.causes["double-tests"] == "not run"


def test_cells_tagged_to_be_skipped_are(run):
    skipped = v4.new_code_cell("1 / 0", id="skipped", metadata={"tags": ["skip-execution"]})
    assert run(Assignment(skipped, check("t", "1"))).cell("skipped").outputs == []


@pytest.mark.parametrize("good", [0, 1])
def test_what_is_missing_on_our_side_is_no_fault_of_the_submission(start, good):
    left = [good]

    def sometimes(files):
        left[0] -= 1
        if left[0] < 0:
            raise kernels.KernelUnavailable("no template")
        return start(files)

    graded = grade(TINY.bundle, TINY.handed_in({**RIGHT, "hinge": DEATH}), LIMITS, sometimes, "none")
    assert "no template" in graded.fault
    assert (graded.cells, graded.notebook) == ((), "")


def test_kernels_are_ended_also_when_the_grader_fails(start, monkeypatch):
    ended = []

    @contextlib.contextmanager
    def watched(files):
        with start(files) as kernel:
            yield kernel
        ended.append(kernel.alive())

    grade(TINY.bundle, TINY.handed_in(RIGHT), LIMITS, watched, "none")
    monkeypatch.setattr(Execution, "run", lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        grade(TINY.bundle, TINY.handed_in({**RIGHT, "hinge": DEATH}), LIMITS, watched, "none")
    monkeypatch.undo()
    grade(TINY.bundle, TINY.handed_in({**RIGHT, "hinge": DEATH}), LIMITS, watched, "none")
    assert ended == [False] * len(ended)
    assert len(ended) == 3
