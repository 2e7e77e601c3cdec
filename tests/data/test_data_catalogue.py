"""Names, and the directory they lie in."""

from pathlib import Path

import numpy as np
import pytest

from coursekit import data
from coursekit.data import catalogue, storage
from coursekit.errors import CourseError


def test_names_come_with_a_line_and_those_without_download_first():
    names = data.names()
    assert next(iter(names)) == "digits"
    assert {"mnist", "fashion_mnist", "cifar10", "cifar100", "trec", "imdb_reviews"} <= set(names)
    assert all(line and "\n" not in line for line in names.values())


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ("mnits", "did you mean mnist"),
        ("CIFAR10", "cifar10"),
        ("imdb", "mean imdb_reviews"),
        ("nope", "use one of"),
        ("", "use one of"),
        ("zzz", "use one of digits, glyphs"),
    ],
)
def test_an_unknown_name_is_answered_with_near_ones(wrong, says):
    for ask in (data.load, data.prepare):
        with pytest.raises(CourseError, match=f"no data set '{wrong}'") as caught:
            ask(wrong)
        assert says in caught.value.fix


def test_nothing_is_prepared_in_an_empty_directory(empty_dir):
    assert not any(data.is_prepared(name) for name in data.names())


def test_the_directory_is_read_at_every_call(monkeypatch):
    monkeypatch.setenv("TFDS_DATA_DIR", "/somewhere")
    assert catalogue.data_dir() == Path("/somewhere")
    monkeypatch.setenv("TFDS_DATA_DIR", "")
    assert catalogue.data_dir() == Path.home() / "tensorflow_datasets"
    monkeypatch.delenv("TFDS_DATA_DIR")
    assert catalogue.data_dir() == Path.home() / "tensorflow_datasets"


@pytest.mark.parametrize("name", catalogue.CATALOGUE)
def test_tfds_has_each_set_with_the_features_named_here(name, empty_dir):
    source = catalogue.CATALOGUE[name]
    features = storage.open_builder(name).info.features
    names = storage.class_names(storage.open_builder(name), source.y)
    assert len(names) in (2, 3, 6, 8, 10, 36, 100)
    assert len(set(names)) == len(names)
    x = features[source.x]
    dimensions = {"image": 3, "video": 4, "text": 0, "signal": 2}
    assert len(x.shape) == dimensions.get(source.x, 1)
    assert source.x == "text" or x.np_dtype in (np.uint8, np.float32)
    assert set(source.factors) <= set(features)
    assert source.tier > 0 or {source.x, source.y, *source.factors} == set(features), "all that a set of ours knows"
