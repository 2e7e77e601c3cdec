import io
import struct
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursekit.exercises.artifacts import PRACTICE, Artifact, accuracy, failed, judged, parameters, read_predictions
from coursekit.exercises.comparing import MalformedError

MOST = 10**6


def clouds(rng):
    """Two clouds of points, and which one each is from."""
    labels = rng.integers(0, 2, 200)
    return rng.normal(0, 1, (200, 3)) + 2 * labels[:, None], labels


HOLDOUT = Artifact("holdout", 5, "predictions.npz", clouds, needed=0.9, hint="look again")


def npz(**arrays):
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def npy(array, **options):
    file = io.BytesIO()
    np.save(file, array, **options)
    return file.getvalue()


def test_accuracy_is_of_labels_or_of_scores():
    labels = np.array([0, 1, 2, 1])
    assert accuracy(labels, np.array([0, 1, 2, 2])) == 0.75
    assert accuracy(labels, np.eye(3)[labels]) == 1


def test_predictions_are_scored_against_the_labels_of_the_seed():
    _, labels = HOLDOUT.drawn(7)
    assert judged(HOLDOUT, labels, 7).status == "passed"
    verdict = judged(HOLDOUT, labels, 8)
    assert verdict.failures[0].problem.startswith("accuracy 0.")
    assert verdict.failures[0].problem.endswith("; 0.9 is needed")
    assert verdict.hint == "look again"


def test_the_seed_is_not_told():
    assert judged(HOLDOUT, HOLDOUT.drawn(7)[1], 7).seed == PRACTICE
    assert failed(HOLDOUT, "the file", "is missing").seed == PRACTICE


@pytest.mark.parametrize(
    ("outputs", "problem"),
    [
        (np.zeros(199), "shape of the outputs: expected (200,), got (199,)"),
        (np.zeros((200, 2)), "shape of the outputs: expected (200,), got (200, 2)"),
        (np.full(200, "1"), "its outputs should be real numbers"),
        (np.full(200, 1j), "its outputs should be real numbers"),
        (np.full(200, np.nan), "accuracy 0; 0.9 is needed"),
    ],
)
def test_outputs_of_another_form_get_nothing(outputs, problem):
    assert judged(HOLDOUT, outputs, 7).failures[0].problem == problem


def test_a_model_has_a_budget():
    artifact = Artifact("tiny", 5, "model.keras", clouds, needed=0.9, shape=(2,), parameters=1000)
    _, labels = artifact.drawn(7)
    assert judged(artifact, np.eye(2)[labels], 7, 1000).status == "passed"
    verdict = judged(artifact, np.eye(2)[labels], 7, 1001)
    assert verdict.failures[0].problem == "1,001 parameters; 1,000 are allowed"


@pytest.mark.parametrize("dtype", ["bool", "i1", "u8", "f2", "f4", ">f8"])
def test_one_array_is_read_however_it_was_saved(dtype):
    array = np.arange(6).reshape(2, 3).T.astype(dtype)
    packed = io.BytesIO()
    np.savez_compressed(packed, array)
    for data in (npz(anything=array), npy(array), packed.getvalue()):
        assert np.array_equal(read_predictions(data, MOST), array)


def zipped(members, method=zipfile.ZIP_DEFLATED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def header(shape, descr="<f8"):
    text = repr({"descr": descr, "fortran_order": False, "shape": shape}).encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text


def lying_bomb():
    """100 MB of zeros, said to be 1000 bytes."""
    data = bytearray(zipped({"a.npy": header((125,)) + bytes(10**8)}))
    for at in (data.find(b"PK\x03\x04") + 22, data.find(b"PK\x01\x02") + 24):
        data[at : at + 4] = struct.pack("<I", 1000)
    return bytes(data)


HOSTILE = {
    "empty": b"",
    "text": b"0,1,1,0",
    "a pickle": npy(np.array([{}], dtype=object), allow_pickle=True),
    "a pickle in an archive": npz(a=np.array([None, 1])),
    "records": npy(np.zeros(3, [("a", "f8")])),
    "text array": npy(np.array(["1"])),
    "complex numbers": npy(np.zeros(3, complex)),
    "two arrays": npz(a=np.zeros(2), b=np.zeros(2)),
    "no array": zipped({}),
    "a bomb": zipped({"a.npy": header((10**7,)) + bytes(8 * 10**7)}),
    "a bomb that lies": lying_bomb(),
    "many files": zipped({f"{i}.npy": b"" for i in range(1000)}, zipfile.ZIP_STORED),
    "another way of packing": zipped({"a.npy": npy(np.zeros(3))}, zipfile.ZIP_LZMA),
    "a shape of a billion": header((10**9,)) + bytes(80),
    "a shape beyond numbers": header((10**30, 10**30)) + bytes(80),
    "a shape below zero": header((-1, -10)) + bytes(80),
    "a shape that is none": header("x"),
    "a huge type": header((1,), "<U1000000000"),
    "a nested header": b"\x93NUMPY\x01\x00" + struct.pack("<H", 60000) + b"(" * 60000,
    "a future version": b"\x93NUMPY\x09\x00" + bytes(100),
    "cut off": npz(a=np.zeros(100))[:-30],
    "too large": npy(np.zeros(200_000)),
    "fewer numbers than said": npy(np.zeros(100))[:-8],
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_before_it_takes_memory(name):
    import tracemalloc

    tracemalloc.start()
    try:
        with pytest.raises(MalformedError):
            read_predictions(HOSTILE[name], MOST)
        assert tracemalloc.get_traced_memory()[1] < 10 * MOST
    finally:
        tracemalloc.stop()


@settings(max_examples=200)
@given(st.sampled_from([npz(a=np.arange(5.0)), npy(np.arange(5.0))]), st.data())
def test_a_damaged_file_is_read_or_refused(data, draw):
    damaged = bytearray(data)
    for _ in range(3):
        damaged[draw.draw(st.integers(0, len(data) - 1))] = draw.draw(st.integers(0, 255))
    try:
        assert read_predictions(bytes(damaged), MOST).dtype.kind in "biuf"
    except MalformedError:
        return


@pytest.mark.slow
def test_constants_of_a_model_count_like_its_weights():
    """An operation's arguments and a layer's settings can hold numbers that `count_params` leaves out."""
    import keras
    from keras import layers, ops

    inputs = keras.Input((8, 8, 3))
    maps = layers.ReLU()(layers.BatchNormalization()(layers.Conv2D(5, 3, padding="same")(inputs))) * 0.5 + 1
    maps = layers.GlobalAveragePooling2D()(layers.Concatenate()([maps, maps[:, :, :, 2:]]))
    honest = keras.Model(inputs, layers.Dense(2)(maps))
    assert parameters(honest) == honest.count_params()
    hiding = keras.Model(inputs, ops.matmul(maps, np.ones((8, 2), np.float32)))
    assert parameters(hiding) == hiding.count_params() + 16
    assert parameters(keras.Sequential([keras.Input((8, 8, 3)), hiding])) == parameters(hiding)
    binned = keras.Sequential([keras.Input((3,)), layers.Discretization([float(i) for i in range(40)])])
    assert parameters(binned) == 40
