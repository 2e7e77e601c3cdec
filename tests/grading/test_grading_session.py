"""Talking to kernels that lie, flood, hang and die. Loops end by themselves, in case nothing else ends them."""

import time

import psutil
import pytest

from coursekit.grading import kernels
from coursekit.grading.kernels.client import OUTPUT_BYTES
from coursekit.grading.limits import MIB, Limits
from coursekit.grading.session import FLOOD, Session, SessionError

pytestmark = pytest.mark.slow

LIMITS = Limits(output_bytes=100_000)
STUBBORN = """
import time
until = time.monotonic() + 60
while time.monotonic() < until:
    try:
        while time.monotonic() < until:
            pass
    except KeyboardInterrupt:
        pass
"""
ENDLESS = "import time\nuntil = time.monotonic() + 60\nwhile time.monotonic() < until:\n    {}"


@pytest.fixture(scope="module")
def template():
    with kernels.Template(("numpy",), {}) as running:
        yield running


@pytest.fixture
def session(template):
    with kernels.start(template.address, None, {}) as kernel:
        yield Session(kernel, LIMITS)


@pytest.fixture(scope="module")
def steady(template):
    """A session for cells after which the kernel is as before."""
    with kernels.start(template.address, None, {}) as kernel:
        yield Session(kernel, LIMITS)


def text(ran):
    return "".join(each["text"] for each in ran.outputs if each["output_type"] == "stream")


def errors(ran):
    return [each["ename"] for each in ran.outputs if each["output_type"] == "error"]


def refused(session, *arguments):
    with pytest.raises(SessionError) as caught:
        session.evaluate(*arguments)
    return caught.value.cause


def test_a_cell_leaves_what_it_leaves_in_a_notebook(steady):
    ran = steady.run("import sys\nprint('a')\nprint('b', file=sys.stderr)\n1 + 1", 10)
    assert [each["output_type"] for each in ran.outputs] == ["stream", "stream", "execute_result"]
    assert ran.outputs[-1]["data"] == {"text/plain": "2"}
    assert (ran.cause, ran.sentence, ran.error) == ("", "", "")
    assert ran.count == ran.outputs[-1]["execution_count"] >= 1


def test_an_error_is_told_with_name_and_message(steady):
    ran = steady.run("1 / 0", 10)
    assert (ran.cause, ran.error, ran.sentence) == (
        "error",
        "ZeroDivisionError",
        "ZeroDivisionError: division by zero",
    )
    assert errors(ran) == ["ZeroDivisionError"]
    assert steady.run("1 + 1", 10).cause == ""


def test_an_error_that_was_not_shown_is_still_one(session):
    """nbgrader looks for errors among the outputs alone, and puts them there from the reply."""
    session.run("get_ipython().showtraceback = lambda *args, **kwargs: None", 10)
    assert errors(session.run("assert False", 10)) == ["AssertionError"]


@pytest.mark.parametrize("code", ["input()", "import getpass; getpass.getpass()", "import pdb; pdb.set_trace(); 1"])
def test_nobody_answers_a_cell_that_asks(steady, code):
    ran = steady.run(code, 10)
    assert (ran.cause, ran.error) == ("error", "StdinNotImplementedError")
    assert ran.seconds < 5


def test_a_cell_that_insists_on_an_answer_is_interrupted(session):
    ran = session.run("get_ipython().kernel._allow_stdin = True\ninput('?')", 10)
    assert (ran.cause, ran.error) == ("error", "StdinNotImplementedError")
    assert ran.seconds < 5
    assert session.run("1", 10).cause == ""


def test_an_endless_loop_is_interrupted_and_the_kernel_lives_on(steady):
    steady.run("kept = 5", 10)
    ran = steady.run(ENDLESS.format("pass"), 0.5)
    assert ran.cause == "time"
    assert errors(ran) == ["KeyboardInterrupt", "CellTimeoutError"]
    assert 0.5 <= ran.seconds < 3
    assert steady.run("kept", 10).outputs[0]["data"]["text/plain"] == "5"


