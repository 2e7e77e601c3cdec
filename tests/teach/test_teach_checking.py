import html
import json
import re
from functools import partial

import numpy as np
import pytest

import coursekit as ck
from coursekit import exercises
from coursekit.errors import CourseError
from coursekit.exercises.sources import as_answer
from coursekit.scratch.losses import hinge_loss as library_hinge_loss
from coursekit.teach.checking import MIMETYPE, CheckFailed, Report

HINGE = exercises.get("hinge_loss")


def as_in_a_cell(function):
    """The function as a notebook would define it: outside the library, where the book is closed."""
    namespace = {"np": np}
    exec(as_answer(function, "hinge_loss"), namespace)
    return namespace["hinge_loss"]


hinge_loss = as_in_a_cell(HINGE.reference)


def wrong(name):
    return next(as_in_a_cell(m.function) for m in HINGE.misconceptions if m.function.__name__ == name)


def unwritten(scores, labels, margin=1.0):
    raise NotImplementedError


def off_in_large_batches(scores, labels, margin=1.0):
    loss, dscores = hinge_loss(scores, labels, margin)
    return loss, dscores * (1 if len(labels) < 11 else 1.01)


def rows(report: Report) -> dict[str, str]:
    """The report's lines by their name."""
    return {line[2:10].strip(): line[11:] for line in str(report).splitlines()[1:]}


def test_a_right_answer_is_reported_in_one_line():
    report = ck.check.hinge_loss(hinge_loss)
    assert report.passed
    assert str(report) == f"✓ hinge_loss: all {report.verdict.trials} checks passed"


def test_an_answer_not_written_yet_is_no_failure_of_its_cases():
    report = ck.check.hinge_loss.report(unwritten)
    assert not report.passed
    assert str(report) == "○ hinge_loss: not written yet"
    with pytest.raises(CheckFailed, match="not written yet"):
        ck.check.hinge_loss(unwritten)


def test_a_wrong_answer_is_told_case_finding_cause_and_what_to_try():
    report = ck.check.hinge_loss.report(wrong("sums_over_images"), seed=3)
    assert str(report).splitlines()[0].startswith("✗ hinge_loss: ")
    told = rows(report)
    assert list(told) == ["case", "found", "because", "also in", "try"]
    assert told["case"] == "cat, car and frog — scores (3, 3), labels (3,), margin 1.0"
    assert told["found"] == "loss: expected 5.26667, got 15.8"
    assert told["because"].startswith("loss and gradient are summed over the images")
    assert told["try"] == "hinge_loss(*ck.check.hinge_loss.case('cat, car and frog'))"


def test_shape_is_told_before_values():
    report = ck.check.hinge_loss.report(lambda *a: (hinge_loss(*a)[0], hinge_loss(*a)[1].T[:2] * 7))
    assert rows(report)["found"] == "shape of dscores: expected (3, 3), got (2, 3)"


def test_what_breaks_a_property_without_a_known_cause_is_told_where_to_look():
    def looks_at_one_score(scores, labels, margin=1.0):
        loss, dscores = hinge_loss(scores, labels, margin)
        return loss + (scores.max() > 13), dscores

    told = rows(ck.check.hinge_loss.report(looks_at_one_score, seed=0))
    assert "because" not in told
    assert told["look at"] == HINGE.properties[1].hint


@pytest.mark.parametrize("answer", [wrong("sums_over_images"), off_in_large_batches])
@pytest.mark.parametrize("seed", [0, 1, 99])
def test_the_line_to_try_gives_what_was_found(answer, seed):
    report = ck.check.hinge_loss.report(answer, seed=seed)
    loss, dscores = eval(rows(report)["try"], {"ck": ck, answer.__name__: answer})
    found = rows(report)["found"]
    index = re.match(r"dscores\[(\d+), (\d+)\]", found)
    got = dscores[int(index[1]), int(index[2])] if index else loss
    assert f"got {got:.6g}" in found
    assert f"expected {got:.6g}" not in found


