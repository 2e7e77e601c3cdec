"""The judge and the kernel's agent in one process: `Loop` stands for a session, `Saying` for a kernel that lies."""

import contextlib
import dataclasses
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursekit import exercises
from coursekit.errors import CourseError
from coursekit.exercises import Case, Exercise, Property, caller, examine
from coursekit.exercises.sources import as_answer
from coursekit.grading.judge import agent, calls
from coursekit.grading.judge.calls import KernelCaller, NotKept, Replay, Unanswered
from coursekit.grading.limits import Limits
from coursekit.grading.session import SessionError

LIMITS = Limits()
HINGE = exercises.get("hinge_loss")


def as_in_a_cell(function, name):
    """The function as a notebook would define it: outside the library, where the book is closed."""
    namespace = {"np": np}
    exec(as_answer(function, name), namespace)
    return namespace[name]


hinge_loss = as_in_a_cell(HINGE.reference, "hinge_loss")


class Loop:
    """A session to this very process."""

    def __init__(self, **namespace):
        self.namespace = namespace
        self.messages = 0

    def evaluate(self, code, expression, seconds):
        self.messages += 1
        answer = eval(expression, self.namespace)
        assert type(answer) is str
        assert not set("'\\\n") & set(answer)
        return answer


class Saying:
    """A kernel that says what it likes."""

    def __init__(self, *messages):
        self.messages = list(messages)

    def evaluate(self, code, expression, seconds):
        message = self.messages.pop(0)
        if isinstance(message, Exception):
            raise message
        return message


def kernel_caller(session, exercise=HINGE, seed=3, name="f", limits=LIMITS, **more):
    return KernelCaller(session, "cell", name, exercise, seed, limits, **more)


def look(function, exercise=HINGE, seed=3):
    return examine(exercise, kernel_caller(Loop(f=function), exercise, seed), seed)


def honest(exercise=HINGE, function=None, seed=3):
    call = kernel_caller(Loop(f=function or hinge_loss), exercise, seed)
    verdict = examine(exercise, call, seed)
    return call, verdict


def test_a_check_takes_one_message():
    loop = Loop(f=hinge_loss)
    assert examine(HINGE, kernel_caller(loop), 3).status == "passed"
    assert loop.messages == 1


def test_a_stub_is_called_once():
    seen = []

    def stub(*arguments):
        seen.append(arguments)
        raise NotImplementedError

    assert look(stub).status == "unwritten"
    assert len(seen) == 1
    assert look(lambda *a: ...).status == "unwritten"


def test_only_the_first_call_says_unwritten():
    seen = []

    def forgets(scores, labels, margin=1.0):
        seen.append(1)
        if len(seen) == 3:
            raise NotImplementedError
        return hinge_loss(scores, labels, margin)

    verdict = look(forgets)
    assert [failure.problem for failure in verdict.failures] == [
        "it raised NotImplementedError:  (line 4 of your function)"
    ]


def test_names_of_the_notebook_do_not_matter():
    shadowed = dict.fromkeys(["list", "str", "len", "np", "calls", "agent", "coursekit", "json", "eval", "answers"], 3)
    loop = Loop(f=hinge_loss, **shadowed)
    assert examine(HINGE, kernel_caller(loop), 3).status == "passed"


def test_prints_are_dropped(capsys):
    def chatty(*arguments):
        print("a" * 10**5)
        return hinge_loss(*arguments)

    assert look(chatty).status == "passed"
    assert capsys.readouterr().out == ""


def test_closed_book_and_changed_arguments_are_told():
    import coursekit.scratch.losses as library

    assert "closed book: it calls coursekit.scratch" in look(library.hinge_loss).failures[0].problem

    def sorts(scores, labels, margin=1.0):
        answer = hinge_loss(scores, labels, margin)
        labels.sort()
        return answer

    assert "changes its argument labels in place" in look(sorts).failures[0].problem


