import gc
import logging
import sys
import types
import warnings
import weakref

import numpy as np
import pytest

from coursekit.exercises.calling import caller
from coursekit.exercises.core import NUMPY_ONLY


def module_function(module: str, source: str):
    """The function that `source` defines, as if it stood in `module`."""
    made = types.ModuleType(module)
    exec(source, made.__dict__)
    return next(value for value in vars(made).values() if isinstance(value, types.FunctionType))


def softmax_of(module: str):
    return module_function(module, "def softmax(x):\n    return x")


def test_a_value_is_passed_through():
    outcome = caller(lambda a, b=2: a * b)((np.arange(3),))
    np.testing.assert_array_equal(outcome.value, [0, 2, 4])
    assert (outcome.error, outcome.kind, outcome.changed, outcome.borrowed) == ("", "", (), "")


def test_the_arguments_given_are_never_changed():
    x = np.zeros(3)

    def works_in_place(values):
        values += 1
        return values

    outcome = caller(works_in_place)((x,))
    np.testing.assert_array_equal(x, 0)
    assert outcome.changed == (0,)


@pytest.mark.parametrize(
    ("argument", "change", "changed"),
    [
        (np.array([1.0, np.nan]), lambda a: a.sum(), False),
        (np.array([1.0, np.nan]), lambda a: a.fill(2), True),
        (np.zeros((2, 3)), lambda a: a.resize((3, 2), refcheck=False), True),
        (float("nan"), lambda a: a + 1, False),
        ([1, 2], lambda a: a.append(3), True),
        ([np.zeros(2), np.ones(3)], lambda a: a[0] + 1, False),
        ([np.zeros(2), np.ones(3)], lambda a: a[1].fill(7), True),
        ({"w": np.zeros(2)}, lambda a: a.update(w=np.ones(2)), True),
        ({"w": np.zeros(2)}, lambda a: a["w"], False),
        (np.sin, lambda f: f(0), False),
    ],
)
def test_changes_in_place_are_seen_in_any_argument(argument, change, changed):
    assert caller(lambda first, second: change(second))((1.0, argument)).changed == ((1,) if changed else ())


def test_an_exception_is_told_with_the_line_of_the_learners_function():
    def divides(x):
        y = x + 1
        return y / {}["nothing"]

    outcome = caller(divides)((1,))
    assert outcome.error == "KeyError: 'nothing' (line 3 of your function)"
    assert outcome.kind == "KeyError"
    assert not outcome.unwritten


def test_the_line_is_where_it_was_raised_not_where_it_was_cleaned_up():
    def tidy(x):
        try:
            return x[5]
        finally:
            x = None

    assert caller(tidy)(([],)).error.endswith("(line 3 of your function)")


def test_an_error_below_the_function_is_told_with_its_own_line():
    def outer(x):
        x = np.ones(3)
        return x @ np.ones(4)

    assert caller(outer)((0,)).error.startswith("ValueError: matmul")
    assert caller(outer)((0,)).error.endswith("(line 3 of your function)")
    assert caller(np.linalg.inv)((np.zeros((2, 2)),)).kind == "LinAlgError"


def test_a_long_error_is_cut_and_lies_on_one_line():
    def shouts(x):
        raise ValueError("far\ntoo long " * 500)

    error = caller(shouts)((0,)).error
    assert "\n" not in error
    assert len(error) < 350


def test_leaving_python_is_an_error_and_an_interrupt_is_not_caught():
    def leaves(x):
        sys.exit("bye")

    def is_interrupted(x):
        raise KeyboardInterrupt

    assert caller(leaves)((0,)).kind == "SystemExit"
    with pytest.raises(KeyboardInterrupt):
        caller(is_interrupted)((0,))


def test_endless_recursion_is_an_error():
    def again(x):
        return again(x)

    assert caller(again)((0,)).kind == "RecursionError"


def dots(x): ...


def returns_dots(x):
    return ...


def not_implemented(x):
    raise NotImplementedError("your turn")


def a_helper_is_not_implemented(x):
    return not_implemented(x)


@pytest.mark.parametrize("stub", [returns_dots, not_implemented, a_helper_is_not_implemented])
def test_a_stub_is_unwritten(stub):
    assert caller(stub)((0,)).unwritten


@pytest.mark.parametrize("written", [dots, lambda x: None, lambda x: 0, lambda x: 1 / 0])
def test_a_function_that_answers_anything_is_written(written):
    assert not caller(written)((0,)).unwritten


def test_warnings_and_stderr_stay_out_of_the_cell_and_prints_come_through(capfd):
    def noisy(x):
        print("a print")
        print("a complaint", file=sys.stderr)
        warnings.warn("a warning", stacklevel=1)
        return np.log(x) / np.zeros(1)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        outcome = caller(noisy)((np.zeros(1),))
    assert not outcome.error
    captured = capfd.readouterr()
    assert captured.out == "a print\n"
    assert captured.err == ""


@pytest.mark.parametrize("module", ["keras.ops", "scipy.special", "coursekit.scratch.losses", "torch.nn.functional"])
def test_a_closed_book_function_is_seen_however_it_is_reached(module):
    borrowed = softmax_of(module)
    alias = borrowed

    def helper(x):
        return alias(x)

    def direct(x):
        return borrowed(x)

    def in_a_helper(x):
        return helper(x)

    def in_a_comprehension(x):
        return [borrowed(row) for row in x]

    def by_map(x):
        return list(map(borrowed, x))

    def behind_a_try(x):
        try:
            return borrowed(x)
        except Exception:
            return None

    for answer in (borrowed, direct, in_a_helper, in_a_comprehension, by_map, behind_a_try):
        assert caller(answer, NUMPY_ONLY)((np.ones(2),)).borrowed == f"{module}.softmax"