def test_the_line_to_try_names_the_call_that_failed():
    def wrong_in_wide_batches(scores, labels, margin=1.0):
        loss, dscores = hinge_loss(scores, labels, margin)
        return loss * (1 if scores.shape != (3, 8) else 2), dscores

    told = rows(ck.check.hinge_loss.report(wrong_in_wide_batches, seed=5))
    assert told["try"] == "wrong_in_wide_batches(*ck.check.hinge_loss.case('agrees on random batches', 5, 1))"
    scores, _, _ = eval(told["try"], {"ck": ck, "wrong_in_wide_batches": lambda *arguments: arguments})
    assert scores.shape == (3, 8)


@pytest.mark.parametrize("answer", [lambda *arguments: 0, partial(hinge_loss, margin=7)])
def test_the_line_to_try_calls_an_answer_without_a_name_by_the_exercise(answer):
    assert rows(ck.check.hinge_loss.report(answer))["try"].startswith("hinge_loss(*ck.check.")


def test_trying_a_case_by_hand_cannot_spoil_it():
    case = ck.check.hinge_loss.case("cat, car and frog")
    case[0][:] = 0
    np.testing.assert_array_equal(ck.check.hinge_loss.case("cat, car and frog")[0][0], [3.2, 5.1, -1.7])
    wrong("works_in_place")(*ck.check.hinge_loss.case("cat, car and frog"))
    assert ck.check.hinge_loss(hinge_loss).passed


def test_an_unknown_case_names_those_there_are():
    with pytest.raises(CourseError, match="cat, car and frog") as caught:
        ck.check.hinge_loss.case("cats")
    assert "agrees on random batches" in caught.value.fix


def test_fresh_inputs_are_drawn_unless_a_seed_is_given():
    seeds = {ck.check.hinge_loss(hinge_loss).verdict.seed for _ in range(5)}
    assert len(seeds) > 1
    assert ck.check.hinge_loss(hinge_loss, seed=8).verdict.seed == 8


def test_the_report_never_raises_for_a_wrong_answer():
    for answer in answers_of_every_kind():
        assert ck.check.hinge_loss.report(answer).passed == (answer is hinge_loss)


@pytest.mark.parametrize("value", [3.5, None, (1.0, np.zeros((2, 2))), "hinge_loss"])
def test_check_takes_the_function_and_not_its_value(value):
    for way in (ck.check.hinge_loss, ck.check.hinge_loss.report):
        with pytest.raises(CourseError, match="takes the function itself") as caught:
            way(value)
        assert "ck.check.hinge_loss(hinge_loss)" in caught.value.fix


@pytest.mark.parametrize(("name", "near"), [("hinge_los", "hinge_loss"), ("numeric_gradients", "numeric_gradient")])
def test_an_unknown_check_names_the_nearest(name, near):
    with pytest.raises(AttributeError, match=rf"did you mean .*\b{near}\b"):
        getattr(ck.check, name)


def test_every_exercise_has_its_check_and_completes_by_name():
    assert dir(ck.check) == sorted(exercises.names())
    for name in exercises.names():
        assert name in (getattr(ck.check, name).__doc__ or "")
    assert not hasattr(ck.check, "_repr_html_")


def answers_of_every_kind():
    yield from (hinge_loss, unwritten, off_in_large_batches, len, lambda *a: None)
    yield from (as_in_a_cell(misconception.function) for misconception in HINGE.misconceptions)
    yield library_hinge_loss


def test_the_report_goes_through_json_unharmed():
    for answer in answers_of_every_kind():
        report = ck.check.hinge_loss.report(answer, seed=np.int64(4))
        verdict = report.verdict
        bundle = json.loads(json.dumps(report._repr_mimebundle_(include=None, exclude=None)))
        sent = bundle[MIMETYPE]
        assert set(bundle) == {"text/plain", "text/html", MIMETYPE}
        assert bundle["text/plain"] == str(report)
        assert (
            exercises.Verdict(
                **{**sent, "failures": tuple(exercises.Failure(**failure) for failure in sent["failures"])}
            )
            == verdict
        )


def test_the_html_says_what_the_text_says_and_nothing_runs_in_it():
    def raises_markup(scores, labels, margin=1.0):
        raise ValueError("<script>alert('&')</script>")

    report = ck.check.hinge_loss.report(raises_markup)
    markup = report._repr_mimebundle_()["text/html"]
    assert "<script>" not in markup
    text = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", markup)).split())
    for name, content in rows(report).items():
        assert f"{name} {' '.join(content.split())}" in text


