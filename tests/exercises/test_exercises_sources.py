import ast
import builtins
import dis
import types

import pytest

from coursekit import exercises
from coursekit.exercises.core import Exercise
from coursekit.exercises.sources import as_answer

exercise = Exercise("double", 1, lambda x: 2 * x, ("y",), [])


@exercise.misconception("this hint is not the learner's to see.")
def adds_three(x: bytes, *rest: int, by: float = 3.0, **options: object) -> bytes:
    """Tell all about the mistake."""

    def plus(a: float) -> float:
        """Keep this one: it is part of the answer."""
        return a + by  # a comment

    return plus(x)


def test_the_answer_is_the_function_under_the_exercises_name():
    source = as_answer(adds_three, "double")
    [definition] = ast.parse(source).body
    assert definition.name == "double"
    namespace = {}
    exec(source, namespace)
    assert namespace["double"](1) == 4


def test_nothing_gives_the_mistake_away_and_nothing_needs_an_import():
    source = as_answer(adds_three, "double")
    for trace in ("hint", "misconception", "adds_three", "Tell all", "@", "bytes", "float", "object", "->"):
        assert trace not in source
    assert "def double(x, *rest, by=3.0, **options):" in source
    assert "Keep this one" in source


def test_the_function_itself_is_untouched():
    as_answer(adds_three, "double")
    assert adds_three.__name__ == "adds_three"
    assert adds_three.__annotations__


def test_a_lambda_has_no_source_that_a_cell_could_hold():
    with pytest.raises(TypeError, match="def"):
        as_answer(exercise.reference, "double")


def globals_of(code):
    """The names that a function, and those inside it, look up outside themselves."""
    own = {i.argval for i in dis.get_instructions(code) if i.opname == "LOAD_GLOBAL"}
    return own.union(*(globals_of(inner) for inner in code.co_consts if isinstance(inner, types.CodeType)))


@pytest.mark.parametrize("name", exercises.names())
def test_every_sample_of_the_course_stands_alone(name):
    each = exercises.get(name)
    for function in (*each.variants, *(m.function for m in each.misconceptions)):
        namespace = {}
        exec(as_answer(function, name), namespace)
        assert globals_of(namespace[name].__code__) <= {"np", *dir(builtins)}
