import json
import math

import numpy as np
import pytest
from nbformat import from_dict, v4
from nbgrader.utils import determine_grade

from coursekit import exercises
from coursekit.exercises import Case, Exercise
from coursekit.exercises.sources import as_answer
from coursekit.grading.graded import Graded
from coursekit.grading.judge import NotKept, kind, mark_calls, seed_of
from coursekit.grading.judge.agent import SEPARATOR
from coursekit.grading.limits import Limits
from coursekit.grading.session import SessionError
from coursekit.teach.checking import MIMETYPE

LIMITS = Limits()
HINGE = exercises.get("hinge_loss")


def cell(source="ck.check.hinge_loss(hinge_loss)", points=4, name="hinge-tests", **settings):
    settings = {"grade": True, "solution": False, "points": points, "grade_id": name, **settings}
    return v4.new_code_cell(source, metadata={"nbgrader": settings})


def in_a_cell(function, name):
    namespace = {"np": np}
    exec(as_answer(function, name), namespace)
    return namespace[name]


class Loop:
    def __init__(self, **namespace):
        self.namespace = namespace

    def evaluate(self, code, expression, seconds):
        return eval(expression, self.namespace)


RIGHT = in_a_cell(HINGE.reference, "hinge_loss")
MISTAKE = HINGE.misconceptions[0]
WRONG = in_a_cell(MISTAKE.function, "hinge_loss")


def mark(asked=None, kept=None, **namespace):
    return mark_calls(asked or cell(), Loop(**namespace), LIMITS, 5 + 10**6, {} if kept is None else kept)


def points_of_nbgrader(asked, outputs):
    run = from_dict({**asked, "outputs": outputs})
    return determine_grade(run)[0]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("ck.check.hinge_loss(hinge_loss)", "call"),
        ("# all of it\nck.check.hinge_loss(mine)\n\nck.check.softmax_loss(softmax_loss);", "call"),
        ("ck.check.hinge_loss(hinge_loss, seed=3)", "kernel"),
        ("ck.check.hinge_loss(hinge_loss, 3)", "kernel"),
        ("ck.check.hinge_loss.report(hinge_loss)", "kernel"),
        ("ck.check.hinge_loss(make())", "kernel"),
        ("ck.check.hinge_loss('file.npz')", "kernel"),
        ("ck.check.no_such_exercise(f)", "kernel"),
        ("report = ck.check.hinge_loss(hinge_loss)", "kernel"),
        ("ck.check.hinge_loss(hinge_loss)\nassert True", "kernel"),
        ("other.check.hinge_loss(hinge_loss)", "kernel"),
        ("assert hinge_loss(1) == 2", "kernel"),
        ("%time ck.check.hinge_loss(hinge_loss)", "kernel"),
        ("", "kernel"),
    ],
)
def test_the_judge_takes_what_is_nothing_but_checks(source, expected):
    assert kind(cell(source)) == expected


def test_people_grade_what_people_wrote():
    assert kind(cell(solution=True)) == "person"
    assert kind(cell(grade=False, task=True)) == "person"
    essay = v4.new_markdown_cell("why?", metadata={"nbgrader": {"grade": True, "solution": True, "points": 2}})
    assert kind(essay) == "person"


def test_a_right_answer_gets_its_points():
    grade, outputs = mark(hinge_loss=RIGHT)
    assert (grade.name, grade.points, grade.max_points, grade.trust) == ("hinge-tests", 4.0, 4.0, "judge")
    assert (grade.cause, grade.sentence) == ("", "")
    assert grade.verdict["status"] == "passed"
    assert grade.verdict["seed"] == 5  # short enough to be typed
    assert [each["output_type"] for each in outputs] == ["execute_result"]
    assert outputs[0]["data"]["text/plain"].startswith("✓ hinge_loss")
    assert points_of_nbgrader(cell(), outputs) == 4