def test_what_garbage_collection_runs_is_not_the_learners_call():
    finalizer = module_function("tensorflow.python.function", "def forget(*_):\n    return None")
    caches = module_function("jax.lib", "def collect(phase, info):\n    return None")
    forgotten = type("Forgotten", (), {"__del__": finalizer})
    ran = []

    def leaves_garbage():
        mine = forgotten()
        mine.itself = mine
        weakref.finalize(mine, ran.append, "collected")

    def collects(x, after=lambda: None):
        gc.collect()  # as Python does by itself, sooner or later
        return after()

    gc.callbacks.append(caches)
    before = list(gc.callbacks)
    try:
        leaves_garbage()
        assert caller(collects, NUMPY_ONLY)((1,)).borrowed == ""
        assert caller(lambda x: collects(x, lambda: finalizer(x)), NUMPY_ONLY)((1,)).borrowed.endswith(".forget")
        assert gc.callbacks == before
    finally:
        gc.callbacks.remove(caches)
    assert ran == ["collected"]


def test_real_imports_inside_the_function_are_seen():
    def from_import(x):
        from coursekit.scratch.losses import softmax as mine

        return mine(x)

    def scipys(x):
        from scipy.special import softmax

        return softmax(x)

    assert caller(from_import, NUMPY_ONLY)((np.ones((1, 2)),)).borrowed.startswith("coursekit.scratch.losses.")
    assert "scipy.special" in caller(scipys, NUMPY_ONLY)((np.ones((1, 2)),)).borrowed


@pytest.mark.parametrize("module", ["numpy.linalg", "__main__", "kerasish", "my.keras", "coursekit.teach.claims"])
def test_other_modules_are_open(module):
    assert caller(softmax_of(module), NUMPY_ONLY)((1,)).borrowed == ""


def test_without_a_closed_book_anything_may_be_called():
    assert caller(softmax_of("keras.ops"))((1,)).borrowed == ""


def test_functions_that_the_check_gives_may_be_called_and_call_others():
    given = module_function(
        "coursekit.exercises.given",
        "def loss(x):\n    return sum(helper(v) for v in x)\n\ndef helper(v):\n    return v * v",
    )
    stranger = softmax_of("coursekit.exercises.given")
    assert caller(lambda f, x: f(x), NUMPY_ONLY)((given, [1, 2])).value == 5
    assert caller(lambda f, x: f(x), NUMPY_ONLY)((given, [1, 2])).borrowed == ""
    assert caller(lambda f, x: stranger(f(x)), NUMPY_ONLY)((given, [1, 2])).borrowed.endswith(".softmax")


@pytest.mark.parametrize("closed_book", [(), NUMPY_ONLY])
def test_the_hook_of_a_profiler_is_put_back_whatever_happens(closed_book):
    def hook(frame, event, argument):
        return None

    before = sys.getprofile()
    sys.setprofile(hook)
    try:
        caller(lambda x: x, closed_book)((1,))
        assert sys.getprofile() is hook
        caller(lambda x: x / 0, closed_book)((1,))
        assert sys.getprofile() is hook
        caller(lambda x: sys.setprofile(None), closed_book)((1,))
        assert sys.getprofile() is hook
    finally:
        sys.setprofile(before)


def test_a_debugger_is_left_alone():
    seen = []

    def trace(frame, event, argument):
        seen.append(frame.f_code.co_name)
        return trace

    def answer(x):
        return x

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        caller(answer, NUMPY_ONLY)((1,))
        assert sys.gettrace() is trace
    finally:
        sys.settrace(before)
    assert "answer" in seen


def test_an_import_is_no_call(tmp_path, monkeypatch):
    (tmp_path / "borrowed_library.py").write_text("def softmax(x):\n    return x\n\nONE = softmax(1)\n")
    monkeypatch.syspath_prepend(tmp_path)

    def imports(x):
        import borrowed_library

        return borrowed_library.ONE

    def calls(x):
        import borrowed_library

        return borrowed_library.softmax(x)

    for function, expected in ((imports, ""), (calls, "borrowed_library.softmax")):
        sys.modules.pop("borrowed_library", None)
        assert caller(function, ("borrowed_library",))((1,)).borrowed == expected
    sys.modules.pop("borrowed_library", None)


def test_a_library_that_logs_is_silent_and_heard_again_after(capsys):
    log = logging.getLogger("a library")
    handler = logging.StreamHandler(sys.stderr)
    log.addHandler(handler)
    before = logging.root.manager.disable

    def warns(x):
        log.warning("retracing")
        raise ValueError(
            "in user code:\n\n    File a.py\n\n    ValueError: shapes 3 and 4 do not fit for '{{node c}} = C[T=F]'"
        )

    try:
        assert caller(warns)((1,)).error == "ValueError: shapes 3 and 4 do not fit (line 3 of your function)"
        assert capsys.readouterr().err == ""
        assert logging.root.manager.disable == before
    finally:
        log.removeHandler(handler)