class AlwaysEqual:
    """Compares equal, and lets NumPy see only agreement."""

    def __eq__(self, other):
        return True

    __hash__ = None

    def __array_ufunc__(self, *args, **kwargs):
        return np.True_

    def __array_function__(self, *args, **kwargs):
        return np.True_

    def __float__(self):
        return 0.0


class Agreeing(np.ndarray):
    def __array_ufunc__(self, *args, **kwargs):
        return np.True_

    def __array_function__(self, *args, **kwargs):
        return np.True_

    def __eq__(self, other):
        return True

    __hash__ = None


class Chameleon:
    shape = ()

    def __array__(self, dtype=None, copy=None):
        return np.zeros(()).view(Agreeing)


@pytest.mark.parametrize(
    "answer",
    [
        lambda s, y, m=1.0: AlwaysEqual(),
        lambda s, y, m=1.0: (AlwaysEqual(), AlwaysEqual()),
        lambda s, y, m=1.0: (Chameleon(), Chameleon()),
        lambda s, y, m=1.0: (np.zeros(()).view(Agreeing), np.zeros(s.shape).view(Agreeing)),
        lambda s, y, m=1.0: np.array([AlwaysEqual(), AlwaysEqual()]),
    ],
)
def test_objects_that_agree_with_everything_agree_with_nothing_here(answer):
    verdict = look(answer)
    # Zeros at best, which are right where nothing is lost, and where nothing may change.
    assert len(verdict.failures) >= verdict.trials - 2


def test_patched_comparison_changes_nothing():
    """What the student does to NumPy happens in the kernel; here both are one process, so only the namespace is his."""
    loop = Loop(f=lambda *a: (0.0, np.zeros(a[0].shape)), isclose=lambda *a, **k: True, all=lambda *a: True)
    assert examine(HINGE, kernel_caller(loop), 3).status == "failed"


@pytest.mark.parametrize(
    ("namespace", "sentence"),
    [({}, "NameError: name 'f' is not defined"), ({"f": 3}, "the check takes a function; got int")],
)
def test_a_function_that_is_not_there_cannot_be_judged(namespace, sentence):
    call = kernel_caller(Loop(**namespace))
    with pytest.raises(Unanswered) as caught:
        examine(HINGE, call, 3)
    assert (caught.value.cause, caught.value.sentence) == ("error", sentence)
    with pytest.raises(Unanswered, match=sentence.replace("(", "\\(")):
        examine(HINGE, Replay(call.answers, "cell", "f", HINGE, LIMITS), 3)


def test_a_slow_function_takes_several_messages(monkeypatch):
    monkeypatch.setattr(agent, "SLICE", 0.05)

    def slow(*arguments):
        time.sleep(0.02)
        return hinge_loss(*arguments)

    loop = Loop(f=slow)
    call = kernel_caller(loop)
    assert examine(HINGE, call, 3) == examine(HINGE, caller(hinge_loss), 3)
    assert 2 < loop.messages < 8


def test_answers_that_do_not_fit_into_one_message_come_in_several():
    square = Exercise("square", 1, lambda x: x**2, ("y",), [Case("some", (np.arange(2000.0) + i,)) for i in range(6)])
    loop = Loop(f=lambda x: x * x)
    call = kernel_caller(loop, square, limits=Limits(answer_bytes=2 * 10**5))
    # Encoded, an answer is 21 kB: nine fit into 200 kB, with the first call there are seven.
    assert examine(square, call, 0).status == "passed"
    assert loop.messages == 1
    loop = Loop(f=lambda x: x * x)
    call = kernel_caller(loop, square, limits=Limits(answer_bytes=120_000))
    assert examine(square, call, 0).status == "passed"
    assert loop.messages == 2


def test_answers_have_a_size():
    with pytest.raises(Unanswered, match="too large") as caught:
        examine(HINGE, kernel_caller(Loop(f=lambda *a: np.zeros(10**6)), limits=Limits(answer_bytes=10**6)), 3)
    assert caught.value.cause == "malformed"
    # Together, too, and each entry as large as it will be when it is compared.
    with pytest.raises(Unanswered, match="too large"):
        examine(
            HINGE, kernel_caller(Loop(f=lambda *a: np.zeros(2 * 10**5, bool)), limits=Limits(answer_bytes=10**6)), 3
        )


