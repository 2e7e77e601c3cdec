"""Checks of files: an example artifact, which the course itself does not have."""

import numpy as np
import pytest

import coursekit as ck
from coursekit.exercises import a1_losses
from coursekit.exercises.artifacts import PRACTICE, Artifact
from coursekit.teach.checking import MIMETYPE, CheckFailed


def clouds(rng):
    labels = rng.integers(0, 2, 200)
    return rng.normal(0, 1, (200, 3)) + 4 * labels[:, None], labels


HOLDOUT = Artifact("holdout", 5, "predictions.npz", clouds, needed=0.9, hint="look again")


@pytest.fixture(autouse=True)
def place(monkeypatch, tmp_path):
    monkeypatch.setattr(a1_losses, "ARTIFACTS", (HOLDOUT,), raising=False)
    monkeypatch.setenv("COURSEKIT_PROGRESS", "off")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def predict(x):
    return x.mean(axis=1) > 2


def test_practice_and_check():
    np.savez("predictions.npz", predict(ck.check.holdout.inputs()))
    report = ck.check.holdout("predictions.npz")
    assert report.passed
    assert str(report) == "✓ holdout: passed"
    assert ck.check.holdout().verdict.exercise == "holdout"


def test_a_report_says_what_is_wrong_and_nothing_to_call():
    np.savez("predictions.npz", ~predict(ck.check.holdout.inputs()))
    with pytest.raises(CheckFailed):
        ck.check.holdout("predictions.npz")
    headline, case, found, hint = str(ck.check.holdout.report()).splitlines()
    assert headline == "✗ holdout: not passed"
    assert case.split() == ["case", "the", "score", "—", "200", "inputs", "that", "were", "not", "seen", "before"]
    assert "is needed" in found
    assert hint.endswith("look again")
    assert ck.check.holdout.report()._repr_mimebundle_()[MIMETYPE]["seed"] == PRACTICE


def test_a_file_that_is_missing_or_something_else_is_told():
    assert "there is no predictions.npz; save it first" in str(ck.check.holdout.report())
    with open("predictions.npz", "w") as file:
        file.write("1, 0, 1")
    assert "it is no .npz file" in str(ck.check.holdout.report())


def test_a_graders_inputs_come_first():
    np.save(HOLDOUT.inputs_file, np.ones((7, 3)))
    assert ck.check.holdout.inputs().shape == (7, 3)


def test_other_checks_are_as_they_were():
    assert ck.check.hinge_loss.report(lambda *a: ...).verdict.status == "unwritten"
    with pytest.raises(AttributeError, match="did you mean"):
        _ = ck.check.hinge_los