def test_a_wrong_answer_is_shown_as_the_check_would_show_it():
    grade, outputs = mark(hinge_loss=WRONG)
    assert (grade.points, grade.cause) == (0.0, "wrong")
    assert MISTAKE.hint in grade.sentence
    assert HINGE.cases[0].name in grade.sentence
    assert [each["output_type"] for each in outputs] == ["display_data", "error"]
    assert outputs[0]["data"][MIMETYPE]["misconception"] == MISTAKE.name
    assert MISTAKE.hint in outputs[0]["data"]["text/html"]
    assert outputs[1]["ename"] == "CheckFailed"
    assert points_of_nbgrader(cell(), outputs) == 0


def test_outputs_are_what_the_cell_itself_leaves():
    """As IPython shows it, run by the student with the same seed."""
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    shell = InteractiveShell.instance()
    try:
        shell.push({"hinge_loss": WRONG})
        with capture_output() as captured:
            shell.run_cell("import coursekit as ck\nck.check.hinge_loss(hinge_loss, seed=5)")
    finally:
        InteractiveShell.clear_instance()
    _, outputs = mark(hinge_loss=WRONG)
    (shown,) = captured.outputs
    assert json.loads(json.dumps(shown.data)) == json.loads(json.dumps(outputs[0]["data"]))
    assert outputs[1]["traceback"] == [str(outputs[0]["data"]["text/plain"]).splitlines()[0]]


@pytest.mark.parametrize(
    ("namespace", "cause", "sentence", "name"),
    [
        ({}, "error", "NameError: name 'hinge_loss' is not defined", "NameError"),
        ({"hinge_loss": 3}, "error", "the check takes a function; got int", "CheckError"),
        ({"hinge_loss": lambda *a: 1 / 0}, "error", "cat, car and frog: it raised ZeroDivisionError", "CheckFailed"),
        ({"hinge_loss": lambda *a: ...}, "unwritten", "not written yet", "CheckFailed"),
        ({"hinge_loss": lambda *a: None}, "wrong", "cat, car and frog: expected 2 values", "CheckFailed"),
        ({"hinge_loss": lambda *a: np.zeros(10**8, "i1")}, "malformed", "an answer of 127 MiB is too", "CheckError"),
    ],
)
def test_every_way_to_fail_has_a_cause_and_a_sentence(namespace, cause, sentence, name):
    grade, outputs = mark(**namespace)
    assert (grade.points, grade.cause) == (0.0, cause)
    assert grade.sentence.startswith(sentence)
    assert outputs[-1]["ename"] == name
    assert points_of_nbgrader(cell(), outputs) == 0


def test_of_several_checks_all_must_be_passed():
    both = cell("ck.check.hinge_loss(hinge_loss)\nck.check.hinge_loss_loops(loops)", points=7)
    loops = in_a_cell(exercises.get("hinge_loss_loops").reference, "hinge_loss_loops")
    grade, outputs = mark(both, hinge_loss=RIGHT, loops=loops)
    assert (grade.points, grade.verdict["exercise"]) == (7.0, "hinge_loss_loops")
    assert points_of_nbgrader(both, outputs) == 7
    for functions, failing in [((RIGHT, WRONG), "hinge_loss_loops"), ((WRONG, loops), "hinge_loss")]:
        grade, outputs = mark(both, hinge_loss=functions[0], loops=functions[1])
        assert (grade.points, grade.verdict["exercise"]) == (0.0, failing)
        assert points_of_nbgrader(both, outputs) == 0


class Hanging(Loop):
    def evaluate(self, code, expression, seconds):
        raise SessionError("time", "this cell ran for more than 21 s, and could not be interrupted")


class Dead(Loop):
    def evaluate(self, code, expression, seconds):
        raise SessionError("died", "the kernel died in this cell: the code ended the process")


@pytest.mark.parametrize(
    ("session", "cause", "problem"),
    [
        (Hanging(), "time", "it gave no answer within 20 s"),
        (Dead(), "died", "the kernel died in this call: the code ended the process"),
    ],
)
def test_a_lost_kernel_is_told_in_plain_words(session, cause, problem):
    grade, outputs = mark_calls(cell(), session, LIMITS, 5, kept := {})
    assert (grade.points, grade.cause) == (0.0, cause)
    assert grade.sentence == f"{HINGE.cases[0].name}: {problem}"
    problems = [failure["problem"] for failure in grade.verdict["failures"]]
    assert problems == [problem] + ["not tried, because an earlier call had no end"] * (len(problems) - 1)
    assert points_of_nbgrader(cell(), outputs) == 0
    assert kept == {}