class Interrupted(Loop):
    """A session whose kernel is interrupted in the call with a given number, and lives on or not."""

    def __init__(self, lives=True, cause="time", **namespace):
        super().__init__(**namespace)
        self.lives, self.cause = lives, cause

    def evaluate(self, code, expression, seconds):
        self.seconds = seconds
        answer = super().evaluate(code, expression, seconds)
        if self.messages == 1:
            raise SessionError(self.cause, "this cell ran for more than 21 s")
        if not self.lives:
            raise SessionError("died", "the kernel was gone")
        return answer


def hangs_in_call(number):
    seen = []

    def hanging(*arguments):
        seen.append(1)
        if len(seen) == number:
            raise KeyboardInterrupt  # what an interrupt looks like from inside
        return hinge_loss(*arguments)

    return hanging


def test_a_call_that_hangs_is_found_and_those_behind_it_are_not_tried():
    session = Interrupted(f=hangs_in_call(4))  # the first call, and then the third case
    call = kernel_caller(session)
    verdict = examine(HINGE, call, 3)
    assert session.messages == 2
    assert call.cause == "time"
    names = [trial.name for trial in HINGE.trials(3)]
    assert [failure.trial for failure in verdict.failures] == names[2:]
    assert verdict.failures[0].problem == "it raised it gave no answer within 20 s"
    assert verdict.failures[1].problem == f"it raised {calls.UNTRIED}"
    assert call.answers == {}


@pytest.mark.parametrize("cause", ["time", "died", "memory", "output"])
def test_a_kernel_that_is_gone_loses_the_whole_check(cause):
    session = Interrupted(f=hangs_in_call(4), lives=False, cause=cause)
    call = kernel_caller(session)
    verdict = examine(HINGE, call, 3)
    assert call.cause == cause
    assert len(verdict.failures) == verdict.trials
    assert session.messages <= 2


def test_the_deadline_is_that_of_one_call_and_never_beyond_the_submissions():
    session = Interrupted(f=hinge_loss)
    examine(HINGE, kernel_caller(session, limits=Limits(call_seconds=7)), 3)
    assert session.seconds == calls._LEFTOVERS_SECONDS
    loop = Loop(f=hinge_loss)
    loop.evaluate = lambda code, expression, seconds: pytest.fail("asked")
    call = kernel_caller(loop, until=time.monotonic() - 1)
    assert examine(HINGE, call, 3).failures[0].problem == f"it raised {calls.OVER}"
    assert call.cause == "time"


def test_a_function_that_raises_an_interrupt_itself_only_fails():
    def raises(*arguments):
        raise KeyboardInterrupt("mine")

    verdict = look(raises)
    assert verdict.failures[0].problem == "it raised KeyboardInterrupt: mine"


ANSWER = '{"v":3.0,"e":"","k":"","c":[],"b":""}'


@pytest.mark.parametrize(
    "message",
    [
        "",
        "nonsense",
        "{}",
        "[]",
        "3",
        ";".join([ANSWER] * 100),
        ANSWER.replace("[]", "[99]"),
        ANSWER.replace("[]", "[-1]"),
        ANSWER.replace("[]", "[true]"),
        ANSWER.replace("[]", "3"),
        ANSWER.replace('"e":""', '"e":3'),
        ANSWER.replace('"k":""', f'"k":"{agent.wire.packed("Lost")}"'),
        ANSWER.replace("3.0", '{"f":"os:system"}'),
        ANSWER.replace("3.0", '{"a":["object",[1],"AAAA"]}'),
        '{"x":3}',
        '{"x":["error",3]}',
        "[" * 10**6,
        "[" + "0," * 10**6 + "0]",
    ],
)
def test_a_message_that_no_agent_writes_is_malformed(message):
    with pytest.raises(Unanswered) as caught:
        examine(HINGE, kernel_caller(Saying(message)), 3)
    assert caught.value.cause == "malformed"


