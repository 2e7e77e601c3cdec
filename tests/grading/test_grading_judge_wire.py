import base64
import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from coursekit.errors import CourseError
from coursekit.exercises.a1_losses.numeric_gradient import wave
from coursekit.grading.judge import wire
from coursekit.grading.judge.wire import Purse, WireError, decode, encode, parse, written


def there(value, functions=False, room=10**7):
    """The value after its way over the wire."""
    return decode(parse(written(encode(value)), Purse(room)), Purse(room), functions)


def same(a, b):
    if isinstance(a, (np.ndarray, np.generic)):
        return type(a) is type(b) and a.dtype == b.dtype and np.array_equal(a, b, equal_nan=True)
    if isinstance(a, (list, tuple)):
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return isinstance(b, dict) and a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    return type(a) is type(b) and (a == b or (a != a and b != b))


ARRAYS = st.sampled_from(wire.DTYPES).flatmap(
    lambda name: hnp.arrays(np.dtype(name), hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=3))
)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**80), 2**80)
    | st.floats()
    | st.text("abc λ'\"\\;\n", max_size=wire.TEXT).filter(str.isprintable)
    | st.just(...)
    | ARRAYS
    | ARRAYS.filter(lambda a: a.size).map(lambda a: a.ravel()[0])
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text("abc", max_size=3), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(VALUES)
def test_values_come_back_as_they_were(value):
    assert same(there(value), value)


@given(VALUES)
def test_messages_need_no_quoting(value):
    text = written(encode(value))
    assert text.isascii()
    assert not set("'\\;\n") & set(text)


def test_the_order_of_an_arrays_memory_is_kept():
    columns = np.arange(6.0).reshape(2, 3).T
    assert there(columns).flags.f_contiguous
    assert same(there(columns), columns)
    assert same(there(columns[::2, ::-1]), columns[::2, ::-1])


def test_arguments_that_are_one_array_stay_one_array():
    zeros = np.zeros(3)
    nodes = json.loads(written(wire.encode_arguments((zeros, 1.0, zeros, np.zeros(3), "whole text of any length"))))
    a, _, b, c, text = wire.decode_arguments(nodes)
    assert a is b
    assert c is not a
    assert text == "whole text of any length"
    a += 1  # must be writable
    assert np.array_equal(b, np.ones(3))


def test_functions_travel_to_the_kernel_by_name():
    nodes = wire.encode_arguments((wave, 3))
    assert wire.decode_arguments(json.loads(written(nodes)))[0] is wave
    for function in (lambda x: x, there, json.dumps):
        with pytest.raises(CourseError, match="cannot be named"):
            wire.encode_arguments((function,))


def test_functions_never_come_back():
    assert type(there(wave)).__name__ == "function"
    for name in ("os:system", wire.name_of(wave)):
        with pytest.raises(WireError, match="not a value"):
            decode({"f": name}, Purse(0))
    for name in ("os:system", "coursekit.grading.judge.wire:decode", "coursekit.exercises.core:np.load", "x"):
        with pytest.raises(WireError, match="no function of an exercise"):
            decode({"f": name}, Purse(0), functions=True)


class Tensor:
    def __array__(self, dtype=None, copy=None):
        return np.array([1.5, 2.5], np.float32)


class Stubborn:
    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("no")


class Equal(np.ndarray):
    """Is equal to everything, and hijacks NumPy."""

    def __array_ufunc__(self, *args, **kwargs):
        return np.bool_(True)

    def __eq__(self, other):
        return True

    __hash__ = None


@pytest.mark.parametrize(
    "value",
    [
        np.zeros(3).view(Equal),
        np.ma.masked_array([1.0, 2.0], [True, False]),
        np.zeros(3, ">f8"),
        np.zeros(2, np.longdouble),
    ],
)
def test_arrays_of_other_kinds_become_plain_arrays(value):
    got = there(value)
    assert type(got) is np.ndarray
    assert np.array_equal(got, np.array(np.asarray(value)))


def test_objects_of_other_libraries_become_plain_arrays_that_keep_their_types_name():
    got = there(Tensor())
    assert type(got).__name__ == "Tensor"
    assert type(np.asarray(got)) is np.ndarray
    assert np.array_equal(np.asarray(got), np.array([1.5, 2.5], np.float32))
    assert np.array_equal(np.asarray([there(range(3)), there(range(3))]), [[0, 1, 2], [0, 1, 2]])


@pytest.mark.parametrize("value", [{1, 2}, object(), Tensor, (x for x in ()), {1: 2}, np.array([None, 1]), b"abc"])
def test_what_is_no_number_is_none_there_either(value):
    here, got = np.asarray(value), np.asarray(there(value))
    assert got.dtype.kind not in "biufc"
    assert got.shape == here.shape
    if not isinstance(value, np.ndarray):
        assert type(there(value)).__name__ == type(value).__name__


