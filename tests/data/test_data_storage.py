"""What is read from the data directory, and what is said when it is damaged."""

import shutil
from types import SimpleNamespace

import numpy as np
import pytest

from coursekit import data
from coursekit.data import storage
from coursekit.errors import CourseError

TRAIN = "digits-train.array_record-00000-of-00001"


def builder_of(examples, promised):
    """Stand in for a TFDS builder of texts."""
    from tensorflow_datasets.core.file_adapters import FileFormat

    info = SimpleNamespace(
        splits={"train": SimpleNamespace(num_examples=promised)},
        features={
            "text": SimpleNamespace(np_dtype=np.object_, shape=()),
            "label": SimpleNamespace(np_dtype=np.int64, shape=()),
        },
        file_format=FileFormat.ARRAY_RECORD,
    )
    return SimpleNamespace(info=info, name="words", data_path="here", as_data_source=lambda split: examples)


def test_texts_are_read_as_str():
    examples = [{"text": "naïve".encode(), "label": 3}, {"text": b"", "label": 0}]
    columns = storage.read(builder_of(examples, 2), "train", ("text", "label"))
    assert columns["text"].tolist() == ["naïve", ""]
    assert columns["label"].tolist() == [3, 0]
    assert columns["label"].dtype == np.int64


@pytest.mark.parametrize("promised", [1, 3])
def test_fewer_or_more_examples_than_promised_are_not_passed_over(promised):
    examples = [{"text": b"a", "label": 0}] * 2
    with pytest.raises(CourseError, match="words in here is damaged"):
        storage.read(builder_of(examples, promised), "train", ("text", "label"))


def remove(folder):
    (folder / TRAIN).unlink()


def truncate(folder):
    (folder / TRAIN).write_bytes((folder / TRAIN).read_bytes()[:70000])


def overwrite(folder):
    held = bytearray((folder / TRAIN).read_bytes())
    held[1000:9000] = bytes(8000)
    (folder / TRAIN).write_bytes(held)


def break_description(folder):
    (folder / "dataset_info.json").write_text("{")


def remove_description(folder):
    (folder / "dataset_info.json").unlink()


def make_empty(folder):
    shutil.rmtree(folder)
    folder.mkdir()


@pytest.mark.slow
@pytest.mark.parametrize("damage", [remove, truncate, overwrite, break_description, remove_description, make_empty])
def test_a_damaged_copy_is_told_with_the_folder_to_delete(damage, prepared, empty_dir):
    shutil.copytree(prepared / "digits", empty_dir / "digits")
    damage(empty_dir / "digits" / "1.0.0")
    for ask in (data.load, data.prepare) if damage is make_empty else (data.load,):
        with pytest.raises(CourseError, match="damaged") as caught:
            ask("digits")
        assert str(empty_dir / "digits") in caught.value.problem
        assert "delete that folder" in caught.value.fix