def test_a_session_that_cannot_read_the_answer_is_malformed():
    with pytest.raises(Unanswered, match="not a string"):
        examine(HINGE, kernel_caller(Saying(SessionError("malformed", "not a string"))), 3)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_no_damaged_message_does_more_than_fail(data):
    loop = Loop(f=hinge_loss)
    whole = []
    keep = loop.evaluate
    loop.evaluate = lambda *a: whole.append(keep(*a)) or whole[0]
    examine(HINGE, kernel_caller(loop), 3)
    text = whole[0]
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 30)))
    damaged = text[:start] + data.draw(st.text('{}[]",:;x0aE=-"', max_size=8)) + text[end:]
    # Anything that is not `Unanswered` fails the test.
    with contextlib.suppress(Unanswered):
        verdict = examine(HINGE, kernel_caller(Saying(damaged, *["{}"] * 50)), 3)
        assert verdict.status in ("passed", "failed", "unwritten")


def test_kept_answers_give_the_same_verdict_without_a_kernel():
    for function in (hinge_loss, HINGE.misconceptions[0].function):
        call, verdict = honest(function=function)
        assert examine(HINGE, Replay(call.answers, "cell", "f", HINGE, LIMITS), 3) == verdict


def test_kept_answers_are_judged_by_tests_that_changed_in_what_they_say():
    call, _ = honest(function=HINGE.misconceptions[0].function)
    lenient = dataclasses.replace(HINGE, rtol=1e9, properties=HINGE.properties[:0], misconceptions=[])
    verdict = examine(lenient, Replay(call.answers, "cell", "f", lenient, LIMITS), 3)
    assert verdict.trials == len(HINGE.cases)
    assert verdict.misconception == ""


def test_calls_that_were_never_made_are_not_kept():
    call, _ = honest()
    more = dataclasses.replace(HINGE, cases=[*HINGE.cases, Case("new", (np.ones((1, 3)), np.array([2]), 0.25))])
    open_book = dataclasses.replace(HINGE, closed_book=())
    for seed, exercise, where, name in [
        (4, HINGE, "cell", "f"),
        (3, more, "cell", "f"),
        (3, open_book, "cell", "f"),
        (3, HINGE, "cell", "g"),
        (3, HINGE, "another", "f"),
    ]:
        with pytest.raises(NotKept):
            examine(exercise, Replay(call.answers, where, name, exercise, LIMITS), seed)


def test_a_function_that_answers_differently_each_time_does_so_in_a_replay():
    draws = Exercise(
        "draws",
        1,
        lambda n: np.zeros(n),
        ("x",),
        [Case("three", (3,), lambda calls, values: None)],
        [
            Property(
                "twice the same",
                lambda rng: [(5,), (5,)],
                lambda calls, values: None if np.array_equal(*values) else "not the same",
            )
        ],
    )
    rng = np.random.default_rng(0)
    call, verdict = honest(draws, lambda n: rng.normal(size=n))
    assert verdict.failures[0].problem == "not the same"
    assert examine(draws, Replay(call.answers, "cell", "f", draws, LIMITS), 3) == verdict


def test_answers_too_large_to_keep_are_not_kept_in_part():
    big = Exercise("big", 1, lambda n: np.zeros(n), ("x",), [Case("much", (200_000,)), Case("little", (2,))])
    call, verdict = honest(big, np.zeros)
    assert verdict.status == "passed"
    assert call.answers == {}


def test_an_exercise_that_draws_without_its_generator_is_the_courses_fault():
    drawn = iter(range(100))
    loose = Exercise("loose", 1, float, ("x",), [Case("one", (1,))], [Property("p", lambda rng: [(next(drawn),)])])
    with pytest.raises(CourseError, match="loose draws other arguments"):
        examine(loose, kernel_caller(Loop(f=float), loose), 3)
