"""What `load` returns, without preparing anything."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit import data
from coursekit.data.loading import stratified
from coursekit.errors import CourseError


@pytest.mark.parametrize("name", ["cifar10", "trec"])
def test_an_unprepared_download_is_refused_at_once_with_the_command(name, empty_dir):
    start = time.perf_counter()
    with pytest.raises(CourseError, match=f"{name} is not prepared") as caught:
        data.load(name)
    assert time.perf_counter() - start < 5  # TFDS would try for 205 s
    assert f"`coursekit data prepare {name}`" in caught.value.fix
    assert ("digits" in caught.value.fix) == (name == "cifar10"), "no images in place of texts"
    assert list(empty_dir.iterdir()) == []


def test_a_directory_that_cannot_be_written_to(tmp_path, monkeypatch, capsys):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path / "file" / "data"))
    with pytest.raises(CourseError, match="cannot be written") as caught:
        data.load("digits")
    assert "TFDS_DATA_DIR" in caught.value.fix
    assert capsys.readouterr().out == "", "nothing was started"


LABELS = np.repeat([0, 1, 2, 3], [100, 50, 9, 1])


@given(st.integers(1, len(LABELS)), st.integers(0, 99))
def test_a_stratified_subset_keeps_every_class_in_proportion(size, seed):
    chosen = stratified(LABELS, size, seed)
    assert len(set(chosen.tolist())) == size
    share = np.bincount(LABELS[chosen], minlength=4) - size * np.bincount(LABELS) / len(LABELS)
    assert np.abs(share).max() < 1.5


@given(st.integers(1, len(LABELS) - 1))
def test_larger_subsets_contain_the_smaller_and_depend_on_the_seed_alone(size):
    smaller, larger = stratified(LABELS, size, 7), stratified(LABELS, size + 1, 7)
    np.testing.assert_array_equal(larger[:size], smaller)


def test_seeds_choose_different_examples():
    assert set(stratified(LABELS, 20, 0)) != set(stratified(LABELS, 20, 1))


@pytest.mark.parametrize("size", [0, -1, 161])
def test_a_size_out_of_range_is_refused(size):
    with pytest.raises(ValueError, match="fix: pass 1 to 160"):
        stratified(LABELS, size, 0)