def test_an_object_that_becomes_no_array_does_not_there_either():
    with pytest.raises(TypeError, match="not an array"):
        np.asarray(there(Stubborn()))


def test_a_list_that_holds_itself_ends():
    value = [1]
    value.append(value)
    assert there(value)[1][1][0] == 1


def test_text_arrays_arrive_as_text():
    assert np.asarray(there(np.array([["a"], ["b"]]))).dtype.kind == "U"
    assert there(np.array([["a"], ["b"]])).shape == (2, 1)


RAW = base64.b64encode(np.zeros(4).tobytes()).decode()


@pytest.mark.parametrize(
    "node",
    [
        {"a": ["object", [1], RAW]},
        {"a": ["O", [4], RAW]},
        {"a": ["float64", [5], RAW]},
        {"a": ["float64", [-4], RAW]},
        {"a": ["float64", [2**40, 2**40], RAW]},
        {"a": ["float64", [4.0], RAW]},
        {"a": ["float64", [True] * 3, RAW]},
        {"a": ["float64", [1] * 40, RAW]},
        {"a": ["float64", "4", RAW]},
        {"a": ["float64", [4], "!!"]},
        {"a": ["float64", [4], None]},
        {"a": ["float64", [4]]},
        {"a": None},
        {"not": ["O", [2**31 - 1]]},
        {"s": "é"},
        {"s": 3},
        {"o": ["", {"t": []}]},
        {"o": ["", 3]},
        {"o": []},
        {"d": [[1, 2]]},
        {"d": 3},
        {"t": 3},
        {"x": 1},
        {"a": ["float64", [4], RAW], "t": []},
        {},
    ],
)
def test_what_encode_never_writes_is_refused(node):
    with pytest.raises(WireError):
        decode(node, Purse(10**6))


@settings(max_examples=300)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just(RAW),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(st.sampled_from([*wire._MAKERS, "t", "f", "x"]), inner, max_size=2)
        ),
        max_leaves=10,
    )
)
def test_any_json_is_a_plain_value_or_refused(node):
    try:
        value = decode(parse(json.dumps(node), Purse(10**6)), Purse(10**6))
    except WireError:
        return
    assert _plain(value)


def _plain(value):
    if isinstance(value, (list, tuple)):
        return all(map(_plain, value))
    if isinstance(value, dict):
        return all(type(k) is str and _plain(v) for k, v in value.items())
    return type(value) in (np.ndarray, type(None), bool, int, float, str, type(...)) or isinstance(
        value, (np.generic, wire.Foreign)
    )


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "nul", '{"v":' * 5000, "9" * 5000, "[1,]", "\ud800"])
def test_what_is_not_json_is_refused(text):
    with pytest.raises(WireError):
        parse(text, Purse(10**9))


def test_nesting_has_an_end():
    node = 1
    for _ in range(60):
        node = [node]
    with pytest.raises(WireError, match="inside each other"):
        decode(node, Purse(1000))


def test_pieces_are_counted_before_they_are_made():
    with pytest.raises(WireError, match="pieces"):
        parse("[" + "0," * wire.NODES + "0]", Purse(10**12))
    with pytest.raises(WireError, match="too large"):
        parse("[" + "{}," * 1000 + "0]", Purse(1000))


def test_every_mention_of_an_array_is_paid_for():
    array = written(encode(np.zeros(1000, bool)))
    twenty = parse(f"[{','.join([array] * 20)}]", Purse(10**6))
    assert len(decode(twenty, Purse(8 * 1000 * 20))) == 20
    with pytest.raises(WireError, match="too large"):
        decode(twenty, Purse(8 * 1000 * 20 - 1))


def test_no_mixture_of_texts_and_numbers_becomes_a_huge_array():
    """NumPy gives every entry the room of the longest: 1 MB of text beside 10,000 short ones took 40 GB."""
    value = ["x" * 10**6, *[""] * 10_000, 10**4000]
    assert np.asarray(there(value)).nbytes < 10**7


@pytest.mark.parametrize("number", [10**50, -(10**50), 2**200])
def test_endless_integers_stay_too_large_for_numpy(number):
    assert np.asarray(there(number)).dtype == object
    assert math.copysign(1, there(number)) == math.copysign(1, number)


def test_text_for_people_holds_nothing_that_a_terminal_acts_on():
    assert wire.text_of(wire.packed("a\x1b[2Jb\nc\u202ed"), Purse(100)) == "a [2Jb c d"