@pytest.mark.slow
def test_a_loop_that_cannot_be_interrupted_costs_the_kernel(session):
    ran = session.run(f"import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n{STUBBORN}", 0.5)
    assert ran.cause == "time"
    assert "could not be interrupted" in ran.sentence
    assert ran.seconds < 10
    assert not session.alive
    again = session.run("1", 10)
    assert (again.cause, again.sentence) == ("died", "the kernel was gone after an earlier cell")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import os\nos._exit(3)", "ended the process"),
        ("import ctypes\nctypes.string_at(0)", "crashed (signal 11)"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGABRT)", "crashed (signal 6)"),
    ],
)
def test_a_death_is_noticed_at_once(session, code, words):
    ran = session.run(f"import sys\nprint('last')\nsys.stdout.flush()\nimport time\ntime.sleep(0.2)\n{code}", 60)
    assert ran.cause == "died"
    assert words in ran.sentence
    assert errors(ran) == ["DeadKernelError"]
    assert text(ran) == "last\n"
    assert ran.seconds < 3
    assert not session.alive


def test_a_kernel_that_something_killed_most_likely_used_too_much_memory(session):
    ran = session.run("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", 10)
    assert (ran.cause, errors(ran)) == ("memory", ["MemoryLimitError"])


@pytest.mark.parametrize(
    "write",
    [
        "print('x' * 1000)",
        "print('x' * 50_000, end='', flush=True)",
        "display(HTML('y' * 300_000))",
        "display(HTML('y'))",
        "print('z', flush=True); get_ipython().kernel.iopub_socket.send_multipart([b'no message'])",
    ],
    ids=["lines", "one line", "pictures", "tiny pictures", "no messages"],
)
def test_a_flood_is_stopped_and_the_kernel_lives_on(session, write):
    session.run("from IPython.display import display, HTML\nkept = 5", 10)
    process, before = psutil.Process(), psutil.Process().memory_info().rss
    ran = session.run(ENDLESS.format(write), 30)
    assert ran.cause == "output"
    assert errors(ran)[-1] == "OutputLimitError"
    assert len(repr(ran.outputs)) < 3 * LIMITS.output_bytes
    assert process.memory_info().rss - before < 200 * MIB
    assert session.run("kept", 10).outputs[0]["data"]["text/plain"] == "5"


SEND = """
import time
socket = get_ipython().kernel.iopub_thread.socket
for _ in range({}):
    socket.send_multipart({})
time.sleep(20)
"""


def test_what_is_left_of_a_flood_is_not_the_next_cells(session, monkeypatch):
    """A busy machine cannot read all of it in the time for last words."""
    opened = Session._opened
    monkeypatch.setattr(Session, "_opened", lambda self, frames: time.sleep(0.02) or opened(self, frames))
    monkeypatch.setattr("coursekit.grading.session._LAST_WORDS", 0.0)
    assert session.run(SEND.format(300, "[b'y' * 1_000_000]"), 15).cause == "output"
    ran = session.run("'mine'", 10)
    assert (ran.cause, [each["data"]["text/plain"] for each in ran.outputs]) == ("", ["'mine'"])


def test_a_message_of_very_many_parts_is_a_flood(session):
    assert session.run(SEND.format(5, "[b''] * 100_000"), 15).cause == "output"


def test_a_single_endless_line_is_cut_and_costs_nothing(steady):
    ran = steady.run("print('x' * 2_000_000)\n'done'", 10)
    assert ran.cause == ""
    assert "cut here" in text(ran)
    assert 90_000 < len(text(ran)) < 110_000
    assert [each["data"] for each in ran.outputs if "data" in each] == [{"text/plain": "'done'"}]


def test_a_line_larger_than_any_message_may_be_is_output_too(steady):
    steady.run("kept = 7", 10)
    assert steady.run(f"print('x' * {2 * OUTPUT_BYTES})", 20).cause == "output"
    assert steady.run("kept", 10).outputs[0]["data"]["text/plain"] == "7"


def test_the_message_of_an_error_is_cut(steady):
    ran = steady.run("raise ValueError('v' * 1_000_000)", 20)
    assert ran.error == "ValueError"
    assert len(ran.sentence) <= 300
    assert len(repr(ran.outputs)) < 100_000


def test_messages_that_answer_something_else_are_dropped(steady):
    forge = """
kernel = get_ipython().kernel
mine = kernel.get_parent()
number = int(mine["header"]["msg_id"][:8], 16)
for parent in ("", mine["header"]["session"] + "_1_2", "0" * 32, f"{number + 1:08x}" + mine["header"]["msg_id"][8:]):
    for kind, content in (("stream", {"name": "stdout", "text": "forged"}), ("status", {"execution_state": "idle"})):
        kernel.session.send(kernel.iopub_socket, kind, content, parent={"msg_id": parent})
"""
    ran = steady.run(f"{forge}\nprint('mine')", 10)
    assert (ran.cause, text(ran)) == ("", "mine\n")
    assert text(steady.run("print('next')", 10)) == "next\n"


