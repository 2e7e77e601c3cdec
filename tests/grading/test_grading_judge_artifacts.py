"""Saved files, scored in the judge: an example artifact, which the course itself does not have."""

import contextlib
import io
import json
import os

import numpy as np
import pytest
from nbformat import from_dict, v4
from nbgrader.utils import determine_grade

from coursekit.exercises import a1_losses
from coursekit.exercises.artifacts import Artifact
from coursekit.grading.judge import NotKept, agent, kind, mark_file, seed_of, unlabelled, wire
from coursekit.grading.limits import Limits
from coursekit.grading.session import SessionError
from coursekit.teach.checking import MIMETYPE

LIMITS = Limits(answer_bytes=10**6)
SEED = seed_of("salt", "work", "holdout-tests")


def clouds(rng):
    labels = rng.integers(0, 2, 200)
    return rng.normal(0, 1, (200, 3)) + 4 * labels[:, None], labels


HOLDOUT = Artifact("holdout", 5, "predictions.npz", clouds, needed=0.9)
MODEL = Artifact("small_net", 5, "model.keras", clouds, needed=0.9, shape=(2,), parameters=100)


@pytest.fixture(autouse=True)
def artifacts(monkeypatch):
    monkeypatch.setattr(a1_losses, "ARTIFACTS", (HOLDOUT, MODEL), raising=False)


def cell(source="ck.check.holdout('predictions.npz')", points=5):
    settings = {"grade": True, "solution": False, "points": points, "grade_id": "holdout-tests"}
    return v4.new_code_cell(source, metadata={"nbgrader": settings})


MODEL_CELL = cell("ck.check.small_net('model.keras')")


class Loop:
    """A session to this process, in a folder of its own."""

    def __init__(self, folder):
        self.folder = folder

    def evaluate(self, code, expression, seconds):
        before = os.getcwd()
        os.chdir(self.folder)
        try:
            return eval(expression, {})
        finally:
            os.chdir(before)


class Saying:
    def __init__(self, *messages):
        self.messages = list(messages)

    def evaluate(self, code, expression, seconds):
        message = self.messages.pop(0)
        if isinstance(message, Exception):
            raise message
        return message


def no_start(files):
    raise AssertionError("predictions need no kernel")


def mark(session, kept=None, start=no_start, asked=None, **more):
    kept = {} if kept is None else kept
    return mark_file(asked or cell(), session, LIMITS, SEED, kept, start, **more)


def answer(folder, predict=lambda x: x.mean(axis=1) > 2):
    """Do what a notebook does: read the inputs it finds, save what it thinks of them."""
    for name, data in unlabelled(cell(), SEED).items():
        (folder / name).write_bytes(data)
    x = np.load(folder / HOLDOUT.inputs_file)
    np.savez(folder / "predictions.npz", predict(x))
    return Loop(folder)


def test_kinds():
    assert kind(cell()) == "artifact"
    assert kind(MODEL_CELL) == "artifact"
    for source in ("ck.check.holdout(path)", "ck.check.holdout()", "ck.check.nothing('a')", "ck.check.hinge_loss('a')"):
        assert kind(cell(source)) == "kernel"


def test_predictions_are_scored_on_labels_that_were_never_there(tmp_path):
    session = answer(tmp_path)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["holdout_inputs.npy", "predictions.npz"]
    grade, outputs = mark(session)
    assert (grade.points, grade.max_points, grade.trust, grade.cause) == (5.0, 5.0, "judge", "")
    assert determine_grade(from_dict({**cell(), "outputs": outputs}))[0] == 5


def test_the_secret_stays_with_the_judge(tmp_path):
    grade, outputs = mark(answer(tmp_path, lambda x: np.zeros(len(x))))
    said = json.dumps([outputs, grade.verdict])
    assert str(SEED) not in said
    assert outputs[0]["data"][MIMETYPE]["seed"] == 0
    assert (grade.points, grade.cause) == (0.0, "wrong")
    assert determine_grade(from_dict({**cell(), "outputs": outputs}))[0] == 0


def test_memorised_answers_of_practice_are_worth_nothing(tmp_path):
    session = answer(tmp_path, lambda x: HOLDOUT.drawn(0)[1])
    assert mark(session)[0].points == 0


def test_models_need_no_inputs_in_the_notebook():
    assert unlabelled(MODEL_CELL, SEED) == {}


def pipe(folder):
    os.mkfifo(folder / "predictions.npz")


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda folder: None, "there is no predictions.npz; save it first"),
        (lambda folder: (folder / "predictions.npz").mkdir(), "there is no predictions.npz; save it first"),
        (pipe, "there is no predictions.npz; save it first"),
        (lambda folder: (folder / "predictions.npz").write_bytes(bytes(10**6 + 1)), "it is larger than 0.954 MiB"),
        (lambda folder: (folder / "predictions.npz").symlink_to("/dev/zero"), "there is no predictions.npz"),
        (lambda folder: (folder / "predictions.npz").write_bytes(b"PK"), "it is no .npz file"),
    ],
)
def test_what_is_not_the_file_is_told(tmp_path, make, problem):
    make(tmp_path)
    grade, outputs = mark(Loop(tmp_path))
    assert grade.points == 0
    assert problem in grade.sentence
    assert determine_grade(from_dict({**cell(), "outputs": outputs}))[0] == 0


