"""The judge against real kernels: whatever a function does there, it loses its own check and no other."""

import contextlib
import time

import numpy as np
import pytest
from nbformat import v4

from coursekit import exercises
from coursekit.exercises import a1_losses, caller, examine
from coursekit.exercises.artifacts import Artifact
from coursekit.exercises.sources import as_answer
from coursekit.grading.judge import mark_calls, mark_file
from coursekit.grading.kernels import start
from coursekit.grading.limits import Limits
from coursekit.grading.session import Session

pytestmark = pytest.mark.slow

LIMITS = Limits(call_seconds=2)
SETUP = "import numpy as np\nimport coursekit as ck\nlist = str = len = type = print = np_ = 3\n__name__ = 'x'"


@pytest.fixture
def session():
    with start(None, None, {"OMP_NUM_THREADS": "1", "COURSEKIT_PROGRESS": "off"}) as kernel:
        opened = Session(kernel, LIMITS)
        assert opened.run(SETUP, 30).cause == ""
        yield opened


def in_a_cell(function, name):
    namespace = {"np": np}
    exec(as_answer(function, name), namespace)
    return namespace[name]


def check(session, name, source=None, seed=7, limits=LIMITS, kept=None):
    if source is not None:
        assert session.run(source, 30).cause == ""
    settings = {"grade": True, "solution": False, "points": 2, "grade_id": f"{name}-tests"}
    cell = v4.new_code_cell(f"ck.check.{name}({name})", metadata={"nbgrader": settings})
    return mark_calls(cell, session, limits, seed, {} if kept is None else kept)[0]


def test_honest_functions_get_the_checks_own_verdict(session):
    assert session.run("del list, str, len, type, print", 10).cause == ""
    for assignment in exercises.assignments():
        for exercise in assignment.exercises:
            for function in (exercise.variants[0], exercise.misconceptions[0].function):
                kept = {}
                grade = check(session, exercise.name, as_answer(function, exercise.name), kept=kept)
                here = examine(exercise, caller(in_a_cell(function, exercise.name), exercise.closed_book), 7)
                assert grade.verdict["misconception"] == here.misconception
                assert [each["problem"] for each in grade.verdict["failures"]] == [
                    each.problem for each in here.failures
                ]
                if kept:
                    assert check(None, exercise.name, kept=kept).verdict == grade.verdict


def test_shadowed_names_do_not_matter(session):
    right = "def l2_penalty(weights, strength):\n    return strength * (weights**2).sum(), 2 * strength * weights"
    assert check(session, "l2_penalty", right).points == 2


HARM = {
    "loops": ("    while True: pass", "time"),
    "sleeps": ("    import time; time.sleep(60)", "time"),
    "swallows interrupts": (
        "    import time\n    end = time.time() + 60\n    while time.time() < end:\n"
        "        try: time.sleep(60)\n        except KeyboardInterrupt: pass",
        "time",
    ),
    "ends the process": ("    import os; os._exit(3)", "died"),
    "exits": ("    raise SystemExit(3)", "error"),
    "raises an interrupt": ("    raise KeyboardInterrupt", "error"),
    "asks": ("    input('who?')", "error"),
    "prints": ("    import sys\n    for i in range(20000): sys.stdout.write('x' * 100)\n    return 1", "wrong"),
    "answers too much": ("    return np.zeros(10**8, 'i1')", "malformed"),
    "ends the agent": (
        "    import coursekit.grading.judge.agent as agent\n    agent.finished = lambda: 'forged'\n    return 3",
        "malformed",
    ),
}


@pytest.mark.parametrize("name", HARM)
def test_harm_costs_its_own_check(session, name):
    body, cause = HARM[name]
    began = time.monotonic()
    grade = check(session, "l1_penalty", f"def l1_penalty(weights, strength):\n{body}")
    assert time.monotonic() - began < 20
    assert (grade.points, grade.cause) == (0.0, cause)
    assert grade.sentence
    if session.alive and name != "ends the agent":
        right = "def l2_penalty(weights, strength):\n    return strength * (weights**2).sum(), 2 * strength * weights"
        assert check(session, "l2_penalty", right).points == 2


def test_the_call_that_hangs_is_named(session):
    source = (
        "def l1_penalty(weights, strength):\n    while strength == 0: pass\n"
        "    return strength * abs(weights).sum(), strength * np.sign(weights)"
    )
    grade = check(session, "l1_penalty", source)
    exercise = exercises.get("l1_penalty")
    stuck = next(case.name for case in exercise.cases if case.arguments[1] == 0)
    assert grade.cause == "time"
    assert grade.sentence == f"{stuck}: it gave no answer within 2 s"


def test_a_patched_numpy_fools_nobody(session):
    source = """
import numpy
for name in ("allclose", "isclose", "array_equal"):
    setattr(numpy, name, lambda *a, **k: True)
import coursekit.exercises.checking as checking, coursekit.exercises as ex
passed = checking.Verdict("l1_penalty", 2, "passed", 1, (), "", "", 0)
checking.examine = ex.examine = lambda exercise, call, seed: passed
def l1_penalty(weights, strength):
    return 0.0, numpy.zeros(weights.shape)
"""
    assert session.run(f"{source}\nck.check.l1_penalty(l1_penalty)", 30).cause == ""
    assert check(session, "l1_penalty").points == 0


def clouds(rng):
    labels = rng.integers(0, 2, 200)
    return rng.normal(0, 1, (200, 3)) + 4 * labels[:, None], labels


NET = Artifact("small_net", 5, "model.keras", clouds, needed=0.9, shape=(2,), parameters=8)
TRAIN = """
import keras
net = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
net.layers[0].set_weights([np.array([[-1.0, 1.0]] * 3), np.array([6.0, -6.0])])
net.save("model.keras")
"""


def test_a_model_of_one_kernel_is_scored_in_another(session, monkeypatch, tmp_path):
    monkeypatch.setattr(a1_losses, "ARTIFACTS", (NET,), raising=False)
    assert session.run(f"import os; os.chdir({str(tmp_path)!r})\n{TRAIN}", 120).cause == ""
    apart = tmp_path / "apart"
    apart.mkdir()

    @contextlib.contextmanager
    def fresh(files):
        for name, data in files.items():
            (apart / name).write_bytes(data)
        with start(None, None, {"OMP_NUM_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}) as kernel:
            opened = Session(kernel, LIMITS)
            opened.run(f"import os; os.chdir({str(apart)!r})", 10)
            yield opened

    settings = {"grade": True, "solution": False, "points": 5, "grade_id": "net-tests"}
    cell = v4.new_code_cell("ck.check.small_net('model.keras')", metadata={"nbgrader": settings})
    grade, _ = mark_file(cell, session, LIMITS, 2**100, {}, fresh)
    assert (grade.points, grade.sentence) == (5.0, "")
