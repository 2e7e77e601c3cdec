from functools import cache

import pytest

from coursekit import data
from coursekit.data import preparing
from coursekit.data.catalogue import CATALOGUE


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    """A data directory with the digits in it; importing TensorFlow to write them takes seconds."""
    folder = tmp_path_factory.mktemp("tfds")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TFDS_DATA_DIR", str(folder))
        preparing.prepare_apart("digits")
    return folder


@pytest.fixture
def digits_dir(prepared, monkeypatch):
    """Make the prepared directory the one in use."""
    monkeypatch.setenv("TFDS_DATA_DIR", str(prepared))
    return prepared


@pytest.fixture(scope="session")
def tier0_dir(tmp_path_factory):
    """A data directory with every set that needs no download; mark such tests ``xdist_group("tier0")``."""
    folder = tmp_path_factory.mktemp("tier0")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TFDS_DATA_DIR", str(folder))
        preparing.prepare_apart(*(name for name, source in CATALOGUE.items() if source.tier == 0))
    return folder


@pytest.fixture(scope="session")
def tier0(tier0_dir):
    """A function that loads such a set, once for all tests."""

    @cache
    def load(name):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("TFDS_DATA_DIR", str(tier0_dir))
            return data.load(name)

    return load


@pytest.fixture
def empty_dir(tmp_path, monkeypatch):
    """Make a directory without data sets the one in use."""
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    return tmp_path