def test_code_in_a_hint_is_set_as_code():
    fool = exercises.get("fool")
    mistake = next(m for m in fool.misconceptions if "`" in m.hint)
    namespace = {"np": np}
    exec(as_answer(mistake.function, "fool"), namespace)
    markup = ck.check.fool.report(namespace["fool"])._repr_mimebundle_()["text/html"]
    assert "`" not in markup
    assert f"<code>{html.escape(mistake.hint.split('`')[1])}</code>" in markup


def test_no_answer_is_printed_whole():
    """What a report shows of the right answer is one number, however wrong the answer is."""
    for answer in answers_of_every_kind():
        told = rows(ck.check.hinge_loss.report(answer))
        assert told.get("found", "").count("expected") <= 1
        assert len(str(ck.check.hinge_loss.report(answer))) < 1000


@pytest.mark.parametrize(
    ("answer", "expected"), [(hinge_loss, {"attempts": 1, "passed": True}), (len, {"attempts": 1, "passed": False})]
)
def test_an_attempt_is_recorded(answer, expected, progress_path):
    ck.check.hinge_loss.report(answer)
    assert json.loads(progress_path.read_text())["exercises"]["hinge_loss"].items() >= expected.items()


def test_looking_at_a_stub_is_no_attempt(progress_path):
    ck.check.hinge_loss.report(unwritten)
    assert not progress_path.exists()


@pytest.fixture
def shell(tmp_path, monkeypatch):
    """A real IPython shell in this process, with `ck` and an answer that sums over the images."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    settings = Config()
    settings.HistoryManager.enabled = False
    settings.InteractiveShell.colors = "nocolor"
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance(config=settings)
    shell.push({"ck": ck, "hinge_loss": wrong("sums_over_images"), "right": hinge_loss})
    yield shell
    InteractiveShell.clear_instance()


def test_ipython_shows_the_report_once_and_no_traceback(shell, capsys):
    result = shell.run_cell("ck.check.hinge_loss(hinge_loss)")
    shown = capsys.readouterr()
    assert isinstance(result.error_in_exec, CheckFailed)
    assert isinstance(result.error_in_exec, AssertionError)
    lines = [line for line in shown.out.splitlines() if line.strip()]
    headline = lines[0]
    assert headline.startswith("✗ hinge_loss: ")
    assert [line[:9].strip() for line in lines[1:-1]] == ["case", "found", "because", "also in", "try"]
    assert lines[-1] == headline
    assert shown.err == ""
    for trace in ("Traceback", "checking.py", "---->", "CheckFailed"):
        assert trace not in shown.out


def test_ipython_shows_a_report_that_was_asked_for_and_raises_nothing(shell, capsys):
    result = shell.run_cell("ck.check.hinge_loss.report(hinge_loss)")
    assert result.success
    assert capsys.readouterr().out.count("✗ hinge_loss") == 1
    assert shell.run_cell("ck.check.hinge_loss(right)").success
    assert "✓ hinge_loss" in capsys.readouterr().out


def test_ipython_publishes_the_report_for_the_grader_before_the_error(shell):
    from IPython.utils.capture import capture_output

    with capture_output() as captured:
        shell.run_cell("ck.check.hinge_loss(hinge_loss, seed=2)")
    [output] = captured.outputs
    assert output.data[MIMETYPE]["status"] == "failed"
    assert output.data[MIMETYPE]["seed"] == 2


def test_an_answer_written_in_a_cell_has_its_own_line_numbers(shell, capsys):
    shell.run_cell(
        "import numpy as np\n\n\ndef hinge_loss(scores, labels, margin=1.0):\n    return scores['a'], labels"
    )
    shell.run_cell("ck.check.hinge_loss(hinge_loss)")
    assert "(line 2 of your function)" in capsys.readouterr().out


def test_without_ipython_the_error_carries_the_report():
    with pytest.raises(CheckFailed) as caught:
        ck.check.hinge_loss(wrong("sums_over_images"))
    assert "loss: expected 5.26667, got 15.8" in str(caught.value)
    assert caught.value.report.verdict.misconception == "sums over images"