def test_what_was_wrong_before_the_kernel_was_lost_comes_first():
    class LostLater(Loop):
        def evaluate(self, code, expression, seconds):
            self.answers = getattr(self, "answers", None) or super().evaluate(code, expression, seconds)
            if "finished" in expression:
                return SEPARATOR.join(self.answers.split(SEPARATOR)[:3])
            raise SessionError("time", "this cell ran for more than 21 s")

    grade, _ = mark_calls(cell(), LostLater(hinge_loss=WRONG), LIMITS, 5, {})
    assert grade.cause == "wrong"
    assert len(grade.verdict["failures"]) == grade.verdict["trials"]


def test_kept_answers_are_marked_without_a_session():
    for function in (RIGHT, WRONG, lambda *a: ..., 3):
        kept = {}
        first, shown = mark(kept=kept, hinge_loss=function)
        kept = json.loads(json.dumps(kept))
        again, outputs = mark_calls(cell(points=2), None, LIMITS, 5 + 10**6, kept)
        assert (again.points, again.max_points) == (first.points / 2, 2.0)
        assert (again.cause, again.sentence, again.verdict) == (first.cause, first.sentence, first.verdict)
        assert outputs == shown


def test_what_was_not_kept_must_be_executed():
    for seed, kept in ((5, {}), (6, None)):
        if kept is None:
            mark(kept=(kept := {}), hinge_loss=RIGHT)
        with pytest.raises(NotKept):
            mark_calls(cell(), None, LIMITS, seed, kept)


def test_two_cells_with_the_same_check_keep_their_own_answers():
    kept = {}
    first, second = cell(name="first"), cell(name="second")
    assert mark(first, kept, hinge_loss=WRONG)[0].points == 0
    assert mark(second, kept, hinge_loss=RIGHT)[0].points == 4
    assert mark_calls(first, None, LIMITS, 5 + 10**6, kept)[0].points == 0
    assert mark_calls(second, None, LIMITS, 5 + 10**6, kept)[0].points == 4


def test_a_grade_crosses_processes():
    grade, _ = mark(hinge_loss=WRONG)
    sent = Graded("s", "k", "{}", (grade,), "none")
    (got,) = Graded.from_json(sent.to_json()).cells
    assert got.points == grade.points
    assert json.loads(json.dumps(grade.verdict)) == got.verdict


def stumbles(calls, values):
    return None if [10, 20][int(values[0])] else "never"


def test_a_rule_that_stumbles_over_an_answer_is_the_answers_fault(monkeypatch):
    picky = Exercise("picky", 1, lambda: 1, ("i",), [Case("one", (), stumbles)])
    monkeypatch.setattr(exercises, "get", lambda name: picky)
    monkeypatch.setattr(exercises, "names", lambda: ["picky"])
    asked = cell("ck.check.picky(f)")
    assert mark(asked, f=lambda: 0)[0].points == 4
    for value in (7, math.nan, 1e300):
        grade, outputs = mark(asked, f=lambda value=value: value)
        assert (grade.points, grade.cause) == (0.0, "malformed")
        assert "the answer makes no sense to the check" in grade.sentence
        assert points_of_nbgrader(asked, outputs) == 0


def test_a_rule_that_stumbles_over_the_reference_too_is_ours(monkeypatch):
    broken = Exercise("broken", 1, lambda: 9, ("i",), [Case("one", (), stumbles)])
    monkeypatch.setattr(exercises, "get", lambda name: broken)
    monkeypatch.setattr(exercises, "names", lambda: ["broken"])
    with pytest.raises(IndexError):
        mark(cell("ck.check.broken(f)"), f=lambda: 9)


def test_seeds_hang_on_everything_and_cannot_be_guessed():
    seeds = {
        seed_of(*each) for each in [("s", "w", "n"), ("t", "w", "n"), ("s", "v", "n"), ("s", "w", "m"), ("sw", "", "n")]
    }
    assert len(seeds) == 5
    assert seed_of("s", "w", "n") == seed_of("s", "w", "n")
    assert min(seeds) > 2**90