def test_the_next_request_cannot_be_guessed(steady):
    """Or a cell could answer it before it is sent."""
    name = "print(get_ipython().kernel.get_parent()['header']['msg_id'])"
    first, second = (text(steady.run(name, 10)) for _ in range(2))
    assert len(first) > 30
    assert first[:8] != second[:8]


def test_a_forged_end_does_not_reach_the_next_cell(session):
    """A cell may lie about itself; what it does afterwards counts for nobody."""
    forge = """
kernel = get_ipython().kernel
parent = kernel.get_parent()
kernel.session.send(kernel.shell_stream, "execute_reply", {"status": "ok", "execution_count": 99}, parent=parent,
                    ident=kernel._parent_ident["shell"])
kernel.session.send(kernel.iopub_socket, "status", {"execution_state": "idle"}, parent=parent)
import time
time.sleep(0.5)
print("late")
1 / 0
"""
    first = session.run(forge, 10)
    second = session.run("print('second')", 10)
    assert (second.cause, text(second)) == ("", "second\n")
    assert first.seconds < 10


@pytest.mark.parametrize(
    "forged",
    [b"", b"<IDS|MSG>", b"\xff" * 100, b'{"status": "ok"}'],
)
def test_no_message_at_all_hurts(steady, forged):
    code = f"""
kernel = get_ipython().kernel
ident = kernel._parent_ident["shell"]
kernel.shell_stream.socket.send_multipart([*ident, {forged!r}])
kernel.shell_stream.socket.send_multipart([*ident, b"<IDS|MSG>", {forged!r}, b"[]", b"[]", b"7", b"null"])
kernel.iopub_socket.send_multipart([{forged!r}] * 6)
"""
    assert steady.run(code, 10).cause == ""
    assert steady.evaluate("", "'here'", 10) == "here"


def test_a_value_of_the_kernel(steady):
    steady.run("greeting = 'hello'", 10)
    assert steady.evaluate("", "greeting", 10) == "hello"
    assert steady.evaluate("half = greeting[:2]", "half * 2", 10) == "hehe"
    for value in ("", "it's", "a \"b\" 'c'", "\\n\n\t", "é\u2028\U0001f600", "x" * 100_000, '{"a": [1, "b\\n"]}'):
        assert steady.evaluate("", repr(value), 10) == value


def test_asking_leaves_no_trace_in_history(session):
    session.run("1", 10)
    before = session.evaluate("", "str(len(In))", 10)
    session.evaluate("secret = 1", "'x'", 10)
    assert session.evaluate("", "str(len(In))", 10) == before
    assert "secret" not in session.evaluate("", "repr(In)", 10)


def test_what_is_printed_while_the_judge_asks_reaches_nobody(steady):
    assert steady.evaluate("print('noise')", "'x'", 10) == "x"
    assert steady.run("pass", 10).outputs == []


@pytest.mark.parametrize(
    ("code", "expression"),
    [
        ("", "5"),
        ("", "b'bytes'"),
        ("", "['a']"),
        ("", "no_such_name"),
        ("1 / 0", "'x'"),
        ("class S(str):\n    def __repr__(self): return '(' * 10**6", "S()"),
        ("class S(str):\n    def __repr__(self): return chr(39) + chr(92) + 'x' + chr(39)", "S()"),
        ("class S:\n    def __repr__(self): return chr(39) + 'a' + chr(39) + '+' + chr(39)", "S()"),
    ],
)
def test_an_answer_that_is_no_string_is_malformed(steady, code, expression):
    assert refused(steady, code, expression, 10) == "malformed"


def test_an_answer_takes_its_time_or_the_kernel(session):
    assert refused(session, ENDLESS.format("pass"), "'x'", 0.5) == "time"
    assert session.evaluate("", "'still here'", 10) == "still here"
    assert refused(session, "import os\nos._exit(0)", "'x'", 10) == "died"
    assert refused(session, "", "'x'", 10) == "died"


def test_an_answer_that_is_too_large_is_malformed(template):
    with kernels.start(template.address, None, {}) as kernel:
        small = Session(kernel, Limits(answer_bytes=1000))
        assert refused(small, "", "'x' * 5000", 10) == "malformed"
        assert small.evaluate("", "'x' * 1000", 10) == "x" * 1000


def test_a_flood_while_the_judge_asks_is_stopped(session):
    assert FLOOD * LIMITS.output_bytes < 8 * MIB
    assert refused(session, ENDLESS.format("print('x' * 1000, flush=True)"), "'x'", 30) == "output"
    assert session.evaluate("", "'still here'", 10) == "still here"
