import pytest

from coursekit.data import preparing


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


@pytest.fixture
def empty_dir(tmp_path, monkeypatch):
    """Make a directory without data sets the one in use."""
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    return tmp_path