@pytest.mark.parametrize(
    ("message", "cause"),
    [
        ("not base64!", "malformed"),
        (SessionError("time", "this cell ran for more than 60 s"), "time"),
        (SessionError("died", "the kernel died in this cell"), "died"),
    ],
)
def test_a_kernel_that_gives_no_file_has_a_cause(message, cause):
    grade, _ = mark(Saying(message))
    assert (grade.points, grade.cause) == (0.0, cause)
    assert mark(Saying(), until=0.0)[0].cause == "time"


def test_kept_files_are_scored_again_without_a_session(tmp_path):
    first, shown = mark(answer(tmp_path), kept := {})
    again, outputs = mark(None, json.loads(json.dumps(kept)))
    assert (again.points, outputs) == (first.points, shown)
    with pytest.raises(NotKept):
        mark(None, {})


def model_says(*messages):
    """A fresh kernel's session that says what it likes, and the files that it was given."""
    given = {}

    @contextlib.contextmanager
    def start(files):
        given.update(files)
        yield Saying(*messages)

    return start, given


def scores(labels=None, parameters=8):
    labels = clouds(np.random.default_rng(SEED))[1] if labels is None else labels
    return wire.written({"outputs": wire.encode(np.eye(2)[labels]), "parameters": parameters})


def test_a_model_runs_in_a_kernel_that_gets_nothing_but_itself_and_inputs(tmp_path):
    (tmp_path / "model.keras").write_bytes(b"model")
    start, given = model_says(scores())
    assert mark(Loop(tmp_path), start=start, asked=MODEL_CELL)[0].points == 5
    assert given.keys() == {"model.keras", "inputs.npy"}
    assert given["model.keras"] == b"model"
    assert np.array_equal(np.load(io.BytesIO(given["inputs.npy"])), clouds(np.random.default_rng(SEED))[0])


@pytest.mark.parametrize(
    ("message", "cause", "problem"),
    [
        (scores(parameters=101), "wrong", "101 parameters; 100 are allowed"),
        (scores(np.zeros(200, int)), "wrong", "is needed"),
        (scores(np.zeros(20, int)), "wrong", "shape of the outputs"),
        (scores(parameters=True), "malformed", "could not be read"),
        (scores(parameters=1.5), "malformed", "could not be read"),
        (agent._refusal("error", "ValueError: Lambda"), "wrong", "Keras cannot use it: ValueError: Lambda"),
        ("", "malformed", "could not be read"),
        ("[]", "malformed", "could not be read"),
        ("3", "malformed", "could not be read"),
        ('{"x":1}', "malformed", "could not be read"),
        ('{"parameters":1}', "malformed", "could not be read"),
        ('{"outputs":{"f":"os:system"},"parameters":1}', "malformed", "could not be read"),
        ('{"outputs":[[1],[2,3]],"parameters":1}', "wrong", "should hold one array"),
        (SessionError("memory", "the kernel was killed"), "memory", "killed"),
    ],
)
def test_what_a_models_kernel_says_is_not_believed(tmp_path, message, cause, problem):
    (tmp_path / "model.keras").write_bytes(b"model")
    start, _ = model_says(message)
    grade, _ = mark(Loop(tmp_path), start=start, asked=MODEL_CELL)
    assert (grade.points, grade.cause) == (0.0, cause)
    assert problem in grade.sentence


@pytest.mark.slow
def test_keras_models_and_weights(tmp_path):
    """In this process: a right model, one beyond the budget, and one that brings code."""
    import keras

    net = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    net.layers[0].set_weights([np.array([[-1.0, 1.0]] * 3), np.array([6.0, -6.0])])
    big = keras.Sequential([keras.Input((3,)), keras.layers.Dense(100), keras.layers.Dense(2)])
    code = keras.Sequential([keras.Input((3,)), keras.layers.Lambda(lambda x: x[:, :2])])
    found = {}
    for name, model in {"right": net, "big": big, "code": code}.items():
        model.save(tmp_path / "model.keras")

        @contextlib.contextmanager
        def start(files, name=name):
            place = tmp_path / name
            place.mkdir()
            for each, data in files.items():
                (place / each).write_bytes(data)
            yield Loop(place)

        found[name] = mark(Loop(tmp_path), start=start, asked=MODEL_CELL)[0]
    assert found["right"].points == 5
    assert "702 parameters" not in found["right"].sentence
    assert "parameters; 100 are allowed" in found["big"].sentence
    assert "Keras cannot use it" in found["code"].sentence
    assert "ambda" in found["code"].sentence
