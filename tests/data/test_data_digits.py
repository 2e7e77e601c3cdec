"""The digits: what they are, that they come without TensorFlow, and that preparing survives."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from coursekit import data
from coursekit.child import run_python

pytestmark = pytest.mark.slow

LOAD = """
import sys
import coursekit as ck
digits = ck.data.load("digits")
assert digits.x_train.shape == (1437, 8, 8, 1) and digits.x_test.shape == (360, 8, 8, 1)
assert "tensorflow" not in sys.modules
"""


def test_they_are_scikit_learns_split_by_a_fixed_stratified_shuffle(digits_dir):
    digits = data.load("digits")
    source = load_digits()
    x_train, x_test, y_train, y_test = train_test_split(
        source.images, source.target, test_size=360, stratify=source.target, random_state=0
    )
    for images, counts in ((digits.x_train, x_train), (digits.x_test, x_test)):
        assert images.dtype == np.float32
        assert images.shape == (len(counts), 8, 8, 1)
        np.testing.assert_array_equal(np.rint(images[..., 0] * 16), counts)
        assert images.min() == 0
        assert images.max() == 1
    np.testing.assert_array_equal(digits.y_train, y_train)
    np.testing.assert_array_equal(digits.y_test, y_test)
    assert digits.y_train.dtype == np.int64
    assert digits.classes == tuple("0123456789")
    assert "1437 training and 360 test images of shape (8, 8, 1), 10 classes" in repr(digits)


def test_a_size_takes_from_the_training_set_only(digits_dir):
    whole, some = data.load("digits"), data.load("digits", size=100, seed=3)
    assert np.bincount(some.y_train).tolist() == pytest.approx([10] * 10, abs=1)
    np.testing.assert_array_equal(some.x_test, whole.x_test)
    again = data.load("digits", size=100, seed=3)
    np.testing.assert_array_equal(some.x_train, again.x_train)
    assert not np.array_equal(some.x_train, data.load("digits", size=100, seed=4).x_train)
    held = {image.tobytes() for image in whole.x_train}
    assert all(image.tobytes() in held for image in some.x_train)


def test_reading_prints_nothing_and_imports_no_tensorflow(digits_dir):
    done = run_python("-c", LOAD, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_directory_without_write_permission_will_do(digits_dir):
    folders = [digits_dir, *(f for f in digits_dir.rglob("*") if f.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    try:
        assert len(data.load("digits").x_train) == 1437
    finally:
        for folder in folders:
            folder.chmod(0o755)


def test_preparing_again_does_nothing(digits_dir):
    before = sorted((f, f.stat().st_mtime_ns) for f in digits_dir.rglob("*"))
    assert data.prepare("digits") == digits_dir / "digits" / "1.0.0"
    assert sorted((f, f.stat().st_mtime_ns) for f in digits_dir.rglob("*")) == before


def test_the_data_sheet_has_the_counts_right(digits_dir):
    digits = data.load("digits")
    sheet = (Path(__file__).parents[2] / "docs" / "data.md").read_text(encoding="utf-8")
    for c in range(10):
        assert f"| {c} | {(digits.y_train == c).sum()} | {(digits.y_test == c).sum()} |" in sheet
    for name in data.names():
        assert f"`{name}`" in sheet


def test_killed_at_work_then_two_at_once(empty_dir):
    first = subprocess.Popen([sys.executable, "-c", LOAD], stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert "preparing digits, once" in first.stdout.readline()
    deadline = time.monotonic() + 60
    while not list(empty_dir.glob("digits/incomplete*")):
        assert time.monotonic() < deadline, "never began to write"
        time.sleep(0.05)
    os.killpg(first.pid, signal.SIGKILL)
    first.communicate()
    assert not (empty_dir / "digits" / "1.0.0").exists()

    pair = [
        subprocess.Popen([sys.executable, "-c", LOAD], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [process.communicate(timeout=120) for process in pair]
    assert [process.returncode for process in pair] == [0, 0], said
    assert [errors for _, errors in said] == ["", ""]


# Plain TFDS, in a process of its own: it brings TensorFlow.

BY_TFDS = """
import numpy as np, tensorflow_datasets as tfds
import coursekit.data.builders
from coursekit import data
images, labels = tfds.as_numpy(
    tfds.load("digits", split="test", batch_size=-1, as_supervised=True{options})
)
digits = data.load("digits")
np.testing.assert_array_equal(digits.x_test, images / np.float32(255))
np.testing.assert_array_equal(digits.y_test, labels)
some = tfds.load("digits", split=["train[:10%]", "test"])
assert [len(split) for split in some] == [144, 360]
raw = tfds.load("digits", split="test", decoders={{"image": tfds.decode.SkipDecoding()}})
assert next(iter(raw))["image"].dtype == "string"
part = tfds.load("digits", split="test", decoders=tfds.decode.PartialDecoding({{"label": True}}))
assert list(next(iter(part))) == ["label"]
"""


@pytest.mark.parametrize(
    ("options", "stored_as"),
    [("", "array_record"), (', builder_kwargs={"file_format": "tfrecord"}', "tfrecord")],
)
def test_plain_tfds_prepares_and_loads_the_same(options, stored_as, empty_dir):
    done = run_python("-c", BY_TFDS.format(options=options), timeout=120)
    assert done.returncode == 0, done.stderr
    assert len(list(empty_dir.glob(f"digits/1.0.0/*.{stored_as}-*"))) == 2
